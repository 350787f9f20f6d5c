"""Rough shapes from a few lines of YAML or JSON: boxes, spheres, cylinders and cones.

    - {shape: box, size: [1, 0.2, 1]}
    - {shape: cylinder, size: [0.1, 0.8, 0.1], position: [0.4, -0.5, 0.4], rotation: [0, 0, 10]}

`size` is the extent along X, Y and Z before the rotation, or one number for all three; cylinders and cones stand along
Y. `position` is the centre; `rotation` is in degrees, about X, then Y, then Z. Scene units, Y up.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Float

from t2a.errors import UserError
from t2a.types import Mesh

FILES = (".yaml", ".yml", ".json")
PrimitiveShape = Literal["box", "sphere", "cylinder", "cone"]
Vector = tuple[float, float, float]

MOST = 1000
SECTIONS = 48
"""Sides of cylinders and cones: their flat sides cut 0.2 % off the radius."""


@dataclass(frozen=True)
class Primitive:
    shape: PrimitiveShape
    size: Vector = (1.0, 1.0, 1.0)
    position: Vector = (0.0, 0.0, 0.0)
    rotation: Vector = (0.0, 0.0, 0.0)


def is_primitives(path: str | Path) -> bool:
    """Whether a file's name is that of a list of primitives."""
    return Path(path).suffix.lower() in FILES


def read_primitives(path: str | Path) -> list[Primitive]:
    """Raises UserError for a file that is missing, cannot be parsed, or holds a primitive that makes no sense."""
    import yaml

    path = Path(path)
    if not path.is_file():
        raise UserError(f"there is no file {path}")
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))  # JSON is YAML
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        raise UserError(f"{path} cannot be read as YAML or JSON ({type(error).__name__}{where})") from error
    if not isinstance(raw, list) or not raw:
        raise UserError(f"{path} must be a list of primitives, e.g. '- {{shape: box, size: [1, 0.2, 1]}}'")
    if len(raw) > MOST:
        raise UserError(f"{path} has {len(raw)} primitives; at most {MOST} are allowed, use a mesh instead")
    return [parse_primitive(entry, f"primitive {i + 1} of {path}") for i, entry in enumerate(raw)]


def parse_primitive(entry: Any, name: str = "the primitive") -> Primitive:
    """A mapping as a Primitive; raises UserError naming the value and what is allowed."""
    if not isinstance(entry, dict):
        raise UserError(f"{name} is {entry!r}; it must be a mapping such as {{shape: box, size: [1, 1, 1]}}")
    allowed = ("shape", "size", "position", "rotation")
    for key in entry:
        if key not in allowed:
            near = difflib.get_close_matches(str(key), allowed, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"use {', '.join(allowed)}"
            raise UserError(f"{name} has an unknown entry {key!r}; {hint}")
    shape: Any = entry.get("shape")
    if shape not in get_args(PrimitiveShape):
        raise UserError(f"{name} has the shape {shape!r}; choose one of: {', '.join(get_args(PrimitiveShape))}")
    size = entry.get("size", 1.0)
    size = _vector([size] * 3 if _is_number(size) else size, f"the size of {name}")
    if min(size) <= 0:
        raise UserError(f"the size of {name} is {list(size)}; every extent must be above 0")
    position = _vector(entry.get("position", (0, 0, 0)), f"the position of {name}")
    return Primitive(shape, size, position, _vector(entry.get("rotation", (0, 0, 0)), f"the rotation of {name}"))


def primitives_mesh(primitives: Sequence[Primitive]) -> Mesh:
    """All of them as closed surfaces in one mesh; they may overlap."""
    vertices, faces, count = [], [], 0
    for primitive in primitives:
        points, triangles = _unit(primitive.shape)
        turned = points * np.asarray(primitive.size) @ rotation_matrix(primitive.rotation).T
        vertices.append(turned + np.asarray(primitive.position))
        faces.append(triangles + count)
        count += len(points)
    if not vertices:
        raise UserError("there are no primitives to make a mesh of")
    return Mesh(np.concatenate(vertices).astype(np.float32), np.concatenate(faces).astype(np.int32))


def rotation_matrix(degrees: Vector) -> Float[np.ndarray, "3 3"]:
    """About X, then Y, then Z (fixed axes): R = Rz Ry Rx."""
    (cx, cy, cz), (sx, sy, sz) = ([f(math.radians(a)) for a in degrees] for f in (math.cos, math.sin))
    x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return z @ y @ x


def _unit(shape: PrimitiveShape) -> tuple[np.ndarray, np.ndarray]:
    """Vertices in [-1/2, 1/2]^3 and triangles, counter-clockwise seen from outside."""
    from trimesh import creation

    if shape == "box":
        mesh = creation.box()
    elif shape == "sphere":
        mesh = creation.icosphere(subdivisions=3, radius=0.5)
    elif shape == "cylinder":
        mesh = creation.cylinder(radius=0.5, height=1.0, sections=SECTIONS)
    else:
        mesh = creation.cone(radius=0.5, height=1.0, sections=SECTIONS)
    points = np.asarray(mesh.vertices, np.float64)
    if shape == "cone":
        points = points - [0, 0, 0.5]  # its base lies at z = 0
    if shape in ("cylinder", "cone"):
        points = points[:, [0, 2, 1]] * [1, 1, -1]  # from along Z to along Y, a rotation
    return points, np.asarray(mesh.faces, np.int64)


def _vector(value: Any, name: str) -> Vector:
    if not isinstance(value, (list, tuple)) or len(value) != 3 or not all(_is_number(v) for v in value):
        raise UserError(f"{name} is {value!r}; it must be three numbers")
    return float(value[0]), float(value[1]), float(value[2])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
