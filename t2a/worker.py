"""t2a worker: jobs as JSON lines over standard input and output, for Blender and other hosts. docs/worker.md describes
the protocol, docs/worker.schema.json its messages.

A thread runs the jobs, one after the other; the main thread reads requests, so that a cancellation arrives while a job
runs, and ends the process as soon as its input ends: a host that dies leaves no orphan.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import t2a
from t2a.config import NO_START, load, options, presets
from t2a.errors import UserError
from t2a.jobs import GenerateJob, PointsJob, generate_job, go_offline, points_job

PROTOCOL = 1
"""Grows when a message changes its meaning; new messages and fields leave it."""
LONGEST = 1 << 20
"""Bytes of a request."""
FAREWELL = 3.0
"""Seconds that a running job has to stop in when the input ends."""
PACE = 0.1
"""Seconds between reports of a job's progress, at least, but for those with a preview and at a stage's ends."""
JOB: dict[str, type] = {"prompt": str, "output": str, "preset": str, "options": dict, "resume": bool, "keep": bool}
FIELDS: dict[str, dict[str, type]] = {
    "generate": JOB,
    "paint": {"mesh": str, **JOB},
    "edit": {"mesh": str, **JOB},
    "points": {"prompt": str, "output": str, "options": dict},
    "cancel": {},
    "shutdown": {},
}
"""What a request may say beside its type and its job's id."""


class Refused(Exception):
    """A request that makes no sense; the worker goes on."""


class Lines:
    """The outgoing half: one message, one line, whichever thread it comes from."""

    def __init__(self, stream: BinaryIO):
        self._stream, self._lock = stream, threading.Lock()

    def __call__(self, type: str, **fields: Any) -> None:
        from t2a.export.files import plain

        line = json.dumps({"type": type, **plain(fields)}, allow_nan=False).encode()  # type: ignore[dict-item]
        with self._lock:
            self._stream.write(line + b"\n")
            self._stream.flush()


def understood(line: bytes) -> dict[str, Any]:
    """A request as a dictionary with the fields that its type has; raises Refused."""
    if len(line) > LONGEST:
        raise Refused(f"a request is longer than {LONGEST:,} bytes")
    try:
        request = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Refused(f"a request is not a line of JSON: {error}") from error
    if not isinstance(request, dict) or request.get("type") not in FIELDS:
        raise Refused(f"a request must be an object whose type is one of: {', '.join(FIELDS)}")
    kind, fields = request["type"], FIELDS[request["type"]]
    wanted = fields if kind == "shutdown" else {"id": str, **fields}
    for name, value in request.items():
        if name != "type" and name not in wanted:
            raise Refused(f"a {kind} request has no field {name!r}; it has: {', '.join(wanted)}")
        if name != "type" and type(value) is not wanted[name]:
            raise Refused(f"{name} of a {kind} request is {value!r}; it must be of type {wanted[name].__name__}")
    for name in ("id", "mesh", "prompt", "output"):
        if name in wanted and not request.get(name):
            raise Refused(f"a {kind} request needs {name}")
    return request


def job_of(request: dict[str, Any]) -> GenerateJob | PointsJob:
    """The checked job of a request for something; raises UserError."""
    way = request["type"]
    if way == "points":
        return points_job(request["prompt"], Path(request["output"]), request.get("options", {}))
    source = None if way == "generate" else Path(request["mesh"])
    start = NO_START if way == "paint" else {}
    config = load(request.get("preset", "pocket"), {**start, **request.get("options", {})})
    resume, keep = request.get("resume", False), request.get("keep", False)
    return generate_job(
        request["prompt"], Path(request["output"]), config, resume=resume, keep=keep, source=source, way=way
    )


def failure(error: BaseException) -> dict[str, Any]:
    """Code, message, remedy and log of an error. Messages of UserErrors end in what to do."""
    log = "".join(traceback.format_exception(error))
    if isinstance(error, UserError):
        message, _, remedy = str(error).rpartition("; ")
        return {"code": "bad_input", "message": message or remedy, "remedy": remedy if message else "", "log": log}
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        remedy = "close other programs, or lower the sizes: views, refine_size, resolution, texture"
        return {"code": "out_of_memory", "message": "the memory does not suffice", "remedy": remedy, "log": log}
    message = f"t2a failed: {type(error).__name__}: {error}"
    return {"code": "internal", "message": message, "remedy": "report this with the log", "log": log}


