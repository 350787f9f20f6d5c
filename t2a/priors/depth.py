"""How far away what a diffusion model has drawn is: a small head on its frozen UNet.

What a UNet knows of its own drawing, of all views at once, says more of the shape than the pictures do (as in Marigold,
Ke et al. 2024, which fine-tunes the whole UNet for that; here it stays as it is). Views with their distances are a
point cloud with colours, seconds after the words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from t2a.cameras import generate_rays
from t2a.priors.module_folder import load_module, save_module
from t2a.priors.multiview import join_views
from t2a.types import Cameras

FOLDER = "depth"
RAY = 6
"""Channels of a ray: its direction and its moment about the origin (Pluecker's coordinates)."""


@dataclass(frozen=True)
class DepthConfig:
    known: int
    """Channels of what the UNet knows of each cell, with those of the latent."""
    width: int = 96
    layers: int = 3
    heads: int = 4
    shuffle: int = 4
    """Pixels along the edge of a cell."""
    fine: int = 16
    """Channels of a pixel."""
    groups: int = 16
    noise: float = 0.05
    """Of the way to pure noise where the UNet is asked: enough to hide how a picture was drawn."""


@dataclass(frozen=True)
class Depth:
    """Of b views, h x w pixels each."""

    distance: Float[Tensor, "b h w"]
    """Along the ray, scene units."""
    spread: Float[Tensor, "b h w"]
    """How far off that may be: the scale of a Laplace distribution."""
    inside: Float[Tensor, "b h w"]
    """Logit of there being something."""


class Look(nn.Module):
    """The cells of all views of a scene look at each other, by fours, then each at its neighbours."""

    def __init__(self, config: DepthConfig):
        super().__init__()
        width, self.heads = config.width, config.heads
        self.norm, self.ray = nn.LayerNorm(width), nn.Linear(RAY, width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.near = nn.Sequential(
            nn.GroupNorm(config.groups, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GroupNorm(config.groups, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )

    def forward(
        self, x: Float[Tensor, "b w y x"], rays: Float[Tensor, "b n 6"], views: int
    ) -> Float[Tensor, "b w y x"]:
        batch, width, height, across = x.shape
        cells = functional.avg_pool2d(x, 2).flatten(2).transpose(1, 2)
        shown = self.norm(cells) + self.ray(rays)
        q, k, v = (
            part.reshape(batch // views, -1, self.heads, width // self.heads).transpose(1, 2)
            for part in self.qkv(shown).chunk(3, dim=-1)
        )
        seen = functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, -1, width)
        seen = self.out(seen).transpose(1, 2).unflatten(2, (height // 2, across // 2))
        x = x + functional.interpolate(seen, scale_factor=2.0)
        return x + self.near(x)


class DepthHead(nn.Module):
    def __init__(self, config: DepthConfig):
        super().__init__()
        self.config = c = config
        self.first = nn.Conv2d(c.known, c.width, 3, padding=1)
        self.layers = nn.ModuleList(Look(c) for _ in range(c.layers))
        self.open = nn.Conv2d(c.width, c.fine * c.shuffle**2, 1)
        self.last = nn.Sequential(
            nn.SiLU(),
            nn.Conv2d(c.fine, c.fine, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(c.fine, 3, 3, padding=1),
        )

    def forward(self, known: Float[Tensor, "b c y x"], cameras: Cameras, views: int) -> Depth:
        """From what `knowledge` returns; every `views` consecutive entries are views of one scene."""
        rays = cell_rays(cameras, known.shape[2] // 2, known.shape[3] // 2)
        x = self.first(known)
        for layer in self.layers:
            x = layer(x, rays, views)
        fine = self.last(functional.pixel_shuffle(self.open(functional.silu(x)), self.config.shuffle))
        distance, spread, inside = fine.float().unbind(1)
        middle = cameras.distance.to(distance)[:, None, None]
        return Depth(middle + distance, (spread - 3).clamp(-6, 1).exp(), inside)


def cell_rays(cameras: Cameras, height: int, width: int) -> Float[Tensor, "b n 6"]:
    with torch.autocast(cameras.fov.device.type, enabled=False):  # where a ray is takes more than bf16's 8 bits
        rays = generate_rays(cameras, height, width)
        moment = torch.linalg.cross(rays.origins, rays.directions)
    return torch.cat([rays.directions, moment], dim=-1).unflatten(0, (len(cameras), -1))


def known_channels(unet: UNet2DConditionModel) -> int:
    """Those of `knowledge`: the latent's, and of the UNet's last two blocks."""
    return unet.config.in_channels + sum(unet.config.block_out_channels[:2])


@contextmanager
def overheard(unet: UNet2DConditionModel) -> Iterator[list[Tensor]]:
    """The outputs of the UNet's last two blocks in the calls within the block, which are of the latent's size."""
    heard: list[Tensor] = []
    handles = [
        block.register_forward_hook(lambda _module, _args, output: heard.append(output))
        for block in unet.up_blocks[-2:]
    ]
    try:
        yield heard
    finally:
        for handle in handles:
            handle.remove()


@torch.no_grad()
def knowledge(
    unet: UNet2DConditionModel,
    z: Float[Tensor, "b c y x"],
    t: Int[Tensor, " b"],
    context: Float[Tensor, "b l d"],
    views: int,
) -> Float[Tensor, "b k y x"]:
    """What the UNet knows of z, noised as far as t says, every `views` views together; z itself comes first."""
    join_views(unet, views)
    with overheard(unet) as heard:
        unet(z.to(unet.dtype), t, context.to(unet.dtype))
    return torch.cat([z, *(x.float() for x in heard)], dim=1)


def save(head: DepthHead, folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """Write what `load` reads from a pipeline's folder / FOLDER."""
    save_module(head, asdict(head.config), folder, dtype)


def load(pipeline: Path) -> DepthHead | None:
    """The pipeline folder's depth head, frozen, or None where it has none; raises UserError for a damaged one."""
    folder = pipeline / FOLDER
    if not folder.is_dir():
        return None

    def build(config: dict[str, Any]) -> DepthHead:
        return DepthHead(DepthConfig(**config))

    return load_module(folder, build, "the depth head", "copy the model again").requires_grad_(False).eval()
