"""The pocket model that edits pictures (t2a.priors.instruct): the pocket UNet, trained on with a second picture beside
the noise.

    python -m t2a.pocket.train.instruct --out instruct --edits 8192 --steps 3000 --processes 2 --ship
    python -m t2a.pocket.train.instruct --out further --start t2a/pocket/weights/instruct --first 8192 --ship

Its lessons are pairs of renders from the same cameras, before and after an instruction (t2a.pocket.edits), four views
together. What it has learnt is kept as its differences from the pocket UNet (t2a.priors.low_rank).
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from jaxtyping import Float, UInt16
from torch import Tensor

from t2a.cameras import sample_cameras
from t2a.pocket import instruct_path, path
from t2a.pocket.data import STUDIO, as_cameras, draw, in_numbers
from t2a.pocket.edits import edited_scene, sample_edit
from t2a.pocket.render import BACKGROUND
from t2a.pocket.train.autoencoder import encode_all
from t2a.pocket.train.common import add_options, autocast, joined, launch, learnt, noised, save_atomically
from t2a.pocket.train.diffusion import timesteps
from t2a.pocket.train.frozen import load_frozen
from t2a.pocket.train.model import VIEWS
from t2a.pocket.train.parallel import in_parallel, processes, rank
from t2a.priors.catalog import load_pipeline
from t2a.priors.instruct import edited, save_differences, with_pictures
from t2a.priors.multiview import join_views
from t2a.seeds import stream

LESSONS = "lessons"
SEED = 3
SHARD, PIXELS = 64, 128
"""Edits in a file of lessons, and the pictures' edge."""
JOINT = 0.85
"""Share of batches in which VIEWS views are edited together."""
NO_TEXT, NO_PICTURE_NOR_TEXT = 0.05, 0.08
"""Shares of lessons without what they name (InstructPix2Pix, section 3.2.1, drops 5 % each); the camera goes with the
picture."""
RANK = 80
"""Of what is kept of each matrix's difference: of 48 the loss on unseen edits was 0.116, of 80 it is 0.080."""

CARD = """# Pocket instruct model

What makes of the pocket UNet one that edits pictures as it is told, in InstructPix2Pix's manner: the differences of its
weights, each as a product of two thin matrices (`t2a.priors.low_rank`; fp16 safetensors). Trained on {edits:,} pairs of
scenes of t2a's own world (seed 3), four views each, {steps:,} steps of {batch}{after}.
Licence: Apache-2.0, like t2a.
"""


@dataclass(frozen=True)
class Lessons:
    """Edits from VIEWS cameras each."""

    before: Float[Tensor, "n v c y x"]
    """fp16, scaled, as `after`."""
    after: Float[Tensor, "n v c y x"]
    cameras: Float[Tensor, "n v 2"]
    ids: UInt16[Tensor, "n l"]
    """The instruction in the tokenizer's numbers."""


def make(number: int, vae: AutoencoderKL) -> Lessons:
    """SHARD edits, whose outcomes lie on the trained side of the world's split."""
    tables, cameras, backdrops, texts = [], [], [], []
    for index in range(number * SHARD, (number + 1) * SHARD):
        rng = np.random.default_rng([SEED, index, 2])
        edit = sample_edit(rng)
        scenes = edited_scene(edit, SEED, index)
        poses = sample_cameras(VIEWS, stream(SEED, index))
        tables += [scenes.source, scenes.target]
        cameras += [np.stack([poses.azimuth.numpy(), poses.elevation.numpy()], axis=-1)] * 2
        backdrops += [np.array(BACKGROUND) if rng.random() < STUDIO else rng.random(3)] * 2
        texts.append(edit.instruction)
    seen = np.stack(cameras).astype(np.float32)
    rgb = draw(tables, seen, PIXELS, np.repeat(np.stack(backdrops), VIEWS, axis=0), vae.device).rgb
    z = encode_all(vae, (rgb * 255 + 0.5).byte()).unflatten(0, (SHARD, 2, VIEWS))
    ids = torch.from_numpy(in_numbers(texts))
    return Lessons(z[:, 0].clone(), z[:, 1].clone(), torch.from_numpy(seen[::2].copy()), ids)


