"""Food."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import COLORS, GOLD, LEAF, WHITE, WOOD, Family, Random, dim, light, uniform
from t2a.pocket.shapes import CARVE, RGB, Part, ball, cone, ring, rod, tube


def apple(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.5, c, (0, 0.46, 0), ry=uniform(rng, 0.44, 0.5)),
        ball(0.16, dim(c), (0, 0.98, 0), ry=0.12, operation=CARVE),
        rod((0, 0.82, 0), (0.06, 1.12, 0), 0.03, WOOD, group=1, label="stem"),
        ball(0.16, LEAF, (0.19, 1.05, 0), ry=0.04, rz=0.08, rot=(0, 0, 25), group=1, label="leaf"),
    ]


def pumpkin(rng: Random, c: RGB) -> list[Part]:
    n, h = 9, uniform(rng, 0.36, 0.44)
    ribs = [
        ball(0.24, c, (0.27 * np.sin(2 * np.pi * i / n), h, 0.27 * np.cos(2 * np.pi * i / n)), ry=h) for i in range(n)
    ]
    return ribs + [
        ball(0.3, c, (0, h, 0), ry=h * 0.9),
        cone(0.08, 0.05, 0.22, LEAF, (0, 2 * h + 0.04, 0), label="stem"),
    ]


def ice_cream(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.36, c, (0, 1.02, 0), label="scoop"),
        cone(0.03, 0.32, 0.9, (0.85, 0.62, 0.34), (0, 0.45, 0), label="cone"),
        ring(0.31, 0.07, c, (0, 0.9, 0), label="scoop"),
        ball(0.09, COLORS["red"], (0, 1.4, 0), label="cherry"),
    ]


def cake(rng: Random, c: RGB) -> list[Part]:
    candles = []
    for i in range(4):
        a = np.pi / 4 + np.pi / 2 * i
        x, z = 0.2 * np.sin(a), 0.2 * np.cos(a)
        candles += [
            tube(0.03, 0.2, WHITE, (x, 0.86, z), label="candle"),
            ball(0.045, GOLD, (x, 1.0, z), ry=0.07, label="flame"),
        ]
    return [
        tube(0.55, 0.4, c, (0, 0.24, 0), r=0.02),
        tube(0.36, 0.34, light(c), (0, 0.6, 0), r=0.02, label="top"),
        tube(0.7, 0.05, WHITE, (0, 0.02, 0), label="plate"),
        *candles,
    ]


def donut(rng: Random, c: RGB) -> list[Part]:
    rings = [
        ring(0.4, 0.2, (0.82, 0.58, 0.32), rot=(0, 0, 0), label="dough"),
        ring(0.4, 0.185, c, (0, 0.05, 0), label="icing"),
    ]
    for i in range(10):
        a = 0.6 * i + 0.3
        rings.append(ball(0.035, WHITE if i % 2 else GOLD, (0.4 * np.sin(a), 0.23, 0.4 * np.cos(a)), label="sprinkle"))
    return rings


def banana(rng: Random, c: RGB) -> list[Part]:
    points = [(0.75 * np.sin(a), 0.75 - 0.75 * np.cos(a), 0) for a in np.linspace(-1.0, 1.0, 7)]
    radii = [0.05, 0.13, 0.16, 0.17, 0.16, 0.13, 0.05]
    rods = [rod(points[i], points[i + 1], radii[i], c, radii[i + 1], blend=0.03) for i in range(6)]
    return rods + [ball(0.06, WOOD, points[0], label="tip"), ball(0.06, WOOD, points[6], label="tip")]


FAMILIES = {
    "apple": Family(apple, "red"),
    "pumpkin": Family(pumpkin, "orange", head=((0, 0.78, 0), 0.3)),
    "ice cream": Family(ice_cream, "pink"),
    "cake": Family(cake, "pink"),
    "donut": Family(donut, "pink"),
    "banana": Family(banana, "yellow"),
}
