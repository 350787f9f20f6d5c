"""Characters."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import BLACK, COLORS, DARK, GOLD, STEEL, WOOD, Family, Random, eyes, uniform
from t2a.pocket.shapes import RGB, Part, ball, box, cone, rod, tube


def snowman(rng: Random, c: RGB) -> list[Part]:
    r = uniform(rng, 0.4, 0.46)
    arms = [rod((s * 0.25, 0.95, 0), (s * 0.65, 1.15, 0), 0.03, WOOD, label="arm") for s in (-1, 1)]
    buttons = [ball(0.04, BLACK, (0, y, z), label="button") for y, z in ((0.82, 0.31), (0.98, 0.31))]
    return [
        ball(r, c, (0, 0.38, 0)),
        ball(0.32, c, (0, 0.9, 0)),
        ball(0.23, c, (0, 1.32, 0), label="head"),
        *arms,
        *buttons,
        *eyes(1.39, 0.2, 0.08, 0.035),
        cone(0.05, 0.005, 0.24, COLORS["orange"], (0, 1.31, 0.32), (90, 0, 0), label="nose"),
    ]


def robot(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 0.5, 0.62)
    return [
        box(w, 0.6, 0.4, c, (0, 0.65, 0), r=0.04),
        box(0.42, 0.36, 0.36, c, (0, 1.2, 0), r=0.05, label="head"),
        tube(0.09, 0.12, STEEL, (0, 0.99, 0), label="neck"),
        *[ball(0.065, GOLD, (s * 0.1, 1.25, 0.17), label="eye") for s in (-1, 1)],
        box(0.22, 0.05, 0.03, DARK, (0, 1.1, 0.18), r=0.005, label="mouth"),
        box(0.26, 0.18, 0.04, STEEL, (0, 0.7, 0.2), r=0.01, label="panel"),
        *[
            rod((s * (w / 2 + 0.09), 0.9, 0), (s * (w / 2 + 0.12), 0.45, 0.06), 0.07, STEEL, label="arm")
            for s in (-1, 1)
        ],
        *[box(0.17, 0.36, 0.22, STEEL, (s * 0.15, 0.18, 0), label="leg") for s in (-1, 1)],
    ]


def ghost(rng: Random, c: RGB) -> list[Part]:
    hem = [
        ball(0.13, c, (0.29 * np.sin(a), 0.1, 0.29 * np.cos(a)), blend=0.03) for a in np.linspace(0, 2 * np.pi, 8)[:-1]
    ]
    return [
        ball(0.38, c, (0, 0.78, 0)),
        tube(0.38, 0.65, c, (0, 0.45, 0), blend=0.03),
        *hem,
        *[ball(0.07, BLACK, (s * 0.13, 0.86, 0.35), ry=0.1, rz=0.05, label="eye") for s in (-1, 1)],
        ball(0.06, BLACK, (0, 0.64, 0.36), rz=0.04, label="mouth"),
    ]


FAMILIES = {
    "snowman": Family(snowman, "white", head=((0, 1.49, 0), 0.17), neck=((0, 1.13, 0), 0.22)),
    "robot": Family(robot, "grey", head=((0, 1.37, 0), 0.2), neck=((0, 0.99, 0), 0.2)),
    "ghost": Family(ghost, "white", head=((0, 1.1, 0), 0.2)),
}
