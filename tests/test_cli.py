"""The command line with bad input and interruptions: one clear line, the right exit code, no half-written file."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

TINY = [
    "--init",
    "blob",
    "--steps",
    "6",
    "--views",
    "2",
    "--render-size",
    "24",
    "--checkpoint-every",
    "2",
    "--preview-every",
    "3",
    "--resolution",
    "48",
    "--faces",
    "500",
    "--texture",
    "128",
    "--rounds",
    "1",
    "--round-steps",
    "4",
    "--first-round-steps",
    "4",
    "--refine-size",
    "32",
]


def t2a(*words, **options):
    return subprocess.run(
        [sys.executable, "-m", "t2a.cli", *map(str, words)], capture_output=True, text=True, **options
    )


def one_line(done, *parts):
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("t2a: "), done.stderr
    for part in parts:
        assert part in lines[0], lines[0]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["generate", "", "-o", "x.glb"], ["the prompt is empty"]),
        (["generate", "  ", "-o", "x.glb"], ["the prompt is empty"]),
        (["generate", "a ball"], ["-o/--output"]),
        (["generate", "a ball", "-o", "x.png"], [".glb"]),
        (["generate", "a ball", "-o", "x.glb", "--preset", "nope"], ["'nope'", "pocket"]),
        (["generate", "a ball", "-o", "x.glb", "--facs", "3"], ["--facs", "did you mean --faces?"]),
        (["points", "a ball", "-o", "x.ply", "--cuont=3"], ["--cuont=3", "did you mean --count?"]),
        (["eval", "retrieval", "--jbos", "3"], ["--jbos", "did you mean --jobs?"]),
        (["points", "a ball", "-o", "x.ply", "--count", "few"], ["--count", "'few'", "see t2a points --help"]),
        (["generate", "a ball", "-o", "x.glb", "--faces", "3"], ["faces is 3", "at least 12"]),
        (["generate", "a ball", "-o", "x.glb", "--faces", "many"], ["'many'", "number"]),
        (["generate", "a ball", "-o", "x.glb", "--guidance-scale", "nan"], ["guidance-scale"]),
        (["generate", "a ball", "-o", "x.glb", "--elevation", "50", "10"], ["must not exceed"]),
        (["generate", "a ball", "-o", "x.glb", "--weighting", "heavy"], ["'heavy'", "sigma"]),
        (["generate", "a ball", "-o", "x.glb", "--seed", "-1"], ["seed is -1", "at least 0"]),
        (["generate", "a ball", "-o", "x.glb", "--resume"], ["nothing to resume"]),
        (["generate", "a ball", "-o", "x.glb", "--background", "random"], ["plain backdrop", "--matte 0"]),
        (["generate", "a ball", "-o", "x.glb", "--latent"], ["cannot be lit", "--lambertian 0"]),
        (["generate", "a ball", "-o", "x.glb", "--device", "abacus"], ["'abacus'", "cpu"]),
        (["generate", "a ball", "-o", "x.glb", "--model", "no/such/folder"], ["there is no model folder"]),
        (["generate", "a ball", "-o", "x.glb", "--model", "."], ["model_index.json"]),
        (["carve"], ["invalid choice", "generate"]),
        ([], ["COMMAND"]),
        (["world", "--count", "0", "--sheet", "w.png"], ["count is 0"]),
        (["eval", "recovery", "--shapes", "teapot", "-o", "r"], ["'teapot'", "sphere"]),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(words, parts, tmp_path):
    one_line(t2a(*words, cwd=tmp_path), *parts)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_unwritable_output_is_found_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    one_line(t2a("generate", "a ball", "-o", tmp_path / "file" / "x.glb"), "cannot write")
    (tmp_path / "x.glb").mkdir()
    one_line(t2a("generate", "a ball", "-o", tmp_path / "x.glb"), "is a folder")
    (tmp_path / "y.json").mkdir()
    one_line(t2a("generate", "a ball", "-o", tmp_path / "y.glb"), "y.json is a folder")


def test_world_sheet(tmp_path):
    done = t2a("world", "--count", "3", "--size", "32", "--sheet", tmp_path / "w.png")
    assert done.returncode == 0 and (tmp_path / "w.png").stat().st_size > 500


@contextmanager
def started(tmp_path, *words):
    """A running generate that has written its first checkpoint; it does not outlive the block."""
    command = [sys.executable, "-m", "t2a.cli", "generate", "a red ball", "-o", "ball.glb", *TINY, "--steps", "5000"]

    def listen() -> None:
        # A shell's background jobs, and their children, ignore SIGINT.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, *words], cwd=tmp_path, preexec_fn=listen, **pipes) as process:
        try:
            checkpoint = tmp_path / "ball.t2a" / "checkpoint.pt"
            end = time.monotonic() + 120
            while not checkpoint.exists():
                assert process.poll() is None, process.communicate()[1]
                assert time.monotonic() < end, "no checkpoint within two minutes"
                time.sleep(0.1)
            yield process
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for other processes")
def test_interruption_exits_130_says_how_to_go_on_and_resumes(tmp_path):
    with started(tmp_path) as process:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "t2a generate --resume 'a red ball'" in errors.splitlines()[-1] and "Traceback" not in errors
    assert not list(tmp_path.glob("*.glb")) and not list(tmp_path.glob("*.json"))
    refused = t2a("generate", "a blue ball", "-o", "ball.glb", *TINY, "--resume", cwd=tmp_path)
    assert refused.returncode == 2 and "belongs to a job with another" in refused.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_run_leaves_no_half_file_and_resumes(tmp_path):
    words = ["--steps", "60"]
    with started(tmp_path, *words) as process:
        process.kill()
        process.communicate()
    assert {p.name for p in tmp_path.iterdir()} == {"ball.t2a"}
    done = t2a("generate", "a red ball", "-o", "ball.glb", *TINY, *words, "--resume", "--quiet", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "" and all(line.startswith("t2a: warning") for line in done.stderr.splitlines()), done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"ball.glb", "ball.json", "ball.png"}
    whole = t2a("generate", "a red ball", "-o", "whole/ball.glb", *TINY, *words, "--quiet", cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    assert (tmp_path / "whole" / "ball.glb").read_bytes() == (tmp_path / "ball.glb").read_bytes()
