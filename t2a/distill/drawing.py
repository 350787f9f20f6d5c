"""What a scene is fitted to: views that the prior has drawn."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Generator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from t2a.cameras import orbit, spread
from t2a.config import CameraConfig, Config, RefineConfig
from t2a.distill.loop import told
from t2a.distill.matte import matte
from t2a.priors.condition import Condition
from t2a.priors.prior import Prior, views_together
from t2a.schedule import value_at
from t2a.types import Cameras

HEIGHTS = (0.2, 0.6)
"""Of the first views, as shares of the range of elevations: 4 and 32 degrees of the pocket preset's."""


@torch.no_grad()
def redraw(
    prior: Prior,
    z: Float[Tensor, "b c y x"],
    condition: Condition,
    strength: float,
    steps: int,
    noise: Float[Tensor, "b c y x"],
    known: Bool[Tensor, "b 1 #y #x"] | None = None,
) -> Generator[int, None, Float[Tensor, "b c y x"]]:
    """z noised up to `strength` (a share of the prior's timesteps, in (0, 1]) and denoised by `steps` steps of
    DPM-Solver++ (2M; Lu et al. 2022, algorithm 2), the first of which is one of DDIM. Tells after each step how many
    are done.

    What is `known` stays what it is: at every step it is only noised as far as the rest is, so that this agrees with it
    (as in inpainting: Lugmayr et al. 2022, RePaint, equation 8).
    """
    schedule = prior.schedule
    times = torch.linspace(strength * len(schedule) - 1, 0, steps + 1).round().long().clamp(min=0)
    at = [time.expand(len(z)).to(z.device) for time in times]
    half_log_snr = torch.logit(schedule.alphas_cumprod.cpu()[times].double().clamp(1e-5, 1 - 1e-7)) / 2
    lengths = half_log_snr.diff().tolist()  # 0 where there are more steps than the schedule has
    z_t, clean = schedule.add_noise(z, noise, at[0]), z
    for number, length in enumerate(lengths):
        before, clean = clean, schedule.to_sample(prior.predict(z_t, at[number], condition), z_t, at[number])
        if known is not None:
            clean = torch.where(known, z, clean)
        ahead = clean
        if number > 0 and lengths[number - 1] > 0:
            ahead = clean + length / (2 * lengths[number - 1]) * (clean - before)
        a, following = schedule.alpha(at[number], z), schedule.alpha(at[number + 1], z)
        z_t = ((1 - following) / (1 - a)).sqrt() * z_t - following.sqrt() * math.expm1(-length) * ahead
        yield number + 1
    return clean


def resized(images: Float[Tensor, "b h w 3"], size: int) -> Float[Tensor, "b size size 3"]:
    """Square images of `size` pixels an edge, antialiased."""
    if images.shape[1] == size:
        return images
    channels_first = images.permute(0, 3, 1, 2)
    return functional.interpolate(channels_first, (size, size), mode="bilinear", antialias=True).permute(0, 2, 3, 1)


@dataclass(frozen=True)
class Drawing:
    """The pictures of a round: what the scene should look like."""

    views: Cameras
    behind: Float[Tensor, "b _ _ c"]
    """The background that they were drawn before."""
    z: Float[Tensor, "b c y x"]
    target: Tensor
    """The pictures [b, h, w, 3]; for a latent scene z itself."""
    silhouettes: Float[Tensor, "b h w 1"] | None

    def and_(self, other: Drawing) -> Drawing:
        """Both, this one's pictures first."""
        own, others = self.tensors(), other.tensors()
        return Drawing.from_tensors({name: torch.cat([own[name], others[name]]) for name in own})

    def tensors(self) -> dict[str, Tensor]:
        """As a checkpoint holds it."""
        parts = {"behind": self.behind, "z": self.z, "target": self.target, "silhouettes": self.silhouettes}
        return vars(self.views) | {name: part for name, part in parts.items() if part is not None}

    @staticmethod
    def from_tensors(parts: dict[str, Tensor]) -> Drawing:
        views = Cameras(*(parts[f.name] for f in dataclasses.fields(Cameras)))
        return Drawing(views, parts["behind"], parts["z"], parts["target"], parts.get("silhouettes"))


def low_and_high(count: int, cameras: CameraConfig, generator: torch.Generator) -> Cameras:
    """Cameras evenly around, in turn lower and higher within the range of elevations: from neither too much is hidden
    that others do not see."""
    turn = float(torch.rand((), generator=generator))
    azimuth = (torch.arange(count) + turn) * (360 / count) % 360
    least, most = cameras.elevation
    elevation = least + (most - least) * torch.tensor(HEIGHTS)[torch.arange(count) % len(HEIGHTS)]
    return orbit(azimuth, elevation, cameras.distance[1], cameras.fov[1])


@torch.no_grad()
def drawn_from_noise(
    prior: Prior, prompt: str, config: Config, generator: torch.Generator, device: torch.device
) -> Generator[int, None, Drawing]:
    """The first round's views, drawn from noise alone before the backdrop, before there is a scene. Tells after each
    step how many are done."""
    refine = config.refine
    views = low_and_high(refine.round_views, config.cameras, generator)
    views = views[spread(len(views), views_together(prior, len(views)))].to(device)
    behind = torch.tensor(config.scene.backdrop, device=device).expand(len(views), 1, 1, 3)
    empty = prior.encode(behind.expand(-1, prior.image_size, prior.image_size, -1))
    # One noise for all views: what it makes of the prompt is then the same thing from every side, more or less.
    noise = torch.randn(empty[:1].shape, generator=generator).to(device).expand_as(empty)
    condition = told(prior, prompt, config.distill.negative, views, value_at(refine.refine_guidance, 0.0), None)
    z = yield from redraw(prior, empty, condition, 1.0, first_steps(refine), noise)
    target = resized(prior.decode(z), refine.refine_size or prior.image_size)
    return Drawing(views, behind, z, target, matte(target, behind[0, 0, 0]))


def first_steps(config: RefineConfig) -> int:
    """That take the noise of the first round's views away."""
    return config.first_denoise_steps or config.denoise_steps
