"""The Stable Diffusion family: any folder (or hub id) that diffusers can load as a pipeline of text encoder, VAE and
UNet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from t2a.priors.camera_encoder import CameraEncoder
from t2a.priors.condition import Condition, guidance_weights
from t2a.priors.control import Control, residuals
from t2a.priors.depth import Depth, DepthHead, knowledge
from t2a.priors.depth import load as load_depth_head
from t2a.priors.multiview import join_views
from t2a.priors.prior import views_together
from t2a.priors.schedule import schedule_of
from t2a.types import Cameras


class LatentPrior:
    """A latent diffusion model behind the Prior seam. Frozen: no parameter ever requires a gradient."""

    def __init__(self, pipe, camera_encoder: CameraEncoder | None = None, depth_head: DepthHead | None = None):
        self.vae, self.unet, self.text_encoder, self.tokenizer = pipe.vae, pipe.unet, pipe.text_encoder, pipe.tokenizer
        self._translate = getattr(pipe, "maybe_convert_prompt", None)
        self.camera_encoder, self.depth_head = camera_encoder, depth_head
        for part in (self.vae, self.unet, self.text_encoder, camera_encoder, depth_head):
            if part is not None:
                part.requires_grad_(False).eval()
        self.schedule = schedule_of(pipe.scheduler)
        self.image_size = self.unet.config.sample_size * 2 ** (len(self.vae.config.block_out_channels) - 1)
        self.latent_size = self.unet.config.sample_size
        self.sees_cameras = camera_encoder is not None
        self.joint_views = 1 if camera_encoder is None else camera_encoder.views
        self._texts: dict[str, Tensor] = {}

    @property
    def device(self) -> torch.device:
        return self.unet.device

    def encode(self, rgb: Float[Tensor, "b h w 3"]) -> Float[Tensor, "b c y x"]:
        return (self.posterior_mode(rgb) - self._shift) * self.vae.config.scaling_factor

    def posterior_mode(self, rgb: Float[Tensor, "b h w 3"]) -> Float[Tensor, "b c y x"]:
        """Latents as the autoencoder has them, neither shifted nor scaled."""
        images = rgb.permute(0, 3, 1, 2) * 2 - 1
        size = (self.image_size, self.image_size)
        if images.shape[-2:] != size:
            images = F.interpolate(
                images, size, mode="bilinear", align_corners=False, antialias=images.shape[-1] > size[1]
            )
        return self.vae.encode(images.to(self.vae.dtype)).latent_dist.mode().float()

    @torch.no_grad()
    def decode(self, z: Float[Tensor, "b c y x"]) -> Float[Tensor, "b h w 3"]:
        latents = z / self.vae.config.scaling_factor + self._shift
        images = self.vae.decode(latents.to(self.vae.dtype)).sample.float()
        return (images / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)

    @property
    def _shift(self) -> float:
        return getattr(self.vae.config, "shift_factor", None) or 0.0

    @torch.no_grad()
    def _embed(self, text: str) -> Float[Tensor, "l d"]:
        """Token embeddings of one text; each text is encoded once."""
        if text not in self._texts:
            words = (
                self._translate(text, self.tokenizer) if self._translate else text
            )  # textual inversion's extra tokens
            ids = self.tokenizer(
                [words],
                padding="max_length",
                truncation=True,
                max_length=self.tokenizer.model_max_length,
                return_tensors="pt",
            ).input_ids
            self._texts[text] = self.text_encoder(ids.to(self.text_encoder.device)).last_hidden_state[0]
        return self._texts[text]

    def unread(self, prompt: str) -> list[str]:
        """A warning if the prompt is longer than what the text encoder reads, naming what it does not."""
        room = self.tokenizer.model_max_length - 2  # the start and end tokens take their share
        words = self.tokenizer.tokenize(prompt)
        if len(words) <= room:
            return []
        rest = self.tokenizer.decode(self.tokenizer.convert_tokens_to_ids(words[room:])).strip()
        return [f'the model reads the first {room} words and word pieces of a prompt and ignores the rest: "{rest}"']

    @torch.no_grad()
    def condition(self, prompts: Sequence[str], negative: str, cameras: Cameras, guidance_scale: float) -> Condition:
        """Two branches, (negative, prompt); the camera, where the model sees it, is told to the prompt alone: guidance
        then strengthens the view as it strengthens the text."""
        count = len(prompts)
        empty = torch.stack([self._embed(negative)] * count)
        told = torch.stack([self._embed(prompt) for prompt in prompts])
        if self.camera_encoder is not None:
            told = told + self.camera_encoder(cameras.to(self.device)).to(told)
        weights = guidance_weights(guidance_scale, count).to(self.device)
        return Condition((empty, told), weights, views_together(self, count))

    @torch.no_grad()
    def predict(
        self, z_t: Float[Tensor, "b c y x"], t: Int[Tensor, " b"], condition: Condition
    ) -> Float[Tensor, "b c y x"]:
        if self.joint_views > 1:
            join_views(self.unet, condition.views)
        contexts, controls = condition.contexts, condition.controls
        sources = condition.sources or tuple(z_t[:, :0] for _ in contexts)
        if len({context.shape[1] for context in contexts}) > 1:
            unguided = tuple(control for control in controls if not control.guided)
            shown = [unguided] + [controls] * (len(contexts) - 1)
            each = [self._epsilon(z_t, t, *told) for told in zip(contexts, sources, shown, strict=True)]
            epsilons = torch.stack(each)
        else:  # all branches at once, which takes an eighth less time than one after the other
            count = len(contexts)
            told = torch.cat(contexts), torch.cat(sources)
            together = self._epsilon(z_t.repeat(count, 1, 1, 1), t.repeat(count), *told, controls)
            epsilons = together.unflatten(0, (count, -1))
        return condition.combine(epsilons)

    def _epsilon(self, z_t: Tensor, t: Tensor, context: Tensor, source: Tensor, controls: Sequence[Control]) -> Tensor:
        shown = residuals(controls, z_t, t, context, len(self.schedule))
        seen = torch.cat([z_t, source.to(z_t)], dim=1)
        output = self.unet(seen.to(self.unet.dtype), t, context.to(self.unet.dtype), **shown).sample.float()
        output = output[:, : z_t.shape[1]]  # models that also predict a variance append it
        return self.schedule.to_epsilon(output, z_t, t)

    @torch.no_grad()
    def depth(
        self, z: Float[Tensor, "b c y x"], condition: Condition, cameras: Cameras, noise: Float[Tensor, "b c y x"]
    ) -> Depth:
        """How far away what z shows is, where the model has a `depth_head`."""
        assert self.depth_head is not None
        t = torch.full((len(z),), round(self.depth_head.config.noise * len(self.schedule)), device=z.device)
        noisy = self.schedule.add_noise(z, noise, t)
        known = knowledge(self.unet, noisy, t, condition.contexts[-1], condition.views)
        return self.depth_head(known, cameras, condition.views)


def load_latent(
    model: str | Path, *, offline: bool = False, device: str = "cpu", dtype: torch.dtype = torch.float32
) -> LatentPrior:
    """Load a pipeline folder or hub id. Raises UserError through the catalog's checks for anything that is not one."""
    from t2a.priors.catalog import load_pipeline

    pipe, folder = load_pipeline(model, offline=offline, dtype=dtype)
    return of_pipeline(pipe, folder, device)


def of_pipeline(pipe, folder: Path | None, device: str) -> LatentPrior:
    """The prior of a loaded pipeline, with what lies beside it in its folder."""
    camera_encoder = CameraEncoder.load(folder) if folder is not None else None
    depth_head = load_depth_head(folder) if folder is not None else None
    return placed(LatentPrior(pipe, camera_encoder, depth_head), device)


Placed = TypeVar("Placed", bound=LatentPrior)


def placed(prior: Placed, device: str) -> Placed:
    """The prior, on the device."""
    for part in (prior.vae, prior.unet, prior.text_encoder, prior.camera_encoder, prior.depth_head):
        if part is not None:
            part.to(device)
    prior.unet.to(memory_format=torch.channels_last)
    return prior
