"""Refinement by iterative dataset update (Haque et al. 2023, Instruct-NeRF2NeRF), with text and camera in place of an
instruction.

A round renders a few views, noises them part of the way, lets the prior take the noise away in several steps
(SDEdit, Meng et al. 2022), and fits the scene to the decoded pictures. One step of the prior guesses a blurred mean;
several of them end in a picture, and every picture serves many cheap steps of the scene. The first round can have
more noise and more steps than the others: drawn from noise alone it owes nothing to what the distillation has missed.
Its pictures can be the anchor of all others, which without it drift: every round would draw what the last one's fit
has blurred.

Where the prior draws before a plain backdrop, the pictures' silhouettes say what is solid: colour alone cannot tell
white from fog before grey.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from t2a.cameras import generate_rays, sample_cameras, spread
from t2a.config import CameraConfig, DistillConfig, RefineConfig
from t2a.distill.checkpoint import Running
from t2a.distill.drawing import Drawing, first_steps, redraw, resized
from t2a.distill.latents import rendered_latents
from t2a.distill.loop import Departure, check_finite, descend, regulariser_weights, snapshot, told
from t2a.distill.matte import matte
from t2a.events import Event, Stopwatch, finished
from t2a.priors.control import Steer
from t2a.priors.prior import Prior, views_together
from t2a.scene import Scene
from t2a.schedule import value_at
from t2a.seeds import stream
from t2a.types import Cameras, Render

STAGE = "refine"
STREAM = 1
"""Tells this stage's random numbers from those of the distillation."""
ASTRAY = 0.2
"""How far a camera may be from half way between two of the anchor's, as a share of the way from one to the other."""


Changeable = Callable[[Cameras, int, int], Float[Tensor, "b h w 1"]]
"""The share of each pixel of these views (height, width) that may change."""


def between(cameras: Cameras, anchor: Cameras, generator: torch.Generator) -> Cameras:
    """The cameras turned to where the anchor's, of which there are as many, do not look: about half way between."""
    share = 0.5 + ASTRAY * (2 * float(torch.rand((), generator=generator)) - 1)
    azimuth = anchor.azimuth + share * 2 * math.pi / len(anchor)
    return dataclasses.replace(cameras, azimuth=azimuth % (2 * math.pi))


def untouched(z: Float[Tensor, "b c y x"], share: Float[Tensor, "b h w 1"] | None) -> Bool[Tensor, "b 1 y x"]:
    """The cells of z whose pixels may not change at all; none where no share is given."""
    if share is None:
        return torch.zeros_like(z[:, :1], dtype=torch.bool)
    return functional.adaptive_max_pool2d(share.permute(0, 3, 1, 2), z.shape[2:]) == 0


def trust(render: Render, drawing: Drawing, rows: Tensor) -> Float[Tensor, "b h w 1"] | float:
    """How much each drawn pixel says of a surface that is known: nothing where the prior has drawn the backdrop, and
    little where the surface is seen at a grazing angle."""
    weight = 1.0 if drawing.silhouettes is None else drawing.silhouettes[rows]
    if render.normal is None:
        return weight
    height, width = render.normal.shape[1:3]
    directions = generate_rays(drawing.views[rows], height, width).directions.reshape(render.normal.shape)
    return weight * -(render.normal * directions).sum(-1, keepdim=True).clamp(max=0)


def round_lengths(config: RefineConfig) -> list[int]:
    """Steps of every round."""
    others = [config.round_steps] * (config.rounds - 1)
    return [config.first_round_steps or config.round_steps, *others] if config.rounds else []


