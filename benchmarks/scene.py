"""How fast the radiance-field scene is on this CPU: every compiled part against its torch twin, then whole steps.

    python benchmarks/scene.py [--threads N] [--quick]

Times are the median over repetitions of wall clock, and of CPU seconds: on a busy machine only the latter, taken with
--threads 1, says much. Ratios within one run are what counts.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch

from t2a.cameras import generate_rays, turntable
from t2a.config import SceneConfig
from t2a.scene import Blob, HashGrid, NeRFScene
from t2a.scene.compositing import composite
from t2a.scene.marching import march
from t2a.types import Cameras


def ball(x: torch.Tensor) -> torch.Tensor:
    """Raw density of a converged-looking object that fills a quarter of the picture."""
    return 400 * (0.6 - x.norm(dim=-1))


def measure(function: Callable[[], object], repetitions: int) -> tuple[float, float]:
    """Median wall and CPU milliseconds, after two warm-up calls (the first may compile)."""
    function(), function()
    wall, cpu = [], []
    for _ in range(repetitions):
        a, b = time.perf_counter(), time.process_time()
        function()
        wall.append(time.perf_counter() - a)
        cpu.append(time.process_time() - b)
    return median(wall) * 1e3, median(cpu) * 1e3


def parts(repetitions: int) -> None:
    generator = torch.Generator().manual_seed(0)
    scene = NeRFScene(initialisation=ball)
    scene.update(0, generator)
    rays = generate_rays(turntable(4), 64, 64)
    occupied, box = scene.occupancy.occupied, scene.occupancy.box()
    samples = march(rays, occupied, box, generator=generator)
    x = samples.points * 0.5 + 0.5
    density, color = (value.detach().requires_grad_() for value in scene.field(samples.points))
    grids = {backend: HashGrid(backend=backend) for backend in ("numba", "torch")}
    print(f"{len(rays.origins)} rays, {len(samples)} samples")
    print(f"{'part':<28}{'numba ms':>10}{'(cpu)':>9}{'torch ms':>10}{'(cpu)':>9}{'ratio of cpu':>14}")

    def encode(backend):
        with torch.no_grad():
            grids[backend].encode(x)

    def encode_backward(backend):
        grids[backend].table.grad = None
        grids[backend].encode(x).sum().backward()

    def composite_backward(backend):
        out = composite(density, color, samples, backend=backend)
        (out.color.sum() + out.opacity.sum() + out.distortion.sum()).backward()

    jobs: dict[str, Callable] = {
        "march": lambda backend: march(rays, occupied, box, generator=generator, backend=backend),
        "hash grid forward": encode,
        "hash grid forward + backward": encode_backward,
        "composite forward + backward": composite_backward,
    }
    for name, job in jobs.items():
        fast, slow = (measure(lambda: job(backend), repetitions) for backend in ("numba", "torch"))  # noqa: B023
        print(f"{name:<28}{fast[0]:>10.1f}{fast[1]:>9.1f}{slow[0]:>10.1f}{slow[1]:>9.1f}{slow[1] / fast[1]:>14.1f}")


def steps(repetitions: int) -> None:
    print(f"\n{'4 views, forward + backward':<46}{'wall ms':>10}{'cpu ms':>9}{'looked at':>11}{'samples':>9}")
    cameras: Cameras = turntable(4)
    for layers in (0, 1):
        for size in (32, 64, 128):
            for name, initialisation in (("blob", Blob()), ("ball", ball)):
                for shading in ("albedo", "lambertian"):
                    scene = NeRFScene(SceneConfig(layers=layers), initialisation=initialisation)
                    generator = torch.Generator().manual_seed(0)
                    scene.update(0, generator)

                    def step():
                        scene.zero_grad()  # noqa: B023
                        view = scene.render(cameras, size, size, shading=shading, generator=generator)  # noqa: B023
                        view.rgb.square().sum().backward()
                        return view

                    wall, cpu = measure(step, repetitions)
                    stats = step().stats
                    decoder = "linear" if layers == 0 else "1 x 32"
                    print(
                        f"{size:>4} px  {decoder}  {name}  {shading:<22}{wall:>10.1f}{cpu:>9.1f}"
                        f"{int(stats['looked_at']):>11}{int(stats['samples']):>9}"
                    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--quick", action="store_true", help="3 repetitions in place of 11")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    repetitions = 3 if options.quick else 11
    parts(repetitions)
    steps(repetitions)
