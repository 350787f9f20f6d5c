"""The classifier of `point_net`, on clouds of single objects of the world:

python -m t2a.pocket.train.points --data clouds --make 6
python -m t2a.eval.train_point_net --data clouds --out run --steps 3000
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from t2a.eval.point_net import PointNet, PointNetConfig, accuracy, load, save
from t2a.pocket.captions import Spec
from t2a.pocket.families import FAMILIES
from t2a.pocket.train.clouds import load_clouds
from t2a.pocket.train.common import Report, run

HELD_BACK = 10
"""Of so many clouds one is kept to be asked about."""
POINTS = 1024
NOISE = 0.01
"""Of the points in training, scene units: what a model makes is not as clean as a surface."""


def single_objects(folder: Path) -> tuple[Float[Tensor, "n p 3"], Int[Tensor, " n"]]:
    """The clouds of scenes with one object, and its family's number."""
    clouds, names = load_clouds(folder), list(FAMILIES)
    single = {
        row: names.index(told.items[0].family)
        for row, told in enumerate(clouds.told)
        if isinstance(told, Spec) and told.relation is None and told.items[0].count == 1
    }
    return clouds.points[list(single)], torch.tensor(list(single.values()))


def drawn(points: Float[Tensor, "n p 3"], rows: Int[Tensor, " b"], generator: torch.Generator) -> Tensor:
    """POINTS random points of each of these clouds."""
    of = torch.rand(len(rows), points.shape[1], generator=generator).topk(min(POINTS, points.shape[1]), dim=1).indices
    return points[rows[:, None], of].float()


def train(
    points: Float[Tensor, "n p 3"], classes: Int[Tensor, " n"], out: Path, steps: int, *, batch: int = 32,
    rate: float = 1e-3, seed: int = 0, config: PointNetConfig | None = None,
) -> Iterator[tuple[int, dict[str, Tensor], PointNet]]:  # fmt: skip
    """Train into out/point_net.pt, yielding (step, losses, averaged model); its weights are in `out` at the end."""
    torch.manual_seed(seed)
    model = PointNet(config or PointNetConfig(tuple(FAMILIES)))
    averaged = PointNet(model.config).eval()

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        rows = torch.randint(len(points), (batch,), generator=generator)
        x = drawn(points, rows, generator)
        x = x + NOISE * torch.rand(batch, 1, 1, generator=generator) * torch.randn(x.shape, generator=generator)
        logits = model(x)
        right = (logits.argmax(-1) == classes[rows]).float().mean()
        return {"loss": functional.cross_entropy(logits, classes[rows], label_smoothing=0.05), "right": right}

    for step, losses, average in run(
        model, loss_of, steps=steps, rate=rate, folder=out, name="point_net", seed=seed, decay=0.5, average_decay=0.99
    ):
        if step == steps:
            averaged.load_state_dict(average.values)
            save(averaged, out)
        yield step, losses, averaged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of shards of clouds")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    points, classes = single_objects(args.data)
    asked = torch.arange(len(points)) % HELD_BACK == 0
    report = Report(args.steps, args.out / "point_net.csv")
    for step, losses, _ in train(
        points[~asked], classes[~asked], args.out, args.steps, batch=args.batch, rate=args.rate, seed=args.seed
    ):
        report(step, losses)
    model = load(args.out)
    rows = torch.arange(int(asked.sum()))
    unseen = drawn(points[asked], rows, torch.Generator().manual_seed(args.seed))
    print(f"of {len(rows)} clouds that it has not seen it tells {accuracy(model, unseen, classes[asked]):.1%} right")


if __name__ == "__main__":
    main()
