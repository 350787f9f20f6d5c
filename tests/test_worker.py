"""The worker as a host sees it: a process, lines of JSON, and nothing else."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

import jsonschema
import pytest

from t2a.config import options
from t2a.errors import UserError
from t2a.worker import FIELDS, LONGEST, PROTOCOL, Refused, failure, lines, understood

SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "worker.schema.json").read_text(encoding="utf-8"))
TINY = {
    "init": "blob",  # whose distillation takes as long as one likes
    "steps": 4,
    "views": 2,
    "render_size": 24,
    "checkpoint_every": 2,
    "preview_every": 2,
    "resolution": 48,
    "faces": 500,
    "texture": 128,
    "rounds": 1,
    "round_steps": 4,
    "first_round_steps": None,
    "refine_size": 32,
}


def valid(message: dict, kind: str) -> dict:
    jsonschema.validate(message, {"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]})
    return message


class Host:
    """What a program does: a thread that reads, a queue, a deadline."""

    def __init__(self, tmp_path: Path):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen([sys.executable, "-m", "t2a.worker"], cwd=tmp_path, **pipes)
        self.inbox: queue.Queue[bytes] = queue.Queue()
        # Whoever leaves the errors unread blocks the worker; a test that fails shows them.
        self.readers = [threading.Thread(target=f, daemon=True) for f in (self._read, self._read_errors)]
        for reader in self.readers:
            reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.inbox.put(line)
        self.inbox.put(b"")

    def _read_errors(self) -> None:
        sys.stderr.write(self.process.stderr.read().decode())

    def send(self, **request) -> None:
        self.write(json.dumps(valid(request, "request")).encode() + b"\n")

    def write(self, data: bytes) -> None:
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def hear(self, *types: str, timeout: float = 120) -> dict:
        """The next message of one of these types; all on the way must be in the schema."""
        deadline = time.monotonic() + timeout
        while True:
            line = self.inbox.get(timeout=max(deadline - time.monotonic(), 0.01))
            assert line, f"the worker ended before it said {types}"
            message = valid(json.loads(line), "reply")
            if message["type"] in types:
                return message

    def close(self) -> int:
        if not self.process.stdin.closed:
            self.process.stdin.close()
        return self.process.wait(30)


@pytest.fixture
def host(tmp_path):
    host = Host(tmp_path)
    yield host
    host.process.kill()
    host.process.wait()
    for reader in host.readers:
        reader.join()
    for pipe in (host.process.stdin, host.process.stdout, host.process.stderr):
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def test_it_greets_with_all_that_a_host_needs_for_a_panel(host):
    hello = host.hear("hello")
    assert hello["protocol"] == PROTOCOL and hello["requests"] == list(FIELDS) and "pocket" in hello["presets"]
    assert [o["name"] for o in hello["options"]] == [o.name for o in options()]
    assert host.close() == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"no json\n", ["not a line of JSON"]),
        (b"\xff\xfe\n", ["not a line of JSON"]),
        (b"[" * 100_000 + b"\n", ["not a line of JSON"]),
        (b"[1]\n", ["generate, paint, edit, points, cancel, shutdown"]),
        (b'{"type": "destroy"}\n', ["generate, paint, edit, points, cancel, shutdown"]),
        (b'{"type": "generate", "id": "1", "output": "a.glb"}\n', ["needs prompt"]),
        (b'{"type": "paint", "id": "1", "prompt": "a ball", "output": "a.glb"}\n', ["needs mesh"]),
        (b'{"type": "generate", "id": 1, "prompt": "a ball", "output": "a.glb"}\n', ["id of a generate", "str"]),
        (b'{"type": "cancel", "id": "1", "force": true}\n', ["no field 'force'"]),
        (b'{"type": "cancel", "id": ""}\n', ["needs id"]),
        (b" " * (LONGEST + 1) + b"\n", ["longer than 1,048,576 bytes"]),
    ],
)
def test_requests_without_sense_are_refused(line, words):
    with pytest.raises(Refused) as error:
        understood(line)
    assert all(word in str(error.value) for word in words)


def test_a_line_that_is_too_long_counts_as_one(tmp_path):
    file = tmp_path / "requests"
    file.write_bytes(b"x" * (3 * LONGEST) + b"\nshort\nlast")
    with file.open("rb") as stream:
        found = list(lines(stream))
    assert len(found) == 3 and len(found[0]) > LONGEST and found[1:] == [b"short\n", b"last"]


def test_errors_tell_what_to_do():
    told = failure(UserError("faces is 3; it must be at least 12"))
    assert (told["code"], told["message"], told["remedy"]) == ("bad_input", "faces is 3", "it must be at least 12")
    told = failure(UserError("the prompt is empty"))
    assert (told["message"], told["remedy"]) == ("the prompt is empty", "")
    assert failure(RuntimeError("CUDA out of memory"))["code"] == failure(MemoryError())["code"] == "out_of_memory"
    told = failure(ZeroDivisionError("no"))
    assert told["code"] == "internal" and "ZeroDivisionError" in told["message"] and "Traceback" not in told["message"]


def test_bad_requests_and_bad_input_are_answered_and_the_next_request_too(host, tmp_path):
    host.hear("hello")
    host.write(b"no json\n\n")
    assert host.hear("error")["code"] == "bad_request"
    host.send(type="generate", id="1", prompt="a ball", output=str(tmp_path / "a.glb"), options={"faces": 3})
    error = host.hear("error")
    assert error["id"] == "1" and error["code"] == "bad_input" and error["job"] is False
    assert error["message"] == "faces is 3" and "at least 12" in error["remedy"]
    host.send(type="cancel", id="1")
    assert "no job '1'" in host.hear("error")["message"]
    host.send(type="shutdown")
    assert host.process.wait(30) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_job_from_request_to_files_and_a_second_one_behind_it(host, tmp_path):
    host.hear("hello")
    for name in "ab":
        output = tmp_path / f"{name}.glb"
        host.send(type="generate", id=name, prompt="a red ball", output=str(output), options={**TINY, "offline": True})
    assert [host.hear("accepted")["ahead"] for _ in "ab"] == [0, 1]
    stages = []
    while (message := host.hear("progress", "result"))["type"] == "progress":
        assert message["id"] == "a"
        stages.append(message["stage"])
        assert message["preview"] is None or Path(message["preview"]).is_file()
    assert list(dict.fromkeys(stages)) == ["load", "distil", "refine", "mesh", "texture", "report"]
    assert message["id"] == "a" and message["report"]["prompt"] == "a red ball"
    assert all(Path(file).is_file() for file in message["files"].values()) and set(message["files"]) == {
        "glb",
        "json",
        "png",
    }
    host.send(type="cancel", id="b")
    start = time.monotonic()
    assert host.hear("cancelled", "result")["id"] == "b"
    assert time.monotonic() - start < 30
    # The id is free again.
    host.send(type="generate", id="b", prompt="a red ball", output=str(tmp_path / "b.glb"), options=TINY)
    host.hear("accepted")
    assert host.close() == 0


@pytest.mark.slow
def test_a_cloud_takes_seconds_and_bad_options_are_named(host, tmp_path):
    output = tmp_path / "ball.ply"
    host.send(type="points", id="1", prompt="a red ball", output=str(output), options={"count": 500, "steps": 4})
    done = host.hear("result", "error")
    assert done["type"] == "result" and done["report"]["points"] == 500 and done["files"] == {"ply": str(output)}
    assert output.is_file() and not output.with_suffix(".t2a").exists()
    for options_, words in (
        ({"faces": 3}, "clouds have no option 'faces'"),
        ({"count": "many"}, "count of a cloud is 'many'"),
        ({"count": True}, "count of a cloud is True"),
        ({"count": 3}, "count is 3"),
        ({"model": "cloudy"}, "no point model 'cloudy'"),
    ):
        host.send(type="points", id="2", prompt="a red ball", output=str(output), options=options_)
        error = host.hear("error")
        assert error["code"] == "bad_input" and words in f"{error['message']}; {error['remedy']}"
    host.send(type="points", id="3", prompt="a red ball", output=str(tmp_path / "ball.npz"), options={"seed": 1})
    host.hear("started")
    host.send(type="cancel", id="3")
    assert host.hear("cancelled", "result")["type"] == "cancelled" and not (tmp_path / "ball.npz").exists()


def test_a_cancelled_job_stops_soon_and_goes_on_later(host, tmp_path):
    host.hear("hello")
    request = {"type": "generate", "prompt": "a red ball", "output": str(tmp_path / "a.glb")}
    host.send(**request, id="a", options={**TINY, "steps": 400})
    while host.hear("progress")["step"] < 3:
        pass
    host.send(type="cancel", id="a")
    ended = host.hear("cancelled")
    assert ended["resumable"] and not (tmp_path / "a.glb").exists()
    host.send(**request, id="a", options={**TINY, "steps": 400}, resume=True)
    host.hear("started")
    while (message := host.hear("progress"))["stage"] != "distil":
        pass
    assert message["step"] > 2, "it goes on where it stopped"


@pytest.mark.slow
def test_the_end_of_its_input_ends_it_in_the_middle_of_a_job(host, tmp_path):
    host.hear("hello")
    output = str(tmp_path / "a.glb")
    host.send(type="generate", id="a", prompt="a red ball", output=output, options={**TINY, "steps": 400})
    while host.hear("progress")["stage"] != "distil":
        pass
    start = time.monotonic()
    assert host.close() == 0 and time.monotonic() - start < 20
    assert not (tmp_path / "a.glb").exists() and not list(tmp_path.glob("**/.t2a-*"))
