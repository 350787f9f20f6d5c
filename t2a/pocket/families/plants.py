"""Trees and other plants without blossoms."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import COLORS, CREAM, WHITE, WOOD, Family, Random, dim, uniform
from t2a.pocket.families.fruit import around
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, rod, tube

CLAY = (0.72, 0.36, 0.22)


def flowerpot(r: float, h: float, top: float, group: int = 1) -> list[Part]:
    """A clay pot whose rim ends at the height `top`."""
    return [
        cone(r * 0.68, r * 0.95, h, CLAY, (0, top - h / 2, 0), group=group, label="pot"),
        tube(r * 1.08, h * 0.28, CLAY, (0, top - h * 0.14, 0), group=group, label="pot"),
        tube(r * 0.9, 0.04, (0.25, 0.15, 0.09), (0, top, 0), group=group, label="soil"),
    ]


def mushroom(rng: Random, c: RGB) -> list[Part]:
    w, h, r = uniform(rng, 0.5, 0.68), uniform(rng, 0.5, 0.8), uniform(rng, 0.18, 0.25)
    spots = [
        ball(
            0.1,
            WHITE if c != WHITE else COLORS["red"],
            (f * w * np.sin(a), y, f * w * np.cos(a)),
            label="spot",
            group=2,
        )
        for f, y, n in ((0.75, 0.26, 5), (0.0, 0.4, 1))
        for a in around(n, 0.2)
    ]
    return [
        ball(w, c, (0, 0, 0), ry=0.42, label="cap"),
        box(3, 1, 3, CREAM, (0, -0.55, 0), r=0, operation=CARVE, label="gills"),
        cone(r * 1.35, r, h, CREAM, (0, -h / 2, 0), r=0.03, group=1, label="stem"),
        *spots,
    ]


def tree(rng: Random, c: RGB) -> list[Part]:
    r, h, n = uniform(rng, 0.36, 0.46), uniform(rng, 0.5, 0.8), int(rng.integers(4, 7))
    lobes = [
        ball(r * 0.72, c, (0.28 * np.sin(a), -0.15, 0.28 * np.cos(a)), blend=0.06, label="leaves") for a in around(n)
    ]
    return [
        ball(r, c, (0, 0.45 - r, 0), label="leaves"),
        *lobes,
        cone(0.19, 0.14, h + 0.3, WOOD, (0, -h / 2 - 0.25, 0), group=1, label="trunk"),
    ]


def pine(rng: Random, c: RGB) -> list[Part]:
    w, n = uniform(rng, 0.42, 0.56), int(rng.integers(3, 5))
    layers = [
        cone(w * (1 - 0.75 * i / n), 0.02, 0.55, c, (0, 0.55 + 0.3 * i, 0), r=0.015, label="leaves") for i in range(n)
    ]
    return [*layers, tube(0.11, 0.4, WOOD, (0, 0.14, 0), label="trunk")]


def cactus(rng: Random, c: RGB) -> list[Part]:
    h, r = uniform(rng, 0.42, 0.55), uniform(rng, 0.19, 0.23)
    arms = []
    for s, y in ((1, uniform(rng, 0.4, 0.55)), (-1, uniform(rng, 0.55, 0.7))):
        arms += [
            rod((0, y, 0), (s * 0.36, y, 0), 0.09, c, blend=0.08),
            ball(0.1, c, (s * 0.38, y + 0.15, 0), ry=0.25, blend=0.05),
        ]
    return [
        ball(r, c, (0, 1.25 - h, 0), ry=h),
        rod((0, 0.2, 0), (0, 0.7, 0), r * 0.8, c, blend=0.05),
        *arms,
    ] + flowerpot(uniform(rng, 0.27, 0.32), 0.34, 0.3)


def palm(rng: Random, c: RGB) -> list[Part]:
    n, lean, h = int(rng.integers(6, 8)), uniform(rng, 0.05, 0.3), uniform(rng, 0.95, 1.25)
    path = [(-lean * (i / 4) ** 2, -h * i / 4, 0) for i in range(5)]
    trunk = [rod(path[i + 1], path[i], 0.1 + 0.015 * i, WOOD, 0.125 + 0.015 * i, label="trunk") for i in range(4)]
    fronds = []
    for a in around(n, 0.25):
        x, z = np.sin(a), np.cos(a)
        turn = np.degrees(a)
        fronds += [
            ball(0.15, c, (0.24 * x, 0.1, 0.24 * z), ry=0.06, rz=0.3, rot=(-12, turn, 0), label="leaves"),
            ball(0.13, c, (0.58 * x, 0.0, 0.58 * z), ry=0.055, rz=0.3, rot=(40, turn, 0), label="leaves"),
        ]
    nuts = [ball(0.1, dim(WOOD, 0.7), (0.14 * np.sin(a), -0.06, 0.14 * np.cos(a)), label="coconut") for a in around(3)]
    return [*trunk, *fronds, ball(0.14, c, (0, 0.06, 0), label="leaves"), *nuts]


def potted_plant(rng: Random, c: RGB) -> list[Part]:
    n, tall = int(rng.integers(5, 8)), uniform(rng, 0.36, 0.46)
    leaves = []
    for count, lean, reach, y, turn in ((n, 48, 0.3, 0.2, 0.0), (4, 24, 0.14, 0.38, 0.3)):
        leaves += [
            ball(
                0.15,
                c,
                (reach * np.sin(a), y, reach * np.cos(a)),
                ry=tall,
                rz=0.07,
                rot=(lean, np.degrees(a), 0),
                label="leaf",
            )
            for a in around(count, turn)
        ]
    return [
        *leaves,
        ball(0.13, c, (0, 0.45, 0), ry=tall, label="leaf"),
        *flowerpot(uniform(rng, 0.28, 0.36), 0.46, 0.0),
    ]


def bush(rng: Random, c: RGB) -> list[Part]:
    n, r = int(rng.integers(5, 7)), uniform(rng, 0.28, 0.34)
    berry = COLORS["red"] if c not in (COLORS["red"], COLORS["orange"], COLORS["pink"]) else WHITE
    spots = [(0.3, 0.84, 3), (0.56, 0.55, 5), (0.62, 0.2, 4)]
    return [
        ball(0.46, c, (0, 0.42, 0), ry=0.4, label="leaves"),
        *[ball(r, c, (0.4 * np.sin(a), 0.26, 0.4 * np.cos(a)), label="leaves") for a in around(n)],
        *[ball(r * 0.9, c, (0.2 * np.sin(a), 0.62, 0.2 * np.cos(a)), label="leaves") for a in around(3, 0.3)],
        *[
            ball(0.075, berry, (f * np.sin(a), y, f * np.cos(a)), label="berry")
            for f, y, k in spots
            for a in around(k, 0.45)
        ],
    ]


FAMILIES = {
    "mushroom": Family(
        mushroom, "red", also=("toadstool",), head=((0, 0.38, 0), 0.24), top=((0, 0.38, 0), 0.45), paintable=("stem",)
    ),
    "tree": Family(tree, "green", also=("leafy tree",), top=((0, 0.42, 0), 0.36), paintable=("trunk",)),
    "pine tree": Family(pine, "green", also=("fir tree", "christmas tree", "conifer")),
    "cactus": Family(cactus, "green", also=("cactus plant",), head=((0, 1.2, 0), 0.17), paintable=("pot",)),
    "palm tree": Family(palm, "green", also=("palm", "coconut tree"), paintable=("trunk",)),
    "potted plant": Family(potted_plant, "green", also=("houseplant", "house plant", "pot plant"), paintable=("pot",)),
    "bush": Family(bush, "green", also=("shrub",), top=((0, 0.85, 0), 0.4)),
}
