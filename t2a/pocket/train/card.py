"""The model card that travels with the weights, written from what the run itself has logged."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.patterns import PATTERNS
from t2a.pocket.world import held_out

TEXT = """# Pocket latent diffusion

A camera-conditioned latent diffusion model of {millions:.1f} million parameters for {size}-pixel pictures of toy
objects, in the format of a Stable Diffusion pipeline (fp16 safetensors). Plain diffusers loads it and runs it from text
alone; `camera_encoder/` turns a camera into what is added to each token of the text. {joint}

| | |
|---|---|
| data | {scenes:,} scenes of t2a's own procedural world (seed 1), each from several sides, nothing else |
| the world | {families} families x {colors} colours, {patterns} patterns, {accessories} accessories, relations |
| held out | {held_out} pairs of an attribute and a family |
| autoencoder | {autoencoder_steps:,} steps, {autoencoder_took} |
| its error | {autoencoder_mse:.5f} mean squared, on pictures in [-1, 1] |
| text encoder, camera encoder, UNet | {steps:,} steps, {pictures:,} pictures, {took} |
| their loss | v-prediction, cosine schedule, averaged weights: {loss:.4f} at the end |
| before them | the text encoder reads captions, {language_steps:,} steps, {language_right:.1%} of labels right |
| dropout | camera 12 %, text half of these and 6 % of the others |
| licence | Apache-2.0, like t2a |

It knows {names}; the colours {color_names}; the patterns {pattern_names}; the accessories {accessory_names}; and what
else `t2a world` shows. It knows nothing else: t2a warns about words that it has never seen, and names what is near.

![samples](samples.png)

Trained prompts first, then held-out ones, each from four cameras; 30 DDIM steps, guidance 2. The recipe is
`python -m t2a.pocket.train`; its help has every command.
"""
JOINT = "It denoises {views} views of a scene together, where it is asked to."


LOGS = ("autoencoder.csv", "diffusion.csv", "language.csv")


def rows_of(log: Path) -> list[dict[str, float]]:
    """The rows of a training log, with the steps that each took as `done`. A run that began from another one's weights
    counts its steps from zero again, in the same log; one that was interrupted repeats a few, which count once."""
    table = csv.DictReader(log.read_text(encoding="utf-8").splitlines())
    rows = [{k: float(v or 0) for k, v in row.items()} for row in table]
    every = min(row["step"] for row in rows)
    before = 0.0
    for row in rows:
        step = row["step"]
        row["done"] = step - before if step > before else step if step == every else 0.0
        before = step
    return rows


@dataclass(frozen=True)
class Training:
    """What a log tells of a training, which may have begun several times."""

    last: dict[str, float]
    """The last row."""
    steps: int
    cpu_hours: float
    gpu_hours: float
    """Steps that were repeated took their time."""
    pictures: int
    """Drawn, where the log has batches."""
    scenes: int
    """Of all runs together, where the log has them."""

    @property
    def took(self) -> str:
        """For example "4.7 h on two CPU cores, then 0.1 h on a GPU"."""
        parts = [(self.cpu_hours, "on one or two CPU cores"), (self.gpu_hours, "on a GPU")]
        return ", then ".join(f"{hours:.1f} h {where}" for hours, where in parts if hours)


def read_log(log: Path) -> Training:
    """What a training log tells; see `rows_of`."""
    rows = rows_of(log)
    every = min(row["step"] for row in rows)
    hours, runs = [0.0, 0.0], [0.0]
    for row in rows:
        hours[int(row.get("gpu", 0))] += row["seconds_per_step"] * (row["done"] or every) / 3600
        if row["step"] == every:
            runs.append(0.0)
        runs[-1] = max(runs[-1], row.get("scenes", 0))
    pictures = sum(row.get("batch", 0) * row["done"] for row in rows)
    steps = int(sum(row["done"] for row in rows))
    return Training(rows[-1], steps, hours[0], hours[1], int(pictures), int(sum(runs)))


def text(out: Path, parameters: int, size: int, joint_views: int) -> str:
    """The card of the run in `out`."""
    autoencoder, diffusion, language = (read_log(out / name) for name in LOGS)
    return TEXT.format(
        language_steps=language.steps,
        language_right=language.last["right"],
        millions=parameters / 1e6,
        scenes=diffusion.scenes,
        families=len(FAMILIES),
        colors=len(COLORS),
        accessories=len(ACCESSORIES),
        patterns=len(PATTERNS) - 1,
        size=size,
        joint=JOINT.format(views=joint_views) if joint_views > 1 else "",
        held_out=len(held_out()),
        autoencoder_steps=autoencoder.steps,
        autoencoder_took=autoencoder.took,
        autoencoder_mse=autoencoder.last["mse"],
        steps=diffusion.steps,
        pictures=diffusion.pictures,
        took=diffusion.took,
        loss=diffusion.last["loss"],
        names=", ".join(FAMILIES),
        color_names=", ".join(COLORS),
        accessory_names=", ".join(ACCESSORIES),
        pattern_names=", ".join(PATTERNS[1:]),
    )
