"""Before stage two: the text encoder learns what captions say, from captions alone.

Linear heads on the mean of its tokens name the scene's families, colours, patterns, accessories, relation and so on. A
denoising loss teaches a text encoder slowly, since a caption explains a tenth of it; this takes minutes, and the UNet
then starts with words that are already told apart. The heads are thrown away.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextModel, CLIPTokenizer

from t2a.pocket.captions import Item, Spec
from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.families.accessories import TOPPINGS
from t2a.pocket.families.themes import THEMES
from t2a.pocket.patterns import MATERIALS, PATTERNS
from t2a.pocket.phrases import RELATIONS
from t2a.pocket.speech import any_caption
from t2a.pocket.train.common import Report, run
from t2a.pocket.world import sample_spec

PARTS = sorted({label for family in FAMILIES.values() for label in family.paintable})
CHOICES: dict[str, tuple] = {
    "family": (None, *FAMILIES),
    "color": (None, *COLORS),
    "size": (None, "small", "large"),
    "pattern": (None, *PATTERNS[1:]),
    "second": (None, *COLORS),
    "material": (None, *MATERIALS),
    "theme": (None, *THEMES),
    "part": (None, *PARTS),
    "part_color": (None, *COLORS),
    "accessory": (None, *ACCESSORIES),
    "accessory_color": (None, *COLORS),
    "topping": (None, *TOPPINGS),
    "count": (None, 1, 2, 3, 4),
}
BETWEEN = (None, *RELATIONS)
SIZES = [len(options) for options in CHOICES.values()] * 2 + [len(BETWEEN)]
"""Options of each of a scene's labels."""


def labels(spec: Spec) -> list[int]:
    """Numbers of what a scene's first object, second object and relation are; 0 is what is absent or unsaid."""
    items: list[Item | None] = [*spec.items, None][:2]
    values = [options.index(getattr(item, name, None)) for item in items for name, options in CHOICES.items()]
    return [*values, BETWEEN.index(spec.relation)]


STEPS = 900
"""Of batch 128."""


class Reader(nn.Module):
    """The text encoder with one linear head per label."""

    def __init__(self, text_encoder: CLIPTextModel):
        super().__init__()
        self.text_encoder = text_encoder
        width = text_encoder.config.hidden_size
        self.heads = nn.ModuleList(nn.Linear(width, size) for size in SIZES)

    def forward(self, ids: Tensor) -> list[Tensor]:
        mean = self.text_encoder(ids).last_hidden_state.mean(dim=1)
        return [head(mean) for head in self.heads]


def train(
    text_encoder: CLIPTextModel, tokens: CLIPTokenizer, out: Path, steps: int = STEPS, batch: int = 128, seed: int = 0
) -> None:
    """Train `text_encoder` in place, through the checkpoint out/language.pt."""
    model = Reader(text_encoder)

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        rng = np.random.default_rng([seed, step, 2])
        specs = [sample_spec(rng) for _ in range(batch)]
        texts = [any_caption(spec, rng) for spec in specs]
        ids = tokens(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids
        targets = torch.tensor([labels(spec) for spec in specs]).T
        scores = model(ids)
        losses = [functional.cross_entropy(score, target) for score, target in zip(scores, targets, strict=True)]
        right = [(score.argmax(1) == target).float() for score, target in zip(scores, targets, strict=True)]
        return {"loss": torch.stack(losses).sum(), "right": torch.stack(right).mean()}

    report = Report(steps, out / "language.csv")
    for step, losses, _ in run(
        model, loss_of, steps=steps, rate=1e-3, folder=out, name="language", seed=seed, save_every=100, warmup=50
    ):
        report(step, losses)
    take(text_encoder, out)


def take(text_encoder: CLIPTextModel, out: Path) -> None:
    """Load what `train` has taught into out/language.pt."""
    average = torch.load(out / "language.pt", weights_only=True)["average"]
    prefix = "text_encoder."
    text_encoder.load_state_dict({k.removeprefix(prefix): v for k, v in average.items() if k.startswith(prefix)})
