"""Flowers."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import COLORS, GOLD, LEAF, Family, Random, dim, light, uniform
from t2a.pocket.families.fruit import around
from t2a.pocket.shapes import RGB, Part, Vector, ball, box, cone, ring, rod, tube

SKY = (0.62, 0.80, 0.93)


def _stem(h: float, leaves: int, r: float = 0.06) -> list[Part]:
    """A stem below the origin, with leaves at both sides."""
    blades = [
        ball(0.27, LEAF, (s * 0.22, -h * (0.62 + 0.12 * s), 0), 0.07, 0.12, (0, 0, s * 38), label="leaf")
        for s in (1, -1)[:leaves]
    ]
    return [rod((0, -h, 0), (0, 0, 0), r, LEAF, label="stem"), *blades]


def flower(rng: Random, c: RGB) -> list[Part]:
    n, h = int(rng.integers(5, 8)), uniform(rng, 0.8, 1.1)
    r = 0.21 if n < 7 else 0.18
    petals = [ball(r, c, (0.28 * np.sin(a), 0.28 * np.cos(a), 0), rz=0.1, label="petal") for a in around(n)]
    return [
        *petals,
        ball(0.17, GOLD if c != COLORS["yellow"] else COLORS["orange"], (0, 0, 0.04), rz=0.12, label="center"),
        ball(0.12, LEAF, (0, 0, -0.08), label="stem"),
        *_stem(h, int(rng.integers(1, 3))),
    ]


def sunflower(rng: Random, c: RGB) -> list[Part]:
    n, h, r = int(rng.integers(11, 14)), uniform(rng, 0.9, 1.15), uniform(rng, 0.25, 0.3)
    petals = [
        rod(
            (0.2 * np.sin(a), 0.2 * np.cos(a), -0.01),
            (0.56 * np.sin(a), 0.56 * np.cos(a), 0.03),
            0.11,
            c,
            0.03,
            label="petal",
        )
        for a in around(n)
    ]
    seeds = (0.28, 0.15, 0.07)
    return [
        *petals,
        tube(0.36, 0.14, c, rot=(90, 0, 0), label="petal"),
        ball(r, seeds, (0, 0, 0.05), rz=0.14, label="center"),
        ball(0.2, LEAF, (0, 0, -0.08), rz=0.1, label="stem"),
        *_stem(h, 2, 0.065),
    ]


def tulip(rng: Random, c: RGB) -> list[Part]:
    h, w = uniform(rng, 0.6, 0.8), uniform(rng, 0.2, 0.26)
    petals = [
        ball(
            0.19, c, (w * 0.62 * np.sin(a), 0.3, w * 0.62 * np.cos(a)), 0.36, 0.1, (-8, np.degrees(a), 0), label="petal"
        )
        for a in around(3, 0.5)
    ]
    inner = [
        cone(0.15, 0.01, 0.4, light(c, 0.2), (w * 0.45 * np.sin(a), 0.46, w * 0.45 * np.cos(a)), label="petal")
        for a in around(3)
    ]
    blades = [rod((s * 0.04, -h, 0), (s * 0.34, -h * 0.25, 0.06 * s), 0.1, LEAF, 0.015, label="leaf") for s in (-1, 1)]
    return [ball(w + 0.04, c, (0, 0.22, 0), ry=0.24, label="petal"), *petals, *inner, *_stem(h + 0.02, 0), *blades]


def rose(rng: Random, c: RGB) -> list[Part]:
    h, r = uniform(rng, 0.75, 0.95), uniform(rng, 0.2, 0.24)
    outer = [
        ball(0.25, c, (r * np.sin(a), 0.12, r * np.cos(a)), 0.22, 0.08, (50, np.degrees(a), 0), label="petal")
        for a in around(5)
    ]
    f = r * 0.72
    inner = [
        ball(0.2, dim(c, 0.8), (f * np.sin(a), 0.26, f * np.cos(a)), 0.2, 0.07, (18, np.degrees(a), 0), label="petal")
        for a in around(4, 0.5)
    ]
    heart = [
        ball(0.17, c, (0, 0.36, 0), ry=0.18, label="petal"),
        ring(0.1, 0.045, light(c, 0.25), (0, 0.5, 0), (12, 0, 0), label="petal"),
    ]
    sepals = [
        rod((0, -0.05, 0), (0.28 * np.sin(a), -0.04, 0.26 * np.cos(a)), 0.08, LEAF, 0.015, label="leaf")
        for a in around(5)
    ]
    thorns = [
        rod((0, -h * f, 0), (s * 0.15, -h * f + 0.06, 0), 0.05, LEAF, 0.01, label="stem")
        for s, f in ((1, 0.32), (-1, 0.85))
    ]
    return [*outer, *inner, *heart, *sepals, *_stem(h, 2), *thorns]


def _blossom(at: Vector, outward: Vector, r: float, c: RGB) -> list[Part]:
    """Two crossed squares make eight petals."""
    x, y, z = np.asarray(outward) / np.linalg.norm(outward)
    yaw, roll = -np.degrees(np.arcsin(z)), np.degrees(np.arctan2(y, x))
    middle = (at[0] + 0.06 * x, at[1] + 0.06 * y, at[2] + 0.06 * z)
    heart = GOLD if c != COLORS["yellow"] else COLORS["orange"]
    return [
        *[box(0.12, 1.5 * r, 1.5 * r, c, at, (spin, yaw, roll), r=0.058, label="blossom") for spin in (0, 45)],
        ball(r * 0.42, heart, middle, label="center"),
    ]


def vase_of_flowers(rng: Random, c: RGB) -> list[Part]:
    n, w, r = int(rng.integers(4, 7)), uniform(rng, 0.26, 0.34), uniform(rng, 0.27, 0.31)
    glaze = SKY if rng.random() < 0.5 else (0.93, 0.84, 0.66)
    spots = [(0.45 * np.sin(a), 0.66 + 0.08 * (-1) ** i, 0.45 * np.cos(a)) for i, a in enumerate(around(n, 0.3))]
    spots += [(0.17, 1.04, 0.1), (-0.19, 1.0, -0.12)]
    blossoms, stems = [], []
    for x, y, z in spots:
        blossoms += _blossom((x, y, z), (x, y - 0.45, z), r, c)
        stems.append(rod((0.15 * x, 0.1, 0.15 * z), (x * 0.95, y - 0.03, z * 0.95), 0.04, LEAF, label="stem"))
    return [
        ball(w, glaze, (0, -0.22, 0), ry=0.26, blend=0.05, label="vase"),
        cone(0.2, 0.16, 0.2, glaze, (0, -0.42, 0), blend=0.05, label="vase"),
        cone(0.15, 0.23, 0.3, glaze, (0, 0.06, 0), blend=0.1, label="vase"),
        *blossoms,
        *stems,
        ball(0.26, LEAF, (0, 0.5, 0), ry=0.3, label="leaf"),
    ]


FAMILIES = {
    "flower": Family(flower, "pink", also=("blossom", "daisy")),
    "sunflower": Family(sunflower, "yellow"),
    "tulip": Family(tulip, "red"),
    "rose": Family(rose, "red"),
    "vase of flowers": Family(
        vase_of_flowers,
        "pink",
        also=("bouquet in a vase", "vase with flowers", "flowers in a vase", "bunch of flowers in a vase"),
        paintable=("vase",),
    ),
}