def prepare(edits: int, pipeline: Path, kept: Path, device: str, first: int = 0) -> None:
    """This process's share of the lessons, from the edit `first` on, but for those that there are."""
    vae = load_pipeline(pipeline)[0].vae.eval().requires_grad_(False).to(device)
    kept.mkdir(parents=True, exist_ok=True)
    shard = first // SHARD
    for number in range(shard + rank(), shard - (-edits // SHARD), processes()):
        target = kept / f"lessons_{number:04d}.pt"
        if not target.exists():
            save_atomically({name: part.cpu() for name, part in vars(make(number, vae)).items()}, target)
            print(target, flush=True)


def train(
    data: Path,
    out: Path,
    steps: int,
    *,
    batch: int = 8,
    rate: float = 3e-4,
    seed: int = 0,
    decay: float = 0.5,
    pipeline: Path | None = None,
    start: Path | None = None,
    device: str | torch.device = "cpu",
    minutes: float | None = None,
) -> None:
    """Train into out/instruct.pt on the lessons in `data`, and write the averaged weights' differences into
    out/instruct at the end; a batch is of edits. A new run may `start` from the differences of another one."""
    device, folder = torch.device(device), pipeline or path()
    frozen = load_frozen(folder, device)
    world = joined([Lessons(**torch.load(file, weights_only=True)) for file in sorted(data.glob("*.pt"))])
    unscaled = frozen.vae.config.scaling_factor
    torch.manual_seed(seed)
    unet = with_pictures(frozen.unet) if start is None else edited(frozen.unet, start)
    unet.train().requires_grad_(True).to(device=device, memory_format=torch.channels_last)

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        together = VIEWS if float(torch.rand((), generator=generator)) < JOINT else 1
        edits = batch * VIEWS // together
        rows = torch.randint(len(world.ids), (edits,), generator=generator)
        columns = torch.rand(edits, VIEWS, generator=generator).argsort(1)[:, :together]
        z, picture = (x[rows[:, None], columns].flatten(0, 1).to(device).float() for x in (world.after, world.before))
        chance = torch.rand(edits, generator=generator)
        nothing = (chance < NO_PICTURE_NOR_TEXT).repeat_interleave(together).to(device)
        silent = chance < NO_PICTURE_NOR_TEXT + NO_TEXT
        ids = torch.where(silent[:, None], frozen.nothing, world.ids[rows].long()).to(device)
        cameras = as_cameras(world.cameras[rows[:, None], columns].flatten(0, 1)).to(device)
        t = timesteps(torch.rand(edits, generator=generator), len(frozen.alphas)).repeat_interleave(together).to(device)
        noisy, target = noised(z, t, frozen.alphas, generator)
        picture = picture / unscaled * ~nothing[:, None, None, None]
        with autocast(device):
            with torch.no_grad():
                context = frozen.reader(ids).last_hidden_state.repeat_interleave(together, 0)
                context = context + frozen.camera_encoder(cameras) * ~nothing[:, None, None]
            join_views(unet, together)
            v = unet(torch.cat([noisy, picture], dim=1), t, context).sample
        counted = {"batch": torch.tensor(float(batch * VIEWS * processes())), "edits": torch.tensor(len(world.ids))}
        return {"loss": (v.float() - target).square().mean()} | counted

    how: dict[str, Any] = {"rate": rate, "seed": seed, "decay": decay, "muon": True, "minutes": minutes}
    if done := learnt(unet, loss_of, steps=steps, folder=out, name="instruct", **how):
        save_differences(frozen.unet, unet, RANK, out / "instruct")
        after = "" if start is None else ", which went on from the weights of a run before it"
        card = CARD.format(edits=len(world.ids), steps=done, batch=batch, after=after)
        (out / "instruct" / "README.md").write_text(card, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the lessons, the checkpoint and the weights")
    parser.add_argument("--edits", type=int, default=8192, help="lessons")
    parser.add_argument("--first", type=int, default=0, help="number of the first: other ones than a run before")
    parser.add_argument("--start", type=Path, help="folder of the differences to go on from")
    parser.add_argument("--pipeline", type=Path, help="what is trained on (default: the package's own)")
    add_options(parser, steps=3000, batch=8, rate=3e-4, decay=0.5)
    parser.add_argument("--ship", action="store_true", help="put the weights where the package has its own")
    args = parser.parse_args()
    args.data = args.out / LESSONS
    in_parallel(args.processes, prepare, args.edits, args.pipeline or path(), args.data, args.device, args.first)
    launch(train, args)
    if args.ship:
        shutil.copytree(args.out / "instruct", instruct_path(), dirs_exist_ok=True)


if __name__ == "__main__":
    main()
