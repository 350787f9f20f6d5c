"""Animals of fairy tales and of long ago."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.animals import legs
from t2a.pocket.families.base import BLACK, COLORS, CREAM, GOLD, WHITE, Family, Random, dim, light, uniform
from t2a.pocket.families.farm_animals import HORSE_NECK, steed
from t2a.pocket.shapes import RGB, Part, ball, box, cone, rod

RAINBOW = [COLORS[name] for name in ("red", "orange", "yellow", "turquoise", "purple")]


def unicorn(rng: Random, c: RGB) -> list[Part]:
    h = uniform(rng, 0.36, 0.46)
    horn = GOLD if c not in (COLORS["yellow"], COLORS["orange"]) else WHITE
    hoof = horn if c == WHITE or rng.random() < 0.5 else dim(c, 0.6)
    return [
        *steed(rng, c, hoof, RAINBOW, RAINBOW[::2]),
        rod((0, 1.48, 0.72), (0, 1.48 + h, 0.72 + h * 0.55), 0.09, horn, 0.03, label="horn"),
    ]


def dragon(rng: Random, c: RGB) -> list[Part]:
    span, raised, d, low = (
        uniform(rng, 0.42, 0.54),
        uniform(rng, 5, 25),
        uniform(rng, 0.4, 0.48),
        uniform(rng, -0.04, 0.1),
    )
    back, fold = 0.36 - 2 * d, 25
    spike = GOLD if c not in (COLORS["yellow"], COLORS["orange"]) else COLORS["red"]
    skin = dim(c, 0.65) if c != BLACK else COLORS["red"]
    turn = np.radians(fold)

    def fan(s: int, tilt: float, length: float) -> Part:
        a = np.radians(tilt)
        x, y, z = length * 0.88 * np.array([np.cos(turn) * np.cos(a), np.cos(turn) * np.sin(a), -np.sin(turn)])
        at = (s * (0.12 + x), 0.74 + y, 0.02 + z)
        return ball(length, skin, at, ry=0.19, rz=0.07, rot=(0, s * fold, s * tilt), label="wing")

    bones = [
        rod(
            (s * 0.12, 0.74, 0.04),
            (
                s * (0.12 + 1.9 * span * np.cos(turn) * np.cos(a)),
                0.8 + 1.9 * span * np.cos(turn) * np.sin(a),
                0.04 - 1.9 * span * np.sin(turn),
            ),
            *(0.075, c, 0.05),
            label="wing",
        )
        for s in (-1, 1)
        for a in [np.radians(raised + 45)]
    ]
    tail = [(0, 0.5, back + 0.2), (0, 0.26, back - 0.2), (0, 0.24, back - 0.5), (0, 0.5, back - 0.74)]
    ridge = [(1.3, 0.42), (1.08, 0.24), (0.88, 0.0), (0.84, -0.26), (0.44, back - 0.14), (0.42, back - 0.44)]
    return [
        ball(0.29, c, (0, 0.56, 0.36 - d), ry=0.28, rz=d, blend=0.04),
        rod((0, 0.62, 0.16), (0, 1.14, 0.46), 0.22, c, 0.15, blend=0.06, label="neck"),
        ball(0.22, c, (0, 1.24, 0.54), ry=0.2, blend=0.05, label="head"),
        rod((0, 1.2, 0.6), (0, 1.13, 0.92), 0.17, c, 0.13, blend=0.03, label="snout"),
        *[ball(0.065, c, (s * 0.08, 1.23, 0.94), label="nostril") for s in (-1, 1)],
        ball(
            0.24, light(c, 0.55) if c != WHITE else CREAM, (0, 0.5, 0.26 - d * 0.5), ry=0.26, rz=d * 0.72, label="belly"
        ),
        *[ball(0.075, WHITE, (s * 0.15, 1.33, 0.66), label="eye") for s in (-1, 1)],
        *[ball(0.045, BLACK, (s * 0.165, 1.34, 0.715), label="eye") for s in (-1, 1)],
        *[rod((s * 0.12, 1.36, 0.46), (s * 0.2, 1.66, 0.28), 0.08, spike, 0.025, label="horn") for s in (-1, 1)],
        *[fan(s, raised + t, span * f) for s in (-1, 1) for t, f in ((38, 0.95), (14, 0.9), (-10, 0.72))],
        *bones,
        *[
            rod(a, b, r, c, q, label="tail")
            for a, b, r, q in zip(tail, tail[1:], (0.2, 0.13, 0.1), (0.13, 0.1, 0.06), strict=False)
        ],
        box(0.24, 0.24, 0.1, spike, (0, 0.58, back - 0.8), (-45, 0, 45), label="spike"),
        *[cone(0.09, 0.02, 0.2, spike, (0, y, z), (-30, 0, 0), label="spike") for y, z in ridge],
        *legs(c, 0.19, 0.2, back + 0.22, low, 0.5, 0.1),
    ]


def dinosaur(rng: Random, c: RGB) -> list[Part]:
    jaw, gape, t = uniform(rng, 0.44, 0.54), uniform(rng, 14, 26), uniform(rng, 0.5, 0.7)
    belly = light(c, 0.55) if c != WHITE else CREAM
    stripe = dim(c, 0.6) if c != BLACK else COLORS["grey"]
    teeth = [
        cone(0.02, 0.055, 0.12, WHITE if c != WHITE else CREAM, (s * 0.15, 1.27, 0.52 + i * jaw * 0.26), label="tooth")
        for s in (-1, 1)
        for i in range(3)
    ]
    return [
        ball(0.34, c, (0, 0.76, -0.02), ry=0.36, rz=0.5, rot=(-35, 0, 0), blend=0.05),
        rod((0, 0.86, 0.14), (0, 1.3, 0.26), 0.27, c, 0.22, blend=0.1, label="neck"),
        box(0.42, 0.36, 0.4, c, (0, 1.44, 0.32), r=0.13, blend=0.06, label="head"),
        box(0.38, 0.24, jaw, c, (0, 1.42, 0.42 + jaw / 2), r=0.1, blend=0.05, label="head"),
        box(0.32, 0.12, jaw + 0.1, c, (0, 1.16, 0.3 + jaw / 2), (gape, 0, 0), r=0.05, label="jaw"),
        box(
            0.24,
            0.08,
            jaw - 0.06,
            COLORS["red" if c != COLORS["red"] else "black"],
            (0, 1.23, 0.3 + jaw / 2),
            (gape * 0.7, 0, 0),
            r=0.03,
            label="mouth",
        ),
        *teeth,
        *[ball(0.09, WHITE, (s * 0.19, 1.55, 0.44), label="eye") for s in (-1, 1)],
        *[ball(0.055, BLACK, (s * 0.23, 1.56, 0.49), label="eye") for s in (-1, 1)],
        ball(0.27, belly, (0, 0.74, 0.14), ry=0.34, rz=0.32, rot=(-25, 0, 0), label="belly"),
        rod((0, 0.66, -0.2), (0, 0.36, -0.2 - t), 0.3, c, 0.15, blend=0.08, label="tail"),
        rod((0, 0.37, -0.18 - t), (0, 0.34, -0.7 - t), 0.155, c, 0.05, label="tail"),
        *[ball(0.19, c, (s * 0.27, 0.5, -0.06), ry=0.28, rz=0.25, label="leg") for s in (-1, 1)],
        *[rod((s * 0.28, 0.36, -0.1), (s * 0.28, 0.04, -0.02), 0.11, c, label="leg") for s in (-1, 1)],
        *[ball(0.14, c, (s * 0.28, 0.06, 0.1), ry=0.075, rz=0.23, label="foot") for s in (-1, 1)],
        *[rod((s * 0.24, 0.94, 0.32), (s * 0.24, 0.8, 0.56), 0.075, c, 0.055, label="arm") for s in (-1, 1)],
        *[
            ball(0.11, stripe, (0, y, z), ry=0.07, rz=0.1, label="stripe")
            for y, z in ((1.3, 0.02), (1.1, -0.15), (0.88, -0.38))
        ],
    ]


FAMILIES = {
    "unicorn": Family(unicorn, "white", (), ((0, 1.54, 0.5), 0.14), HORSE_NECK),
    "dragon": Family(dragon, "red", ("fire dragon", "wyvern"), ((0, 1.42, 0.52), 0.14), ((0, 0.98, 0.38), 0.22)),
    "dinosaur": Family(
        dinosaur, "green", ("t-rex", "tyrannosaurus", "dino"), ((0, 1.61, 0.32), 0.18), ((0, 1.1, 0.2), 0.3)
    ),
}
