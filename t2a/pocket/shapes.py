"""Signed-distance primitives: the bricks of the pocket world.

A shape is a list of `Part`s. Parts of one group are joined in order (smooth union, or carved away); groups are united.
`pack` turns the list into the flat float32 table that the ray marcher reads; its columns are named here and nowhere
else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from t2a.mesh.primitives import rotation_matrix

ELLIPSOID, BOX, CONE, TORUS = range(4)
"""Kinds. CONE is a capped cone along +Y (a cylinder when both radii agree); TORUS lies in the XZ plane."""
JOIN, CARVE = range(2)

# Columns of the packed table.
KIND, OPERATION, GROUP, BLEND, SIZE, ROTATION, CENTER, COLOR, REACH, LABEL = 0, 1, 2, 3, 4, 8, 17, 20, 23, 24
PATTERN, MATERIAL, SECOND, ORIGIN, UNIT, RISE = 25, 26, 27, 30, 33, 34
COLUMNS = 35

RGB = tuple[float, float, float]
Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Finish:
    """How a surface looks beyond its colour; pattern and material are numbers of t2a.pocket.patterns."""

    pattern: int = 0
    second: RGB = (1.0, 1.0, 1.0)
    """The pattern's other colour."""
    material: int = 0
    origin: Vector = (0.0, 0.0, 0.0)
    unit: float = 1.0
    """Pattern coordinates are (point - origin) / unit."""
    rise: float = 0.5
    """Half of the object's height, in units: gradients and rainbows reach from its foot to its top."""


@dataclass(frozen=True)
class Part:
    """One primitive: local point = rotation @ (world point - center)."""

    kind: int
    size: tuple[float, float, float, float]
    """ELLIPSOID radii; BOX half sizes and rounding; CONE half height, bottom radius, top radius, rounding; TORUS ring
    and tube radius, and the half length by which the tube is stretched along Y."""
    center: Float[np.ndarray, 3]
    rotation: Float[np.ndarray, "3 3"]
    color: RGB
    label: str = "body"
    operation: int = JOIN
    blend: float = 0.0
    """Width of the smooth union with the parts before it in its group."""
    group: int = 0
    finish: Finish = Finish()


def _part(kind: int, size: Sequence[float], at: Vector, rot: Vector, color: RGB, options: dict) -> Part:
    full = tuple(float(s) for s in size) + (0.0,) * (4 - len(size))
    return Part(kind, full, np.asarray(at, float), rotation_matrix(rot).T, color, **options)  # type: ignore[arg-type]


def ball(
    rx: float,
    color: RGB,
    at: Vector = (0, 0, 0),
    ry: float | None = None,
    rz: float | None = None,
    rot: Vector = (0, 0, 0),
    **o,
) -> Part:
    """An ellipsoid with the given radii."""
    return _part(ELLIPSOID, (rx, rx if ry is None else ry, rx if rz is None else rz), at, rot, color, o)


def box(
    w: float, h: float, d: float, color: RGB, at: Vector = (0, 0, 0), rot: Vector = (0, 0, 0), r: float = 0.02, **o
) -> Part:
    """A rounded box with full sizes w, h, d."""
    return _part(BOX, (w / 2, h / 2, d / 2, min(r, 0.49 * min(w, h, d))), at, rot, color, o)


def cone(
    bottom: float,
    top: float,
    h: float,
    color: RGB,
    at: Vector = (0, 0, 0),
    rot: Vector = (0, 0, 0),
    r: float = 0.0,
    **o,
) -> Part:
    """A capped cone of height h along +Y, centred at `at`."""
    return _part(CONE, (h / 2, bottom, top, r), at, rot, color, o)


def tube(radius: float, h: float, color: RGB, at: Vector = (0, 0, 0), rot: Vector = (0, 0, 0), **o) -> Part:
    """A cylinder of height h along +Y, centred at `at`."""
    return cone(radius, radius, h, color, at, rot, **o)


