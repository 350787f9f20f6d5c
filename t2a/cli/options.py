"""What the subcommands' parsers share: every option of a job, from config.py's dataclasses."""

from __future__ import annotations

import argparse
import difflib
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, NoReturn, get_args, get_origin

from t2a.config import Config, Option, load, options, presets
from t2a.errors import UserError
from t2a.schedule import Schedule

INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """Raises UserError where argparse would print its usage and exit."""

    words: Sequence[str] = ()

    def parse_args(self, args=None, namespace=None):
        self.words = [] if args is None else list(args)
        return super().parse_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        asked = self._asked()
        known = [flag for flag in asked._option_string_actions if flag.startswith("--")]
        words = [word.split("=")[0].rstrip(":") for word in message.split() if word.startswith("--")]
        unknown = [word for word in words if word not in known]
        near = difflib.get_close_matches(unknown[0], known, n=1) if unknown else []
        hint = f"did you mean {near[0]}?" if near else f"see {asked.prog} --help"
        raise UserError(f"{message}; {hint}")

    def _asked(self) -> argparse.ArgumentParser:
        """The parser of the subcommand that the words name: options which nobody knows are told to the topmost one."""
        found: argparse.ArgumentParser = self
        for word in self.words:
            below = next((a for a in found._actions if isinstance(a, argparse._SubParsersAction)), None)
            if below is not None and word in below.choices:
                found = below.choices[word]
        return found


def add_job(command: Parser) -> None:
    command.add_argument("-o", "--output", type=Path, required=True, help="file to write, ending in .glb")
    command.add_argument("--resume", action="store_true", help="continue an interrupted run of the same command")
    command.add_argument(
        "--keep", action="store_true", help="keep the run's folder (checkpoint, preview) after success"
    )
    command.add_argument("--quiet", action="store_true", help="no progress, only errors and warnings")
    add_options(command)


def add_options(command: Parser) -> None:
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


def config_of(args: argparse.Namespace, given: Mapping[str, Any] | None = None) -> Config:
    """The preset with the options that were given as words, over those `given` otherwise. Raises UserError."""
    said = {o.name: _value(o, getattr(args, o.name)) for o in options() if getattr(args, o.name) is not None}
    return load(args.preset, {**(given or {}), **said})


def command_line(words: Sequence[str]) -> str:
    """What to type for these words: in the user's shell, and by the way that this run was started."""
    start = os.environ.get("T2A_COMMAND", "t2a").split()
    return subprocess.list2cmdline([*start, *words]) if os.name == "nt" else shlex.join([*start, *words])
