"""From whatever triangles to a clean closed surface: merged, manifold, wound outwards, without floaters or hidden
pieces.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from t2a.cameras import orbit
from t2a.errors import UserError
from t2a.mesh.normals import face_normals, weld
from t2a.mesh.raster import rasterize
from t2a.mesh.topology import face_components, half_edges
from t2a.types import Mesh


def clean(mesh: Mesh, min_volume: float = 0.01, smooth: int = 0, close: bool = True, hidden: bool = False) -> Mesh:
    """Clean geometry (UVs, normals and colours are dropped: they are made afterwards).

    Pieces smaller than `min_volume` (0..1) of the largest one are floaters and go; others stay, so objects may have
    several bodies. `close` fills holes; `smooth` is the number of Taubin passes; pieces that nobody can see from
    outside go unless `hidden`. Raises UserError if nothing is left.
    """
    if not 0 <= min_volume < 1:
        raise UserError(f"min_volume is {min_volume}; it must lie in [0, 1), a share of the largest piece")
    if smooth < 0:
        raise UserError(f"smooth is {smooth}; it must be 0 (off) or a number of passes, e.g. 10")
    mesh = merge(mesh)
    mesh = drop_excess_faces(mesh)
    mesh = orient(mesh)
    if close:
        mesh = fill_holes(mesh)
    mesh = split_pinched_vertices(mesh)
    mesh = drop_floaters(mesh, min_volume)
    if not hidden:
        mesh = drop_hidden(mesh)
    if smooth:
        mesh = taubin(mesh, smooth)
    if len(mesh.faces) == 0:
        raise UserError(
            "the mesh is empty after cleaning: it held no proper triangles; check the file or the density threshold"
        )
    return mesh


def merge(mesh: Mesh) -> Mesh:
    """Finite, welded, without degenerate or repeated triangles or unused vertices."""
    vertices = np.asarray(mesh.vertices, np.float32).reshape(-1, 3)
    faces = np.asarray(mesh.faces).reshape(-1, 3)
    if len(faces) and (faces.min() < 0 or faces.max() >= len(vertices)):
        raise UserError(
            f"a triangle names vertex {faces.max()}, but the mesh has {len(vertices)} vertices; the file is damaged"
        )
    faces = faces[np.isfinite(vertices[faces]).all((1, 2))]
    if len(faces) == 0:
        raise UserError("the mesh has no triangles with finite vertices; check the file")
    positions, index = weld(np.nan_to_num(vertices))
    faces = index[faces]
    faces = faces[(faces != np.roll(faces, 1, axis=1)).all(1)]
    # The same three corners twice, in either winding, is one triangle. (Two of opposite winding enclose nothing.)
    _, first = np.unique(np.sort(faces, axis=1), axis=0, return_index=True)
    return compact(positions, faces[np.sort(first)])


def compact(vertices: Float[np.ndarray, "v 3"], faces: Int[np.ndarray, "f 3"]) -> Mesh:
    """Without the vertices that no triangle uses."""
    used, index = np.unique(faces, return_inverse=True)
    return Mesh(vertices[used].astype(np.float32), index.reshape(-1, 3).astype(np.int32))


def _edge_groups(faces: Int[np.ndarray, "f 3"]) -> tuple[np.ndarray, np.ndarray]:
    """For each half-edge: the number of its undirected edge, and how many half-edges share that one."""
    edges = np.sort(half_edges(faces), axis=1).astype(np.int64)
    key = edges[:, 0] * (int(faces.max(initial=0)) + 1) + edges[:, 1]
    _, group, count = np.unique(key, return_inverse=True, return_counts=True)
    group = group.reshape(-1)
    return group, count[group]


def drop_excess_faces(mesh: Mesh) -> Mesh:
    """Edges of more than two triangles keep the two largest; holes that this opens are filled later."""
    faces, vertices = mesh.faces, mesh.vertices
    area = np.linalg.norm(face_normals(mesh), axis=1)
    for _ in range(10):
        group, count = _edge_groups(faces)
        if count.max(initial=0) <= 2:
            break
        face = np.arange(len(group)) // 3
        order = np.lexsort((-area[face], group))
        start = np.r_[True, group[order][1:] != group[order][:-1]]
        rank = np.arange(len(order)) - np.maximum.accumulate(np.where(start, np.arange(len(order)), 0))
        excess = np.unique(face[order[rank >= 2]])
        keep = np.ones(len(faces), bool)
        keep[excess] = False
        faces, area = faces[keep], area[keep]
    return compact(vertices, faces)


def orient(mesh: Mesh) -> Mesh:
    """Neighbours agree on the winding, and each closed piece encloses a positive volume.

    A piece that was consistent keeps its sign (a cavity stays a cavity); only pieces whose winding had to be repaired
    are turned outwards.
    """
    faces = mesh.faces.copy()
    group, count = _edge_groups(faces)
    edges = half_edges(faces)
    order = np.argsort(group, kind="stable")
    pair = count[order] == 2
    pairs = order[pair].reshape(-1, 2)
    a, b = pairs[:, 0] // 3, pairs[:, 1] // 3
    disagree = edges[pairs[:, 0], 0] == edges[pairs[:, 1], 0]
    pieces, label = face_components(faces)
    if disagree.any():
        # Walk from triangle to triangle; a neighbour that disagrees gets the opposite flip.
        neighbours: list[list[tuple[int, bool]]] = [[] for _ in range(len(faces))]
        for i, j, d in zip(a.tolist(), b.tolist(), disagree.tolist(), strict=True):
            neighbours[i].append((j, d))
            neighbours[j].append((i, d))
        flip = np.full(len(faces), -1, np.int8)
        for seed in range(len(faces)):
            if flip[seed] >= 0:
                continue
            flip[seed] = 0
            stack = [seed]
            while stack:
                i = stack.pop()
                for j, d in neighbours[i]:
                    if flip[j] < 0:
                        flip[j] = flip[i] ^ d
                        stack.append(j)
        faces[flip == 1] = faces[flip == 1][:, ::-1]
    repaired = np.zeros(pieces, bool)
    repaired[label[a[disagree]]] = True
    volume = piece_volumes(Mesh(mesh.vertices, faces), label, pieces)
    # The whole mesh inside out is a mistake of its maker, too.
    if volume[~repaired].sum() < 0:
        repaired[~repaired] = True
    turn = (repaired & (volume < 0))[label]
    faces[turn] = faces[turn][:, ::-1]
    return Mesh(mesh.vertices, faces)


def piece_volumes(mesh: Mesh, label: Int[np.ndarray, " f"], pieces: int) -> Float[np.ndarray, " p"]:
    """Signed volume of each piece, cubic scene units (of open pieces: of the cone to their centroid)."""
    normals = face_normals(mesh)
    corner = mesh.vertices[mesh.faces].astype(np.float64).mean(1)
    size = np.maximum(np.bincount(label, minlength=pieces), 1)
    centre = np.stack([np.bincount(label, corner[:, i], pieces) / size for i in range(3)], -1)
    return np.bincount(label, np.einsum("fi,fi->f", corner - centre[label], normals) / 6, pieces)


def fill_holes(mesh: Mesh) -> Mesh:
    """Every closed boundary loop gets a fan around its centroid, wound like its neighbours."""
    vertices, faces = [mesh.vertices], [mesh.faces]
    group, count = _edge_groups(mesh.faces)
    edges = half_edges(mesh.faces)[count == 1]
    following: dict[int, list[int]] = {}
    for start, end in edges[:, ::-1].tolist():  # the hole's own direction
        following.setdefault(start, []).append(end)
    total = len(mesh.vertices)
    while following:
        start = next(iter(following))
        path, seen = [start], {start: 0}
        while True:
            ends = following.get(path[-1])
            if not ends:  # winding was inconsistent here: cannot close
                break
            end = ends.pop()
            if not ends:
                del following[path[-1]]
            if end in seen:  # a loop, maybe with a tail that touches itself: cut the loop off and go on
                loop = path[seen[end] :]
                for v in loop[1:]:
                    del seen[v]
                path = path[: seen[end] + 1]
                if len(loop) == 3:
                    faces.append(np.array([loop], np.int32))
                elif len(loop) > 3:
                    vertices.append(mesh.vertices[loop].mean(0, dtype=np.float64)[None].astype(np.float32))
                    ring = np.array(loop, np.int32)
                    faces.append(np.stack([ring, np.roll(ring, -1), np.full_like(ring, total)], -1))
                    total += 1
                if len(path) == 1:
                    break
                continue
            seen[end] = len(path)
            path.append(end)
    return Mesh(np.concatenate(vertices), np.concatenate(faces))


def split_pinched_vertices(mesh: Mesh) -> Mesh:
    """Where several sheets meet in one vertex only, each gets its own copy, moved a hair so that welding does not undo
    it.
    """
    corner_count = 3 * len(mesh.faces)
    if corner_count == 0:
        return mesh
    # Corners of one vertex belong together if an edge at that vertex joins their triangles.
    group, _ = _edge_groups(mesh.faces)
    order = np.argsort(group, kind="stable")
    same = group[order][1:] == group[order][:-1]
    first, second = order[:-1][same], order[1:][same]
    flat = mesh.faces.reshape(-1)

    def end_corner(half: np.ndarray) -> np.ndarray:
        return half // 3 * 3 + (half + 1 - half // 3 * 3) % 3

    rows, columns = [], []
    for p in (first, end_corner(first)):
        for q in (second, end_corner(second)):
            meet = flat[p] == flat[q]
            rows.append(p[meet])
            columns.append(q[meet])
    row, column = np.concatenate(rows), np.concatenate(columns)
    graph = coo_matrix((np.ones(len(row), np.int8), (row, column)), shape=(corner_count, corner_count))
    count, fan = connected_components(graph, directed=False)
    if count == len(mesh.vertices):
        return mesh
    _, start = np.unique(fan, return_index=True)
    vertices = mesh.vertices[flat[start]].astype(np.float32)
    faces = fan.reshape(-1, 3).astype(np.int32)
    seen, copies = np.unique(flat[start], return_counts=True)
    pinched = np.isin(flat[start], seen[copies > 1])
    centre = vertices[faces].mean(1)
    total = np.stack([np.bincount(fan, np.repeat(centre[:, i], 3), count) for i in range(3)], -1)
    mean = total / np.bincount(fan, minlength=count)[:, None]
    vertices[pinched] += (0.02 * (mean[pinched] - vertices[pinched])).astype(np.float32)
    return Mesh(vertices, faces)


def drop_floaters(mesh: Mesh, min_volume: float) -> Mesh:
    """Without the pieces whose volume is less than `min_volume` of the largest."""
    pieces, label = face_components(mesh.faces)
    if pieces <= 1:
        return mesh
    volume = np.abs(piece_volumes(mesh, label, pieces))
    return compact(mesh.vertices, mesh.faces[(volume >= min_volume * volume.max())[label]])


def drop_hidden(mesh: Mesh) -> Mesh:
    """Without the pieces that no camera around the object sees: cavities and what lies in them."""
    pieces, label = face_components(mesh.faces)
    if pieces <= 1:
        return mesh
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    radius = max(float(np.linalg.norm(high - low)) / 2, 1e-12)
    centred = Mesh((mesh.vertices - (low + high) / 2) / radius, mesh.faces)
    cameras = orbit([0, 60, 120, 180, 240, 300] * 3 + [0, 0], [0] * 6 + [40] * 6 + [-40] * 6 + [85, -85], 3.0, 40.0)
    visible = np.zeros(pieces, bool)
    for i in range(len(cameras)):
        face = rasterize(centred, cameras[i : i + 1], 256, 256).face
        visible[label[np.unique(face[face >= 0])]] = True
    return compact(mesh.vertices, mesh.faces[visible[label]]) if visible.any() else mesh


def taubin(mesh: Mesh, passes: int, shrink: float = 0.5, inflate: float = -0.53) -> Mesh:
    """Taubin (1995) lambda-mu smoothing with uniform weights: removes grid noise without shrinking. Boundaries stay."""
    group, count = _edge_groups(mesh.faces)
    edges = half_edges(mesh.faces)
    total = len(mesh.vertices)
    both = np.concatenate([edges, edges[:, ::-1]])
    graph = coo_matrix((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(total, total)).tocsr()
    degree = np.maximum(np.asarray(graph.sum(1)).reshape(-1, 1), 1)
    free = np.ones((total, 1))
    free[edges[count == 1].reshape(-1)] = 0
    vertices = mesh.vertices.astype(np.float64)
    for _ in range(passes):
        for factor in (shrink, inflate):
            vertices = vertices + factor * free * (graph @ vertices / degree - vertices)
    return Mesh(vertices.astype(np.float32), mesh.faces)