def ring(
    radius: float,
    thickness: float,
    color: RGB,
    at: Vector = (0, 0, 0),
    rot: Vector = (0, 0, 0),
    stretch: float = 0.0,
    **o,
) -> Part:
    """A torus around +Y; `thickness` is the tube's radius."""
    return _part(TORUS, (radius, thickness, stretch), at, rot, color, o)


def rod(a: Vector, b: Vector, r1: float, color: RGB, r2: float | None = None, **o) -> Part:
    """A capped cone from point a (radius r1) to point b (radius r2)."""
    start, end = np.asarray(a, float), np.asarray(b, float)
    axis = end - start
    length = float(np.linalg.norm(axis))
    y = axis / length
    helper = np.array([1.0, 0, 0]) if abs(y[0]) < 0.9 else np.array([0, 0, 1.0])
    x = np.cross(y, helper)
    x /= np.linalg.norm(x)
    rotation = np.stack([x, y, np.cross(x, y)])
    return Part(CONE, (length / 2, r1, r1 if r2 is None else r2, 0.0), (start + end) / 2, rotation, color, **o)


def half_extent(part: Part) -> Float[np.ndarray, 3]:
    """Half size of the part's world-axis-aligned bounding box."""
    to_world = part.rotation.T
    a, b, c, d = part.size
    if part.kind == ELLIPSOID:
        return np.sqrt((to_world**2 * np.array([a, b, c]) ** 2).sum(1))
    if part.kind == BOX:
        return np.abs(to_world) @ np.array([a, b, c])
    if part.kind == CONE:
        axis = to_world[:, 1]
        return np.abs(axis) * a + max(b, c) * np.sqrt(np.clip(1 - axis**2, 0, 1)) + d
    axis = to_world[:, 1]
    return a * np.sqrt(np.clip(1 - axis**2, 0, 1)) + b + np.abs(axis) * c


def bounds(parts: Sequence[Part]) -> tuple[Float[np.ndarray, 3], Float[np.ndarray, 3]]:
    """Lower and upper corner of everything that is not carved away."""
    solid = [p for p in parts if p.operation == JOIN]
    extents = np.stack([half_extent(p) for p in solid])
    centers = np.stack([p.center for p in solid])
    return (centers - extents).min(0), (centers + extents).max(0)


def transform(
    parts: Sequence[Part], scale: float = 1.0, shift: Sequence[float] = (0, 0, 0), first_group: int = 0
) -> list[Part]:
    """Scale about the origin, then shift, with the patterns; groups are renumbered from `first_group`."""
    offset = np.asarray(shift, float)
    return [
        replace(
            p,
            size=(p.size[0] * scale, p.size[1] * scale, p.size[2] * scale, p.size[3] * scale),
            center=p.center * scale + offset,
            blend=p.blend * scale,
            group=p.group + first_group,
            finish=replace(
                p.finish,
                origin=tuple(np.asarray(p.finish.origin) * scale + offset),
                unit=p.finish.unit * scale,
            ),
        )
        for p in parts
    ]


def pack(parts: Sequence[Part], labels: dict[str, int] | None = None) -> Float[np.ndarray, "p 35"]:
    """The table that `t2a.pocket.render` reads, in order of groups."""
    names = labels if labels is not None else {}
    table = np.zeros((len(parts), COLUMNS), np.float32)
    for row, p in zip(table, sorted(parts, key=lambda p: p.group), strict=True):
        row[KIND], row[OPERATION], row[GROUP], row[BLEND] = p.kind, p.operation, p.group, p.blend
        row[SIZE : SIZE + 4] = p.size
        row[ROTATION : ROTATION + 9] = p.rotation.ravel()
        row[CENTER : CENTER + 3] = p.center
        row[COLOR : COLOR + 3] = p.color
        row[REACH] = np.linalg.norm(half_extent(replace(p, rotation=np.eye(3))))
        row[LABEL] = names.setdefault(p.label, len(names))
        row[PATTERN], row[MATERIAL] = p.finish.pattern, p.finish.material
        row[UNIT], row[RISE] = p.finish.unit, p.finish.rise
        row[SECOND : SECOND + 3], row[ORIGIN : ORIGIN + 3] = p.finish.second, p.finish.origin
    return table
