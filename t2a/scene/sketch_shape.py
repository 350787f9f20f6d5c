"""The Sketch-Shape loss (Metzer et al. 2022, Latent-NeRF, section 3.2): occupancy like the guide's, the less
strictly the nearer to its surface.

    L = sum_x (1 - exp(-d(x)^2 / (2 sigma_S^2))) CE(p(x), q(x)),    CE(p, q) = -p ln q - (1 - p) ln(1 - q)

with d the distance to the guide's surface, p = 1 - exp(-delta sigma) the field's occupancy, clamped to [0, 1.1], and
q = 1[winding number > 1/2] the guide's, clamped to [0.01, 0.99], as in the published code. Linear in p, hence its
gradient is the same for every occupancy: it neither explodes nor fades.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from t2a.errors import UserError
from t2a.scene.guide import Guide

SIGMA_S = 0.3
"""Latent-NeRF's lenience, scene units."""
DELTA = 0.2
"""Latent-NeRF's length over which density becomes occupancy, scene units."""


@dataclass(frozen=True)
class Strictness:
    """How closely the guide is followed."""

    sigma_s: float
    """Scene units: how far from the guide's surface the shape is nearly free."""
    weight: float
    """Of the loss's mean over points; 1 is threestudio's."""


def strictness(value: float) -> Strictness:
    """From 0 (the guide is only the start) to 1 (the shape is the guide), with the published recipe at 1/2.

    sigma_S = 0.3 * 4^(1 - 2 v): 1.2, 0.3 and 0.075 scene units at 0, 1/2 and 1; weight = (10^(2 v) - 1) / 9: 0, 1
    and 11.
    """
    if not 0 <= value <= 1:
        raise UserError(f"strictness is {value}; it must lie between 0 (free) and 1 (follow the guide)")
    return Strictness(SIGMA_S * 4 ** (1 - 2 * value), (10 ** (2 * value) - 1) / 9)


def sketch_shape_terms(
    density: Float[Tensor, " n"],
    distance: Float[Tensor, " n"],
    winding: Float[Tensor, " n"],
    *,
    sigma_s: float = SIGMA_S,
    delta: float = DELTA,
) -> Float[Tensor, " n"]:
    """The summands, differentiable in the density (per scene unit, >= 0). The sign of `distance` does not matter."""
    p = -torch.expm1(-delta * density)
    p = p.clamp(0, 1.1)
    q = (winding > 0.5).to(p).clamp(0.01, 0.99)
    strict = -torch.expm1(-distance.square() / (2 * sigma_s**2))
    return strict * -(p * q.log() + (1 - p) * (1 - q).log())


def sketch_shape_loss(
    density: Float[Tensor, " n"],
    distance: Float[Tensor, " n"],
    winding: Float[Tensor, " n"],
    *,
    sigma_s: float = SIGMA_S,
    delta: float = DELTA,
) -> Float[Tensor, ""]:
    """The sum over points, as published."""
    return sketch_shape_terms(density, distance, winding, sigma_s=sigma_s, delta=delta).sum()


def sketch_shape_at_random_points(
    density: Callable[[Tensor], Tensor],
    guide: Guide,
    generator: torch.Generator,
    *,
    sigma_s: float = SIGMA_S,
    delta: float = DELTA,
    points: int = 4096,
) -> Float[Tensor, ""]:
    """The mean over uniformly random points of the cube: an estimate that does not depend on how many samples rays
    happen to take, so that one weight suits every resolution. The reference sums over the samples of the rays."""
    x = (2 * torch.rand(points, 3, generator=generator, device=generator.device) - 1) * guide.bound
    x = x.to(guide.distance.device)
    distance, winding = guide.lookup(x)
    return sketch_shape_terms(density(x), distance, winding, sigma_s=sigma_s, delta=delta).mean()
