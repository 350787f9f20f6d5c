# SPDX-License-Identifier: GPL-3.0-or-later
"""The one job that runs, and what was made: fed by the worker's messages, read by the panel.

`pump`, a timer, is the only place where messages meet Blender's data; it never waits. The job is no part of the file,
so that it survives an undo and another file; results are noted in the file that is open when they arrive.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import bpy
from bpy.app.handlers import persistent

from . import clouds, ply
from .client import PROTOCOL, Client

PERIOD = 0.1
"""Seconds between two looks at the worker."""
PATIENCE = 2.5
"""Seconds that a cancelled job has until its worker is killed."""


@dataclass
class Job:
    id: str
    request: dict
    document: int
    """Which of the files that were open asked for it."""
    stage: str = ""
    step: int = 0
    steps: int = 1
    eta: float | None = None
    preview: str = ""
    mesh: str = ""
    """Path of the newest coarse mesh, until it is shown."""
    stopping: float | None = None
    """When it was cancelled, on the monotonic clock."""
    started: float = field(default_factory=time.monotonic)
    at: tuple[float, float, float] | None = None
    """Where the object belongs; None: wherever the 3D cursor is when it arrives."""
    painted: str = ""
    """Name of the object that gets a texture, if it is about one."""
    replaces: str = ""
    """Name of the object that is edited, if it is about one."""
    height: float = 1.0
    """Of what is made, in the scene's units."""


@dataclass(frozen=True)
class Problem:
    """Why the last job failed, for the red box."""

    message: str
    remedy: str = ""
    log: str = ""


@dataclass(frozen=True)
class Result:
    """What a finished job has left on the disk, and what the file remembers of it."""

    prompt: str
    seed: int
    preset: str
    model: str
    version: str
    glb: str
    triangles: int
    passed: bool
    seconds: float
    over_guide: bool = False
    location: tuple[float, float, float] = (0.0, 0.0, 0.0)
    painted: str = ""
    keeps_uvs: bool = True
    replaces: str = ""
    points: int = 0
    """Of a cloud; 0 for a mesh."""
    height: float = 1.0


client: Client | None = None
hello: dict | None = None
job: Job | None = None
problem: Problem | None = None
document = 0
"""Counts the files that have been opened."""
results: list[Result] = []
"""Made for the open file; an undo takes them out of it, `remember` puts them back."""
waiting: list[Result] = []
"""To be imported as soon as Blender is in Object Mode."""
_jobs = 0


def connect(python: str) -> None:
    """Start the worker unless it runs; raises OSError."""
    global client, hello
    if client is not None and client.alive:
        return
    if client is not None:
        client.kill()
    hello = None
    client = Client(python)


def disconnect() -> None:
    """Stop the worker, and with it the job."""
    global client, hello, job
    if client is not None:
        client.close()
    client, hello, job = None, None, None


def begin(
    python: str,
    request: dict,
    at: tuple[float, float, float] | None = None,
    *,
    painted: str = "",
    replaces: str = "",
    height: float = 1.0,
) -> None:
    """Send a request of the worker's protocol, but for its id; what goes wrong becomes the problem. The object belongs
    `at` a place, or at the 3D cursor; or what comes is a texture for the object of the name `painted`, or what has
    become of the one of the name `replaces`. What is made will be of this `height`."""
    global job, problem, _jobs
    problem = None
    try:
        connect(python)
    except OSError as error:
        problem = Problem(
            f"{python} cannot be started: {error.strerror or error}",
            "choose a Python that has t2a in the add-on's preferences",
        )
        return
    _jobs += 1
    job = Job(f"blender-{_jobs}", request, document, at=at, painted=painted, replaces=replaces, height=height)
    client.send(id=job.id, **request)


def cancel() -> None:
    if job is not None and job.stopping is None:
        job.stopping = time.monotonic()
        client.send(type="cancel", id=job.id)


def pump() -> float:
    """Take in what the worker says, and act on it. The timer's function; without a window no timer runs it."""
    global client, hello, job, problem
    changed = False
    if client is not None:
        for message in client.messages():
            _take_in(message)
            changed = True
        if job is not None and job.stopping is not None and time.monotonic() - job.stopping > PATIENCE:
            client.kill()
            client, hello, job, changed = None, None, None, True
        elif client.silent:
            changed = changed or job is not None
            if job is not None or hello is None:
                problem = _death(client)
            client.kill()
            client, hello, job = None, None, None
    changed = _show_growth() or _bring_in() or changed
    if changed:
        redraw()
    return PERIOD


