"""A small CPU rasteriser: which triangle each pixel sees, where in it, and how far away.

A pixel's ray d (camera space, d_z = -1) meets the plane of the triangle p0 p1 p2 at perspective-correct barycentrics
    b_i = d . n_i / sum_j d . n_j,    n_i = p_{i+1} x p_{i+2},    depth = det(p0, p1, p2) / sum_j d . n_j
(Olano & Greer 1997, homogeneous rasterisation). Nothing is divided by a vertex's depth, so triangles behind or across
the camera need no clipping; n_i of two triangles that share an edge are exact negatives, so no ray slips between them.

`rasterize` is the fast version (numba, threads); `rasterize_reference` is its vectorised numpy twin.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int

from t2a.cameras import camera_to_world
from t2a.compiled import compiled
from t2a.types import Cameras, Mesh

NEAR = 1e-3
"""Scene units: nothing closer to the camera is seen."""


@dataclass(frozen=True)
class Raster:
    face: Int[np.ndarray, "b h w"]
    """Index of the nearest triangle, -1 where the pixel sees none."""
    barycentric: Float[np.ndarray, "b h w 3"]
    """Perspective-correct, sum 1; 0 where nothing is seen."""
    depth: Float[np.ndarray, "b h w"]
    """Distance along the unit ray, scene units, as in `t2a.types.Render`; 0 where nothing is seen."""


@compiled(nogil=True)
def _raster_rows(points, faces, tangent, height, width, row0, row1, face, barycentric, depth):
    for row in range(row0, row1):
        for column in range(width):
            face[row, column] = -1
            depth[row, column] = np.inf
            barycentric[row, column, 0] = 0.0
            barycentric[row, column, 1] = 0.0
            barycentric[row, column, 2] = 0.0
    scale_y = 2.0 * tangent / height
    scale_x = scale_y  # square pixels
    for f in range(faces.shape[0]):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, az = points[i, 0], points[i, 1], points[i, 2]
        bx, by, bz = points[j, 0], points[j, 1], points[j, 2]
        cx, cy, cz = points[k, 0], points[k, 1], points[k, 2]
        if az > -NEAR and bz > -NEAR and cz > -NEAR:
            continue
        first, last, left, right = row0, row1 - 1, 0, width - 1
        if az < -NEAR and bz < -NEAR and cz < -NEAR:
            rows_a, rows_b, rows_c = ay / az, by / bz, cy / cz  # = -(y / -z): rows grow downwards
            columns_a, columns_b, columns_c = -ax / az, -bx / bz, -cx / cz
            low = min(rows_a, rows_b, rows_c) / scale_y + 0.5 * height - 0.5
            high = max(rows_a, rows_b, rows_c) / scale_y + 0.5 * height - 0.5
            if high < row0 - 1 or low > row1:
                continue
            near = min(columns_a, columns_b, columns_c) / scale_x + 0.5 * width - 0.5
            far = max(columns_a, columns_b, columns_c) / scale_x + 0.5 * width - 0.5
            if far < -1 or near > width:
                continue
            # The 1e-6 keeps a pixel centre that lies on the very edge of the box.
            first, last = max(first, int(np.ceil(low - 1e-6))), min(last, int(np.floor(high + 1e-6)))
            left, right = max(left, int(np.ceil(near - 1e-6))), min(right, int(np.floor(far + 1e-6)))
            if first > last or left > right:
                continue
        n0x, n0y, n0z = by * cz - bz * cy, bz * cx - bx * cz, bx * cy - by * cx
        n1x, n1y, n1z = cy * az - cz * ay, cz * ax - cx * az, cx * ay - cy * ax
        n2x, n2y, n2z = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        volume = ax * n0x + ay * n0y + az * n0z
        if volume == 0.0:
            continue
        sign = 1.0 if volume > 0.0 else -1.0
        n0x, n0y, n0z = sign * n0x, sign * n0y, sign * n0z
        n1x, n1y, n1z = sign * n1x, sign * n1y, sign * n1z
        n2x, n2y, n2z = sign * n2x, sign * n2y, sign * n2z
        volume = sign * volume
        for row in range(first, last + 1):
            dy = (0.5 * height - row - 0.5) * scale_y
            for column in range(left, right + 1):
                dx = (column + 0.5 - 0.5 * width) * scale_x
                w0 = n0x * dx + n0y * dy - n0z
                w1 = n1x * dx + n1y * dy - n1z
                w2 = n2x * dx + n2y * dy - n2z
                # Depth is positive only where all weights share the sign of the volume, now positive.
                if w0 < 0.0 or w1 < 0.0 or w2 < 0.0:
                    continue
                total = w0 + w1 + w2
                if total <= 0.0:
                    continue
                z = volume / total
                if z < depth[row, column] and z >= NEAR:
                    depth[row, column] = z
                    face[row, column] = f
                    barycentric[row, column, 0] = w0 / total
                    barycentric[row, column, 1] = w1 / total
                    barycentric[row, column, 2] = w2 / total
    for row in range(row0, row1):
        dy = (0.5 * height - row - 0.5) * scale_y
        for column in range(width):
            dx = (column + 0.5 - 0.5 * width) * scale_x
            if face[row, column] < 0:
                depth[row, column] = 0.0
            else:
                depth[row, column] *= np.sqrt(1.0 + dx * dx + dy * dy)


def camera_space(vertices: Float[np.ndarray, "v 3"], cameras: Cameras) -> Float[np.ndarray, "b v 3"]:
    """Right, up and backward coordinates of each vertex for each camera: what is seen has a negative third one."""
    pose = camera_to_world(cameras).detach().cpu().numpy().astype(np.float64)
    return np.einsum("bvi,bij->bvj", vertices[None].astype(np.float64) - pose[:, None, :, 3], pose[:, :, :3])


def rasterize(mesh: Mesh, cameras: Cameras, height: int, width: int) -> Raster:
    """Nearest triangle per pixel centre; both sides of a triangle are seen. Threads: as many as torch uses."""
    tangents = np.tan(cameras.fov.detach().cpu().double().numpy() / 2)
    return rasterize_points(camera_space(mesh.vertices, cameras), mesh.faces, tangents, height, width)


def rasterize_points(
    points: Float[np.ndarray, "b v 3"],
    faces: Int[np.ndarray, "f 3"],
    tangents: Float[np.ndarray, " b"],
    height: int,
    width: int,
) -> Raster:
    """`rasterize` for vertices in each camera's space (float64) and the tangents of half the vertical fields of
    view."""
    count, rows_per_job = len(points), max(16, -(-height // 4))
    faces = np.ascontiguousarray(faces, dtype=np.int32)
    face = np.empty((count, height, width), np.int32)
    barycentric = np.empty((count, height, width, 3), np.float32)
    depth = np.empty((count, height, width), np.float32)

    def job(view: int, row: int) -> None:
        _raster_rows(
            points[view], faces, tangents[view], height, width, row, min(height, row + rows_per_job),
            face[view], barycentric[view], depth[view],
        )  # fmt: skip

    jobs = [(view, row) for view in range(count) for row in range(0, height, rows_per_job)]
    run_threads(job, jobs)
    return Raster(face, barycentric, depth)


def run_threads(job, jobs) -> None:
    """Call `job(*args)` for every args in `jobs` on torch's number of threads; the kernels release the GIL."""
    with ThreadPoolExecutor(max(1, torch.get_num_threads())) as pool:
        for future in [pool.submit(job, *args) for args in jobs]:
            future.result()


