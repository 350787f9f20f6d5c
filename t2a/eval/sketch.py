"""How closely sketches are followed, and whether the text still counts: rough shapes of a few boxes, cylinders, cones
and balls (`guides/`), each with a text, made at several strictnesses."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from t2a.cameras import orbit, turntable
from t2a.config import Config
from t2a.errors import UserError
from t2a.eval.judge import Judge, load_judge
from t2a.eval.prompts import distractors
from t2a.eval.retrieval import ELEVATION, PIXELS, VIEWS, score, strip
from t2a.events import run
from t2a.export.files import check_writable, write_json, write_png
from t2a.mesh import render_mesh
from t2a.mesh.extract import soft_iou
from t2a.mesh.raster import silhouettes
from t2a.pipelines import model_source, stages
from t2a.pocket.captions import Item, Spec
from t2a.priors.catalog import check_source
from t2a.scene.guide import load_guide
from t2a.types import Mesh

GUIDES = Path(__file__).parent / "guides"
SKETCHES: dict[str, tuple[str, Item]] = {
    "chair": ("a red chair", Item("chair", "red")),
    "table": ("a blue table", Item("table", "blue")),
    "snowman": ("a green snowman", Item("snowman", "green")),
    "mushroom": ("a purple mushroom", Item("mushroom", "purple")),
    "rocket": ("an orange rocket", Item("rocket", "orange")),
    "house": ("a yellow house", Item("house", "yellow")),
    "truck": ("a red truck", Item("truck", "red")),
    "lamp": ("a pink lamp", Item("lamp", "pink")),
}
SILHOUETTES = 12


@dataclasses.dataclass(frozen=True)
class Followed:
    """One sketch at one strictness."""

    guide: str
    caption: str
    strictness: float
    iou: float
    """Of the silhouettes of asset and guide."""
    rank: int
    """1 when the judge picks the caption."""


def main(strictnesses: Sequence[float], output: Path, config: Config, names: Sequence[str] | None = None) -> int:
    """Make every sketch at every strictness and write figures and a sheet into `output`."""
    names = list(SKETCHES) if names is None else names
    for value in strictnesses:
        if not 0 <= value <= 1:
            raise UserError(f"strictness is {value}; it must lie between 0 (free) and 1 (follow the guide)")
    if unknown := [name for name in names if name not in SKETCHES]:
        raise UserError(f"there is no guide {unknown[0]!r}; the guides are: {', '.join(SKETCHES)}")
    check_source(model_source(config))
    check_writable(output / "sketch.json")
    judge, results, rows = load_judge(), [], []
    for name in names:
        strips = []
        for value in strictnesses:
            result, row = follow(name, value, output, config, judge)
            results.append(result)
            strips.append(row)
            verdict = "right" if result.rank == 1 else "WRONG"
            print(f"{result.caption}, strictness {value:g}: IoU {result.iou:.2f}, {verdict}", flush=True)
        rows.append(np.concatenate(strips, axis=1))
        write_png(output / "sketch.png", np.concatenate(rows))
        write_json(
            output / "sketch.json", {"summary": summarize(results), "results": list(map(dataclasses.asdict, results))}
        )
    for line in summarize(results):
        print(f"strictness {line['strictness']:g}: IoU {line['iou']:.3f}, retrieval {line['precision']:.0%}")
    return 0


def follow(name: str, value: float, output: Path, config: Config, judge: Judge) -> tuple[Followed, np.ndarray]:
    """One sketch, judged, and a row of its views."""
    caption, item = SKETCHES[name]
    path = GUIDES / f"{name}.yaml"
    given = dataclasses.replace(config.given, init=str(path), strictness=value)
    asset = run(stages(caption, dataclasses.replace(config, given=given)))
    asset.save(output / "assets" / f"{name}_{value:g}.glb")
    views = turntable(VIEWS, ELEVATION, config.cameras.distance[1], config.cameras.fov[1])
    shown, _ = render_mesh(asset.mesh, asset.material, views, PIXELS, PIXELS, background=config.scene.backdrop)
    wrong = distractors(Spec((item,)), np.random.default_rng(0))
    rank = score(shown, caption, wrong, judge).rank
    row = np.asarray(strip(torch.from_numpy(shown))) / 255
    return Followed(name, caption, value, agreement(asset.mesh, load_guide(path).mesh), rank), row


def agreement(mesh: Mesh, guide: Mesh) -> float:
    """Soft IoU of the silhouettes of two meshes in the same place, from all around, below and above."""
    cameras = orbit(np.arange(SILHOUETTES) * 137.5, np.linspace(-30, 60, SILHOUETTES))
    return soft_iou(*(silhouettes(m, cameras, PIXELS, PIXELS, 2) for m in (mesh, guide)))


def summarize(results: Sequence[Followed]) -> list[dict[str, float]]:
    """Mean IoU and share of right captions at each strictness."""

    def lines() -> Iterator[dict[str, float]]:
        for value in sorted({r.strictness for r in results}):
            own = [r for r in results if r.strictness == value]
            yield {
                "strictness": value,
                "iou": float(np.mean([r.iou for r in own])),
                "precision": float(np.mean([r.rank == 1 for r in own])),
            }

    return list(lines())
