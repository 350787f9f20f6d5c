"""Wavefront OBJ with its .mtl and .png beside it, for tools without glTF."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from t2a.export.files import write_bytes, write_png
from t2a.export.gltf import check_mesh
from t2a.types import Material, Mesh


def write_obj(path: str | Path, mesh: Mesh, material: Material) -> Path:
    """Write `path` (.obj), and with a texture also .mtl and .png of the same stem.

    OBJ's v axis points up, so v is flipped.
    """
    check_mesh(mesh)
    path = Path(path)
    textured = mesh.uvs is not None and material.base_color is not None
    lines = ["# t2a: metres, Y up, front +Z"]
    if textured:
        assert mesh.uvs is not None and material.base_color is not None
        # Blanks and the like in file names break most OBJ readers: the companions get a plain name.
        stem = re.sub(r"[^A-Za-z0-9._-]+", "_", path.stem) or "asset"
        write_png(path.with_name(stem + ".png"), material.base_color)
        shine = (1 - material.roughness) ** 2 * 1000  # Blender's reading of Ns
        text = f"newmtl surface\nKd 1 1 1\nKs 0.5 0.5 0.5\nNs {shine:.6g}\nPr {material.roughness:.6g}\n"
        text += f"Pm {material.metallic:.6g}\nillum 2\nmap_Kd {stem}.png\n"
        write_bytes(path.with_name(stem + ".mtl"), text.encode())
        lines += [f"mtllib {stem}.mtl", "usemtl surface"]
    vertices = mesh.vertices if mesh.colors is None else np.hstack([mesh.vertices, mesh.colors])
    lines += ["v " + " ".join(f"{x:.9g}" for x in row) for row in vertices.tolist()]
    if textured and mesh.uvs is not None:
        lines += [f"vt {u:.9g} {1 - v:.9g}" for u, v in mesh.uvs.tolist()]
    if mesh.normals is not None:
        lines += [f"vn {x:.6g} {y:.6g} {z:.6g}" for x, y, z in mesh.normals.tolist()]
    pattern = {(False, False): "{0}", (True, False): "{0}/{0}", (False, True): "{0}//{0}", (True, True): "{0}/{0}/{0}"}
    corner = pattern[textured, mesh.normals is not None].format
    lines += ["f " + " ".join(corner(i) for i in row) for row in (mesh.faces + 1).tolist()]
    return write_bytes(path, ("\n".join(lines) + "\n").encode())
