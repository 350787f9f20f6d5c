"""Where rays are sampled: equal steps through the scene's cube from a random start per ray, kept only inside occupied
cells.

Samples are packed: those of ray i are rows offsets[i]..offsets[i + 1] - 1, in order of distance. Nothing here is
differentiable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from t2a.scene._numba import Backend, use_numba
from t2a.types import Rays


@dataclass(frozen=True)
class Samples:
    points: Float[Tensor, "n 3"]
    t: Float[Tensor, " n"]
    """Distance from the ray's origin, scene units; the sample stands for [t - step / 2, t + step / 2]."""
    offsets: Int[Tensor, " r1"]
    """First sample of each ray, and the total at the end; int64."""
    step: float

    def __len__(self) -> int:
        return self.t.shape[0]

    @property
    def counts(self) -> Int[Tensor, " r"]:
        return self.offsets[1:] - self.offsets[:-1]


def clip_to_box(rays: Rays, box: Float[Tensor, "2 3"]) -> tuple[Float[Tensor, " r"], Float[Tensor, " r"]]:
    """Distances at which each ray enters and leaves an axis-aligned box (slab method), entry >= 0; entry >= exit for a
    miss."""
    d = rays.directions
    inverse = 1 / torch.where(d.abs() < 1e-8, torch.full_like(d, 1e-8), d)
    a, b = (box[0] - rays.origins) * inverse, (box[1] - rays.origins) * inverse
    near = torch.minimum(a, b).amax(-1).clamp(min=0)
    far = torch.maximum(a, b).amin(-1)
    return near, far if bool((box[0] <= box[1]).all()) else torch.full_like(far, -1)


def march(
    rays: Rays,
    occupied: Bool[Tensor, "g g g"],
    box: Float[Tensor, "2 3"],
    *,
    bound: float = 1.0,
    steps: int = 64,
    generator: torch.Generator | None = None,
    backend: Backend = "auto",
) -> Samples:
    """Samples at near + (k + u) * step, with u ~ U(0, 1) per ray (1/2 without a generator) and `steps` steps in the
    cube's diagonal.

    `box` must hold every occupied cell; it only saves looking at empty ones.
    """
    step = 2 * math.sqrt(3) * bound / steps
    near, far = clip_to_box(rays, box)
    if generator is None:
        start = near + 0.5 * step
    else:
        start = near + step * torch.rand(near.shape, generator=generator, device=generator.device).to(near.device)
    if use_numba(backend, rays.origins, rays.directions, occupied):
        from t2a.scene.marching_numba import march as march_numba

        slots, counts = march_numba(rays, occupied, start, far, step, bound, steps)
        return _pack_numba(rays, slots, counts, step)
    k = torch.arange(steps + 1, device=near.device)
    t = start[:, None] + k * step
    points = rays.origins[:, None] + t[..., None] * rays.directions[:, None]
    size = occupied.shape[0]
    cell = ((points / bound * 0.5 + 0.5) * size).floor().long().clamp(0, size - 1)
    hit = (t < far[:, None]) & occupied[cell[..., 0], cell[..., 1], cell[..., 2]]
    return Samples(points[hit], t[hit], _offsets(hit.sum(-1)), step)


def keep_first(samples: Samples, counts: Int[Tensor, " r"]) -> Samples:
    """Only the first counts[i] samples of each ray i."""
    offsets = _offsets(counts)
    ray = torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts)
    source = torch.arange(len(ray), device=counts.device) + (samples.offsets[:-1] - offsets[:-1])[ray]
    return Samples(samples.points.index_select(0, source), samples.t.index_select(0, source), offsets, samples.step)


def _offsets(counts: Int[Tensor, " r"]) -> Int[Tensor, " r1"]:
    return torch.nn.functional.pad(counts.cumsum(0), (1, 0))


def _pack_numba(rays: Rays, slots: Tensor, counts: Tensor, step: float) -> Samples:
    from t2a.scene.marching_numba import pack

    offsets = _offsets(counts)
    points, t = pack(rays, slots, offsets)
    return Samples(points, t, offsets, step)
