"""Binary PLY: meshes with vertex colours, and point clouds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float

from t2a.errors import UserError
from t2a.export.files import to_uint8, write_bytes
from t2a.export.gltf import check_mesh
from t2a.types import Mesh, PointCloud


def write_ply(path: str | Path, mesh: Mesh) -> Path:
    """Positions, normals and 8-bit sRGB colours where the mesh has them (baked by `texture.bake.vertex_colors`)."""
    check_mesh(mesh)
    faces = np.empty(len(mesh.faces), [("n", "u1"), ("corners", "<i4", 3)])
    faces["n"], faces["corners"] = 3, mesh.faces
    header, rows = _vertices(mesh.vertices, mesh.normals, mesh.colors)
    header += [f"element face {len(mesh.faces)}", "property list uchar int vertex_indices"]
    return _write(path, header, rows.tobytes() + faces.tobytes())


def write_points(path: str | Path, cloud: PointCloud) -> Path:
    """Positions and 8-bit sRGB colours, if it has any: what viewers and scanners call a point cloud."""
    if len(cloud.points) == 0 or not np.isfinite(cloud.points).all():
        raise UserError("the cloud is empty or not finite; there is nothing to export")
    header, rows = _vertices(cloud.points, None, cloud.colors)
    return _write(path, header, rows.tobytes())


def _vertices(
    positions: Float[np.ndarray, "v 3"],
    normals: Float[np.ndarray, "v 3"] | None,
    colors: Float[np.ndarray, "v 3"] | None,
) -> tuple[list[str], np.ndarray]:
    """What the header says of them, and the rows themselves."""
    fields, columns = [(axis, "<f4") for axis in "xyz"], [np.asarray(positions, "<f4")]
    header = [f"element vertex {len(positions)}", *(f"property float {axis}" for axis in "xyz")]
    if normals is not None:
        fields += [("n" + axis, "<f4") for axis in "xyz"]
        columns.append(np.asarray(normals, "<f4"))
        header += [f"property float n{axis}" for axis in "xyz"]
    if colors is not None:
        fields += [(color, "u1") for color in ("red", "green", "blue")]
        columns.append(to_uint8(colors))
        header += [f"property uchar {color}" for color in ("red", "green", "blue")]
    rows = np.empty(len(positions), fields)
    for (field, _), values in zip(fields, (v for block in columns for v in block.T), strict=True):
        rows[field] = values
    return header, rows


def _write(path: str | Path, header: list[str], data: bytes) -> Path:
    start = ["ply", "format binary_little_endian 1.0", "comment t2a: metres, Y up, front +Z"]
    return write_bytes(path, ("\n".join([*start, *header, "end_header"]) + "\n").encode() + data)
