"""A Stable Diffusion pipeline's text encoder alone: what other models than its UNet are told sentences by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

Read = Callable[[Sequence[str]], Float[Tensor, "b l c"]]


def text_reader(pipeline: Path, device: str | torch.device = "cpu") -> Read:
    """What turns texts into tokens: the tokenizer and the text encoder in a pipeline's folder, in fp32."""
    from t2a.priors.catalog import quiet

    quiet("transformers")  # diffusers alone takes two seconds to import
    from transformers import CLIPTextModel, CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(pipeline / "tokenizer", local_files_only=True)
    encoder = CLIPTextModel.from_pretrained(pipeline / "text_encoder", local_files_only=True)
    encoder = encoder.float().eval().requires_grad_(False).to(device)

    @torch.no_grad()
    def read(texts: Sequence[str]) -> Float[Tensor, "b l c"]:
        ids = tokenizer(list(texts), padding="max_length", truncation=True, return_tensors="pt").input_ids
        return encoder(ids.to(encoder.device)).last_hidden_state

    return read
