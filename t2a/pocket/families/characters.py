"""Characters: what is no ordinary person."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import (
    BLACK,
    COLORS,
    DARK,
    GOLD,
    STEEL,
    WHITE,
    WOOD,
    Family,
    Random,
    dim,
    eyes,
    light,
    uniform,
)
from t2a.pocket.families.vehicles import other
from t2a.pocket.shapes import RGB, Part, ball, box, cone, rod, tube


def snowman(rng: Random, c: RGB) -> list[Part]:
    r, lift = uniform(rng, 0.4, 0.48), uniform(rng, -0.1, 0.25)
    arms = []
    for s in (-1, 1):
        hand = (s * 0.66, 1.08 + lift, 0.05)
        arms += [rod((s * 0.25, 0.92, 0), hand, 0.045, WOOD, label="arm")]
        arms += [rod((s * 0.52, 1.02 + lift * 0.65, 0.03), (s * 0.56, 1.2 + lift, 0.05), 0.04, WOOD, label="arm")]
    buttons = [ball(0.05, BLACK, (0, y, z), label="button") for y, z in ((0.78, 0.3), (0.93, 0.32), (1.06, 0.29))]
    return [
        ball(r, c, (0, 0.38, 0)),
        ball(0.32, c, (0, 0.9, 0)),
        ball(0.24, c, (0, 1.32, 0), label="head"),
        *arms,
        *buttons,
        *eyes(1.39, 0.21, 0.09, 0.042),
        cone(0.065, 0.01, 0.28, COLORS["orange"], (0, 1.31, 0.34), (90, 0, 0), label="nose"),
    ]


def robot(rng: Random, c: RGB) -> list[Part]:
    w, h, aerials = uniform(rng, 0.5, 0.64), uniform(rng, 0.55, 0.63), 1 + int(rng.integers(2))
    metal = dim(STEEL, 0.8) if c == WHITE else STEEL
    y = 0.36 + h
    xs = (-0.28, 0.28)[:aerials]
    return [
        box(w, h, 0.42, c, (0, 0.36 + h / 2, 0), r=0.04),
        box(0.48, 0.4, 0.4, c, (0, y + 0.26, 0), r=0.05, label="head"),
        tube(0.11, 0.14, metal, (0, y + 0.03, 0), label="neck"),
        *[
            ball(0.075, GOLD if c != COLORS["yellow"] else DARK, (s * 0.12, y + 0.32, 0.19), label="eye")
            for s in (-1, 1)
        ],
        box(0.26, 0.07, 0.04, DARK, (0, y + 0.15, 0.2), r=0.01, label="mouth"),
        box(0.3, 0.22, 0.05, metal, (0, 0.4 + h / 2, 0.21), r=0.01, label="panel"),
        *[
            ball(0.045, other(c, color, "green"), (x, 0.4 + h / 2, 0.235), label="button")
            for x, color in ((-0.08, "red"), (0.08, "blue"))
        ],
        *[tube(0.09, 0.1, metal, (s * 0.27, y + 0.26, 0), (0, 0, 90), label="ear") for s in (-1, 1)],
        *[rod((x, y + 0.26, 0), (x * 1.25, y + 0.58, 0), 0.045, metal, label="aerial") for x in xs],
        *[ball(0.065, other(c, "red", "yellow"), (x * 1.25, y + 0.6, 0), label="aerial") for x in xs],
        *[
            rod((s * (w / 2 + 0.07), y - 0.1, 0), (s * (w / 2 + 0.12), y - 0.5, 0.06), 0.085, metal, label="arm")
            for s in (-1, 1)
        ],
        *[ball(0.12, c, (s * (w / 2 + 0.12), y - 0.53, 0.07), label="hand") for s in (-1, 1)],
        *[box(0.19, 0.36, 0.24, metal, (s * 0.15, 0.2, 0), label="leg") for s in (-1, 1)],
        *[box(0.23, 0.12, 0.34, c, (s * 0.15, 0.06, 0.05), r=0.04, label="foot") for s in (-1, 1)],
    ]


def ghost(rng: Random, c: RGB) -> list[Part]:
    h, folds, lift = uniform(rng, 0.6, 0.7), 6 + int(rng.integers(3)), uniform(rng, -0.1, 0.15)
    hem = [
        ball(0.15, c, (0.31 * np.sin(a), 0.12, 0.31 * np.cos(a)), ry=0.17, blend=0.04)
        for a in np.arange(folds) * 2 * np.pi / folds
    ]
    y = 0.12 + h
    return [
        ball(0.38, c, (0, y, 0)),
        cone(0.42, 0.375, h, c, (0, 0.12 + h / 2, 0), blend=0.04),
        *hem,
        *[
            ball(0.12, c, (s * 0.42, y - 0.14 + lift, 0.12), ry=0.2, rot=(0, 0, s * -50), blend=0.06, label="arm")
            for s in (-1, 1)
        ],
        *[
            ball(0.075, BLACK if c != BLACK else WHITE, (s * 0.14, y + 0.08, 0.34), ry=0.11, rz=0.06, label="eye")
            for s in (-1, 1)
        ],
        ball(0.07, BLACK if c != BLACK else WHITE, (0, y - 0.14, 0.37), ry=0.09, rz=0.05, label="mouth"),
    ]


def alien(rng: Random, c: RGB) -> list[Part]:
    wide, aerials, w = uniform(rng, 0.4, 0.48), rng.random() < 0.5, uniform(rng, 0.18, 0.23)
    glow = other(c, "yellow", "red")
    stalks = [rod((s * 0.15, 1.3, 0), (s * 0.3, 1.6, 0), 0.045, c, label="aerial") for s in (-1, 1)] + [
        ball(0.09, glow, (s * 0.31, 1.62, 0), label="aerial") for s in (-1, 1)
    ]
    ink = BLACK if c != BLACK else glow
    return [
        cone(w + 0.04, w - 0.05, 0.42, c, (0, 0.45, 0), blend=0.05),
        ball(wide, c, (0, 1.08, 0), ry=0.36, rz=0.36, blend=0.08, label="head"),
        ball(0.2, c, (0, 0.84, 0.06), ry=0.16, blend=0.1, label="head"),
        *[
            ball(0.13, ink, (s * 0.18, 1.04, 0.29), ry=0.18, rz=0.08, rot=(0, s * 25, s * 28), label="eye")
            for s in (-1, 1)
        ],
        *[ball(0.035, WHITE, (s * 0.16, 1.12, 0.375), label="eye") for s in (-1, 1)],
        ball(0.07, ink, (0, 0.81, 0.25), ry=0.03, rz=0.04, label="mouth"),
        *[rod((s * 0.13, 0.58, 0), (s * 0.4, 0.34, 0.1), 0.065, c, label="arm") for s in (-1, 1)],
        *[ball(0.1, c, (s * 0.42, 0.31, 0.11), label="hand") for s in (-1, 1)],
        *[rod((s * 0.11, 0.3, 0), (s * 0.14, 0.05, 0), 0.08, c, label="leg") for s in (-1, 1)],
        *[ball(0.12, c, (s * 0.15, 0.06, 0.06), ry=0.07, rz=0.18, label="foot") for s in (-1, 1)],
        ball(0.15, light(c, 0.45), (0, 0.46, 0.12), ry=0.18, rz=0.12, label="belly"),
        *(stalks if aerials else []),
    ]


def gingerbread(rng: Random, c: RGB) -> list[Part]:
    r, spread, lift = uniform(rng, 0.3, 0.35), uniform(rng, 0.4, 0.5), uniform(rng, -0.05, 0.14)
    icing = WHITE if c != WHITE else COLORS["red"]
    sweet = other(c, "red", "green")

    def biscuit(a: tuple[float, float], b: tuple[float, float]) -> Part:
        middle, length = np.add(a, b) / 2, float(np.hypot(*np.subtract(b, a)))
        angle = float(np.degrees(np.arctan2(b[1] - a[1], b[0] - a[0])))
        return box(length + 0.3, 0.3, 0.2, c, (middle[0], middle[1], 0), (0, 0, angle), r=0.1, blend=0.06)

    cuffs = [(s * (spread - 0.02), 0.76 + lift, 0) for s in (-1, 1)] + [(s * 0.23, 0.22, -63 * s) for s in (-1, 1)]
    return [
        tube(r, 0.18, c, (0, 1.18, 0), (90, 0, 0), r=0.02, blend=0.06, label="head"),
        box(0.48, 0.6, 0.22, c, (0, 0.62, 0), r=0.1, blend=0.06),
        *[biscuit((s * 0.15, 0.74), (s * spread, 0.76 + lift)) for s in (-1, 1)],
        *[biscuit((s * 0.13, 0.42), (s * 0.26, 0.16)) for s in (-1, 1)],
        *[
            box(
                0.07,
                0.28,
                0.25,
                icing,
                (x, y, 0),
                (0, 0, a),
                r=0.03,
                group=1,
                label="icing",
            )
            for x, y, a in cuffs
        ],
        *[ball(0.05, icing, (s * 0.11, 1.25, 0.1), rz=0.05, group=1, label="eye") for s in (-1, 1)],
        *[
            ball(0.04, icing, (x, y, 0.1), group=1, label="mouth")
            for x, y in ((-0.13, 1.1), (-0.05, 1.06), (0.05, 1.06), (0.13, 1.1))
        ],
        *[ball(0.065, sweet, (0, y, 0.11), group=1, label="button") for y in (0.78, 0.6, 0.42)],
    ]


FAMILIES = {
    "snowman": Family(snowman, "white", head=((0, 1.5, 0), 0.18), neck=((0, 1.13, 0), 0.22)),
    "robot": Family(robot, "grey", also=("android",), head=((0, 1.42, 0), 0.2), neck=((0, 0.98, 0), 0.2)),
    "ghost": Family(ghost, "white", also=("spook", "phantom"), head=((0, 1.12, 0), 0.22)),
    "alien": Family(
        alien, "green", also=("martian", "extraterrestrial"), head=((0, 1.38, 0), 0.21), neck=((0, 0.68, 0), 0.2)
    ),
    "gingerbread man": Family(
        gingerbread,
        "brown",
        also=("gingerbread", "gingerbread cookie"),
        head=((0, 1.46, 0), 0.17),
        neck=((0, 0.9, 0), 0.25),
    ),
}
