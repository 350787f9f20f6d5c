"""A denoiser of coloured points in two streams, after PointInfinity (Huang et al. 2024, arXiv:2404.03566): most of the
work is done on a fixed number of latent tokens, which read the points and are read by them.

Its cost grows with the points' number, not with its square, and it may be trained on few points and asked for many:
one model makes a cloud of 1,024 or of 4,096, where Point-E needs an upsampler. It is called and sampled as Point-E's
models are (`t2a.priors.point_e`), and told a sentence by the tokens of a text encoder.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from t2a.priors.module_folder import load_module, save_module
from t2a.priors.point_e.configs import Schedule
from t2a.priors.point_e.diffusion import diffusion_of
from t2a.priors.point_e.models import CHANNELS
from t2a.priors.point_e.transformer import MLP, Block, attend, linear, timestep_embedding


@dataclass(frozen=True)
class TwoStreamConfig:
    n_ctx: int = 1024
    """Points that it is asked for; any other number will do as well."""
    width: int = 192
    """Of the latent tokens."""
    latents: int = 48
    stages: int = 3
    """Each reads the points, thinks, and is read by them."""
    layers: int = 2
    """Transformer blocks of a stage."""
    heads: int = 6
    point_width: int = 64
    point_heads: int = 4
    context_width: int = 192
    """Channels of the text encoder's tokens."""
    octaves: int = 4
    """Of the sines that the points' positions are also given as: 2^k pi, k = 0 .. octaves - 1."""
    schedule: Schedule = "cosine"
    init_scale: float = 0.5


class Exchange(nn.Module):
    """One stream reads the other: cross-attention, then a perceptron on the reader's side."""

    def __init__(self, width: int, source: int, heads: int, inner: int, scale: float):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2, self.ln_3 = nn.LayerNorm(width), nn.LayerNorm(source), nn.LayerNorm(width)
        self.c_q = linear(width, inner, scale / math.sqrt(width))
        self.c_kv = linear(source, 2 * inner, scale / math.sqrt(source))
        self.c_proj = linear(inner, width, scale / math.sqrt(inner))
        self.mlp = MLP(width, scale / math.sqrt(width))

    def forward(self, x: Float[Tensor, "b n w"], data: Float[Tensor, "b m s"]) -> Float[Tensor, "b n w"]:
        q = self.c_q(self.ln_1(x)).unflatten(-1, (self.heads, -1))
        k, v = self.c_kv(self.ln_2(data)).unflatten(-1, (self.heads, -1)).chunk(2, dim=-1)
        x = x + self.c_proj(attend(q, k, v))
        return x + self.mlp(self.ln_3(x))


class Stage(nn.Module):
    def __init__(self, c: TwoStreamConfig):
        super().__init__()
        self.read = Exchange(c.width, c.point_width, c.point_heads, c.point_width, c.init_scale)
        self.think = nn.Sequential(
            *(Block(c.width, c.heads, c.init_scale / math.sqrt(c.width)) for _ in range(c.layers))
        )
        self.write = Exchange(c.point_width, c.width, c.point_heads, c.point_width, c.init_scale)

    def forward(
        self, latents: Float[Tensor, "b l w"], points: Float[Tensor, "b n p"]
    ) -> tuple[Float[Tensor, "b l w"], Float[Tensor, "b n p"]]:
        latents = self.think(self.read(latents, points))
        return latents, self.write(points, latents)


class TwoStreamDenoiser(nn.Module):
    """Called as `model(x, t, context=...)`: x [b, 6, n] noised points in the scaled space of `point_e.diffusion.scale`,
    t [b] whole steps, context [b, l, context_width] a text encoder's tokens (zeros: no text). The result [b, 6, n] is
    the noise."""

    alphas: Tensor

    def __init__(self, config: TwoStreamConfig):
        super().__init__()
        self.config = c = config
        std = c.init_scale / math.sqrt(c.width)
        self.latents = nn.Parameter(torch.randn(c.latents, c.width))
        self.time_embed = MLP(c.width, std)
        self.context_proj = nn.Linear(c.context_width, c.width)
        self.input_proj = nn.Linear(CHANNELS + 6 * c.octaves, c.point_width)
        self.stages = nn.ModuleList(Stage(c) for _ in range(c.stages))
        self.ln_post = nn.LayerNorm(c.point_width)
        self.output_proj = nn.Linear(c.point_width, CHANNELS)
        nn.init.zeros_(self.output_proj.weight)
        nn.init.zeros_(self.output_proj.bias)
        alphas = torch.from_numpy(diffusion_of(c.schedule).alphas_cumprod).float()
        self.register_buffer("alphas", alphas, persistent=False)

    def velocity(
        self, x: Float[Tensor, "b 6 n"], t: Int[Tensor, " b"], context: Float[Tensor, "b l c"]
    ) -> Float[Tensor, "b 6 n"]:
        """v = sqrt(abar) noise - sqrt(1 - abar) x_0 (Salimans and Ho 2022), what the network itself predicts."""
        rows = x.transpose(1, 2)
        angles = rows[..., :3, None] * (math.pi * 2 ** torch.arange(self.config.octaves, device=x.device))
        waves = torch.cat([angles.sin(), angles.cos()], dim=-1).flatten(2)
        points = self.input_proj(torch.cat([rows, waves], dim=-1))
        time = self.time_embed(timestep_embedding(t, self.config.width))[:, None]
        latents = self.latents.expand(len(x), -1, -1)
        # Text and time are tokens among the latents; time is also added to the others, which without it would have to
        # look for it before they can tell noise from shape.
        latents = torch.cat([latents + time, time, self.context_proj(context)], dim=1)
        for stage in self.stages:
            latents, points = stage(latents, points)
        return self.output_proj(self.ln_post(points)).transpose(1, 2)

    def forward(
        self, x: Float[Tensor, "b 6 n"], t: Int[Tensor, " b"], *, context: Float[Tensor, "b l c"]
    ) -> Float[Tensor, "b 6 n"]:
        a = self.alphas[t][:, None, None]
        return a.sqrt() * self.velocity(x, t, context).float() + (1 - a).sqrt() * x


def save(model: TwoStreamDenoiser, folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """Write what `load` reads."""
    save_module(model, asdict(model.config), folder, dtype)


def load(folder: Path) -> TwoStreamDenoiser:
    """What `save` wrote: frozen, in fp32, on the CPU. Raises UserError for a folder that holds something else."""

    def build(config: dict[str, Any]) -> TwoStreamDenoiser:
        return TwoStreamDenoiser(TwoStreamConfig(**config))

    return load_module(folder, build, "the point model", "copy or train it again").requires_grad_(False).eval()
