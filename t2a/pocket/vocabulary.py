"""Which words the pocket model has seen, and what is near to the others."""

from __future__ import annotations

import difflib
import functools
import re

from t2a.pocket import path
from t2a.pocket.frames import spoken_words
from t2a.pocket.glue import GLUE
from t2a.pocket.instructions import instruction_words
from t2a.pocket.near import near_names

WORDS = "words.txt"
"""Beside a pocket model's weights: the words of its captions, which the world may have outgrown since."""
IGNORED = frozenset(
    (
        *GLUE,
        *spoken_words(),
        *instruction_words(),
        *"and of with in at by very quite render rendering picture photo image model".split(),
    )
)


@functools.cache
def known_words() -> frozenset[str]:
    """The words that mean something to the package's model."""
    return frozenset((path() / WORDS).read_text(encoding="utf-8").split())


def nearest(word: str) -> list[str]:
    """Up to three things that the model knows: the nearest in meaning, or else in spelling."""
    known = known_words()
    alike = [name for name in near_names().get(word, []) if set(name.split()) <= known]
    return alike or difflib.get_close_matches(word, sorted(known), n=3, cutoff=0.5)


def unknown_words(prompt: str) -> list[str]:
    """One warning per word of `prompt` that means nothing to the model, naming the nearest things that do."""
    warnings = []
    for word in dict.fromkeys(re.findall(r"[^\W_]+", prompt.lower())):
        if word in known_words() or word in IGNORED:
            continue
        near = nearest(word)
        hint = f"nearest to it: {', '.join(near)}" if near else "`t2a world --sheet world.png` shows what it knows"
        warnings.append(f'the pocket model has never seen the word "{word}"; {hint}')
    return warnings
