"""InstructPix2Pix (Brooks et al. 2023, arXiv:2211.09800): a denoiser that is shown a picture and told what to do to it.

Its UNet takes the picture's latents beside the noisy ones. Two scales guide it: how much of the instruction, and how
much of the picture (equation 3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes
from torch import Tensor

from t2a.errors import UserError
from t2a.priors.condition import Condition
from t2a.priors.depth import Depth
from t2a.priors.latent import LatentPrior, of_pipeline, placed
from t2a.priors.low_rank import changed, differences
from t2a.priors.prior import views_together
from t2a.types import Cameras

WEIGHTS = "model.safetensors"

Source = Callable[[Cameras], Float[Tensor, "b h w 3"]]
"""What is edited, as these cameras see it: sRGB in [0, 1], before the background that the edited pictures have too."""


class InstructPrior(LatentPrior):
    """An instruction in the place of a prompt. `source` must be set before it is told anything; `drawer` is the model
    that draws pictures of its own, and knows how far away what they show is, if there is one beside it."""

    def __init__(self, pipe, drawer: LatentPrior | None = None, *, image_guidance: float = 1.5):
        camera_encoder, depth_head = (None, None) if drawer is None else (drawer.camera_encoder, drawer.depth_head)
        super().__init__(pipe, camera_encoder, depth_head)
        self.drawer = drawer
        taken, latent = self.unet.config.in_channels, self.vae.config.latent_channels
        if taken != 2 * latent:
            raise UserError(
                f"the model is none that edits pictures: its UNet takes {taken} channels, where a picture's {latent} "
                f"beside the noise's {latent} would be {2 * latent}; choose a model in InstructPix2Pix's format"
            )
        self.image_guidance = image_guidance
        self.source: Source | None = None

    @torch.no_grad()
    def condition(self, prompts: Sequence[str], negative: str, cameras: Cameras, guidance_scale: float) -> Condition:
        """Three branches: nothing, the picture, the picture and the instruction. With s_T and s_I the scales of the
        instruction and of the picture, e = e0 + s_I (e1 - e0) + s_T (e2 - e1)."""
        assert self.source is not None
        count = len(prompts)
        picture = self.posterior_mode(self.source(cameras).to(self.device))  # unscaled, as published
        empty = torch.stack([self._embed(negative)] * count)
        told = torch.stack([self._embed(prompt) for prompt in prompts])
        seen = empty
        if self.camera_encoder is not None:
            camera = self.camera_encoder(cameras.to(self.device)).to(told)
            seen, told = seen + camera, told + camera
        weights = instruct_weights(guidance_scale, self.image_guidance, count).to(self.device)
        sources = (torch.zeros_like(picture), picture, picture)
        return Condition((empty, seen, told), weights, views_together(self, count), sources=sources)

    @torch.no_grad()
    def depth(
        self,
        z: Float[Tensor, "b c y x"],
        condition: Condition | None,
        cameras: Cameras,
        noise: Float[Tensor, "b c y x"],
    ) -> Depth:
        """As `drawer` sees it, whatever the condition: an instruction does not say what is there."""
        assert self.drawer is not None
        unsaid = self.drawer.condition([""] * len(z), "", cameras, 1.0)
        return self.drawer.depth(z, unsaid, cameras, noise)


def instruct_weights(text: float, image: float, count: int) -> Float[Tensor, "3 b"]:
    """The weights of the branches (nothing, picture, picture and instruction) for the two scales."""
    return torch.tensor([1.0 - image, image - text, text])[:, None].expand(3, count)


def with_pictures(unet):
    """A copy of a UNet that also takes a picture's latents, which it does not heed yet: the new weights of its first
    layer are zeros (section 3.2)."""
    from diffusers import UNet2DConditionModel

    channels = unet.config.in_channels
    options = {name: value for name, value in unet.config.items() if not name.startswith("_")}
    grown = UNet2DConditionModel(**{**options, "in_channels": 2 * channels})
    grown.load_state_dict(_with_room(unet.state_dict()))
    return grown.to(unet.device, unet.dtype)


def _with_room(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    first = weights["conv_in.weight"]
    return {**weights, "conv_in.weight": torch.cat([first, torch.zeros_like(first)], dim=1)}


def save_differences(unet, trained, rank: int, folder: Path) -> None:
    """Write into `folder` what makes of a UNet the one that was `trained` on from its `with_pictures`."""
    kept = differences(_with_room(unet.state_dict()), trained.state_dict(), rank)
    folder.mkdir(parents=True, exist_ok=True)
    # Written here rather than by save_file, which makes the file unreadable to other users.
    (folder / WEIGHTS).write_bytes(to_bytes(kept))


def edited(unet, folder: Path):
    """A UNet's `with_pictures` with the differences in `folder`. Raises UserError for a folder that holds others."""
    grown = with_pictures(unet)
    try:
        grown.load_state_dict(changed(grown.state_dict(), load_file(folder / WEIGHTS)))
    except (OSError, RuntimeError, KeyError, SafetensorError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"the model in {folder} cannot be loaded: {first}; install t2a again") from error
    return grown


def load_instruct(
    model: str | Path,
    *,
    beside: Path | None = None,
    image_guidance: float = 1.5,
    offline: bool = False,
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> InstructPrior:
    """Load a pipeline folder or hub id in InstructPix2Pix's format; or, with a folder of differences `beside` it, a
    pipeline that draws, made one that edits. Raises UserError for anything else."""
    from t2a.priors.catalog import load_pipeline

    pipe, folder = load_pipeline(model, offline=offline, dtype=dtype)
    if beside is None:
        return placed(InstructPrior(pipe, image_guidance=image_guidance), device)
    drawer = of_pipeline(pipe, folder, device)
    pipe.unet = edited(drawer.unet, beside)
    return placed(InstructPrior(pipe, drawer, image_guidance=image_guidance), device)
