"""Meshes from files: OBJ, PLY, STL, GLB and whatever else trimesh reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from t2a.errors import UserError
from t2a.types import Material, Mesh

FORMATS = (".obj", ".ply", ".stl", ".glb", ".gltf", ".off", ".3mf")


def read_mesh(path: str | Path) -> Mesh:
    """All triangles in the file as one mesh, placed as its scene places them; UVs if every part has them.

    Positions stay as they are in the file: no welding, no cleaning. Raises UserError for a file that is missing, cannot
    be read, or holds no triangle or a position that is not finite.
    """
    return _join(parts_of(Path(path)), Path(path))


def has_triangles(path: str | Path) -> bool:
    """Whether a file is that of a mesh: of all mesh files only a PLY may hold mere points. Raises UserError where it
    cannot be read."""
    path = Path(path)
    if path.suffix.lower() != ".ply" or not path.is_file():
        return path.suffix.lower() in FORMATS
    import trimesh

    try:
        return len(getattr(trimesh.load(path, process=False), "faces", ())) > 0
    except Exception as error:  # its parser fails in many ways
        raise UserError(f"{path} cannot be read as a mesh ({type(error).__name__}); export it again") from error


def read_textured_mesh(path: str | Path) -> tuple[Mesh, Material]:
    """The mesh with its base colour texture, if it has one. Raises UserError as `read_mesh`, and for several
    textures."""
    parts = parts_of(Path(path))
    images: dict[bytes, Any] = {}
    for part in parts:
        image = image_of(part)
        if image is not None:
            images.setdefault(np.asarray(image).tobytes(), image)
    if len(images) > 1:
        raise UserError(f"{path} has {len(images)} textures; join them into one atlas first, e.g. in Blender")
    mesh = _join(parts, Path(path))
    color: Float[np.ndarray, "h w 3"] | None = None
    if images and mesh.uvs is not None:
        (image,) = images.values()
        color = np.asarray(image.convert("RGB"), np.float32) / 255
    return mesh, Material(color)


def z_up_to_y_up(points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """The same points where Y is up: what faced -Y, a Z-up program's front, faces +Z."""
    return points[:, [0, 2, 1]] * np.array([1, 1, -1], np.float32)


def parts_of(path: Path) -> list[Any]:
    import trimesh

    if not path.is_file():
        raise UserError(f"there is no file {path}")
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"{path} is not a mesh file that can be read; use one of: {', '.join(FORMATS)}")
    try:
        scene = trimesh.load_scene(path, process=False)
        parts = [part for part in scene.dump() if isinstance(part, trimesh.Trimesh) and len(part.faces)]
    except Exception as error:  # each format's parser fails in its own way
        raise UserError(f"{path} cannot be read as a mesh ({type(error).__name__}); export it again") from error
    if not parts:
        raise UserError(f"{path} holds no triangles; export the object as a mesh")
    return parts


def _join(parts: list[Any], path: Path) -> Mesh:
    starts = np.cumsum([0] + [len(part.vertices) for part in parts[:-1]])
    vertices = np.concatenate([np.asarray(part.vertices, np.float32) for part in parts])
    faces = np.concatenate([np.asarray(part.faces) + start for part, start in zip(parts, starts, strict=True)])
    faces = faces.astype(np.int32)
    check_triangles(Mesh(vertices, faces), path)
    uvs = [getattr(part.visual, "uv", None) for part in parts]
    joined = None
    if all(uv is not None and len(uv) == len(part.vertices) for uv, part in zip(uvs, parts, strict=True)):
        joined = np.concatenate([np.asarray(uv, np.float32) for uv in uvs])
        joined[:, 1] = 1 - joined[:, 1]  # trimesh counts v from the bottom
    return Mesh(vertices, faces, uvs=joined)


def check_triangles(mesh: Mesh, path: Path) -> None:
    """Raise UserError where the triangles of a file make no sense."""
    if mesh.faces.min() < 0 or mesh.faces.max() >= len(mesh.vertices):
        raise UserError(
            f"{path} has a triangle that names vertex {mesh.faces.max()} of {len(mesh.vertices)}; export it again"
        )
    if not np.isfinite(mesh.vertices[mesh.faces]).all():
        raise UserError(f"{path} holds positions that are NaN or infinite; repair and export it again")


def image_of(part: Any) -> Any:
    material = getattr(part.visual, "material", None)
    image = getattr(material, "baseColorTexture", None)
    return image if image is not None else getattr(material, "image", None)
