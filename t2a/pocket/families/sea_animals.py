"""Animals of the sea."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.animals import dark, pale
from t2a.pocket.families.base import BLACK, COLORS, GLASS, WHITE, Family, Random, dim, light, uniform
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, rod


def _side_eyes(x: float, y: float, z: float, r: float) -> list[Part]:
    return [
        part
        for s in (-1, 1)
        for part in (
            ball(r, WHITE, (s * x, y, z), label="eye"),
            ball(r * 0.6, BLACK, (s * (x + r * 0.6), y, z + r * 0.4), label="eye"),
        )
    ]


def fish(rng: Random, c: RGB) -> list[Part]:
    h, d, t = uniform(rng, 0.3, 0.42), uniform(rng, 0.52, 0.64), uniform(rng, 0.26, 0.36)
    fin, back = dim(c, 0.75), 0.55 - 2 * d
    return [
        ball(0.22, c, (0, 0.45, 0.55 - d), ry=h, rz=d),
        *[
            ball(
                0.06, fin, (0, 0.45 + s * t * 0.5, back - 0.1), ry=t * 0.75, rz=0.15, rot=(-s * 35, 0, 0), label="tail"
            )
            for s in (-1, 1)
        ],
        ball(0.06, fin, (0, 0.45 + h, 0.48 - d), ry=0.18, rz=0.28, rot=(-15, 0, 0), label="fin"),
        ball(0.06, fin, (0, 0.45 - h, 0.44 - d), ry=0.12, rz=0.15, rot=(20, 0, 0), label="fin"),
        *_side_eyes(0.14, 0.53, 0.32, 0.09),
        ball(0.09, fin, (0, 0.4, 0.54), ry=0.06, rz=0.06, label="mouth"),
        *[
            ball(0.16, fin, (s * 0.26, 0.35, 0.02), ry=0.06, rz=0.12, rot=(0, s * 20, -s * 35), label="fin")
            for s in (-1, 1)
        ],
    ]


def crab(rng: Random, c: RGB) -> list[Part]:
    w, claw, up = uniform(rng, 0.42, 0.54), uniform(rng, 0.19, 0.25), uniform(rng, 0.46, 0.6)
    x = w + 0.16
    legs = [
        part
        for s in (-1, 1)
        for z in (-0.24, -0.02, 0.18)
        for knee in [(s * (w + 0.2), 0.36, z * 1.4 - 0.05)]
        for part in (
            rod((s * w * 0.75, 0.3, z), knee, 0.06, c, label="leg"),
            rod(knee, (s * (w + 0.32), 0, z * 1.7 - 0.05), 0.07, dim(c, 0.8), 0.035, label="leg"),
        )
    ]
    arms = [rod((s * w * 0.7, 0.34, 0.22), (s * x, up - 0.04, 0.48), 0.075, c, label="arm") for s in (-1, 1)]
    claws = [
        part
        for i, s in enumerate((-1, 1), 1)
        for part in (
            ball(claw, c, (s * x, up + claw * 0.5, 0.52), ry=claw * 1.25, rz=claw * 0.62, label="claw", group=i),
            box(
                *(claw * 0.6, claw * 1.5, claw * 3, c, (s * (x - claw * 0.18), up + claw * 1.4, 0.52), (0, 0, s * 14)),
                operation=CARVE,
                group=i,
            ),
        )
    ]
    return [
        ball(w, c, (0, 0.34, 0), ry=0.24, rz=0.36),
        ball(w * 0.82, light(c, 0.5), (0, 0.22, 0.06), ry=0.16, rz=0.3, label="belly"),
        *legs,
        *arms,
        *claws,
        *[rod((s * 0.14, 0.45, 0.2), (s * 0.16, 0.74, 0.26), 0.05, c, label="stalk") for s in (-1, 1)],
        *[ball(0.1, WHITE, (s * 0.16, 0.76, 0.27), label="eye") for s in (-1, 1)],
        *[ball(0.06, BLACK, (s * 0.16, 0.78, 0.34), label="eye") for s in (-1, 1)],
        ball(0.13, BLACK if c != BLACK else WHITE, (0, 0.36, 0.33), ry=0.035, rz=0.05, label="mouth"),
    ]


def whale(rng: Random, c: RGB) -> list[Part]:
    h, d, up = uniform(rng, 0.38, 0.46), uniform(rng, 0.66, 0.8), uniform(rng, 0.55, 0.8)
    back = 0.6 - 2 * d
    water = GLASS if c != COLORS["turquoise"] else WHITE
    spout = [(0, 0.98, 0.2), (0.19, 1.08, 0.2), (-0.19, 1.08, 0.2)]
    return [
        ball(0.46, c, (0, 0.42, 0.6 - d), ry=h, rz=d),
        ball(0.4, pale(c), (0, 0.32, 0.66 - d), ry=0.34, rz=d * 0.93, label="belly"),
        rod((0, 0.42, back + 0.4), (0, up, back - 0.08), 0.22, c, 0.1, blend=0.12, label="tail"),
        *[
            ball(0.26, c, (s * 0.2, up + 0.06, back - 0.16), ry=0.07, rz=0.14, rot=(25, s * 30, s * 22), label="tail")
            for s in (-1, 1)
        ],
        *[
            ball(0.24, c, (s * 0.52, 0.24, 0.18), ry=0.06, rz=0.13, rot=(0, s * 30, -s * 25), label="fin")
            for s in (-1, 1)
        ],
        *_side_eyes(0.36, 0.48, 0.3, 0.075),
        rod((0, 0.7, 0.2), (0, 1.02, 0.2), 0.06, water, label="spout"),
        *[ball(0.13, water, p, ry=0.1, label="spout") for p in spout],
    ]


def shark(rng: Random, c: RGB) -> list[Part]:
    d, f, t = uniform(rng, 0.7, 0.84), uniform(rng, 0.44, 0.54), uniform(rng, 0.34, 0.44)
    middle, back = 0.7 - d, 0.7 - 2 * d
    teeth = [
        box(0.1, 0.1, 0.09, WHITE, (x, 0.4, 0.66 - abs(x) * 0.8), (0, x * 200, 45), r=0.01, label="tooth")
        for x in (-0.19, -0.07, 0.07, 0.19)
    ]
    return [
        ball(0.28, c, (0, 0.47, middle), ry=0.28, rz=d),
        ball(0.25, pale(c), (0, 0.37, middle - 0.05), ry=0.24, rz=d * 0.86, label="belly"),
        ball(0.23, BLACK if c != BLACK else COLORS["red"], (0, 0.33, 0.48), ry=0.11, rz=0.19, label="mouth"),
        *teeth,
        box(0.1, f, f, c, (0, 0.72, middle - 0.02), (58, 0, 0), label="fin"),
        ball(0.08, c, (0, 0.45 + t * 0.6, back - 0.1), ry=t, rz=0.13, rot=(-35, 0, 0), label="tail"),
        ball(0.08, c, (0, 0.45 - t * 0.4, back - 0.05), ry=t * 0.7, rz=0.12, rot=(40, 0, 0), label="tail"),
        rod((0, 0.45, back + 0.4), (0, 0.45, back - 0.04), 0.16, c, 0.09, label="tail"),
        *[
            ball(0.34, c, (s * 0.4, 0.3, middle + 0.1), ry=0.07, rz=0.14, rot=(0, s * 35, -s * 25), label="fin")
            for s in (-1, 1)
        ],
        *_side_eyes(0.18, 0.56, 0.4, 0.07),
    ]


def octopus(rng: Random, c: RGB) -> list[Part]:
    h, reach, curl = uniform(rng, 0.4, 0.5), uniform(rng, 0.62, 0.78), uniform(rng, 0.16, 0.3)
    arms = []
    for a in (np.arange(8) + 0.5) * np.pi / 4:
        x, z = float(np.sin(a)), float(np.cos(a))
        knee, tip = (x * reach * 0.75, 0.1, z * reach * 0.75), (x * reach * 1.08, 0.1 + curl, z * reach * 1.08)
        arms += [
            rod((x * 0.2, 0.36, z * 0.2), knee, 0.14, c, 0.1, blend=0.03, label="arm"),
            rod(knee, tip, 0.1, c, 0.06, blend=0.06, label="arm"),
        ]
    return [
        ball(0.38, c, (0, 1.1 - h, -0.02), ry=h, rz=0.38, blend=0.08, label="head"),
        ball(0.3, c, (0, 0.36, 0), ry=0.22, blend=0.08),
        *arms,
        *[ball(0.115, WHITE, (s * 0.16, 0.68, 0.29), label="eye") for s in (-1, 1)],
        *[ball(0.065, BLACK, (s * 0.16, 0.69, 0.38), label="eye") for s in (-1, 1)],
        ball(0.07, dark(c), (0, 0.48, 0.36), ry=0.06, rz=0.05, label="mouth"),
    ]


FAMILIES = {
    "fish": Family(fish, "orange", ("goldfish", "fishy")),
    "crab": Family(crab, "red"),
    "whale": Family(whale, "blue", ("humpback",), ((0, 0.82, -0.32), 0.19)),
    "shark": Family(shark, "grey"),
    "octopus": Family(octopus, "purple", ("squid",), ((0, 1.06, -0.02), 0.22)),
}
