"""The seam between frozen generative models and everything that learns from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jaxtyping import Float, Int
from torch import Tensor

from t2a.priors.condition import Condition
from t2a.priors.schedule import NoiseSchedule
from t2a.types import Cameras


class Prior(Protocol):
    """A frozen denoiser. Images are [b, h, w, 3] in [0, 1]; z is whatever space the model diffuses in."""

    schedule: NoiseSchedule
    image_size: int
    """Pixels of a side that `encode` brings images to."""
    latent_size: int
    """Edge of z."""
    sees_cameras: bool
    """Whether `condition` uses the cameras; otherwise the prompts must say the side."""

    joint_views: int
    """How many consecutive images of a batch are views of one scene that `predict` sees together and that share their
    t; 1 for a model of single pictures."""

    def encode(self, rgb: Float[Tensor, "b h w 3"]) -> Float[Tensor, "b c y x"]:
        """Differentiable; the identity (but for the layout and range) for pixel models."""
        ...

    def decode(self, z: Float[Tensor, "b c y x"]) -> Float[Tensor, "b h w 3"]: ...

    def condition(
        self, prompts: Sequence[str], negative: str, cameras: Cameras, guidance_scale: float
    ) -> Condition: ...

    def predict(
        self, z_t: Float[Tensor, "b c y x"], t: Int[Tensor, " b"], condition: Condition
    ) -> Float[Tensor, "b c y x"]:
        """The combined noise prediction, fp32, without gradient."""
        ...


def views_together(prior: Prior, count: int) -> int:
    """The prior's `joint_views` for a batch of `count`; 1 where they do not come out even."""
    return prior.joint_views if count % prior.joint_views == 0 else 1
