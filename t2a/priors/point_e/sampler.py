"""Sampling point clouds: Heun's method on the probability flow (Karras et al. 2022, algorithm 2), stage after stage.

With sigma as the measure of noise, x = x_0 + sigma noise, and D(x; sigma) the expected x_0, the flow is
dx / dsigma = (x - D(x; sigma)) / sigma. A base model and an upsampler are two stages: the second is told what the first
made. Any denoiser that is called as these are will do, such as the pocket model's two streams.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from t2a.events import Event, Stopwatch
from t2a.priors.point_e.diffusion import Diffusion, diffusion_of, unscale
from t2a.priors.point_e.models import CHANNELS, PointDenoiser
from t2a.priors.two_stream import TwoStreamDenoiser
from t2a.types import PointCloud

Noise = Callable[[tuple[int, ...]], Tensor]
"""Standard normal numbers of a shape: first the start of each stage, then one draw per step, whether the step churns or
not."""
Denoise = Callable[[Tensor, Tensor], Tensor]
"""D(x; sigma)."""


@dataclass(frozen=True)
class SamplerConfig:
    steps: int = 64
    sigma_min: float = 1e-3
    sigma_max: float = 120.0
    rho: float = 7.0
    s_churn: float = 3.0
    """Fresh noise over the whole run, in units of the steps' own (Karras et al. 2022, section 4)."""
    guidance_scale: float = 3.0
    """uncond + s (cond - uncond), on x_0. 0 and 1 both mean: no guidance, the condition alone."""


BASE = SamplerConfig()
UPSAMPLER = SamplerConfig(sigma_max=160.0, s_churn=0.0)
UNGUIDED_UPSAMPLER = SamplerConfig(sigma_max=160.0, s_churn=0.0, guidance_scale=0.0)
"""The published settings; the last is for texts, of which the upsampler is not told."""


@dataclass(frozen=True)
class Stage:
    model: PointDenoiser | TwoStreamDenoiser
    config: SamplerConfig
    conditions: Mapping[str, Tensor] = field(default_factory=dict)
    """Keyword arguments of the model for the whole batch, e.g. embeddings."""
    points: int | None = None
    """How many to make, of a model that lets one choose (`priors.two_stream`); by default its configuration's."""


def text_stages(
    base: PointDenoiser, upsampler: PointDenoiser | None, embeddings: Float[Tensor, "b c"]
) -> tuple[Stage, ...]:
    """Stages for a base model that is told CLIP vectors; the upsampler sees the low-resolution points alone."""
    first = Stage(base, BASE, {"embeddings": embeddings})
    return (first,) if upsampler is None else (first, Stage(upsampler, UNGUIDED_UPSAMPLER))


def image_stages(
    base: PointDenoiser, upsampler: PointDenoiser | None, embeddings: Float[Tensor, "b c l"]
) -> tuple[Stage, ...]:
    """Stages for a base model that is told CLIP grids; the upsampler sees them too."""
    conditions = {"embeddings": embeddings}
    first = Stage(base, BASE, conditions)
    return (first,) if upsampler is None else (first, Stage(upsampler, UPSAMPLER, conditions))


@dataclass(frozen=True)
class CloudEvent(Event):
    clouds: tuple[PointCloud, ...] = ()
    """What the batch looks like so far: the expected clean clouds."""


def sample(
    stages: Sequence[Stage], batch: int = 1, *, generator: torch.Generator | None = None, noise: Noise | None = None
) -> Generator[CloudEvent, None, tuple[PointCloud, ...]]:
    """Run the stages, yielding an event per step, and return `batch` clouds; closing the generator cancels.

    All randomness comes from `generator`, drawn on the CPU whatever the device, or from `noise`; one of them is needed.
    Positions are in the models' own axes and units, about [-0.5, 0.5]; colours are sRGB in [0, 1], rounded to 8 bits.
    """
    if (generator is None) == (noise is None):
        raise ValueError("give a generator or a noise function, and not both")
    draw = noise or (lambda shape: torch.randn(shape, generator=generator))
    points: Tensor | None = None
    for stage in stages:
        low_res = points
        name = "points" if low_res is None else "upsample"
        watch = Stopwatch(stage.config.steps)
        for step, x0 in enumerate(sample_stage(stage, batch, draw, low_res), start=1):
            points = x0 if low_res is None else torch.cat([low_res, x0], dim=2)
            yield CloudEvent(name, step, stage.config.steps, watch.eta(step), clouds=to_point_clouds(points))
    if points is None:
        raise ValueError("there are no stages to sample")
    return to_point_clouds(points)


