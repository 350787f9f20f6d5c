"""The command line: one subcommand per pipeline, each in a file of its own that adds its parser and runs it. Nothing
heavy is imported until a job starts."""

from __future__ import annotations

import argparse
import atexit
import gc
import signal
import sys
from collections.abc import Sequence

import t2a
from t2a.cli import evaluate, generate, points, train, views, world
from t2a.cli.options import INTERRUPTED, Parser
from t2a.errors import UserError

BAD_INPUT = 2
RARELY = 1_000_000
"""New objects after which garbage is looked for. Python's own 700 look through all that is imported again and again,
and once more at the end: together a quarter of the time of a job of seconds."""


def parser() -> Parser:
    top = Parser(prog="t2a", description="A sentence becomes a textured, game-ready mesh.", allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"t2a {t2a.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    generate.add(commands)
    points.add(commands)
    worker = commands.add_parser(
        "worker",
        help="jobs as JSON lines, for programs",
        description="Takes jobs as JSON lines on the standard input and reports on the standard output, for programs "
        "such as Blender; docs/worker.md describes the protocol.",
        allow_abbrev=False,
    )
    worker.set_defaults(run=_worker)
    world.add(commands)
    views.add(commands)
    evaluate.add(commands)
    train.add(commands)
    return top


def _worker(args: argparse.Namespace, words: list[str]) -> int:
    from t2a.worker import main as worker

    return worker()


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 2 for bad input, 130 if interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill is an interruption too
    if argv is None:  # the process is ours
        gc.set_threshold(RARELY)
        atexit.register(gc.freeze)
    try:
        args = parser().parse_args(words)
        return args.run(args, words)
    except UserError as error:
        print(f"t2a: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("t2a: interrupted", file=sys.stderr)
        return INTERRUPTED
