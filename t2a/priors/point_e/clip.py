"""CLIP ViT-L/14 as Point-E's eyes, through transformers: optional, and never part of a model's own weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from t2a.errors import UserError
from t2a.priors.catalog import quiet

NAME = "openai/clip-vit-large-patch14"
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
"""Of CLIP's training images (Radford et al. 2021), per channel of [0, 1]."""

Picture = Image.Image | Float[np.ndarray, "h w 3"]
"""A PIL image, or sRGB in [0, 1]."""


class Clip:
    """A transformers CLIPModel and its tokenizer. Not a torch module, so that no denoiser takes it for its own part."""

    def __init__(self, model, tokenizer):
        self.model, self.tokenizer = model.requires_grad_(False).eval(), tokenizer
        self.image_size: int = model.config.vision_config.image_size

    @torch.no_grad()
    def texts(self, texts: Sequence[str]) -> Float[Tensor, "b c"]:
        """Projected vectors of unit length (c = 768 for ViT-L/14). Texts beyond the model's length are cut off."""
        length = self.model.config.text_config.max_position_embeddings
        tokens = self.tokenizer(
            list(texts), padding="max_length", truncation=True, max_length=length, return_tensors="pt"
        ).to(self.model.device)
        pooled = self.model.text_model(tokens.input_ids, attention_mask=tokens.attention_mask).pooler_output
        return _unit(self.model.text_projection(pooled))

    @torch.no_grad()
    def images(self, images: Sequence[Picture]) -> Float[Tensor, "b c"]:
        """Projected vectors of unit length, in the same space as those of texts."""
        return _unit(self.model.visual_projection(self.model.vision_model(self._pixels(images)).pooler_output))

    @torch.no_grad()
    def grids(self, images: Sequence[Picture]) -> Float[Tensor, "b c l"]:
        """Patch tokens, channels first (1024 x 256 for ViT-L/14): without the class token and before the final norm,
        which transformers applies to the class token alone."""
        hidden = self.model.vision_model(self._pixels(images)).last_hidden_state
        return hidden[:, 1:].transpose(1, 2).contiguous().float()

    def _pixels(self, images: Sequence[Picture]) -> Float[Tensor, "b 3 y x"]:
        pixels = torch.stack([preprocess(image, self.image_size) for image in images])
        return pixels.to(self.model.device, self.model.dtype)


def preprocess(image: Picture, size: int = 224) -> Float[Tensor, "3 {size} {size}"]:
    """CLIP's own preparation: the shorter side to `size` (bicubic), the middle square, standardised channels."""
    if not isinstance(image, Image.Image):
        image = Image.fromarray((np.asarray(image, np.float32).clip(0, 1) * 255 + 0.5).astype(np.uint8))
    image = image.convert("RGB")
    short = min(image.size)
    width, height = (size * edge // short for edge in image.size)
    left, top = round((width - size) / 2), round((height - size) / 2)
    image = image.resize((width, height), Image.Resampling.BICUBIC).crop((left, top, left + size, top + size))
    pixels = torch.from_numpy(np.asarray(image, np.float32) / 255).permute(2, 0, 1)
    return (pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def _unit(vectors: Float[Tensor, "b c"]) -> Float[Tensor, "b c"]:
    vectors = vectors.float()
    return vectors / vectors.norm(dim=-1, keepdim=True)


def load_clip(model: str | Path = NAME, *, offline: bool = False) -> Clip:
    """A folder saved by transformers, or a hub id. Raises UserError if it is not there or cannot be loaded."""
    from transformers import CLIPModel, CLIPTokenizer

    quiet()
    local = offline or Path(model).is_dir()
    try:
        tokenizer = CLIPTokenizer.from_pretrained(model, local_files_only=local)
        return Clip(CLIPModel.from_pretrained(model, local_files_only=local, use_safetensors=True), tokenizer)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(
            f"the CLIP model {model} cannot be loaded ({first}); give a folder saved by transformers, "
            f"or the hub id {NAME} and a network"
        ) from error
