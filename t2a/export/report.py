"""Numbers that say whether an asset is usable, and why not if it is not."""

from __future__ import annotations

from typing import Any

import numpy as np

from t2a.types import Material, Mesh

MIN_COVERAGE = 0.4
"""Share of the texture in use. xatlas reaches 0.5-0.7; less than 0.4 means a chart layout that wastes texture memory.
"""
MAX_OVERLAP = 1e-4
"""Share of texels with two owners: 100 texels in a million, below what an eye finds; true overlaps are far larger."""
MIN_PSNR = 28.0
"""dB between renders of the mesh and of the scene on views the bake did not use: below, the difference shows at a
glance.
"""


def mesh_report(
    mesh: Mesh,
    material: Material,
    *,
    face_budget: int | None = None,
    uv_coverage: float | None = None,
    uv_overlap: float | None = None,
    psnr: float | None = None,
    silhouette_iou: float | None = None,
    watertight_expected: bool = True,
) -> dict[str, Any]:
    """Statistics, `passed`, and `failed`: a list of {check, value, limit, why}. JSON types only.

    UV figures come from `texture.uv_raster.measure_uv`, `psnr` (dB) and `silhouette_iou` from `mesh.render` and
    `mesh.extract`; what is not given is not checked. Open surfaces (a user's own mesh) pass with
    `watertight_expected=False`.
    """
    import trimesh  # here: clouds are written without it, half a second sooner

    positions, index = np.unique(np.asarray(mesh.vertices, np.float32) + 0.0, axis=0, return_inverse=True)
    solid = trimesh.Trimesh(positions, index.reshape(-1)[mesh.faces], process=False)
    # Not solid.is_watertight alone: trimesh calls two triangles back to back watertight whatever their winding.
    watertight = bool(solid.is_watertight and solid.is_winding_consistent)
    components = int(solid.body_count) if len(mesh.faces) else 0
    size = None if material.base_color is None else [int(x) for x in material.base_color.shape[1::-1]]
    low, high = (positions.min(0).tolist(), positions.max(0).tolist()) if len(positions) else (None, None)
    area = float(solid.area)
    report: dict[str, Any] = {
        "triangles": len(mesh.faces),
        "vertices": len(mesh.vertices),
        "positions": len(positions),
        "watertight": watertight,
        "components": components,
        "euler": int(solid.euler_number),
        "volume": float(solid.volume) if watertight else None,
        "area": area,
        "bounds": {"min": low, "max": high},
        "texture_size": size,
        "uv_coverage": uv_coverage,
        "uv_overlap": uv_overlap,
        "texel_density": None,
        "metallic": float(material.metallic),
        "roughness": float(material.roughness),
        "psnr": psnr,
        "silhouette_iou": silhouette_iou,
    }
    if size and uv_coverage and area > 0:
        report["texel_density"] = float(np.sqrt(uv_coverage * size[0] * size[1] / area))  # texels per unit of length
    failed: list[dict[str, Any]] = []

    def check(name: str, good: bool, value: object, limit: str, why: str) -> None:
        if not good:
            failed.append({"check": name, "value": value, "limit": limit, "why": why})

    check("not_empty", len(mesh.faces) > 0, len(mesh.faces), "at least 1 triangle", "there is no object")
    finite = bool(np.isfinite(mesh.vertices).all())
    check("finite", finite, finite, "true", "NaN positions crash importers")
    if watertight_expected:
        check("watertight", watertight, watertight, "true", "holes show, and printing, booleans and physics fail")
        volume = report["volume"]
        check("outward", not watertight or volume > 0, volume, "> 0", "an inside-out surface is invisible in engines")
    if face_budget is not None:
        check(
            "face_budget", len(mesh.faces) <= face_budget, len(mesh.faces), f"<= {face_budget}", "the engine's budget"
        )
    if mesh.uvs is not None:
        outside = int(((mesh.uvs < 0) | (mesh.uvs > 1)).any(1).sum())
        check("uv_range", outside == 0, outside, "0 vertices outside of [0, 1]", "such vertices repeat the texture")
    if uv_coverage is not None:
        check(
            "uv_coverage",
            uv_coverage >= MIN_COVERAGE,
            uv_coverage,
            f">= {MIN_COVERAGE}",
            "unused texture is wasted memory",
        )
    if uv_overlap is not None:
        check(
            "uv_overlap",
            uv_overlap <= MAX_OVERLAP,
            uv_overlap,
            f"<= {MAX_OVERLAP}",
            "two surfaces share paint and light maps",
        )
    if size is not None:
        good = all(n & (n - 1) == 0 for n in size)
        check("texture_size", good, size, "powers of two", "engines cannot make mip levels or compress other sizes")
    if psnr is not None:
        check("psnr", psnr >= MIN_PSNR, psnr, f">= {MIN_PSNR} dB", "the exported mesh looks different from the scene")
    report["passed"] = not failed
    report["failed"] = failed
    return report