def rasterize_reference(mesh: Mesh, cameras: Cameras, height: int, width: int) -> Raster:
    """The same in plain numpy, every pixel against every triangle: O(pixels * faces) memory, for tests."""
    tangents = np.tan(cameras.fov.double().numpy() / 2)
    y = (0.5 * height - np.arange(height) - 0.5) * 2 / height
    x = (np.arange(width) + 0.5 - 0.5 * width) * 2 / height
    x, y = np.meshgrid(x, y)
    faces, barycentrics, depths = [], [], []
    for points, tangent in zip(camera_space(mesh.vertices, cameras), tangents, strict=True):
        rays = np.stack([x * tangent, y * tangent, -np.ones_like(x)], -1).reshape(-1, 3)
        p = points[mesh.faces]
        n = np.cross(np.roll(p, -1, axis=1), np.roll(p, -2, axis=1))
        weights = np.einsum("ri,fki->rfk", rays, n)
        volume = np.einsum("fi,fi->f", p[:, 0], n[:, 0])
        weights *= np.sign(volume)[None, :, None]
        total = weights.sum(-1)
        hit = (weights >= 0).all(-1) & (total > 0)
        z = np.where(hit, np.abs(volume) / np.where(hit, total, 1), np.inf)
        z[z < NEAR] = np.inf
        nearest = z.argmin(1)
        ray = np.arange(len(rays))
        seen = np.isfinite(z[ray, nearest])
        faces.append(np.where(seen, nearest, -1).reshape(height, width))
        b = weights[ray, nearest] / np.where(seen, total[ray, nearest], 1)[:, None]
        barycentrics.append(np.where(seen[:, None], b, 0).reshape(height, width, 3))
        depth = np.where(seen, z[ray, nearest], 0) * np.linalg.norm(rays, axis=1)
        depths.append(depth.reshape(height, width))
    return Raster(np.stack(faces), np.stack(barycentrics), np.stack(depths))


def silhouettes(
    mesh: Mesh, cameras: Cameras, height: int, width: int, supersample: int = 1
) -> Float[np.ndarray, "b h w"]:
    """Covered fraction of each pixel, in [0, 1], from supersample^2 samples."""
    s = supersample
    if len(mesh.faces) == 0:
        return np.zeros((len(cameras), height, width), np.float32)
    views = []
    for i in range(len(cameras)):  # one at a time: memory stays that of one view
        seen = rasterize(mesh, cameras[i : i + 1], height * s, width * s).face[0] >= 0
        views.append(seen.reshape(height, s, width, s).mean((1, 3), dtype=np.float32))
    return np.stack(views)
