"""Retrieval precision: does the judge pick an asset's own prompt from among many wrong ones?

The protocol of CLIP R-precision (Park et al. 2021; Dream Fields, Jain et al. 2022), with three changes: the judge is
not the generator's text model, its pictures of all sides are averaged, and the wrong prompts are chosen to be hard.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn import functional

from t2a.cameras import turntable
from t2a.errors import UserError
from t2a.eval.judge import SECTORS, Judge
from t2a.eval.prompts import SHARES, Prompt, distractors, retrieval_prompts
from t2a.export.files import replacing, to_uint8, write_json, write_png
from t2a.pocket.captions import Spec
from t2a.pocket.world import scene

VIEWS, ELEVATION, PIXELS = 8, 15.0, 128
"""How assets and true scenes are shown to the judge: evenly around, before the studio's backdrop."""
SIDED = 7 / 8
"""A thing has sides if the judge is right about this share of its true views."""
SHOWN, CELL, TEXT_WIDTH = 4, 96, 420
"""Views, pixels of each, and pixels for the words in a row of the sheet."""

Views = Float[Tensor, "v h w 3"] | Float[np.ndarray, "v h w 3"]


class Verdict(NamedTuple):
    rank: int
    """1 when the true caption wins."""
    margin: float
    """Logit of the true caption minus that of the best wrong one; negative when it loses."""
    best_wrong: str
    """The distractor that came closest, or won."""


def score(asset_views: Views, caption: str, distractors: Sequence[str], judge: Judge) -> Verdict:
    """Rank the caption among the distractors by their agreement with the views (sRGB in [0, 1], all around the asset).

    A tie counts against the caption, so an asset that says nothing gains nothing.
    """
    if not distractors:
        raise UserError("retrieval needs at least one distractor")
    scores = judge.score_views(torch.as_tensor(asset_views), [caption, *distractors])
    return _verdict(scores, distractors)


def _verdict(scores: Float[Tensor, " c"], distractors: Sequence[str]) -> Verdict:
    true, wrong = scores[0], scores[1:]
    best = int(wrong.argmax())
    return Verdict(1 + int((wrong >= true).sum()), float(true - wrong[best]), distractors[best])


def judge_accuracy(judge: Judge, count: int = 200, seed: int = 4001, wrong: int = 60) -> dict:
    """How often the judge is right about true renders of held-out scenes, in the protocol of assets: the ceiling of any
    generator's score. `one_view` is the same with one view instead of eight, averaged over the eight.
    """
    right: dict[str, list[bool]] = {kind: [] for kind in SHARES}
    single, mistakes = [], []
    for number, prompt in enumerate(retrieval_prompts(count, seed)):
        texts = [prompt.caption, *distractors(prompt.spec, np.random.default_rng([seed, number]), wrong)]
        made = scene(seed, number, spec=prompt.spec)
        views = torch.from_numpy(made.render(turntable(VIEWS, ELEVATION), PIXELS).rgb)
        scores = judge.scores(views, texts)
        verdict = _verdict(scores.mean(0), texts[1:])
        right[prompt.kind].append(verdict.rank == 1)
        single.append(float((scores.argmax(1) == 0).float().mean()))
        if verdict.rank > 1:
            mistakes.append({"caption": prompt.caption, "rank": verdict.rank, "mistaken_for": verdict.best_wrong})
    return {
        "top1": float(np.mean(sum(right.values(), []))),
        "one_view": float(np.mean(single)),
        "by_kind": {kind: float(np.mean(values)) for kind, values in right.items() if values},
        "chance": 1 / (1 + wrong),
        "count": count,
        "mistakes": mistakes,
    }


def right_sides(views: Views, judge: Judge) -> float:
    """Share of the views of a turntable, the first one of the front, that the judge takes for views from there or from
    a neighbouring sector: what a second face (the Janus problem) lowers."""
    true = (torch.arange(len(views)) * SECTORS / len(views)).round().long()
    apart = (judge.sides(torch.as_tensor(views)) - true) % SECTORS
    return float(((apart <= 1) | (apart == SECTORS - 1)).float().mean())


def facing(views: Views, spec: Spec, judge: Judge, seed: int = 0) -> float | None:
    """`right_sides` of an asset, or None where the judge cannot tell the sides of a true render either."""
    if spec.relation is not None or spec.items[0].count > 1:
        return None
    true = scene(seed, spec=spec).render(turntable(VIEWS, ELEVATION), PIXELS).rgb
    return right_sides(views, judge) if right_sides(true, judge) >= SIDED else None


@dataclass(frozen=True)
class Result:
    """One prompt's asset before the judge."""

    index: int
    caption: str
    kind: str
    seed: int
    rank: int
    margin: float
    mistaken_for: str | None
    """The caption that won, if it was a wrong one."""
    candidates: int
    """Captions that the judge chose from."""
    facing: float | None = None
    """Share of the views that show the side they should; None where the judge cannot tell the sides of the true
    thing."""


