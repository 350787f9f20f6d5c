"""The pocket point model: captioned clouds of the world -> t2a.priors.two_stream, told by the pocket model's own text
encoder.

python -m t2a.pocket.train.points --data clouds --make 12
python -m t2a.pocket.train.points --data clouds --out points --steps 20000 --processes 2

A shard of clouds is an .npz of `points` float16 [scenes, n, 3] (scene units), `colors` uint8 [scenes, n, 3] and the
scenes' `specs` as JSON; `t2a train points` takes anyone's clouds (`t2a.pocket.train.clouds`). Training draws few points
of each: the two streams may be asked for more than they were trained on.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from t2a.pocket import path
from t2a.pocket.data import write_shards
from t2a.pocket.geometry import mesh, sample_surface
from t2a.pocket.train.clouds import POINTS, Clouds, load_clouds
from t2a.pocket.train.common import add_options, autocast, launch, learnt, noised, on
from t2a.pocket.train.parallel import in_parallel, processes, rank
from t2a.pocket.world import scene
from t2a.priors.point_e.diffusion import scale
from t2a.priors.text_tokens import text_reader
from t2a.priors.two_stream import TwoStreamConfig, TwoStreamDenoiser, save

DRAWN = 256
"""Drawn of them for a lesson."""
RESOLUTION = 72
"""Of the grid from which the surface is sampled; the points then move onto the surface itself."""
TEXT_DROPOUT = 0.1


def make_shard(seed: int, first: int, scenes: int) -> dict[str, np.ndarray]:
    """Clouds of the scenes first .. first + scenes of a seed."""
    points = np.empty((scenes, POINTS, 3), np.float16)
    colors = np.empty((scenes, POINTS, 3), np.uint8)
    specs = []
    for i in range(scenes):
        made = scene(seed, first + i)
        found = sample_surface(made, mesh(made, RESOLUTION)[0], POINTS, np.random.default_rng([seed, first + i, 3]))
        points[i], colors[i] = found.points, (found.colors.clip(0, 1) * 255 + 0.5).astype(np.uint8)
        specs.append(json.dumps(asdict(made.spec)))
    return {"points": points, "colors": colors, "specs": np.array(specs)}


def draw(
    clouds: Clouds, batch: int, count: int, generator: torch.Generator
) -> tuple[Int[Tensor, " b"], Float[Tensor, "b 6 count"]]:
    """Random scenes, and `count` random points of each in the space that is diffused in."""
    device = clouds.points.device
    rows = torch.randint(len(clouds), (batch,), generator=generator)
    lot = torch.rand(batch, clouds.points.shape[1], generator=on(device, generator), device=device)
    of = lot.topk(count, dim=1).indices
    points, colors = (x[rows.to(device)[:, None], of].float() for x in (clouds.points, clouds.colors))
    # Point-E's units: positions in [-0.5, 0.5] where the scene's are in [-1, 1], colours from 0 to 255.
    return rows, scale(torch.cat([points / 2, colors], dim=2).transpose(1, 2))


def velocity_loss(
    model: TwoStreamDenoiser,
    x0: Float[Tensor, "b 6 n"],
    context: Float[Tensor, "b l c"],
    generator: torch.Generator,
    t: Int[Tensor, " b"] | None = None,
) -> Float[Tensor, " b"]:
    """Mean squared error of v of each cloud, at random t where none are given (one in each of b equal intervals, which
    makes the mean less noisy)."""
    if t is None:
        u = (torch.arange(len(x0)) + torch.rand(len(x0), generator=generator)) / len(x0)
        t = (u * len(model.alphas)).long()
    noisy, target = noised(x0, t, model.alphas, generator)
    v = model.velocity(noisy, t.to(x0.device), context)
    return (v.float() - target).square().mean((1, 2))


def train(
    data: Path,
    out: Path,
    steps: int,
    *,
    batch: int = 32,
    rate: float = 1e-3,
    seed: int = 0,
    decay: float = 0.5,
    pipeline: Path | None = None,
    config: TwoStreamConfig | None = None,
    device: str | torch.device = "cpu",
    minutes: float | None = None,
) -> None:
    """Train into out/points.pt, and write the averaged weights into `out` at the end."""
    device = torch.device(device)
    clouds, read = load_clouds(data).to(device), text_reader(pipeline or path(), device)
    torch.manual_seed(seed)
    model = TwoStreamDenoiser(config or TwoStreamConfig()).to(device)

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        rng = np.random.default_rng([seed, step, rank()])
        rows, x0 = draw(clouds, batch, DRAWN, generator)
        with autocast(device):
            context = read([clouds.caption(int(row), rng) for row in rows]).float()
            told = (torch.rand(batch, generator=generator) >= TEXT_DROPOUT).to(device)
            losses = velocity_loss(model, x0, context * told[:, None, None], generator)
        return {"loss": losses.mean()}

    how: dict[str, Any] = {"rate": rate, "seed": seed, "decay": decay, "minutes": minutes}
    if learnt(model, loss_of, steps=steps, folder=out, name="points", **how):
        save(model, out)


def make(args: argparse.Namespace) -> None:
    """This process's share of the shards that the command line asks for."""
    write_shards(
        args.data,
        range(args.first + rank(), args.first + args.make, processes()),
        lambda number: make_shard(args.world_seed, number * args.scenes, args.scenes),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the shards")
    parser.add_argument("--make", type=int, default=0, metavar="SHARDS", help="make so many shards first")
    parser.add_argument("--scenes", type=int, default=2000, help="scenes in a shard")
    parser.add_argument("--first", type=int, default=0, help="number of the first of them")
    parser.add_argument("--world-seed", type=int, default=1, help="seed of their scenes")
    parser.add_argument("--out", type=Path, help="folder of the checkpoint and the weights")
    parser.add_argument("--pipeline", type=Path, help="whose text encoder it is told by (default: the package's own)")
    add_options(parser, steps=20_000, batch=32, rate=1e-3, decay=0.5)
    args = parser.parse_args()
    in_parallel(args.processes, make, args)
    if args.out is not None:
        launch(train, args)


if __name__ == "__main__":
    main()
