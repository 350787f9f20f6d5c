"""The noise of a diffusion prior, in fp32 and on its own: z_t = sqrt(abar_t) z + sqrt(1 - abar_t) eps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Float, Int
from torch import Tensor

from t2a.errors import UserError

Prediction = Literal["epsilon", "v_prediction", "sample"]


def _spread(values: Float[Tensor, " b"], like: Tensor) -> Tensor:
    return values.reshape(-1, *[1] * (like.dim() - 1))


@dataclass(frozen=True)
class NoiseSchedule:
    """abar for t = 0 .. T - 1, and what the network predicts."""

    alphas_cumprod: Float[Tensor, " t"]
    prediction: Prediction = "epsilon"

    def __post_init__(self) -> None:
        if self.prediction not in get_args(Prediction):
            raise UserError(
                f"prediction_type {self.prediction!r} is not known; "
                f"a model must predict one of: {', '.join(get_args(Prediction))}"
            )

    def __len__(self) -> int:
        return self.alphas_cumprod.shape[0]

    def alpha(self, t: Int[Tensor, " b"], like: Tensor) -> Tensor:
        """abar_t, shaped to multiply `like`; at least 1e-5, so that a zero-terminal-SNR schedule stays invertible."""
        return _spread(self.alphas_cumprod.to(like.device)[t].clamp(min=1e-5), like)

    def add_noise(
        self, z: Float[Tensor, b * s], noise: Float[Tensor, b * s], t: Int[Tensor, " b"]
    ) -> Float[Tensor, b * s]:
        a = self.alpha(t, z)
        return a.sqrt() * z + (1 - a).sqrt() * noise

    def to_epsilon(
        self, output: Float[Tensor, b * s], z_t: Float[Tensor, b * s], t: Int[Tensor, " b"]
    ) -> Float[Tensor, b * s]:
        """The network's output as a noise prediction (Salimans and Ho 2022, section 4 and appendix D)."""
        a = self.alpha(t, z_t)
        if self.prediction == "epsilon":
            return output
        if self.prediction == "v_prediction":
            return a.sqrt() * output + (1 - a).sqrt() * z_t
        return (z_t - a.sqrt() * output) / (1 - a).sqrt()

    def to_sample(
        self, epsilon: Float[Tensor, b * s], z_t: Float[Tensor, b * s], t: Int[Tensor, " b"]
    ) -> Float[Tensor, b * s]:
        """The clean z that a noise prediction means."""
        a = self.alpha(t, z_t)
        return (z_t - (1 - a).sqrt() * epsilon) / a.sqrt()


def schedule_of(scheduler) -> NoiseSchedule:
    """The schedule of a diffusers scheduler: its table in fp32 and its prediction type, nothing else of it."""
    return NoiseSchedule(torch.as_tensor(scheduler.alphas_cumprod).float().clone(), scheduler.config.prediction_type)
