"""A sphere tracer for the pocket world, compiled by numba: pictures, depth, normals and part labels of packed
shapes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numba import prange

from t2a.cameras import camera_to_world
from t2a.compiled import compiled
from t2a.pocket.shapes import (
    BLEND,
    BOX,
    CARVE,
    CENTER,
    COLOR,
    CONE,
    ELLIPSOID,
    GROUP,
    KIND,
    LABEL,
    OPERATION,
    REACH,
    ROTATION,
    SIZE,
)
from t2a.types import Cameras

BACKGROUND = (0.82, 0.82, 0.84)
"""The studio's backdrop, sRGB: no named colour of the world looks like it."""
AMBIENT, DIFFUSE = 0.6, 0.4
LIGHT_LIFT = 0.6
"""The light hangs above the camera: its direction is the camera's plus this much of world up."""


@dataclass(frozen=True)
class Views:
    rgb: Float[np.ndarray, "b h w 3"]
    opacity: Float[np.ndarray, "b h w"]
    depth: Float[np.ndarray, "b h w"]
    """Distance along the ray; 0 where nothing was hit."""
    normal: Float[np.ndarray, "b h w 3"]
    label: Int[np.ndarray, "b h w"]
    """Part number of the pixel's last hit sub-sample, -1 for none."""


@compiled(fastmath=True, inline="always")
def _primitive(row, x, y, z):
    """Signed distance of one primitive at a world point (Inigo Quilez's formulas)."""
    qx, qy, qz = x - row[CENTER], y - row[CENTER + 1], z - row[CENTER + 2]
    px = row[ROTATION] * qx + row[ROTATION + 1] * qy + row[ROTATION + 2] * qz
    py = row[ROTATION + 3] * qx + row[ROTATION + 4] * qy + row[ROTATION + 5] * qz
    pz = row[ROTATION + 6] * qx + row[ROTATION + 7] * qy + row[ROTATION + 8] * qz
    a, b, c, d = row[SIZE], row[SIZE + 1], row[SIZE + 2], row[SIZE + 3]
    kind = row[KIND]
    if kind == ELLIPSOID:
        k0 = math.sqrt((px / a) ** 2 + (py / b) ** 2 + (pz / c) ** 2)
        k1 = math.sqrt((px / (a * a)) ** 2 + (py / (b * b)) ** 2 + (pz / (c * c)) ** 2)
        return k0 * (k0 - 1.0) / (k1 + 1e-9)
    if kind == BOX:
        ux, uy, uz = abs(px) - a + d, abs(py) - b + d, abs(pz) - c + d
        outside = math.sqrt(max(ux, 0.0) ** 2 + max(uy, 0.0) ** 2 + max(uz, 0.0) ** 2)
        return outside + min(max(ux, max(uy, uz)), 0.0) - d
    if kind == CONE:
        h, r1, r2 = a, b, c
        qr = math.sqrt(px * px + pz * pz)
        edge = r1 if py < 0.0 else r2
        cax, cay = qr - min(qr, edge), abs(py) - h
        k2x, k2y = r2 - r1, 2.0 * h
        t = ((r2 - qr) * k2x + (h - py) * k2y) / (k2x * k2x + k2y * k2y)
        t = min(max(t, 0.0), 1.0)
        cbx, cby = qr - r2 + k2x * t, py - h + k2y * t
        sign = -1.0 if (cbx < 0.0 and cay < 0.0) else 1.0
        return sign * math.sqrt(min(cax * cax + cay * cay, cbx * cbx + cby * cby)) - d
    py -= min(max(py, -c), c)
    ring = math.sqrt(px * px + pz * pz) - a
    return math.sqrt(ring * ring + py * py) - b


@compiled(fastmath=True)
def _distance(table, x, y, z):
    """Signed distance of the whole shape, and the row of the primitive that is nearest."""
    best, best_row = 1e9, -1
    here, here_row = 1e9, -1
    for i in range(table.shape[0]):
        row = table[i]
        if i > 0 and row[GROUP] != table[i - 1, GROUP]:
            if here < best:
                best, best_row = here, here_row
            here, here_row = 1e9, -1
        dx, dy, dz = x - row[CENTER], y - row[CENTER + 1], z - row[CENTER + 2]
        bound = math.sqrt(dx * dx + dy * dy + dz * dz) - row[REACH]
        if row[OPERATION] == CARVE:
            if bound < 0.0:
                inside = -_primitive(row, x, y, z)
                if inside > here:
                    here, here_row = inside, i
            continue
        if bound > min(here + row[BLEND], best):
            continue  # cannot be the nearest: its bounding sphere is farther than what we have
        d = _primitive(row, x, y, z)
        k = row[BLEND]
        nearer = d < here
        if k > 0.0 and here < 1e8:
            h = max(k - abs(here - d), 0.0) / k
            here = min(here, d) - h * h * k * 0.25
        elif nearer:
            here = d
        if nearer:
            here_row = i
    if here < best:
        best, best_row = here, here_row
    return best, best_row


