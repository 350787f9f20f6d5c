"""UV coordinates by xatlas, padded so that neither bilinear lookup nor the first mip levels mix charts."""

from __future__ import annotations

import numpy as np
import xatlas
from jaxtyping import Float, Int

from t2a.errors import UserError
from t2a.mesh.decimate import MAX_FACES
from t2a.mesh.normals import vertex_normals
from t2a.texture.uv_raster import measure_uv
from t2a.types import Mesh

ATTEMPTS = ((2.0, 1), (2.0, 4), (0.5, 1), (0.5, 4))
"""xatlas' limit of a chart's cost (a low one makes small charts) and its iterations, tried in this order: now and then
it folds a chart over itself, and other charts are the cure."""
ENOUGH = 1e-5
"""Overlap at which no further attempt is made; `t2a.export.report` allows ten times as much."""


def padding_for(texture_size: int) -> int:
    """Texels between charts: 4 at 1024, so that two mip levels stay clean; at least 2 for bilinear lookup."""
    return max(2, texture_size // 256)


def unwrap(mesh: Mesh, texture_size: int = 1024) -> Mesh:
    """The same surface with `uvs` and smooth `normals`; vertices on seams are repeated.

    Positions are copied bit by bit, hence the surface stays watertight once welded. Raises UserError for meshes above
    MAX_FACES: decimate first.
    """
    if not 16 <= texture_size <= 8192:
        raise UserError(f"texture_size is {texture_size}; it must lie between 16 and 8192, best a power of two")
    if len(mesh.faces) == 0:
        raise UserError("the mesh has no triangles to unwrap; extract or load geometry first")
    if len(mesh.faces) > MAX_FACES:
        raise UserError(
            f"the mesh has {len(mesh.faces)} triangles; unwrapping takes at most {MAX_FACES}: decimate first"
        )
    normals = vertex_normals(mesh)
    best, least = None, float("inf")
    for attempt in ATTEMPTS:
        source, faces, uvs = _atlas(mesh, texture_size, *attempt)
        stats = measure_uv(Mesh(mesh.vertices[source], faces, uvs=uvs))
        if stats.overlap < least:
            best, least = (source, faces, uvs), stats.overlap
        if least <= ENOUGH:
            break
    assert best is not None
    source, faces, uvs = best
    return Mesh(
        np.asarray(mesh.vertices, np.float32)[source],
        faces,
        uvs=uvs,
        normals=normals[source],
        colors=None if mesh.colors is None else mesh.colors[source],
    )


def _atlas(
    mesh: Mesh, texture_size: int, max_cost: float, iterations: int
) -> tuple[Int[np.ndarray, " n"], Int[np.ndarray, "f 3"], Float[np.ndarray, "n 2"]]:
    """xatlas' answer: the mesh's vertex that each new one repeats, triangles of new vertices, and their UVs."""
    atlas = xatlas.Atlas()
    atlas.add_mesh(np.ascontiguousarray(mesh.vertices, np.float32), np.ascontiguousarray(mesh.faces, np.uint32))
    charts = xatlas.ChartOptions()
    charts.max_cost, charts.max_iterations = max_cost, iterations
    pack = xatlas.PackOptions()
    pack.padding = padding_for(texture_size)
    pack.resolution = texture_size
    pack.bilinear = True
    atlas.generate(charts, pack)
    source, faces, uvs = atlas.get_mesh(0)
    return np.asarray(source), np.asarray(faces, np.int32), np.asarray(uvs, np.float32).clip(0, 1)
