"""What a scene of the pocket world contains (`Spec`), and the many sentences that say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Relation = Literal["on", "next"]


@dataclass(frozen=True)
class Item:
    """One object as its caption knows it; None means that the caption does not say."""

    family: str
    color: str | None = None
    size: Literal["small", "large"] | None = None
    accessory: str | None = None
    accessory_color: str | None = None


@dataclass(frozen=True)
class Spec:
    """One object, or two in a relation: the first is on top of, or (seen from the front) left of, the second."""

    items: tuple[Item, ...]
    relation: Relation | None = None


SINGLE = (
    "{a} {n}", "{a} {n}", "{n}", "one {n}", "the {n}", "a picture of {a} {n}", "a 3d model of {a} {n}",
    "{a} {n}, 3d render", "this is {a} {n}", "a photo of {a} {n}",
)  # fmt: skip
AFTER = ("{a} {sf} that is {c}", "{a} {sf} in {c}", "{a} {sf}, {c}", "{a} {c} colored {sf}")
"""Ways to name the colour apart: {sf} is size and family, {c} the colour."""
WEARING = ("{x} with {y}", "{x} wearing {y}", "{x} that wears {y}", "{x} in {y}", "{x} and {y} on it")
ON = (
    "{x} on top of {y}",
    "{x} on {y}",
    "{x} sitting on {y}",
    "{x} standing on top of {y}",
    "{x} is on top of {y}",
    "{y} with {x} on top",
    "{y} under {x}",
    "{x} is sitting on top of {y}",
)
NEXT = (
    "{x} next to {y}",
    "{x} beside {y}",
    "{x} and {y} side by side",
    "{x} near {y}",
    "{x} is next to {y}",
    "{x} left of {y}",
    "{y} right of {x}",
)
SMALL, LARGE = ("small", "little", "tiny"), ("large", "big", "huge")


def article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _pick(rng: np.random.Generator | None, options: tuple[str, ...]) -> str:
    return options[0] if rng is None else options[int(rng.integers(len(options)))]


def _noun(item: Item, rng: np.random.Generator | None) -> str:
    size = [] if item.size is None else [_pick(rng, SMALL if item.size == "small" else LARGE)]
    return " ".join([*size, *([item.color] if item.color else []), item.family])


def _named(item: Item, rng: np.random.Generator | None) -> str:
    noun = _noun(item, rng)
    return f"{article(noun)} {noun}"


def _dressed(item: Item, rng: np.random.Generator | None) -> str:
    if item.accessory is None:
        return _named(item, rng)
    worn = " ".join(filter(None, [item.accessory_color, item.accessory]))
    return _pick(rng, WEARING[:2]).format(x=_named(item, rng), y=f"{article(worn)} {worn}")


def caption(spec: Spec, rng: np.random.Generator | None = None) -> str:
    """A sentence for the scene: the plainest one without a generator, else one of many phrasings."""
    first = spec.items[0]
    if spec.relation is not None:
        x, y = (_dressed(item, rng) for item in spec.items)
        return _pick(rng, ON if spec.relation == "on" else NEXT).format(x=x, y=y)
    if first.accessory is not None:
        worn = " ".join(filter(None, [first.accessory_color, first.accessory]))
        return _pick(rng, WEARING).format(x=_named(first, rng), y=f"{article(worn)} {worn}")
    if rng is not None and first.color and rng.random() < 0.2:
        size = "" if first.size is None else _pick(rng, SMALL if first.size == "small" else LARGE) + " "
        noun = size + first.family
        pattern = _pick(rng, AFTER)
        return pattern.format(a=article(first.color if "{a} {c}" in pattern else noun), sf=noun, c=first.color)
    noun = _noun(first, rng)
    return _pick(rng, SINGLE).format(a=article(noun), n=noun)


def words() -> list[str]:
    """Every word that a caption can contain, sorted."""
    from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES

    text = " ".join(
        [
            *SINGLE,
            *AFTER,
            *WEARING,
            *ON,
            *NEXT,
            *SMALL,
            *LARGE,
            *COLORS,
            *FAMILIES,
            *ACCESSORIES,
            "a an front side back top view",
        ]
    )
    for mark in "{a} {n} {sf} {c} {x} {y}".split():
        text = text.replace(mark, " ")
    return sorted(set(text.replace(",", " ").split()))
