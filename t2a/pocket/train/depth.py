"""The pocket depth head: how far away what the frozen pocket UNet draws is (t2a.priors.depth).

python -m t2a.pocket.data --out data --first 4000 --shards 60 --scenes 256 --bare
python -m t2a.pocket.train.depth --data data --out depth --steps 10000 --processes 2
"""

from __future__ import annotations

import argparse
import csv
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from jaxtyping import Float, UInt16
from torch import Tensor
from torch.nn import functional

from t2a.pocket import path
from t2a.pocket.data import as_cameras, draw, load_images, load_shard, shard_files, unpacked
from t2a.pocket.train.autoencoder import encode_all
from t2a.pocket.train.common import add_options, autocast, joined, launch, learnt, noised, save_atomically
from t2a.pocket.train.frozen import load_frozen
from t2a.pocket.train.model import VIEWS
from t2a.pocket.train.parallel import in_parallel, processes, rank
from t2a.priors.catalog import load_pipeline
from t2a.priors.depth import FOLDER, Depth, DepthConfig, DepthHead, knowledge, known_channels, load, save

LESSONS = "lessons"
PIXELS = 64
"""Edge of the pictures of distances."""
NOISE = (0.0, 0.2)
"""How far the latents are noised, as a share of the way: the head must not count on the finest marks of a render."""
TEXT_DROPOUT = 0.1
CARD = """# Pocket depth head

How far away what the pocket latent diffusion model draws is: a network of {millions:.1f} million parameters that
listens to its frozen UNet while that looks at four views together (`t2a.priors.depth`; fp16 safetensors). Trained on
renders of {scenes:,} scenes of t2a's own world (seed 1), {steps:,} steps of {batch} scenes; at the end its mean error
was {error:.3f} scene units, of which an object is about 1.4 high. Licence: Apache-2.0, like t2a.
"""
INSIDE = 0.1
"""Weight of the loss that tells what is there from what is not, which is easy."""


@dataclass(frozen=True)
class Lessons:
    """Scenes from several cameras each."""

    z: Float[Tensor, "n v c y x"]
    """fp16, scaled."""
    distance: Float[Tensor, "n v h w"]
    """fp16, along the ray; 0 where nothing is."""
    cameras: Float[Tensor, "n v 2"]
    ids: UInt16[Tensor, "n k l"]


def make(file: Path, vae: AutoencoderKL) -> Lessons:
    """Of a bare shard."""
    shard, images = load_shard(file), load_images(file, vae.device)
    z = encode_all(vae, images.flatten(0, 1)).unflatten(0, images.shape[:2])
    with np.load(file) as arrays:
        behind = arrays["backdrops"].repeat(images.shape[1], axis=0)
        depth = draw(unpacked(arrays), shard.cameras, PIXELS, behind, vae.device).depth
    distance = depth.half().unflatten(0, images.shape[:2])
    return Lessons(z, distance, torch.from_numpy(shard.cameras), torch.from_numpy(shard.ids))


def prepare(data: Path, pipeline: Path, kept: Path, device: str) -> None:
    """This process's share of the lessons, but for those that there are."""
    vae = load_pipeline(pipeline)[0].vae.eval().requires_grad_(False).to(device)
    kept.mkdir(parents=True, exist_ok=True)
    for file in shard_files(data)[rank() :: processes()]:
        target = kept / f"{file.stem}.pt"
        if not target.exists():
            save_atomically({name: part.cpu() for name, part in vars(make(file, vae)).items()}, target)
            print(target, flush=True)


def laplace_loss(found: Depth, distance: Float[Tensor, "b h w"]) -> dict[str, Tensor]:
    """Negative log-likelihood of the distances (0: nothing there), and `error`, the mean of how far off they are."""
    inside = distance > 0
    apart = (found.distance - distance).abs()
    likely = (apart / found.spread + found.spread.log())[inside].mean()
    mask = functional.binary_cross_entropy_with_logits(found.inside, inside.float())
    return {"loss": likely + INSIDE * mask, "error": apart[inside].mean(), "inside": mask}


def train(
    data: Path,
    out: Path,
    steps: int,
    *,
    batch: int = 8,
    rate: float = 1e-3,
    seed: int = 0,
    decay: float = 0.5,
    pipeline: Path | None = None,
    device: str | torch.device = "cpu",
    minutes: float | None = None,
) -> None:
    """Train into out/depth.pt, and write the averaged weights into out/depth at the end; a batch is of scenes."""
    device, folder = torch.device(device), pipeline or path()
    frozen = load_frozen(folder, device)
    parts = [torch.load(file, weights_only=True) for file in sorted((out / LESSONS).glob("*.pt"))]
    world = joined([Lessons(**part) for part in parts])
    torch.manual_seed(seed)
    head = DepthHead(DepthConfig(known_channels(frozen.unet)))
    head.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        rows = torch.randint(len(world.z), (batch,), generator=generator)
        columns = torch.rand(batch, world.z.shape[1], generator=generator).argsort(1)[:, :VIEWS]
        z = world.z[rows[:, None], columns].to(device).float().flatten(0, 1)
        distance = world.distance[rows[:, None], columns].to(device).float().flatten(0, 1)
        cameras = as_cameras(world.cameras[rows[:, None], columns].flatten(0, 1)).to(device)
        context = frozen.texts(world.ids, rows, TEXT_DROPOUT, generator).repeat_interleave(VIEWS, 0)
        share = NOISE[0] + (NOISE[1] - NOISE[0]) * torch.rand(batch, generator=generator)
        t = (share * len(frozen.alphas)).long().repeat_interleave(VIEWS).to(device)
        noisy, _ = noised(z, t, frozen.alphas, generator)
        with autocast(device):
            context = context + frozen.camera_encoder(cameras)
            found = head(knowledge(frozen.unet, noisy, t, context, VIEWS), cameras, VIEWS)
        counted = {"batch": torch.tensor(float(batch * processes())), "scenes": torch.tensor(float(len(world.z)))}
        return laplace_loss(found, distance) | counted

    how: dict[str, Any] = {"rate": rate, "seed": seed, "decay": decay, "muon": True, "minutes": minutes}
    if learnt(head, loss_of, steps=steps, folder=out, name="depth", **how):
        save(head, out / FOLDER)


def ship(out: Path, pipeline: Path) -> None:
    """Put the trained head, with its card, where the pipeline has its own."""
    last = list(csv.DictReader((out / "depth.csv").read_text(encoding="utf-8").splitlines()))[-1]
    head = load(out)
    assert head is not None
    target = pipeline / FOLDER
    shutil.copytree(out / FOLDER, target, dirs_exist_ok=True)
    told = {name: int(float(last[key])) for name, key in (("scenes", "scenes"), ("steps", "step"), ("batch", "batch"))}
    millions = sum(p.numel() for p in head.parameters()) / 1e6
    card = CARD.format(millions=millions, error=float(last["error"]), **told)
    (target / "README.md").write_text(card, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of bare shards")
    parser.add_argument("--out", type=Path, required=True, help="folder of the lessons, the checkpoint and the weights")
    parser.add_argument("--pipeline", type=Path, help="whose UNet it listens to (default: the package's own)")
    add_options(parser, steps=10_000, batch=8, rate=1e-3, decay=0.5)
    parser.add_argument("--ship", action="store_true", help="put the head where the package has its own")
    args = parser.parse_args()
    in_parallel(args.processes, prepare, args.data, args.pipeline or path(), args.out / LESSONS, args.device)
    launch(train, args)
    if args.ship:
        ship(args.out, args.pipeline or path())


if __name__ == "__main__":
    main()
