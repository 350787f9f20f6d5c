"""Animals of the farm."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.animals import dark, legs
from t2a.pocket.families.base import (
    BLACK,
    COLORS,
    CREAM,
    DARK,
    WHITE,
    Family,
    Random,
    dim,
    eyes,
    is_dark,
    light,
    uniform,
)
from t2a.pocket.shapes import RGB, Part, ball, box, cone, ring, rod, tube

HORSE_HEAD, HORSE_NECK = ((0, 1.5, 0.68), 0.14), ((0, 1.06, 0.46), 0.26)


def steed(rng: Random, c: RGB, hoof: RGB, mane: list[RGB], tail: list[RGB]) -> list[Part]:
    """A horse whose mane and tail run through the given colours from the top down."""
    d, low, w = uniform(rng, 0.5, 0.6), uniform(rng, -0.1, 0.1), uniform(rng, 0.24, 0.28)
    back = 0.52 - 2 * d
    locks = [(1.5, 0.5), (1.36, 0.38), (1.22, 0.29), (1.08, 0.21), (0.98, 0.1)]
    hair = [
        ball(0.1, color, (0, y, z), ry=0.15, rz=0.13, rot=(30, 0, 0), label="mane")
        for (y, z), color in zip(locks, mane, strict=True)
    ]
    n = len(tail)
    drops = [
        ball(0.12, color, (0, 0.86 - 0.42 * i / n, back - 0.06 - 0.14 * i / n), ry=0.22, rz=0.13, label="tail")
        for i, color in enumerate(tail)
    ]
    return [
        ball(w, c, (0, 0.8, 0.52 - d), ry=0.28, rz=d, blend=0.04),
        rod((0, 0.86, 0.3), (0, 1.38, 0.58), 0.23, c, 0.15, blend=0.06, label="neck"),
        ball(0.18, c, (0, 1.4, 0.64), ry=0.17, blend=0.05, label="head"),
        rod((0, 1.4, 0.66), (0, 1.2, 0.98), 0.15, c, 0.11, blend=0.04, label="head"),
        ball(0.14, light(c, 0.4) if c != WHITE else dim(WHITE, 0.75), (0, 1.18, 1.0), ry=0.13, label="snout"),
        *[ball(0.045, BLACK if c != BLACK else WHITE, (s * 0.15, 1.42, 0.76), label="eye") for s in (-1, 1)],
        *[cone(0.07, 0.02, 0.2, c, (s * 0.11, 1.6, 0.58), (0, 0, -s * 10), label="ear") for s in (-1, 1)],
        *hair,
        *drops,
        *legs(c, 0.15, 0.3, back + 0.2, low, 0.76, 0.09, hoof),
    ]


def horse(rng: Random, c: RGB) -> list[Part]:
    hair = (DARK, CREAM)[int(rng.integers(2))] if c not in (BLACK, WHITE) else CREAM if c == BLACK else DARK
    hoof = DARK if c != BLACK else COLORS["grey"]
    return steed(rng, c, hoof, [hair] * 5, [hair] * 2)


def cow(rng: Random, c: RGB) -> list[Part]:
    d, low, h = uniform(rng, 0.95, 1.15), uniform(rng, -0.06, 0.08), uniform(rng, 0.16, 0.24)
    back, spot = 0.5 - d, dark(c) if c == WHITE else WHITE
    pink = COLORS["pink"] if c != COLORS["pink"] else light(c, 0.6)
    patches = [(1, 0.72, 0.18, 0.2), (1, 0.62, back + 0.26, 0.19), (-1, 0.66, 0.0, 0.22), (-1, 0.76, back + 0.2, 0.15)]
    k = 1 if rng.random() < 0.5 else -1
    return [
        box(0.54, 0.54, d, c, (0, 0.66, 0.5 - d / 2), r=0.2),
        *[ball(0.1, spot, (k * s * 0.21, y, z), ry=r * 0.95, rz=r, label="spot") for s, y, z, r in patches],
        ball(0.2, spot, (0.1 * k, 0.88, -0.06), ry=0.09, rz=0.18, label="spot"),
        box(0.38, 0.42, 0.36, c, (0, 0.98, 0.6), (-12, 0, 0), r=0.14, label="head"),
        ball(0.22, pink, (0, 0.84, 0.76), ry=0.14, rz=0.16, label="snout"),
        *[ball(0.04, dim(pink, 0.55), (s * 0.09, 0.87, 0.9), label="nostril") for s in (-1, 1)],
        *eyes(1.07, 0.75, 0.11, 0.045, white=is_dark(c)),
        *[ball(0.15, c, (s * 0.3, 1.05, 0.52), ry=0.07, rz=0.08, rot=(0, 0, -s * 20), label="ear") for s in (-1, 1)],
        *[rod((s * 0.12, 1.12, 0.54), (s * 0.24, 1.16 + h, 0.54), 0.07, CREAM, 0.03, label="horn") for s in (-1, 1)],
        *legs(c, 0.18, 0.34, back + 0.17, low, 0.5, 0.095, DARK if c != BLACK else COLORS["grey"]),
        ball(0.16, pink, (0, 0.37, back + 0.34), ry=0.13, label="udder"),
        rod((0, 0.84, back + 0.04), (0, 0.48, back - 0.12), 0.05, c, label="tail"),
        ball(0.085, spot, (0, 0.42, back - 0.13), ry=0.13, label="tail"),
    ]


def pig(rng: Random, c: RGB) -> list[Part]:
    d, w, low = uniform(rng, 0.44, 0.54), uniform(rng, 0.33, 0.39), uniform(rng, -0.04, 0.08)
    back, nose = 0.42 - 2 * d, light(c, 0.35) if c != WHITE else COLORS["pink"]
    return [
        ball(w, c, (0, 0.5, 0.42 - d), ry=0.35, rz=d, blend=0.04),
        ball(0.29, c, (0, 0.6, 0.4), blend=0.06, label="head"),
        tube(0.15, 0.2, nose, (0, 0.56, 0.68), (90, 0, 0), r=0.02, label="snout"),
        *[ball(0.04, dim(nose, 0.45), (s * 0.06, 0.57, 0.79), ry=0.055, label="nostril") for s in (-1, 1)],
        *eyes(0.72, 0.61, 0.15, 0.045, white=is_dark(c)),
        *[cone(0.12, 0.02, 0.24, dim(c, 0.8), (s * 0.2, 0.87, 0.42), (25, 0, -s * 22), label="ear") for s in (-1, 1)],
        *legs(c, 0.18, 0.2, back + 0.26, low, 0.42, 0.1, dim(c, 0.6)),
        ring(0.095, 0.045, dim(c, 0.8), (0, 0.6, back - 0.06), (0, 0, 90), label="tail"),
        rod((0, 0.68, back - 0.08), (0, 0.8, back - 0.2), 0.045, dim(c, 0.8), label="tail"),
    ]


def sheep(rng: Random, c: RGB) -> list[Part]:
    d, low, r = uniform(rng, 0.36, 0.46), uniform(rng, -0.04, 0.08), uniform(rng, 0.2, 0.24)
    skin = dark(c) if c == WHITE or rng.random() < 0.5 else CREAM
    skin = CREAM if c == BLACK else skin
    middle = 0.3 - d
    wool = [
        ball(r, c, (0.28 * np.cos(a), 0.62 + 0.22 * np.sin(a), middle + z * d), label="wool")
        for z, turn in ((-0.85, 0), (0, np.pi / 5), (0.85, 0))
        for a in np.arange(5) * 2 * np.pi / 5 + turn + np.pi / 2
    ]
    return [
        ball(0.38, c, (0, 0.62, middle), ry=0.34, rz=d + 0.12, label="wool"),
        *wool,
        ball(0.2, skin, (0, 0.82, 0.62), ry=0.24, rz=0.22, rot=(-20, 0, 0), label="head"),
        *[ball(0.13, c, p, label="wool") for p in ((0, 1.02, 0.54), (0.12, 0.97, 0.5), (-0.12, 0.97, 0.5))],
        *[ball(0.065, WHITE, (s * 0.1, 0.88, 0.79), label="eye") for s in (-1, 1)],
        *[ball(0.04, BLACK, (s * 0.1, 0.88, 0.84), label="eye") for s in (-1, 1)],
        *[
            ball(0.15, skin, (s * 0.27, 0.86, 0.56), ry=0.065, rz=0.09, rot=(0, 0, -s * 25), label="ear")
            for s in (-1, 1)
        ],
        *legs(skin, 0.18, 0.2, middle - d * 0.6, low, 0.5, 0.085),
        ball(0.12, c, (0, 0.66, middle - d - 0.2), label="tail"),
    ]


def chicken(rng: Random, c: RGB) -> list[Part]:
    w, t, low = uniform(rng, 0.29, 0.35), uniform(rng, 0.28, 0.38), uniform(rng, -0.08, 0.04)
    red = COLORS["red"] if c != COLORS["red"] else COLORS["purple"]
    beak = COLORS["orange"] if c not in (COLORS["orange"], COLORS["yellow"]) else CREAM
    wing = dim(c, 0.75)
    return [
        ball(w, c, (0, 0.48, -0.04), ry=0.32, rz=0.4),
        rod((0, 0.5, 0.14), (0, 0.96, 0.28), 0.27, c, 0.17, blend=0.06, label="neck"),
        ball(0.19, c, (0, 0.98, 0.29), blend=0.04, label="head"),
        *[
            ball(0.07, red, (0, y, z), ry=0.1, rz=0.085, label="comb")
            for y, z in ((1.17, 0.36), (1.2, 0.26), (1.15, 0.16))
        ],
        cone(0.085, 0.015, 0.22, beak, (0, 0.96, 0.54), (95, 0, 0), label="beak"),
        ball(0.065, red, (0, 0.82, 0.48), ry=0.1, label="wattle"),
        *eyes(1.04, 0.42, 0.11, 0.04, white=is_dark(c)),
        *[
            ball(0.08, wing, (s * w * 0.95, 0.5, -0.06), ry=0.17, rz=0.26, rot=(12, 0, 0), label="wing")
            for s in (-1, 1)
        ],
        *[
            ball(0.09, color, (x, 0.74, -0.42), ry=t, rz=0.13, rot=(-32, 0, -x * 200), label="tail")
            for x, color in ((-0.1, c), (0.1, c), (0, wing))
        ],
        *[rod((s * 0.13, low, 0.0), (s * 0.13, 0.3, 0.0), 0.055, beak, label="leg") for s in (-1, 1)],
        *[ball(0.1, beak, (s * 0.13, low + 0.02, 0.07), ry=0.05, rz=0.17, label="foot") for s in (-1, 1)],
    ]


FAMILIES = {
    "horse": Family(horse, "brown", ("pony", "stallion", "foal"), HORSE_HEAD, HORSE_NECK),
    "cow": Family(cow, "white", ("bull", "ox"), ((0, 1.18, 0.58), 0.13), ((0, 0.74, 0.46), 0.26)),
    "pig": Family(pig, "pink", ("piglet", "piggy", "hog"), ((0, 0.86, 0.38), 0.17), ((0, 0.56, 0.32), 0.31)),
    "sheep": Family(sheep, "white", ("lamb", "ram"), ((0, 1.1, 0.52), 0.14), ((0, 0.72, 0.46), 0.24)),
    "chicken": Family(
        chicken, "white", ("hen", "rooster", "cockerel"), ((0, 1.2, 0.26), 0.12), ((0, 0.76, 0.22), 0.22)
    ),
}
