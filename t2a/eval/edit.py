"""How well objects are edited: held-out pairs of an object of the world and an instruction, of which the outcome is
known."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch.nn import functional

from t2a.cameras import turntable
from t2a.canvas import geometry_hash
from t2a.config import Config, SceneConfig
from t2a.edit import stages
from t2a.errors import UserError
from t2a.eval.command import start_worker
from t2a.eval.judge import Judge, load_judge
from t2a.eval.prompts import distractors
from t2a.eval.retrieval import ELEVATION, PIXELS, VIEWS, score, strip
from t2a.events import run
from t2a.export import write_glb
from t2a.export.files import check_writable, write_json, write_png
from t2a.mesh import decimate, psnr
from t2a.mesh.parts import joined, read_parts
from t2a.pipelines import model_source
from t2a.pocket.captions import caption
from t2a.pocket.edits import KEEPS_SHAPE, Edit, EditedScene, edited_scene, sample_edit
from t2a.pocket.geometry import table_mesh
from t2a.pocket.render import BACKGROUND, render_views, surface
from t2a.priors.catalog import check_source
from t2a.scene.source import ShownMesh
from t2a.texture import bake, unwrap
from t2a.types import Material, Mesh, Part

SEED = 8001
FACES, TEXTURE = 10_000, 512
SHOWN = 20
"""Rows of the sheet."""
SAME = 0.02
"""Difference of a channel, in sRGB, of true views of what the instruction leaves alone."""


@dataclasses.dataclass(frozen=True)
class Edited:
    """One object, and what became of it."""

    instruction: str
    kind: str
    source: str
    target: str
    """Captions of what it was, and of what it should be."""
    rank: int
    """1 when the judge picks the target's caption."""
    changed: bool
    """Whether the instruction changed anything."""
    direction: float
    """Cosine between how the judge's picture features and its text features moved (Gal et al. 2022, StyleGAN-NADA)."""
    psnr: float | None
    """dB between the views of the object and of what became of it, where the instruction changes nothing; None where
    it changes all."""
    silhouette_iou: float
    keeps_shape: bool
    """Whether every corner of every triangle is where it was, bit by bit."""
    seconds: float


def pairs(count: int) -> list[Edit]:
    """Instructions whose outcomes no training has seen."""
    return [sample_edit(np.random.default_rng([SEED, number]), held_out=True) for number in range(count)]


def asset_of(table: Float[np.ndarray, "p c"]) -> tuple[Mesh, Material]:
    """A scene of the world as a textured mesh, where the world has it."""
    mesh = unwrap(decimate(table_mesh(table)[0].with_(normals=None, colors=None), FACES), TEXTURE)
    return mesh, bake(mesh, lambda points: surface(table, points)[0], None, TEXTURE)


def main(output: Path, config: Config, count: int = 40, jobs: int = 1) -> int:
    """Edit the first `count` of them, `jobs` at a time, and write figures and a sheet into `output`."""
    if not 1 <= count <= 1000:
        raise UserError(f"count is {count}; it must be at least 1 and at most 1,000")
    if not 1 <= jobs <= 64:
        raise UserError(f"jobs is {jobs}; it must be at least 1 and at most 64")
    check_source(model_source(config))
    check_writable(output / "edit.json")
    (output / "assets").mkdir(parents=True, exist_ok=True)
    judge, results, rows = load_judge(), [], []
    threads = max((os.cpu_count() or 1) // jobs, 1)
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=start_worker, initargs=(threads,)) as pool:
        made = [pool.submit(edited, number, count, output / "assets", config) for number in range(count)]
        for number, (edit, job) in enumerate(zip(pairs(count), made, strict=True)):
            result, row = judged(number, edit, output / "assets", job.result(), judge)
            results.append(result)
            rows.append(row)
            verdict = "right" if result.rank == 1 else "WRONG"
            print(f"{number + 1:3d}/{count}  {verdict}  {result.source}: {result.instruction}", flush=True)
            write_png(output / "edit.png", np.concatenate(rows[:SHOWN]))
            told = {"summary": summarize(results), "results": [dataclasses.asdict(r) for r in results]}
            write_json(output / "edit.json", told)
    for name, value in summarize(results).items():
        print(f"{name}: {value if value is None else round(value, 3)}")
    return 0