def sample_stage(
    stage: Stage, batch: int, noise: Noise, low_res: Float[Tensor, "b 6 m"] | None = None
) -> Iterator[Float[Tensor, "b 6 n"]]:
    """One model from noise to points, yielding the expected clean points (positions, colours 0 to 255) per step; the
    last are the sample."""
    model, config = stage.model, stage.config
    device = next(model.parameters()).device
    conditions = {name: value.to(device) for name, value in stage.conditions.items()}
    if low_res is not None:
        conditions["low_res"] = low_res.to(device)
    denoise = guided(model, diffusion_of(model.config.schedule), conditions, config.guidance_scale)
    sigmas = karras_sigmas(config.steps, config.sigma_min, config.sigma_max, config.rho).to(device)

    def draw(shape: tuple[int, ...]) -> Tensor:
        return noise(shape).to(device)

    x = draw((batch, CHANNELS, stage.points or model.config.n_ctx)) * config.sigma_max
    for x0 in heun(denoise, x, sigmas, draw, config.s_churn):
        yield unscale(x0)


def karras_sigmas(steps: int, sigma_min: float, sigma_max: float, rho: float = 7.0) -> Float[Tensor, " steps+1"]:
    """Noise levels evenly spaced in sigma^(1 / rho), from sigma_max to sigma_min, then 0 (Karras et al. 2022,
    equation 5)."""
    low, high = sigma_min ** (1 / rho), sigma_max ** (1 / rho)
    return torch.cat([(high + torch.linspace(0, 1, steps) * (low - high)) ** rho, torch.zeros(1)])


def heun(
    denoise: Denoise, x: Float[Tensor, "b c n"], sigmas: Float[Tensor, " steps+1"], noise: Noise, s_churn: float = 0.0
) -> Iterator[Float[Tensor, "b c n"]]:
    """Second-order steps down the noise levels, yielding D at each step's beginning; as the last level is 0, the last
    of them is where the flow ends (Karras et al. 2022, algorithm 2, with churn at every level and S_noise = 1)."""
    gamma = min(s_churn / (len(sigmas) - 1), math.sqrt(2) - 1)
    for sigma, following in zip(sigmas[:-1], sigmas[1:], strict=True):
        # Without churn the draw is not used, but it is made: so the noise of a step depends on its number alone.
        fresh = noise(tuple(x.shape))
        raised = sigma * (1 + gamma)
        if gamma > 0:
            x = x + fresh * (raised**2 - sigma**2).sqrt()
        x0 = denoise(x, raised)
        if following > 0:
            slope = (x - x0) / raised
            ahead = x + slope * (following - raised)
            slope_ahead = (ahead - denoise(ahead, following)) / following
            x = x + (slope + slope_ahead) / 2 * (following - raised)
        yield x0


def guided(
    model: PointDenoiser | TwoStreamDenoiser,
    diffusion: Diffusion,
    conditions: Mapping[str, Tensor],
    guidance_scale: float,
) -> Denoise:
    """D of a model, with classifier-free guidance (Ho and Salimans 2022) where the scale is neither 0 nor 1.

    The unconditional branch has every condition zeroed, the low-resolution points included. Each branch's x_0 is
    clamped, then guidance acts on them; so the result may leave [-1, 1].
    """
    branches = 2 if conditions and guidance_scale not in (0, 1) else 1
    if branches == 2:
        conditions = {name: torch.cat([value, torch.zeros_like(value)]) for name, value in conditions.items()}

    @torch.no_grad()
    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        x_t = (x / (sigma**2 + 1).sqrt()).repeat(branches, 1, 1)
        t = torch.full((len(x_t),), diffusion.timestep(sigma), device=x.device)
        epsilon = model(x_t, t, **conditions)[:, :CHANNELS]
        told, *untold = diffusion.to_x0(epsilon, x_t, t).chunk(branches)
        return untold[0] + guidance_scale * (told - untold[0]) if untold else told

    return denoise


def to_point_clouds(points: Float[Tensor, "b 6 n"]) -> tuple[PointCloud, ...]:
    """Colours are clamped to [0, 255] and rounded, as an image's are, and divided by 255."""
    rows = points.detach().float().cpu().transpose(1, 2)
    colors = rows[..., 3:].clamp(0, 255).round() / 255
    return tuple(
        PointCloud(xyz.contiguous().numpy(), rgb.numpy()) for xyz, rgb in zip(rows[..., :3], colors, strict=True)
    )
