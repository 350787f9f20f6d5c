"""What is behind the scene. A background maps directions to colours; opacity decides how much of it shows."""

from __future__ import annotations

from typing import Protocol

import torch
from jaxtyping import Float
from torch import Tensor, nn

from t2a.config import SceneConfig
from t2a.errors import UserError
from t2a.scene.field import mapped


class Background(Protocol):
    def __call__(
        self, directions: Float[Tensor, "b h w 3"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "#b #h #w c"]:
        """Colours for unit directions; may broadcast over views and pixels. Random ones draw from the generator."""
        ...


class Solid(nn.Module):
    """One fixed colour."""

    color: Tensor

    def __init__(self, color: tuple[float, ...] = (1.0, 1.0, 1.0)):
        super().__init__()
        self.register_buffer("color", torch.tensor(color, dtype=torch.float32))

    def forward(self, directions, generator=None) -> Float[Tensor, "1 1 1 c"]:
        return self.color.to(directions.device).reshape(1, 1, 1, -1)


class RandomSolid(nn.Module):
    """A uniformly random colour for each view: nothing in the scene can pass for background. Without a generator: the
    middle."""

    def __init__(self, channels: int = 3, low: float = 0.0, high: float = 1.0):
        super().__init__()
        self.channels, self.low, self.high = channels, low, high

    def forward(self, directions, generator=None) -> Float[Tensor, "b 1 1 c"]:
        shape = (len(directions), 1, 1, self.channels)
        if generator is None:
            return directions.new_full(shape, (self.low + self.high) / 2)
        draw = torch.rand(shape, generator=generator, device=generator.device)
        return (self.low + (self.high - self.low) * draw).to(directions.device)


class Backdrop(nn.Module):
    """A studio's backdrop: one colour, but for a `share` of the views a random one. Without a generator: always the
    colour."""

    def __init__(self, color: tuple[float, ...], share: float = 0.25):
        super().__init__()
        self.plain, self.random, self.share = Solid(color), RandomSolid(len(color)), share

    def forward(self, directions, generator=None) -> Float[Tensor, "#b 1 1 c"]:
        plain = self.plain(directions)
        if generator is None:
            return plain
        colors = self.random(directions, generator)
        chosen = torch.rand(len(directions), 1, 1, 1, generator=generator, device=generator.device) < self.share
        return torch.where(chosen.to(colors.device), colors, plain)


class LearnedBackground(nn.Module):
    """A small MLP on the direction, through sines and cosines of `frequencies` octaves; sigmoid unless latent. Starts
    near grey."""

    def __init__(self, channels: int = 3, hidden: int = 16, frequencies: int = 2, *, latent: bool = False):
        super().__init__()
        self.frequencies, self.latent = frequencies, latent
        self.layers = nn.Sequential(nn.Linear(3 + 6 * frequencies, hidden), nn.ReLU(), nn.Linear(hidden, channels))

    def take_colors(self, matrix: Float[Tensor, "c1 3"]) -> None:
        """As the field does (`t2a.scene.field`)."""
        last = self.layers[-1]
        assert isinstance(last, nn.Linear)
        self.layers[-1] = mapped(last, matrix)

    def forward(self, directions, generator=None) -> Float[Tensor, "b h w c"]:
        octaves = [directions * 2.0**k * torch.pi / 2 for k in range(self.frequencies)]
        color = self.layers(torch.cat([directions, *(f(x) for x in octaves for f in (torch.sin, torch.cos))], dim=-1))
        return color if self.latent else color.sigmoid()


def configured_background(config: SceneConfig) -> Background:
    """The background that the configuration names. Raises UserError for one that a latent scene cannot have."""
    if config.latent and config.background in ("white", "black"):
        raise UserError(
            f"a latent scene has no {config.background} background; choose learned or random, or pass background="
        )
    if config.background == "studio":
        if config.latent:
            raise UserError("a latent scene has no studio background; choose learned or random")
        return Backdrop(config.backdrop, config.random_backdrop)
    if config.background == "learned":
        return LearnedBackground(config.channels, latent=config.latent)
    if config.background == "random":
        # Latents of photographs spread about as a unit normal.
        return RandomSolid(config.channels, -1.0, 1.0) if config.latent else RandomSolid(config.channels)
    return Solid((1.0 if config.background == "white" else 0.0,) * config.channels)
