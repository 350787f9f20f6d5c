"""Shap-E (Jun and Nichol 2023, arXiv:2305.02463) through diffusers: a text to a coloured mesh, by a prior that draws
the weights of a field.

Its decoder gives vertex colours in linear light; here they are sRGB, as all colours in t2a.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np
import torch

from t2a.colors import linear_to_srgb
from t2a.errors import UserError
from t2a.events import Event, Stopwatch
from t2a.priors.catalog import HUB_ID, quiet
from t2a.types import Mesh

NAME = "openai/shap-e"
STEPS, GUIDANCE = 64, 15.0
"""As published for texts."""


def load_shap_e(source: str | Path = NAME, *, offline: bool = False):
    """diffusers' pipeline from a folder or the hub. Raises UserError if it cannot be had."""
    quiet()
    from diffusers import ShapEPipeline

    local = Path(source).is_dir()
    if not local and not HUB_ID.match(str(source)):
        raise UserError(f"there is no model folder {source}; give an existing folder, or a hub id such as {NAME}")
    try:
        return ShapEPipeline.from_pretrained(source, local_files_only=offline or local, use_safetensors=True)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"the Shap-E model {source} cannot be loaded: {first}") from error


@torch.no_grad()
def text_to_mesh(
    pipe, prompt: str, *, seed: int = 0, steps: int = STEPS, guidance_scale: float = GUIDANCE
) -> Generator[Event, None, Mesh]:
    """The mesh that is drawn for `prompt`, Y up, with sRGB vertex colours; an event per step. Raises UserError where
    the field that is drawn has no surface."""
    device, guided = pipe.device, guidance_scale > 1
    told = pipe._encode_prompt(prompt, device, 1, guided)
    shape = (1, pipe.prior.config.num_embeddings, pipe.prior.config.embedding_dim)
    pipe.scheduler.set_timesteps(steps, device=device)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(device) * pipe.scheduler.init_noise_sigma
    times = pipe.scheduler.timesteps
    watch = Stopwatch(len(times))
    for number, time in enumerate(times, start=1):
        asked = pipe.scheduler.scale_model_input(torch.cat([x] * len(told)), time)
        # Half of the channels are the variance, which this sampler does not use.
        found = pipe.prior(asked, timestep=time, proj_embedding=told).predicted_image_embedding[..., : shape[2]]
        if guided:
            found = found[:1] + guidance_scale * (found[1:] - found[:1])
        x = pipe.scheduler.step(found, timestep=time, sample=x).prev_sample
        yield Event("shap-e", number, len(times), watch.eta(number))
    try:
        decoded = pipe.shap_e_renderer.decode_to_mesh(x, device)
    except (RuntimeError, IndexError, ZeroDivisionError) as error:  # what an empty field ends in
        raise UserError("Shap-E has drawn nothing; try another seed or prompt") from error
    if not len(decoded.faces):
        raise UserError("Shap-E has drawn nothing; try another seed or prompt")
    linear = np.stack([decoded.vertex_channels[channel].cpu().numpy() for channel in "RGB"], axis=-1)
    vertices = decoded.verts.cpu().numpy().astype(np.float32)
    faces = decoded.faces.cpu().numpy().astype(np.int32)
    # Z up and facing -Y becomes Y up and facing +Z.
    return Mesh(
        vertices[:, [0, 2, 1]] * np.array([1, 1, -1], np.float32),
        faces,
        colors=linear_to_srgb(linear).astype(np.float32),
    )
