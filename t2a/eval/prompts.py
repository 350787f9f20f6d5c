"""The evaluation set: held-out prompts, and for each of them wrong sentences that are easily mistaken for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from t2a.errors import UserError
from t2a.pocket.captions import Item, Spec, caption
from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.world import held_out, sample_spec

Kind = Literal["single", "accessory", "on", "next"]
KINDS: tuple[Kind, ...] = ("single", "accessory", "on", "next")
SHARES: dict[Kind, float] = {"single": 0.6, "accessory": 0.15, "on": 0.15, "next": 0.1}
"""Composition of the evaluation set."""
NEAR = 12
"""How many distractors of one prompt may differ from it in the family alone: the colours need the room."""


@dataclass(frozen=True)
class Prompt:
    """A scene that no generator was trained on, and one sentence for it."""

    spec: Spec
    caption: str
    kind: Kind


def kind_of(spec: Spec) -> Kind:
    if spec.relation is not None:
        return spec.relation
    return "accessory" if spec.items[0].accessory else "single"


def shown_color(item: Item) -> str:
    """The colour that the object has, whether or not its caption says so."""
    return item.color or FAMILIES[item.family].color


def meaning(spec: Spec) -> tuple:
    """Equal for scenes that no set of pictures around the object tells apart, however they are worded.

    Unsaid colours are the natural ones. Sizes do not count: a single object has nothing to be compared with, and a top
    is shrunk to fit its support. Nor does the order of two things side by side, which flips when seen from behind.
    """
    things = [
        (
            item.family,
            shown_color(item),
            item.accessory or "",
            (item.accessory_color or "red") if item.accessory else "",
        )
        for item in spec.items
    ]
    return (spec.relation or "", *(sorted(things) if spec.relation == "next" else things))


def _repaint(item: Item, color: str) -> Item:
    return replace(item, color=color)


def _at(spec: Spec, place: int, item: Item) -> Spec:
    return replace(spec, items=(*spec.items[:place], item, *spec.items[place + 1 :]))


def _recolored(spec: Spec) -> Iterator[Spec]:
    for place, item in enumerate(spec.items):
        yield from (_at(spec, place, _repaint(item, color)) for color in COLORS)


def _rebuilt(spec: Spec) -> Iterator[Spec]:
    """The same colours on other families, as far as the world would put them there."""
    for place, item in enumerate(spec.items):
        for name, family in FAMILIES.items():
            wears = item.accessory is None or getattr(family, ACCESSORIES[item.accessory][1]) is not None
            carries = spec.relation != "on" or place == 0 or family.flat
            if wears and carries:
                yield _at(spec, place, replace(item, family=name, color=shown_color(item)))


def _rearranged(spec: Spec) -> Iterator[Spec]:
    """Two objects: bottom up, colours swapped, beside instead of on."""
    if spec.relation is None:
        return
    first, second = spec.items
    swapped = (_repaint(first, shown_color(second)), _repaint(second, shown_color(first)))
    yield replace(spec, items=(second, first))
    yield replace(spec, items=swapped)
    yield Spec(swapped[::-1], spec.relation)
    for relation in ("on", "next"):
        yield Spec((first, second), relation)
        yield Spec((second, first), relation)


def _dressed(spec: Spec) -> Iterator[Spec]:
    """One object: its accessory in other colours, another accessory, both colours swapped, an accessory added."""
    item = spec.items[0]
    if spec.relation is not None:
        return
    if item.accessory is None:
        family = FAMILIES[item.family]
        for name, (_, place) in ACCESSORIES.items():
            if getattr(family, place) is not None:
                yield from (
                    Spec((replace(item, size=None, accessory=name, accessory_color=c),)) for c in ("red", "blue")
                )
        return
    worn = item.accessory_color or "red"
    yield Spec((replace(item, color=worn, accessory_color=shown_color(item)),))
    for color in COLORS:
        yield Spec((replace(item, accessory_color=color),))
    family = FAMILIES[item.family]
    for name, (_, place) in ACCESSORIES.items():
        if getattr(family, place) is not None:
            yield Spec((replace(item, accessory=name),))


def _new(specs: Iterable[Spec], seen: set[tuple]) -> list[Spec]:
    """Those whose meaning is not in `seen`, which grows."""
    fresh = []
    for spec in specs:
        if (key := meaning(spec)) not in seen:
            seen.add(key)
            fresh.append(spec)
    return fresh


def counterfactuals(spec: Spec) -> dict[str, list[Spec]]:
    """Scenes one change away from `spec`, by the kind of change; all differ in meaning from it and from each other."""
    seen = {meaning(spec)}
    return {
        "arrangement": _new(_rearranged(spec), seen),
        "accessory": _new(_dressed(spec), seen),
        "color": _new(_recolored(spec), seen),
        "family": _new(_rebuilt(spec), seen),
    }


def distractors(spec: Spec, rng: np.random.Generator, count: int = 60) -> list[str]:
    """`count` wrong captions: every counterfactual, though only NEAR families, then random scenes of the same kind."""
    near = counterfactuals(spec)
    families = [near["family"][i] for i in rng.permutation(len(near["family"]))[:NEAR]]
    wrong = [*near["arrangement"], *near["accessory"], *near["color"], *families]
    if len(wrong) > count:
        raise UserError(f"count is {count}, but {len(wrong)} hard distractors exist; ask for at least as many")
    seen = {meaning(spec), *map(meaning, wrong)}
    kind = kind_of(spec)
    while len(wrong) < count:
        other = sample_spec(rng, held_out=bool(rng.random() < 0.3))
        if kind_of(other) == kind:
            wrong += _new([other], seen)
    return [caption(other, rng) for other in wrong]


def retrieval_prompts(count: int = 40, seed: int = 3001) -> list[Prompt]:
    """Held-out scenes, `SHARES` of each kind, in a fixed random order.

    Their meanings differ, as far as they can: there are only so many held-out pairs, so a single object comes again, in
    other words, once every pair has come.
    """
    rng = np.random.default_rng(seed)
    quota = {kind: round(share * count) for kind, share in SHARES.items()}
    quota["single"] += count - sum(quota.values())
    prompts: list[Prompt] = []
    times: Counter[tuple] = Counter()
    singles = 0
    while len(prompts) < count:
        spec = sample_spec(rng, held_out=True)
        kind, key = kind_of(spec), meaning(spec)
        rounds = singles // len(held_out()) if kind == "single" else 0
        if quota[kind] and times[key] <= rounds:
            quota[kind] -= 1
            times[key] += 1
            singles += kind == "single"
            prompts.append(Prompt(spec, caption(spec, rng), kind))
    return prompts
