"""Reads a GLB back and compares it with what was meant. Independent of the writer: only the specification is shared."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path

import numpy as np
from PIL import Image

from t2a.colors import linear_to_srgb
from t2a.errors import UserError
from t2a.export.files import plain, to_uint8
from t2a.export.gltf import unit
from t2a.types import Material, Mesh

COMPONENTS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


def read_document(path: str | Path) -> tuple[dict, bytes]:
    """The JSON chunk and the binary chunk; raises UserError for what is no GLB 2.0."""
    data = Path(path).read_bytes()
    if len(data) < 20 or data[:4] != b"glTF":
        raise UserError(f"{path} is not a GLB file")
    version, length = struct.unpack("<II", data[4:12])
    if version != 2 or length != len(data):
        raise UserError(
            f"{path} is damaged or not glTF 2.0: version {version}, {length} bytes announced, {len(data)} found"
        )
    document, binary, offset = None, b"", 12
    while offset < length:
        size, kind = struct.unpack("<I4s", data[offset : offset + 8])
        chunk = data[offset + 8 : offset + 8 + size]
        if kind == b"JSON":
            document = json.loads(chunk)
        elif kind == b"BIN\0":
            binary = chunk
        offset += 8 + size
    if document is None:
        raise UserError(f"{path} has no JSON chunk: it is damaged")
    return document, binary


def read_glb(path: str | Path) -> tuple[Mesh, Material, dict]:
    """Mesh, material and provenance of a GLB with one mesh of one primitive, as `write_glb` makes them (positions as
    stored: node transforms are not applied)."""
    document, binary = read_document(path)

    def accessor(index: int) -> np.ndarray:
        entry = document["accessors"][index]
        view = document["bufferViews"][entry["bufferView"]]
        width = WIDTHS[entry["type"]]
        start = view.get("byteOffset", 0) + entry.get("byteOffset", 0)
        values = np.frombuffer(binary, COMPONENTS[entry["componentType"]], entry["count"] * width, start)
        return values.reshape(-1, width) if width > 1 else values

    primitive = document["meshes"][0]["primitives"][0]
    attributes = {name: accessor(index) for name, index in primitive["attributes"].items()}
    colors = attributes.get("COLOR_0")
    mesh = Mesh(
        attributes["POSITION"],
        accessor(primitive["indices"]).reshape(-1, 3).astype(np.int32),
        uvs=attributes.get("TEXCOORD_0"),
        normals=attributes.get("NORMAL"),
        colors=None if colors is None else linear_to_srgb(colors[:, :3]).astype(np.float32),
    )
    surface = document["materials"][primitive["material"]]["pbrMetallicRoughness"]
    base_color = None
    if "baseColorTexture" in surface:
        texture = document["textures"][surface["baseColorTexture"]["index"]]
        view = document["bufferViews"][document["images"][texture["source"]]["bufferView"]]
        start = view.get("byteOffset", 0)
        with Image.open(io.BytesIO(binary[start : start + view["byteLength"]])) as image:
            base_color = np.asarray(image.convert("RGB"), np.float32) / 255
    # The specification's defaults, for files of other writers.
    material = Material(base_color, surface.get("metallicFactor", 1.0), surface.get("roughnessFactor", 1.0))
    return mesh, material, document["asset"].get("extras", {})


def check_glb(path: str | Path, mesh: Mesh, material: Material, provenance: dict | None = None) -> list[str]:
    """What differs between the file and what was meant, in words; empty if nothing does."""
    got, got_material, got_provenance = read_glb(path)
    problems = []

    def same(name: str, found: np.ndarray | None, meant: np.ndarray | None, tolerance: float = 0.0) -> None:
        if (found is None) != (meant is None):
            problems.append(f"{name} {'missing' if found is None else 'not meant to be there'}")
        elif found is not None and meant is not None:
            if found.shape != meant.shape:
                problems.append(f"{name} has shape {found.shape} instead of {meant.shape}")
            elif len(found) and np.abs(found.astype(np.float64) - meant.astype(np.float64)).max() > tolerance:
                problems.append(f"{name} differs")

    textured = material.base_color is not None and mesh.uvs is not None
    same("positions", got.vertices, np.asarray(mesh.vertices, np.float32))
    same("triangles", got.faces, mesh.faces)
    same("normals", got.normals, None if mesh.normals is None else unit(mesh.normals).astype(np.float32))
    same("UVs", got.uvs, np.asarray(mesh.uvs, np.float32) if textured and mesh.uvs is not None else None)
    colors = None if textured or mesh.colors is None else np.asarray(mesh.colors, np.float32).clip(0, 1)
    same("vertex colours", got.colors, colors, 1e-5)
    meant_image = to_uint8(material.base_color) if textured and material.base_color is not None else None
    same("base colour", None if got_material.base_color is None else to_uint8(got_material.base_color), meant_image)
    if got_material.metallic != float(material.metallic) or got_material.roughness != float(material.roughness):
        problems.append("metallic or roughness differ")
    if got_provenance != (plain(provenance) or {}):
        problems.append("provenance differs")
    document, _ = read_document(path)
    bounds = document["accessors"][document["meshes"][0]["primitives"][0]["attributes"]["POSITION"]]
    same("minimum", np.array(bounds["min"]), got.vertices.min(0))
    same("maximum", np.array(bounds["max"]), got.vertices.max(0))
    return problems
