"""Score distillation sampling (Poole et al. 2022, DreamFusion, equation 3) as pure functions.

With z_t = sqrt(abar_t) z + sqrt(1 - abar_t) eps, the gradient with respect to z is w(t) (eps_hat(z_t, t) - eps): the
derivative of the prior's own loss without the denoiser's Jacobian.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from t2a.priors.condition import Condition
from t2a.priors.prior import Prior

Weighting = Literal["uniform", "sigma", "sample", "fantasia"]

WEIGHTINGS: dict[Weighting, Callable[[Tensor], Tensor]] = {
    "uniform": torch.ones_like,  # Magic3D's coarse stage
    "sigma": lambda abar: 1 - abar,  # DreamFusion
    "sample": lambda abar: (
        (1 - abar) / abar
    ).sqrt(),  # makes the gradient z - z_hat: the loss on the clean picture (MVDream)
    "fantasia": lambda abar: abar.sqrt() * (1 - abar),  # Latent-NeRF, Fantasia3D's geometry
}
"""w(t) as a function of abar_t."""


def sds_gradient(
    prior: Prior,
    z: Float[Tensor, "b c y x"],
    condition: Condition,
    t: Int[Tensor, " b"],
    noise: Float[Tensor, "b c y x"],
    weighting: Weighting = "sigma",
) -> Float[Tensor, "b c y x"]:
    """w(t) (eps_hat - eps), without gradient."""
    with torch.no_grad():
        z_t = prior.schedule.add_noise(z, noise, t)
        weight = WEIGHTINGS[weighting](prior.schedule.alpha(t, z))
        return weight * (prior.predict(z_t, t, condition) - noise)


def sds_loss(z: Float[Tensor, "b c y x"], gradient: Float[Tensor, "b c y x"]) -> Float[Tensor, ""]:
    """A scalar whose derivative with respect to z is `gradient` / b: half the squared distance to the target z -
    gradient."""
    return 0.5 * (z - (z - gradient).detach()).square().sum() / z.shape[0]


def sample_timesteps(low: float, high: float, count: int, steps: int, generator: torch.Generator) -> Int[Tensor, " b"]:
    """t ~ U(low, high) as shares of the prior's `steps`, integers in [0, steps - 1]."""
    u = torch.rand(count, generator=generator)
    return ((low + (high - low) * u) * steps).long().clamp(0, steps - 1)
