"""What a prior is told: a stack of branches, and the weights that combine what it predicts for each of them.

Every guidance is a value of this. Classifier-free guidance in its one convention, uncond + s (cond - uncond), is two
branches with the weights (1 - s, s); InstructPix2Pix's two scales are three branches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor

if TYPE_CHECKING:
    from t2a.priors.control import Control


@dataclass(frozen=True)
class Condition:
    contexts: tuple[Float[Tensor, "b _ d"], ...]
    """Tokens for cross-attention: k branches for each of b images. Branches may differ in length: what a branch is
    not told is left away, not masked."""
    weights: Float[Tensor, "k b"]
    """How the branches' predictions add up; the column sums are 1."""
    views: int = 1
    """So many consecutive images are views of one scene, denoised together."""
    controls: tuple[Control, ...] = ()
    """Maps that every branch is shown, as diffusers does it, or every one but the first."""
    sources: tuple[Float[Tensor, "b c y x"], ...] = ()
    """For each branch of a model that edits pictures (InstructPix2Pix): the latents that it is shown beside the noisy
    ones; zeros where it is shown nothing."""

    def combine(self, predictions: Float[Tensor, "k b *s"]) -> Float[Tensor, b * s]:
        weights = self.weights.reshape(*self.weights.shape, *[1] * (predictions.dim() - 2))
        return (weights.to(predictions) * predictions).sum(dim=0)


def guidance_weights(scale: float, count: int) -> Float[Tensor, "2 b"]:
    """Classifier-free guidance (Ho and Salimans 2022): branch 0 is unconditional, branch 1 conditional."""
    return torch.tensor([1.0 - scale, scale])[:, None].expand(2, count)