def refine(
    prior: Prior,
    scene: Scene,
    prompt: str,
    config: RefineConfig,
    distillation: DistillConfig,
    cameras: CameraConfig,
    *,
    seed: int,
    checkpoint: Path | None = None,
    resume: bool = False,
    identity: dict[str, Any] | None = None,
    departure: Departure | None = None,
    steer: Steer | None = None,
    changeable: Changeable | None = None,
    drawn: Drawing | None = None,
) -> Iterator[Event]:
    """Refine `scene` in place, yielding an event per step; but for the entropy, regularisers weigh what they weigh at
    the distillation's end. The first round fits the scene to what is `drawn` already, if anything is. `departure` from
    a wanted shape, if there is one, weighs 1; `steer` has the maps that the prior is shown; where nothing is
    `changeable` it draws nothing. Checkpoints and `identity` are those of `distil`; a round is the unit that is
    continued."""
    generator = stream(seed, STREAM)
    optimizer = torch.optim.Adam(scene.parameter_groups(), betas=(0.9, 0.99), eps=1e-15)
    rates = [group["lr"] for group in optimizer.param_groups]
    running = Running(STAGE, scene, optimizer, generator, identity)
    first = running.first(checkpoint, resume)
    if first is None:
        return
    anchor = Drawing.from_tensors(running.kept) if running.kept else None
    device = next(scene.parameters()).device
    distilled_size = round(value_at(distillation.render_size, 1.0))
    size = config.refine_size or distilled_size
    shown_at_once = config.refine_views or distillation.views
    starts = [0, *accumulate(round_lengths(config))]
    steps = starts[-1]
    plain = config.matte > 0
    watch = Stopwatch(steps, starts[first])

    def picture(views: Cameras, behind: Tensor, jitter: torch.Generator | None) -> tuple[Render, Tensor]:
        render = scene.render(views, size, size, shading=config.refine_shading, generator=jitter, background=behind)
        return render, rendered_latents(render, prior.latent_size) if scene.latent else render.rgb

    @torch.no_grad()
    def draw(views: Cameras, strength: float, guidance_scale: float, denoise_steps: int) -> Drawing:
        """The views as the prior would have them; in agreement with the anchor's, if it looks at several at once."""
        directions = generate_rays(views, size, size).directions.reshape(len(views), size, size, 3)
        # Drawn once a round: the scene must be fitted before the background that the prior has seen.
        behind = scene.background(directions, None if plain else generator).expand(len(views), -1, -1, -1)
        shown = picture(views, behind, None)[1]
        z = shown if scene.latent else prior.encode(shown)
        # One noise for all views: what it makes of the prompt is then the same thing from every side, more or less.
        noise = torch.randn(z[:1].shape, generator=generator).to(device)
        beside = anchor if views_together(prior, len(views)) > 1 else None
        seen = views if beside is None else beside.views.and_(views)
        condition = told(prior, prompt, distillation.negative, seen, guidance_scale, steer)
        known = untouched(z, None if changeable is None else changeable(views, size, size))
        if beside is not None:
            known = torch.cat([torch.ones_like(known[:1]).expand(len(beside.z), -1, -1, -1), known])
            z = torch.cat([beside.z, z])
            condition = dataclasses.replace(condition, views=len(seen))
        job = redraw(prior, z, condition, strength, denoise_steps, noise.expand_as(z), known)
        z = finished(job)[-len(views) :]
        target = z if scene.latent else resized(prior.decode(z), size)
        return Drawing(views, behind, z, target, matte(target, behind[0, 0, 0]) if plain else None)

    for number in range(first, config.rounds):
        poses = sample_cameras(config.round_views, generator, cameras.elevation, cameras.distance, cameras.fov)
        poses = poses[spread(len(poses), views_together(prior, len(poses)))]
        if anchor is not None:
            poses = between(poses, anchor.views.to(poses.azimuth.device), generator)
        progress = number / max(config.rounds - 1, 1)
        strength, denoise_steps = value_at(config.strength, progress), config.denoise_steps
        if number == 0:
            strength = config.first_strength or strength
            denoise_steps = first_steps(config)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * value_at(config.refine_lr, progress)
        weights = regulariser_weights(distillation, 1.0) | {"entropy": value_at(config.refine_entropy, progress)}
        guidance_scale = value_at(config.refine_guidance, progress)
        if number == 0 and drawn is not None:
            drawing = drawn
        else:
            drawing = draw(poses.to(device), strength, guidance_scale, denoise_steps)
        if anchor is not None:
            drawing = anchor.and_(drawing)
        elif config.anchor:
            anchor = drawing
            running.kept.update(anchor.tensors())
        for done in range(starts[number] + 1, starts[number + 1] + 1):
            scene.update(distillation.steps + done, generator)
            rows = torch.randperm(len(drawing.views), generator=generator)[:shown_at_once].to(device)
            render, found = picture(drawing.views[rows], drawing.behind[rows], generator)
            # Summed over a picture of the distillation's size, so that the regularisers' weights mean the same.
            share = (distilled_size / size) ** 2 / len(rows)
            error = (found - drawing.target[rows]).square()
            if changeable is not None:
                error = trust(render, drawing, rows) * error
            terms = {"refine": 0.5 * share * error.sum()}
            if drawing.silhouettes is not None and changeable is None:
                wrong = (render.opacity - drawing.silhouettes[rows]).square().sum()
                terms["matte"] = 0.5 * share * config.matte * wrong
            if departure is not None:
                # A mean over points, where the others are sums over pixels.
                terms["shape"] = 0.5 * distilled_size**2 * departure(generator)
            losses = descend(scene, render, terms, weights, optimizer, generator)
            check_finite(losses, done, "--refine-lr or --refine-guidance")
            saved, preview = None, None
            if done == starts[number + 1]:
                preview = snapshot(prior, scene, cameras, device)
                if checkpoint is not None:
                    saved = checkpoint
                    running.save(checkpoint, number + 1)
            yield Event(STAGE, done, steps, watch.eta(done), losses, preview, saved)
