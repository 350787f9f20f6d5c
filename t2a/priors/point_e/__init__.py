"""Point-E: coloured point clouds from a text or an image by diffusion (Nichol et al. 2022, arXiv:2212.08751).

>>> model = build("base40M-textvec")
>>> model(x, t, embeddings=vectors)  # [b, 6, 1024], [b], [b, 768] -> [b, 12, 1024]

A base model makes 1024 points, the upsampler adds 3072, the signed-distance model gives them a surface.
"""

from __future__ import annotations

from torch import nn

from t2a.errors import UserError
from t2a.priors.point_e.configs import CONFIGS, Config, SdfConfig
from t2a.priors.point_e.models import (
    ClipEncoder,
    GridDenoiser,
    PointDenoiser,
    UnconditionalDenoiser,
    UpsamplingDenoiser,
    VectorDenoiser,
)
from t2a.priors.point_e.sdf import SignedDistanceModel

TOLD_BY_TEXT = ("base40M-textvec",)
TOLD_BY_IMAGE = ("base40M", "base300M", "base1B", "base40M-imagevec")
UPSAMPLER, SDF = "upsample", "sdf"
"""What each of the published models is for; base40M-uncond is told nothing."""

DENOISERS: dict[str, type[PointDenoiser]] = {
    "none": UnconditionalDenoiser,
    "vector": VectorDenoiser,
    "grid": GridDenoiser,
    "upsample": UpsamplingDenoiser,
}


def config_of(name: str) -> Config:
    if name not in CONFIGS:
        raise UserError(f"there is no Point-E model {name!r}; the models are: {', '.join(CONFIGS)}")
    return CONFIGS[name]


def build(name: str | Config, clip: ClipEncoder | None = None) -> nn.Module:
    """The model of a published name, or of a configuration, with random weights (a denoiser's output is zero, because
    its last layer is). Raises UserError for an unknown name."""
    config = config_of(name) if isinstance(name, str) else name
    if isinstance(config, SdfConfig):
        return SignedDistanceModel(config)
    return DENOISERS[config.conditioning](config, clip)
