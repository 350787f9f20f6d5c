"""What a triangle mesh is as a surface: edges, pieces, holes. Positions only: UV seams do not cut it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from t2a.mesh.normals import weld
from t2a.types import Mesh


@dataclass(frozen=True)
class Topology:
    watertight: bool
    """Each edge joins exactly two triangles that agree on the winding."""
    components: int
    """Pieces connected through shared edges."""
    euler: int
    """V - E + F: 2 for each sphere-like piece, less 2 for each handle."""
    boundary_edges: int
    bad_edges: int
    """Edges of three or more triangles, or of two that disagree on the winding."""


def half_edges(faces: Int[np.ndarray, "f 3"]) -> Int[np.ndarray, "3*f 2"]:
    """Row 3 f + i goes from corner i of triangle f to the next."""
    return np.stack([faces, np.roll(faces, -1, axis=1)], -1).reshape(-1, 2)


def face_components(faces: Int[np.ndarray, "f 3"]) -> tuple[int, Int[np.ndarray, " f"]]:
    """Number of pieces, and the piece of each triangle. Pieces that touch in one vertex only are two."""
    if len(faces) == 0:
        return 0, np.zeros(0, np.int64)
    edges = np.sort(half_edges(faces).astype(np.int64), axis=1)
    key = edges[:, 0] * (int(faces.max()) + 1) + edges[:, 1]
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    a, b = order[:-1][same] // 3, order[1:][same] // 3
    graph = coo_matrix((np.ones(len(a), np.int8), (a, b)), shape=(len(faces), len(faces)))
    count, label = connected_components(graph, directed=False)
    return int(count), label


def topology(mesh: Mesh) -> Topology:
    positions, index = weld(mesh.vertices)
    faces = index[mesh.faces].astype(np.int64)
    if len(faces) == 0:
        return Topology(False, 0, 0, 0, 0)
    edges = half_edges(faces)
    low, high = edges.min(1), edges.max(1)
    key = low * len(positions) + high
    forward = edges[:, 0] < edges[:, 1]
    unique, where = np.unique(key, return_inverse=True)
    where = where.reshape(-1)
    up, down = np.bincount(where, forward, len(unique)), np.bincount(where, ~forward, len(unique))
    collapsed = np.bincount(where, low == high, len(unique)) > 0
    boundary = (up + down == 1) & ~collapsed
    bad = (((up > 1) | (down > 1)) & ~boundary) | collapsed
    count, _ = face_components(faces)
    return Topology(
        watertight=not (boundary.any() or bad.any()),
        components=count,
        euler=len(np.unique(faces)) - len(unique) + len(faces),
        boundary_edges=int(boundary.sum()),
        bad_edges=int(bad.sum()),
    )
