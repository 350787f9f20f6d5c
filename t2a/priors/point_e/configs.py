"""The published Point-E models by their published names (Nichol et al. 2022, arXiv:2212.08751).

All are transformers over points. Sizes differ, and so does what they are told; the schedule of their noise belongs to
them as their width does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Schedule = Literal["cosine", "linear"]
"""How the noise grows; `diffusion` has the tables."""
Conditioning = Literal["none", "vector", "grid", "upsample"]
"""none; one CLIP vector; a CLIP patch grid; a CLIP patch grid and a low-resolution cloud."""


@dataclass(frozen=True)
class PointDiffusionConfig:
    """A denoiser of coloured point clouds: 6 channels (x, y, z, R, G, B) in, 12 (noise and variance) out."""

    conditioning: Conditioning
    width: int = 512
    layers: int = 12
    heads: int = 8
    n_ctx: int = 1024
    """Points that are denoised (those that only condition come on top)."""
    clip_width: int = 1024
    """Channels of the CLIP vector (768 for ViT-L/14) or of a patch token (1024)."""
    clip_tokens: int = 256
    """Patch tokens of the grid."""
    schedule: Schedule = "cosine"
    cond_drop_prob: float = 0.1
    """How often the published training zeroes the CLIP condition. `forward` never does: a trainer draws it with a
    generator of its own."""
    init_scale: float = 0.25


@dataclass(frozen=True)
class SdfConfig:
    """A signed-distance model: the cloud is encoded once, queries attend to it."""

    width: int = 256
    encoder_layers: int = 8
    encoder_heads: int = 4
    decoder_layers: int = 4
    decoder_heads: int = 4
    init_scale: float = 0.25


Config = PointDiffusionConfig | SdfConfig

CONFIGS: dict[str, Config] = {
    "base40M-uncond": PointDiffusionConfig("none", cond_drop_prob=0.0),
    "base40M-textvec": PointDiffusionConfig("vector", clip_width=768),
    "base40M-imagevec": PointDiffusionConfig("vector", clip_width=768),
    "base40M": PointDiffusionConfig("grid"),
    "base300M": PointDiffusionConfig("grid", width=1024, layers=24, heads=16),
    "base1B": PointDiffusionConfig("grid", width=2048, layers=24, heads=32),
    "upsample": PointDiffusionConfig("upsample", n_ctx=3072, schedule="linear"),
    "sdf": SdfConfig(),
}

FILES: dict[str, str] = {
    "base40M-uncond": "base_40m_uncond.pt",
    "base40M-textvec": "base_40m_textvec.pt",
    "base40M-imagevec": "base_40m_imagevec.pt",
    "base40M": "base_40m.pt",
    "base300M": "base_300m.pt",
    "base1B": "base_1b.pt",
    "upsample": "upsample_40m.pt",
    "sdf": "sdf.pt",
}
"""Names of the official checkpoint files."""
