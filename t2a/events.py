"""The one stream that every long job speaks: progress bars, JSON lines and panels are readers of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float

from t2a.errors import Cancelled
from t2a.types import Mesh


@dataclass(frozen=True)
class Event:
    """Where a job stands. Closing the generator that yields events cancels the job."""

    stage: str
    step: int
    """Steps of this stage that are done."""
    steps: int
    """Steps that this stage has."""
    eta: float | None = None
    """Seconds until the stage ends, once a pace is known."""
    losses: Mapping[str, float] = field(default_factory=dict)
    preview: Float[np.ndarray, "h w 3"] | None = None
    """An sRGB picture in [0, 1], now and then."""
    checkpoint: Path | None = None
    """Where the job could be resumed from, right after it was written."""
    mesh: Mesh | None = None
    """What has grown so far, coarse, with colours at its vertices, in scene units; with a preview, where it is asked
    for (--preview-resolution)."""


class Stopwatch:
    """Pace and ETA of a stage, from the steps done in this process (a resumed run starts anew)."""

    def __init__(self, steps: int, first: int = 0):
        self.steps, self.first, self.start = steps, first, time.monotonic()

    def eta(self, step: int) -> float | None:
        done = step - self.first
        return None if done < 1 else (time.monotonic() - self.start) / done * (self.steps - step)


Progress = Callable[[Event], object]
Said = TypeVar("Said")
Result = TypeVar("Result")


def relayed(job: Generator[Said, None, Result], told: Callable[[Said], Event]) -> Generator[Event, None, Result]:
    """The job with what it says told as events."""
    while True:
        try:
            said = next(job)
        except StopIteration as finished:
            return finished.value
        yield told(said)


def finished(job: Generator[Any, None, Result]) -> Result:
    """What a job returns at its end, whatever it says until then."""
    while True:
        try:
            next(job)
        except StopIteration as end:
            return end.value


def run(job: Generator[Event, None, Result], progress: Progress | None = None) -> Result:
    """Drive a job to its end; `progress` returning False cancels it."""
    while True:
        try:
            event = next(job)
        except StopIteration as finished:
            return finished.value
        if progress is not None and progress(event) is False:
            job.close()
            raise Cancelled(f"cancelled in stage {event.stage} at step {event.step} of {event.steps}")
