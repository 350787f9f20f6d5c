"""Grafting: a new surface where an edit changes the shape, the object's own triangles, UVs and textures elsewhere, by
exact booleans of solids (manifold3d)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from t2a.errors import MissingExtra
from t2a.scene.changes import Region
from t2a.types import Mesh

CUT, PATCH = 0.6, 0.3
"""Shares of a region from which on the object is cut away, and the new surface fills in: in between lie both."""
UV, NORMAL = slice(3, 5), slice(5, 8)
"""Columns of a vertex."""


def grafted(own: Sequence[Mesh], new: Mesh, region: Region, placed) -> tuple[list[Mesh], Mesh] | None:
    """What stays of each of the object's meshes, and the new surface (without UVs) that closes them; None where the
    object is no solid. `new` is closed and in scene units, as the region is; `placed` takes points from there to where
    the object lies."""
    try:
        import manifold3d
    except ImportError as error:
        raise MissingExtra("manifold3d", "shape") from error
    first = manifold3d.Manifold.reserve_ids(len(own))
    body = _solid(manifold3d, [_rows(mesh) for mesh in own], [mesh.faces for mesh in own], first)
    fresh = new.with_(vertices=placed(new.vertices))
    patch = _solid(manifold3d, [_rows(fresh)], [fresh.faces])
    if body is None or patch is None:
        return None
    away, in_place = (_outline(manifold3d, region, level, placed) for level in (CUT, PATCH))
    if away is None or in_place is None:
        return None
    result = (body - away) + (patch ^ in_place)
    if result.is_empty():
        return None
    out = result.to_mesh()
    run, faces = np.asarray(out.run_index) // 3, np.asarray(out.tri_verts).astype(np.int64)
    ids = np.repeat(np.asarray(out.run_original_id).astype(np.int64), np.diff(run))
    rows = np.asarray(out.vert_properties)
    stays = [_mesh(rows, faces[ids == first + number], mesh) for number, mesh in enumerate(own)]
    return stays, _mesh(rows, faces[(ids < first) | (ids >= first + len(own))], Mesh(new.vertices, new.faces))


def _rows(mesh: Mesh) -> Float[np.ndarray, "v 8"]:
    """Places, UVs and normals, zeros where there are none."""
    rows = np.zeros((len(mesh.vertices), 8), np.float32)
    rows[:, :3] = mesh.vertices
    if mesh.uvs is not None:
        rows[:, UV] = mesh.uvs
    if mesh.normals is not None:
        rows[:, NORMAL] = mesh.normals
    return rows


def _solid(library: Any, rows: Sequence[np.ndarray], faces: Sequence[np.ndarray], first: int | None = None) -> Any:
    """The meshes together, mesh i of the original id first + i; None where they are no closed surface."""
    starts = np.cumsum([0, *(len(part) for part in rows)])
    triangles = [part + start for part, start in zip(faces, starts, strict=False)]
    vertices = np.concatenate(rows)
    _, one, index = np.unique(vertices[:, :3] + 0.0, axis=0, return_index=True, return_inverse=True)
    same = one[index.reshape(-1)].astype(np.uint32)
    doubles = np.flatnonzero(same != np.arange(len(vertices))).astype(np.uint32)
    runs: dict[str, Any] = {}
    if first is not None:
        runs["run_index"] = np.cumsum([0, *(3 * len(part) for part in faces)]).astype(np.uint32)
        runs["run_original_id"] = (first + np.arange(len(faces))).astype(np.uint32)
    solid = library.Manifold(
        library.Mesh(
            np.ascontiguousarray(vertices),
            np.ascontiguousarray(np.concatenate(triangles).astype(np.uint32)),
            merge_from_vert=doubles,
            merge_to_vert=same[doubles],
            **runs,
        )
    )
    return solid if solid.status() == library.Error.NoError and solid.volume() > 0 else None


def _outline(library: Any, region: Region, level: float, placed) -> Any:
    """The solid of the points whose share is at least `level`."""
    from skimage.measure import marching_cubes

    share = np.pad(region.share.numpy(), 1)
    if not share.max() > level:
        return None
    cells, faces, _, _ = marching_cubes(share, level, gradient_direction="ascent")
    vertices = placed(((cells - 1) / (len(region.share) - 1) * 2 - 1).astype(np.float32))
    return _solid(library, [_rows(Mesh(vertices, faces))], [faces])


def _mesh(rows: np.ndarray, faces: np.ndarray, like: Mesh) -> Mesh:
    """The triangles with the vertices that they use."""
    used, index = np.unique(faces, return_inverse=True)
    rows = rows[used]
    return Mesh(
        np.ascontiguousarray(rows[:, :3]),
        index.reshape(-1, 3).astype(np.int32),
        None if like.uvs is None else np.ascontiguousarray(rows[:, UV]),
        None if like.normals is None else np.ascontiguousarray(rows[:, NORMAL]),
    )
