"""Smooth vertex normals that ignore UV seams."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from t2a.types import Mesh


def weld(vertices: Float[np.ndarray, "v 3"]) -> tuple[Float[np.ndarray, "w 3"], Int[np.ndarray, " v"]]:
    """Distinct positions and, for each vertex, which of them it is.

    Bitwise equality: a seam copies positions, it never moves them.
    """
    # + 0.0 turns -0.0 into 0.0, which compares equal but has different bytes.
    rows = np.ascontiguousarray(vertices + 0.0)
    _, first, index = np.unique(
        rows.view(np.dtype((np.void, rows.dtype.itemsize * 3))).ravel(), return_index=True, return_inverse=True
    )
    return rows[first], index.reshape(-1)


def face_normals(mesh: Mesh) -> Float[np.ndarray, "f 3"]:
    """Outward normals whose length is twice the triangle's area."""
    a, b, c = (mesh.vertices[mesh.faces[:, i]].astype(np.float64) for i in range(3))
    return np.cross(b - a, c - a)


def vertex_normals(mesh: Mesh) -> Float[np.ndarray, "v 3"]:
    """Unit normals, weighted by corner angle (Thuermer & Wuethrich 1998) so that the triangulation does not show.

    Vertices at the same position share one normal, hence UV seams do not shade. A vertex of no proper triangle gets +Y.
    """
    if len(mesh.vertices) == 0:
        return np.zeros((0, 3), np.float32)
    positions, index = weld(mesh.vertices)
    corners = index[mesh.faces]
    normals = face_normals(mesh)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    total = np.zeros((len(positions), 3))
    points = positions.astype(np.float64)[corners]
    for i in range(3):
        u, v = points[:, (i + 1) % 3] - points[:, i], points[:, (i + 2) % 3] - points[:, i]
        angle = np.arctan2(np.linalg.norm(np.cross(u, v), axis=1), np.einsum("fi,fi->f", u, v))
        for axis in range(3):
            total[:, axis] += np.bincount(corners[:, i], angle * normals[:, axis], len(positions))
    length = np.linalg.norm(total, axis=1, keepdims=True)
    unit = np.where(length > 1e-12, total / np.maximum(length, 1e-12), [0.0, 1.0, 0.0])
    return unit[index].astype(np.float32)


def corner_normals(mesh: Mesh, crease: float = 40.0) -> Float[np.ndarray, "f 3 3"]:
    """Unit normals at each corner of each triangle: smooth like `vertex_normals`, but only over those triangles around
    the vertex that lie within `crease` degrees of the corner's own. A cube stays a cube."""
    count = len(mesh.faces)
    if count == 0:
        return np.zeros((0, 3, 3), np.float32)
    positions, index = weld(mesh.vertices)
    flat = face_normals(mesh)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-30)
    points = positions.astype(np.float64)[index[mesh.faces]]
    u, v = np.roll(points, -1, axis=1) - points, np.roll(points, -2, axis=1) - points
    angle = np.arctan2(np.linalg.norm(np.cross(u, v), axis=2), np.einsum("fki,fki->fk", u, v)).reshape(-1)
    # All pairs of corners at the same position: corners in the order of their vertices, each with all of its run.
    vertex = index[mesh.faces].reshape(-1)
    order = np.argsort(vertex, kind="stable")
    length = np.bincount(vertex, minlength=len(positions))
    start = np.cumsum(length) - length
    runs = length[vertex[order]]
    first = np.repeat(order, runs)
    within = np.arange(len(first)) - np.repeat(np.cumsum(runs) - runs, runs)
    second = order[np.repeat(start[vertex[order]], runs) + within]
    near = np.einsum("ni,ni->n", flat[first // 3], flat[second // 3]) >= np.cos(np.radians(crease))
    first, second = first[near], second[near]
    weighted = angle[second, None] * flat[second // 3]
    total = np.stack([np.bincount(first, weighted[:, axis], 3 * count) for axis in range(3)], -1)
    size = np.linalg.norm(total, axis=1, keepdims=True)
    unit = np.where(size > 1e-12, total / np.maximum(size, 1e-12), np.repeat(flat, 3, axis=0))
    return unit.reshape(count, 3, 3).astype(np.float32)
