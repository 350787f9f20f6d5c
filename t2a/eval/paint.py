"""How well meshes are painted: true shapes of held-out scenes, bare of colour, each with the scene's caption."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from t2a.cameras import turntable
from t2a.canvas import geometry_hash
from t2a.config import Config
from t2a.errors import UserError
from t2a.eval.judge import Judge, load_judge
from t2a.eval.prompts import Prompt, distractors, retrieval_prompts
from t2a.eval.retrieval import ELEVATION, PIXELS, VIEWS, score, strip
from t2a.events import run
from t2a.export import read_glb, write_glb
from t2a.export.files import check_writable, write_json, write_png
from t2a.mesh import decimate, render_mesh
from t2a.paint import stages
from t2a.pipelines import model_source
from t2a.pocket.geometry import mesh as world_mesh
from t2a.pocket.world import scene as world_scene
from t2a.priors.catalog import check_source
from t2a.scene.guide import centred
from t2a.types import Material, Mesh

SEED = 6001
KINDS: dict[str, int] = {"single": 8, "pattern": 5, "part": 3, "accessory": 2, "topping": 2}
"""How many scenes of each kind: one object, whose colours a texture can tell."""
FACES = 6000


@dataclasses.dataclass(frozen=True)
class Painted:
    """One mesh and what became of it."""

    caption: str
    kind: str
    rank: int
    """1 when the judge picks the caption."""
    same_shape: bool
    """Whether every corner of every triangle in the file is where it was, bit by bit."""
    seams: float
    """Jump of colour across seams, in terms of that inside charts."""
    psnr: float
    """dB between the mesh and the paint that was baked."""
    seconds: float


def painted_prompts() -> list[Prompt]:
    """As many of each kind as KINDS says, one kind after the other."""
    found = retrieval_prompts(200, SEED)
    return [prompt for kind, count in KINDS.items() for prompt in [p for p in found if p.kind == kind][:count]]


def bare_mesh(prompt: Prompt, number: int) -> Mesh:
    """The true shape of a scene, without colours, normals or UVs."""
    mesh, _ = world_mesh(world_scene(SEED, number, spec=prompt.spec))
    return decimate(mesh.with_(normals=None, colors=None), FACES).with_(normals=None)


def main(output: Path, config: Config, count: int = 20) -> int:
    """Paint the first `count` of them, and write figures and a sheet into `output`."""
    prompts = painted_prompts()
    if not 1 <= count <= len(prompts):
        raise UserError(f"count is {count}; it must be at least 1 and at most {len(prompts)}")
    check_source(model_source(config))
    check_writable(output / "paint.json")
    (output / "assets").mkdir(parents=True, exist_ok=True)
    judge, results, rows = load_judge(), [], []
    for number, prompt in enumerate(prompts[:count]):
        result, row = paint(number, prompt, output / "assets", config, judge)
        results.append(result)
        rows.append(row)
        verdict = "right" if result.rank == 1 else "WRONG"
        print(f"{number + 1:3d}/{count}  {verdict}  {prompt.caption}  ({result.seconds:.0f} s)", flush=True)
        write_png(output / "paint.png", sheet(rows))
        told = {"summary": summarize(results), "results": [dataclasses.asdict(r) for r in results]}
        write_json(output / "paint.json", told)
    summary = summarize(results)
    print(
        f"retrieval {summary['precision']:.0%}, shapes unchanged {summary['same_shape']:.0%}, "
        f"seams {summary['seams']:.2f} times the jumps inside charts, {summary['seconds']:.0f} s each"
    )
    return 0


def paint(number: int, prompt: Prompt, folder: Path, config: Config, judge: Judge) -> tuple[Painted, np.ndarray]:
    """One mesh, painted and judged, and a row of its views."""
    given, made = folder / f"{number:02d}_bare.glb", folder / f"{number:02d}.glb"
    write_glb(given, bare_mesh(prompt, number), Material())
    asset = run(stages(given, prompt.caption, dataclasses.replace(config, seed=number)))
    asset.save(made)
    views = turntable(VIEWS, ELEVATION, config.cameras.distance[1], config.cameras.fov[1])
    shown = centred(asset.mesh, float(np.linalg.norm(bare_mesh(prompt, number).vertices, axis=1).max()))
    pictures, _ = render_mesh(shown, asset.material, views, PIXELS, PIXELS, background=config.scene.backdrop)
    wrong = distractors(prompt.spec, np.random.default_rng([SEED, number]))
    seams = asset.report["seams"]
    result = Painted(
        prompt.caption,
        prompt.kind,
        score(pictures, prompt.caption, wrong, judge).rank,
        geometry_hash(read_glb(given)[0]) == geometry_hash(read_glb(made)[0]),
        seams["across"] / max(seams["inside"], 1 / 255),
        asset.report["psnr"],
        sum(asset.report["seconds"].values()),
    )
    return result, np.asarray(strip(torch.from_numpy(pictures))) / 255


def sheet(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Two columns of rows."""
    blank = np.ones_like(rows[0])
    pairs = [(rows[i], rows[i + 1] if i + 1 < len(rows) else blank) for i in range(0, len(rows), 2)]
    return np.concatenate([np.concatenate(pair, axis=1) for pair in pairs])


def summarize(results: Sequence[Painted]) -> dict[str, float]:
    """Shares and means; the median of the seconds."""
    return {
        "count": len(results),
        "precision": float(np.mean([r.rank == 1 for r in results])),
        "same_shape": float(np.mean([r.same_shape for r in results])),
        "seams": float(np.mean([r.seams for r in results])),
        "psnr": float(np.mean([r.psnr for r in results])),
        "seconds": float(np.median([r.seconds for r in results])),
    }
