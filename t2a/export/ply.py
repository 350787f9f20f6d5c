"""Binary PLY with vertex colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from t2a.export.files import to_uint8, write_bytes
from t2a.export.gltf import check_mesh
from t2a.types import Mesh


def write_ply(path: str | Path, mesh: Mesh) -> Path:
    """Positions, normals and 8-bit sRGB colours where the mesh has them (baked by `texture.bake.vertex_colors`)."""
    check_mesh(mesh)
    fields, columns = [(axis, "<f4") for axis in "xyz"], [np.asarray(mesh.vertices, "<f4")]
    header = ["ply", "format binary_little_endian 1.0", "comment t2a: metres, Y up, front +Z"]
    header += [f"element vertex {len(mesh.vertices)}", *(f"property float {axis}" for axis in "xyz")]
    if mesh.normals is not None:
        fields += [("n" + axis, "<f4") for axis in "xyz"]
        columns.append(np.asarray(mesh.normals, "<f4"))
        header += [f"property float n{axis}" for axis in "xyz"]
    if mesh.colors is not None:
        fields += [(color, "u1") for color in ("red", "green", "blue")]
        columns.append(to_uint8(mesh.colors))
        header += [f"property uchar {color}" for color in ("red", "green", "blue")]
    rows = np.empty(len(mesh.vertices), fields)
    for (field, _), values in zip(fields, (v for block in columns for v in block.T), strict=True):
        rows[field] = values
    faces = np.empty(len(mesh.faces), [("n", "u1"), ("corners", "<i4", 3)])
    faces["n"], faces["corners"] = 3, mesh.faces
    header += [f"element face {len(mesh.faces)}", "property list uchar int vertex_indices", "end_header"]
    return write_bytes(path, ("\n".join(header) + "\n").encode() + rows.tobytes() + faces.tobytes())
