"""Install t2a into a virtual environment of its own and run it there, with nothing but Python.

    python -m t2a.bootstrap generate "a red mushroom" -o mushroom.glb
    python -m t2a.bootstrap test

The first form runs any t2a command and passes its arguments through; the second checks the project as CI does. Both
install the versions that constraints.txt names. A state file in the environment, written last, says what a complete
installation was made from: with nothing changed the next start is immediate, and an interrupted installation is begun
afresh. Folders that this module did not make are never cleared. Standard library only, because it runs before anything
is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

USAGE = """\
usage: python -m t2a.bootstrap [--venv FOLDER] COMMAND [ARGUMENT ...]

  test [-- PYTEST-ARGUMENT ...]   ruff, mypy, the fast tests, then the slow ones;
                                  with pytest arguments, one run of pytest with them
  any t2a command                 for example: generate "a red mushroom" -o mushroom.glb

The environment is FOLDER, or else $T2A_VENV, or else .venv in the checkout; it is made and updated as needed."""

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 13)  # for which every dependency has wheels; newer ones may work
STATE_FILE = "t2a-bootstrap.json"
LOG_FILE = "t2a-bootstrap.log"
BUILD_TOOLS = ("hatchling", "editables")
LINTERS = (
    ("ruff check", ("ruff", "check", ".")),
    ("ruff format --check", ("ruff", "format", "--check", ".")),
    ("mypy", ("mypy",)),
)
TEST_RUNS = (("fast tests", ("-m", "not slow")), ("slow tests", ("-m", "slow")))
NO_TESTS_COLLECTED = 5
SECONDS_TO_STOP = 10
NETWORK_SIGNS = (
    "NameResolutionError",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "SSLError",
    "Failed to establish a new connection",
    "Failed to resolve",
    "name resolution",
    "getaddrinfo failed",
    "Network is unreachable",
)


class BootstrapError(Exception):
    """One sentence for the user; `details` are the last lines of a tool's output, `code` the exit status."""

    def __init__(self, message: str, details: Iterable[str] = (), code: int = 1):
        super().__init__(message)
        self.details = tuple(details)
        self.code = code


# --- Pure parts ---


def parse(argv: Sequence[str]) -> tuple[str | None, str, list[str]]:
    """Split a command line into (folder, command, the command's arguments). Options count only before the command."""
    rest = list(argv)
    folder = None
    while rest and rest[0].startswith("-"):
        option, equals, value = rest.pop(0).partition("=")
        if option in ("-h", "--help"):
            return folder, "help", []
        if option != "--venv":
            raise BootstrapError(f"unknown option {option}; only --venv FOLDER may stand before the command", code=2)
        folder = value if equals else rest.pop(0) if rest else ""
        if not folder:
            raise BootstrapError("--venv needs a folder", code=2)
    if not rest:
        raise BootstrapError("no command given; try --help", code=2)
    return folder, rest[0], rest[1:]


def pytest_arguments(arguments: Sequence[str]) -> list[str]:
    """What follows `--` after `test`."""
    if arguments and arguments[0] != "--":
        raise BootstrapError(
            f"unexpected argument {arguments[0]!r}; pytest's follow --, as in: test -- -k name", code=2
        )
    return list(arguments[1:])


def environment_folder(option: str | None, environ: dict[str, str], root: Path) -> Path:
    chosen = option or environ.get("T2A_VENV")
    return Path(chosen).expanduser().absolute() if chosen else root / ".venv"


def venv_program(venv: Path, name: str, windows: bool = os.name == "nt") -> Path:
    return venv / "Scripts" / f"{name}.exe" if windows else venv / "bin" / name


