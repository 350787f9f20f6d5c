"""Stable Diffusion 1.5's exact architecture with random weights, on the CPU: does the engine carry it, and what does
a step cost?

    python benchmarks/stable_diffusion.py --steps 2

Prints the parameter counts, the peak memory, and the seconds of a distillation step split into the denoiser, the
VAE's encoder and t2a's own engine (rendering, regularisers, optimiser), and checks that every gradient is finite.
Needs about 8 GiB of memory. The tokenizer's vocabulary is the pocket model's, padded to 77 tokens: the weights are
random anyway.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from t2a import config as configs
from t2a import pocket
from t2a.distill.loop import distil
from t2a.memory import peak_memory
from t2a.pipelines import build_scene
from t2a.priors.latent import LatentPrior

PUBLISHED = {"unet": 859_520_964, "vae": 83_653_863, "text_encoder": 123_060_480}
"""Parameters of the published model; random weights in another architecture would measure something else."""


def build() -> StableDiffusionPipeline:
    """The architecture of runwayml/stable-diffusion-v1-5, from its published configuration files."""
    torch.manual_seed(0)
    tokenizer = CLIPTokenizer.from_pretrained(pocket.path() / "tokenizer", model_max_length=77)
    text = CLIPTextConfig(
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        projection_dim=768,
        max_position_embeddings=77,
        vocab_size=49408,
        eos_token_id=1,
        pad_token_id=1,
        bos_token_id=0,
    )
    return StableDiffusionPipeline(
        vae=AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
            latent_channels=4,
            sample_size=512,
        ),
        text_encoder=CLIPTextModel(text),
        tokenizer=tokenizer,
        unet=UNet2DConditionModel(
            sample_size=64,
            cross_attention_dim=768,
            attention_head_dim=8,
            block_out_channels=(320, 640, 1280, 1280),
            layers_per_block=2,
        ),
        scheduler=PNDMScheduler(
            beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, skip_prk_steps=True, steps_offset=1
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--output", type=Path, default=None, help="JSON file for the figures")
    args = parser.parse_args()
    pipe = build()
    for name, published in PUBLISHED.items():
        count = sum(p.numel() for p in getattr(pipe, name).parameters())
        assert count == published, f"{name} has {count:,} parameters, the published one {published:,}"
    prior = LatentPrior(pipe)
    seconds: dict[str, float] = defaultdict(float)
    predict, encode = prior.predict, prior.encode

    def timed_predict(*inputs):
        start = time.perf_counter()
        result = predict(*inputs)
        seconds["denoiser"] += time.perf_counter() - start
        return result

    class Encode(torch.autograd.Function):
        """The VAE's encoder with both of its passes on the clock."""

        @staticmethod
        def forward(ctx, rgb):
            start = time.perf_counter()
            with torch.enable_grad():
                ctx.rgb = rgb.detach().requires_grad_()
                ctx.z = encode(ctx.rgb)
            seconds["vae"] += time.perf_counter() - start
            return ctx.z.detach()

        @staticmethod
        def backward(ctx, gradient):
            start = time.perf_counter()
            (result,) = torch.autograd.grad(ctx.z, ctx.rgb, gradient)
            seconds["vae"] += time.perf_counter() - start
            return result

    prior.predict, prior.encode = timed_predict, Encode.apply  # type: ignore[method-assign,assignment]
    config = configs.load("dreamfusion", {"steps": args.steps})
    scene = build_scene(config)
    start = time.perf_counter()
    for event in distil(prior, scene, "a corgi", config.distill, config.cameras, seed=0):
        finite = all(torch.isfinite(p.grad).all() for p in scene.parameters() if p.grad is not None)
        print(f"step {event.step}: losses {dict(event.losses)}, gradients finite: {finite}", flush=True)
        assert finite
    total = time.perf_counter() - start
    figures = {
        "denoiser_s_per_step": seconds["denoiser"] / args.steps,
        "vae_s_per_step": seconds["vae"] / args.steps,
        "engine_s_per_step": (total - seconds["denoiser"] - seconds["vae"]) / args.steps,
        "engine_share": 1 - (seconds["denoiser"] + seconds["vae"]) / total,
        "peak_memory_mib": peak_memory(),
    }
    print(json.dumps(figures, indent=1))
    if args.output:
        args.output.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
