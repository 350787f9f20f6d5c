"""What all families share: named colours, the record of a family, and small helpers for builders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from t2a.pocket.shapes import RGB, Part, Vector, ball

COLORS: dict[str, RGB] = {
    "red": (0.86, 0.10, 0.10),
    "orange": (0.97, 0.52, 0.08),
    "yellow": (0.98, 0.85, 0.12),
    "green": (0.14, 0.62, 0.18),
    "turquoise": (0.15, 0.78, 0.75),
    "blue": (0.12, 0.26, 0.85),
    "purple": (0.52, 0.16, 0.70),
    "pink": (0.98, 0.52, 0.72),
    "brown": (0.43, 0.24, 0.11),
    "white": (0.97, 0.97, 0.97),
    "grey": (0.48, 0.48, 0.50),
    "black": (0.07, 0.07, 0.08),
}
WOOD, DARK, STEEL, SKIN, CREAM, GLASS, LEAF, GOLD = (
    (0.50, 0.31, 0.16),
    (0.10, 0.10, 0.11),
    (0.62, 0.64, 0.68),
    (0.93, 0.74, 0.60),
    (0.95, 0.90, 0.78),
    (0.62, 0.80, 0.90),
    (0.16, 0.50, 0.17),
    (0.93, 0.74, 0.18),
)
WHITE, BLACK = COLORS["white"], COLORS["black"]

Random = np.random.Generator
Builder = Callable[[Random, RGB], list[Part]]
Place = tuple[Vector, float]
"""A point in the builder's own units, and a radius around it."""


@dataclass(frozen=True)
class Family:
    build: Builder
    color: str
    """The colour it has when the caption names none."""
    also: tuple[str, ...] = ()
    """Other names for it."""
    head: Place | None = None
    """Where a hat sits, and how wide the head is there."""
    neck: Place | None = None
    top: Place | None = None
    """Middle and radius of the upper side that syrup or snow would cover."""
    hollow: Place | None = None
    """Middle of the floor inside and the inner radius; what lies there must be seen above the rim."""
    flat: bool = False
    """Whether other objects can stand on it."""
    paintable: tuple[str, ...] = ()
    """Labels of large parts that a caption may give a colour of their own: a house with a red roof."""


def uniform(rng: Random, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def dim(c: RGB, f: float = 0.6) -> RGB:
    return (c[0] * f, c[1] * f, c[2] * f)


def light(c: RGB, f: float = 0.5) -> RGB:
    return (c[0] + (1 - c[0]) * f, c[1] + (1 - c[1]) * f, c[2] + (1 - c[2]) * f)


def is_dark(c: RGB) -> bool:
    """Whether black eyes would not be seen on it."""
    return sum(c) < 0.4


def eyes(y: float, z: float, gap: float, r: float, white: bool = False) -> list[Part]:
    eyes = [ball(r, BLACK, (s * gap, y, z), label="eye") for s in (-1, 1)]
    return [ball(r * 1.6, WHITE, (s * gap, y, z - r * 0.8), label="eye") for s in (-1, 1)] + eyes if white else eyes
