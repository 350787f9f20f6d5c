"""Pivot and scale: metres, Y up, front +Z, the base centre at the origin."""

from __future__ import annotations

import math

import numpy as np

from t2a.errors import UserError
from t2a.types import Mesh


def place(mesh: Mesh, height: float | None = None) -> Mesh:
    """The mesh with min Y = 0 and its bounding box centred in X and Z; uniformly scaled to `height` metres if given."""
    if height is not None and not (math.isfinite(height) and 1e-4 <= height <= 1e5):
        raise UserError(f"height is {height}; it must lie between 0.0001 and 100000 metres")
    if len(mesh.vertices) == 0:
        return mesh
    vertices = np.asarray(mesh.vertices, np.float64)
    low, high = vertices.min(0), vertices.max(0)
    if height is not None and high[1] == low[1]:
        raise UserError("the mesh is flat in Y, so its height cannot be set; leave height out")
    scale = 1.0 if height is None else height / (high[1] - low[1])
    base = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    return mesh.with_(vertices=((vertices - base) * scale).astype(np.float32))
