"""The optimisation loop, as a generator of events: render, ask the prior, step, now and then a preview or a
checkpoint."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from t2a.cameras import orbit, sample_cameras, spread
from t2a.config import CameraConfig, DistillConfig
from t2a.distill.checkpoint import Running
from t2a.distill.latents import rendered_latents
from t2a.distill.sds import sample_timesteps, sds_gradient, sds_loss
from t2a.errors import UserError
from t2a.events import Event, Stopwatch
from t2a.priors.condition import Condition
from t2a.priors.control import Steer
from t2a.priors.prior import Prior, views_together
from t2a.prompts import directional
from t2a.scene import Scene, choose_shading
from t2a.schedule import value_at
from t2a.types import Cameras

REGULARISERS = ("sparsity", "entropy", "orientation", "distortion", "density_smoothness", "color_smoothness")
STAGE, COLORS = "distil", "colors"
PREVIEW_SIZE = 128
Departure = Callable[[torch.Generator], torch.Tensor]
"""A differentiable scalar: how far the scene is from a shape, at points drawn from the generator."""


def distil(
    prior: Prior,
    scene: Scene,
    prompt: str,
    config: DistillConfig,
    cameras: CameraConfig,
    *,
    seed: int,
    checkpoint: Path | None = None,
    resume: bool = False,
    identity: dict[str, Any] | None = None,
    departure: Departure | None = None,
    steer: Steer | None = None,
    stage: str = STAGE,
) -> Iterator[Event]:
    """Optimise `scene` in place towards `prompt`, yielding an event per step; `departure` from a wanted shape, if there
    is one, weighs what `config.shape` says; `steer` has the maps that the prior is shown. `stage` is what it is in the
    job's events and checkpoints: COLORS where a scene that held latents goes on in colours.

    With `checkpoint`, every state (scene, optimiser, generator, step) is written there every `checkpoint_every` steps
    and at the end; `resume` continues from it to the same bits as an uninterrupted run, and does nothing if it comes
    from a later stage. `identity` says what the run is about: a checkpoint with another one is refused with a
    UserError.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(scene.parameter_groups(), betas=(0.9, 0.99), eps=1e-15)
    rates = [group["lr"] for group in optimizer.param_groups]
    running = Running(stage, scene, optimizer, generator, identity)
    first = running.first(checkpoint, resume)
    if first is None:
        return
    device = next(scene.parameters()).device
    watch = Stopwatch(config.steps, first)
    for step in range(first, config.steps):
        progress = step / config.steps
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * value_at(config.lr_scale, progress)
        losses = _step(
            prior, scene, prompt, config, cameras, optimizer, generator, step, progress, device, departure, steer
        )
        done = step + 1
        check_finite(losses, done, "--lr-scale or --guidance-scale")
        saved = None
        if checkpoint is not None and (done % config.checkpoint_every == 0 or done == config.steps):
            saved = checkpoint
            running.save(checkpoint, done)
        preview = None
        if done % config.preview_every == 0 or done == config.steps:
            preview = snapshot(prior, scene, cameras, device)
        yield Event(stage, done, config.steps, watch.eta(done), losses, preview, saved)


def _step(
    prior, scene, prompt, config, cameras, optimizer, generator, step, progress, device, departure, steer
) -> dict[str, float]:
    """One optimisation step; returns its losses. Random draws happen on the CPU in a fixed order, whatever the
    device."""
    scene.update(step, generator)
    together = views_together(prior, config.views)
    poses = sample_cameras(config.views, generator, cameras.elevation, cameras.distance, cameras.fov)
    poses = poses[spread(config.views, together)]
    lit, plain = value_at(config.lambertian, progress), value_at(config.textureless, progress)
    shading = choose_shading(generator, {"albedo": max(1 - lit - plain, 0.0), "lambertian": lit, "textureless": plain})
    size = round(value_at(config.render_size, progress))
    render = scene.render(poses.to(device), size, size, shading=shading, generator=generator)
    z = rendered_latents(render, prior.latent_size) if scene.latent else prior.encode(render.rgb)
    guidance_scale = value_at(config.guidance_scale, progress)
    condition = told(prior, prompt, config.negative, poses.to(device), guidance_scale, steer)
    low, high = value_at(config.t_min, progress), value_at(config.t_max, progress)
    t = sample_timesteps(min(low, high), high, config.views // together, len(prior.schedule), generator)
    t = t.repeat_interleave(together).to(device)
    noise = torch.randn(z.shape, generator=generator).to(device)
    losses = {"sds": sds_loss(z, sds_gradient(prior, z, condition, t, noise, config.weighting))}
    if departure is not None and (weight := value_at(config.shape, progress)) > 0:
        losses["shape"] = weight * departure(generator)
    return descend(scene, render, losses, regulariser_weights(config, progress), optimizer, generator)


def told(
    prior: Prior, prompt: str, negative: str, views: Cameras, guidance_scale: float, steer: Steer | None
) -> Condition:
    """What the prior is told of these views: the camera, or the side in words, and the maps, if there are any."""
    prompts = [prompt] * len(views) if prior.sees_cameras else directional(prompt, views)
    condition = prior.condition(prompts, negative, views, guidance_scale)
    return condition if steer is None else dataclasses.replace(condition, controls=steer(views))


def check_finite(losses: dict[str, float], step: int, options: str) -> None:
    """Raise UserError if a loss is NaN or infinite, naming the options that could help."""
    if not all(abs(v) < float("inf") for v in losses.values()):
        raise UserError(
            f"the optimisation diverged at step {step} (a loss is not finite); lower {options}, or try another --seed"
        )


def regulariser_weights(config: DistillConfig, progress: float) -> dict[str, float]:
    """The weight of each regulariser at a share `progress` of the distillation, 0 to 1."""
    return {name: value_at(getattr(config, name), progress) for name in REGULARISERS}


def descend(scene, render, losses, weights: dict[str, float], optimizer, generator) -> dict[str, float]:
    """One step down the sum of `losses` and the weighted regularisers; returns all of them, unweighted."""
    loss = sum(losses.values())
    wanted = [name for name, weight in weights.items() if weight > 0]
    for name, term in scene.regularisers(render, generator, names=wanted).items():
        losses = {**losses, name: term}
        loss = loss + weights[name] * term
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return {name: float(value.detach()) for name, value in losses.items()}


@torch.no_grad()
def snapshot(prior, scene, cameras: CameraConfig, device: torch.device) -> np.ndarray:
    """A preview: the scene from the front right and the back left, side by side."""
    views = orbit([25.0, 205.0], 20.0, cameras.distance[1], cameras.fov[1]).to(device)
    if scene.latent:
        size = prior.latent_size
        pictures = prior.decode(rendered_latents(scene.render(views, size, size), size))
    else:
        pictures = scene.render(views, PREVIEW_SIZE, PREVIEW_SIZE).rgb
    return torch.cat(list(pictures), dim=1).clamp(0, 1).cpu().numpy()
