"""`t2a eval retrieval`: the whole pipeline on held-out prompts, before the judge."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import numpy as np

from t2a.cameras import turntable
from t2a.config import Config, as_dict
from t2a.errors import UserError
from t2a.eval.judge import WEIGHTS, load_judge
from t2a.eval.prompts import retrieval_prompts
from t2a.eval.retrieval import ELEVATION, PIXELS, VIEWS, judge_accuracy, run_retrieval, summarize
from t2a.export.files import check_writable, write_json
from t2a.mesh import render_mesh
from t2a.pipelines import model_source, run, stages
from t2a.priors.catalog import check_source
from t2a.progress import Bars


def identity(config: Config) -> str:
    """A hash of the options and of the weights on disk (the generator's, where they are a folder, and the judge's)."""
    digest = hashlib.sha256(json.dumps(as_dict(config), sort_keys=True).encode())
    for folder in (Path(model_source(config)), WEIGHTS):
        for file in sorted(folder.rglob("*.safetensors")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def retrieval(count: int, output: Path, config: Config, judged: int = 200) -> int:
    """Generate `count` held-out prompts, judge the meshes, write figures and a sheet into `output`. A repeated call
    continues."""
    if not 1 <= count <= 1000:
        raise UserError(f"count is {count}; it must be at least 1 and at most 1,000")
    check_writable(output / "summary.json")
    judge = load_judge()
    check_source(model_source(config))

    def generate(caption: str, seed: int) -> np.ndarray:
        try:
            with Bars() as bars:
                asset = run(stages(caption, dataclasses.replace(config, seed=seed)), bars)
        except UserError as error:  # a scene that stayed empty counts as wrong; the others go on
            print(f"{caption}: {error}", flush=True)
            return np.broadcast_to(np.array(config.scene.backdrop, np.float32), (VIEWS, PIXELS, PIXELS, 3))
        asset.save(output / "assets" / f"{seed:03d}.glb")
        cameras = turntable(VIEWS, ELEVATION, config.cameras.distance[1], config.cameras.fov[1])
        return render_mesh(asset.mesh, asset.material, cameras, PIXELS, PIXELS, background=config.scene.backdrop)[0]

    results = []
    done = run_retrieval(generate, retrieval_prompts(count), output, judge, seed=config.seed, identity=identity(config))
    for result in done:
        results.append(result)
        wrong = "" if result.rank == 1 else f"  mistaken for: {result.mistaken_for}"
        print(
            f"{result.index + 1:3d}/{count}  {'right' if result.rank == 1 else 'WRONG'}  {result.caption}{wrong}",
            flush=True,
        )
    summary = summarize(results)
    ceiling = judge_accuracy(judge, judged)
    write_json(output / "summary.json", {**summary, "judge": ceiling, "options": as_dict(config)})
    kinds = ", ".join(f"{kind} {value:.0%}" for kind, value in summary["by_kind"].items())
    print(f"precision {summary['precision']:.1%} on {count} held-out prompts ({kinds}); chance {summary['chance']:.1%}")
    print(f"the judge on true renders: {ceiling['top1']:.1%}")
    return 0
