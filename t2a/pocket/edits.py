"""Instructions in the pocket world: a scene, what is to be done to it, and the scene that comes out.

Both are built from the same random numbers and in the same frame, so that what the instruction leaves alone stays where
it is, pixel by pixel. Pairs that only one side of the world's split knows stay on that side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from t2a.pocket import phrases
from t2a.pocket.captions import Item, Spec, with_article
from t2a.pocket.counterfactuals import meaning
from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.families.accessories import TOPPINGS
from t2a.pocket.families.themes import KINDS as THEMED
from t2a.pocket.families.themes import THEMES
from t2a.pocket.frames import MARKS, SUBSTANCES
from t2a.pocket.instructions import DRESS, MARK, POUR, RECOLOR, REDRESS, REMAKE, REPAINT, REPLACE, UNDRESS
from t2a.pocket.patterns import PATTERNS
from t2a.pocket.shapes import pack
from t2a.pocket.speech import Speaker
from t2a.pocket.world import TWO_COLORED, assemble, is_held_out, sample_kind, shown_color, wears

SHARES = {
    "color": 0.26,
    "pattern": 0.14,
    "substance": 0.06,
    "accessory": 0.18,
    "bare": 0.05,
    "worn color": 0.06,
    "topping": 0.06,
    "family": 0.13,
    "part": 0.06,
}
"""How often each kind of instruction is given."""
KEEPS_SHAPE = ("color", "pattern", "substance", "worn color", "part")
"""Kinds that change colours alone."""


@dataclass(frozen=True)
class Edit:
    """An instruction, and what it makes of a scene."""

    kind: str
    source: Spec
    target: Spec
    instruction: str


class _Words(Speaker):
    def it(self, item: Item) -> str:
        """What stands for the object."""
        return "it" if self.chance(0.55) else f"the {self.one((item.family, *FAMILIES[item.family].also))}"


Change = Callable[[Item, _Words], tuple[Item, str] | None]
"""An item's new self and the instruction for it; None where it has nothing to change."""


def _recolored(item: Item, words: _Words) -> tuple[Item, str] | None:
    if item.pattern == "rainbow" or item.theme is not None:
        return None
    color = words.one(c for c in COLORS if c not in (shown_color(item), item.second, item.part_color))
    return replace(item, color=color), words.filled(RECOLOR, n=words.it(item), c=words.color(color))


def _marked(item: Item, words: _Words) -> tuple[Item, str] | None:
    if item.pattern or item.material or item.theme or item.part:
        return None
    pattern = words.one(MARKS)
    color = shown_color(item) if shown_color(item) in COLORS else None
    second = None
    marks, kind = words.one(MARKS[pattern]), words.one(phrases.PATTERN_WORDS[pattern][0])
    if pattern in TWO_COLORED:
        if color is None:
            return None
        second = words.one(c for c in COLORS if c != color)
        marks, kind = f"{words.color(second)} {marks.removeprefix('a ')}", f"{kind} with {second}"
    elif pattern == "rainbow":
        color = None
    changed = replace(item, pattern=pattern, color=color, second=second)
    return changed, words.filled(MARK, n=words.it(item), s=marks, k=kind)


def _remade(item: Item, words: _Words) -> tuple[Item, str] | None:
    if item.pattern or item.material or item.theme or item.part:
        return None
    substance = words.one(s for s in SUBSTANCES if s in PATTERNS)
    kind = words.one(phrases.PATTERN_WORDS[substance][0])
    made = replace(item, pattern=substance, color=None)
    return made, words.filled(REMAKE, n=words.it(item), s=words.one(SUBSTANCES[substance]), k=kind)


def _dressed(item: Item, words: _Words) -> tuple[Item, str] | None:
    worn = [name for name in ACCESSORIES if wears(FAMILIES[item.family], name)]
    if item.accessory or item.topping or not worn:
        return None
    accessory, color = words.one(worn), words.one(COLORS) if words.chance(0.75) else None
    said = with_article(f"{words.color(color)} {accessory}" if color else accessory)
    changed = replace(item, accessory=accessory, accessory_color=color)
    return changed, words.filled(DRESS, n=words.it(item), a=said)


