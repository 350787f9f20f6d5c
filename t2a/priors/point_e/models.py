"""Point-E's denoisers (Nichol et al. 2022, sections 4.3 and 4.4): one transformer, and the tokens before its points.

| class | tokens, in this order |
|---|---|
| UnconditionalDenoiser | time, points |
| VectorDenoiser | CLIP vector, time, points |
| GridDenoiser | time, CLIP patches, points |
| UpsamplingDenoiser | time, CLIP patches, low-resolution points, points |

The order is the published one; without positional encoding it makes no difference but for rounding.

All are called as `model(x, t, **conditions)`: x [b, 6, n_ctx] in the scaled space of `diffusion.scale` times
sqrt(abar_t) plus noise, t [b] whole steps; the result [b, 12, n_ctx] is the noise (6) and the variance's place between
its bounds (6, in about [-1, 1]). A CLIP condition that is not given is zeros, which is what "unconditional" means to
these models.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from t2a.priors.point_e.configs import PointDiffusionConfig
from t2a.priors.point_e.diffusion import CHANNEL_BIASES, CHANNEL_SCALES
from t2a.priors.point_e.transformer import MLP, Transformer, timestep_embedding

CHANNELS = 6


class ClipEncoder(Protocol):
    """What `images` and `texts` are encoded by; `clip.Clip` is one."""

    def texts(self, texts: Sequence[str]) -> Float[Tensor, "b c"]: ...

    def images(self, images: Sequence[Any]) -> Float[Tensor, "b c"]: ...

    def grids(self, images: Sequence[Any]) -> Float[Tensor, "b c l"]: ...


class PointDenoiser(nn.Module):
    """The part that all denoisers share. `clip` is used for `images` and `texts`, and is no part of the state dict."""

    def __init__(self, config: PointDiffusionConfig, clip: ClipEncoder | None = None):
        super().__init__()
        self.config, self.clip = config, clip
        width, std = config.width, config.init_scale / math.sqrt(config.width)
        self.time_embed = MLP(width, std)
        self.ln_pre = nn.LayerNorm(width)
        self.backbone = Transformer(width, config.layers, config.heads, std)
        self.ln_post = nn.LayerNorm(width)
        self.input_proj = nn.Linear(CHANNELS, width)
        self.output_proj = nn.Linear(width, 2 * CHANNELS)
        nn.init.zeros_(self.output_proj.weight)
        nn.init.zeros_(self.output_proj.bias)

    def time_token(self, t: Int[Tensor, " b"]) -> Float[Tensor, "b 1 w"]:
        return self.time_embed(timestep_embedding(t, self.config.width))[:, None]

    def denoise(self, x: Float[Tensor, "b 6 n"], *tokens: Float[Tensor, "b _ w"]) -> Float[Tensor, "b 12 n"]:
        if x.shape[1:] != (CHANNELS, self.config.n_ctx):
            raise ValueError(f"x is {list(x.shape)}; this model takes [batch, {CHANNELS}, {self.config.n_ctx}]")
        h = torch.cat([*tokens, self.input_proj(x.transpose(1, 2))], dim=1)
        h = self.ln_post(self.backbone(self.ln_pre(h)))
        return self.output_proj(h[:, -self.config.n_ctx :]).transpose(1, 2)

    def embed(self, x: Tensor, shape: tuple[int, ...], given: Mapping[str, Any]) -> Tensor:
        """The one CLIP condition that is given (as an embedding, or as something that `clip` encodes), or zeros."""
        given = {name: value for name, value in given.items() if value is not None}
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are given; give one of them")
        for name, value in given.items():
            if name != "embeddings" and self.clip is None:
                raise ValueError(f"{name} need a CLIP model: build(..., clip=load_clip(...)), or give embeddings")
            embeddings = value if name == "embeddings" else self._encode(name, value).to(x)
            if embeddings.shape != (len(x), *shape):
                raise ValueError(f"embeddings are {list(embeddings.shape)}; expected {[len(x), *shape]}")
            return embeddings
        return x.new_zeros(len(x), *shape)

    def _encode(self, name: str, value: Any) -> Tensor:
        raise NotImplementedError


class UnconditionalDenoiser(PointDenoiser):
    def forward(self, x: Float[Tensor, "b 6 n"], t: Int[Tensor, " b"]) -> Float[Tensor, "b 12 n"]:
        return self.denoise(x, self.time_token(t))


class VectorDenoiser(PointDenoiser):
    """Told one CLIP vector of unit length, of a text or an image."""

    def __init__(self, config: PointDiffusionConfig, clip: ClipEncoder | None = None):
        super().__init__(config, clip)
        self.clip_embed = nn.Linear(config.clip_width, config.width)

    def _encode(self, name: str, value: Any) -> Tensor:
        assert self.clip is not None
        return self.clip.texts(value) if name == "texts" else self.clip.images(value)

    def forward(
        self,
        x: Float[Tensor, "b 6 n"],
        t: Int[Tensor, " b"],
        *,
        embeddings: Float[Tensor, "b c"] | None = None,
        images: Sequence[Any] | None = None,
        texts: Sequence[str] | None = None,
    ) -> Float[Tensor, "b 12 n"]:
        width = self.config.clip_width
        vector = self.embed(x, (width,), {"embeddings": embeddings, "images": images, "texts": texts})
        # A unit vector of c components has components of size 1 / sqrt(c); the network wants unit variance.
        token = self.clip_embed(math.sqrt(width) * vector)
        return self.denoise(x, token[:, None], self.time_token(t))


class GridDenoiser(PointDenoiser):
    """Told the patches of an image, channels first: [b, 1024, 256] for ViT-L/14."""

    def __init__(self, config: PointDiffusionConfig, clip: ClipEncoder | None = None):
        super().__init__(config, clip)
        self.clip_embed = nn.Sequential(nn.LayerNorm(config.clip_width), nn.Linear(config.clip_width, config.width))

    def _encode(self, name: str, value: Any) -> Tensor:
        assert self.clip is not None
        return self.clip.grids(value)

    def grid_tokens(self, x: Tensor, embeddings: Tensor | None, images: Sequence[Any] | None) -> Float[Tensor, "b l w"]:
        shape = (self.config.clip_width, self.config.clip_tokens)
        grid = self.embed(x, shape, {"embeddings": embeddings, "images": images})
        return self.clip_embed(grid.transpose(1, 2))

    def forward(
        self,
        x: Float[Tensor, "b 6 n"],
        t: Int[Tensor, " b"],
        *,
        embeddings: Float[Tensor, "b c l"] | None = None,
        images: Sequence[Any] | None = None,
        low_res: Float[Tensor, "b 6 m"] | None = None,
    ) -> Float[Tensor, "b 12 n"]:
        if low_res is not None:
            raise ValueError("low_res is given to a base model; only the upsampler takes it")
        return self.denoise(x, self.time_token(t), self.grid_tokens(x, embeddings, images))


class UpsamplingDenoiser(GridDenoiser):
    """Adds points to a low-resolution cloud, whose colours are in [0, 255] (it is scaled here, unlike x)."""

    channel_scales: Tensor
    channel_biases: Tensor

    def __init__(self, config: PointDiffusionConfig, clip: ClipEncoder | None = None):
        super().__init__(config, clip)
        self.cond_point_proj = nn.Linear(CHANNELS, config.width)
        self.register_buffer("channel_scales", torch.tensor(CHANNEL_SCALES))
        self.register_buffer("channel_biases", torch.tensor(CHANNEL_BIASES))

    def forward(
        self,
        x: Float[Tensor, "b 6 n"],
        t: Int[Tensor, " b"],
        *,
        embeddings: Float[Tensor, "b c l"] | None = None,
        images: Sequence[Any] | None = None,
        low_res: Float[Tensor, "b 6 m"] | None = None,
    ) -> Float[Tensor, "b 12 n"]:
        if low_res is None:
            raise ValueError("the upsampler needs low_res, the cloud to add points to")
        points = low_res.transpose(1, 2) * self.channel_scales + self.channel_biases
        grid = self.grid_tokens(x, embeddings, images)
        return self.denoise(x, self.time_token(t), grid, self.cond_point_proj(points))