def _death(client: Client) -> Problem:
    log = client.log()
    if "No module named" in log and "t2a" in log:
        message, remedy = "this Python has no t2a", "install t2a into it, or choose another in the add-on's preferences"
    else:
        message, remedy = (
            f"t2a ended unexpectedly (code {client.process.returncode})",
            "try again; report it with the log",
        )
    return Problem(message, remedy, log)


def _take_in(message: dict) -> None:
    global hello, job, problem
    kind = message.get("type")
    if kind == "hello":
        hello = message
        if message["protocol"] != PROTOCOL:
            problem = Problem(
                f"t2a {message['version']} speaks protocol {message['protocol']}, this add-on {PROTOCOL}",
                "install the versions of t2a and of the add-on that belong together",
            )
        return
    if job is None or message.get("id") != job.id:
        return
    if kind == "progress":
        job.stage, job.step, job.steps, job.eta = (message[k] for k in ("stage", "step", "steps", "eta"))
        job.preview = message["preview"] or job.preview
        job.mesh = message.get("mesh") or job.mesh
    elif kind == "error":
        problem = Problem(message["message"], message["remedy"], message["log"])
        job = None
    elif kind == "cancelled":
        job = None
    elif kind == "result":
        report = message["report"]
        result = Result(
            report["prompt"],
            report["seed"],
            report.get("preset", "pocket"),
            report["model"],
            report["version"],
            message["files"].get("glb") or message["files"]["ply"],
            report.get("triangles", 0),
            report.get("passed", True),
            message["seconds"],
            job.at is not None,
            job.at or (0.0, 0.0, 0.0),
            job.painted,
            report.get("keeps_uvs", True),
            job.replaces,
            report.get("points", 0),
            job.height,
        )
        results.append(result)
        # Another file has been opened meanwhile: its owner did not ask for this object, but finds it in the list.
        if job.document == document:
            waiting.append(result)
        job = None


def _show_growth() -> bool:
    """Show what has grown so far in the file that asked for it; take it away once there is no job."""
    if job is None or job.document != document:
        return clouds.wither()
    if not job.mesh or bpy.context.mode != "OBJECT":
        return False
    path, job.mesh = Path(job.mesh), ""
    try:
        clouds.grow(bpy.context, path, job.height, job.at)
    except (OSError, ply.Unreadable):  # it is being replaced
        return False
    return True


def _bring_in() -> bool:
    """Note what is new in the open file, and import what waits for it; True if anything happened."""
    noted = remember(bpy.context.scene)
    if not waiting or bpy.context.mode != "OBJECT":
        return noted
    result = waiting.pop(0)
    with window():
        bpy.ops.t2a.import_result("EXEC_DEFAULT", True, glb=result.glb)
    return True


def remember(scene) -> bool:
    """Put results that the file lacks into its list, newest first; True if there were any."""
    known = {entry.glb for entry in scene.t2a.results}
    missing = [result for result in results if result.glb not in known]
    for result in missing:
        entry = scene.t2a.results.add()
        for name, value in vars(result).items():
            setattr(entry, name, value)
        scene.t2a.results.move(len(scene.t2a.results) - 1, 0)
        scene.t2a.active_result = 0
    return bool(missing)


def window():
    """A context for operators that a timer calls, which belongs to no window: the first 3D view, if there is one.
    Without a display Blender still has a window of its file, but crashes where it pushes an undo step for it."""
    for window in () if bpy.app.background else bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                region = next(region for region in area.regions if region.type == "WINDOW")
                return bpy.context.temp_override(window=window, area=area, region=region)
    return bpy.context.temp_override()


def redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def fresh_path(folder: Path, prompt: str, seed: int, suffix: str = ".glb") -> Path:
    """A path that nothing has yet, named after the prompt."""
    words = re.sub(r"[^a-z0-9]+", "_", prompt.lower()).strip("_")[:48] or "asset"
    number, path = 1, folder / f"{words}_{seed}{suffix}"
    while path.exists():
        number += 1
        path = folder / f"{words}_{seed}_{number}{suffix}"
    return path


@persistent
def _another_file(*_: object) -> None:
    global document
    document += 1
    results.clear()
    waiting.clear()


def register() -> None:
    bpy.app.handlers.load_post.append(_another_file)
    bpy.app.timers.register(pump, first_interval=PERIOD, persistent=True)


def unregister() -> None:
    if bpy.app.timers.is_registered(pump):
        bpy.app.timers.unregister(pump)
    bpy.app.handlers.load_post.remove(_another_file)
    disconnect()
    _another_file()
