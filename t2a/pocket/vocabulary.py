"""Which words the pocket model has seen, and what is near to the others."""

from __future__ import annotations

import difflib
import functools
import re
from pathlib import Path

from t2a.pocket import path
from t2a.pocket.glue import GLUE

WORDS = "words.txt"
"""Beside a pocket model's weights: the words of its captions, which the world may have outgrown since."""
IGNORED = frozenset((*GLUE, *"and of with in at by very quite render rendering picture photo image model".split()))


@functools.cache
def known_words(folder: Path | None = None) -> frozenset[str]:
    """The words that mean something to the model in `folder` (by default the package's own)."""
    return frozenset(((folder or path()) / WORDS).read_text(encoding="utf-8").split())


def unknown_words(prompt: str) -> list[str]:
    """One warning per word of `prompt` that means nothing to the model, naming the nearest words that do."""
    known = known_words()
    warnings = []
    for word in dict.fromkeys(re.findall(r"[^\W_]+", prompt.lower())):
        if word in known or word in IGNORED:
            continue
        near = difflib.get_close_matches(word, sorted(known), n=3, cutoff=0.5) or difflib.get_close_matches(
            word, sorted(known), n=3, cutoff=0.0
        )
        warnings.append(f'the pocket model has never seen the word "{word}"; nearest known words: {", ".join(near)}')
    return warnings
