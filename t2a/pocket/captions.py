"""What a scene of the pocket world contains (`Spec`), and the many sentences that say it."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from t2a.pocket import phrases
from t2a.pocket.families import ACCESSORIES, FAMILIES
from t2a.pocket.families.accessories import TOPPINGS
from t2a.pocket.families.themes import THEMES
from t2a.pocket.glue import GLUE

Relation = Literal["on", "next", "inside", "front"]


@dataclass(frozen=True)
class Item:
    """One object as its caption knows it; None means that the caption does not say."""

    family: str
    color: str | None = None
    size: Literal["small", "large"] | None = None
    pattern: str | None = None
    second: str | None = None
    """The pattern's other colour."""
    material: str | None = None
    theme: str | None = None
    """What a piece of furniture is made in the form of."""
    part: str | None = None
    """The label of a part that has its own colour, `part_color`."""
    part_color: str | None = None
    accessory: str | None = None
    accessory_color: str | None = None
    topping: str | None = None
    count: int = 1


@dataclass(frozen=True)
class Spec:
    """One object, or two in a relation: the first is on top of, inside, in front of or (seen from the front) left of
    the second."""

    items: tuple[Item, ...]
    relation: Relation | None = None


def kind_of(spec: Spec) -> str:
    """What a scene shows beyond one plain object: a key of t2a.pocket.world.SAMPLED."""
    if spec.relation is not None:
        return spec.relation
    item = spec.items[0]
    if item.count > 1:
        return "count"
    for name in ("accessory", "topping", "theme", "part", "pattern", "material"):
        if getattr(item, name) is not None:
            return name
    return "single"


def article(noun: str) -> str:
    spoken = noun.startswith(phrases.SPOKEN_VOWEL) or noun[0] in "aeiou" and not noun.startswith(phrases.SPOKEN_Y)
    return "an" if spoken else "a"


def _joined(text: str, phrase: str) -> str:
    """A phrase after a text; one that begins with a mark needs no space."""
    return text + (phrase if not phrase or phrase[0] in ",." else f" {phrase}")


def with_article(noun: str) -> str:
    return f"{article(noun)} {noun}"


