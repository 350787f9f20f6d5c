"""Plants."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import CREAM, GOLD, LEAF, WHITE, WOOD, Family, Random, uniform
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, rod, tube


def mushroom(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 0.5, 0.68), uniform(rng, 0.5, 0.75)
    spots = [
        ball(0.09, WHITE, (w * 0.72 * np.sin(a), h + 0.30 * e, w * 0.72 * np.cos(a)), label="spot", group=2)
        for a, e in [(0.3, 0.7), (1.5, 0.6), (2.7, 0.7), (3.9, 0.6), (5.2, 0.7)]
    ]
    cap = [
        ball(w, c, (0, h, 0), ry=0.42, label="cap"),
        box(3, 1, 3, CREAM, (0, h - 0.55, 0), r=0, operation=CARVE, label="gills"),
    ]
    stem = [cone(0.22, 0.15, h, CREAM, (0, h / 2, 0), r=0.03, group=1, label="stem")]
    return [*cap, *stem, *spots, ball(0.1, WHITE, (0, h + 0.39, 0), label="spot", group=2)]


def tree(rng: Random, c: RGB) -> list[Part]:
    r = uniform(rng, 0.38, 0.48)
    crown = [(0, 1.05, 0), (0.24, 0.9, 0.1), (-0.22, 0.92, -0.1), (0.0, 0.88, 0.25), (0.05, 0.9, -0.25)]
    leaves = [ball(r * (1 if i == 0 else 0.72), c, p, blend=0.06, label="leaves") for i, p in enumerate(crown)]
    return leaves + [cone(0.14, 0.09, 0.9, WOOD, (0, 0.4, 0), group=1, label="trunk")]


def pine(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 0.42, 0.55)
    layers = [cone(w * (1 - 0.25 * i), 0.02, 0.55, c, (0, 0.55 + 0.3 * i, 0), label="leaves") for i in range(3)]
    return layers + [tube(0.09, 0.4, WOOD, (0, 0.15, 0), label="trunk")]


def cactus(rng: Random, c: RGB) -> list[Part]:
    h = uniform(rng, 0.9, 1.15)
    body = [ball(0.2, c, (0, 0.3 + h * 0.4, 0), ry=h * 0.55)]
    arms = []
    for s, y in ((1, uniform(rng, 0.45, 0.6)), (-1, uniform(rng, 0.6, 0.75))):
        arms += [
            rod((0, y, 0), (s * 0.36, y, 0), 0.09, c, blend=0.08),
            ball(0.1, c, (s * 0.38, y + 0.15, 0), ry=0.25, blend=0.05),
        ]
    pot = cone(0.22, 0.3, 0.34, (0.72, 0.36, 0.22), (0, 0.1, 0), group=1, label="pot")
    return body + arms + [pot]


def flower(rng: Random, c: RGB) -> list[Part]:
    n = int(rng.integers(5, 8))
    petals = []
    for i in range(n):
        a = 2 * np.pi * i / n
        petals.append(ball(0.19, c, (0.27 * np.sin(a), 1.0 + 0.27 * np.cos(a), 0), ry=0.19, rz=0.07, label="petal"))
    stem = [
        rod((0, 0, -0.03), (0, 1.0, -0.03), 0.035, LEAF, label="stem"),
        ball(0.2, LEAF, (0.16, 0.35, -0.03), ry=0.06, rz=0.09, rot=(0, 0, 35), label="leaf"),
    ]
    return petals + stem + [ball(0.15, GOLD, (0, 1.0, 0.05), rz=0.08, label="center")]


FAMILIES = {
    "mushroom": Family(mushroom, "red"),
    "tree": Family(tree, "green"),
    "pine tree": Family(pine, "green"),
    "cactus": Family(cactus, "green", head=((0, 1.27, 0), 0.18)),
    "flower": Family(flower, "pink"),
}
