"""The jobs, each reading top to bottom as its stages."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

import t2a
from t2a import config as configs
from t2a import lift as lifting
from t2a.cameras import orbit, turntable
from t2a.config import Config
from t2a.distill import refine as refinement
from t2a.distill.drawing import Drawing
from t2a.distill.latents import fit_rgb, to_rgb
from t2a.distill.loop import COLORS, STAGE, distil
from t2a.errors import UserError
from t2a.events import Event, Progress, run
from t2a.export import mesh_report, place
from t2a.guided import Given, check_controls, departure_from, read_given, rounds_of, steering
from t2a.memory import peak_memory
from t2a.mesh import Extraction, clean, coarse_mesh, contact_sheet, decimate, extract_mesh, psnr, render_mesh
from t2a.mesh.extract import softened
from t2a.points import PointOptions
from t2a.points import stages as point_stages
from t2a.priors.catalog import check_source
from t2a.priors.latent import LatentPrior, load_latent
from t2a.prompts import check_prompt
from t2a.scene import Guide, NeRFScene, guide_density
from t2a.scene.cloud import fit_colors, placed
from t2a.texture import bake, measure_uv, unwrap
from t2a.types import Asset, Cameras, Material, Mesh, PointCloud

Field = Callable[[np.ndarray], np.ndarray]
STAGES = ("load", lifting.STAGE, refinement.STAGE, "mesh", "texture", "report")
"""Of a job that starts from what the prior draws; one that starts from something else is distilled instead."""
SILHOUETTES = 12
LOOK_SIZE = 128
"""Pixels along an edge of the field's renders that the mesh is compared with."""
SOFTNESS = 0.025
"""Of the surface that a scene starts with, scene units: with more of it, thin parts would be fog."""
SMOOTHING = 4
"""Taubin passes on the extracted surface: marching cubes leaves stairs as fine as its grid."""


def text_to_3d(
    prompt: str,
    *,
    preset: str = "pocket",
    seed: int = 0,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    **options: Any,
) -> Asset:
    """A textured mesh for `prompt`.

    `progress` sees every Event and cancels the job by returning False (Cancelled is raised). `checkpoint` names a
    file that the run's state is saved to; with `resume` it is continued. `options` are those of the command line:
    faces=2000, steps=300, model="...". Raises UserError for bad input, before any model is loaded.
    """
    job = stages(prompt, configs.load(preset, {**options, "seed": seed}), checkpoint=checkpoint, resume=resume)
    return run(job, progress)


def stages(
    prompt: str, config: Config, *, checkpoint: str | Path | None = None, resume: bool = False
) -> Generator[Event, None, Asset]:
    """The job as a generator of events that returns the Asset; closing it cancels."""
    prompt = check_prompt(prompt)
    check_device(config.device)
    check_source(model_source(config))
    check_controls(config)
    given, clock = read_given(config), Clock()
    with clock("load"):
        yield Event("load", 0, 1)
        prior = load_prior(config)
        warnings = [*vocabulary_warnings(prompt, config), *prior.unread(prompt)]
        yield Event("load", 1, 1)
    scene, guide, drawn = yield from started(prior, prompt, config, given, clock)
    steer = steering(config, prior, scene, guide)
    state: dict[str, Any] = {
        "seed": config.seed,
        "checkpoint": None if checkpoint is None else Path(checkpoint),
        "resume": resume,
        "identity": identity(prompt, config),
        "steer": steer,
    }
    departure = None if guide is None else departure_from(guide, scene, config.given.strictness)
    if drawn is None:
        with clock(STAGE):
            job = distil(prior, scene, prompt, config.distill, config.cameras, departure=departure, **state)
            yield from growing(job, scene, config)
    with clock(refinement.STAGE):
        # Without a strictness the shape is free once the scene has started from it.
        held = departure if config.given.strictness is not None else None
        rounds = config.refine if guide is None else rounds_of(config)
        job = refinement.refine(
            prior, scene, prompt, rounds, config.distill, config.cameras, departure=held, drawn=drawn, **state
        )
        yield from growing(job, scene, config)
    matrix = fit_rgb(prior, scene, config.cameras, prior.latent_size) if config.scene.latent else None
    if matrix is not None and config.distill.color_steps:
        scene.take_colors(matrix)
        matrix = None
        further = dataclasses.replace(config.distill, steps=config.distill.color_steps)
        with clock(COLORS):
            yield from distil(prior, scene, prompt, further, config.cameras, departure=held, stage=COLORS, **state)
    del prior
    with clock("mesh"):
        yield Event("mesh", 0, 3)
        density, color = colored_field(scene, matrix)
        extraction = extract(scene, density, config)
        yield Event("mesh", 1, 3)
        mesh = decimate(clean(extraction.mesh, smooth=SMOOTHING), config.mesh.faces)
        yield Event("mesh", 2, 3)
        mesh = unwrap(mesh, config.mesh.texture)
        yield Event("mesh", 3, 3)
    with clock("texture"):
        yield Event("texture", 0, 1)
        material = bake(mesh, color, density, config.mesh.texture)
        yield Event("texture", 1, 1)
    with clock("report"):
        yield Event("report", 0, 1)
        uv = measure_uv(mesh)
        report = mesh_report(
            place(mesh, config.mesh.height),
            material,
            face_budget=config.mesh.faces,
            uv_coverage=uv.coverage,
            uv_overlap=uv.overlap,
            psnr=held_out_psnr(scene, matrix, mesh, material, config),
            silhouette_iou=extraction.iou,
        )
        sheet = contact_sheet(mesh, material)
        yield Event("report", 1, 1, preview=sheet)
    measured = {"density_threshold": extraction.threshold, **report, "height": config.mesh.height}
    return Asset(mesh, material, full_report(prompt, config, clock, measured, warnings), sheet)


