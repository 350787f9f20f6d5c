"""Scenes that hold latents instead of colours (Metzer et al. 2022, Latent-NeRF): no VAE encoder in the loop, a linear
way back to RGB."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from t2a.cameras import turntable
from t2a.config import CameraConfig
from t2a.priors.prior import Prior
from t2a.scene import Scene
from t2a.types import Render

VIEWS = 8


def rendered_latents(render: Render, size: int) -> Float[Tensor, "b c y x"]:
    """The render's channels as the prior's z, brought to `size` pixels an edge."""
    z = render.rgb.permute(0, 3, 1, 2)
    return z if z.shape[-1] == size else F.interpolate(z, (size, size), mode="bilinear", align_corners=False)


@torch.no_grad()
def fit_rgb(prior: Prior, scene: Scene, cameras: CameraConfig, size: int) -> Float[Tensor, "c1 3"]:
    """The affine map latents -> sRGB that agrees best (least squares) with the prior's decoder on renders of the
    finished scene.

    Latent-NeRF takes a fixed matrix as its RGB adapter's start and trains it; with the decoder at hand the linear
    optimum is a closed form, and it fits any prior's latents. The last row is the constant.
    """
    views = turntable(VIEWS, 20.0, cameras.distance[1], cameras.fov[1])
    z = rendered_latents(scene.render(views.to(next(scene.parameters()).device), size, size), size)
    rgb = F.interpolate(prior.decode(z).permute(0, 3, 1, 2), (size, size), mode="area")
    known = F.pad(z.movedim(1, -1).flatten(0, 2), (0, 1), value=1.0)
    return torch.linalg.lstsq(known.cpu().double(), rgb.movedim(1, -1).flatten(0, 2).cpu().double()).solution.float()


def to_rgb(latents: Float[Tensor, "*n c"], matrix: Float[Tensor, "c1 3"]) -> Float[Tensor, "*n 3"]:
    """Colours of latents by `fit_rgb`'s map, clipped to [0, 1]."""
    matrix = matrix.to(latents)
    return (latents @ matrix[:-1] + matrix[-1]).clamp(0, 1)
