"""Colours from the field into the texture, equal to what the volume render shows.

A volume render does not show the colour AT the threshold surface but the average over the depths where its rays end,
mostly a little inside. Along the inward normal at each texel the same weights are computed,
    w_i = T_i (1 - exp(-sigma_i delta)),   T_i = exp(-sum_{j<i} sigma_j delta)
and the samples inside a texel take their colours at the quantiles (k + 1/2) / n of w: anti-aliasing in the plane and
the average along the depth cost one set of colour queries instead of a product of two.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from scipy import ndimage

from t2a.errors import UserError
from t2a.mesh.normals import vertex_normals
from t2a.texture.dilate import dilate
from t2a.texture.uv_raster import UVRaster, rasterize_uv
from t2a.types import Material, Mesh

Color = Callable[[Float[np.ndarray, "n 3"]], Float[np.ndarray, "n 3"]]
Density = Callable[[Float[np.ndarray, "n 3"]], Float[np.ndarray, " n"]]

CHUNK = 1 << 17
"""Points per call of the field: bounds its memory."""
STEPS = 8
"""Depths at which the density is looked at along each normal."""
# Sample positions inside a texel: rows and columns all differ (a rotated grid), which edges at any angle profit from.
OFFSETS = {
    1: ((0.5, 0.5),),
    4: ((0.375, 0.125), (0.875, 0.375), (0.125, 0.625), (0.625, 0.875)),
}


def bake(
    mesh: Mesh,
    color: Color,
    density: Density | None = None,
    size: int = 1024,
    samples: int = 4,
    reach: float = 0.03,
    metallic: float = 0.0,
    roughness: float = 0.8,
) -> Material:
    """Material whose base colour is the field's colour at every texel, dilated over the whole texture.

    `samples` (1 or 4) per texel; `reach` is how deep in scene units the rays are followed (a third of it outside of the
    surface); without `density` colours are taken at the surface itself. Raises UserError if the field's colours are not
    finite.
    """
    if samples not in OFFSETS:
        raise UserError(f"samples is {samples}; it must be 1 (fast) or 4 (anti-aliased)")
    if not 16 <= size <= 8192:
        raise UserError(f"texture size is {size}; it must lie between 16 and 8192, best a power of two")
    if not reach >= 0:
        raise UserError(f"reach is {reach}; it must be at least 0 scene units, e.g. 0.03")
    normals = mesh.normals if mesh.normals is not None else vertex_normals(mesh)
    depths = None if density is None else end_depths(mesh, normals, density, max(16, size // 2), samples, reach)
    total = np.zeros((size, size, 3), np.float32)
    count = np.zeros((size, size), np.int32)
    for k, offset in enumerate(OFFSETS[samples]):
        raster = rasterize_uv(mesh, size, offset)
        row, column = np.nonzero(raster.face >= 0)
        for i in range(0, len(row), CHUNK):
            r, c = row[i : i + CHUNK], column[i : i + CHUNK]
            points, directions = surface_points(mesh, normals, raster, r, c)
            if depths is not None:
                # Which quantile a sample takes varies from texel to texel, lest one corner always mean one depth.
                quantile = (k + r + 2 * c) % samples
                scale = len(depths) / size
                points = points - depths[(r * scale).astype(int), (c * scale).astype(int), quantile, None] * directions
            total[r, c] += finite_color(color(points.astype(np.float32)), len(points))
            count[r, c] += 1
    inside = count > 0
    image = dilate(total / np.maximum(count, 1)[..., None], inside)
    return Material(image.clip(0, 1), metallic, roughness)


def bake_vertex_colors(mesh: Mesh, size: int = 1024, samples: int = 4) -> Float[np.ndarray, "size size 3"]:
    """The colours of the mesh's vertices as a texture, mixed within each triangle and dilated over the whole of it.
    Raises UserError for a mesh that has none, or no UVs."""
    if mesh.colors is None or mesh.uvs is None:
        raise UserError("the mesh has no vertex colours or no UVs; there is nothing to bake")
    total, count = np.zeros((size, size, 3), np.float32), np.zeros((size, size), np.int32)
    for offset in OFFSETS[samples]:
        raster = rasterize_uv(mesh, size, offset)
        row, column = np.nonzero(raster.face >= 0)
        corners = mesh.colors[mesh.faces[raster.face[row, column]]]
        total[row, column] += np.einsum("nk,nkc->nc", raster.barycentric[row, column], corners)
        count[row, column] += 1
    return dilate(total / np.maximum(count, 1)[..., None], count > 0).clip(0, 1)


def surface_points(
    mesh: Mesh, normals: Float[np.ndarray, "v 3"], raster: UVRaster, row: np.ndarray, column: np.ndarray
) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]]:
    """Positions and unit normals of the surface at the owned samples (row, column)."""
    corners = mesh.faces[raster.face[row, column]]
    weights = raster.barycentric[row, column]
    points = np.einsum("nk,nkc->nc", weights, mesh.vertices[corners])
    directions = np.einsum("nk,nkc->nc", weights, normals[corners])
    return points, directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-12)


def end_depths(
    mesh: Mesh, normals: Float[np.ndarray, "v 3"], density: Density, size: int, samples: int, reach: float
) -> Float[np.ndarray, "h w s"]:
    """Depths below the surface (scene units, negative outside) at the quantiles of where rays along the normal end.

    On a grid coarser than the texture, because depth varies with the mesh's triangles and not with the paint.
    """
    raster = rasterize_uv(mesh, size)
    inside = raster.face >= 0
    out = np.zeros((size, size, samples), np.float32)
    if not inside.any() or reach == 0:
        return out
    row, column = np.nonzero(inside)
    edges = np.linspace(-reach / 3, reach, STEPS + 1)
    middle, step = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    wanted = (np.arange(samples) + 0.5) / samples
    part = CHUNK // STEPS
    for i in range(0, len(row), part):
        r, c = row[i : i + part], column[i : i + part]
        points, directions = surface_points(mesh, normals, raster, r, c)
        along = points[:, None] - middle[:, None] * directions[:, None]
        sigma = np.asarray(density(along.reshape(-1, 3).astype(np.float32)), np.float64).reshape(len(r), STEPS)
        optical = np.cumsum(np.nan_to_num(sigma, nan=0.0, posinf=1e30).clip(0, 1e30) * step, axis=1)
        ended = np.concatenate([np.zeros((len(r), 1)), 1 - np.exp(-optical)], axis=1)
        share = ended[:, -1:]
        for k, q in enumerate(wanted):
            target = q * share
            j = (ended[:, 1:] < target).sum(1).clip(0, STEPS - 1)
            n = np.arange(len(r))
            before, after = ended[n, j], ended[n, j + 1]
            t = (target[:, 0] - before) / np.maximum(after - before, 1e-12)
            # Hardly any density near the surface: stay on it.
            out[r, c, k] = np.where(share[:, 0] > 0.01, edges[j] + t.clip(0, 1) * step, 0)
    near_row, near_column = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    return out[near_row, near_column]


def finite_color(values: Float[np.ndarray, "n 3"], count: int) -> Float[np.ndarray, "n 3"]:
    values = np.asarray(values, np.float32)
    if values.shape != (count, 3):
        raise UserError(f"color returned shape {values.shape} for {count} points; expected ({count}, 3)")
    if not np.isfinite(values).all():
        raise UserError(
            "the field's colours hold NaN or infinity: the scene has diverged; go back to an earlier checkpoint"
        )
    return values.clip(0, 1)


def vertex_colors(mesh: Mesh, color: Color) -> Mesh:
    """The mesh with `colors` taken from the field at its vertices, for formats without textures (PLY)."""
    points = np.asarray(mesh.vertices, np.float32)
    parts = [
        finite_color(color(points[i : i + CHUNK]), len(points[i : i + CHUNK])) for i in range(0, len(points), CHUNK)
    ]
    return mesh.with_(colors=np.concatenate(parts) if parts else np.zeros((0, 3), np.float32))
