"""The command line: one subcommand per pipeline. Nothing heavy is imported until a job starts."""

from __future__ import annotations

import argparse
import difflib
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import Any, NoReturn, get_args, get_origin

import t2a
from t2a.config import Config, Option, load, options, presets
from t2a.errors import UserError
from t2a.schedule import Schedule

INTERRUPTED = 130
BAD_INPUT = 2
STRICTNESS = 0.5
"""Of `t2a sketch`: Latent-NeRF's recipe."""


class Parser(argparse.ArgumentParser):
    """Raises UserError where argparse would print its usage and exit."""

    def error(self, message: str) -> NoReturn:
        known = ["--output", "--resume", "--keep", "--quiet", *("--" + o.name.replace("_", "-") for o in options())]
        unknown = [word for word in message.split() if word.startswith("--")]
        near = difflib.get_close_matches(unknown[0].split("=")[0], known, n=1) if unknown else []
        hint = f"did you mean {near[0]}?" if near else f"see {self.prog} --help"
        raise UserError(f"{message}; {hint}")


def parser() -> Parser:
    top = Parser(prog="t2a", description="A sentence becomes a textured, game-ready mesh.", allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"t2a {t2a.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)

    generate = commands.add_parser(
        "generate",
        help="text to a textured GLB",
        description="Text to a textured GLB, its report (.json) and a contact sheet (.png).",
        allow_abbrev=False,
    )
    generate.add_argument("prompt", help='what to make, for example "a red mushroom"')
    _add_job(generate)

    sketch = commands.add_parser(
        "sketch",
        help="a rough shape and a text to a textured GLB",
        description="A rough shape says what the thing should be like, the text says the rest: a textured GLB, its "
        "report (.json) and a contact sheet (.png).",
        allow_abbrev=False,
    )
    sketch.add_argument(
        "guide", type=Path, help="a mesh, a point cloud, or boxes, spheres, cylinders and cones in YAML or JSON"
    )
    sketch.add_argument("prompt", help='what it should be, for example "a red chair"')
    _add_job(sketch)

    commands.add_parser(
        "worker",
        help="jobs as JSON lines, for programs",
        description="Takes jobs as JSON lines on the standard input and reports on the standard output, for programs "
        "such as Blender; docs/worker.md describes the protocol.",
        allow_abbrev=False,
    )

    world = commands.add_parser(
        "world",
        help="show the pocket world",
        description="Captioned scenes of the world that the pocket models are trained on, as a sheet or as geometry.",
        allow_abbrev=False,
    )
    world.add_argument("--count", type=int, default=16, help="scenes (default: 16)")
    world.add_argument("--seed", type=int, default=0)
    world.add_argument("--size", type=int, default=96, help="pixels along an edge of a view (default: 96)")
    world.add_argument(
        "--held-out", action="store_true", help="scenes with held-out pairs of an attribute and a family"
    )
    world.add_argument("--sheet", type=Path, help="PNG to write")
    world.add_argument(
        "--assets",
        type=Path,
        metavar="FOLDER",
        help="write each scene as a mesh (PLY) and as arrays (NPZ): point cloud, depth, normals, part labels",
    )

    judge = commands.add_parser(
        "eval",
        help="measure the engine and the pocket models",
        description="Measure the engine (recovery), what the model draws (pictures) and finished assets (retrieval).",
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
    recovery.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("recovery"),
        help="folder for the figures and sheets (default: recovery)",
    )
    recovery.add_argument("--seed", type=int, default=0)
    for kind, text in (
        ("retrieval", "finished assets of held-out prompts, scored by a judge"),
        ("pictures", "what the model draws of them, with the refinement's guidance and steps, scored by the judge"),
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
        judged.add_argument(
            "-o",
            "--output",
            type=Path,
            default=Path(kind),
            help=f"folder for the figures and the sheet; a repeated call continues (default: {kind})",
        )
        if kind == "retrieval":
            judged.add_argument("--jobs", type=int, default=1, help="assets that are made side by side (default: 1)")
        _add_options(judged)
    return top


def _add_job(command: Parser) -> None:
    command.add_argument("-o", "--output", type=Path, required=True, help="file to write, ending in .glb")
    command.add_argument("--resume", action="store_true", help="continue an interrupted run of the same command")
    command.add_argument(
        "--keep", action="store_true", help="keep the run's folder (checkpoint, preview) after success"
    )
    command.add_argument("--quiet", action="store_true", help="no progress, only errors and warnings")
    _add_options(command)


def _add_options(command: Parser) -> None:
    command.add_argument("--preset", default="pocket", help=f"one of: {', '.join(presets())} (default: pocket)")
    groups = {"": command.add_argument_group("job")}
    for o in options():
        if o.section not in groups:
            groups[o.section] = command.add_argument_group(o.section)
        flag = "--" + o.name.replace("_", "-")
        text = o.help.replace("%", "%%")
        if o.type is bool:
            groups[o.section].add_argument(
                flag, dest=o.name, action=argparse.BooleanOptionalAction, default=None, help=text
            )
        elif get_origin(o.type) is tuple:
            count = len(get_args(o.type))
            groups[o.section].add_argument(
                flag,
                dest=o.name,
                nargs=count,
                metavar=("LOW", "HIGH") if count == 2 else ("R", "G", "B"),
                default=None,
                help=text,
            )
        else:
            groups[o.section].add_argument(flag, dest=o.name, metavar=_metavar(o), default=None, help=text)


def _metavar(o: Option) -> str:
    if o.type == Schedule:
        return "X|FROM,TO,BEGIN,END"
    if isinstance(o.type, UnionType) or o.type in (int, float):
        return "N" if int in (get_args(o.type) or (o.type,)) else "X"
    return "NAME"


def _value(o: Option, text: Any) -> Any:
    """The option's value from its words on the command line; config.checked judges it."""
    if isinstance(text, list):
        return [_number(o, t) for t in text]
    if not isinstance(text, str) or _metavar(o) == "NAME":
        return text
    if o.type == Schedule and "," in text:
        return [_number(o, t) for t in text.split(",")]
    return _number(o, text)


def _number(o: Option, text: str) -> float:
    try:
        return int(text) if text.strip().lstrip("+-").isdigit() else float(text)
    except ValueError:
        raise UserError(f"{o.name.replace('_', '-')} is {text!r}; it must be a number") from None


def config_of(args: argparse.Namespace) -> Config:
    given = {o.name: _value(o, getattr(args, o.name)) for o in options() if getattr(args, o.name) is not None}
    if args.command == "sketch":
        if "init" in given:
            raise UserError("the guide is what the scene starts from; leave --init away")
        given = {"strictness": STRICTNESS, **given, "init": str(args.guide)}
    return load(args.preset, given)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 2 for bad input, 130 if interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill is an interruption too
    try:
        args = parser().parse_args(words)
        commands = {"generate": _generate, "sketch": _generate, "worker": _worker, "world": _world, "eval": _eval}
        return commands[args.command](args, words)
    except UserError as error:
        print(f"t2a: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("t2a: interrupted", file=sys.stderr)
        return INTERRUPTED


def command_line(words: Sequence[str]) -> str:
    """What to type for these words: in the user's shell, and by the way that this run was started."""
    start = os.environ.get("T2A_COMMAND", "t2a").split()
    return subprocess.list2cmdline([*start, *words]) if os.name == "nt" else shlex.join([*start, *words])


def _generate(args: argparse.Namespace, words: list[str]) -> int:
    from t2a.jobs import generate_job, go_offline

    job = generate_job(args.prompt, args.output, config_of(args), resume=args.resume, keep=args.keep)
    go_offline(job.config)
    from t2a.pipelines import run
    from t2a.progress import Bars

    with Bars(job.preview, quiet=args.quiet) as bars:
        try:
            asset = run(job.events(), bars)
        except KeyboardInterrupt:
            bars.close()
            again = command_line([words[0], "--resume", *(word for word in words[1:] if word != "--resume")])
            if job.stopped():
                print(f"t2a: interrupted; continue with: {again}", file=sys.stderr)
            else:
                print("t2a: interrupted before the first checkpoint", file=sys.stderr)
            return INTERRUPTED
    for warning in asset.report["warnings"]:
        print(f"t2a: warning: {warning}", file=sys.stderr)
    for failure in asset.report["failed"]:
        print(
            f"t2a: warning: {failure['check']} is {failure['value']}, wanted {failure['limit']}: {failure['why']}",
            file=sys.stderr,
        )
    if not args.quiet:
        report = asset.report
        size = f"{report['triangles']} triangles, {report['components']} piece(s)"
        verdict = "passed" if report["passed"] else "NOT passed"
        print(f"{args.output}: {size}, {sum(report['seconds'].values()):.0f} s, {verdict}")
    return 0


def _worker(args: argparse.Namespace, words: list[str]) -> int:
    from t2a.worker import main as worker

    return worker()


def _world(args: argparse.Namespace, words: list[str]) -> int:
    for name, low, high in (("count", 1, 400), ("size", 16, 512), ("seed", 0, 2**31 - 1)):
        if not low <= getattr(args, name) <= high:
            raise UserError(f"{name} is {getattr(args, name)}; it must be between {low} and {high}")
    if args.sheet is None and args.assets is None:
        raise UserError("nothing to write; give --sheet FILE.png, --assets FOLDER, or both")
    from t2a.export.files import check_writable, write_png
    from t2a.pocket.geometry import write_assets
    from t2a.pocket.sheet import world_sheet
    from t2a.pocket.world import scene

    for path in filter(None, (args.sheet, args.assets and args.assets / "index.json")):
        check_writable(path)
    if args.sheet is not None:
        print(write_png(args.sheet, world_sheet(args.count, args.seed, args.size, held_out=args.held_out)))
    if args.assets is not None:
        scenes = [scene(args.seed, i, held_out=args.held_out) for i in range(args.count)]
        print(write_assets(scenes, args.assets, size=args.size))
    return 0


def _eval(args: argparse.Namespace, words: list[str]) -> int:
    if args.kind == "recovery":
        from t2a.eval.recovery import main as recovery

        return recovery(args.shapes, args.output, args.seed)
    from t2a.jobs import go_offline

    config = config_of(args)
    go_offline(config)
    from t2a.eval.command import pictures, retrieval

    if args.kind == "pictures":
        return pictures(args.count, args.output, config, args.prompts_of)
    return retrieval(args.count, args.output, config, args.jobs, prompts_of=args.prompts_of)


if __name__ == "__main__":
    sys.exit(main())
