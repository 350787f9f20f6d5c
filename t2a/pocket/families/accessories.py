"""What objects wear."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from t2a.pocket.families.base import WHITE, Random
from t2a.pocket.shapes import RGB, Part, Vector, ball, box, cone, ring, tube


def hat(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    x, y, z = top
    return [
        tube(r * 1.55, r * 0.22, c, (x, y, z), label="hat"),
        cone(r * 0.95, r * 0.9, r * 1.5, c, (x, y + r * 0.75, z), label="hat"),
    ]


def party_hat(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    x, y, z = top
    return [
        cone(r * 1.05, 0.01, r * 2.4, c, (x, y + r * 0.95, z), label="hat"),
        ball(r * 0.3, WHITE, (x, y + r * 2.2, z), label="hat"),
    ]


def worn_crown(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    x, y, z = top
    tips = [
        cone(
            r * 0.3,
            0.005,
            r * 0.9,
            c,
            (x + r * 0.95 * np.sin(a), y + r * 0.75, z + r * 0.95 * np.cos(a)),
            label="crown",
        )
        for a in np.arange(6) * np.pi / 3
    ]
    return [tube(r * 1.15, r * 0.7, c, (x, y + r * 0.15, z), label="crown"), *tips]


def scarf(rng: Random, c: RGB, neck: Vector, r: float) -> list[Part]:
    x, y, z = neck
    return [
        ring(r, 0.085, c, (x, y, z), label="scarf"),
        box(0.15, 0.36, 0.07, c, (x + r * 0.45, y - 0.2, z + r * 0.95), (-10, 0, 8), label="scarf"),
    ]


ACCESSORIES: dict[str, tuple[Callable[[Random, RGB, Vector, float], list[Part]], str]] = {
    "hat": (hat, "head"),
    "party hat": (party_hat, "head"),
    "crown": (worn_crown, "head"),
    "scarf": (scarf, "neck"),
}
"""Builder, and the place where it is worn."""
