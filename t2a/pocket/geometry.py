"""The world's scenes as geometry: meshes with part numbers, point clouds, and pictures with depth, normals and parts;
what the control, point and instruct models are trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from t2a.cameras import turntable
from t2a.export.files import replacing, write_json
from t2a.export.ply import write_ply
from t2a.pocket.render import signed_distance, surface, surface_normals
from t2a.pocket.world import Scene
from t2a.types import Mesh

SPAN = 1.02
"""Half edge of the cube that is searched for the surface; scenes lie inside the unit ball."""


@dataclass(frozen=True)
class Surface:
    """Points on the surface of a scene."""

    points: Float[np.ndarray, "n 3"]
    normals: Float[np.ndarray, "n 3"]
    colors: Float[np.ndarray, "n 3"]
    """sRGB, unlit."""
    parts: Int[np.ndarray, " n"]
    """Index into `Scene.parts`."""


def _settled(table: Float[np.ndarray, "p c"], points: Float[np.ndarray, "n 3"]) -> Surface:
    """The points moved onto the surface, and what is known about it there."""
    for _ in range(3):
        points = points - signed_distance(table, points)[:, None] * surface_normals(table, points)
    colors, parts = surface(table, points)
    return Surface(points.astype(np.float32), surface_normals(table, points), colors, parts)


def mesh(scene: Scene, resolution: int = 128) -> tuple[Mesh, Int[np.ndarray, " v"]]:
    """Triangles of the scene's surface by marching cubes, with normals and colours, and the part of each vertex."""
    return table_mesh(scene.table, resolution)


def table_mesh(table: Float[np.ndarray, "p c"], resolution: int = 128) -> tuple[Mesh, Int[np.ndarray, " v"]]:
    """`mesh` of packed primitives."""
    from skimage.measure import marching_cubes

    axis = np.linspace(-SPAN, SPAN, resolution, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    distance = signed_distance(table, grid).reshape(resolution, resolution, resolution)
    # Distances are only bounds far away from the surface; near it they are all that matters.
    step = float(axis[1] - axis[0])
    vertices, faces, _, _ = marching_cubes(distance.clip(-3 * step, 3 * step), 0.0, gradient_direction="descent")
    found = _settled(table, (vertices * step - SPAN).astype(np.float32))
    return Mesh(found.points, faces.astype(np.int64), normals=found.normals, colors=found.colors), found.parts


def sample_surface(scene: Scene, triangles: Mesh, count: int, rng: np.random.Generator) -> Surface:
    """Points spread evenly over the surface, of which `triangles` is the scene's mesh."""
    corners = triangles.vertices[triangles.faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    chosen = corners[rng.choice(len(corners), count, p=area / area.sum())]
    u, v = np.sqrt(rng.random(count)), rng.random(count)
    weights = np.stack([1 - u, u * (1 - v), u * v], axis=1)
    return _settled(scene.table, np.einsum("nk,nkc->nc", weights, chosen).astype(np.float32))


def write_assets(scenes: Sequence[Scene], folder: Path, *, views: int = 8, size: int = 128, points: int = 4096) -> Path:
    """For each scene NNN.ply (mesh with colours), NNN.npz (`points`, `normals`, `colors`, `parts` of a point cloud;
    `rgb`, `opacity`, `depth`, `view_normals`, `view_parts` of `views` pictures around it and their `cameras` (azimuth,
    elevation, distance, field of view, in radians and scene units); `vertex_parts`), and index.json (captions,
    descriptions, names of the parts)."""
    folder.mkdir(parents=True, exist_ok=True)
    index = []
    for number, made in enumerate(scenes):
        name = f"{number:03d}"
        triangles, vertex_parts = mesh(made)
        write_ply(folder / f"{name}.ply", triangles)
        cloud = sample_surface(made, triangles, points, np.random.default_rng([number, points]))
        cameras = turntable(views, 20.0)
        seen = made.render(cameras, size)
        arrays = {
            "points": cloud.points,
            "normals": cloud.normals,
            "colors": cloud.colors,
            "parts": cloud.parts,
            "vertex_parts": vertex_parts,
            "rgb": seen.rgb,
            "opacity": seen.opacity,
            "depth": seen.depth,
            "view_normals": seen.normal,
            "view_parts": seen.label,
            "cameras": np.stack([cameras.azimuth, cameras.elevation, cameras.distance, cameras.fov], axis=1),
        }
        with replacing(folder / f"{name}.npz") as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        index.append({"name": name, "caption": made.caption, "spec": asdict(made.spec), "parts": list(made.parts)})
    return write_json(folder / "index.json", index)