def growing(job: Iterator[Event], scene: NeRFScene, config: Config) -> Iterator[Event]:
    """The job's events; those with a preview have a coarse mesh of the scene as well, if that is asked for and the
    scene has colours."""
    for event in job:
        if event.preview is not None and config.mesh.preview_resolution and not config.scene.latent:
            density, color = colored_field(scene, None)
            event = dataclasses.replace(event, mesh=coarse_mesh(density, color, config.mesh.preview_resolution))
        yield event


def started(
    prior: LatentPrior, prompt: str, config: Config, given: Given | None, clock: Clock
) -> Generator[Event, None, tuple[NeRFScene, Guide | None, Drawing | None]]:
    """The scene before its first step, the guide that it starts from, and what was drawn of it already."""
    guide, drawn = None, None
    if config.given.init == "points" and lifting.can_lift(prior, config):
        with clock(lifting.STAGE):
            lifted = yield from lifting.lift(prior, prompt, config)
            scene, drawn = lifting.lifted_scene(lifted, config, SOFTNESS), lifted.drawing
    else:
        if config.given.init == "points":
            with clock("points"):
                given = Given(cloud=placed((yield from point_stages(prompt, PointOptions(seed=config.seed)))))
        guide = None if given is None else given.guide()
        scene = build_scene(config, guide, None if given is None else given.cloud)
    return scene.to(config.device), None if guide is None else guide.to(config.device), drawn


def full_report(
    prompt: str, config: Config, clock: Clock, measured: dict[str, Any], warnings: list[str], **source: str
) -> dict[str, Any]:
    """What an asset says of itself: what was asked for, what it took, what was `measured`, and the provenance that
    travels in its file, with the `source` that it was made from."""
    asked = {"prompt": prompt, **source, "seed": config.seed, "model": config.model, "preset": config.preset}
    return {
        **asked,
        "version": t2a.__version__,
        "seconds": clock.seconds,
        "peak_memory_mib": peak_memory(),
        **measured,
        "warnings": warnings,
        "options": configs.as_dict(config),
        "provenance": {**asked, "generator": f"t2a {t2a.__version__}"},
    }


