"""Which triangle owns each texel, exactly.

UVs are snapped to 1/256 texel and edge functions are integers, with the top-left rule on shared edges: a sample belongs
to exactly one of two triangles that share an edge, so counting owners measures overlap without tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from t2a.compiled import compiled
from t2a.errors import UserError
from t2a.types import Mesh

SUBTEXEL = 256


@dataclass(frozen=True)
class UVRaster:
    face: Int[np.ndarray, "h w"]
    """A triangle that owns the sample, -1 where none does."""
    barycentric: Float[np.ndarray, "h w 3"]
    count: Int[np.ndarray, "h w"]
    """How many triangles own the sample: more than 1 is an overlap."""


@dataclass(frozen=True)
class UVStats:
    coverage: float
    """Share of the texture that some triangle owns, 0..1."""
    overlap: float
    """Share of the owned texels that two or more triangles own, 0..1."""
    outside: int
    """Vertices whose UV lies outside of [0, 1]."""


@compiled(nogil=True)
def _raster_uv(corners, dx, dy, face, barycentric, count):
    height, width = face.shape
    for f in range(corners.shape[0]):
        ax, ay = corners[f, 0, 0], corners[f, 0, 1]
        bx, by = corners[f, 1, 0], corners[f, 1, 1]
        cx, cy = corners[f, 2, 0], corners[f, 2, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area == 0:
            continue
        swapped = area < 0
        if swapped:
            bx, by, cx, cy, area = cx, cy, bx, by, -area
        # With positive area (y down) the interior lies where all three edge functions are positive. A sample ON an edge
        # belongs to the triangle for which the edge points up, or is horizontal and points right.
        open_a = 0 if (cy - by < 0) or (cy == by and cx > bx) else 1
        open_b = 0 if (ay - cy < 0) or (ay == cy and ax > cx) else 1
        open_c = 0 if (by - ay < 0) or (by == ay and bx > ax) else 1
        left = max(0, (min(ax, bx, cx) - dx) // SUBTEXEL)
        right = min(width - 1, (max(ax, bx, cx) - dx) // SUBTEXEL + 1)
        top = max(0, (min(ay, by, cy) - dy) // SUBTEXEL)
        bottom = min(height - 1, (max(ay, by, cy) - dy) // SUBTEXEL + 1)
        for row in range(top, bottom + 1):
            y = row * SUBTEXEL + dy
            for column in range(left, right + 1):
                x = column * SUBTEXEL + dx
                wa = (cx - bx) * (y - by) - (cy - by) * (x - bx)
                wb = (ax - cx) * (y - cy) - (ay - cy) * (x - cx)
                wc = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
                if wa < open_a or wb < open_b or wc < open_c:
                    continue
                count[row, column] += 1
                face[row, column] = f
                barycentric[row, column, 0] = wa / area
                barycentric[row, column, 1] = (wc if swapped else wb) / area
                barycentric[row, column, 2] = (wb if swapped else wc) / area


def rasterize_uv(mesh: Mesh, size: int, offset: tuple[float, float] = (0.5, 0.5)) -> UVRaster:
    """Owners of one sample per texel of a size x size texture, at `offset` (x, y) in texels from its top left."""
    corners = _snapped(mesh, size)
    face = np.full((size, size), -1, np.int32)
    barycentric = np.zeros((size, size, 3), np.float32)
    count = np.zeros((size, size), np.int32)
    _raster_uv(corners, round(offset[0] * SUBTEXEL), round(offset[1] * SUBTEXEL), face, barycentric, count)
    return UVRaster(face, barycentric, count)


def _snapped(mesh: Mesh, size: int) -> Int[np.ndarray, "f 3 2"]:
    if mesh.uvs is None:
        raise UserError("the mesh has no UV coordinates; unwrap it first")
    return np.round(mesh.uvs.astype(np.float64) * size * SUBTEXEL).astype(np.int64)[mesh.faces]


def rasterize_uv_reference(mesh: Mesh, size: int, offset: tuple[float, float] = (0.5, 0.5)) -> Int[np.ndarray, "h w"]:
    """`UVRaster.count` in plain numpy, every sample against every triangle, for tests."""
    p = _snapped(mesh, size)
    area = (p[:, 1, 0] - p[:, 0, 0]) * (p[:, 2, 1] - p[:, 0, 1]) - (p[:, 1, 1] - p[:, 0, 1]) * (p[:, 2, 0] - p[:, 0, 0])
    p = np.where((area < 0)[:, None, None], p[:, ::-1], p)[area != 0]
    x, y = np.meshgrid(
        np.arange(size) * SUBTEXEL + round(offset[0] * SUBTEXEL),
        np.arange(size) * SUBTEXEL + round(offset[1] * SUBTEXEL),
    )
    x, y = x[..., None], y[..., None]
    inside = np.ones((size, size, len(p)), bool)
    for i in range(3):
        a, b = p[:, i], p[:, (i + 1) % 3]
        d = b - a
        w = d[:, 0] * (y - a[:, 1]) - d[:, 1] * (x - a[:, 0])
        owns_edge = (d[:, 1] < 0) | ((d[:, 1] == 0) & (d[:, 0] > 0))
        inside &= (w > 0) | ((w == 0) & owns_edge)
    return inside.sum(-1)


def measure_uv(mesh: Mesh, size: int = 1024) -> UVStats:
    """Coverage and overlap of the UV map, by counting the owners of every texel centre."""
    raster = rasterize_uv(mesh, size)
    uvs = np.asarray(mesh.uvs)
    owned = int((raster.count > 0).sum())
    return UVStats(
        coverage=owned / size**2,
        overlap=int((raster.count > 1).sum()) / max(owned, 1),
        outside=int(((uvs < 0) | (uvs > 1)).any(1).sum()),
    )
