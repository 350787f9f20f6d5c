"""An object that exists gets a new texture: its shape, and where they can be kept its UVs, stay as they are.

The colours are a field on the surface (`t2a.scene.painted_mesh`), found as those of a new asset are: a short
distillation, then rounds in which the prior draws views (TEXTure, Richardson et al. 2023, paints from such views as
well). Where no paint may show, the views' own latents stay, which also keeps the prior to the object's outline.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from t2a import config as configs
from t2a.cameras import turntable
from t2a.canvas import Canvas, geometry_hash, merged, read_canvas
from t2a.config import NO_FILE, NO_START, Config, RefineConfig, SceneConfig
from t2a.distill import refine as refinement
from t2a.distill.loop import STAGE, distil
from t2a.errors import UserError
from t2a.events import Event, Progress, run
from t2a.export import mesh_report
from t2a.guided import check_controls, steering
from t2a.mesh import psnr, render_mesh
from t2a.mesh.parts import shown_texture
from t2a.pipelines import (
    LOOK_SIZE,
    Clock,
    check_device,
    full_report,
    identity,
    load_prior,
    model_source,
    vocabulary_warnings,
)
from t2a.priors.catalog import check_source
from t2a.prompts import check_prompt
from t2a.scene.mesh_scene import MeshScene
from t2a.scene.painted_mesh import PaintedMeshScene
from t2a.texture import bake, measure_uv
from t2a.texture.seams import seam_jumps
from t2a.types import Asset, Material, Mesh

SHEET_SIZE, SHEET_VIEWS, SHEET_COLUMNS = 256, 8, 4
MAX_SEAM = 2.0
"""Jump of colour across seams in terms of that inside charts: with more of it a seam is seen."""


def paint_mesh(
    mesh: str | Path,
    prompt: str,
    *,
    preset: str = "pocket",
    seed: int = 0,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    **options: Any,
) -> Asset:
    """The mesh in the file `mesh`, textured as `prompt` says; the arguments are those of `text_to_3d`, and
    `paint_material` and `paint_mask` say what of it is painted. Raises UserError for bad input, before any model is
    loaded."""
    config = configs.load(preset, {**NO_START, **options, "seed": seed})
    return run(stages(Path(mesh), prompt, config, checkpoint=checkpoint, resume=resume), progress)


def stages(
    source: Path, prompt: str, config: Config, *, checkpoint: str | Path | None = None, resume: bool = False
) -> Generator[Event, None, Asset]:
    """The job as a generator of events that returns the Asset; closing it cancels."""
    prompt = check_prompt(prompt)
    check_device(config.device)
    check_source(model_source(config))
    check_options(config)
    check_controls(config)
    canvas = read_canvas(
        source,
        material=config.paint.paint_material,
        mask=config.paint.paint_mask or None,
        up=config.given.init_up,
        texture=config.mesh.texture,
    )
    clock = Clock()
    with clock("load"):
        yield Event("load", 0, 1)
        prior = load_prior(config)
        warnings = [*vocabulary_warnings(prompt, config), *prior.unread(prompt)]
        whole, painted = canvas.in_scene()
        distillation = dataclasses.replace(config.distill, color_smoothness=config.paint.paint_smoothness)
        scene = PaintedMeshScene(whole, paint_of(config, prior.image_size), seed=config.seed, look=canvas.look)
        scene.to(config.device)
        steer = steering(config, prior, scene, None)
        yield Event("load", 1, 1)
    shape = geometry_hash(canvas.mesh)
    state: dict[str, Any] = {
        "seed": config.seed,
        "checkpoint": None if checkpoint is None else Path(checkpoint),
        "resume": resume,
        "identity": identity(prompt, config) | {"painted": geometry_hash(whole), "mask": canvas.mask_hash()},
    }
    with clock(STAGE):
        yield from distil(prior, scene, prompt, distillation, config.cameras, steer=steer, **state)
    with clock(refinement.STAGE):
        yield from refinement.refine(
            prior,
            scene,
            prompt,
            rounds_of(config),
            distillation,
            config.cameras,
            steer=steer,
            changeable=scene.changeable,
            **state,
        )
    del prior
    with clock("texture"):
        yield Event("texture", 0, 1)
        baked = bake(painted, scene.numpy_color(), None, config.mesh.texture)
        assert baked.base_color is not None
        material = new_material(canvas, baked.base_color)
        yield Event("texture", 1, 1)
    with clock("report"):
        yield Event("report", 0, 1)
        sheet = contact_sheet(scene, config)
        report = paint_report(canvas, painted, material, scene, config)
        yield Event("report", 1, 1, preview=sheet)
    measured = {**report, "geometry": shape, "keeps_uvs": canvas.keeps_uvs, "uvs": canvas.why}
    told = full_report(prompt, config, clock, measured, warnings, painted=source.name)
    return Asset(canvas.mesh, material, told, sheet, canvas.rest, placed=False)


def check_options(config: Config) -> None:
    """Raise UserError for what a mesh that stays as it is has no use for."""
    if config.scene.latent:
        raise UserError("painting works in colours; leave --latent away")
    if config.mesh.height is not None:
        raise UserError("painting leaves the mesh as large as it is; leave --height away")
    if config.given.init not in NO_FILE or config.given.strictness is not None:
        raise UserError("the mesh that is painted is the shape; leave --init and --strictness away")


def paint_of(config: Config, pixels: int) -> SceneConfig:
    """The scene's options, its grid no finer than the pixels that the prior draws: between finer cells some would never
    be seen, and stay grey."""
    seen = 2 * config.cameras.distance[0] * math.tan(math.radians(config.cameras.fov[0]) / 2)
    finest = max(round(pixels * 2 / seen), config.scene.base_resolution + 1)
    return dataclasses.replace(config.scene, finest_resolution=min(finest, config.scene.finest_resolution))


def rounds_of(config: Config) -> RefineConfig:
    """The rounds of a painted mesh: the first one starts from what the mesh looks like, so that its outlines are
    followed. Nothing has to be cut out, because the shape is known."""
    return dataclasses.replace(config.refine, first_strength=config.paint.paint_strength, refine_entropy=0.0)


def new_material(canvas: Canvas, image: Float[np.ndarray, "h w 3"]) -> Material:
    """The new colours; of the old material what still fits, if the UVs are the old ones."""
    if not canvas.keeps_uvs or canvas.old is None:
        return Material(image)
    gone = ("baseColorFactor", "alphaMode", "alphaCutoff")
    kept = {name: value for name, value in canvas.old.kept.items() if name not in gone}
    colors = merged(shown_texture(canvas.old), image, canvas.mask)
    return Material(colors, canvas.old.metallic, canvas.old.roughness, kept)


def paint_report(
    canvas: Canvas, painted: Mesh, material: Material, scene: PaintedMeshScene, config: Config
) -> dict[str, Any]:
    """What `mesh_report` says, and how visible the seams are; `painted` is the canvas's mesh in the scene."""
    uv = measure_uv(canvas.mesh)
    report = mesh_report(
        canvas.mesh,
        material,
        uv_overlap=uv.overlap if not canvas.keeps_uvs else None,
        psnr=None if canvas.rest or canvas.mask is not None else shown_psnr(scene, painted, material, config),
        watertight_expected=False,
    )
    assert material.base_color is not None
    seams = seam_jumps(canvas.mesh, material.base_color)
    report |= {"uv_coverage": uv.coverage, "seams": dataclasses.asdict(seams)}
    if seams.count and seams.across > MAX_SEAM * max(seams.inside, 1 / 255):
        why = "edges of the charts show as lines"
        report["failed"].append(
            {"check": "seams", "value": seams.across, "limit": f"<= {MAX_SEAM} x inside", "why": why}
        )
        report["passed"] = False
    return report