def plural(name: str) -> str:
    """The plural of a family's name: traffic cones, mice, vases of flowers."""
    first, of, rest = name.partition(" of ")
    *before, last = first.split()
    if last in phrases.PLURALS:
        last = phrases.PLURALS[last]
    elif last.endswith(("s", "x", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2] not in "aeiou":
        last = last[:-1] + "ies"
    elif not last.endswith("sheep"):
        last += "s"
    return " ".join([*before, last]) + of + rest


SYMMETRIC = ("striped", "checkered")
"""Patterns that show as much of either colour, so that neither is the first."""


class _Words:
    """Chooses among wordings: at random, or always the first (the plainest) without a generator."""

    def __init__(self, rng: np.random.Generator | None):
        self.rng = rng

    def pick(self, options: tuple[str, ...]) -> str:
        return options[0] if self.rng is None else options[int(self.rng.integers(len(options)))]

    def chance(self, share: float) -> bool:
        return self.rng is not None and self.rng.random() < share

    def color(self, name: str) -> str:
        return self.pick(phrases.COLOR_WORDS[name]) if self.chance(0.2) else name

    def family(self, name: str) -> str:
        also = FAMILIES[name].also
        return self.pick(also) if also and self.chance(0.25) else name

    def shuffled(self, items: list[str]) -> list[str]:
        if self.rng is None or not self.chance(0.3):
            return items
        return [items[i] for i in self.rng.permutation(len(items))]


def _patterned(item: Item, words: _Words) -> tuple[list[str], str]:
    """Adjectives and a phrase after the noun for an item's pattern, one of which is empty."""
    assert item.pattern is not None
    color = words.color(item.color) if item.color else ""
    second = words.color(item.second) if item.second else ""
    if item.pattern == "gradient":
        assert color and second
        if words.chance(0.5):
            return [], words.pick(phrases.FADING).format(a=color, b=second)
        return [f"{color} to {second} gradient"], ""
    adjective, after = (words.pick(options) for options in phrases.PATTERN_WORDS[item.pattern])
    both = f"{color} and {second}" if second else color
    if words.chance(0.4):
        takes_color = after.startswith("with ") and not after.startswith("with a ")
        if second and takes_color and words.chance(0.5):
            return [color], f"with {second} {after.removeprefix('with ')}"
        if second and takes_color and item.pattern in SYMMETRIC:
            return [], f"with {both} {after.removeprefix('with ')}"
        return ([both] if both else []), after
    return [f"{both} {adjective}".strip()], ""


def _phrase(item: Item, words: _Words) -> str:
    """A noun phrase with its article and everything that is said about the item."""
    adjectives: list[str] = []
    after = ""
    if item.size is not None:
        adjectives.append(words.pick(phrases.SIZES[item.size]))
    if item.pattern is not None:
        before, after = _patterned(item, words)
        adjectives += before
    elif item.color and item.count == 1 and words.chance(0.12):
        after = words.pick(phrases.AFTER).format(c=words.color(item.color))
    elif item.color and not (item.part or "").startswith("right "):
        adjectives.append(words.color(item.color))
    if item.material is not None:
        made_of = phrases.MADE_OF.get(item.material)
        if made_of and not after and words.chance(0.25):
            after = f"made of {made_of}"
        else:
            adjectives.append(words.pick(phrases.MATERIAL_WORDS[item.material]))
    name = words.family(item.family)
    if item.theme is not None:
        if words.chance(0.4):
            after = words.pick(phrases.SHAPED).format(t=with_article(item.theme))
        else:
            name = f"{item.theme}{words.pick(('', ' themed', ' shaped')) if words.rng else ''} {name}"
    if words.chance(0.15):
        adjectives.insert(0, words.pick(phrases.PRAISE))
    adjectives = words.shuffled(adjectives)
    if item.count > 1:
        number = words.pick(phrases.NUMBERS[item.count])
        return _joined(" ".join([number, *adjectives, plural(name)]), after)
    first, of, rest = name.partition(" of ")
    if of and item.color and item.color in adjectives and words.chance(0.5):
        # A vase of purple flowers: the colour is that of what there is a vase, or a stack, of.
        adjectives.remove(item.color)
        name = f"{first} of {item.color} {rest}"
    head = " ".join([*adjectives, name])
    if name in phrases.PAIRS:
        text = f"a pair of {head}"
    else:
        text = head if name in phrases.MANY else with_article(head)
    text = _joined(text, after)
    if item.part is not None and item.part_color is not None:
        text = _joined(text, _part(item, words))
    if item.topping is not None:
        text += " " + words.pick(phrases.COVERED).format(t=item.topping)
    if item.accessory is not None:
        worn = " ".join(filter(None, [item.accessory_color and words.color(item.accessory_color), item.accessory]))
        return words.pick(phrases.WEARING).format(x=text, y=with_article(worn))
    return text


def _part(item: Item, words: _Words) -> str:
    assert item.part is not None and item.part_color is not None
    color = words.color(item.part_color)
    if item.part.startswith("right "):
        own = words.color(item.color or "red")
        return words.pick(phrases.LEFT_RIGHT).format(p=item.part.removeprefix("right "), a=own, b=color)
    return words.pick(phrases.WITH_PART).format(p=with_article(f"{color} {item.part}"), n=item.part, c=color)


def noun_phrase(item: Item, rng: np.random.Generator) -> str:
    """One of many phrases for an object and what is said about it, with its article."""
    return _phrase(item, _Words(rng))


def caption(spec: Spec, rng: np.random.Generator | None = None) -> str:
    """A sentence for the scene: the plainest one without a generator, else one of many phrasings."""
    words = _Words(rng)
    if spec.relation is None:
        item = spec.items[0]
        text = _phrase(item, words)
        frame = words.pick(phrases.FRAMES) if words.chance(0.35) else "{x}"
        if words.chance(0.15) and text.startswith(("a ", "an ")) and frame == "{x}":
            text = words.pick(("{n}", "the {n}", "one {n}")).format(n=text.split(" ", 1)[1])
        return frame.format(x=text)
    first, second = spec.items
    x, y = _phrase(first, words), _phrase(second, words)
    text = words.pick(phrases.RELATIONS[spec.relation]).format(x=x, y=y)
    if spec.relation == "on" and first.color and second.color and words.chance(0.12):
        text += words.pick(phrases.ON_HINTS).format(a=first.color, b=second.color)
    elif words.chance(0.12):
        text = words.pick(phrases.FRAMES).format(x=text)
    return text


NOISY = 0.25
"""Share of training captions with words in them that say nothing."""


def noisy_caption(spec: Spec, rng: np.random.Generator) -> str:
    """A caption to train on, some with common words or nonsense sprinkled over them, as strangers do."""
    parts = caption(spec, rng).split()
    if rng.random() < NOISY:
        for _ in range(int(rng.integers(1, 7))):
            word = GLUE[int(rng.integers(len(GLUE)))]
            if rng.random() < 0.1:
                word = "".join(chr(97 + int(i)) for i in rng.integers(26, size=int(rng.integers(3, 8))))
            parts.insert(int(rng.integers(len(parts) + 1)), word)
    return " ".join(parts)


@functools.cache
def words() -> list[str]:
    """Every word that says something in captions, sorted."""
    names = [name for family, record in FAMILIES.items() for name in (family, *record.also)]
    counted = [plural(name) for name in names if name not in (*phrases.PAIRS, *phrases.MANY)]
    parts = [label for family in FAMILIES.values() for label in family.paintable]
    text = " ".join([*phrases.every_phrase(), *names, *counted, *parts, *ACCESSORIES, *TOPPINGS, *THEMES, "a an"])
    for mark in "{x} {y} {p} {n} {a} {b} {c} {t}".split():
        text = text.replace(mark, " ")
    return sorted(set(re.findall(r"[a-z0-9]+", text)))
