"""Binary STL, for 3D printing: triangles only."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from t2a.export.files import write_bytes
from t2a.export.gltf import check_mesh
from t2a.types import Mesh


def write_stl(path: str | Path, mesh: Mesh, millimetres: bool = True) -> Path:
    """Z up, as slicers expect, and in millimetres (STL has no units; slicers assume them), unless `millimetres` is
    False.
    """
    check_mesh(mesh)
    x, y, z = np.asarray(mesh.vertices, np.float64).T
    vertices = np.stack([x, -z, y], -1) * (1000.0 if millimetres else 1.0)
    corners = vertices[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    rows = np.zeros(len(corners), [("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    rows["normal"], rows["corners"] = normals, corners
    header = b"t2a: Z up, " + (b"millimetres" if millimetres else b"metres")
    return write_bytes(path, header.ljust(80, b" ") + np.uint32(len(rows)).tobytes() + rows.tobytes())