def venv_environ(environ: dict[str, str], venv: Path) -> dict[str, str]:
    """The variables of an activated environment, without those that would lead Python or pip out of it."""
    kept = {k: v for k, v in environ.items() if k not in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX")}
    programs = str(venv_program(venv, "python").parent)
    path = os.pathsep.join([programs, *filter(None, [environ.get("PATH")])])
    return {**kept, "VIRTUAL_ENV": str(venv), "PIP_USER": "0", "PATH": path}


def digest(root: Path) -> str:
    """Changes whenever the installation has to be brought up to date: other requirements, versions or checkout."""
    made_from = hashlib.sha256(str(root).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        made_from.update((root / name).read_bytes())
    return made_from.hexdigest()


def read_state(venv: Path) -> dict:
    """What this module wrote about the environment; {} if it did not make or fill it."""
    try:
        state = json.loads((venv / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_state(venv: Path, state: dict) -> None:
    partial = venv / (STATE_FILE + ".partial")
    partial.write_text(json.dumps(state), encoding="utf-8")
    partial.replace(venv / STATE_FILE)


def up_to_date(state: dict, wanted: str, dev: bool) -> bool:
    """An environment with the dev extra serves both commands."""
    return state.get("installed") == wanted and (not dev or state.get("dev") is True)


def pinned(constraints: str, names: Sequence[str]) -> list[str]:
    """The lines `name==version` of a constraints file for these names."""
    lines = [line.partition("#")[0].partition(";")[0].strip() for line in constraints.splitlines()]
    return [line for name in names for line in lines if line.partition("==")[0].strip() == name]


def progress(line: str) -> str | None:
    """Of pip's many lines, those that tell a waiting user what takes the time: large files and the final unpacking."""
    if found := re.match(r"\s*Downloading (?:\S*/)?([^\s/]+?)-(\d[^\s-]*)\S* \((\S+ [MG]B)\)", line):
        return "downloading {} {} ({})".format(*found.groups())
    if line.startswith("Installing collected packages:"):
        return f"unpacking {line.count(',') + 1} packages"
    return None


def explain(output: str) -> str:
    """Why pip failed, in one sentence."""
    if any(sign in output for sign in NETWORK_SIGNS):
        return "pip cannot reach the package index; check the network (or pip's proxy settings) and run again"
    if "No space left on device" in output or "Errno 28" in output:
        return "the disk is full; free some space, or put the environment elsewhere with --venv, and run again"
    if "No matching distribution found" in output or "ResolutionImpossible" in output:
        return f"pip finds no release of a package that constraints.txt names, for this system and {python_named()}"
    if "Failed building wheel" in output or "Failed to build" in output:
        return f"a package has no wheel and could not be built, for this system and {python_named()}"
    if "No module named pip" in output:
        return "the environment has no pip; remove it, or name another folder with --venv, and run again"
    return "pip failed"


def python_named() -> str:
    return "Python {}.{}; try one from {}.{} to {}.{}".format(*sys.version_info[:2], *OLDEST_PYTHON, *NEWEST_PYTHON)


def last_lines(output: str, count: int = 12) -> list[str]:
    return [line for line in output.splitlines() if line.strip()][-count:]


# --- Doing ---


def say(text: str) -> None:
    print(f"t2a.bootstrap: {text}", file=sys.stderr, flush=True)


def stop(process: subprocess.Popen, asked: bool) -> None:
    """End a child. After Ctrl-C the terminal has `asked` it already, so it gets time to write its checkpoint."""
    try:
        if asked:
            process.wait(SECONDS_TO_STOP)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        pass
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(SECONDS_TO_STOP)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            process.wait()


def call(command: Sequence[str | Path], venv: Path, on_line: Callable[[str], None] | None = None, **options) -> int:
    """Run a program and return its exit status as a shell would; `on_line` receives its output line by line."""
    if on_line:
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        options |= {"text": True, "encoding": "utf-8", "errors": "replace"}
    environ = venv_environ(dict(os.environ), venv)
    with subprocess.Popen([str(part) for part in command], env=environ, **options) as process:
        try:
            if on_line:
                for line in process.stdout or ():
                    on_line(line)
            status = process.wait()
        except BaseException as reason:
            stop(process, asked=isinstance(reason, KeyboardInterrupt))
            raise
    return 128 - status if status < 0 else status


def logged(command: Sequence[str | Path], venv: Path) -> tuple[int, str]:
    """Run a step of the installation quietly: all of its output goes to the log, the telling lines to the user."""
    lines: list[str] = []
    with (venv / LOG_FILE).open("a", encoding="utf-8") as log:

        def on_line(line: str) -> None:
            lines.append(line)
            log.write(line)
            if text := progress(line):
                say("  " + text)

        return call(command, venv, on_line), "".join(lines)


def clear(venv: Path) -> None:
    """Empty an environment that this module made; the state file goes last, to keep it recognisable until then."""
    for entry in sorted(venv.iterdir(), key=lambda entry: entry.name == STATE_FILE):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def create(venv: Path) -> None:
    say(f"creating the environment {venv}")
    venv.mkdir(parents=True, exist_ok=True)
    write_state(venv, {"made_here": True})
    (venv / ".gitignore").write_text("*\n", encoding="utf-8")
    status, output = logged([sys.executable, "-m", "venv", venv], venv)
    if status:
        raise BootstrapError(f"python -m venv failed (status {status})", last_lines(output))


def pip_install(venv: Path, *arguments: str | Path) -> None:
    python, constraints = venv_program(venv, "python"), ROOT / "constraints.txt"
    quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    status, output = logged([python, "-m", "pip", "install", *quiet, "-c", constraints, *arguments], venv)
    if status:
        raise BootstrapError(f"{explain(output)} (status {status}; log: {venv / LOG_FILE})", last_lines(output))


def prepare(venv: Path, dev: bool) -> None:
    """Make the environment, or bring it up to date."""
    wanted = digest(ROOT)
    state = read_state(venv)
    python = venv_program(venv, "python")
    if up_to_date(state, wanted, dev) and python.exists():
        return
    made_here = state.get("made_here") is True
    running_in_it = Path(sys.prefix).resolve() == venv.resolve()
    if made_here and not running_in_it and not ("installed" in state and python.exists()):
        say("the environment is incomplete; starting afresh")
        clear(venv)
    if not venv.exists() or not any(venv.iterdir()):
        create(venv)
        made_here = True
    elif not (venv / "pyvenv.cfg").exists() or not python.exists():
        raise BootstrapError(f"{venv} is not a virtual environment; name another folder with --venv or T2A_VENV")
    write_state(venv, {"made_here": made_here})
    say("installing torch and the build tools (the first time this can take some minutes)")
    pip_install(venv, *pinned((ROOT / "constraints.txt").read_text(encoding="utf-8"), ("torch", *BUILD_TOOLS)))
    say("installing t2a" + (" with its development tools" if dev else ""))
    pip_install(venv, "--no-build-isolation", "-e", f"{ROOT}[dev]" if dev else ROOT)
    write_state(venv, {"made_here": made_here, "installed": wanted, "dev": dev})
    say("installed")


def run_tests(venv: Path, arguments: Sequence[str]) -> int:
    """Every step in turn; the exit status of the first that fails."""
    runs = [("pytest", list(arguments))] if arguments else TEST_RUNS
    steps: list[tuple[str, Sequence[str]]] = [*LINTERS]
    steps += [(title, ("pytest", *options)) for title, options in runs]
    for title, module in steps:
        say(title)
        status = call([venv_program(venv, "python"), "-m", *module], venv, cwd=ROOT)
        if status and not (title == "slow tests" and status == NO_TESTS_COLLECTED):
            say(f"{title} failed (status {status})")
            return status
    return 0


def run(argv: Sequence[str]) -> int:
    if sys.version_info[:2] < OLDEST_PYTHON:
        oldest, version = (".".join(map(str, parts)) for parts in (OLDEST_PYTHON, sys.version_info[:3]))
        raise BootstrapError(f"t2a needs Python {oldest} or newer; this is Python {version} at {sys.executable}")
    option, command, arguments = parse(argv)
    if command == "help":
        print(USAGE)
        return 0
    for_pytest = pytest_arguments(arguments) if command == "test" else []
    if not (ROOT / "constraints.txt").exists():
        raise BootstrapError("run this in a checkout of t2a; an installed t2a has the command t2a instead")
    venv = environment_folder(option, dict(os.environ), ROOT)
    prepare(venv, dev=command == "test")
    if command == "test":
        return run_tests(venv, for_pytest)
    # What t2a says to type next must work here too, where its own command is not on the PATH.
    folder = ["--venv", option] if option else []
    os.environ["T2A_COMMAND"] = " ".join([Path(sys.executable).stem, "-m", "t2a.bootstrap", *folder])
    return call([venv_program(venv, "t2a"), command, *arguments], venv)


def main(argv: Sequence[str] | None = None) -> int:
    def on_terminate(number, frame):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, on_terminate)
    try:
        return run(sys.argv[1:] if argv is None else argv)
    except BootstrapError as error:
        for line in error.details:
            print(f"  | {line}", file=sys.stderr)
        say(f"error: {error}")
        return error.code
    except OSError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main())
