"""Things seen in the sky."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import BLACK, COLORS, Family, Random, dim, light, uniform
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, rod, tube


def moon(rng: Random, c: RGB) -> list[Part]:
    bite, tilt = uniform(rng, 0.42, 0.5), uniform(rng, -15, 15)
    ink = BLACK if sum(c) > 0.6 else COLORS["white"]
    x, y = 0.34 * np.cos(np.radians(tilt)), 0.34 * np.sin(np.radians(tilt))
    return [
        ball(0.62, c, (0, 0.62, 0), rz=0.26),
        ball(bite, c, (x, 0.62 + y, 0), rz=0.7, operation=CARVE),
        *[ball(0.055, ink, (-0.28, 0.78, s * 0.21), group=1, label="eye") for s in (-1, 1)],
    ]


def sun(rng: Random, c: RGB) -> list[Part]:
    n, reach = int(rng.integers(8, 12)), uniform(rng, 0.3, 0.42)
    ray = COLORS["orange"] if c == COLORS["yellow"] else light(c, 0.4)
    ink = BLACK if sum(c) > 0.6 else COLORS["white"]
    angles = 2 * np.pi * np.arange(n) / n
    return [
        ball(0.45, c, (0, 0.85, 0), rz=0.28),
        *[
            rod(
                (0.4 * np.sin(a), 0.85 + 0.4 * np.cos(a), 0),
                ((0.45 + reach) * np.sin(a), 0.85 + (0.45 + reach) * np.cos(a), 0),
                0.13,
                ray,
                0.02,
                label="ray",
            )
            for a in angles
        ],
        *[ball(0.06, ink, (s * 0.15, 0.95, 0.26), ry=0.08, rz=0.05, label="eye") for s in (-1, 1)],
        *[rod((s * 0.15, 0.76, 0.25), (0, 0.69, 0.26), 0.045, ink, label="mouth") for s in (-1, 1)],
    ]


def cloud(rng: Random, c: RGB) -> list[Part]:
    puffs = [
        (0.0, 0.48, 0.0, 0.4),
        (-0.48, 0.34, 0.0, 0.28),
        (0.48, 0.36, 0.0, 0.3),
        (0.2, 0.32, 0.24, 0.27),
        (-0.2, 0.32, 0.24, 0.27),
        (0.15, 0.32, -0.24, 0.27),
        (-0.25, 0.36, -0.2, 0.27),
        (-0.78, 0.24, 0.0, 0.18),
        (0.8, 0.24, 0.0, 0.19),
    ]
    grow = uniform(rng, 0.9, 1.08)
    return [
        *[
            ball(r * (grow if i % 2 else 1), c, (x * grow, y, z), blend=0.04, label="puff")
            for i, (x, y, z, r) in enumerate(puffs)
        ],
        *[ball(0.3, dim(c, 0.78), (x * grow, 0.2, 0), ry=0.15, rz=0.36, label="underside") for x in (-0.42, 0, 0.42)],
    ]


def planet(rng: Random, c: RGB) -> list[Part]:
    tilt, w = uniform(rng, 14, 26), uniform(rng, 0.86, 0.98)
    hoop = light(c, 0.6) if sum(c) < 2.4 else COLORS["orange"]
    x, y = -np.sin(np.radians(tilt)), np.cos(np.radians(tilt))
    return [
        ball(0.5, c, (0, 0.5, 0)),
        tube(w, 0.07, hoop, (0, 0.5, 0), (0, 0, tilt), r=0.02, label="ring"),
        tube(w * 0.8, 0.09, dim(c, 0.75), (0, 0.5, 0), (0, 0, tilt), r=0.02, label="ring"),
        tube(w * 0.7, 0.11, hoop, (0, 0.5, 0), (0, 0, tilt), r=0.02, label="ring"),
        *[
            tube((0.25 - h * h) ** 0.5 + 0.015, 0.09, dim(c, 0.75), (x * h, 0.5 + y * h, 0), (0, 0, tilt), label="belt")
            for h in (-0.26, 0.26)
        ],
    ]


def lightning(rng: Random, c: RGB) -> list[Part]:
    lean, w = uniform(rng, 22, 30), uniform(rng, 0.34, 0.42)
    cut = np.radians(lean + np.degrees(np.arctan(w)))
    return [
        box(w, 1.0, 0.26, c, (w * 0.42, 0.46, 0), (0, 0, -lean), r=0.02),
        box(
            3,
            3,
            2,
            c,
            (w * 0.4 + 1.5 * np.cos(cut), 0.46 - 1.5 * np.sin(cut), 0),
            (0, 0, -np.degrees(cut)),
            operation=CARVE,
        ),
        box(w * 1.15, 0.85, 0.26, c, (0.0, 1.06, 0), (0, 0, -lean), r=0.02, group=1),
    ]


FAMILIES = {
    "moon": Family(moon, "yellow", also=("crescent moon", "half moon")),
    "sun": Family(sun, "yellow"),
    "cloud": Family(cloud, "white", also=("fluffy cloud",), head=((0, 0.86, 0), 0.24)),
    "planet": Family(planet, "orange", also=("saturn", "ringed planet"), head=((0, 0.97, 0), 0.22)),
    "lightning bolt": Family(lightning, "yellow", also=("thunderbolt",)),
}
