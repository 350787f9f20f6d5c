"""Sweet things."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import COLORS, CREAM, GOLD, WHITE, Family, Random, light, uniform
from t2a.pocket.families.fruit import around
from t2a.pocket.shapes import RGB, Part, ball, box, cone, ring, rod, tube

WAFFLE, BUTTER, PLATE = (0.85, 0.62, 0.34), (0.99, 0.92, 0.60), (0.66, 0.78, 0.90)


def _cherry(c: RGB, y: float) -> Part:
    return ball(0.1, COLORS["red"] if c != COLORS["red"] else GOLD, (0, y, 0), label="cherry")


def ice_cream(rng: Random, c: RGB) -> list[Part]:
    n, r = int(rng.integers(1, 3)), uniform(rng, 0.34, 0.4)
    low = 1.02 - 0.42 * (n - 1)
    scoops = [ball(r, c if i % 2 == 0 else light(c, 0.35), (0, 1.02 - 0.42 * i, 0), label="scoop") for i in range(n)]
    return [
        *scoops,
        ring(r * 0.86, 0.08, c if n == 1 else light(c, 0.35), (0, low - 0.12, 0), label="scoop"),
        cone(0.04, 0.33, 0.85, WAFFLE, (0, low - 0.55, 0), label="cone"),
        _cherry(c, 1.02 + r),
    ]


def cake(rng: Random, c: RGB) -> list[Part]:
    n, w, r = int(rng.integers(3, 6)), uniform(rng, 0.52, 0.62), uniform(rng, 0.34, 0.4)
    cream = CREAM if c != WHITE else COLORS["pink"]
    candles = []
    for a in around(n, 0.5):
        x, z = 0.22 * np.sin(a), 0.22 * np.cos(a)
        candles += [
            tube(0.042, 0.24, WHITE, (x, 0.86, z), label="candle"),
            ball(0.055, GOLD, (x, 1.02, z), ry=0.085, label="flame"),
        ]
    return [
        tube(w, 0.4, c, (0, 0.24, 0), r=0.02),
        *[ball(0.085, cream, (w * 0.92 * np.sin(a), 0.46, w * 0.92 * np.cos(a)), label="cream") for a in around(10)],
        tube(r, 0.34, light(c), (0, 0.6, 0), r=0.02, label="top"),
        tube(w + 0.14, 0.06, WHITE, (0, 0.02, 0), label="plate"),
        *candles,
    ]


def donut(rng: Random, c: RGB) -> list[Part]:
    t, n = uniform(rng, 0.17, 0.22), int(rng.integers(8, 12))
    colors = [WHITE, GOLD, COLORS["turquoise"]]
    return [
        ring(0.4, t, (0.82, 0.58, 0.32), label="dough"),
        ring(0.4, t * 0.95, c, (0, 0.06, 0), label="icing"),
        *[
            ball(0.045, colors[i % 3], (f * np.sin(a), 0.06 + t * 0.9, f * np.cos(a)), label="sprinkle")
            for i, (a, f) in enumerate(zip(around(n), [0.34, 0.47] * n, strict=False))
        ],
    ]


def cupcake(rng: Random, c: RGB) -> list[Part]:
    cup = COLORS["turquoise"] if c != COLORS["turquoise"] else COLORS["pink"]
    w = uniform(rng, 0.4, 0.48)
    n, slope = 10, w - 0.12
    pleats = [
        rod(
            (slope * np.sin(a), 0, slope * np.cos(a)),
            (w * np.sin(a), 0.42, w * np.cos(a)),
            0.06,
            light(cup),
            label="wrapper",
        )
        for a in around(n)
    ]
    return [
        cone(w - 0.1, w + 0.02, 0.44, cup, (0, 0.2, 0), label="wrapper"),
        *pleats,
        ball(w + 0.06, c, (0, 0.5, 0), ry=0.17, label="frosting"),
        ball(w * 0.8, c, (0, 0.67, 0), ry=0.16, label="frosting"),
        ball(w * 0.55, c, (0, 0.83, 0), ry=0.15, label="frosting"),
        _cherry(c, 0.99),
    ]


def lollipop(rng: Random, c: RGB) -> list[Part]:
    r, h = uniform(rng, 0.42, 0.52), uniform(rng, 0.7, 0.95)
    turns = np.linspace(0.4, 4.4 * np.pi, 15)
    spiral = [(r * 0.85 * t / turns[-1] * np.sin(t), r * 0.85 * t / turns[-1] * np.cos(t)) for t in turns]
    swirl = light(c, 0.7) if c != WHITE else COLORS["pink"]
    bands = []
    for (x0, y0), (x1, y1) in zip(spiral, spiral[1:], strict=False):
        angle = np.degrees(np.arctan2(y1 - y0, x1 - x0))
        at = ((x0 + x1) / 2, (y0 + y1) / 2, 0)
        bands.append(box(np.hypot(x1 - x0, y1 - y0) + 0.05, 0.08, 0.3, swirl, at, (0, 0, angle), label="swirl"))
    return [
        tube(r, 0.24, c, rot=(90, 0, 0), r=0.02, label="candy"),
        *bands,
        rod((0, -r - h, 0), (0, -r * 0.9, 0), 0.05, CREAM, label="stick"),
    ]


def pancakes(rng: Random, c: RGB) -> list[Part]:
    n, t, r = int(rng.integers(3, 6)), uniform(rng, 0.17, 0.21), uniform(rng, 0.58, 0.66)
    stack = []
    for i in range(n):
        x, z = rng.uniform(-0.06, 0.06, 2) * (i > 0)
        y = 1.0 - t * (i + 0.5)
        stack += [
            tube(r - 0.05, t - 0.1, c, (x, y, z), r=0.05, label="pancake"),
            ring(r - 0.03, 0.045, light(c, 0.5), (x, y, z), label="pancake"),
        ]
    low = 1.0 - t * n
    return [
        *stack,
        cone(0.55, 0.9, 0.08, PLATE, (0, low - 0.02, 0), r=0.02, label="plate"),
        box(0.26, 0.14, 0.26, BUTTER, (0, 1.05, 0), (0, uniform(rng, 0, 90), 0), label="butter"),
    ]


FAMILIES = {
    "ice cream": Family(
        ice_cream, "pink", also=("ice cream cone", "icecream"), top=((0, 1.26, 0), 0.34), paintable=("cone",)
    ),
    "cake": Family(cake, "pink", also=("birthday cake", "layer cake"), top=((0, 0.79, 0), 0.38), paintable=("top",)),
    "donut": Family(donut, "pink", also=("doughnut",)),
    "cupcake": Family(cupcake, "pink", also=("muffin",), top=((0, 0.86, 0), 0.3), paintable=("wrapper",)),
    "lollipop": Family(lollipop, "red", also=("lolly",)),
    "stack of pancakes": Family(
        pancakes, "orange", also=("pancakes", "pile of pancakes"), top=((0, 1.0, 0), 0.6), paintable=("plate",)
    ),
}
