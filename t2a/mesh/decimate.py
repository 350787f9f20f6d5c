"""Fewer triangles, still a closed surface. Runs BEFORE unwrapping: xatlas takes an hour on 400 000 triangles."""

from __future__ import annotations

import fast_simplification
import numpy as np

from t2a.errors import UserError
from t2a.mesh.clean import compact, piece_volumes
from t2a.mesh.collapse import collapse
from t2a.mesh.topology import Topology, face_components, topology
from t2a.types import Mesh

MIN_FACES, MAX_FACES = 12, 400_000
"""A box has 12; above the upper limit unwrapping does not end in reasonable time."""


def decimate(mesh: Mesh, faces: int) -> Mesh:
    """At most `faces` triangles by the quadric error metric: the same pieces and handles, and closed if `mesh` is.

    fast_simplification does it first; where it breaks the surface, `collapse` does it, which cannot. Only if the budget
    is too small for all pieces the smallest ones go. Raises UserError for a budget out of range.
    """
    if not MIN_FACES <= faces <= MAX_FACES:
        raise UserError(f"the face budget is {faces}; it must lie between {MIN_FACES} and {MAX_FACES}")
    mesh = Mesh(mesh.vertices, mesh.faces)
    if len(mesh.faces) <= faces:
        return mesh
    meant = topology(mesh)
    fast = quadric(mesh, faces)
    # It stops short of small budgets on some shapes, hence the lower bound.
    if 0.8 * faces <= len(fast.faces) <= faces and unbroken(topology(fast), meant):
        return fast
    while True:
        result = collapse(mesh, faces)
        if len(result.faces) <= faces:
            return result
        pieces, label = face_components(mesh.faces)
        if pieces == 1:
            raise UserError(
                f"this object cannot be shown with {faces} triangles; the fewest possible are {len(result.faces)}"
            )
        smallest = np.abs(piece_volumes(mesh, label, pieces)).argmin()
        mesh = compact(mesh.vertices, mesh.faces[label != smallest])


def unbroken(now: Topology, meant: Topology) -> bool:
    return (
        now.watertight == meant.watertight
        and now.components == meant.components
        and now.euler == meant.euler
        and now.bad_edges <= meant.bad_edges
    )


def quadric(mesh: Mesh, faces: int) -> Mesh:
    """Garland & Heckbert (1997), by fast_simplification."""
    vertices, triangles = fast_simplification.simplify(
        np.ascontiguousarray(mesh.vertices, np.float32),
        np.ascontiguousarray(mesh.faces, np.int32),
        target_count=faces,
        agg=5,
    )
    triangles = np.asarray(triangles, np.int32).reshape(-1, 3)
    triangles = triangles[(triangles != np.roll(triangles, 1, axis=1)).all(1)]
    return compact(np.asarray(vertices, np.float32), triangles)
