"""GLB (binary glTF 2.0), written directly: one node, one mesh, a primitive and a material for each part, embedded PNGs.

The format is a JSON chunk that describes views into one binary chunk (glTF 2.0 specification, section 4). Written by
hand because importers disagree about defaults: metallicFactor and roughnessFactor are always explicit (an omitted
metallicFactor means pure metal), provenance goes to asset.extras, and min/max are those of the float32 values in the
file.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from t2a.colors import srgb_to_linear
from t2a.errors import UserError
from t2a.export.files import plain, png_bytes, write_bytes
from t2a.types import Material, Mesh, Part

FLOAT, UINT16, UINT32 = 5126, 5123, 5125
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
LINEAR, LINEAR_MIPMAP_LINEAR, CLAMP, REPEAT = 9729, 9987, 33071, 10497


def write_glb(
    path: str | Path,
    mesh: Mesh,
    material: Material,
    provenance: dict | None = None,
    name: str = "asset",
    rest: Sequence[Part] = (),
) -> Path:
    """Write the mesh exactly as it is (see `place`), in metres, Y up, front +Z; the `rest` are further primitives of it
    with materials of their own.

    Without `mesh.normals` viewers shade it flat.
    """
    return write_bytes(path, glb_bytes(mesh, material, provenance, name, rest))


def glb_bytes(
    mesh: Mesh, material: Material, provenance: dict | None = None, name: str = "asset", rest: Sequence[Part] = ()
) -> bytes:
    file = _Document(name)
    for part in (Part(name, mesh, material), *rest):
        check_mesh(part.mesh)
        file.add(part)
    return file.chunks(provenance)


class _Document:
    """The JSON chunk and the binary chunk while they grow."""

    def __init__(self, name: str):
        self.name = name
        self.binary = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []
        self.primitives: list[dict[str, Any]] = []
        self.materials: list[dict[str, Any]] = []
        self.images: list[dict[str, Any]] = []
        self.textures: list[dict[str, Any]] = []

    def add(self, part: Part) -> None:
        """A primitive and its material."""
        mesh, material = part.mesh, part.material
        attributes = {"POSITION": self._floats(mesh.vertices, "VEC3", bounds=True)}
        if mesh.normals is not None:
            attributes["NORMAL"] = self._floats(unit(mesh.normals), "VEC3")
        textured = material.base_color is not None and mesh.uvs is not None
        if textured:
            assert mesh.uvs is not None
            attributes["TEXCOORD_0"] = self._floats(mesh.uvs, "VEC2")
        elif mesh.colors is not None:
            # Vertex colours are linear in glTF, unlike textures.
            attributes["COLOR_0"] = self._floats(srgb_to_linear(mesh.colors), "VEC3")
        # The largest value of an index type is reserved (primitive restart).
        small = len(mesh.vertices) < 65535
        indices = np.ascontiguousarray(mesh.faces.reshape(-1), "<u2" if small else "<u4")
        primitive = {
            "attributes": attributes,
            "indices": self._accessor(indices, "SCALAR", UINT16 if small else UINT32, ELEMENT_ARRAY_BUFFER),
            "material": len(self.materials),
            "mode": 4,
        }
        self.primitives.append(primitive)
        self.materials.append(self._material(part, textured))

    def _material(self, part: Part, textured: bool) -> dict[str, Any]:
        material, kept = part.material, dict(part.material.kept)
        surface: dict[str, Any] = {
            "baseColorFactor": kept.pop("baseColorFactor", [1.0, 1.0, 1.0, 1.0]),
            "metallicFactor": float(material.metallic),
            "roughnessFactor": float(material.roughness),
        }
        described: dict[str, Any] = {"name": part.name, "pbrMetallicRoughness": surface}
        if textured:
            # Charts end at the texture's edge; what a file brought with it may repeat, as glTF does by default.
            wrap = REPEAT if part.material.kept else CLAMP
            surface["baseColorTexture"] = self._texture(material.base_color, part.name, wrap)
            for key, value in kept.items():
                where = surface if key == "metallicRoughnessTexture" else described
                image = isinstance(value, np.ndarray) and value.ndim == 3
                where[key] = self._texture(value, f"{part.name} {key}", wrap) if image else plain(value)
        else:
            described |= {k: plain(v) for k, v in kept.items() if not isinstance(v, np.ndarray) or v.ndim != 3}
        return described

    def _texture(self, image: Any, name: str, wrap: int) -> dict[str, int]:
        self.images.append({"name": name, "bufferView": self._view(png_bytes(image)), "mimeType": "image/png"})
        self.textures.append({"source": len(self.images) - 1, "sampler": 0 if wrap == CLAMP else 1})
        return {"index": len(self.textures) - 1}

    def _view(self, data: bytes, target: int | None = None) -> int:
        self.binary.extend(b"\0" * (-len(self.binary) % 4))
        entry: dict[str, Any] = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)}
        self.views.append(entry | ({"target": target} if target else {}))
        self.binary.extend(data)
        return len(self.views) - 1

    def _accessor(self, values: np.ndarray, kind: str, component: int, target: int, bounds: bool = False) -> int:
        entry: dict[str, Any] = {
            "bufferView": self._view(values.tobytes(), target),
            "componentType": component,
            "count": values.size if kind == "SCALAR" else len(values),
            "type": kind,
        }
        if bounds:  # float32 -> double is exact, and JSON prints doubles so that they read back the same
            entry |= {"min": values.min(0).astype(float).tolist(), "max": values.max(0).astype(float).tolist()}
        self.accessors.append(entry)
        return len(self.accessors) - 1

    def _floats(self, values: np.ndarray, kind: str, bounds: bool = False) -> int:
        return self._accessor(np.ascontiguousarray(values, "<f4"), kind, FLOAT, ARRAY_BUFFER, bounds)

    def chunks(self, provenance: dict | None) -> bytes:
        """The file."""
        document: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "t2a"} | ({"extras": plain(provenance)} if provenance else {}),
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"name": self.name, "mesh": 0}],
            "meshes": [{"name": self.name, "primitives": self.primitives}],
            "materials": self.materials,
        }
        if self.images:
            wraps = (CLAMP, REPEAT)[: 1 + max(texture["sampler"] for texture in self.textures)]
            document |= {
                "textures": self.textures,
                "images": self.images,
                "samplers": [
                    {"magFilter": LINEAR, "minFilter": LINEAR_MIPMAP_LINEAR, "wrapS": wrap, "wrapT": wrap}
                    for wrap in wraps
                ],
            }
        binary = self.binary + b"\0" * (-len(self.binary) % 4)
        document |= {"accessors": self.accessors, "bufferViews": self.views, "buffers": [{"byteLength": len(binary)}]}
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        encoded = text.encode("utf-8", "replace")
        encoded += b" " * (-len(encoded) % 4)
        return (
            struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(encoded) + 8 + len(binary))
            + struct.pack("<I4s", len(encoded), b"JSON")
            + encoded
            + struct.pack("<I4s", len(binary), b"BIN\0")
            + bytes(binary)
        )


def unit(normals: np.ndarray) -> np.ndarray:
    """Length 1 to within float32, as glTF demands; a zero normal becomes +Y."""
    normals = np.nan_to_num(np.asarray(normals, np.float64))
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 1e-12, normals / np.maximum(length, 1e-12), [0.0, 1.0, 0.0])


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
