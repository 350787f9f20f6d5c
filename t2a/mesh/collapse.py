"""Edge collapse that cannot break a surface: quadric error metric (Garland & Heckbert 1997) under the link condition.

Collapsing the edge (u, v) keeps the topology exactly if the neighbours that u and v share are the third corners of the
triangles at that edge and no others (Dey et al. 1999). fast_simplification skips this test; it is fast, and mostly
right. Collapses that would turn a triangle over are refused, too.
"""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from t2a.compiled import compiled
from t2a.mesh.clean import compact
from t2a.types import Mesh

MIN_COSINE = 0.2
"""Cosine between a triangle's normals before and after a collapse: below, it counts as turned over."""


def collapse(mesh: Mesh, faces: int) -> Mesh:
    """A manifold mesh, closed or open, with at most `faces` triangles and the same topology; with more than that where
    the topology allows no fewer."""
    low, high = mesh.vertices.min(0).astype(np.float64), mesh.vertices.max(0).astype(np.float64)
    size = max(float((high - low).max()), 1e-30)
    vertices = (mesh.vertices - low) / size
    triangles = mesh.faces.astype(np.int64).copy()
    alive = _collapse(vertices, triangles, faces, MIN_COSINE)
    return compact((vertices * size + low).astype(np.float32), triangles[alive])


@compiled(nogil=True)
def _plane(quadrics, v, x, y, z, d, weight):
    """Add weight * (n . p + d)^2 to v's quadric: the upper triangle of a symmetric 4 x 4 matrix, row by row."""
    n = (x, y, z, d)
    k = 0
    for i in range(4):
        for j in range(i, 4):
            quadrics[v, k] += weight * n[i] * n[j]
            k += 1


@compiled(nogil=True)
def _best(vertices, quadrics, u, v):
    """Where the merged vertex goes, and what it costs: (cost, x, y, z)."""
    q = quadrics[u] + quadrics[v]
    mx = 0.5 * (vertices[u, 0] + vertices[v, 0])
    my = 0.5 * (vertices[u, 1] + vertices[v, 1])
    mz = 0.5 * (vertices[u, 2] + vertices[v, 2])
    # A weak pull to the middle makes the 3 x 3 system regular on flat and cylindrical parts, and triangles rounder.
    pull = 1e-3 * (q[0] + q[4] + q[7]) / 3 + 1e-18
    a, b, c, d, e, f = q[0] + pull, q[1], q[2], q[4] + pull, q[5], q[7] + pull
    rx, ry, rz = pull * mx - q[3], pull * my - q[6], pull * mz - q[8]
    c00, c01, c02 = d * f - e * e, c * e - b * f, b * e - c * d
    det = a * c00 + b * c01 + c * c02
    x = (c00 * rx + c01 * ry + c02 * rz) / det
    y = (c01 * rx + (a * f - c * c) * ry + (b * c - a * e) * rz) / det
    z = (c02 * rx + (b * c - a * e) * ry + (a * d - b * b) * rz) / det
    error = (
        q[0] * x * x + 2 * q[1] * x * y + 2 * q[2] * x * z + 2 * q[3] * x
        + q[4] * y * y + 2 * q[5] * y * z + 2 * q[6] * y + q[7] * z * z + 2 * q[8] * z + q[9]
    )  # fmt: skip
    dx, dy, dz = vertices[u, 0] - vertices[v, 0], vertices[u, 1] - vertices[v, 1], vertices[u, 2] - vertices[v, 2]
    # On flat parts all errors are 0: short edges first.
    return max(error, 0.0) + 1e-9 * (dx * dx + dy * dy + dz * dz), x, y, z


@compiled(nogil=True)
def _turns_over(vertices, faces, alive, head, following, u, v, x, y, z, limit):
    corner = head[u]
    while corner >= 0:
        f = corner // 3
        if alive[f] and faces[f, 0] != v and faces[f, 1] != v and faces[f, 2] != v:
            j, k = faces[f, (corner + 1) % 3], faces[f, (corner + 2) % 3]
            ax, ay, az = vertices[j, 0], vertices[j, 1], vertices[j, 2]
            ex, ey, ez = vertices[k, 0] - ax, vertices[k, 1] - ay, vertices[k, 2] - az
            ox, oy, oz = vertices[u, 0] - ax, vertices[u, 1] - ay, vertices[u, 2] - az
            nx, ny, nz = x - ax, y - ay, z - az
            px, py, pz = ey * oz - ez * oy, ez * ox - ex * oz, ex * oy - ey * ox
            qx, qy, qz = ey * nz - ez * ny, ez * nx - ex * nz, ex * ny - ey * nx
            dot = px * qx + py * qy + pz * qz
            lengths = np.sqrt((px * px + py * py + pz * pz) * (qx * qx + qy * qy + qz * qz))
            if dot <= limit * lengths:
                return True
        corner = following[corner]
    return False


@compiled(nogil=True)
def _push_edges(heap, vertices, quadrics, faces, alive, head, following, version, stamp, mark, v):
    corner = head[v]
    while corner >= 0:
        f = corner // 3
        if alive[f]:
            for i in range(3):
                w = faces[f, i]
                if w != v and mark[w] != stamp:
                    mark[w] = stamp
                    cost = _best(vertices, quadrics, v, w)[0]
                    heappush(heap, (cost, v, w, version[v], version[w]))
        corner = following[corner]


