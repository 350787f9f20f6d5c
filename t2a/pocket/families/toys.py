"""Toys and games."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import (
    BLACK,
    COLORS,
    CREAM,
    DARK,
    GLASS,
    LEAF,
    SKIN,
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
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod, tube


def _other(c: RGB, *names: str) -> RGB:
    """The first of the named colours that is not c."""
    return next(COLORS[n] for n in names if COLORS[n] != c)


def dice(rng: Random, c: RGB) -> list[Part]:
    pip, r = BLACK if sum(c) > 1.2 else WHITE, uniform(rng, 0.08, 0.16)
    two, four = [(-1, -1), (1, 1)], [(x, y) for x in (-1, 1) for y in (-1, 1)]
    one, six = [(0, 0)], [(x, y) for x in (-1, 1) for y in (-1, 0, 1)]
    top, bottom = (one, six) if rng.random() < 0.5 else (six, one)
    faces = [(2, 1, four + one), (2, -1, two), (1, 1, top), (1, -1, bottom), (0, 1, two + one), (0, -1, four)]
    spots = [
        ball(0.13, pip, tuple(np.insert(np.array(spot) * 0.25, axis, side * 0.42) + (0, 0.5, 0)), label="pip")
        for axis, side, dots in faces
        for spot in dots
    ]
    return [box(1, 1, 1, c, (0, 0.5, 0), r=r), *spots]


def balloon(rng: Random, c: RGB) -> list[Part]:
    r, tall = uniform(rng, 0.42, 0.5), uniform(rng, 1.1, 1.3)
    string = DARK if c != BLACK else STEEL
    bends = [(0.0, 0.0), (0.09, 0.3), (-0.07, 0.6), (0.0, 0.84)]
    return [
        ball(r, c, (0, 0.95 + r * tall, 0), ry=r * tall),
        cone(0.1, r * 0.62, 0.34, c, (0, 1.06, 0), blend=0.05),
        cone(0.15, 0.04, 0.13, c, (0, 0.88, 0), label="knot"),
        *[
            rod((x1, y1, 0), (x2, y2, 0), 0.04, string, label="string")
            for (x1, y1), (x2, y2) in zip(bends, bends[1:], strict=False)
        ],
        ball(0.09, light(c, 0.7), (-r * 0.4, 1.05 + r * tall * 1.35, r * 0.72), ry=0.14, label="shine"),
    ]


def kite(rng: Random, c: RGB) -> list[Part]:
    s = uniform(rng, 0.42, 0.52)
    q, y = s * 0.7071, 1.25
    bow = _other(c, "yellow", "red")
    panels = [((0, q), c), ((q, 0), light(c, 0.45)), ((0, -q), c), ((-q, 0), light(c, 0.45))]
    tail = [(0.0, y - 2 * q + 0.04), (0.13, 0.42), (-0.1, 0.2), (0.06, 0.0)]
    return [
        *[box(s, s, 0.1, v, (x, y + dy, 0), (0, 0, 45), r=0.01, label="cloth") for (x, dy), v in panels],
        box(0.09, 4 * q - 0.1, 0.16, WOOD, (0, y, 0), label="stick"),
        box(4 * q - 0.1, 0.09, 0.16, WOOD, (0, y, 0), label="stick"),
        *[
            rod((x1, y1, 0), (x2, y2, 0), 0.045, dim(c), label="tail")
            for (x1, y1), (x2, y2) in zip(tail, tail[1:], strict=False)
        ],
        *[
            rod((x, h, 0), (x + k * 0.18, h + k * 0.03, 0), 0.02, bow, 0.11, label="bow")
            for x, h in tail[1:]
            for k in (-1, 1)
        ],
    ]


def spinning_top(rng: Random, c: RGB) -> list[Part]:
    r, h = uniform(rng, 0.5, 0.58), uniform(rng, 0.28, 0.4)
    stripe = _other(c, "yellow", "red")
    return [
        cone(0.03, 0.12, 0.18, _other(c, "grey", "black"), (0, 0.09, 0), label="tip"),
        cone(0.1, r, 0.42, c, (0, 0.36, 0)),
        tube(r + 0.02, 0.14, stripe, (0, 0.62, 0), r=0.02, label="stripe"),
        cone(r, 0.18, h, c, (0, 0.68 + h / 2, 0)),
        cone(r * 0.72, r * 0.56, h * 0.22, stripe, (0, 0.7 + h * 0.47, 0), label="stripe"),
        tube(0.09, 0.4, WOOD, (0, 0.78 + h, 0), label="handle"),
        ball(0.15, stripe, (0, 1.0 + h, 0), label="knob"),
    ]


def rocking_horse(rng: Random, c: RGB) -> list[Part]:
    n = uniform(rng, 0.0, 0.12)
    curve = [(0.3, -0.85), (0.1, -0.48), (0.04, 0.0), (0.1, 0.48), (0.3, 0.85)]
    wood, saddle, mane = _other(c, "brown", "yellow"), _other(c, "red", "blue"), dim(c, 0.5) if c != BLACK else CREAM
    rockers = [
        rod((s * 0.26, y1, z1), (s * 0.26, y2, z2), 0.07, wood, label="rocker")
        for s in (-1, 1)
        for (y1, z1), (y2, z2) in zip(curve, curve[1:], strict=False)
    ]
    return [
        *rockers,
        *[
            rod((s * 0.26, 0.1, z * 0.5), (s * 0.14, 0.62, z * 0.3), 0.085, c, label="leg")
            for s in (-1, 1)
            for z in (-1, 1)
        ],
        *[rod((-0.26, 0.12, z), (0.26, 0.12, z), 0.06, wood, label="rocker") for z in (-0.5, 0.5)],
        ball(0.25, c, (0, 0.75, 0), rz=0.5),
        rod((0, 0.8, 0.34), (0, 1.25 + n, 0.56), 0.17, c, 0.13, label="neck"),
        ball(0.15, c, (0, 1.3 + n, 0.66), ry=0.15, rz=0.27, rot=(28, 0, 0), label="head"),
        *[cone(0.07, 0.01, 0.2, c, (s * 0.09, 1.48 + n, 0.52), label="ear") for s in (-1, 1)],
        *[ball(0.04, BLACK if c != BLACK else WHITE, (s * 0.13, 1.36 + n, 0.68), label="eye") for s in (-1, 1)],
        *[ball(0.09, mane, (0, 0.98 + 0.15 * i, 0.26 + 0.07 * i), ry=0.12, rz=0.13, label="mane") for i in range(4)],
        ball(0.1, mane, (0, 0.72, -0.56), ry=0.3, rot=(20, 0, 0), label="tail"),
        ball(0.27, saddle, (0, 0.85, -0.02), ry=0.17, rz=0.22, label="saddle"),
    ]


def pawn(rng: Random, c: RGB) -> list[Part]:
    r = uniform(rng, 0.22, 0.27)
    return [
        tube(0.4, 0.14, c, (0, 0.07, 0), r=0.02, label="base"),
        cone(0.36, 0.28, 0.14, dim(c, 0.8), (0, 0.2, 0), label="base"),
        cone(0.28, 0.13, 0.5, c, (0, 0.5, 0)),
        cone(0.26, 0.16, 0.1, dim(c, 0.8), (0, 0.78, 0), r=0.02, label="collar"),
        ball(r, c, (0, 1.22 - r, 0), label="head"),
    ]


def football(rng: Random, c: RGB) -> list[Part]:
    patch = BLACK if c != BLACK else WHITE
    g, turn = (1 + 5**0.5) / 2, uniform(rng, 0, 6.28)
    corners = [v for a in (-1, 1) for b in (-g, g) for v in ((0, a, b), (a, b, 0), (b, 0, a))]
    spots = []
    for x, y, z in np.array(corners) / (1 + g * g) ** 0.5:
        at = (x * np.cos(turn) + z * np.sin(turn), y, z * np.cos(turn) - x * np.sin(turn))
        spots.append(ball(0.18, patch, tuple(0.345 * np.array(at) + np.array([0, 0.5, 0])), label="patch"))
    return [ball(0.5, c, (0, 0.5, 0)), *spots]


def skateboard(rng: Random, c: RGB) -> list[Part]:
    d, hub = uniform(rng, 0.8, 1.0), _other(c, "yellow", "red")
    return [
        box(0.44, 0.1, d, c, (0, 0.32, 0), r=0.04, label="deck"),
        *[
            box(0.44, 0.1, 0.42, c, (0, 0.38, s * (d / 2 + 0.12)), (-s * 22, 0, 0), r=0.04, label="deck")
            for s in (-1, 1)
        ],
        *[tube(0.22, 0.1, c, (0, 0.46, s * (d / 2 + 0.3)), (-s * 22, 0, 0), label="deck") for s in (-1, 1)],
        *[box(0.4, 0.13, 0.12, STEEL, (0, 0.2, s * d * 0.36), label="truck") for s in (-1, 1)],
        *[
            tube(0.14, 0.13, hub, (x * 0.2, 0.14, z * d * 0.36), (0, 0, 90), label="wheel")
            for x in (-1, 1)
            for z in (-1, 1)
        ],
    ]


def snow_globe(rng: Random, c: RGB) -> list[Part]:
    h, tree = uniform(rng, 0.42, 0.55), LEAF if c != COLORS["green"] else COLORS["turquoise"]
    return [
        ball(0.55, GLASS, (0, 0.86, 0), label="glass"),
        ball(0.47, light(GLASS, 0.5), (0, 0.86, 0), operation=CARVE, label="glass"),
        tube(0.43, 1, light(GLASS, 0.5), (0, 0.9, 0.5), (90, 0, 0), operation=CARVE, label="glass"),
        ball(0.5, WHITE, (0, 0.6, 0), ry=0.16, group=1, label="snow"),
        cone(0.24, 0.1, h * 0.5, tree, (0, 0.68 + h * 0.25, 0.02), group=1, label="tree"),
        cone(0.18, 0.01, h * 0.55, tree, (0, 0.68 + h * 0.7, 0.02), group=1, label="tree"),
        *[
            ball(0.06, WHITE, at, group=1, label="snow")
            for at in ((0.2, 0.98, -0.3), (-0.22, 1.1, -0.25), (-0.28, 0.86, -0.28))
        ],
        cone(0.54, 0.44, 0.42, c, (0, 0.21, 0), group=1, label="base"),
        tube(0.57, 0.12, dim(c, 0.75), (0, 0.06, 0), group=1, label="base"),
        ring(0.46, 0.06, dim(c, 0.75), (0, 0.44, 0), group=1, label="base"),
    ]


def jack(rng: Random, c: RGB) -> list[Part]:
    n, hat = int(rng.integers(3, 5)), _other(c, "blue", "red")
    y = 0.66 + 0.14 * n
    side = _other(c, "yellow", "red")
    return [
        box(0.8, 0.66, 0.8, c, (0, 0.33, 0)),
        *[box(0.4, 0.4, 0.06, side, (0, 0.33, z * 0.39), (0, 0, 45), label="diamond") for z in (-1, 1)],
        *[box(0.06, 0.4, 0.4, side, (x * 0.39, 0.33, 0), (45, 0, 0), label="diamond") for x in (-1, 1)],
        box(0.8, 0.8, 0.08, dim(c, 0.8), (0, 1.0, -0.52), (-18, 0, 0), label="lid"),
        *[
            ring(
                0.15,
                0.065,
                STEEL if c != COLORS["grey"] else DARK,
                (0, 0.72 + 0.14 * i, 0),
                (8 * (-1) ** i, 0, 0),
                label="spring",
            )
            for i in range(n)
        ],
        ball(0.28, SKIN, (0, y + 0.24, 0), label="head"),
        *eyes(y + 0.3, 0.25, 0.1, 0.05),
        ball(0.08, COLORS["red"], (0, y + 0.2, 0.3), label="nose"),
        *[ball(0.12, COLORS["orange"], (s * 0.27, y + 0.3, -0.02), label="hair") for s in (-1, 1)],
        cone(0.24, 0.03, 0.42, hat, (0, y + 0.62, 0), label="hat"),
        ball(0.1, side, (0, y + 0.84, 0), label="hat"),
        rod((0.4, 0.33, 0), (0.6, 0.33, 0), 0.05, DARK, label="crank"),
        rod((0.58, 0.33, 0), (0.58, 0.52, 0), 0.05, DARK, label="crank"),
    ]


def bowling_pin(rng: Random, c: RGB) -> list[Part]:
    stripe, r = _other(c, "red", "white"), uniform(rng, 0.28, 0.33)
    return [
        cone(0.17, r * 0.92, 0.36, c, (0, 0.18, 0)),
        ball(r, c, (0, 0.45, 0), ry=0.4, blend=0.12),
        cone(r * 0.86, 0.13, 0.5, c, (0, 0.78, 0), blend=0.12),
        ball(0.19, c, (0, 1.2, 0), ry=0.22, blend=0.1, label="head"),
        *[tube(t, 0.08, stripe, (0, y, 0), label="stripe") for t, y in ((0.185, 0.92), (0.165, 1.05))],
    ]


FAMILIES = {
    "dice": Family(dice, "white", also=("gaming die",)),
    "balloon": Family(balloon, "red", also=("party balloon",)),
    "kite": Family(kite, "red", also=("toy kite",)),
    "spinning top": Family(spinning_top, "blue", also=("whirligig", "humming top"), paintable=("stripe",)),
    "rocking horse": Family(rocking_horse, "white", also=("hobby horse",), head=((0, 1.45, 0.58), 0.14)),
    "chess pawn": Family(
        pawn, "white", also=("pawn", "chess piece"), head=((0, 1.18, 0), 0.18), neck=((0, 0.82, 0), 0.22)
    ),
    "football": Family(football, "white", also=("soccer ball",), head=((0, 0.97, 0), 0.26)),
    "skateboard": Family(skateboard, "purple", also=("skate board",)),
    "snow globe": Family(snow_globe, "red", also=("snowglobe", "snow dome"), head=((0, 1.37, 0), 0.26)),
    "jack-in-the-box": Family(jack, "red", also=("clown box",)),
    "bowling pin": Family(
        bowling_pin, "white", also=("skittle", "ninepin"), head=((0, 1.38, 0), 0.14), neck=((0, 0.98, 0), 0.2)
    ),
}
