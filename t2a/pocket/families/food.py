"""Savoury food."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import COLORS, CREAM, GOLD, LEAF, Family, Random, dim, light, uniform
from t2a.pocket.families.fruit import around
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod, tube

PATTY, SAUSAGE, CRUST, SALAD = (0.26, 0.12, 0.06), (0.74, 0.24, 0.14), (0.80, 0.56, 0.30), (0.38, 0.74, 0.20)


def hamburger(rng: Random, c: RGB) -> list[Part]:
    r, n = uniform(rng, 0.52, 0.6), int(rng.integers(1, 3))
    fill = [tube(r, 0.08, PATTY, (0, 0.33 - 0.17 * i, 0), r=0.04, label="patty") for i in range(n)]
    cheese = [
        box(r * 1.8, 0.06, r * 1.8, GOLD, (0, 0.41 - 0.17 * i, 0), (0, 30 + 25 * i, 0), label="cheese")
        for i in range(n)
    ]
    salad = [
        ball(0.2, SALAD, (r * 0.85 * np.sin(a), 0.48, r * 0.85 * np.cos(a)), ry=0.06, label="salad") for a in around(8)
    ]
    seeds = [
        ball(0.05, CREAM if c != COLORS["white"] else GOLD, (f * r * np.sin(a), y, f * r * np.cos(a)), label="seed")
        for f, y, k in ((0.32, 0.86, 3), (0.68, 0.74, 6))
        for a in around(k, 0.2 * k)
    ]
    return [
        tube(r - 0.02, 0.16, c, (0, 0.34 - 0.17 * n, 0), r=0.06, label="bun"),
        *fill,
        *cheese,
        *salad,
        tube(r - 0.1, 0.2, PATTY, (0, 0.4, 0), label="patty"),
        ball(r + 0.03, c, (0, 0.52, 0), ry=0.38, label="bun"),
        *seeds,
    ]


def pizza(rng: Random, c: RGB) -> list[Part]:
    n, meat = (
        int(rng.integers(5, 8)),
        COLORS["red"] if c not in (COLORS["red"], COLORS["orange"]) else (0.5, 0.06, 0.06),
    )
    olive = LEAF if c != COLORS["green"] else (0.12, 0.10, 0.20)
    return [
        tube(0.78, 0.1, CRUST, (0, 0.06, 0), label="crust"),
        ring(0.76, 0.085, CRUST, (0, 0.11, 0), label="crust"),
        tube(0.7, 0.1, c, (0, 0.11, 0), r=0.02, label="cheese"),
        *[tube(0.125, 0.07, meat, (0.48 * np.sin(a), 0.19, 0.45 * np.cos(a)), label="salami") for a in around(n)],
        tube(0.13, 0.07, meat, (0.05, 0.19, 0.03), label="salami"),
        *[ball(0.08, olive, (0.29 * np.sin(a), 0.18, 0.29 * np.cos(a)), label="olive") for a in around(n - 1, 0.4)],
    ]


def hot_dog(rng: Random, c: RGB) -> list[Part]:
    length, r = uniform(rng, 0.62, 0.76), uniform(rng, 0.13, 0.16)
    sausage = SAUSAGE if c not in (COLORS["red"], COLORS["brown"]) else (0.93, 0.50, 0.36)
    xs = np.linspace(-length * 0.85, length * 0.85, 8)
    zigzag = [(float(x), 0.3 + r * 0.85, r * 0.55 * (-1) ** i) for i, x in enumerate(xs)]
    return [
        *[ball(length, c, (0, 0.2, s * 0.17), ry=0.22, rz=0.19, label="bun") for s in (-1, 1)],
        box(length * 1.2, 0.16, 0.4, c, (0, 0.12, 0), r=0.06, label="bun"),
        rod((-length, 0.3, 0), (length, 0.3, 0), r, sausage, label="sausage"),
        *[ball(r, sausage, (s * length, 0.3, 0), label="sausage") for s in (-1, 1)],
        *[rod(a, b, 0.04, GOLD, label="mustard") for a, b in zip(zigzag, zigzag[1:], strict=False)],
    ]


def cheese(rng: Random, c: RGB) -> list[Part]:
    h, w, d = uniform(rng, 0.42, 0.58), uniform(rng, 1.1, 1.25), uniform(rng, 0.75, 0.95)
    turn = np.degrees(np.arctan2(d / 2, w))
    nx, nz = np.sin(np.radians(turn)), np.cos(np.radians(turn))
    cuts = [box(4, 2, 2, c, (w / 2 + nx, h / 2, s * nz), (0, s * turn, 0), r=0, operation=CARVE) for s in (-1, 1)]
    face = d / 2 * 0.5
    holes = [
        *[(-0.05 * w, h * 0.68, s * face * 1.1, 0.15) for s in (-1, 1)],
        *[(-0.33 * w, h * 0.3, s * face * 1.66, 0.13) for s in (-1, 1)],
        *[(0.2 * w, h * 0.26, s * face * 0.6, 0.1) for s in (-1, 1)],
        (-w * 0.5, h * 0.6, 0.1, 0.16),
        (-w * 0.5, h * 0.3, -0.2, 0.1),
        (-w * 0.2, h * 1.02, 0.0, 0.14),
        (w * 0.15, h * 1.02, 0.02, 0.09),
    ]
    return [
        box(w, h, d, c, (0, h / 2, 0)),
        *cuts,
        *[
            ball(r, dim(c, 0.72) if c != COLORS["black"] else light(c, 0.25), (x, y, z), operation=CARVE, label="hole")
            for x, y, z, r in holes
        ],
    ]


def egg(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 0.33, 0.38)
    cup = COLORS["blue"] if c != COLORS["blue"] else GOLD
    return [
        ball(w + 0.03, c, (0, 0.68, 0), ry=0.38),
        ball(w * 0.8, c, (0, 0.84, 0), ry=0.36, blend=0.1),
        cone(0.2, w + 0.03, 0.26, cup, (0, 0.46, 0), r=0.02, label="egg cup"),
        cone(uniform(rng, 0.24, 0.3), 0.17, 0.24, cup, (0, 0.24, 0), r=0.02, label="egg cup"),
    ]


FAMILIES = {
    "hamburger": Family(hamburger, "orange", also=("burger", "cheeseburger"), top=((0, 0.86, 0), 0.42)),
    "pizza": Family(pizza, "yellow"),
    "hot dog": Family(hot_dog, "orange", also=("hotdog",), paintable=("sausage",)),
    "cheese": Family(cheese, "yellow", also=("piece of cheese", "wedge of cheese")),
    "egg": Family(egg, "white", also=("boiled egg",), head=((0, 1.1, 0), 0.2), paintable=("egg cup",)),
}
