"""What objects wear, and what is poured over them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from t2a.pocket.families.base import COLORS, WHITE, Random, dim, light, uniform
from t2a.pocket.shapes import CARVE, RGB, Part, Vector, ball, box, cone, ring, rod, transform, tube


def _at(parts: list[Part], place: Vector, r: float) -> list[Part]:
    """Parts made for a head of radius 1 with its top at the origin, put in place."""
    return transform(parts, r, place)


def hat(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    h = uniform(rng, 1.3, 1.7)
    band = dim(c, 0.45) if sum(c) > 0.6 else COLORS["red"]
    parts = [
        tube(1.6, 0.24, c, (0, 0, 0), r=0.03, label="hat"),
        cone(0.92, 1.02, h, c, (0, h / 2, 0), r=0.03, label="hat"),
        tube(1.02, 0.38, band, (0, 0.28, 0), label="hat band"),
    ]
    return _at(parts, top, r)


def party_hat(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    h = uniform(rng, 2.2, 2.7)
    dots = light(c, 0.65) if sum(c) < 2.4 else COLORS["red"]
    spots = [(0.18, 0.0), (0.18, 2.1), (0.18, 4.2), (0.46, 1.05), (0.46, 3.15), (0.46, 5.25)]
    parts = [
        cone(1.0, 0.05, h, c, (0, h / 2 - 0.25, 0), label="hat"),
        ball(0.36, dots, (0, h - 0.2, 0), label="pompom"),
        *[
            ball(0.2, dots, ((0.96 - t) * np.sin(a), h * t - 0.1, (0.96 - t) * np.cos(a)), label="dot")
            for t, a in spots
        ],
    ]
    return _at(parts, top, r)


def worn_crown(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    n = int(rng.integers(5, 7))
    gem = COLORS["red"] if c not in (COLORS["red"], COLORS["pink"], COLORS["orange"]) else COLORS["blue"]
    spots = [(1.08 * np.sin(a), 1.08 * np.cos(a)) for a in 2 * np.pi * np.arange(n) / n]
    parts = [
        cone(1.12, 1.26, 0.75, c, (0, 0.2, 0), label="crown"),
        cone(0.9, 1.02, 0.6, dim(c, 0.6), (0, 0.5, 0), operation=CARVE, label="crown"),
        *[cone(0.36, 0.03, 0.95, c, (x, 0.95, z), label="crown", group=1) for x, z in spots],
        *[ball(0.2, gem, (x, 1.4, z), label="gem", group=1) for x, z in spots],
        *[ball(0.19, gem, (x * 1.1, 0.18, z * 1.1), label="gem", group=1) for x, z in spots],
    ]
    return _at(parts, top, r)


def santa_hat(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    side = 1 if rng.random() < 0.5 else -1
    fur = WHITE if c != WHITE else COLORS["red"]
    parts = [
        ring(0.98, 0.3, fur, (0, 0, 0), label="fur"),
        cone(1.02, 0.66, 1.0, c, (0, 0.5, 0), label="hat"),
        ball(0.66, c, (0, 1.02, 0), blend=0.1, label="hat"),
        rod((0, 1.15, 0), (side * 0.75, 1.5, 0), 0.56, c, 0.36, blend=0.1, label="hat"),
        ball(0.36, c, (side * 0.75, 1.5, 0), blend=0.1, label="hat"),
        rod((side * 0.75, 1.5, 0), (side * 1.35, 0.95, 0), 0.34, c, 0.16, blend=0.1, label="hat"),
        ball(0.4, fur, (side * 1.42, 0.75, 0), label="pompom"),
    ]
    return _at(parts, top, r)


def wizard_hat(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    h, lean = uniform(rng, 2.2, 2.7), uniform(rng, -0.35, 0.35)
    star = COLORS["yellow"] if c not in (COLORS["yellow"], COLORS["orange"], WHITE) else COLORS["purple"]
    spots = [(0.3, 0.2), (0.52, 1.7), (0.3, 2.8), (0.52, 4.4), (0.3, 5.0)]
    parts = [
        cone(1.9, 1.0, 0.26, c, (0, 0.05, 0), r=0.03, label="hat"),
        rod((0, 0, 0), (0, h * 0.62, 0), 1.02, c, 0.44, label="hat"),
        rod((0, h * 0.6, 0), (lean, h, -0.1), 0.46, c, 0.04, label="hat"),
        tube(1.0, 0.26, star, (0, 0.24, 0), label="hat band"),
        *[ball(0.17, star, ((1.02 - t) * np.sin(a), h * t, (1.02 - t) * np.cos(a)), label="star") for t, a in spots],
    ]
    return _at(parts, top, r)


def cowboy_hat(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    h = uniform(rng, 0.95, 1.2)
    band = dim(c, 0.4) if sum(c) > 0.6 else COLORS["red"]
    parts = [
        ball(1.35, c, (0, 0.02, 0), ry=0.15, rz=1.75, label="hat"),
        *[ball(0.72, c, (s * 1.25, 0.34, 0), ry=0.15, rz=1.4, rot=(0, 0, s * 42), label="hat") for s in (-1, 1)],
        cone(0.98, 0.8, h, c, (0, h / 2, 0), label="hat"),
        *[ball(0.44, c, (s * 0.38, h, -0.05), ry=0.34, rz=0.82, label="hat") for s in (-1, 1)],
        tube(1.0, 0.26, band, (0, 0.24, 0), label="hat band"),
    ]
    return _at(parts, top, r)


def scarf(rng: Random, c: RGB, neck: Vector, r: float) -> list[Part]:
    side = 1 if rng.random() < 0.5 else -1
    stripe = light(c, 0.6) if sum(c) < 2.4 else COLORS["red"]
    parts = [
        ring(1.02, 0.3, c, (0, 0, 0), stretch=0.1, label="scarf"),
        box(0.52, 1.3, 0.3, c, (side * 0.5, -0.75, 1.12), (-8, 0, side * 8), r=0.1, label="scarf"),
        box(0.56, 0.26, 0.34, stripe, (side * 0.57, -1.2, 1.18), (-8, 0, side * 8), r=0.06, label="stripe"),
        ball(0.36, c, (side * 0.45, -0.08, 1.16), label="scarf"),
    ]
    return _at(parts, neck, r)


def bow_tie(rng: Random, c: RGB, neck: Vector, r: float) -> list[Part]:
    w = uniform(rng, 0.9, 1.15)
    knot = dim(c, 0.6) if sum(c) > 0.6 else COLORS["red"]
    parts = [
        ring(1.0, 0.14, knot, (0, 0, 0), label="ribbon"),
        *[rod((s * 0.05, -0.1, 1.2), (s * w, -0.1, 1.2), 0.16, c, 0.56, label="bow tie") for s in (-1, 1)],
        ball(0.3, knot, (0, -0.1, 1.28), label="knot"),
    ]
    return _at(parts, neck, r)


ACCESSORIES: dict[str, tuple[Callable[[Random, RGB, Vector, float], list[Part]], str]] = {
    "hat": (hat, "head"),
    "party hat": (party_hat, "head"),
    "crown": (worn_crown, "head"),
    "santa hat": (santa_hat, "head"),
    "wizard hat": (wizard_hat, "head"),
    "cowboy hat": (cowboy_hat, "head"),
    "scarf": (scarf, "neck"),
    "bow tie": (bow_tie, "neck"),
}
"""Builder, and the place where it is worn."""


def _poured(color: RGB, long: float, label: str) -> Callable[[Random, Vector, float], list[Part]]:
    """A flat sheet over the top with drips of up to `long` radii running down over the edge."""

    def build(rng: Random, top: Vector, r: float) -> list[Part]:
        n, first = int(rng.integers(5, 8)), uniform(rng, 0, 1)
        drips = []
        for i in range(n):
            a, length = 2 * np.pi * (i + first) / n, long * uniform(rng, 0.5, 1.0)
            x, z = np.sin(a), np.cos(a)
            start, end = (0.88 * x, 0.0, 0.88 * z), (1.03 * x, -length, 1.03 * z)
            drips += [
                rod(start, end, 0.15, color, 0.17, blend=0.1, label=label),
                ball(0.18, color, end, ry=0.22, label=label),
            ]
        return _at([ball(1.06, color, (0, 0, 0), ry=0.34, label=label), *drips], top, r)

    return build


def _swirl(rng: Random, top: Vector, r: float) -> list[Part]:
    cream, shade, n = WHITE, (0.86, 0.84, 0.80), 6
    puffs = [(np.sin(a), np.cos(a)) for a in 2 * np.pi * (np.arange(n) + uniform(rng, 0, 1)) / n]
    parts = [
        ball(0.95, shade, (0, 0, 0), ry=0.24, label="cream"),
        *[ball(0.4, cream, (0.7 * x, 0.08, 0.7 * z), ry=0.32, label="cream") for x, z in puffs],
        *[
            ring(s, 0.24, v, (0, y, 0), (6, 0, 6), label="cream")
            for s, y, v in ((0.5, 0.34, cream), (0.3, 0.62, shade))
        ],
        cone(0.4, 0.03, 0.66, cream, (0, 0.86, 0), label="cream"),
        *[ball(0.2, cream, (1.0 * x, -0.2, 1.0 * z), ry=0.28, label="cream") for x, z in puffs[::2]],
    ]
    return _at(parts, top, r)


TOPPINGS: dict[str, Callable[[Random, Vector, float], list[Part]]] = {
    "maple syrup": _poured((0.66, 0.33, 0.05), 0.75, "syrup"),
    "chocolate": _poured((0.24, 0.12, 0.06), 0.6, "chocolate"),
    "honey": _poured((0.98, 0.70, 0.10), 0.9, "honey"),
    "whipped cream": _swirl,
    "snow": _poured((0.97, 0.98, 1.0), 0.25, "snow"),
}
"""What covers the top of an object and runs down over its edge; each has a colour of its own."""
