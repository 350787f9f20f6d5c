"""What the choices of the pocket diffusion model are worth: each changed alone, the same number of steps from scratch
on the same data, then the loss on scenes that were not trained on:

    python benchmarks/pocket_choices.py --run RUN --data DATA --steps 600 [--only baseline min-snr ...]

RUN is a training folder with an autoencoder and latents. `text` and `camera` are what the loss rises by at t = 900 when
captions, or cameras, are exchanged among the pictures: how much of either is used.
"""

from __future__ import annotations

import argparse
import functools
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from t2a.pocket.captions import caption, words
from t2a.pocket.data import shard_files
from t2a.pocket.train import diffusion, language, latents, tokenizer
from t2a.pocket.train.common import autocast, optimizers_of
from t2a.pocket.train.latents import Latents
from t2a.pocket.train.model import Denoiser, as_cameras, scheduler
from t2a.types import Cameras

HELD, BATCH, RATE = 256, 32, 5e-4
"""Scenes to validate on, pictures a step, learning rate (falling to zero over the second half)."""

CHOICES: dict[str, dict] = {
    "baseline": {},
    "AdamW for all weights": {"muon": False},
    "min-SNR weighting (5)": {"min_snr": 5.0},
    "every t alike": {"shift": 1.0},
    "text encoder not taught to read": {"lesson": False},
    "text by cross-attention alone": {"network": {"pooled": False}},
    "two layers of text encoder": {"network": {"text_layers": 2}, "lesson": False},
    "narrower UNet (48, 96, 144)": {"network": {"widths": (48, 96, 144)}},
    "wider UNet (80, 160, 240)": {"network": {"widths": (80, 160, 240)}},
    "four views together": {"joint": 1.0},
}


def choose(world: Latents, rows: slice) -> Latents:
    return Latents(world.z[rows], world.cameras[rows], world.studio[rows], world.specs[rows], world.shards)


def train(world: Latents, run: Path, steps: int, threads: int, choice: dict) -> tuple[Denoiser, float]:
    """The model after so many steps, and the seconds of one."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    tokens = tokenizer.build(words())
    model = Denoiser(tokens, world.z.shape[-1], world.z.shape[2], **choice.get("network", {}))
    if choice.get("lesson", True):
        language.take(model.text_encoder, run)
    model.unet.to(memory_format=torch.channels_last)
    optimizers = optimizers_of(model, RATE, choice.get("muon", True))
    generator = torch.Generator().manual_seed(1)
    alphas, chance = scheduler().alphas_cumprod, diffusion.chances(world)
    tokens_of = functools.partial(tokens, padding="max_length", truncation=True, return_tensors="pt")
    spent = 0.0
    for step in range(steps):
        for optimizer in optimizers:
            optimizer.param_groups[0]["lr"] = RATE * min((step + 1) / 50, 1.0, 2 * (1 - step / steps))
        batch = diffusion.draw(
            world, chance, BATCH, choice.get("joint", 0.0), generator, np.random.default_rng([0, step])
        )
        scenes = BATCH // batch.together
        u = torch.rand(scenes, generator=generator)
        t = diffusion.timesteps(u, len(alphas), choice.get("shift", diffusion.SHIFT)).repeat_interleave(batch.together)
        start = time.perf_counter()
        with sdpa_kernel(SDPBackend.MATH), autocast(torch.device("cpu")):
            losses = diffusion.v_loss(model, batch, tokens_of(batch.texts).input_ids, alphas, generator, t)
            if "min_snr" in choice:
                snr = alphas[t] / (1 - alphas[t])
                losses = losses * snr.clamp(max=choice["min_snr"]) / (snr + 1)  # Hang et al. 2023, for v
            losses.mean().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        model.zero_grad(set_to_none=True)
        spent += time.perf_counter() - start
    return model.eval(), spent / steps


@torch.no_grad()
def validate(model: Denoiser, world: Latents, together: int) -> dict[str, float]:
    """Losses over all t and at t = 900, and what exchanged captions and cameras add to the latter."""
    tokens = tokenizer.build(words())
    alphas = scheduler().alphas_cumprod
    texts = [caption(spec) for spec in world.specs]
    ids = tokens(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids
    views = world.z.shape[1] if together > 1 else 1
    scenes = BATCH // views

    def loss(t: int | None, text: Tensor, cameras: Tensor) -> float:
        found = []
        for first in range(0, len(world.z), scenes):
            rows = slice(first, first + scenes)
            told: Cameras = as_cameras(cameras[rows, :views].flatten(0, 1))
            batch = diffusion.Batch(world.z[rows, :views].flatten(0, 1).float(), told, [], views)
            levels = torch.linspace(10, 990, scenes).long() if t is None else torch.full((scenes,), t)
            generator = torch.Generator().manual_seed(first)
            with autocast(torch.device("cpu")):
                rows_t = levels.repeat_interleave(views)
                found.append(diffusion.v_loss(model, batch, text[rows], alphas, generator, rows_t).mean())
        return float(torch.stack(found).mean())

    late = loss(900, ids, world.cameras)
    return {
        "loss": loss(None, ids, world.cameras),
        "at 900": late,
        "text": loss(900, ids.roll(1, 0), world.cameras) - late,
        "camera": loss(900, ids, world.cameras.roll(1, 0)) - late,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=list(CHOICES), metavar="NAME")
    args = parser.parse_args()
    vae = AutoencoderKL.from_pretrained(args.run / "autoencoder").eval()
    world = latents.encode(shard_files(args.data), vae, args.run / "latents")
    seen, unseen = choose(world, slice(HELD, None)), choose(world, slice(0, HELD))
    print("| choice | s a step | loss | at 900 | text | camera |\n|---|---|---|---|---|---|", flush=True)
    for name in args.only:
        choice = CHOICES[name]
        model, seconds = train(seen, args.run, args.steps, args.threads, choice)
        figures = validate(model, unseen, 4 if choice.get("joint") else 1)
        print(f"| {name} | {seconds:.2f} | " + " | ".join(f"{v:.4f}" for v in figures.values()) + " |", flush=True)


if __name__ == "__main__":
    main()
