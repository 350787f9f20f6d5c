"""t2a eval: how well the engine and the pocket models do."""

from __future__ import annotations

import argparse
from pathlib import Path

from t2a.cli.options import Parser, add_options, config_of
from t2a.config import NO_START


def add(commands) -> None:
    judge = commands.add_parser(
        "eval",
        help="measure the engine and the pocket models",
        description="Measure the engine (recovery), what the model draws (pictures), its point clouds (points), "
        "finished assets (retrieval), followed shapes (sketch), pictures steered by maps (control), painted meshes "
        "(paint) and edited objects (edit).",
        allow_abbrev=False,
    )
    kinds = judge.add_subparsers(dest="kind", metavar="KIND", required=True, parser_class=Parser)
    recovery = kinds.add_parser("recovery", help="known shapes from an analytic denoiser", allow_abbrev=False)
    recovery.add_argument(
        "--shapes",
        nargs="+",
        default=["sphere", "torus", "chair"],
        help="shapes to recover (default: sphere torus chair)",
    )
    _add_output(recovery, "recovery", "folder for the figures and sheets")
    recovery.add_argument("--seed", type=int, default=0)
    for kind, text in (
        ("retrieval", "finished assets of held-out prompts, scored by a judge"),
        ("pictures", "what the model draws of them, with the refinement's guidance and steps, scored by the judge"),
        ("points", "point clouds of them, scored by the judge"),
    ):
        judged = kinds.add_parser(kind, help=text, allow_abbrev=False)
        judged.add_argument("--count", type=int, default=100, help="prompts (default: 100, or all that the set has)")
        judged.add_argument(
            "--set",
            dest="prompts_of",
            default="held-out",
            metavar="NAME",
            help="held-out: scenes that no training has seen (default); paraphrases: some of them in other words; "
            "named: prompts of well-known papers",
        )
        _add_output(judged, kind, "folder for the figures and the sheet; a repeated call continues")
        if kind == "retrieval":
            judged.add_argument("--jobs", type=int, default=1, help="assets that are made side by side (default: 1)")
        if kind == "points":
            judged.add_argument("--points", type=int, default=4096, help="in a cloud (default: 4096)")
            judged.add_argument("--seed", type=int, default=0)
        else:
            add_options(judged)
    sketch = kinds.add_parser("sketch", help="rough shapes at several strictnesses", allow_abbrev=False)
    sketch.add_argument(
        "--at",
        nargs="+",
        type=float,
        default=[0.0, 0.25, 0.5, 0.75, 1.0],
        metavar="X",
        help="strictnesses (default: 0 0.25 0.5 0.75 1)",
    )
    sketch.add_argument("--guides", nargs="+", default=None, help="some of the built-in guides (default: all)")
    _add_output(sketch, "sketch", "folder for the figures and the sheet")
    add_options(sketch)
    control = kinds.add_parser("control", help="pictures steered by maps of each kind", allow_abbrev=False)
    control.add_argument("--count", type=int, default=12, help="held-out scenes (default: 12)")
    _add_output(control, "control", "folder for the figures and the sheet")
    add_options(control)
    paint = kinds.add_parser("paint", help="bare meshes of held-out scenes, painted", allow_abbrev=False)
    paint.add_argument("--count", type=int, default=20, help="meshes (default: 20, which is all)")
    _add_output(paint, "paint", "folder for the figures and the sheet")
    add_options(paint)
    edit = kinds.add_parser("edit", help="objects and instructions whose outcomes are held out", allow_abbrev=False)
    edit.add_argument("--count", type=int, default=40, help="pairs (default: 40)")
    edit.add_argument("--jobs", type=int, default=1, help="objects that are edited side by side (default: 1)")
    edit.add_argument("--knobs", action="store_true", help="instead a sheet of what each option does")
    edit.add_argument("--chain", action="store_true", help="instead three edits in a row")
    _add_output(edit, "edit", "folder for the figures and the sheet")
    add_options(edit)
    judge.set_defaults(run=measured)


def _add_output(parser: argparse.ArgumentParser, folder: str, text: str) -> None:
    parser.add_argument("-o", "--output", type=Path, default=Path(folder), help=f"{text} (default: {folder})")


def measured(args: argparse.Namespace, words: list[str]) -> int:
    if args.kind == "recovery":
        from t2a.eval.recovery import main as recovery

        return recovery(args.shapes, args.output, args.seed)
    if args.kind == "points":
        from t2a.eval.command import points
        from t2a.points import PointOptions

        return points(args.count, args.output, PointOptions(count=args.points, seed=args.seed), args.prompts_of)
    from t2a.jobs import go_offline

    # Sketches start from shapes, each from its own, and a mesh that is painted is there.
    given = {"sketch": {"init": "primitives.yaml"}, "paint": NO_START}.get(args.kind)
    config = config_of(args, given)
    go_offline(config)
    if args.kind == "sketch":
        from t2a.eval.sketch import main as sketch

        return sketch(args.at, args.output, config, args.guides)
    if args.kind == "control":
        from t2a.eval.control import main as control

        return control(args.output, config, args.count)
    if args.kind == "paint":
        from t2a.eval.paint import main as paint

        return paint(args.output, config, args.count)
    if args.kind == "edit":
        from t2a.eval.edit import main as edit
        from t2a.eval.edit_studies import chain, knobs

        if args.knobs or args.chain:
            return (knobs if args.knobs else chain)(args.output, config)
        return edit(args.output, config, args.count, args.jobs)
    from t2a.eval.command import pictures, retrieval

    if args.kind == "pictures":
        return pictures(args.count, args.output, config, args.prompts_of)
    return retrieval(args.count, args.output, config, args.jobs, prompts_of=args.prompts_of)
