"""The pure parts of the bootstrap, and what `prepare` and `run_tests` decide while nothing is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from t2a import bootstrap
from t2a.bootstrap import BootstrapError


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["generate", "a red mushroom", "-o", "m.glb"], (None, "generate", ["a red mushroom", "-o", "m.glb"])),
        (["--venv", "e", "test"], ("e", "test", [])),
        (["--venv=e", "test", "--", "-k", "x"], ("e", "test", ["--", "-k", "x"])),
        (["generate", "--venv", "e"], (None, "generate", ["--venv", "e"])),
        (["generate", "--", "-a cube"], (None, "generate", ["--", "-a cube"])),
        (["--help"], (None, "help", [])),
    ],
)
def test_parse_passes_the_command_through(argv, expected):
    assert bootstrap.parse(argv) == expected


@pytest.mark.parametrize("argv", [[], ["--venv"], ["--venv="], ["--venv", "e"], ["--vnev", "e", "test"]])
def test_a_wrong_command_line_is_an_error_of_code_2(argv):
    with pytest.raises(BootstrapError) as caught:
        bootstrap.parse(argv)
    assert caught.value.code == 2


def test_pytest_arguments_follow_two_dashes():
    assert bootstrap.pytest_arguments([]) == []
    assert bootstrap.pytest_arguments(["--", "-k", "x"]) == ["-k", "x"]
    with pytest.raises(BootstrapError, match="follow --"):
        bootstrap.pytest_arguments(["-k", "x"])


def test_the_option_wins_over_the_variable_and_that_over_the_default(tmp_path):
    environ = {"T2A_VENV": str(tmp_path / "variable")}
    assert bootstrap.environment_folder(str(tmp_path / "option"), environ, tmp_path) == tmp_path / "option"
    assert bootstrap.environment_folder(None, environ, tmp_path) == tmp_path / "variable"
    assert bootstrap.environment_folder(None, {}, tmp_path) == tmp_path / ".venv"
    assert bootstrap.environment_folder("relative", {}, tmp_path) == Path.cwd() / "relative"


def test_programs_of_an_environment():
    assert bootstrap.venv_program(Path("e"), "t2a", windows=False) == Path("e/bin/t2a")
    assert bootstrap.venv_program(Path("e"), "t2a", windows=True) == Path("e/Scripts/t2a.exe")


def test_variables_that_lead_out_of_the_environment_are_dropped(tmp_path):
    environ = {"PATH": "a", "PYTHONPATH": "b", "PYTHONHOME": "c", "PIP_TARGET": "d", "PIP_USER": "1", "HOME": "h"}
    inside = bootstrap.venv_environ(environ, tmp_path)
    assert inside["PIP_USER"] == "0" and inside["HOME"] == "h" and inside["VIRTUAL_ENV"] == str(tmp_path)
    assert inside["PATH"].startswith(str(tmp_path)) and inside["PATH"].endswith(os.pathsep + "a")
    assert not {"PYTHONPATH", "PYTHONHOME", "PIP_TARGET"} & inside.keys()
    assert environ["PYTHONPATH"] == "b"


@pytest.fixture
def checkout(tmp_path):
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]")
    (root / "constraints.txt").write_text("torch==1.0\nhatchling==2.0 ; python_version > '3'\ntorchvision==3\n")
    return root


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_the_digest_changes_with_what_an_installation_is_made_from(checkout, name):
    before = bootstrap.digest(checkout)
    assert bootstrap.digest(checkout) == before
    (checkout / name).write_text("changed")
    assert bootstrap.digest(checkout) != before


def test_up_to_date():
    plain, full = {"installed": "x", "dev": False}, {"installed": "x", "dev": True}
    assert bootstrap.up_to_date(plain, "x", dev=False)
    assert not bootstrap.up_to_date(plain, "x", dev=True)
    assert bootstrap.up_to_date(full, "x", dev=False) and bootstrap.up_to_date(full, "x", dev=True)
    assert not bootstrap.up_to_date(full, "y", dev=False)
    assert not bootstrap.up_to_date({}, "x", dev=False)


def test_state_survives_a_round_trip_and_nonsense_is_no_state(tmp_path):
    assert bootstrap.read_state(tmp_path) == {}
    bootstrap.write_state(tmp_path, {"made_here": True})
    assert bootstrap.read_state(tmp_path) == {"made_here": True}
    for nonsense in ("{", "[]", ""):
        (tmp_path / bootstrap.STATE_FILE).write_text(nonsense)
        assert bootstrap.read_state(tmp_path) == {}


def test_pinned_reads_whole_names_without_markers(checkout):
    constraints = (checkout / "constraints.txt").read_text()
    assert bootstrap.pinned(constraints, ["torch", "hatchling"]) == ["torch==1.0", "hatchling==2.0"]


def test_the_real_constraints_pin_what_is_installed_first():
    constraints = (bootstrap.ROOT / "constraints.txt").read_text()
    assert len(bootstrap.pinned(constraints, ["torch", *bootstrap.BUILD_TOOLS])) == 3
    assert "+cpu" not in constraints and "://" not in constraints


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            "Retrying ... NewConnectionError('Failed to establish a new connection')\nNo matching distribution found",
            "network",
        ),
        ("ERROR: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for torch==2.13.0", "no release"),
        ("ERROR: ResolutionImpossible: for help visit", "no release"),
        ("ERROR: Failed building wheel for xatlas", "no wheel"),
        ("/usr/bin/python: No module named pip", "has no pip"),
        ("something else", "pip failed"),
    ],
)
def test_explain_names_the_cause(output, expected):
    assert expected in bootstrap.explain(output)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("  Downloading torch-2.13.0-cp311-linux_x86_64.whl (180.5 MB)\n", "downloading torch 2.13.0 (180.5 MB)"),
        ("Downloading a/scikit_image-0.26.0-cp311.whl (1.2 GB)", "downloading scikit_image 0.26.0 (1.2 GB)"),
        ("  Downloading idna-3.20-py3-none-any.whl (70 kB)\n", None),
        ("Installing collected packages: a, b, c\n", "unpacking 3 packages"),
        ("Requirement already satisfied: torch", None),
    ],
)
def test_progress_tells_what_takes_the_time(line, expected):
    assert bootstrap.progress(line) == expected


def test_last_lines_skip_empty_ones():
    assert bootstrap.last_lines("a\n\nb\nc\n", 2) == ["b", "c"]


@pytest.fixture
def programs(checkout, monkeypatch):
    """Record the programs that would run; `python -m venv` makes the files that are looked for."""
    ran: list[list[str]] = []

    def call(command, venv, on_line=None, **options):
        ran.append([str(part) for part in command])
        if ran[-1][1:3] == ["-m", "venv"]:
            for path in (venv / "pyvenv.cfg", bootstrap.venv_program(venv, "python")):
                path.parent.mkdir(exist_ok=True)
                path.touch()
        return 0

    monkeypatch.setattr(bootstrap, "call", call)
    monkeypatch.setattr(bootstrap, "ROOT", checkout)
    return ran


def test_prepare_installs_once_and_again_for_the_dev_extra(programs, checkout, tmp_path):
    venv = tmp_path / "e"
    bootstrap.prepare(venv, dev=False)
    assert [command[1:4] for command in programs] == [["-m", "venv", str(venv)], *[["-m", "pip", "install"]] * 2]
    assert programs[1][-2:] == ["torch==1.0", "hatchling==2.0"] and programs[2][-1] == str(checkout)
    assert all(str(checkout / "constraints.txt") in command for command in programs[1:])
    bootstrap.prepare(venv, dev=False)
    assert len(programs) == 3
    bootstrap.prepare(venv, dev=True)
    assert len(programs) == 5 and programs[4][-1] == f"{checkout}[dev]"
    bootstrap.prepare(venv, dev=False)
    assert len(programs) == 5


def test_an_interrupted_installation_is_begun_afresh(programs, tmp_path, monkeypatch):
    venv = tmp_path / "e"

    def interrupt(*_):
        (venv / "half").mkdir()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(bootstrap, "pip_install", interrupt)
        bootstrap.prepare(venv, dev=False)
    assert (venv / "half").exists()
    bootstrap.prepare(venv, dev=False)
    assert not (venv / "half").exists()
    assert bootstrap.up_to_date(bootstrap.read_state(venv), bootstrap.digest(bootstrap.ROOT), dev=False)


def test_a_folder_of_the_user_is_never_cleared(programs, tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "precious").touch()
    with pytest.raises(BootstrapError, match="not a virtual environment"):
        bootstrap.prepare(folder, dev=False)
    assert (folder / "precious").exists() and not programs


def test_an_environment_of_the_user_is_filled_but_never_cleared(programs, tmp_path, monkeypatch):
    venv = tmp_path / "e"
    for path in (venv / "pyvenv.cfg", bootstrap.venv_program(venv, "python"), venv / "precious"):
        path.parent.mkdir(exist_ok=True)
        path.touch()

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(bootstrap, "pip_install", interrupt)
        bootstrap.prepare(venv, dev=False)
    bootstrap.prepare(venv, dev=False)
    assert (venv / "precious").exists() and len(programs) == 2


@pytest.mark.parametrize(
    ("statuses", "expected", "steps"),
    [
        ([0, 0, 0, 0, 0], 0, 5),
        ([0, 0, 0, 0, bootstrap.NO_TESTS_COLLECTED], 0, 5),
        ([1, 0, 0, 0, 0], 1, 1),
        ([0, 0, 2], 2, 3),
        ([0, 0, 0, 1], 1, 4),
        ([0, 0, 0, bootstrap.NO_TESTS_COLLECTED], bootstrap.NO_TESTS_COLLECTED, 4),
    ],
)
def test_the_status_is_that_of_the_first_step_that_fails(monkeypatch, tmp_path, statuses, expected, steps):
    ran = []

    def call(command, venv, **options):
        ran.append(command)
        return statuses[len(ran) - 1]

    monkeypatch.setattr(bootstrap, "call", call)
    assert bootstrap.run_tests(tmp_path, []) == expected
    assert len(ran) == steps


def test_pytest_arguments_make_one_run(monkeypatch, tmp_path):
    ran = []
    monkeypatch.setattr(bootstrap, "call", lambda command, *_, **__: ran.append(command[1:]) or 0)
    assert bootstrap.run_tests(tmp_path, ["-k", "x"]) == 0
    assert ran[-1] == ["-m", "pytest", "-k", "x"] and len(ran) == 4


def test_call_returns_status_and_lines(tmp_path):
    lines: list[str] = []
    program = "import sys; print('one'); print('two', file=sys.stderr, flush=True); sys.exit(3)"
    assert bootstrap.call([sys.executable, "-u", "-c", program], tmp_path, lines.append) == 3
    assert lines == ["one\n", "two\n"]


def test_a_child_outlives_no_interrupt(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "SECONDS_TO_STOP", 0.1)
    started: list[int] = []

    def on_line(line: str) -> None:
        started.append(int(line))
        raise KeyboardInterrupt

    program = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        bootstrap.call([sys.executable, "-c", program], tmp_path, on_line)
    if os.name == "posix":
        with pytest.raises(ProcessLookupError):
            os.kill(started[0], 0)


def test_errors_are_one_line_without_a_traceback(tmp_path):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "t2a.bootstrap", *arguments], capture_output=True, text=True, cwd=bootstrap.ROOT
        )

    (tmp_path / "precious").touch()
    assert run("--help").returncode == 0
    for arguments, status in [((), 2), (("test", "-k"), 2), (("--venv", str(tmp_path), "generate"), 1)]:
        result = run(*arguments)
        assert result.returncode == status and len(result.stderr.splitlines()) == 1 and "error:" in result.stderr


def test_an_old_python_is_named(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (99, 0))
    assert bootstrap.main(["generate"]) == 1
    assert "needs Python 99.0 or newer" in capsys.readouterr().err


def test_an_interrupt_exits_with_130(monkeypatch, capsys):
    def interrupt(argv):
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "run", interrupt)
    assert bootstrap.main([]) == 130
    assert capsys.readouterr().err == "t2a.bootstrap: interrupted\n"