def summarize(results: Sequence[Result]) -> dict:
    """Precision (share of rank 1), share of ranks up to 5, chance level, and precision by kind."""
    if not results:
        return {"count": 0}
    kinds = [kind for kind in SHARES if any(r.kind == kind for r in results)]
    facing = [r.facing for r in results if r.facing is not None]
    return {
        "count": len(results),
        "precision": float(np.mean([r.rank == 1 for r in results])),
        "top5": float(np.mean([r.rank <= 5 for r in results])),
        "chance": float(np.mean([1 / r.candidates for r in results])),
        "by_kind": {kind: float(np.mean([r.rank == 1 for r in results if r.kind == kind])) for kind in kinds},
        "facing": float(np.mean(facing)) if facing else None,
        "with_sides": len(facing),
    }


def run_retrieval(
    generate: Callable[[str, int], Views],
    prompts: Sequence[Prompt],
    folder: str | Path,
    judge: Judge,
    *,
    seed: int = 0,
    wrong: int = 60,
    identity: str = "",
) -> Iterator[Result]:
    """Generate each prompt's asset and judge it, yielding a result per prompt.

    `generate(caption, seed)` returns the asset's views, which are kept in `folder`: a repeated call judges them again,
    by whatever judge, and generates only what is missing. `identity` stands for what they were made with, models and
    options; views with another one are made anew. After each prompt `folder` holds `retrieval.json` (summary and every
    result so far) and `retrieval.png` (a row per prompt).
    """
    folder = Path(folder)
    (folder / "views").mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    strips: list[Image.Image] = []
    for index, prompt in enumerate(prompts):
        views = torch.from_numpy(kept_views(generate, folder, index, prompt.caption, seed + index, identity))
        texts = distractors(prompt.spec, np.random.default_rng([seed, index]), wrong)
        verdict = score(views, prompt.plain or prompt.caption, texts, judge)
        result = Result(
            index,
            prompt.caption,
            prompt.kind,
            seed + index,
            verdict.rank,
            verdict.margin,
            verdict.best_wrong if verdict.rank > 1 else None,
            1 + len(texts),
            facing(views, prompt.spec, judge),
        )
        results.append(result)
        strips.append(strip(views))
        table = {"summary": summarize(results), "results": [asdict(r) for r in results]}
        write_json(folder / "retrieval.json", table)
        write_png(folder / "retrieval.png", np.asarray(sheet(results, strips)) / 255)
        yield result


def kept_views(
    generate: Callable[[str, int], Views], folder: Path, index: int, caption: str, seed: int, identity: str = ""
) -> Float[np.ndarray, "v h w 3"]:
    """The views in `folder`, as they were kept (8 bits a channel), made first where there are none of this caption,
    seed and identity."""
    file, label = folder / "views" / f"{index:03d}.npz", json.dumps([caption, seed, identity])
    if file.is_file():
        with np.load(file) as kept:
            if str(kept["label"]) == label:
                return kept["views"] / np.float32(255)
    views = to_uint8(torch.as_tensor(generate(caption, seed)).detach().cpu().float().numpy())
    with replacing(file) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, views=views, label=label)
    return views / np.float32(255)


def strip(views: Float[Tensor, "v h w 3"]) -> Image.Image:
    """A few of the views in a row."""
    chosen = views[torch.linspace(0, len(views), SHOWN + 1)[:-1].long()].movedim(-1, 1)
    chosen = functional.interpolate(chosen.clamp(0, 1), (CELL, CELL), mode="area")
    row = torch.cat(list(chosen), dim=-1).movedim(0, -1)
    return Image.fromarray((row * 255 + 0.5).to(torch.uint8).numpy())


def _wrap(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def sheet(results: Sequence[Result], strips: Sequence[Image.Image]) -> Image.Image:
    """One row per prompt: views of the asset, the caption, and what it was mistaken for."""
    font = ImageFont.load_default(13)
    page = Image.new("RGB", (SHOWN * CELL + TEXT_WIDTH, max(len(results), 1) * CELL), "white")
    draw = ImageDraw.Draw(page)
    for row, (result, strip) in enumerate(zip(results, strips, strict=True)):
        page.paste(strip, (0, row * CELL))
        lines = [(line, "black") for line in _wrap(result.caption, font, TEXT_WIDTH - 20)]
        if result.rank == 1:
            lines.append((f"correct, margin {result.margin:.2f}", "#2a7a2a"))
        else:
            told = f"rank {result.rank} of {result.candidates}, mistaken for: {result.mistaken_for}"
            lines += [(line, "#b02020") for line in _wrap(told, font, TEXT_WIDTH - 20)]
        for number, (line, color) in enumerate(lines):
            draw.text((SHOWN * CELL + 10, row * CELL + 6 + 17 * number), line, fill=color, font=font)
    return page