def edited(number: int, count: int, folder: Path, config: Config) -> float:
    """Write the object and what became of it into the folder; the seconds that it took, NaN where nothing changed."""
    edit = pairs(count)[number]
    given = folder / f"{number:02d}_source.glb"
    write_glb(given, *asset_of(edited_scene(edit, SEED, number).source))
    try:
        asset = run(stages(given, edit.instruction, dataclasses.replace(config, seed=number)))
    except UserError as error:
        print(f"{edit.instruction}: {error}", flush=True)
        (folder / f"{number:02d}.glb").unlink(missing_ok=True)
        return float("nan")
    asset.save(folder / f"{number:02d}.glb")
    return sum(asset.report["seconds"].values())


def judged(number: int, edit: Edit, folder: Path, seconds: float, judge: Judge) -> tuple[Edited, np.ndarray]:
    """What became of an object before the judge, and a row of its views: the object, what became of it, the truth."""
    given, made = folder / f"{number:02d}_source.glb", folder / f"{number:02d}.glb"
    changed = made.exists()
    old, new = read_parts(given), read_parts(made if changed else given)
    (before, solid_before), (after, solid_after) = (views_of(parts) for parts in (old, new))
    same, truth = left_alone_by(edited_scene(edit, SEED, number))
    words = np.random.default_rng([SEED, number, 1])
    texts = [caption(spec, words) for spec in (edit.source, edit.target)]
    moved = judge.embed_images(torch.from_numpy(after)) - judge.embed_images(torch.from_numpy(before))
    said = judge.embed_texts(texts[1:]) - judge.embed_texts(texts[:1])
    result = Edited(
        edit.instruction,
        edit.kind,
        texts[0],
        texts[1],
        score(after, texts[1], distractors(edit.target, words), judge).rank,
        changed,
        float(functional.cosine_similarity(moved.mean(0), said[0], dim=0)),
        psnr(before[same], after[same]) if same.mean() > 0.01 else None,
        float(np.minimum(solid_before, solid_after).sum() / np.maximum(solid_before, solid_after).sum()),
        [geometry_hash(part.mesh) for part in old] == [geometry_hash(part.mesh) for part in new],
        seconds,
    )
    rows = [np.asarray(strip(torch.from_numpy(views))) / 255 for views in (before, after, truth)]
    return result, np.concatenate(rows, axis=1)


def views_of(parts: Sequence[Part]) -> tuple[Float[np.ndarray, "v h w 3"], Float[np.ndarray, "v h w 1"]]:
    """A turntable of the parts where they are, in their bare colours, and its opacity."""
    scene = ShownMesh.of(parts, joined([part.mesh.with_(uvs=None) for part in parts]), SceneConfig())
    with torch.no_grad():
        render = scene.render(turntable(VIEWS, ELEVATION), PIXELS, PIXELS, background=torch.tensor(BACKGROUND))
    return render.rgb.clamp(0, 1).numpy(), render.opacity.numpy()


def left_alone_by(scenes: EditedScene) -> tuple[Bool[np.ndarray, "v h w"], Float[np.ndarray, "v h w 3"]]:
    """The object's pixels that the edit changes in no way, and the true views of the outcome."""
    cameras = turntable(VIEWS, ELEVATION)
    source, target = (render_views(table, cameras, PIXELS) for table in (scenes.source, scenes.target))
    same = np.abs(source.rgb - target.rgb).max(-1) < SAME
    return same & (source.opacity.reshape(same.shape) > 0.5), target.rgb


def summarize(results: Sequence[Edited]) -> dict[str, float | None]:
    """Shares and means; the medians of the decibels and of the seconds. Silhouettes are those of the instructions that
    change colours alone."""
    colors = [r for r in results if r.kind in KEEPS_SHAPE]
    kept = [r.psnr for r in results if r.psnr is not None]
    timed = [r.seconds for r in results if np.isfinite(r.seconds)]
    return {
        "count": len(results),
        "precision": float(np.mean([r.rank == 1 for r in results])),
        "changed": float(np.mean([r.changed for r in results])),
        "direction": float(np.mean([r.direction for r in results])),
        "psnr": float(np.median(kept)) if kept else None,
        "psnr_at_least_28": float(np.mean(np.array(kept) >= 28)) if kept else None,
        "silhouette_iou": float(np.mean([r.silhouette_iou for r in colors])) if colors else None,
        "keeps_shape": float(np.mean([r.keeps_shape for r in colors])) if colors else None,
        "seconds": float(np.median(timed)) if timed else None,
    }
