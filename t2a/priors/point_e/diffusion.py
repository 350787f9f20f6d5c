"""Point-E's diffusion: 1024 steps of noise, a network that predicts the noise and the variance of the way back.

The tables are float64 and single values of them float32, as in the code the models were trained with; they are not
`priors.schedule.NoiseSchedule`, which bounds abar from below where Point-E's cosine schedule goes on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from t2a.priors.point_e.configs import Schedule

STEPS = 1024
CHANNEL_SCALES = (2.0, 2.0, 2.0, 0.00784314, 0.00784314, 0.00784314)
CHANNEL_BIASES = (0.0, 0.0, 0.0, -1.0, -1.0, -1.0)
"""Positions in [-0.5, 0.5] and colours in [0, 255] both become [-1, 1]."""


def scale(points: Float[Tensor, "b 6 n"]) -> Float[Tensor, "b 6 n"]:
    """Positions and colours (0 to 255) -> the space that is diffused in."""
    return points * points.new_tensor(CHANNEL_SCALES)[:, None] + points.new_tensor(CHANNEL_BIASES)[:, None]


def unscale(points: Float[Tensor, "b 6 n"]) -> Float[Tensor, "b 6 n"]:
    """The inverse of `scale`."""
    return (points - points.new_tensor(CHANNEL_BIASES)[:, None]) / points.new_tensor(CHANNEL_SCALES)[:, None]


def cosine_betas(steps: int = STEPS) -> Float[np.ndarray, " t"]:
    """abar(t) ~ cos^2 (Nichol and Dhariwal 2021, equation 17), each beta at most 0.999."""

    def abar(t: float) -> float:
        return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2

    return np.array([min(1 - abar((i + 1) / steps) / abar(i / steps), 0.999) for i in range(steps)])


def linear_betas(steps: int = STEPS) -> Float[np.ndarray, " t"]:
    """From 1e-4 to 0.02 (Ho et al. 2020, section 4), made for 1000 steps; scaled to as much noise in all."""
    return np.linspace(1e-4, 0.02, steps) * (1000 / steps)


BETAS: dict[Schedule, Callable[[], Float[np.ndarray, " t"]]] = {"cosine": cosine_betas, "linear": linear_betas}


def diffusion_of(schedule: Schedule) -> Diffusion:
    return Diffusion(BETAS[schedule]())


@dataclass(frozen=True, eq=False)
class Diffusion:
    """x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) noise, in the scaled space; t = 0 .. len - 1."""

    betas: Float[np.ndarray, " t"]

    def __len__(self) -> int:
        return len(self.betas)

    @cached_property
    def alphas_cumprod(self) -> Float[np.ndarray, " t"]:
        return np.cumprod(1 - self.betas)

    @cached_property
    def log_variances(self) -> tuple[Float[np.ndarray, " t"], Float[np.ndarray, " t"]]:
        """Lower and upper bound of log Var(x_{t-1} | x_t): the posterior's beta-tilde (Ho et al. 2020, equation 7) and
        beta. Beta-tilde is 0 at t = 0; its neighbour's value stands in."""
        before = np.append(1.0, self.alphas_cumprod[:-1])
        lower = self.betas * (1 - before) / (1 - self.alphas_cumprod)
        lower[0] = lower[1]
        return np.log(lower), np.log(self.betas)

    def add_noise(
        self, x0: Float[Tensor, "b 6 n"], noise: Float[Tensor, "b 6 n"], t: Int[Tensor, " b"]
    ) -> Float[Tensor, "b 6 n"]:
        return pick(np.sqrt(self.alphas_cumprod), t, x0) * x0 + pick(np.sqrt(1 - self.alphas_cumprod), t, x0) * noise

    def to_x0(
        self, epsilon: Float[Tensor, "b 6 n"], x_t: Float[Tensor, "b 6 n"], t: Int[Tensor, " b"]
    ) -> Float[Tensor, "b 6 n"]:
        """The clean points that a noise prediction means, clamped to [-1, 1]."""
        inverse = 1 / self.alphas_cumprod
        x0 = pick(np.sqrt(inverse), t, x_t) * x_t - pick(np.sqrt(inverse - 1), t, x_t) * epsilon
        return x0.clamp(-1, 1)

    def log_variance(self, place: Float[Tensor, "b 6 n"], t: Int[Tensor, " b"]) -> Float[Tensor, "b 6 n"]:
        """Learned range (Nichol and Dhariwal 2021, equation 15): -1 is the lower bound, 1 the upper, between them by
        interpolation."""
        lower, upper = (pick(table, t, place) for table in self.log_variances)
        share = (place + 1) / 2
        return share * upper + (1 - share) * lower

    def timestep(self, sigma: Float[Tensor, ""]) -> int:
        """The step whose noise is that of x_0 + sigma noise: t as a function of abar = 1 / (sigma^2 + 1), linear
        between the steps, cut off to a whole number and to the schedule's ends."""
        abar = float(1 / (sigma**2 + 1))
        # np.interp wants its table to rise, and abar falls.
        return int(np.interp(abar, self.alphas_cumprod[::-1], np.arange(len(self))[::-1]))


def pick(table: Float[np.ndarray, " t"], t: Int[Tensor, " b"], like: Float[Tensor, "b 6 n"]) -> Float[Tensor, "b 1 1"]:
    """The table's values at t, to be multiplied with `like`."""
    return torch.from_numpy(table)[t.cpu()].to(like)[:, None, None]
