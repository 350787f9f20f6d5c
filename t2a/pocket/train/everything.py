"""All pocket models in one go, for a GPU: all cores make data while the networks learn from what there is.

    python -m t2a.pocket.train.everything --out run --device cuda --minutes 30

First the UNet beside the judge, both from the package's own weights; then, from the new UNet's, the ControlNet beside
the point model. Every part is the command of its own recipe, with a log in run/logs, and can be repeated alone.
"""

from __future__ import annotations

import argparse
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from t2a.pocket import path

UNET = 0.65
"""Share of the time that the UNet gets; the ControlNet and the point model, which need it, get the rest."""
LOADING = 0.75
"""Minutes that a part may take before its first step and after its last."""
SCENES = 64
"""In a shard: small ones are there soon."""
GEOMETRY = 64
"""Shards of the world that have depth, normals and parts as well, for the ControlNet."""
STEPS = str(10**9)
"""The clock ends a training."""


class Parts:
    """Commands that run beside this process, each with a log, and end with it."""

    def __init__(self, logs: Path):
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, module: str, *words: object, nice: int = 0) -> None:
        command = [sys.executable, "-m", module, *map(str, words)]
        threads = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
        politely = functools.partial(os.nice, nice) if nice and os.name == "posix" else None
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env={**os.environ, **threads},
                start_new_session=True,
                preexec_fn=politely,
            )

    def wait(self, name: str) -> None:
        """Until it has ended; raises SystemExit where it failed."""
        if self.running.pop(name).wait():
            raise SystemExit(f"{name} failed; {self.logs / name}.log says why")

    def stop(self, name: str) -> None:
        """End it and the processes that it has started."""
        part = self.running.pop(name)
        if os.name == "posix":
            os.killpg(part.pid, signal.SIGTERM)
        else:
            part.terminate()
        part.wait()


@contextmanager
def parts(logs: Path) -> Iterator[Parts]:
    """None of them outlives the block."""
    them = Parts(logs)
    try:
        yield them
    finally:
        for name in list(them.running):
            them.stop(name)


def wait_for(folder: Path, shards: int = 4) -> None:
    while len(list(folder.glob("shard_*.npz"))) < shards:
        time.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of data, checkpoints, models and logs")
    parser.add_argument("--minutes", type=float, required=True, help="for all of it")
    parser.add_argument("--device", default="cuda")
    parser.add_argument(
        "--makers", type=int, default=max((os.cpu_count() or 2) - 3, 2), help="processes that make data"
    )
    parser.add_argument("--first", type=int, default=0, help="number of the first shard of the world")
    parser.add_argument("--batch", type=int, default=512, help="pictures or clouds in a step; the judge takes half")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its parts end with it, however politely it is killed
    start, out, data = time.monotonic(), args.out, args.out / "data"

    def left(share: float = 1.0) -> float:
        """Minutes until that share of the time is over, less what a part takes to load and to save."""
        return max(share * args.minutes - (time.monotonic() - start) / 60 - LOADING, 0.01)

    def say(text: str) -> None:
        print(f"{(time.monotonic() - start) / 60:5.1f} min  {text}", flush=True)

    few = max(args.makers // 5, 1)
    world, geometry = data / "world", data / "geometry"
    shape = ("--scenes", SCENES, "--uncompressed", "--processes", max(args.makers - 3 * few, 1))
    gpu = ("--device", args.device, "--steps", STEPS)
    with parts(out / "logs") as them:
        them.start(
            "make judge",
            "t2a.eval.train_judge",
            "--data",
            data / "judge",
            "--make",
            10**6,
            "--processes",
            few,
            "--uncompressed",
            nice=10,
        )
        them.start(
            "make clouds",
            "t2a.pocket.train.points",
            "--data",
            data / "clouds",
            "--make",
            10**6,
            "--scenes",
            SCENES,
            "--processes",
            few,
            nice=10,
        )
        them.start(
            "make geometry",
            "t2a.pocket.data",
            "--out",
            geometry,
            "--geometry",
            "--first",
            args.first,
            "--shards",
            GEOMETRY,
            "--scenes",
            SCENES,
            "--uncompressed",
            "--processes",
            few,
            nice=10,
        )
        them.start(
            "make world",
            "t2a.pocket.data",
            "--out",
            world,
            "--first",
            args.first + GEOMETRY,
            "--shards",
            10**6,
            *shape,
            nice=10,
        )
        wait_for(world)
        say("there is data")
        them.start(
            "unet",
            "t2a.pocket.train",
            "diffusion",
            "--data",
            world,
            "--out",
            out / "unet",
            "--start",
            path(),
            "--batch",
            args.batch,
            "--joint",
            0.7,
            "--rate",
            8e-4,
            "--decay",
            0.4,
            "--grow",
            "--minutes",
            left(UNET),
            "--save-every",
            1000,
            *gpu,
        )
        wait_for(data / "judge" / "learn", 1)
        them.start(
            "judge",
            "t2a.eval.train_judge",
            "--data",
            data / "judge",
            "--out",
            out / "judge",
            "--start",
            path().parent / "judge",
            "--batch",
            max(args.batch // 2, 2),
            "--rate",
            1e-3,
            "--grow",
            "--minutes",
            left(),
            "--validate-every",
            1000,
            *gpu,
        )
        them.wait("unet")
        for name in ("make world", "make geometry", "make clouds"):
            them.stop(name)
        them.start("export", "t2a.pocket.train", "export", "--out", out / "unet", "--target", out / "model")
        them.wait("export")
        say(f"the UNet has learnt: {out / 'model'}")
        common = ("--pipeline", out / "model", "--batch", args.batch, "--minutes", left(), *gpu)
        them.start("control", "t2a.pocket.train.control", "--data", geometry, "--out", out / "control", *common)
        them.start("points", "t2a.pocket.train.points", "--data", data / "clouds", "--out", out / "points", *common)
        for name in ("control", "points", "judge"):
            them.wait(name)
            say(f"done: {out / name}")


if __name__ == "__main__":
    main()
