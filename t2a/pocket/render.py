"""A sphere tracer for the pocket world, compiled by numba: pictures, depth, normals and part labels of packed
shapes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numba import prange

from t2a.cameras import camera_to_world
from t2a.compiled import compiled, parallel
from t2a.pocket.patterns import albedo, lit
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
    MATERIAL,
    OPERATION,
    ORIGIN,
    PATTERN,
    REACH,
    RISE,
    ROTATION,
    SECOND,
    SIZE,
    UNIT,
)
from t2a.types import Cameras

BACKGROUND = (0.80, 0.75, 1.0)
"""The studio's backdrop, sRGB, a pale lilac: of all pastels the farthest from anything in the world, lit or in shade
(a distance of 25 in CIELAB; a light grey has 3, since white things have grey sides)."""
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
    """Part number at the pixel (at edges: of its last ray that hit), -1 for none."""


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
def _distance(table, active, count, x, y, z):
    """Signed distance of the first `count` rows named in `active` (ascending), and the row that is nearest."""
    best, best_row = 1e9, -1
    here, here_row = 1e9, -1
    for j in range(count):
        i = active[j]
        row = table[i]
        if j > 0 and row[GROUP] != table[active[j - 1], GROUP]:
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
def _normal(table, active, count, x, y, z):
    """Unit gradient of the distance, by tetrahedral differences: four evaluations."""
    e = 1e-3
    d1, _ = _distance(table, active, count, x + e, y - e, z - e)
    d2, _ = _distance(table, active, count, x - e, y - e, z + e)
    d3, _ = _distance(table, active, count, x - e, y + e, z - e)
    d4, _ = _distance(table, active, count, x + e, y + e, z + e)
    gx, gy, gz = d1 - d2 - d3 + d4, -d1 - d2 + d3 + d4, -d1 + d2 - d3 + d4
    g = 1.0 / (math.sqrt(gx * gx + gy * gy + gz * gz) + 1e-9)
    return gx * g, gy * g, gz * g


@compiled(fastmath=True)
def _albedo(row, x, y, z, nx, ny, nz):
    """Colour of a primitive at a world point of its surface."""
    return albedo(
        int(row[PATTERN]), (x - row[ORIGIN]) / row[UNIT], (y - row[ORIGIN + 1]) / row[UNIT],
        (z - row[ORIGIN + 2]) / row[UNIT], nx, ny, nz, row[RISE],
        row[COLOR], row[COLOR + 1], row[COLOR + 2], row[SECOND], row[SECOND + 1], row[SECOND + 2],
    )  # fmt: skip


@compiled(fastmath=True)
def _meets(table, active, margin, ox, oy, oz, dx, dy, dz):
    """Write the rows whose bounding spheres the ray comes near to into `active`; the others cannot matter to it."""
    count = 0
    for i in range(table.shape[0]):
        wx, wy, wz = table[i, CENTER] - ox, table[i, CENTER + 1] - oy, table[i, CENTER + 2] - oz
        along = wx * dx + wy * dy + wz * dz
        reach = table[i, REACH] + margin
        if wx * wx + wy * wy + wz * wz - along * along < reach * reach:
            active[count] = i
            count += 1
    return count


@compiled(fastmath=True)
def _shoot(table, active, margin, pose, light, radius2, u, v):
    """The ray through a point of the image plane: row of the primitive it hits (or -1), distance, colour, normal."""
    ox, oy, oz = pose[0, 3], pose[1, 3], pose[2, 3]
    dx = pose[0, 0] * u + pose[0, 1] * v - pose[0, 2]
    dy = pose[1, 0] * u + pose[1, 1] * v - pose[1, 2]
    dz = pose[2, 0] * u + pose[2, 1] * v - pose[2, 2]
    n = 1.0 / math.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = dx * n, dy * n, dz * n
    # Only the part of the ray inside the bounding sphere can hit.
    b = ox * dx + oy * dy + oz * dz
    disc = b * b - (ox * ox + oy * oy + oz * oz - radius2)
    hit = -1
    t = 0.0
    count = 0
    if disc > 0.0:
        count = _meets(table, active, margin, ox, oy, oz, dx, dy, dz)
    if count > 0:
        root = math.sqrt(disc)
        t, far = max(-b - root, 0.0), -b + root
        for _ in range(96):
            d, index = _distance(table, active, count, ox + t * dx, oy + t * dy, oz + t * dz)
            if d < 1e-3:
                hit = index
                break
            t += 0.9 * d  # ellipsoids and smooth unions are only approximate distances
            if t > far:
                break
    if hit < 0:
        return -1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
    nx, ny, nz = _normal(table, active, count, x, y, z)
    r, g, b = _albedo(table[hit], x, y, z, nx, ny, nz)
    diffuse = max(nx * light[0] + ny * light[1] + nz * light[2], 0.0)
    r, g, b = lit(
        int(table[hit, MATERIAL]), r, g, b, diffuse, nx, ny, nz, light[0], light[1], light[2], -dx, -dy, -dz,
        AMBIENT, DIFFUSE,
    )  # fmt: skip
    return hit, t, r, g, b, nx, ny, nz


EDGE = 0.03
"""Neighbouring pixels whose colours differ by more than this (of 1, in some channel) are sampled again, more finely."""


@compiled(fastmath=True)
def middle_ray(
    table, active, margin, radius2, pose, light, across, background, row, column,
    rows, rgb, opacity, depth, normal, label,
):  # fmt: skip
    """Draw a pixel by the ray through its middle; `across` is a pixel's width on the image plane at distance 1."""
    height, width = rows.shape
    u, v = (column + 0.5 - width / 2) * across, (height / 2 - row - 0.5) * across
    hit, t, r, g, b, nx, ny, nz = _shoot(table, active, margin, pose, light, radius2, u, v)
    rows[row, column] = hit
    depth[row, column] = t
    normal[row, column, 0], normal[row, column, 1], normal[row, column, 2] = nx, ny, nz
    if hit < 0:
        r, g, b = background[0], background[1], background[2]
    rgb[row, column, 0], rgb[row, column, 1], rgb[row, column, 2] = r, g, b
    opacity[row, column] = 1.0 if hit >= 0 else 0.0
    label[row, column] = int(table[hit, LABEL]) if hit >= 0 else -1