@compiled(fastmath=True)
def _trace_view(table, pose, tangent, height, width, samples, background, rgb, opacity, depth, normal, label):
    ox, oy, oz = pose[0, 3], pose[1, 3], pose[2, 3]
    lx, ly, lz = pose[0, 2], pose[1, 2] + LIGHT_LIFT, pose[2, 2]
    ln = math.sqrt(lx * lx + ly * ly + lz * lz)
    lx, ly, lz = lx / ln, ly / ln, lz / ln
    radius2 = 0.0
    for i in range(table.shape[0]):
        r2 = table[i, CENTER] ** 2 + table[i, CENTER + 1] ** 2 + table[i, CENTER + 2] ** 2
        radius2 = max(radius2, (math.sqrt(r2) + table[i, REACH]) ** 2)
    inverse = 1.0 / (samples * samples)
    for row in range(height):
        for column in range(width):
            hits = 0
            sr, sg, sb, sd, nx_, ny_, nz_ = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            tag = -1
            for s in range(samples * samples):
                v = (0.5 - (row + (s // samples + 0.5) / samples) / height) * 2.0 * tangent
                u = ((column + (s % samples + 0.5) / samples) / width - 0.5) * 2.0 * tangent * width / height
                dx = pose[0, 0] * u + pose[0, 1] * v - pose[0, 2]
                dy = pose[1, 0] * u + pose[1, 1] * v - pose[1, 2]
                dz = pose[2, 0] * u + pose[2, 1] * v - pose[2, 2]
                n = 1.0 / math.sqrt(dx * dx + dy * dy + dz * dz)
                dx, dy, dz = dx * n, dy * n, dz * n
                # Only the part of the ray inside the bounding sphere can hit.
                b = ox * dx + oy * dy + oz * dz
                c = ox * ox + oy * oy + oz * oz - radius2
                disc = b * b - c
                hit = -1
                t = 0.0
                if disc > 0.0:
                    root = math.sqrt(disc)
                    t, far = max(-b - root, 0.0), -b + root
                    for _ in range(96):
                        d, index = _distance(table, ox + t * dx, oy + t * dy, oz + t * dz)
                        if d < 1e-3:
                            hit = index
                            break
                        t += 0.9 * d  # ellipsoids and smooth unions are only approximate distances
                        if t > far:
                            break
                if hit < 0:
                    sr, sg, sb = sr + background[0], sg + background[1], sb + background[2]
                    continue
                x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
                e = 1e-3
                # Tetrahedral differences: four evaluations give the gradient.
                d1, _ = _distance(table, x + e, y - e, z - e)
                d2, _ = _distance(table, x - e, y - e, z + e)
                d3, _ = _distance(table, x - e, y + e, z - e)
                d4, _ = _distance(table, x + e, y + e, z + e)
                gx, gy, gz = d1 - d2 - d3 + d4, -d1 - d2 + d3 + d4, -d1 + d2 - d3 + d4
                g = 1.0 / (math.sqrt(gx * gx + gy * gy + gz * gz) + 1e-9)
                gx, gy, gz = gx * g, gy * g, gz * g
                shade = AMBIENT + DIFFUSE * max(gx * lx + gy * ly + gz * lz, 0.0)
                sr += min(table[hit, COLOR] * shade, 1.0)
                sg += min(table[hit, COLOR + 1] * shade, 1.0)
                sb += min(table[hit, COLOR + 2] * shade, 1.0)
                sd, nx_, ny_, nz_ = sd + t, nx_ + gx, ny_ + gy, nz_ + gz
                hits += 1
                tag = int(table[hit, LABEL])
            rgb[row, column, 0], rgb[row, column, 1], rgb[row, column, 2] = sr * inverse, sg * inverse, sb * inverse
            opacity[row, column] = hits * inverse
            label[row, column] = tag
            if hits > 0:
                depth[row, column] = sd / hits
                length = math.sqrt(nx_ * nx_ + ny_ * ny_ + nz_ * nz_) + 1e-9
                normal[row, column, 0], normal[row, column, 1], normal[row, column, 2] = (
                    nx_ / length,
                    ny_ / length,
                    nz_ / length,
                )


@compiled(fastmath=True, parallel=True)
def _trace(table, poses, tangents, height, width, samples, backgrounds, rgb, opacity, depth, normal, label):
    for view in prange(poses.shape[0]):
        _trace_view(
            table, poses[view], tangents[view], height, width, samples, backgrounds[view],
            rgb[view], opacity[view], depth[view], normal[view], label[view],
        )  # fmt: skip


@compiled(fastmath=True, parallel=True)
def _distances(table, points, out, rows):
    for i in prange(points.shape[0]):
        out[i], rows[i] = _distance(table, points[i, 0], points[i, 1], points[i, 2])


def signed_distance(table: Float[np.ndarray, "p c"], points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, " n"]:
    """Distance to the surface, negative inside; a lower bound away from it."""
    out, rows = np.empty(len(points), np.float32), np.empty(len(points), np.int64)
    _distances(table, np.ascontiguousarray(points, np.float32), out, rows)
    return out


def render_views(
    table: Float[np.ndarray, "p c"],
    cameras: Cameras,
    size: int = 64,
    samples: int = 2,
    backgrounds: Float[np.ndarray, "b 3"] | None = None,
) -> Views:
    """Square pictures with samples x samples rays a pixel."""
    count = len(cameras)
    if backgrounds is None:
        backgrounds = np.tile(np.array(BACKGROUND, np.float32), (count, 1))
    views = Views(
        np.empty((count, size, size, 3), np.float32),
        np.empty((count, size, size), np.float32),
        np.zeros((count, size, size), np.float32),
        np.zeros((count, size, size, 3), np.float32),
        np.empty((count, size, size), np.int32),
    )
    poses = camera_to_world(cameras).numpy().astype(np.float32)
    tangents = (cameras.fov / 2).tan().numpy().astype(np.float32)
    _trace(
        table, poses, tangents, size, size, samples, backgrounds.astype(np.float32),
        views.rgb, views.opacity, views.depth, views.normal, views.label,
    )  # fmt: skip
    return views
