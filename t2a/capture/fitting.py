"""A radiance field from pictures, and the textured mesh of it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from t2a.capture.pictures import Capture, Placement
from t2a.config import Config
from t2a.distill.loop import check_finite, descend, regulariser_weights, snapshot
from t2a.events import Event, Stopwatch
from t2a.mesh import clean, decimate
from t2a.pipelines import SMOOTHING, colored_field, extract
from t2a.scene import NeRFScene
from t2a.schedule import Schedule, value_at
from t2a.seeds import stream
from t2a.texture import bake, unwrap
from t2a.types import Part, Rays, Render

STAGE = "capture"
STREAM = 6
"""Tells this stage's random numbers from those of the others."""
STEPS, RAYS = 500, 8192
"""Of the optimisation, and the pixels of a step."""
PIXELS = 64**2
"""A step counts as a picture of so many pixels, so that the regularisers' weights mean what they mean elsewhere."""
RATE: Schedule = (4.0, 0.4, 0.0, 1.0)
"""Learning rates, in terms of the scene's own, from the first step to the last."""
PREVIEW_EVERY = 100


def shown(scene: NeRFScene, rays: Rays, behind: Float[Tensor, "n c"], generator: torch.Generator | None) -> Render:
    """What a scene shows along rays, as pictures of one row: [1, 1, n, ...]."""
    out = scene.trace(rays, generator=generator)
    opacity = out.opacity[None, None, :, None]
    color = out.color[None, None] + (1 - opacity) * behind
    stats = {"distortion": out.distortion.mean() / (2 * 3**0.5)}
    return Render(color, opacity, out.depth[None, None, :, None], None, stats)


def fit(capture: Capture, placement: Placement, config: Config) -> Generator[Event, None, tuple[NeRFScene, float]]:
    """A scene that shows what the pictures show, in this placement of the capture, and how well it does, in dB. Colours
    are as they were lit. What is outside of the cube is a background that depends on the direction alone, unless masks
    say what the object is."""
    masked = capture.masked
    settings = replace(config.scene, latent=False, channels=3, background="black" if masked else "learned")
    scene = NeRFScene(settings, seed=config.seed).to(config.device)
    everything, seen = capture.rays(placement)
    generator = stream(config.seed, STREAM)
    optimizer = torch.optim.Adam(scene.parameter_groups(), betas=(0.9, 0.99), eps=1e-15)
    rates = [group["lr"] for group in optimizer.param_groups]
    watch, errors = Stopwatch(STEPS), []
    for step in range(STEPS):
        progress = step / STEPS
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * value_at(RATE, progress)
        scene.update(step, generator)
        rows = torch.randint(len(seen), (RAYS,), generator=generator)
        rays = Rays(everything.origins[rows].to(config.device), everything.directions[rows].to(config.device))
        color, opacity = seen[rows].to(config.device).split((3, 1), dim=1)
        if masked:
            # Before random colours nothing of the object passes for what is behind it.
            behind = torch.rand(RAYS, 3, generator=generator).to(config.device)
            color = opacity * color + (1 - opacity) * behind
        else:
            behind = scene.background(rays.directions[None, None], generator)[0, 0]
        render = shown(scene, rays, behind, generator)
        error = (render.rgb[0, 0] - color).square()
        terms = {"pictures": 0.5 * PIXELS * error.sum(1).mean()}
        if masked:
            terms["matte"] = 0.5 * PIXELS * config.refine.matte * (render.opacity[0, 0] - opacity).square().mean()
        weights = regulariser_weights(config.distill, 1.0)
        weights["entropy"] = value_at(config.refine.refine_entropy, progress) if masked else 0.0
        losses = descend(scene, render, terms, weights, optimizer, generator)
        check_finite(losses, step + 1, "--lr-grid")
        if step >= 0.9 * STEPS:
            errors.append(float(error.detach().mean()))
        last = step + 1 == STEPS
        preview = None
        if (step + 1) % PREVIEW_EVERY == 0 or last:
            preview = snapshot(None, scene, config.cameras, torch.device(config.device))
        yield Event(STAGE, step + 1, STEPS, watch.eta(step + 1), losses, preview)
    return scene, float(-10 * torch.tensor(errors).mean().clamp(min=1e-9).log10())


def captured(capture: Capture, config: Config) -> Generator[Event, None, tuple[Part, float]]:
    """The object as a textured mesh where the pictures' world has it, and how well the scene that it is made of shows
    what they show, in dB."""
    yield Event(STAGE, 0, STEPS)
    placement = capture.placement()
    scene, quality = yield from fit(capture, placement, config)
    density, color = colored_field(scene, None)
    extraction = extract(scene, density, config)
    mesh = unwrap(decimate(clean(extraction.mesh, smooth=SMOOTHING), config.mesh.faces), config.mesh.texture)
    material = bake(mesh, color, density, config.mesh.texture)
    return Part("asset", mesh.with_(vertices=placement.to_world(mesh.vertices)), material), quality