class Clock:
    """Seconds spent in each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str):
        start = time.monotonic()
        yield
        self.seconds[stage] = round(time.monotonic() - start, 2)


def identity(prompt: str, config: Config) -> dict[str, Any]:
    """What must agree for a checkpoint to be continued: the prompt and every option that shapes the distillation."""
    options = configs.as_dict(config)
    shaping = {k: v for k, v in options.items() if k not in ("mesh", "offline", "device")}
    distill = {k: v for k, v in options["distill"].items() if k not in ("preview_every", "checkpoint_every")}
    return {"prompt": prompt, "version": t2a.__version__, **shaping, "distill": distill}


def model_source(config: Config) -> str | Path:
    """The folder or hub id of the prior that the options name."""
    if config.model != "pocket":
        return config.model
    from t2a import pocket

    return pocket.path()


def load_prior(config: Config) -> LatentPrior:
    """The prior that the options name, on their device. Raises UserError if it cannot be had."""
    return load_latent(model_source(config), **how_to_load(config))


def how_to_load(config: Config) -> dict[str, Any]:
    """What the loaders of priors take beside the source."""
    dtypes = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
    return {"offline": config.offline, "device": config.device, "dtype": dtypes[config.precision]}


def check_device(name: str) -> None:
    """Raise UserError unless torch can use the device here."""
    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        usable = (
            ["cpu"]
            + (["cuda"] if torch.cuda.is_available() else [])
            + (["mps"] if torch.backends.mps.is_available() else [])
        )
        raise UserError(f"the device {name!r} cannot be used here; choose one of: {', '.join(usable)}") from error


def vocabulary_warnings(prompt: str, config: Config) -> list[str]:
    """For the pocket model: the prompt's words that it never saw, with the nearest that it knows."""
    if config.model != "pocket":
        return []
    from t2a.pocket.vocabulary import unknown_words

    return unknown_words(prompt)


def build_scene(config: Config, guide: Guide | None = None, cloud: PointCloud | None = None) -> NeRFScene:
    """The scene before its first step: the shape of `guide`, in the colours of `cloud` if there is one, or the blob."""
    if guide is None:
        return NeRFScene(config.scene, seed=config.seed)
    solid = guide_density(guide, height=config.scene.blob_scale, softness=SOFTNESS)
    scene = NeRFScene(config.scene, seed=config.seed, initialisation=solid)
    if cloud is not None and not config.scene.latent:
        fit_colors(scene, cloud, seed=config.seed)
    return scene


def colored_field(scene: Any, matrix: Tensor | None) -> tuple[Any, Field]:
    """Density (None of a painted mesh) and sRGB colour of points, as numpy callables; `matrix` is what turns a latent
    scene's channels into colours."""
    density, channels = scene.numpy_field()
    if matrix is None:
        return density, lambda points: channels(points).clip(0, 1)
    return density, lambda points: to_rgb(torch.from_numpy(channels(points)), matrix).numpy()


@torch.no_grad()
def look(scene: NeRFScene, matrix: Tensor | None, cameras: Cameras, size: int) -> tuple[np.ndarray, np.ndarray]:
    """What the field shows over white, and its opacity: [b, size, size, 3] and [b, size, size]."""
    black = torch.zeros(1, device=next(scene.parameters()).device)
    render = scene.render(cameras.to(black.device), size, size, background=black)
    rgb = render.rgb
    if matrix is not None:
        rgb = to_rgb(rgb / render.opacity.clamp(min=1e-3), matrix) * render.opacity
    rgb = rgb + 1 - render.opacity
    return rgb.clamp(0, 1).cpu().numpy(), render.opacity[..., 0].cpu().numpy()


def around(config: Config) -> Cameras:
    """SILHOUETTES cameras spread evenly (golden angle)."""
    distance, fov = config.cameras.distance[1], config.cameras.fov[1]
    return orbit(np.arange(SILHOUETTES) * 137.5, np.linspace(-30, 60, SILHOUETTES), distance, fov)


def extract(scene: NeRFScene, density: Field, config: Config) -> Extraction:
    """The surface whose silhouettes agree best with the field's, from all around."""
    cameras = around(config)
    soft = softened(density, 2 / config.mesh.resolution)
    return extract_mesh(soft, look(scene, None, cameras, LOOK_SIZE)[1], cameras, config.mesh.resolution)


def held_out_psnr(scene: NeRFScene, matrix: Tensor | None, mesh: Mesh, material: Material, config: Config) -> float:
    """dB between renders of the mesh and of the field from cameras that neither extraction nor baking has used."""
    cameras = turntable(6, elevation_deg=25.0, distance=config.cameras.distance[1], fov_deg=config.cameras.fov[1])
    images, _ = render_mesh(mesh, material, cameras, LOOK_SIZE, LOOK_SIZE)
    return psnr(images, look(scene, matrix, cameras, LOOK_SIZE)[0])