@compiled(fastmath=True)
def is_edge(rows, rgb, row, column):
    """Whether one of the four pixels around it looks different: only there are more rays worth their time."""
    height, width = rows.shape
    for side in range(4):
        y, x = row + (side == 0) - (side == 1), column + (side == 2) - (side == 3)
        if y < 0 or x < 0 or y >= height or x >= width:
            continue
        if (rows[row, column] < 0) != (rows[y, x] < 0):
            return True
        for k in range(3):
            if abs(rgb[row, column, k] - rgb[y, x, k]) > EDGE:
                return True
    return False


@compiled(fastmath=True)
def several_rays(
    table, active, margin, radius2, pose, light, across, background, row, column, samples,
    rgb, opacity, depth, normal, label,
):  # fmt: skip
    """Draw a pixel again, by samples x samples rays."""
    height, width = opacity.shape
    hits, tag = 0, -1
    sr, sg, sb, sd, sx, sy, sz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for s in range(samples * samples):
        u = (column + (s % samples + 0.5) / samples - width / 2) * across
        v = (height / 2 - row - (s // samples + 0.5) / samples) * across
        hit, t, r, g, b, nx, ny, nz = _shoot(table, active, margin, pose, light, radius2, u, v)
        if hit < 0:
            sr, sg, sb = sr + background[0], sg + background[1], sb + background[2]
            continue
        sr, sg, sb = sr + r, sg + g, sb + b
        sd, sx, sy, sz = sd + t, sx + nx, sy + ny, sz + nz
        hits += 1
        tag = int(table[hit, LABEL])
    share = 1.0 / (samples * samples)
    rgb[row, column, 0], rgb[row, column, 1], rgb[row, column, 2] = sr * share, sg * share, sb * share
    opacity[row, column] = hits * share
    label[row, column] = tag
    n = max(math.sqrt(sx * sx + sy * sy + sz * sz), 1e-9)
    depth[row, column] = sd / max(hits, 1)
    normal[row, column, 0], normal[row, column, 1], normal[row, column, 2] = sx / n, sy / n, sz / n


@compiled(fastmath=True)
def _trace_view(
    table, margin, radius2, pose, light, across, background, samples, rgb, opacity, depth, normal, label
):  # fmt: skip
    height, width = opacity.shape
    active = np.empty(table.shape[0], np.int32)
    rows = np.empty((height, width), np.int32)
    for row in range(height):
        for column in range(width):
            middle_ray(
                table, active, margin, radius2, pose, light, across, background, row, column,
                rows, rgb, opacity, depth, normal, label,
            )  # fmt: skip
    if samples < 2:
        return
    edges = np.empty((height, width), np.bool_)
    for row in range(height):
        for column in range(width):
            edges[row, column] = is_edge(rows, rgb, row, column)
    for row in range(height):
        for column in range(width):
            if edges[row, column]:
                several_rays(
                    table, active, margin, radius2, pose, light, across, background, row, column, samples,
                    rgb, opacity, depth, normal, label,
                )  # fmt: skip


@parallel(fastmath=True)
def _trace(
    table, margin, radius2, poses, lights, across, backgrounds, samples, rgb, opacity, depth, normal, label
):  # fmt: skip
    for view in prange(poses.shape[0]):
        _trace_view(
            table, margin, radius2, poses[view], lights[view], across[view], backgrounds[view], samples,
            rgb[view], opacity[view], depth[view], normal[view], label[view],
        )  # fmt: skip


@parallel(fastmath=True)
def _distances(table, points, out, rows):
    everything = np.arange(table.shape[0], dtype=np.int32)
    for i in prange(points.shape[0]):
        out[i], rows[i] = _distance(table, everything, len(everything), points[i, 0], points[i, 1], points[i, 2])


@parallel(fastmath=True)
def _surface(table, points, colors, labels):
    everything = np.arange(table.shape[0], dtype=np.int32)
    for i in prange(points.shape[0]):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        _, row = _distance(table, everything, len(everything), x, y, z)
        nx, ny, nz = _normal(table, everything, len(everything), x, y, z)
        colors[i, 0], colors[i, 1], colors[i, 2] = _albedo(table[row], x, y, z, nx, ny, nz)
        labels[i] = int(table[row, LABEL])


def surface(
    table: Float[np.ndarray, "p c"], points: Float[np.ndarray, "n 3"]
) -> tuple[Float[np.ndarray, "n 3"], Int[np.ndarray, " n"]]:
    """Colour (sRGB, unlit) and part number of the surface nearest to each point."""
    colors, labels = np.empty((len(points), 3), np.float32), np.empty(len(points), np.int32)
    _surface(table, np.ascontiguousarray(points, np.float32), colors, labels)
    return colors, labels


@parallel(fastmath=True)
def _normals(table, points, out):
    everything = np.arange(table.shape[0], dtype=np.int32)
    for i in prange(points.shape[0]):
        out[i, 0], out[i, 1], out[i, 2] = _normal(
            table, everything, len(everything), points[i, 0], points[i, 1], points[i, 2]
        )


def surface_normals(table: Float[np.ndarray, "p c"], points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """Unit outward normals at points on the surface."""
    out = np.empty((len(points), 3), np.float32)
    _normals(table, np.ascontiguousarray(points, np.float32), out)
    return out


def signed_distance(table: Float[np.ndarray, "p c"], points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, " n"]:
    """Distance to the surface, negative inside; a lower bound away from it."""
    out, rows = np.empty(len(points), np.float32), np.empty(len(points), np.int64)
    _distances(table, np.ascontiguousarray(points, np.float32), out, rows)
    return out


def extent(table: Float[np.ndarray, "p c"]) -> tuple[np.float32, np.float32]:
    """How far a smooth union may bulge beyond its parts, and the squared radius of a sphere around the origin that
    holds all of them."""
    radius = (np.linalg.norm(table[:, CENTER : CENTER + 3], axis=1) + table[:, REACH]).max()
    return np.float32(max(0.01, table[:, BLEND].max())), np.float32(radius**2)


def lights(poses: Float[np.ndarray, "b 4 4"]) -> Float[np.ndarray, "b 3"]:
    """Unit directions to the light of each camera, which hangs above it."""
    light = poses[:, :3, 2].copy()
    light[:, 1] += LIGHT_LIFT
    return light / np.linalg.norm(light, axis=1, keepdims=True)


def render_views(
    table: Float[np.ndarray, "p c"],
    cameras: Cameras,
    size: int = 64,
    samples: int = 2,
    backgrounds: Float[np.ndarray, "b 3"] | None = None,
) -> Views:
    """Square pictures; samples x samples rays a pixel where neighbouring ones differ, one elsewhere."""
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
    across = (2 * (cameras.fov / 2).tan() / size).numpy().astype(np.float32)
    margin, radius2 = extent(table)
    _trace(
        table, margin, radius2, poses, lights(poses), across, backgrounds.astype(np.float32), samples,
        views.rgb, views.opacity, views.depth, views.normal, views.label,
    )  # fmt: skip
    return views
