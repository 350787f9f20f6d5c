"""Tools, treasures and props."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import BLACK, COLORS, DARK, GOLD, STEEL, WHITE, WOOD, Family, Random, dim, uniform
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod, tube


def sword(rng: Random, c: RGB) -> list[Part]:
    h = uniform(rng, 1.0, 1.25)
    return [
        box(0.14, h, 0.04, STEEL, (0, 0.45 + h / 2, 0), r=0.01, label="blade"),
        cone(0.07, 0.005, 0.2, STEEL, (0, 0.54 + h, 0), label="blade"),
        box(0.5, 0.1, 0.12, c, (0, 0.43, 0), label="guard"),
        tube(0.055, 0.34, c, (0, 0.24, 0), label="grip"),
        ball(0.09, c, (0, 0.05, 0), label="pommel"),
    ]


def hammer(rng: Random, c: RGB) -> list[Part]:
    h = uniform(rng, 0.9, 1.1)
    return [
        rod((0, 0, 0), (0, h, 0), 0.07, WOOD, 0.06, label="handle"),
        box(0.62, 0.26, 0.26, c, (0, h, 0), r=0.03, label="head"),
    ]


def crown(rng: Random, c: RGB) -> list[Part]:
    n = 8
    tips = []
    for i in range(n):
        a = 2 * np.pi * i / n
        tips += [
            cone(0.13, 0.01, 0.4, c, (0.46 * np.sin(a), 0.5, 0.46 * np.cos(a)), label="tip", group=1),
            ball(
                0.055,
                COLORS["red"] if c != COLORS["red"] else GOLD,
                (0.46 * np.sin(a), 0.72, 0.46 * np.cos(a)),
                label="gem",
                group=1,
            ),
        ]
    return [tube(0.52, 0.34, c, (0, 0.2, 0)), tube(0.43, 0.6, dim(c, 0.7), (0, 0.3, 0), operation=CARVE), *tips]


def star(rng: Random, c: RGB) -> list[Part]:
    arms = []
    for i in range(5):
        a = 2 * np.pi * i / 5
        arms.append(rod((0, 0, 0), (0.72 * np.sin(a), 0.72 * np.cos(a), 0), 0.24, c, 0.02, blend=0.05))
    return [ball(0.26, c, rz=0.2), *arms]


def heart(rng: Random, c: RGB) -> list[Part]:
    t = uniform(rng, 0.2, 0.28)
    lobes = [ball(0.33, c, (s * 0.25, 0.75, 0), rz=t, blend=0.05) for s in (-1, 1)]
    sides = [ball(0.24, c, (s * 0.2, 0.45, 0), ry=0.5, rz=t * 0.85, rot=(0, 0, -s * 38), blend=0.08) for s in (-1, 1)]
    return [*lobes, *sides]


def key(rng: Random, c: RGB) -> list[Part]:
    return [
        ring(0.26, 0.07, c, (0, 1.15, 0), rot=(90, 0, 0)),
        box(0.11, 0.95, 0.09, c, (0, 0.45, 0), r=0.03),
        box(0.26, 0.1, 0.08, c, (0.15, 0.06, 0), r=0.02),
        box(0.2, 0.1, 0.08, c, (0.12, 0.26, 0), r=0.02),
    ]


def clock(rng: Random, c: RGB) -> list[Part]:
    return [
        tube(0.55, 0.24, c, (0, 0.6, 0), (90, 0, 0), r=0.01),
        tube(0.46, 0.05, WHITE, (0, 0.6, 0.11), (90, 0, 0), label="face"),
        box(0.05, 0.32, 0.03, BLACK, (0, 0.74, 0.15), r=0.005, label="hand"),
        box(0.24, 0.05, 0.03, BLACK, (0.1, 0.6, 0.15), r=0.005, label="hand"),
        *[ball(0.1, DARK, (s * 0.3, 0.06, 0), label="foot") for s in (-1, 1)],
        *[ball(0.14, STEEL, (s * 0.3, 1.12, 0), ry=0.1, label="bell") for s in (-1, 1)],
    ]


def gift(rng: Random, c: RGB) -> list[Part]:
    ribbon = GOLD if c != COLORS["yellow"] else COLORS["red"]
    return [
        box(0.9, 0.8, 0.9, c, (0, 0.4, 0), r=0.02),
        box(0.14, 0.83, 0.93, ribbon, (0, 0.4, 0), r=0.01, label="ribbon"),
        box(0.93, 0.83, 0.14, ribbon, (0, 0.4, 0), r=0.01, label="ribbon"),
        *[ring(0.13, 0.05, ribbon, (s * 0.16, 0.9, 0), rot=(90, 0, 0), label="bow") for s in (-1, 1)],
    ]


def traffic_cone(rng: Random, c: RGB) -> list[Part]:
    h = uniform(rng, 0.9, 1.1)
    return [
        cone(0.34, 0.06, h, c, (0, h / 2, 0)),
        box(0.85, 0.08, 0.85, dim(c, 0.8), (0, 0.03, 0), label="base"),
        cone(0.262, 0.185, h * 0.26, WHITE, (0, h * 0.45, 0), label="stripe"),
    ]


def barrel(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.48, c, (0, 0.5, 0), ry=0.85),
        box(2, 0.6, 2, dim(c, 0.8), (0, 1.3, 0), r=0, operation=CARVE),
        box(2, 0.6, 2, dim(c, 0.8), (0, -0.3, 0), r=0, operation=CARVE),
        *[ring(0.465, 0.035, STEEL, (0, y, 0), group=1, label="hoop") for y in (0.25, 0.75)],
    ]


FAMILIES = {
    "sword": Family(sword, "brown"),
    "hammer": Family(hammer, "grey"),
    "crown": Family(crown, "yellow"),
    "star": Family(star, "yellow"),
    "heart": Family(heart, "red"),
    "key": Family(key, "yellow"),
    "clock": Family(clock, "red"),
    "gift box": Family(gift, "red", flat=True),
    "traffic cone": Family(traffic_cone, "orange"),
    "barrel": Family(barrel, "brown", flat=True),
}
