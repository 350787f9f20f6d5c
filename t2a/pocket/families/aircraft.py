"""What flies."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import (
    COLORS,
    DARK,
    GLASS,
    STEEL,
    WHITE,
    WOOD,
    Family,
    Random,
    dim,
    light,
    uniform,
)
from t2a.pocket.families.construction import cut
from t2a.pocket.families.vehicles import other
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod, tube


def airplane(rng: Random, c: RGB) -> list[Part]:
    span, sweep, propeller = uniform(rng, 0.9, 1.1), uniform(rng, 0, 0.4), rng.random() < 0.4
    accent = dim(c, 0.65) if c == WHITE else light(c, 0.35)
    sweep = 0 if propeller else sweep
    wings = [
        box(
            span, 0.09, 0.4, accent, (s * span / 2, 0.36, 0.1 - sweep / 2), (0, s * 60 * sweep, 0), r=0.04, label="wing"
        )
        for s in (-1, 1)
    ]
    engines = [tube(0.11, 0.4, STEEL, (s * 0.5, 0.27, 0.12), (90, 0, 0), label="engine") for s in (-1, 1)]
    screw = [
        ball(0.1, DARK, (0, 0.4, 1.0), label="propeller"),
        box(0.12, 0.8, 0.08, DARK, (0, 0.4, 1.02), (0, 0, uniform(rng, 0, 180)), label="propeller"),
        tube(0.2, 0.12, accent, (0, 0.4, 0.86), (90, 0, 0), label="nose"),
    ]
    return [
        ball(0.24, c, (0, 0.4, 0), rz=1.0),
        cone(0.12, 0.23, 0.9, c, (0, 0.42, -0.45), (90, 0, 0), blend=0.1),
        *wings,
        box(0.8, 0.08, 0.26, accent, (0, 0.48, -0.82), r=0.03, label="tail"),
        box(0.09, 0.42, 0.3, accent, (0, 0.66, -0.84), (-20, 0, 0), r=0.03, label="tail"),
        ball(0.16, GLASS, (0, 0.56, 0.42), rz=0.26, label="windows"),
        *(screw if propeller else engines),
    ]


def rocket(rng: Random, c: RGB) -> list[Part]:
    h, r, bulge = uniform(rng, 0.85, 1.15), uniform(rng, 0.24, 0.3), rng.random() < 0.5
    fin_color = other(c, "red", "grey")
    count = 3 + int(rng.integers(2))
    fins = [
        box(
            0.1,
            0.5,
            0.36,
            fin_color,
            (1.25 * r * np.sin(a), 0.24, 1.25 * r * np.cos(a)),
            (0, np.degrees(a), 0),
            label="fin",
        )
        for a in np.pi / 4 + np.arange(count) * 2 * np.pi / count
    ]
    hull = (
        [
            ball(r * 1.25, c, (0, 0.1 + h / 2, 0), ry=h * 0.75),
            cone(r * 0.85, 0.01, 0.34, fin_color, (0, h + 0.27, 0), label="nose"),
        ]
        if bulge
        else [tube(r, h, c, (0, 0.15 + h / 2, 0)), cone(r, 0.01, 0.45, fin_color, (0, h + 0.37, 0), label="nose")]
    )
    side = r * (1.2 if bulge else 1.0)
    return [
        *hull,
        *fins,
        ring(0.11, 0.045, STEEL, (0, h * 0.72, side - 0.03), (90, 0, 0), label="window"),
        ball(0.11, GLASS, (0, h * 0.72, side - 0.02), rz=0.06, label="window"),
        cone(r * 0.9, r * 0.6, 0.2, DARK, (0, 0.06, 0), label="nozzle"),
    ]


def helicopter(rng: Random, c: RGB) -> list[Part]:
    length, span, turn = uniform(rng, 0.8, 1.0), uniform(rng, 1.6, 1.9), uniform(rng, 0, 90)
    skids = []
    for s in (-1, 1):
        skids += [rod((s * 0.3, 0.06, -0.4), (s * 0.3, 0.06, 0.5), 0.055, DARK, label="skid")]
        skids += [rod((s * 0.3, 0.06, z), (s * 0.16, 0.34, z), 0.05, DARK, label="skid") for z in (-0.18, 0.26)]
    return [
        ball(0.36, c, (0, 0.58, 0), rz=0.5),
        ball(0.32, GLASS, (0, 0.63, 0.22), rz=0.34, label="windows"),
        rod((0, 0.68, -0.2), (0, 0.78, -length), 0.17, c, 0.08, label="tail"),
        box(0.09, 0.42, 0.22, c, (0, 0.9, -length), (-20, 0, 0), r=0.03, label="tail"),
        box(0.5, 0.08, 0.16, c, (0, 0.76, -length * 0.85), r=0.03, label="tail"),
        tube(0.07, 0.3, DARK, (0, 0.98, -0.02), label="mast"),
        *[box(span, 0.09, 0.17, DARK, (0, 1.1, -0.02), (0, turn + a, 0), r=0.03, label="rotor") for a in (0, 90)],
        tube(0.11, 0.12, STEEL, (0, 1.12, -0.02), label="rotor"),
        *[box(0.08, 0.46, 0.12, DARK, (0.09, 0.92, -length), (a, 0, 0), r=0.02, label="rotor") for a in (45, 135)],
        *skids,
    ]


def balloon(rng: Random, c: RGB) -> list[Part]:
    tall, gores, drop = uniform(rng, 0.6, 0.7), 2 + int(rng.integers(2)), uniform(rng, 0.2, 0.32)
    y = 1.1 + drop
    stripe = light(c, 0.6) if c != WHITE else COLORS["red"]
    turns = np.arange(gores) * 180 / gores
    ropes = [
        rod((x * 0.15, 0.3, z * 0.15), (x * 0.24, y - tall * 0.78, z * 0.24), 0.04, WOOD, label="rope")
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    return [
        ball(0.6, c, (0, y, 0), ry=tall, blend=0.02),
        *[ball(0.63, stripe, (0, y, 0), ry=tall * 1.04, rz=0.26, rot=(0, a, 0), label="stripe") for a in turns],
        cone(0.24, 0.44, 0.34, c, (0, y - tall * 0.8, 0)),
        ring(0.24, 0.06, stripe, (0, y - tall * 0.8 - 0.17, 0), label="stripe"),
        *ropes,
        box(0.46, 0.36, 0.46, WOOD, (0, 0.15, 0), r=0.04, group=1, label="basket"),
        box(0.28, 0.3, 0.28, dim(WOOD), (0, 0.34, 0), group=1, operation=CARVE, label="basket"),
        *[
            rod((s * 0.2, 0.32, -0.2), (s * 0.2, 0.32, 0.2), 0.05, light(WOOD, 0.3), group=2, label="basket")
            for s in (-1, 1)
        ],
        *[
            rod((-0.2, 0.32, s * 0.2), (0.2, 0.32, s * 0.2), 0.05, light(WOOD, 0.3), group=2, label="basket")
            for s in (-1, 1)
        ],
    ]


def ufo(rng: Random, c: RGB) -> list[Part]:
    thick, dome, count = uniform(rng, 0.16, 0.22), uniform(rng, 0.32, 0.4), 6 + int(rng.integers(3))
    lamp = other(c, "yellow", "red")
    angles = np.arange(count) * 2 * np.pi / count
    return [
        ball(0.85, c, (0, 0.5, 0), ry=thick),
        cone(0.3, 0.55, 0.2, dim(c, 0.75), (0, 0.36, 0), label="belly"),
        ball(dome, GLASS, (0, 0.58, 0), ry=dome * 1.05, label="dome"),
        ring(dome + 0.02, 0.06, dim(c), (0, 0.5 + thick * 0.88, 0), label="rim"),
        *[ball(0.09, lamp, (0.78 * np.sin(a), 0.52, 0.78 * np.cos(a)), label="light") for a in angles],
        *[
            rod(
                (0.35 * np.sin(a), 0.42, 0.35 * np.cos(a)),
                (0.55 * np.sin(a), 0.06, 0.55 * np.cos(a)),
                0.05,
                STEEL,
                label="leg",
            )
            for a in np.arange(3) * 2 * np.pi / 3
        ],
        *[
            ball(0.1, STEEL, (0.55 * np.sin(a), 0.06, 0.55 * np.cos(a)), ry=0.06, label="leg")
            for a in np.arange(3) * 2 * np.pi / 3
        ],
    ]


def shuttle(rng: Random, c: RGB) -> list[Part]:
    d, span = uniform(rng, 1.3, 1.6), uniform(rng, 0.62, 0.75)
    z = -d / 2
    return [
        tube(0.24, d, c, (0, 0.42, 0), (90, 0, 0)),
        ball(0.24, c, (0, 0.42, d / 2), rz=0.42, label="nose"),
        box(0.46, 0.2, d, c, (0, 0.28, 0), r=0.04),
        box(0.34, 0.1, 0.2, DARK, (0, 0.57, d / 2 + 0.1), (35, 0, 0), label="windows"),
        box(2 * span, 0.1, d * 0.72, c, (0, 0.24, z + d * 0.36), r=0.03, group=1, label="wing"),
        *[
            cut((s * 0.24, 0.2, z + d * 0.72), (s * d * 0.55, 0, span - 0.24), c, group=1, label="wing")
            for s in (-1, 1)
        ],
        box(2 * span - 0.06, 0.1, d * 0.72, DARK, (0, 0.18, z + d * 0.36), r=0.03, group=2, label="belly"),
        *[
            cut((s * 0.24, 0.2, z + d * 0.7), (s * d * 0.55, 0, span - 0.24), DARK, group=2, label="belly")
            for s in (-1, 1)
        ],
        box(0.44, 0.1, d, DARK, (0, 0.18, 0.06), group=3, label="belly"),
        box(0.1, 0.5, 0.34, c, (0, 0.82, z + 0.1), (-30, 0, 0), group=3, label="tail"),
        box(0.12, 0.46, 0.1, DARK, (0, 0.86, z - 0.06), (-30, 0, 0), group=3, label="tail"),
        *[tube(0.11, 0.5, c, (s * 0.2, 0.58, z + 0.24), (90, 0, 0), group=3, label="pod") for s in (-1, 1)],
        *[
            cone(0.13, 0.08, 0.2, DARK, (x, y, z - 0.06), (90, 0, 0), group=3, label="nozzle")
            for x, y in ((-0.14, 0.35), (0.14, 0.35), (0, 0.56))
        ],
    ]


FAMILIES = {
    "airplane": Family(airplane, "white", also=("plane", "aeroplane", "jet")),
    "rocket": Family(rocket, "white", also=("spaceship", "rocket ship")),
    "helicopter": Family(helicopter, "red", also=("chopper",)),
    "hot air balloon": Family(balloon, "red", also=("air balloon",)),
    "ufo": Family(ufo, "grey", also=("flying saucer", "alien spaceship"), head=((0, 0.9, 0), 0.22)),
    "space shuttle": Family(shuttle, "white", also=("shuttle",)),
}
