"""The parts of a mesh file, one for each material, with what each of them looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from t2a.colors import linear_to_srgb
from t2a.mesh.read import check_triangles, parts_of
from t2a.types import Material, Mesh, Part

TEXTURES = ("normalTexture", "occlusionTexture", "emissiveTexture", "metallicRoughnessTexture")
VALUES = ("emissiveFactor", "alphaMode", "alphaCutoff", "doubleSided")
LINEAR = (".glb", ".gltf")
"""Formats whose vertex colours are linear."""
GREY = 0.75
"""sRGB, of what has neither a texture nor a colour."""


def read_parts(path: str | Path) -> list[Part]:
    """The triangles of each material, placed as the file places them: positions bit by bit where its transforms are the
    identity. A part is named after its material, else after its node; its mesh has the vertices' colours where the file
    has them. Raises UserError as `read_mesh` does."""
    found: dict[str, list[Part]] = {}
    for number, raw in enumerate(parts_of(Path(path))):
        part = _part(raw, f"part {number + 1}")
        if part.mesh.colors is not None and Path(path).suffix.lower() in LINEAR:
            part = replace(part, mesh=part.mesh.with_(colors=linear_to_srgb(part.mesh.colors)))
        check_triangles(part.mesh, Path(path))
        found.setdefault(part.name, []).append(part)
    return [Part(name, joined([p.mesh for p in same]), same[0].material) for name, same in found.items()]


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """One after the other; UVs, normals and colours if all of them have some."""

    def all_of(name: str) -> np.ndarray | None:
        values = [getattr(mesh, name) for mesh in meshes]
        return None if any(v is None for v in values) else np.concatenate(values)

    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    faces = np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]).astype(np.int32)
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]), faces, all_of("uvs"), all_of("normals"), all_of("colors")
    )


def part_of_face(parts: Sequence[Mesh]) -> Int[np.ndarray, " f"]:
    """Which mesh each triangle of `joined` comes from."""
    return np.repeat(np.arange(len(parts)), [len(mesh.faces) for mesh in parts])


def shown_texture(material: Material) -> Float[np.ndarray, "h w 3"]:
    """What colours the surface: its texture times its colour, or that colour in a single texel."""
    factor = np.asarray(material.kept.get("baseColorFactor", (1.0, 1.0, 1.0, 1.0)), np.float64)[:3]
    tint = linear_to_srgb(factor)
    image = material.base_color
    if image is None:
        plain = tint if "baseColorFactor" in material.kept else np.full(3, GREY)
        return plain.astype(np.float32).reshape(1, 1, 3)
    return (image[..., :3] * tint).astype(np.float32).clip(0, 1)


def _part(raw: Any, fallback: str) -> Part:
    vertices = np.asarray(raw.vertices, np.float32)
    uv = getattr(raw.visual, "uv", None)
    uvs = None
    if uv is not None and len(uv) == len(vertices):
        uvs = np.asarray(uv, np.float32).copy()
        uvs[:, 1] = 1 - uvs[:, 1]  # trimesh counts v from the bottom
    # Only normals that the file has: those that trimesh would make round off every edge.
    given = raw._cache.cache.get("vertex_normals")
    normals = None if given is None or len(given) != len(vertices) else np.asarray(given, np.float32)
    surface = getattr(raw.visual, "material", None)
    name = getattr(surface, "name", None) or raw.metadata.get("name") or fallback
    colors = None
    if raw.visual.kind == "vertex":
        colors = np.asarray(raw.visual.vertex_colors, np.float32)[:, :3] / 255
    mesh = Mesh(vertices, np.asarray(raw.faces, np.int32), uvs, normals, colors)
    return Part(str(name), mesh, _material(surface))


def _material(surface: Any) -> Material:
    """glTF's view of a material that trimesh has read."""
    if surface is not None and hasattr(surface, "to_pbr"):
        surface = surface.to_pbr()
    if surface is None or not hasattr(surface, "baseColorFactor"):
        return Material()
    kept: dict[str, Any] = {}
    for name in TEXTURES:
        if (image := getattr(surface, name, None)) is not None:
            kept[name] = np.asarray(image.convert("RGB"), np.float32) / 255
    kept |= {name: value for name in VALUES if (value := getattr(surface, name, None)) is not None}
    if surface.baseColorFactor is not None:
        # trimesh stores 8 bits; files hold floats.
        kept["baseColorFactor"] = [float(x) / 255 for x in np.asarray(surface.baseColorFactor, np.float64)]
    image = surface.baseColorTexture
    color = None
    if image is not None:
        mode = "RGBA" if "A" in image.getbands() else "RGB"
        color = np.asarray(image.convert(mode), np.float32) / 255
    # glTF's own defaults, where a file says nothing.
    metallic = 1.0 if surface.metallicFactor is None else float(surface.metallicFactor)
    roughness = 1.0 if surface.roughnessFactor is None else float(surface.roughnessFactor)
    return Material(color, metallic, roughness, kept)