def _undressed(item: Item, words: _Words) -> tuple[Item, str] | None:
    if item.accessory is None:
        return None
    return replace(item, accessory=None, accessory_color=None), words.filled(UNDRESS, a=item.accessory)


def _redressed(item: Item, words: _Words) -> tuple[Item, str] | None:
    if item.accessory is None:
        return None
    color = words.one(c for c in COLORS if c != (item.accessory_color or "red"))
    return replace(item, accessory_color=color), words.filled(REDRESS, a=item.accessory, c=words.color(color))


def _poured(item: Item, words: _Words) -> tuple[Item, str] | None:
    if item.topping or item.accessory or FAMILIES[item.family].top is None:
        return None
    topping = words.one(TOPPINGS)
    return replace(item, topping=topping), words.filled(POUR, n=words.it(item), s=topping)


def _replaced(item: Item, words: _Words) -> tuple[Item, str] | None:
    if item.accessory or item.part or item.topping or item.pattern or item.material:
        return None
    color = words.one(COLORS) if words.chance(0.5) else None
    if words.chance(0.1):
        family, theme = words.one(THEMED), words.one(THEMES)
        return Item(family, theme=theme), words.filled(REPLACE, n=words.it(item), a=with_article(f"{theme} {family}"))
    family = words.one(f for f in FAMILIES if f != item.family)
    said = with_article(f"{words.color(color)} {family}" if color else family)
    return Item(family, color), words.filled(REPLACE, n=words.it(item), a=said)


def _repainted(item: Item, words: _Words) -> tuple[Item, str] | None:
    parts = FAMILIES[item.family].paintable
    if item.part or item.pattern or item.material or item.theme or not parts:
        return None
    part, color = words.one(parts), words.one(c for c in COLORS if c != shown_color(item))
    if part.startswith("right "):
        return None
    changed = replace(item, part=part, part_color=color)
    return changed, words.filled(REPAINT, n=words.it(item), a=part, c=words.color(color))


CHANGES: dict[str, Change] = {
    "color": _recolored,
    "pattern": _marked,
    "substance": _remade,
    "accessory": _dressed,
    "bare": _undressed,
    "worn color": _redressed,
    "topping": _poured,
    "family": _replaced,
    "part": _repainted,
}
OLD = ("bare", "worn color")
"""Kinds that bring no new pair of an attribute and a family."""
FROM = {"bare": ("accessory",), "worn color": ("accessory",), "color": ("single", "single", "accessory", "pattern")}
"""Kinds of scenes that an instruction starts from; the others start from single objects."""


def sample_edit(rng: np.random.Generator, held_out: bool = False) -> Edit:
    """A random instruction whose outcome lies on the trained or on the held-out side of the split; what it starts from
    lies on the trained one, and so does what comes of OLD kinds."""
    words = _Words(rng)
    kinds = [kind for kind in SHARES if not (held_out and kind in OLD)]
    shares = np.array([SHARES[kind] for kind in kinds])
    kind = kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]
    while True:
        source = sample_kind(rng, words.one(FROM.get(kind, ("single",))))
        item = replace(source.items[0], size=None)
        source = Spec((item,))
        changed = CHANGES[kind](item, words)
        if changed is None:
            continue
        target = Spec((changed[0],))
        if meaning(target) != meaning(source) and is_held_out(target) == held_out:
            return Edit(kind, source, target, changed[1])


@dataclass(frozen=True)
class EditedScene:
    """The tables of both scenes' primitives, in one frame."""

    source: np.ndarray
    target: np.ndarray


def edited_scene(edit: Edit, seed: int, index: int = 0) -> EditedScene:
    """Number `index` of a seed. What is worn or poured finds its place free in the scene that lacks it."""
    numbers = [seed, index, 3]

    def table(spec: Spec, bare: bool = False) -> np.ndarray:
        return pack(assemble(spec, np.random.default_rng(numbers), bare), {})

    if edit.kind in ("accessory", "topping"):
        return EditedScene(table(edit.target, bare=True), table(edit.target))
    if edit.kind == "bare":
        return EditedScene(table(edit.source), table(edit.source, bare=True))
    return EditedScene(table(edit.source), table(edit.target))
