"""Files out: GLB, OBJ, PLY, STL, each written under a temporary name, checked, then renamed."""

from __future__ import annotations

from pathlib import Path

from t2a.errors import UserError
from t2a.export.files import check_writable, replacing, write_json, write_png
from t2a.export.gltf import write_glb
from t2a.export.obj import write_obj
from t2a.export.place import place
from t2a.export.ply import write_ply, write_points
from t2a.export.readback import check_glb, read_glb
from t2a.export.report import mesh_report
from t2a.export.stl import write_stl
from t2a.types import Asset

__all__ = [
    "check_glb",
    "check_writable",
    "mesh_report",
    "place",
    "read_glb",
    "save_asset",
    "write_glb",
    "write_json",
    "write_obj",
    "write_ply",
    "write_points",
    "write_png",
    "write_stl",
]


def save_asset(asset: Asset, path: str | Path, height: float | None = None) -> Path:
    """Write `path` (.glb), and beside it the report (.json) and the contact sheet (.png). Returns the GLB's path.

    The mesh is placed as glTF wants it (`place`), unless `asset.placed` is False: base centre at the origin, and
    `height` metres tall if that or `asset.report["height"]` is given. The provenance in the file is
    `asset.report["provenance"]`. What was written is read back and compared before it takes its name. Raises UserError
    if the place cannot be written or the suffix is another one.
    """
    path = Path(path)
    if path.suffix.lower() != ".glb":
        raise UserError(f"{path.name} does not end in .glb; use write_obj, write_ply or write_stl for other formats")
    check_writable(path)
    mesh = asset.mesh
    if asset.placed:
        mesh = place(mesh, asset.report.get("height") if height is None else height)
    provenance = asset.report.get("provenance", {})
    with replacing(path) as temporary:
        write_glb(temporary, mesh, asset.material, provenance, path.stem, asset.rest)
        problems = check_glb(temporary, mesh, asset.material, provenance)
        if problems:
            raise RuntimeError(f"the GLB reads back differently: {'; '.join(problems)}; please report this as a bug")
    write_json(path.with_suffix(".json"), asset.report)
    if asset.contact_sheet is not None:
        write_png(path.with_suffix(".png"), asset.contact_sheet)
    return path
