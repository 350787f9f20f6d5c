"""What the model under training draws: trained and held-out prompts, each from four sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from t2a.export.files import write_png
from t2a.pocket.captions import caption
from t2a.pocket.sheet import tiled, titled
from t2a.pocket.train.export import samples
from t2a.pocket.world import sample_spec

PROMPTS = (
    "a red mushroom",
    "a blue chair",
    "a yellow car",
    "a snowman with a green hat",
    "a small red cube on top of a large blue cube",
)


def write(out: Path, held_out: int = 7) -> Path:
    """out/samples.png: the prompts of the README, then random held-out ones."""
    rng = np.random.default_rng(11)
    prompts = [*PROMPTS, *(caption(sample_spec(rng, held_out=True)) for _ in range(held_out))]
    pictures = samples(out, prompts)
    rows = [titled(np.concatenate(list(row), axis=1), prompt) for row, prompt in zip(pictures, prompts, strict=True)]
    return write_png(out / "samples.png", tiled(rows, columns=4))
