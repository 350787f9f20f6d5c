"""What the point model learns from: clouds with captions, of the pocket world or anyone's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from t2a.errors import UserError
from t2a.mesh.read_cloud import read_cloud
from t2a.pocket.captions import Spec, noisy_caption
from t2a.pocket.data import spec_from_json
from t2a.pocket.world import SIZES

POINTS = 2048
"""Kept of each."""
INDEX = "index.json"
GREY = 0.7
"""sRGB of points that have no colour."""
Told = Spec | tuple[str, ...]
"""What is said of a cloud: a scene of the world, which is worded anew each time, or sentences to choose from."""


@dataclass(frozen=True)
class Clouds:
    points: Float[Tensor, "n p 3"]
    """fp16, scene units."""
    colors: UInt8[Tensor, "n p 3"]
    told: list[Told]

    def __len__(self) -> int:
        return len(self.told)

    def to(self, device: torch.device) -> Clouds:
        return Clouds(self.points.to(device), self.colors.to(device), self.told)

    def caption(self, row: int, rng: np.random.Generator) -> str:
        told = self.told[row]
        return noisy_caption(told, rng) if isinstance(told, Spec) else told[int(rng.integers(len(told)))]


def load_clouds(folder: Path, seed: int = 0) -> Clouds:
    """The clouds in a folder: shards of the world's (`shard_*.npz`), or an `index.json` as `t2a world --assets` writes
    it, a list of entries with a `caption` (a sentence, or a list of them) and a `file` in the folder (any cloud or mesh
    that `read_cloud` reads) or a `name` (NAME.npz, else NAME.ply). These are brought to the size of the world's single
    objects. Raises UserError for a folder that has neither, and for what cannot be read."""
    if files := sorted(folder.glob("shard_*.npz")):
        shards = [np.load(file) for file in files]
        return Clouds(
            torch.cat([torch.from_numpy(shard["points"]) for shard in shards]),
            torch.cat([torch.from_numpy(shard["colors"]) for shard in shards]),
            [spec_from_json(str(text)) for shard in shards for text in shard["specs"]],
        )
    entries = _entries(folder / INDEX)
    rng = np.random.default_rng(seed)
    points, colors = np.empty((len(entries), POINTS, 3), np.float16), np.empty((len(entries), POINTS, 3), np.uint8)
    for i, (file, _) in enumerate(entries):
        cloud = read_cloud(file, seed)
        kept = rng.choice(len(cloud.points), POINTS, replace=len(cloud.points) < POINTS)
        farthest = np.linalg.norm(cloud.points, axis=1).max()
        points[i] = cloud.points[kept] * (SIZES[None] / farthest)
        colors[i] = 255 * GREY if cloud.colors is None else (cloud.colors[kept] * 255 + 0.5).astype(np.uint8)
    return Clouds(torch.from_numpy(points), torch.from_numpy(colors), [told for _, told in entries])


def _entries(index: Path) -> list[tuple[Path, tuple[str, ...]]]:
    """Files and sentences of an index."""
    if not index.is_file():
        raise UserError(
            f"{index.parent} has no {INDEX}; write one with a list of entries such as "
            '{"file": "chair.ply", "caption": "a red chair"}, or make a folder with: t2a world --assets FOLDER'
        )
    try:
        raw = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UserError(f"{index} cannot be read as JSON ({error}); write a list of entries") from error
    if not isinstance(raw, list) or not raw:
        raise UserError(f"{index} is no list of entries, or an empty one; give each cloud a file and a caption")
    return [_entry(index, number, entry) for number, entry in enumerate(raw)]


def _entry(index: Path, number: int, entry: Any) -> tuple[Path, tuple[str, ...]]:
    where = f"entry {number} of {index}"
    if not isinstance(entry, dict):
        raise UserError(f'{where} is {entry!r}; it must be such as {{"file": "chair.ply", "caption": "a red chair"}}')
    said = entry.get("caption")
    captions = tuple(said) if isinstance(said, list) else (said,)
    if not captions or not all(isinstance(text, str) and text.strip() for text in captions):
        raise UserError(f"{where} has the caption {said!r}; it must be a sentence, or a list of them")
    name, file = entry.get("name"), entry.get("file")
    if isinstance(file, str):
        return index.parent / file, captions
    if not isinstance(name, str):
        raise UserError(f"{where} has neither a file nor a name")
    array = index.parent / f"{name}.npz"
    return array if array.is_file() else index.parent / f"{name}.ply", captions
