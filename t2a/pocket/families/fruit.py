"""Fruit and vegetables."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import BLACK, COLORS, CREAM, LEAF, WOOD, Family, Random, dim, light, uniform
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod

RIND, FLESH, SEED = (0.07, 0.34, 0.12), (0.86, 0.90, 0.52), (0.98, 0.90, 0.55)


def around(n: int, turn: float = 0.0) -> list[float]:
    """n angles round the Y axis."""
    return [2 * np.pi * (i + turn) / n for i in range(n)]


def _stalk(y: float, side: int = 1) -> list[Part]:
    return [
        rod((0, y - 0.1, 0), (-side * 0.07, y + 0.22, 0), 0.045, WOOD, group=1, label="stem"),
        ball(0.2, LEAF, (side * 0.17, y + 0.12, 0), ry=0.06, rz=0.11, rot=(0, 0, side * 25), group=1, label="leaf"),
    ]


def apple(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 0.45, 0.54)
    return [
        ball(w, c, (0, 0.55, 0), ry=0.4),
        ball(w * 0.7, c, (0, 0.3, 0), ry=0.3, blend=0.12),
        ball(0.17, dim(c), (0, 1.0, 0), ry=0.14, operation=CARVE),
        *_stalk(0.92, 1 if rng.random() < 0.5 else -1),
    ]


def pear(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 0.38, 0.47)
    return [
        ball(w, c, (0, 0.4, 0), ry=0.4),
        ball(uniform(rng, 0.21, 0.26), c, (0, 0.88, 0), blend=0.28),
        *_stalk(1.1, 1 if rng.random() < 0.5 else -1),
    ]


def banana(rng: Random, c: RGB) -> list[Part]:
    bend, w = uniform(rng, 0.85, 1.1), uniform(rng, 0.9, 1.1)
    points = [(0.75 * np.sin(a), 0.75 - 0.75 * np.cos(a), 0) for a in np.linspace(-bend, bend, 7)]
    radii = [w * r for r in (0.06, 0.14, 0.17, 0.18, 0.17, 0.14, 0.06)]
    rods = [rod(points[i], points[i + 1], radii[i], c, radii[i + 1]) for i in range(6)]
    joints = [ball(radii[i], c, points[i]) for i in range(1, 6)]
    return [*rods, *joints, *[ball(0.075, WOOD, points[i], label="tip") for i in (0, 6)]]


def pumpkin(rng: Random, c: RGB) -> list[Part]:
    w, n = uniform(rng, 0.25, 0.33), int(rng.integers(7, 10))
    ribs = [ball(0.24, c, (w * np.sin(a), 0.4, w * np.cos(a)), ry=0.4) for a in around(n)]
    return [*ribs, ball(0.3, c, (0, 0.4, 0), ry=0.36), cone(0.1, 0.06, 0.24, LEAF, (0, 0.84, 0), label="stem")]


def strawberry(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 0.38, 0.46), uniform(rng, 0.5, 0.65)
    rows = [(0.66, 1.0, 7, 0.0), (0.65 - h * 0.45, 0.86, 6, 0.5), (0.65 - h * 0.9, 0.54, 4, 0.0)]
    return [
        ball(w, c, (0, 0.65, 0), ry=0.28),
        ball(w * 0.86, c, (0, 0.65 - h * 0.35, 0), ry=0.3, blend=0.15),
        ball(w * 0.55, c, (0, 0.65 - h * 0.78, 0), ry=0.24, blend=0.15),
        *[
            ball(0.05, SEED, (w * f * np.sin(a), y, w * f * np.cos(a)), label="seed")
            for y, f, n, turn in rows
            for a in around(n, turn)
        ],
        *[
            rod((0, 0.92, 0), (0.4 * np.sin(a), 0.88, 0.4 * np.cos(a)), 0.12, LEAF, 0.02, label="leaf")
            for a in around(6)
        ],
        rod((0, 0.9, 0), (0.04, 1.1, 0), 0.05, LEAF, label="stem"),
    ]


def _half_disc(r: float, thick: float, color: RGB, group: int, label: str) -> list[Part]:
    """The lower half of a polygon, cut out of a box."""
    cuts = []
    for a in (-62, -28, 28, 62):
        x, y = np.sin(np.radians(a)), -np.cos(np.radians(a))
        at = ((r + 1) * x, (r + 1) * y, 0)
        cuts.append(box(3, 2, 3, color, at, (0, 0, a), operation=CARVE, group=group, label=label))
    return [box(2 * r, r, thick, color, (0, -r / 2, 0), group=group, label=label), *cuts]


def watermelon(rng: Random, c: RGB) -> list[Part]:
    thick = uniform(rng, 0.3, 0.42)
    rows = [(0.5, (-55, -18, 18, 55)), (0.27, (-30, 30))]
    seeds = [
        ball(
            0.055,
            BLACK,
            (r * np.sin(np.radians(a)), -r * np.cos(np.radians(a)), 0),
            ry=0.085,
            rz=thick * 0.6,
            label="seed",
        )
        for r, angles in rows
        for a in angles
    ]
    return [
        *_half_disc(0.75, thick, RIND, 0, "rind"),
        *_half_disc(0.655, thick + 0.02, CREAM, 1, "rind"),
        *_half_disc(0.61, thick + 0.04, c, 2, "flesh"),
        box(1.24, 0.05, thick + 0.03, c, (0, 0, 0), group=2, label="flesh"),
        *seeds,
    ]


def carrot(rng: Random, c: RGB) -> list[Part]:
    h, w = uniform(rng, 0.95, 1.2), uniform(rng, 0.24, 0.3)
    return [
        rod((0, 1.0 - h, 0), (0, 1.0, 0), 0.05, c, w),
        ball(w, c, (0, 1.0, 0), ry=0.12),
        ball(0.05, c, (0, 1.0 - h, 0)),
        *[
            ring(w * (1 - f) + 0.05 * f - 0.015, 0.03, dim(c, 0.75), (0, 1 - f * h, 0), label="groove")
            for f in (0.2, 0.45, 0.7)
        ],
        *[
            ball(
                0.09,
                LEAF,
                (0.16 * np.sin(a), 1.32, 0.16 * np.cos(a)),
                ry=0.28,
                rot=(25, np.degrees(a), 0),
                label="leaf",
            )
            for a in around(int(rng.integers(4, 6)), 0.2)
        ],
        ball(0.1, LEAF, (0, 1.38, 0), ry=0.34, label="leaf"),
    ]


def avocado(rng: Random, c: RGB) -> list[Part]:
    w, pit = uniform(rng, 0.42, 0.5), uniform(rng, 0.18, 0.22)
    return [
        ball(w, c, (0, 0.45, 0), ry=0.45, rz=0.4),
        ball(0.27, c, (0, 0.95, 0), rz=0.25, blend=0.25),
        box(2, 3, 1, c, (0, 0.5, 0.58), operation=CARVE, r=0),
        ball(w * 0.86, FLESH, (0, 0.46, 0.06), ry=0.38, rz=0.07, group=1, label="flesh"),
        ball(0.19, FLESH, (0, 0.92, 0.06), ry=0.22, rz=0.06, blend=0.2, group=1, label="flesh"),
        ball(pit, WOOD if c != COLORS["brown"] else COLORS["orange"], (0, 0.42, 0.1), group=1, label="pit"),
    ]


def pineapple(rng: Random, c: RGB) -> list[Part]:
    w, n = uniform(rng, 0.34, 0.42), int(rng.integers(6, 8))
    rind = dim(c, 0.75) if c != BLACK else light(c, 0.25)
    bumps = [
        box(
            0.1,
            0.19,
            0.19,
            rind,
            (w * f * np.sin(a), y, w * f * np.cos(a)),
            (45, np.degrees(a) - 90, 0),
            label="bump",
        )
        for y, f, turn in ((0.26, 0.83, 0.0), (0.5, 0.97, 0.5), (0.74, 0.83, 0.0))
        for a in around(n, turn)
    ]
    leaves = [
        rod(
            (0.08 * np.sin(a), 0.92, 0.08 * np.cos(a)),
            (r * np.sin(a), y, r * np.cos(a)),
            0.1,
            LEAF,
            0.015,
            label="leaf",
        )
        for r, y, turn in ((0.38, 1.25, 0.0), (0.2, 1.42, 0.5))
        for a in around(5, turn)
    ]
    return [ball(w, c, (0, 0.5, 0), ry=0.52), *bumps, *leaves, cone(0.1, 0.02, 0.6, LEAF, (0, 1.25, 0), label="leaf")]


def grapes(rng: Random, c: RGB) -> list[Part]:
    r = uniform(rng, 0.155, 0.19)
    layers = [(1.0, 0.3, 6, 0.0), (0.76, 0.27, 6, 0.5), (0.52, 0.19, 4, 0.0), (0.3, 0.09, 2, 0.1), (1.08, 0, 1, 0)]
    berries = [
        ball(r, c, (f * np.sin(a), y, f * np.cos(a)), label="berry")
        for y, f, n, turn in layers
        for a in around(n, turn)
    ]
    return [
        *berries,
        ball(0.24, c, (0, 0.8, 0), ry=0.4, label="berry"),
        rod((0, 1.1, 0), (-0.08, 1.5, 0), 0.055, WOOD, label="stem"),
        *[
            ball(0.24, LEAF, (s * 0.2, 1.28, 0.04), ry=0.06, rz=0.16, rot=(0, 0, s * 20), label="leaf")
            for s in ((-1, 1) if rng.random() < 0.5 else (1,))
        ],
    ]


FAMILIES = {
    "apple": Family(apple, "red", head=((0, 0.88, 0), 0.3)),
    "pear": Family(pear, "green", head=((0, 1.05, 0), 0.2)),
    "banana": Family(banana, "yellow"),
    "pumpkin": Family(pumpkin, "orange", head=((0, 0.78, 0), 0.3), top=((0, 0.76, 0), 0.42)),
    "strawberry": Family(strawberry, "red"),
    "watermelon": Family(watermelon, "red", also=("slice of watermelon", "watermelon slice", "melon")),
    "carrot": Family(carrot, "orange"),
    "avocado": Family(avocado, "green", also=("avocado half",)),
    "pineapple": Family(pineapple, "yellow", also=("ananas",)),
    "grapes": Family(grapes, "purple", also=("bunch of grapes",)),
}
