"""The world's scenes as strangers say them: loose sentences, for a text encoder that has to make sense of any.

The captions of `t2a.pocket.captions` are what pictures are labelled with. These put the same words into other orders
and frames, and words between them that mean nothing; each keeps what belongs together as near as people do.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from t2a.pocket import phrases
from t2a.pocket.captions import Item, Spec, noisy_caption, noun_phrase, plural, with_article
from t2a.pocket.families import FAMILIES
from t2a.pocket.frames import (
    ARRANGED,
    ARTICLES,
    COLORED,
    COUNTED,
    FADED,
    MADE,
    MARKED,
    MARKS,
    NUMBERS,
    OPENINGS,
    PARTED,
    SIDED,
    SIZED,
    SUBSTANCES,
    SURFACES,
    THEMED,
    TOPPED,
    TWICE,
    WORN,
    WORN_COLOR,
    spoken_words,
)  # fmt: skip
from t2a.pocket.glue import GLUE
from t2a.pocket.near import near_names

LOOSE = 0.75
"""Share of an item's words that are said in this module's ways rather than as captions do."""
CAPTIONS = 0.35
"""Share of a training's captions that are loose speech."""
STRANGE = 0.4
"""Share of sentences with words between the others that mean nothing."""


class Speaker:
    """Chooses words and orders."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def one(self, options: Iterable[str]) -> str:
        given = tuple(options)
        return given[int(self.rng.integers(len(given)))]

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def filled(self, options: tuple[str, ...], **words: str) -> str:
        return self.one(options).format(**words)

    def color(self, name: str) -> str:
        return self.one(phrases.COLOR_WORDS[name]) if self.chance(0.25) else name

    def two(self, item: Item) -> str:
        assert item.color and item.second
        first, second = self.color(item.color), self.color(item.second)
        if item.pattern == "spotted":
            return f"{first} with {second}" if self.chance(0.5) else f"{first} and {second}"
        return self.filled(TWICE, c=first, d=second)

    def called(self, noun: str) -> str:
        """A noun phrase with an article, or a word in its place."""
        if noun.split()[0] in ("a", "an", *ARTICLES):
            return noun
        return f"{self.one(ARTICLES)} {noun}".strip() if self.chance(0.4) else with_article(noun)

    def name(self, family: str) -> str:
        return self.one((family, *FAMILIES[family].also)) if self.chance(0.3) else family

    def thing(self, item: Item) -> str:
        """One object, or several alike, and all that is said about it but for what it wears or what is over it."""
        if not self.chance(LOOSE):
            return noun_phrase(item, self.rng)
        noun = plural(self.name(item.family)) if item.count > 1 else self.name(item.family)
        if item.size is not None:
            noun = self.filled(SIZED, k=self.one(phrases.SIZES[item.size]), n=noun)
        said = self._theme(item, noun) or self._surface(item, noun)
        if item.count > 1:
            said = self.filled(COUNTED, m=self.one(NUMBERS[item.count]), n=said)
        elif item.part is not None and item.part_color is not None:
            said = self._part(item, said)
        return said

    def _theme(self, item: Item, noun: str) -> str:
        if item.theme is None:
            return ""
        theme = with_article(item.theme) if self.chance(0.5) else item.theme
        return self.filled(THEMED, a=self.called(noun), n=noun, t=theme)

    def _surface(self, item: Item, noun: str) -> str:
        """The colours, the pattern and the material."""

        def called(noun: str) -> str:
            return noun if item.count > 1 else self.called(noun)

        article = called(noun)
        color = self.color(item.color) if item.color else ""
        if item.pattern == "gradient":
            assert item.color and item.second
            return self.filled(FADED, a=article, c=color, d=self.color(item.second))
        made = item.pattern or item.material
        if item.pattern in MARKS:
            marks = self.one(MARKS[item.pattern])
            if item.second:
                colors = self.two(item)
                if self.chance(0.4):  # the marks alone have the second colour
                    article = called(f"{color} {noun}")
                    marks = f"{self.color(item.second)} {marks.removeprefix('a ')}"
                elif self.chance(0.5):
                    marks = f"{colors} {marks.removeprefix('a ')}"
                else:
                    return f"{self.filled(MARKED, a=article, n=noun, s=marks)}, {colors}"
            elif color:
                article = called(f"{color} {noun}")
            return self.filled(MARKED, a=article, n=noun, s=marks)
        if made in SUBSTANCES:
            substance = self.one(SUBSTANCES[made])
            return self.filled(MADE, a=article, n=noun, s=f"{color} {substance}".strip())
        if item.material:
            noun = f"{self.one(phrases.MATERIAL_WORDS[item.material])} {noun}"
            article = called(noun)
        if not color or (item.part or "").startswith("right "):
            return article
        return self.filled(COLORED, a=article, n=noun, c=color, s=self.one(SURFACES))

    def _part(self, item: Item, said: str) -> str:
        assert item.part is not None and item.part_color is not None
        color, whole = self.color(item.part_color), self.called(said)
        if item.part.startswith("right "):
            own = self.color(item.color or "red")
            return self.filled(SIDED, a=whole, p=item.part.removeprefix("right "), c=own, d=color)
        return self.filled(PARTED, a=whole, p=item.part, c=color)

    def whole(self, item: Item) -> str:
        """An object with what it wears and what is over it."""
        said = self.thing(replace(item, accessory=None, accessory_color=None, topping=None))
        if item.topping is not None:
            return self.filled(TOPPED, a=self.called(said), t=item.topping)
        if item.accessory is None:
            return said
        worn = item.accessory
        if item.accessory_color:
            worn = self.filled(WORN_COLOR, c=self.color(item.accessory_color), n=worn)
        return self.filled(WORN, x=self.called(said), y=worn if self.chance(0.2) else self.called(worn))

    def scene(self, spec: Spec) -> str:
        if spec.relation is None:
            return self.whole(spec.items[0])
        first, second = (self.called(self.whole(item)) for item in spec.items)
        return self.filled(ARRANGED[spec.relation], x=first, y=second)

    def muddled(self, text: str) -> str:
        """With words between the others that mean nothing, and other marks."""
        parts = text.split()
        if self.chance(STRANGE):
            strange = strange_words()
            for _ in range(int(self.rng.integers(1, 4))):
                word = self.one(GLUE) if self.chance(0.7) else self.one(strange)
                parts.insert(int(self.rng.integers(len(parts) + 1)), word)
        if self.chance(0.08):
            at = int(self.rng.integers(len(parts)))
            parts[at] = parts[at].rstrip(",.:;") + self.one((",", " -", ";", ":"))
        return " ".join(parts)


def loose_caption(spec: Spec, rng: np.random.Generator) -> str:
    """A sentence for the scene as strangers might say it."""
    speaker = Speaker(rng)
    return speaker.muddled(speaker.filled(OPENINGS, x=speaker.scene(spec)))


def any_caption(spec: Spec, rng: np.random.Generator, loose: float = CAPTIONS) -> str:
    """A `loose_caption` in that share, else one of the world's own."""
    return loose_caption(spec, rng) if rng.random() < loose else noisy_caption(spec, rng)


@functools.cache
def strange_words() -> tuple[str, ...]:
    """Common English words that mean nothing to the world."""
    return tuple(word for word in near_names() if word not in spoken_words())
