"""All pocket models in one go, for a GPU: all cores make data while the networks learn from what there is.

    python -m t2a.pocket.train.everything --out run --device cuda --minutes 30

First the UNet beside the judge, both from the package's own weights; then, from the new UNet's, the ControlNet beside
the point model and the depth head. Every part is the command of its own recipe, with a log in run/logs, and can be
repeated alone.
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
from typing import Any

from t2a.pocket import path
from t2a.pocket.render_cuda import available

UNET = 0.65
"""Share of the time that the UNet gets; the ControlNet and the point model, which need it, get the rest."""
LOADING = 0.75
"""Minutes that a part may take before its first step and after its last."""
SCENES = 64
"""In a shard: small ones are there soon."""
BARE_SCENES = 256
"""In one whose pictures the trainings draw, which is made as fast."""
DEPTH = 20
"""Bare shards for the depth head."""
GEOMETRY = 64
"""Shards of the world that have depth, normals and parts as well, for the ControlNet."""
STEPS = 10**9
"""More than there is time for: the clock ends a training, and this program the making of data."""


class Parts:
    """Commands that run beside this process, each with a log, and end with it."""

    def __init__(self, logs: Path):
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, part: str, module: str, *stage: str, nice: int = 0, **options: Any) -> None:
        """`python -m module stage --option value ...`; True stands for an option without a value."""
        command = [sys.executable, "-m", module, *stage]
        for option, value in options.items():
            flag = "--" + option.replace("_", "-")
            command += [flag] if value is True else [flag, str(value)]
        threads = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
        politely = functools.partial(os.nice, nice) if nice and os.name == "posix" else None
        with (self.logs / f"{part}.log").open("ab") as log:
            self.running[part] = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env={**os.environ, **threads},
                start_new_session=True,
                preexec_fn=politely,
            )

    def wait(self, name: str) -> None:
        """Until it has ended; raises SystemExit where it failed."""
        failed = self.running[name].wait()
        del self.running[name]
        if failed:
            raise SystemExit(f"{name} failed; {self.logs / name}.log says why")

    def stop(self, name: str) -> None:
        """End it and the processes that it has started."""
        part = self.running.pop(name)
        if part.poll() is None and os.name == "posix":
            os.killpg(part.pid, signal.SIGTERM)
        elif part.poll() is None:
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
        "--makers",
        type=int,
        default=max((os.cpu_count() or 2) - 3, 2),
        help="processes that make data; where the trainings draw the pictures, half of the cores are plenty",
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
    many = max(args.makers - 3 * few, 1)
    small: dict[str, Any] = {"scenes": SCENES, "nice": 10}
    there: dict[str, Any] = {"device": args.device, "steps": STEPS}
    recipes, lessons = "t2a.pocket.train", data / "judge"
    world, geometry, clouds = data / "world", data / "geometry", data / "clouds"
    # A GPU that numba knows draws pictures sooner than all cores together.
    kind = "bare" if args.device == "cuda" and available() else "uncompressed"
    with parts(out / "logs") as them:
        make, pictures = "t2a.pocket.data", {kind: True, **small, "scenes": BARE_SCENES if kind == "bare" else SCENES}
        them.start("lessons", "t2a.eval.train_judge", data=lessons, make=STEPS, processes=few, nice=10, **{kind: True})
        them.start("clouds", f"{recipes}.points", data=clouds, make=STEPS, processes=few, **small)
        rows = {"first": args.first + GEOMETRY, "shards": DEPTH, "scenes": BARE_SCENES, "bare": True}
        them.start("distances", make, out=data / "distances", **rows)
        drawn = {"geometry": True, "uncompressed": True, **small}
        them.start("geometry", make, out=geometry, first=args.first, shards=GEOMETRY, processes=few, **drawn)
        pictures |= {"first": args.first + GEOMETRY + DEPTH, "shards": STEPS}
        them.start("world", make, out=world, processes=many, **pictures)
        wait_for(world)
        wait_for(lessons / "learn", 1)
        say("there is data")
        learning = {"rate": 8e-4, "decay": 0.4, "joint": 0.7, "batch": args.batch, "minutes": left(UNET), **there}
        run, learnt = out / "unet", out / "model"
        them.start(
            "unet", recipes, "diffusion", data=world, out=run, start=path(), grow=True, save_every=1000, **learning
        )
        judging = {"rate": 1e-3, "batch": max(args.batch // 2, 2), "minutes": left(), **there}
        own = path().parent / "judge"
        them.start("judge", "t2a.eval.train_judge", data=lessons, out=out / "judge", start=own, grow=True, **judging)
        them.wait("unet")
        for name in ("world", "geometry", "clouds", "distances"):
            them.stop(name)
        them.start("export", recipes, "export", out=run, target=learnt)
        them.wait("export")
        say(f"the UNet has learnt: {learnt}")
        beside = {"pipeline": learnt, "batch": args.batch, "minutes": left(), **there}
        them.start("control", f"{recipes}.control", data=geometry, out=out / "control", **beside)
        them.start("points", f"{recipes}.points", data=clouds, out=out / "points", **beside)
        scenes = {**beside, "batch": max(args.batch // 8, 2), "ship": True}
        them.start("depth", f"{recipes}.depth", data=data / "distances", out=out / "depth", **scenes)
        for name in ("control", "points", "depth", "judge"):
            them.wait(name)
            say(f"done: {out / name}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
