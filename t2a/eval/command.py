"""`t2a eval retrieval`, `pictures` and `points`: the whole pipeline, what the prior draws, or its clouds, before the
judge."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from t2a.cameras import turntable
from t2a.config import Config, as_dict
from t2a.distill.drawing import first_steps
from t2a.errors import EmptyScene, UserError
from t2a.eval.clouds import compared
from t2a.eval.judge import Judge, load_judge
from t2a.eval.pictures import ENOUGH, distance, draw
from t2a.eval.point_net import load as load_point_net
from t2a.eval.prompts import Prompt, prompt_set
from t2a.eval.retrieval import ELEVATION, PIXELS, VIEWS, judge_accuracy, kept_views, run_retrieval, summarize
from t2a.events import run
from t2a.export.cloud import write_cloud
from t2a.export.files import check_writable, write_json
from t2a.mesh import render_mesh
from t2a.mesh.read_cloud import read_cloud
from t2a.mesh.splat import splat
from t2a.pipelines import check_device, load_prior, model_source, stages
from t2a.pocket import path
from t2a.pocket.render import BACKGROUND
from t2a.points import PointOptions, text_to_points
from t2a.priors.catalog import check_source
from t2a.progress import Bars
from t2a.schedule import value_at

Generate = Callable[[str, int], np.ndarray]
"""Caption and seed to views [v, h, w, 3] of the finished asset."""


def identity(kind: str, options: dict[str, Any], source: str | Path) -> str:
    """A hash of the kind of evaluation, the options, and the generator's weights, where they are a folder."""
    digest = hashlib.sha256(json.dumps([kind, options], sort_keys=True, default=str).encode())
    for file in sorted(Path(source).rglob("*.safetensors")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def make_views(caption: str, seed: int, config: Config, output: Path, quiet: bool = False) -> np.ndarray:
    """Generate one asset into `output` and show it all around; an empty scene shows nothing, and counts as wrong."""
    try:
        with Bars(quiet=quiet) as bars:
            asset = run(stages(caption, dataclasses.replace(config, seed=seed)), bars)
    except EmptyScene as error:
        print(f"{caption}: {error}", flush=True)
        return np.broadcast_to(np.array(config.scene.backdrop, np.float32), (VIEWS, PIXELS, PIXELS, 3))
    asset.save(output / "assets" / f"{seed:03d}.glb")
    cameras = turntable(VIEWS, ELEVATION, config.cameras.distance[1], config.cameras.fov[1])
    return render_mesh(asset.mesh, asset.material, cameras, PIXELS, PIXELS, background=config.scene.backdrop)[0]


def start_worker(threads: int) -> None:
    """A worker takes its share of the cores, and ends at Ctrl-C without a word: the parent has one."""
    torch.set_num_threads(threads)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def side_by_side(prompts: Sequence[Prompt], config: Config, output: Path, jobs: int) -> Iterator[Generate]:
    """`make_views` in `jobs` processes, each with its share of the cores. Views are asked for in the prompts' order and
    made ahead of that, those of later prompts while the first are awaited."""
    if jobs == 1:
        yield lambda caption, seed: make_views(caption, seed, config, output)
        return
    threads = max((os.cpu_count() or 1) // jobs, 1)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=start_worker, initargs=(threads,)) as pool:
        made = {}

        def generate(caption: str, seed: int) -> np.ndarray:
            first = seed - config.seed
            for index in range(first, min(first + 2 * jobs, len(prompts))):
                if index not in made:
                    arguments = (prompts[index].caption, config.seed + index, config, output, True)
                    made[index] = pool.submit(make_views, *arguments)
            return made[first].result()

        try:
            yield generate
        except BaseException:
            # Whoever interrupts does not want to wait for the assets that are being made.
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _judged(
    made_with: str, generate: Generate, prompts: Sequence[Prompt], output: Path, judge: Judge, seed: int
) -> dict[str, Any]:
    """Judge every prompt, saying how it went; the summary."""
    results = []
    for result in run_retrieval(generate, prompts, output, judge, seed=seed, identity=made_with):
        results.append(result)
        wrong = "" if result.rank == 1 else f"  mistaken for: {result.mistaken_for}"
        verdict = "right" if result.rank == 1 else "WRONG"
        print(f"{result.index + 1:3d}/{len(prompts)}  {verdict}  {result.caption}{wrong}", flush=True)
    summary = summarize(results)
    kinds = ", ".join(f"{kind} {value:.0%}" for kind, value in summary["by_kind"].items())
    print(f"precision {summary['precision']:.1%} on {len(prompts)} prompts ({kinds}); chance {summary['chance']:.1%}")
    if summary["facing"] is not None:
        print(f"right sides: {summary['facing']:.1%} of the views of {summary['with_sides']} things that have sides")
    return summary


def _check_count(count: int, jobs: int) -> None:
    if not 1 <= count <= 1000:
        raise UserError(f"count is {count}; it must be at least 1 and at most 1,000")
    if not 1 <= jobs <= 64:
        raise UserError(f"jobs is {jobs}; it must be at least 1 and at most 64")


def retrieval(
    count: int, output: Path, config: Config, jobs: int = 1, judged: int = 200, prompts_of: str = "held-out"
) -> int:
    """Generate `count` prompts of a set, `jobs` at a time, judge the meshes, write figures and a sheet into `output`.
    A repeated call continues, and judges what is there already by the judge of today."""
    _check_count(count, jobs)
    prompts = prompt_set(prompts_of, count)
    check_writable(output / "summary.json")
    judge = load_judge()
    check_source(model_source(config))
    with side_by_side(prompts, config, output, jobs) as generate:
        made_with = identity("retrieval", as_dict(config), model_source(config))
        summary = _judged(made_with, generate, prompts, output, judge, config.seed)
    ceiling = judge_accuracy(judge, judged)
    told = {"set": prompts_of, "judge": ceiling, "jobs": jobs, "options": as_dict(config)}
    write_json(output / "summary.json", {**summary, **told})
    print(f"the judge on true renders: {ceiling['top1']:.1%}")
    return 0


def pictures(count: int, output: Path, config: Config, prompts_of: str = "held-out") -> int:
    """Draw `count` prompts of a set by the prior alone, as the first round of the refinement does, and
    judge the pictures. A repeated call continues."""
    _check_count(count, 1)
    prompts = prompt_set(prompts_of, count)
    check_device(config.device)
    check_writable(output / "summary.json")
    judge = load_judge()
    prior = load_prior(config)

    def generate(text: str, seed: int) -> np.ndarray:
        guidance_scale = value_at(config.refine.refine_guidance, 0.0)
        return draw(prior, text, guidance_scale, first_steps(config.refine), seed).numpy()

    made_with = identity("pictures", as_dict(config), model_source(config))
    summary = _judged(made_with, generate, prompts, output, judge, config.seed)
    drawn = [
        kept_views(generate, output, index, prompt.caption, config.seed + index, made_with)
        for index, prompt in enumerate(prompts)
    ]
    apart = distance(drawn, prompts, judge, config.seed) if len(prompts) >= ENOUGH else None
    told = {"set": prompts_of, "distance": apart, "options": as_dict(config)}
    write_json(output / "summary.json", {**summary, **told})
    if apart is not None:
        print(f"Frechet distance to true renders, in the judge's features, times 1000: {apart:.1f}")
    return 0


def points(count: int, output: Path, options: PointOptions, prompts_of: str = "held-out") -> int:
    """Clouds of `count` prompts of a set, as discs before the studio's backdrop and beside true clouds. A repeated call
    continues."""
    _check_count(count, 1)
    prompts = prompt_set(prompts_of, count)
    check_writable(output / "summary.json")
    judge, seconds = load_judge(), []

    def file(seed: int) -> Path:
        return output / "clouds" / f"{seed:03d}.npz"

    def generate(text: str, seed: int) -> np.ndarray:
        start = time.monotonic()
        cloud = text_to_points(text, **{**vars(options), "seed": seed})
        seconds.append(time.monotonic() - start)
        check_writable(file(seed))
        write_cloud(file(seed), cloud)
        return splat(cloud, turntable(VIEWS, ELEVATION), PIXELS, background=BACKGROUND)

    made_with = identity("clouds", vars(options), options.weights or path())
    summary = _judged(made_with, generate, prompts, output, judge, options.seed)
    clouds = [read_cloud(file(options.seed + index)) for index in range(len(prompts))]
    shapes = compared(load_point_net(), clouds, prompts, options.seed) if len(prompts) >= ENOUGH else None
    times = {"seconds": float(np.median(seconds))} if seconds else {}
    told = {"set": prompts_of, "points": options.count, "shapes": shapes, **times}
    write_json(output / "summary.json", {**summary, **told})
    if shapes is not None:
        print(
            f"{shapes['clouds']} clouds of single objects (true ones in brackets): "
            f"P-FID {shapes['p_fid']:.2f} ({shapes['true_p_fid']:.2f}), P-IS {shapes['p_is']:.1f} "
            f"({shapes['true_p_is']:.1f}), named right {shapes['named']:.0%} ({shapes['true_named']:.0%})"
        )
    return 0
