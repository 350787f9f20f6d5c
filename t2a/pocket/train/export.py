"""A run's averaged weights as a pipeline: to draw samples with, and to ship."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline

from t2a.cameras import orbit
from t2a.pocket import path
from t2a.pocket.captions import words
from t2a.pocket.train import card, tokenizer
from t2a.pocket.train.model import VIEWS, Denoiser, scheduler
from t2a.pocket.vocabulary import WORDS
from t2a.priors.camera_encoder import CameraEncoder
from t2a.priors.multiview import join_views


def pipeline(out: Path) -> tuple[StableDiffusionPipeline, CameraEncoder]:
    """The averaged weights of a run so far, as a plain pipeline and the camera encoder beside it."""
    tokens = tokenizer.build(words())
    vae = AutoencoderKL.from_pretrained(out / "autoencoder")
    size = vae.config.sample_size // 2 ** (len(vae.config.block_out_channels) - 1)
    model = Denoiser(tokens, size, vae.config.latent_channels)
    model.load_state_dict(torch.load(out / "diffusion.pt", weights_only=True, map_location="cpu")["average"])
    model.eval()
    if card.read_log(out / "diffusion.csv").last.get("joint"):
        model.camera_encoder.views = VIEWS
    pipe = StableDiffusionPipeline(
        vae=vae,
        text_encoder=model.text_encoder,
        tokenizer=tokens,
        unet=model.unet,
        scheduler=scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    return pipe, model.camera_encoder


def load_in_fp32(config: Path) -> None:
    """transformers loads a model in its configured type, diffusers in fp32: without this a plain pipeline mixes
    both and fails."""
    values = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps({**values, "dtype": "float32"}, indent=2) + "\n", encoding="utf-8")


@torch.no_grad()
def samples(
    out: Path, prompts: list[str], views: int = 4, steps: int = 30, guidance_scale: float = 2.0, seed: int = 0
) -> np.ndarray:
    """Pictures [prompts, views, h, w, 3] in [0, 1] from `views` cameras around the object, one noise per prompt for
    all its views."""
    pipe, camera_encoder = pipeline(out)
    pipe.set_progress_bar_config(disable=True)
    azimuths = torch.arange(views) * (360.0 / views) + 25.0
    if views % camera_encoder.views == 0:
        join_views(pipe.unet, camera_encoder.views)
    camera = camera_encoder(orbit(azimuths, 20.0))
    rows = []
    for number, prompt in enumerate(prompts):
        text, empty = pipe.encode_prompt(prompt, "cpu", 1, True)
        noise = torch.randn(
            1,
            pipe.unet.config.in_channels,
            pipe.unet.config.sample_size,
            pipe.unet.config.sample_size,
            generator=torch.Generator().manual_seed(seed + number),
        )
        made = pipe(
            prompt_embeds=text + camera,
            negative_prompt_embeds=empty.expand(views, -1, -1),
            latents=noise.expand(views, -1, -1, -1).clone(),
            num_inference_steps=steps,
            guidance_scale=guidance_scale,
            output_type="np",
        ).images
        rows.append(made)
    return np.stack(rows)


def export(out: Path, target: Path | None = None, dtype: torch.dtype = torch.float16) -> Path:
    """Write the pipeline's folder as safetensors (by default where the package carries its own)."""
    folder = path() if target is None else target
    pipe, camera_encoder = pipeline(out)
    pipe.vae.register_to_config(_name_or_path="")  # the trainer's own path means nothing elsewhere
    temporary = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    pipe.to(dtype=dtype).save_pretrained(temporary)
    camera_encoder.save(temporary, dtype)
    load_in_fp32(temporary / "text_encoder" / "config.json")
    for weights in temporary.rglob("*.safetensors"):
        weights.chmod(0o644)
    parts = (pipe.vae, pipe.text_encoder, pipe.unet, camera_encoder)
    parameters = sum(p.numel() for part in parts for p in part.parameters())
    (temporary / "README.md").write_text(
        card.text(out, parameters, pipe.vae.config.sample_size, camera_encoder.views), encoding="utf-8"
    )
    (temporary / WORDS).write_text("\n".join(words()) + "\n", encoding="utf-8")
    (temporary / "training").mkdir()
    for name in card.LOGS:
        shutil.copy(out / name, temporary / "training" / name)
    if (out / "samples.png").exists():
        shutil.copy(out / "samples.png", temporary / "samples.png")
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)
    return folder
