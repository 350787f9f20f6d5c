"""t2a train: models of one's own, by the recipes that made the pocket models."""

from __future__ import annotations

import argparse
from pathlib import Path

from t2a.errors import UserError


def add(commands) -> None:
    train = commands.add_parser(
        "train",
        help="train a model of your own",
        description="Models of one's own, by the recipes that made the pocket models.",
        allow_abbrev=False,
    )
    kinds = train.add_subparsers(dest="kind", metavar="KIND", required=True, parser_class=type(train))
    points = kinds.add_parser(
        "points",
        help="a text-to-points model from clouds with captions",
        description="Trains a model for `t2a points --weights FOLDER` on clouds with captions. A repeated command goes "
        "on where an interrupted one was last saved.",
        allow_abbrev=False,
    )
    points.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with an index.json, a list of entries with a caption (or several) and a file, which is a cloud "
        "or a mesh; `t2a world --assets FOLDER` writes one",
    )
    points.add_argument("-o", "--out", type=Path, required=True, help="folder of the model and of its checkpoint")
    points.add_argument("--steps", type=int, default=20_000)
    points.add_argument("--batch", type=int, default=32, help="clouds of each process in a step")
    points.add_argument("--rate", type=float, default=1e-3, help="learning rate")
    points.add_argument("--decay", type=float, default=0.5, help="last share of the steps over which the rate falls")
    points.add_argument("--seed", type=int, default=0)
    points.add_argument("--device", default="cpu", help="torch device: cpu, cuda, mps")
    points.add_argument("--minutes", type=float, help="end after so many, if --steps are not done sooner")
    points.add_argument("--processes", type=int, default=1, help="processes of one thread each")
    points.set_defaults(run=train_points)


LIMITS: dict[str, tuple[float, float]] = {
    "steps": (1, 10_000_000),
    "batch": (1, 65_536),
    "rate": (1e-9, 1),
    "decay": (0, 1),
    "seed": (0, 2**31 - 1),
    "minutes": (1e-3, 1e6),
    "processes": (1, 256),
}


def train_points(args: argparse.Namespace, words: list[str]) -> int:
    for name, (low, high) in LIMITS.items():
        value = getattr(args, name)
        if value is not None and not low <= value <= high:
            raise UserError(f"{name} is {value:g}; it must be between {low:g} and {high:,.10g}")
    from t2a.export.files import check_writable
    from t2a.pipelines import check_device
    from t2a.pocket.train.clouds import load_clouds
    from t2a.pocket.train.common import launch
    from t2a.pocket.train.points import train
    from t2a.pocket.vocabulary import unknown_words

    check_device(args.device)
    if args.processes > 1 and args.device != "cpu":
        raise UserError("several processes share out a CPU; on another device leave --processes away")
    clouds = load_clouds(args.data)
    check_writable(args.out / "config.json")
    print(f"{len(clouds)} clouds", flush=True)
    sentences = sorted({text for told in clouds.told if isinstance(told, tuple) for text in told})
    for warning in unknown_words(" ".join(sentences))[:20]:
        print(f"warning: {warning}", flush=True)
    args.pipeline = None
    try:
        launch(train, args)
    except FloatingPointError as error:
        raise UserError(str(error)) from error
    print(f'{args.out}: use it with: t2a points PROMPT -o cloud.ply --weights "{args.out}"')
    return 0
