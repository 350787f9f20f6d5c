"""Which words the pocket model has seen, and what is near to the others."""

from __future__ import annotations

import difflib
import re

from t2a.pocket.captions import words

IGNORED = frozenset("and of with in at by very quite render rendering picture photo image model".split())


def unknown_words(prompt: str) -> list[str]:
    """One warning per word of `prompt` that no training caption contained, naming the nearest known words."""
    known = words()
    warnings = []
    for word in dict.fromkeys(re.findall(r"[^\W_]+", prompt.lower())):
        if word in known or word in IGNORED:
            continue
        near = difflib.get_close_matches(word, known, n=3, cutoff=0.5) or difflib.get_close_matches(
            word, known, n=3, cutoff=0.0
        )
        warnings.append(f'the pocket model has never seen the word "{word}"; nearest known words: {", ".join(near)}')
    return warnings
