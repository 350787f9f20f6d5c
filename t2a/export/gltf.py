"""GLB (binary glTF 2.0), written directly: one node, one mesh, one material, one embedded PNG.

The format is a JSON chunk that describes views into one binary chunk (glTF 2.0 specification, section 4). Written by
hand because importers disagree about defaults: metallicFactor and roughnessFactor are always explicit (an omitted
metallicFactor means pure metal), provenance goes to asset.extras, and min/max are those of the float32 values in the
file.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from t2a.errors import UserError
from t2a.export.files import plain, png_bytes, write_bytes
from t2a.types import Material, Mesh

FLOAT, UINT16, UINT32 = 5126, 5123, 5125
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
LINEAR, LINEAR_MIPMAP_LINEAR, CLAMP = 9729, 9987, 33071


def write_glb(
    path: str | Path, mesh: Mesh, material: Material, provenance: dict | None = None, name: str = "asset"
) -> Path:
    """Write the mesh exactly as it is (see `place`), in metres, Y up, front +Z.

    Without `mesh.normals` viewers shade it flat.
    """
    return write_bytes(path, glb_bytes(mesh, material, provenance, name))


def glb_bytes(mesh: Mesh, material: Material, provenance: dict | None = None, name: str = "asset") -> bytes:
    check_mesh(mesh)
    binary = bytearray()
    views: list[dict[str, Any]] = []
    accessors: list[dict[str, Any]] = []

    def view(data: bytes, target: int | None = None) -> int:
        binary.extend(b"\0" * (-len(binary) % 4))
        entry: dict[str, Any] = {"buffer": 0, "byteOffset": len(binary), "byteLength": len(data)}
        views.append(entry | ({"target": target} if target else {}))
        binary.extend(data)
        return len(views) - 1

    def accessor(values: np.ndarray, kind: str, component: int, target: int, bounds: bool = False) -> int:
        entry: dict[str, Any] = {
            "bufferView": view(values.tobytes(), target),
            "componentType": component,
            "count": values.size if kind == "SCALAR" else len(values),
            "type": kind,
        }
        if bounds:  # float32 -> double is exact, and JSON prints doubles so that they read back the same
            entry |= {"min": values.min(0).astype(float).tolist(), "max": values.max(0).astype(float).tolist()}
        accessors.append(entry)
        return len(accessors) - 1

    def floats(values: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(values, "<f4")

    attributes = {"POSITION": accessor(floats(mesh.vertices), "VEC3", FLOAT, ARRAY_BUFFER, bounds=True)}
    if mesh.normals is not None:
        attributes["NORMAL"] = accessor(floats(unit(mesh.normals)), "VEC3", FLOAT, ARRAY_BUFFER)
    textured = material.base_color is not None and mesh.uvs is not None
    if textured:
        assert mesh.uvs is not None
        attributes["TEXCOORD_0"] = accessor(floats(mesh.uvs), "VEC2", FLOAT, ARRAY_BUFFER)
    elif mesh.colors is not None:
        # Vertex colours are linear in glTF, unlike textures.
        attributes["COLOR_0"] = accessor(floats(srgb_to_linear(mesh.colors)), "VEC3", FLOAT, ARRAY_BUFFER)
    # The largest value of an index type is reserved (primitive restart).
    small = len(mesh.vertices) < 65535
    indices = np.ascontiguousarray(mesh.faces.reshape(-1), "<u2" if small else "<u4")
    primitive = {
        "attributes": attributes,
        "indices": accessor(indices, "SCALAR", UINT16 if small else UINT32, ELEMENT_ARRAY_BUFFER),
        "material": 0,
        "mode": 4,
    }
    surface: dict[str, Any] = {
        "baseColorFactor": [1.0, 1.0, 1.0, 1.0],
        "metallicFactor": float(material.metallic),
        "roughnessFactor": float(material.roughness),
    }
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "t2a"} | ({"extras": plain(provenance)} if provenance else {}),
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": name, "mesh": 0}],
        "meshes": [{"name": name, "primitives": [primitive]}],
        "materials": [{"name": name, "pbrMetallicRoughness": surface}],
    }
    if textured:
        assert material.base_color is not None
        surface["baseColorTexture"] = {"index": 0}
        image = view(png_bytes(material.base_color))
        document |= {
            "textures": [{"source": 0, "sampler": 0}],
            "images": [{"name": name, "bufferView": image, "mimeType": "image/png"}],
            "samplers": [
                {"magFilter": LINEAR, "minFilter": LINEAR_MIPMAP_LINEAR, "wrapS": CLAMP, "wrapT": CLAMP},
            ],
        }
    binary.extend(b"\0" * (-len(binary) % 4))
    document |= {"accessors": accessors, "bufferViews": views, "buffers": [{"byteLength": len(binary)}]}
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    text += b" " * (-len(text) % 4)
    return (
        struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + len(binary))
        + struct.pack("<I4s", len(text), b"JSON")
        + text
        + struct.pack("<I4s", len(binary), b"BIN\0")
        + bytes(binary)
    )


def unit(normals: np.ndarray) -> np.ndarray:
    """Length 1 to within float32, as glTF demands; a zero normal becomes +Y."""
    normals = np.nan_to_num(np.asarray(normals, np.float64))
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 1e-12, normals / np.maximum(length, 1e-12), [0.0, 1.0, 0.0])


def srgb_to_linear(color: np.ndarray) -> np.ndarray:
    """IEC 61966-2-1."""
    color = np.asarray(color, np.float64).clip(0, 1)
    return np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(color: np.ndarray) -> np.ndarray:
    color = np.asarray(color, np.float64).clip(0, 1)
    return np.where(color <= 0.0031308, color * 12.92, 1.055 * color ** (1 / 2.4) - 0.055)


def check_mesh(mesh: Mesh) -> None:
    """What every file format needs; raises UserError."""
    if len(mesh.vertices) == 0 or len(mesh.faces) == 0:
        raise UserError("the mesh is empty; there is nothing to export")
    if not np.isfinite(mesh.vertices).all():
        raise UserError("the mesh has vertices that are NaN or infinite; clean it before exporting")
    if mesh.faces.min() < 0 or mesh.faces.max() >= len(mesh.vertices):
        raise UserError(f"a triangle names vertex {mesh.faces.max()}, but the mesh has {len(mesh.vertices)} vertices")
    if mesh.uvs is not None and not np.isfinite(mesh.uvs).all():
        raise UserError("the mesh has UV coordinates that are NaN or infinite; unwrap it again")
