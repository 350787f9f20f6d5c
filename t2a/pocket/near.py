"""Common words that the world does not have, and the names in it that come nearest to them."""

from __future__ import annotations

import functools
from pathlib import Path

NEAR = Path(__file__).with_name("near.txt")
"""Lines of "word: names" (see t2a.pocket.train.near)."""


@functools.cache
def near_names() -> dict[str, list[str]]:
    """Strange words, and the names in the world that come nearest to them."""
    lines = NEAR.read_text(encoding="utf-8").splitlines()
    return {word: names.split(", ") for word, names in (line.split(": ") for line in lines)}