@compiled(nogil=True)
def _collapse(vertices, faces, target, limit):
    total, count = vertices.shape[0], faces.shape[0]
    alive = np.ones(count, np.bool_)
    quadrics = np.zeros((total, 10))
    head, tail = np.full(total, -1), np.full(total, -1)
    following = np.full(3 * count, -1)
    for corner in range(3 * count):
        v = faces[corner // 3, corner % 3]
        if head[v] < 0:
            head[v] = corner
        else:
            following[tail[v]] = corner
        tail[v] = corner
    mark = np.zeros(total, np.int64)
    stamp = 0
    boundary = np.zeros(total, np.bool_)
    for f in range(count):
        a, b, c = vertices[faces[f, 0]], vertices[faces[f, 1]], vertices[faces[f, 2]]
        e, g = b - a, c - a
        nx, ny, nz = e[1] * g[2] - e[2] * g[1], e[2] * g[0] - e[0] * g[2], e[0] * g[1] - e[1] * g[0]
        length = np.sqrt(nx * nx + ny * ny + nz * nz)
        if length == 0.0:
            continue
        nx, ny, nz = nx / length, ny / length, nz / length
        for i in range(3):
            _plane(quadrics, faces[f, i], nx, ny, nz, -(nx * a[0] + ny * a[1] + nz * a[2]), length)
        for i in range(3):
            u, v = faces[f, i], faces[f, (i + 1) % 3]
            owners = 0
            corner = head[u]
            while corner >= 0:
                other = corner // 3
                if faces[other, 0] == v or faces[other, 1] == v or faces[other, 2] == v:
                    owners += 1
                corner = following[corner]
            if owners == 1:
                # An upright plane on the border holds the outline of open surfaces.
                boundary[u] = boundary[v] = True
                d = vertices[v] - vertices[u]
                sx, sy, sz = d[1] * nz - d[2] * ny, d[2] * nx - d[0] * nz, d[0] * ny - d[1] * nx
                side = np.sqrt(sx * sx + sy * sy + sz * sz)
                if side > 0.0:
                    sx, sy, sz = sx / side, sy / side, sz / side
                    offset = -(sx * vertices[u, 0] + sy * vertices[u, 1] + sz * vertices[u, 2])
                    _plane(quadrics, u, sx, sy, sz, offset, 10 * side * side)
                    _plane(quadrics, v, sx, sy, sz, offset, 10 * side * side)
    version = np.zeros(total, np.int64)
    left = count
    while left > target:
        # Edges that were refused may have become possible: start over until nothing moves.
        heap = [(0.0, 0, 0, np.int64(-1), np.int64(-1))]
        heappop(heap)
        for f in range(count):
            if alive[f]:
                for i in range(3):
                    u, v = faces[f, i], faces[f, (i + 1) % 3]
                    if u < v:
                        heappush(heap, (_best(vertices, quadrics, u, v)[0], u, v, version[u], version[v]))
                    elif boundary[u] and boundary[v]:
                        heappush(heap, (_best(vertices, quadrics, v, u)[0], v, u, version[v], version[u]))
        before = left
        while left > target and len(heap) > 0:
            _, u, v, version_u, version_v = heappop(heap)
            if version[u] != version_u or version[v] != version_v:
                continue
            # The link condition.
            stamp += 1
            shared_faces = 0
            corner = head[u]
            while corner >= 0:
                f = corner // 3
                if alive[f]:
                    for i in range(3):
                        mark[faces[f, i]] = stamp
                    if faces[f, 0] == v or faces[f, 1] == v or faces[f, 2] == v:
                        shared_faces += 1
                corner = following[corner]
            mark[u] = mark[v] = 0
            shared, faces_of_v = 0, 0
            corner = head[v]
            while corner >= 0:
                f = corner // 3
                if alive[f]:
                    faces_of_v += 1
                    for i in range(3):
                        w = faces[f, i]
                        if mark[w] == stamp:
                            mark[w] = 0
                            shared += 1
                corner = following[corner]
            if shared_faces == 0 or shared != shared_faces:
                continue
            if shared_faces == 2 and (left <= 4 or (boundary[u] and boundary[v])):
                continue
            # A tetrahedron passes the test above, but has nothing left to collapse to.
            if shared_faces == 2 and faces_of_v == 3:
                faces_of_u = 0
                corner = head[u]
                while corner >= 0:
                    if alive[corner // 3]:
                        faces_of_u += 1
                    corner = following[corner]
                if faces_of_u == 3:
                    continue
            _, x, y, z = _best(vertices, quadrics, u, v)
            if _turns_over(vertices, faces, alive, head, following, u, v, x, y, z, limit):
                continue
            if _turns_over(vertices, faces, alive, head, following, v, u, x, y, z, limit):
                continue
            corner = head[u]
            while corner >= 0:
                f = corner // 3
                if alive[f]:
                    if faces[f, 0] == v or faces[f, 1] == v or faces[f, 2] == v:
                        alive[f] = False
                        left -= 1
                    else:
                        faces[f, corner % 3] = v
                corner = following[corner]
            following[tail[v]] = head[u]
            tail[v] = tail[u]
            head[u] = -1
            vertices[v, 0], vertices[v, 1], vertices[v, 2] = x, y, z
            quadrics[v] += quadrics[u]
            boundary[v] |= boundary[u]
            version[u] = -1
            version[v] += 1
            stamp += 1
            _push_edges(heap, vertices, quadrics, faces, alive, head, following, version, stamp, mark, v)
        if left == before:
            break
    return alive
