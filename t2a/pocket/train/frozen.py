"""The pocket model as it is, which other networks are trained beside, and what it is told of their scenes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from jaxtyping import Float, Int, UInt16
from torch import Tensor

from t2a.errors import UserError
from t2a.pocket.data import vocabulary, vocabulary_of
from t2a.pocket.train.common import autocast
from t2a.priors.camera_encoder import CameraEncoder
from t2a.priors.catalog import load_pipeline


@dataclass(frozen=True)
class Frozen:
    """Its parts, which learn nothing more."""

    vae: AutoencoderKL
    unet: UNet2DConditionModel
    reader: torch.nn.Module
    """The text encoder."""
    camera_encoder: CameraEncoder
    alphas: Float[Tensor, " t"]
    nothing: Int[Tensor, " l"]
    """The empty text in the tokenizer's numbers."""

    def texts(
        self,
        ids: UInt16[Tensor, "n k l"],
        rows: Int[Tensor, " b"],
        dropout: float,
        generator: torch.Generator,
    ) -> Float[Tensor, "b l d"]:
        """Tokens of one of each scene's captions, drawn at random, or, in a share `dropout` of them, of no text."""
        dropped = torch.rand(len(rows), generator=generator) < dropout
        wordings = torch.randint(ids.shape[1], (len(rows),), generator=generator)
        told = torch.where(dropped[:, None], self.nothing, ids[rows, wordings].long()).to(self.alphas.device)
        with torch.no_grad(), autocast(self.alphas.device):
            return self.reader(told).last_hidden_state


def load_frozen(folder: Path, device: torch.device) -> Frozen:
    """Raises UserError for a folder whose model reads other words than the world has today."""
    pipe, _ = load_pipeline(folder)
    if vocabulary_of(pipe.tokenizer) != vocabulary():
        raise UserError(f"{folder} reads other words than the world has today; train it again, or give another one")
    camera_encoder = CameraEncoder.load(folder)
    assert camera_encoder is not None
    for part in (pipe.vae, pipe.unet, pipe.text_encoder, camera_encoder):
        part.requires_grad_(False).eval().to(device)
    pipe.unet.to(memory_format=torch.channels_last)
    nothing = pipe.tokenizer("", padding="max_length", return_tensors="pt").input_ids[0]
    alphas = pipe.scheduler.alphas_cumprod.to(device)
    return Frozen(pipe.vae, pipe.unet, pipe.text_encoder, camera_encoder, alphas, nothing)