class Worker:
    """The queue, and who may cancel what."""

    def __init__(self, say: Callable[..., None]):
        self.say = say
        self.waiting: queue.Queue[tuple[str, GenerateJob | PointsJob] | None] = queue.Queue()
        self.known: dict[str, threading.Event] = {}
        """Jobs that have not ended, each with the flag that asks it to stop."""
        self.thread = threading.Thread(target=self._work, daemon=True)

    def handle(self, line: bytes) -> bool:
        """Answer one request; False after the last one."""
        name = None
        try:
            request = understood(line)
            name = request.get("id")
            if request["type"] == "shutdown":
                return False
            if request["type"] == "cancel":
                self._cancel(request["id"])
            else:
                self._accept(request)
        except Refused as error:
            self.say(
                "error", id=name, code="bad_request", message=str(error), remedy="see docs/worker.md", log="", job=False
            )
        except Exception as error:  # whatever a request does, the next one is answered
            self.say("error", id=name, **failure(error), job=False)
        return True

    def _accept(self, request: dict[str, Any]) -> None:
        name = request["id"]
        if name in self.known:
            raise Refused(f"there is a job {name!r} already; give another id")
        job = job_of(request)
        self.known[name] = threading.Event()
        self.say("accepted", id=name, ahead=len(self.known) - 1)
        self.waiting.put((name, job))

    def _cancel(self, name: str) -> None:
        if name not in self.known:
            raise Refused(f"there is no job {name!r}; it has ended, or was never accepted")
        self.known[name].set()

    def _work(self) -> None:
        while (item := self.waiting.get()) is not None:
            name, job = item
            stop = self.known[name]
            try:
                ending = ("cancelled", {"resumable": job.stopped()}) if stop.is_set() else self._run(name, job, stop)
            except BaseException as error:
                ending = ("error", {**failure(error), "job": True, "resumable": job.stopped()})
            # Forgotten before it is said, so that whoever hears of it may use the id again.
            del self.known[name]
            self.say(ending[0], id=name, **ending[1])

    def _run(self, name: str, job: GenerateJob | PointsJob, stop: threading.Event) -> tuple[str, dict[str, Any]]:
        """How the job ended: the message and its fields."""
        from t2a.export.files import write_png
        from t2a.export.ply import write_ply

        self.say("started", id=name)
        start = said = time.monotonic()
        go_offline(job.config)
        events = job.events()
        while True:
            try:
                event = next(events)
            except StopIteration as finished:
                seconds = round(time.monotonic() - start, 2)
                return "result", {"files": job.files, "report": finished.value.report, "seconds": seconds}
            if stop.is_set():
                events.close()
                return "cancelled", {"resumable": job.stopped()}
            preview, mesh = None, None
            with suppress(UserError):  # a viewer may hold the file; the job matters more
                if event.preview is not None:
                    preview = write_png(job.preview, event.preview)
                if event.mesh is not None:
                    mesh = write_ply(job.growing, event.mesh)
            now = time.monotonic()
            if preview or event.step in (0, event.steps) or now - said >= PACE:
                said = now
                self.say(
                    "progress",
                    id=name,
                    stage=event.stage,
                    step=event.step,
                    steps=event.steps,
                    eta=event.eta,
                    losses=dict(event.losses),
                    preview=preview,
                    mesh=mesh,
                )

    def end(self) -> None:
        """Stop everything; a running job gets FAREWELL seconds."""
        for stop in list(self.known.values()):
            stop.set()
        self.waiting.put(None)
        self.thread.join(FAREWELL)


def greeting() -> dict[str, Any]:
    """What a host should know before its first request: the options are those of the command line."""
    told = [
        {
            "name": o.name,
            "section": o.section,
            "help": o.help,
            "default": list(o.default) if isinstance(o.default, tuple) else o.default,
            "low": o.low,
            "high": o.high,
        }
        for o in options()
    ]
    return {
        "protocol": PROTOCOL,
        "version": t2a.__version__,
        "python": sys.version.split()[0],
        "requests": list(FIELDS),
        "presets": list(presets()),
        "options": told,
    }


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """Until the stream ends. Of a line that is too long only as much is kept as shows that it is."""
    while line := stream.readline(LONGEST + 1):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST)
        yield line


def serve(requests: Iterable[bytes], replies: BinaryIO) -> None:
    """Answer requests until they end or one of them is "shutdown"."""
    worker = Worker(Lines(replies))
    worker.say("hello", **greeting())
    worker.thread.start()
    for line in requests:
        if line.strip() and not worker.handle(line):
            break
    worker.end()


def private_output() -> BinaryIO:
    """The standard output, for the protocol alone: whatever else is printed goes to the standard error from now on."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return private


def main() -> int:
    replies = private_output()
    try:
        serve(lines(sys.stdin.buffer), replies)
    except BrokenPipeError:  # the host is gone
        pass
    # A step that does not end in time must not keep the process: whatever it wrote is whole or not there.
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
