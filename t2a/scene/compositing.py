"""Volume rendering of packed samples (Max 1995; Mildenhall et al. 2020, equation 3) and its derivative.

    a_i = 1 - exp(-sigma_i step),  T_i = prod_{j<i} (1 - a_j),  w_i = T_i a_i
    colour = sum w c,  opacity = sum w,  distance = sum w t
    distortion = sum_ij w_i w_j |t_i - t_j| + step / 3 * sum w_i^2        (mip-NeRF 360, equation 15)

A ray ends before the first sample with T_i < stop; what lies behind has no weight and no gradient.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from t2a.scene._numba import Backend, use_numba
from t2a.scene.marching import Samples


class Composite(NamedTuple):
    color: Float[Tensor, "r c"]
    """Premultiplied by the opacity."""
    opacity: Float[Tensor, " r"]
    distance: Float[Tensor, " r"]
    """sum w t; divide by the opacity for the expected distance of a hit."""
    distortion: Float[Tensor, " r"]


def composite(
    density: Float[Tensor, " n"],
    color: Float[Tensor, "n c"],
    samples: Samples,
    *,
    stop: float = 1e-3,
    backend: Backend = "auto",
) -> Composite:
    """Differentiable in density and colour. Fastest when `color` is the transposed view of a [c, n] tensor."""
    if use_numba(backend, density, color, samples.t):
        from t2a.scene.compositing_numba import composite as composite_numba

        return Composite(*composite_numba(density, color, samples.t, samples.offsets, samples.step, stop))
    return composite_torch(density, color, samples, stop)


def composite_torch(density: Tensor, color: Tensor, samples: Samples, stop: float) -> Composite:
    """The plain twin: rays padded to the longest one, for any device."""
    counts, offsets, step = samples.counts, samples.offsets, samples.step
    longest = int(counts.max()) if len(counts) else 0
    if len(samples) == 0:
        zero = density.sum() + color.sum(0)
        empty = density.sum() + density.new_zeros(len(counts))
        return Composite(zero + color.new_zeros(len(counts), 1), empty, empty, empty)
    slot = torch.arange(longest, device=density.device)
    inside = slot < counts[:, None]
    index = (offsets[:-1, None] + slot).clamp(max=len(samples) - 1)
    depth = density[index] * inside * step
    before = torch.exp(-(depth.cumsum(1) - depth))
    weight = before * -torch.expm1(-depth) * (inside & (before >= stop))
    t = samples.t[index] * inside
    mass = weight.cumsum(1) - weight
    moment = (weight * t).cumsum(1) - weight * t
    distortion = (2 * weight * (t * mass - moment) + step / 3 * weight.square()).sum(1)
    return Composite((weight[..., None] * color[index]).sum(1), weight.sum(1), (weight * t).sum(1), distortion)


def visible_counts(
    density: Float[Tensor, " n"], samples: Samples, *, stop: float = 1e-3, backend: Backend = "auto"
) -> Int[Tensor, " r"]:
    """How many samples of each ray come before the light has faded below `stop`."""
    if use_numba(backend, density, samples.t):
        from t2a.scene.compositing_numba import visible_counts as visible_numba

        return visible_numba(density, samples.offsets, samples.step, stop)
    # Optical depth grows along the whole packed line; subtract what it was where the ray began. Rounding moves the cut
    # by nothing that can be seen, but float64 where the device has it keeps it where the compositing twin puts it.
    exact = density if density.device.type == "mps" else density.double()
    total = torch.nn.functional.pad((exact * samples.step).cumsum(0), (1, 0))
    ray = torch.repeat_interleave(torch.arange(len(samples.counts), device=density.device), samples.counts)
    seen = torch.exp(total[samples.offsets[:-1]][ray] - total[:-1]) >= stop
    return torch.zeros_like(samples.counts).index_add_(0, ray, seen.long())
