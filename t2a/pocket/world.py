"""The pocket world: a seed gives a captioned scene, a scene gives pictures from any camera.

Pairs of colour and family are divided into trained and HELD-OUT ones by `split.json`; `sample_spec(...,
held_out=False)` never makes a scene with a held-out pair, and quality is only reported on scenes that have one.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float

from t2a.pocket.captions import Item, Spec, caption
from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.render import BACKGROUND, Views, render_views
from t2a.pocket.shapes import Part, bounds, pack, transform
from t2a.types import Cameras

SPLIT = Path(__file__).with_name("split.json")
SOLIDS = ("cube", "ball", "cone", "cylinder", "ring", "pyramid")
SIZES = {"small": 0.64, None: 0.94, "large": 1.0}
"""Half diagonal of a single object's bounding box, in scene units; the field's cube reaches to 1."""
PAIR_SIZES = {"small": 0.55, None: 0.85, "large": 1.15}
"""The same for objects in a relation, before both are fitted into the scene together."""
FIT = 0.95


@functools.cache
def held_out() -> frozenset[tuple[str, str]]:
    """(colour, family) pairs that no training scene contains."""
    return frozenset((c, f) for c, f in json.loads(SPLIT.read_text(encoding="utf-8"))["held_out"])


def is_held_out(spec: Spec) -> bool:
    """Whether some object of the scene has a held-out pair of colour and family."""
    return any((item.color or FAMILIES[item.family].color, item.family) in held_out() for item in spec.items)


def make_split(seed: int = 0, share: float = 0.12) -> list[list[str]]:
    """The list in split.json: a random share of all pairs, never a family's natural colour (captions may leave that
    unsaid)."""
    rng = np.random.default_rng(seed)
    pairs = [[c, f] for f, family in FAMILIES.items() for c in COLORS if c != family.color]
    return sorted(pairs[i] for i in rng.permutation(len(pairs))[: round(share * len(pairs))])


def _choice(rng: np.random.Generator, options) -> str:
    options = list(options)
    return options[int(rng.integers(len(options)))]


def _sample_item(rng: np.random.Generator, families, plain: float = 0.12) -> Item:
    color = None if rng.random() < plain else _choice(rng, COLORS)
    return Item(_choice(rng, families), color, (None, None, None, "small", "large")[int(rng.integers(5))])


def _sample(rng: np.random.Generator) -> Spec:
    kind = rng.random()
    if kind < 0.60:
        return Spec((_sample_item(rng, FAMILIES),))
    if kind < 0.74:
        name = _choice(rng, ACCESSORIES)
        place = ACCESSORIES[name][1]
        item = _sample_item(rng, [f for f, family in FAMILIES.items() if getattr(family, place) is not None], plain=0.4)
        return Spec((replace(item, size=None, accessory=name, accessory_color=_choice(rng, COLORS)),))
    simple = rng.random() < 0.5
    if kind < 0.88:
        top = _sample_item(rng, SOLIDS if simple else FAMILIES)
        return Spec((top, _sample_item(rng, [f for f, family in FAMILIES.items() if family.flat])), "on")
    return Spec(
        (_sample_item(rng, SOLIDS if simple else FAMILIES), _sample_item(rng, SOLIDS if simple else FAMILIES)), "next"
    )


def sample_spec(rng: np.random.Generator, held_out: bool = False) -> Spec:
    """A random scene from the trained or from the held-out side of the split."""
    while True:
        spec = _sample(rng)
        if is_held_out(spec) == held_out:
            return spec


def _object(item: Item, rng: np.random.Generator, half_diagonal: float) -> list[Part]:
    """The item's parts, base on y = 0, centred on x and z, with the given half diagonal (accessories come on top of
    it)."""
    family = FAMILIES[item.family]
    parts = family.build(rng, COLORS[item.color or family.color])
    lower, upper = bounds(parts)
    if item.accessory is not None:
        build, place = ACCESSORIES[item.accessory]
        spot = getattr(family, place)
        color = COLORS[item.accessory_color] if item.accessory_color else COLORS["red"]
        last = max(p.group for p in parts)
        parts = parts + transform(build(rng, color, *spot), first_group=last + 1)
        lower, upper = bounds(parts)
    scale = half_diagonal / (float(np.linalg.norm(upper - lower)) / 2)
    center = (lower + upper) / 2
    return transform(parts, scale, (-center[0] * scale, -lower[1] * scale, -center[2] * scale))


def assemble(spec: Spec, rng: np.random.Generator) -> list[Part]:
    """The scene's parts, centred at the origin inside the unit ball."""
    if spec.relation is None:
        parts = _object(spec.items[0], rng, SIZES[spec.items[0].size])
    else:
        first, second = (_object(item, rng, PAIR_SIZES[item.size]) for item in spec.items)
        (low1, high1), (low2, high2) = bounds(first), bounds(second)
        if spec.relation == "on":
            # A top wider than its support would hide it.
            width = max((high1 - low1)[[0, 2]].max() / ((high2 - low2)[[0, 2]].min() * 1.15), 1.0)
            first = transform(first, 1 / width)
            shift = (0.0, float(high2[1]) - 0.01, 0.0)
        else:
            gap = 0.08
            second = transform(second, 1.0, (float(high2[0]) + gap / 2, 0.0, 0.0))
            shift = (-(float(high1[0]) + gap / 2), 0.0, 0.0)
        last = max(p.group for p in second)
        parts = second + transform(first, 1.0, shift, first_group=last + 1)
    lower, upper = bounds(parts)
    scale = 1.0 if spec.relation is None else FIT / (float(np.linalg.norm(upper - lower)) / 2)
    return transform(parts, scale, -(lower + upper) / 2 * scale)


@dataclass(frozen=True)
class Scene:
    """A captioned scene and its packed primitives."""

    spec: Spec
    caption: str
    table: Float[np.ndarray, "p c"]

    def render(self, cameras: Cameras, size: int = 64, samples: int = 2, backgrounds=None) -> Views:
        return render_views(self.table, cameras, size, samples, backgrounds)


def scene(seed: int, index: int = 0, *, held_out: bool = False, spec: Spec | None = None) -> Scene:
    """The scene number `index` of a seed; the same arguments always give the same scene."""
    rng = np.random.default_rng([seed, index])
    chosen = sample_spec(rng, held_out) if spec is None else spec
    return Scene(chosen, caption(chosen, rng), pack(assemble(chosen, rng)))


__all__ = ["BACKGROUND", "Scene", "assemble", "held_out", "is_held_out", "make_split", "sample_spec", "scene"]