@torch.no_grad()
def shown_psnr(scene: PaintedMeshScene, painted: Mesh, material: Material, config: Config) -> float:
    """dB between the textured mesh and the paint that was baked, from cameras that no step has used."""
    cameras = turntable(6, elevation_deg=25.0, distance=config.cameras.distance[1], fov_deg=config.cameras.fov[1])
    white = torch.ones(3, device=scene.vertices.device)
    meant = scene.render(cameras.to(white.device), LOOK_SIZE, LOOK_SIZE, background=white).rgb
    return psnr(render_mesh(painted, material, cameras, LOOK_SIZE, LOOK_SIZE)[0], meant.clamp(0, 1).cpu().numpy())


@torch.no_grad()
def contact_sheet(scene: MeshScene, config: Config) -> Float[np.ndarray, "h w 3"]:
    """The whole object from all around, lit, the front first."""
    cameras = turntable(SHEET_VIEWS, 15.0, config.cameras.distance[1], config.cameras.fov[1])
    grey = torch.full((3,), 0.85, device=scene.vertices.device)
    views = [
        scene.render(cameras[i : i + 1].to(grey.device), SHEET_SIZE, SHEET_SIZE, shading="lambertian", background=grey)
        for i in range(SHEET_VIEWS)
    ]
    pictures = torch.cat([view.rgb for view in views]).clamp(0, 1)
    rows = [torch.cat(list(row), dim=1) for row in pictures.split(SHEET_COLUMNS)]
    return torch.cat(rows, dim=0).cpu().numpy()
