"""Tools and other things to work with."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import BLACK, COLORS, CREAM, DARK, GOLD, STEEL, WHITE, WOOD, Family, Random, dim, uniform
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod, tube


def _handle(c: RGB) -> RGB:
    return WOOD if c != COLORS["brown"] else CREAM


def _metal(c: RGB) -> RGB:
    return STEEL if c != COLORS["grey"] else DARK


def hammer(rng: Random, c: RGB) -> list[Part]:
    h, w = uniform(rng, 0.85, 1.1), uniform(rng, 0.56, 0.72)
    faces = [box(0.12, 0.36, 0.36, c, (s * w / 2, h, 0), r=0.04, label="head") for s in (-1, 1)]
    if rng.random() < 0.5:
        claws = [
            rod((-w * 0.3, h, z), (-w * 0.75, h - 0.12, z * 1.6), 0.09, c, 0.05, label="head") for z in (-0.08, 0.08)
        ]
        faces = [tube(0.2, 0.22, c, (w / 2, h, 0), (0, 0, 90), r=0.01, label="head"), *claws]
    return [
        rod((0, 0, 0), (0, h, 0), 0.09, _handle(c), 0.07, label="handle"),
        box(w, 0.26, 0.26, c, (0, h, 0), r=0.03, label="head"),
        *faces,
    ]


def axe(rng: Random, c: RGB) -> list[Part]:
    h, r = uniform(rng, 1.15, 1.35), uniform(rng, 0.36, 0.44)
    sides = (-1, 1) if rng.random() < 0.4 else (1,)
    blades = [
        part
        for k, s in enumerate(sides)
        for part in (
            tube(r, 0.14, c, (s * 0.22, h, 0), (90, 0, 0), group=k, label="head"),
            tube(r, 0.5, c, (s * 0.05, h + r * 1.45, 0), (90, 0, 0), operation=CARVE, group=k, label="head"),
            tube(r, 0.5, c, (s * 0.05, h - r * 1.45, 0), (90, 0, 0), operation=CARVE, group=k, label="head"),
            box(1, 2, 1, c, (-s * 0.55, h, 0), operation=CARVE, group=k, label="head"),
        )
    ]
    return [
        *blades,
        rod((0, 0, 0), (0, h + 0.2, 0), 0.085, _handle(c), 0.075, group=2, label="handle"),
        box(0.32, 0.28, 0.24, c, (0, h, 0), r=0.03, group=2, label="head"),
    ]


def wrench(rng: Random, c: RGB) -> list[Part]:
    h, r = uniform(rng, 0.9, 1.15), uniform(rng, 0.28, 0.34)
    return [
        tube(r, 0.16, c, (0, h + 0.25, 0), (90, 0, 0), r=0.02),
        box(r * 0.85, r * 1.5, 0.6, dim(c, 0.8), (0, h + 0.25 + r * 0.85, 0), (0, 0, -12), operation=CARVE),
        ring(0.2, 0.09, c, (0, 0.28, 0), (90, 0, 0), group=1),
        box(0.19, h - 0.3, 0.14, c, (0, 0.15 + h / 2, 0), r=0.03, group=1),
    ]


def saw(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 0.8, 1.0)
    n = 7
    teeth = [
        box(0.11, 0.11, 0.06, _metal(c), (0.3 + (i + 0.5) * w / n, 0.1, 0), (0, 0, 45), r=0.005, group=1, label="blade")
        for i in range(n)
    ]
    return [
        box(0.56, 0.56, 0.2, c, (0.05, 0.3, 0), (0, 0, 12), r=0.09, label="handle"),
        box(0.24, 0.22, 0.6, c, (0.0, 0.3, 0), (0, 0, 12), r=0.09, operation=CARVE, label="handle"),
        box(w, 0.26, 0.09, _metal(c), (0.3 + w / 2, 0.22, 0), r=0.01, group=1, label="blade"),
        box(w * 0.96, 0.18, 0.09, _metal(c), (0.3 + w * 0.47, 0.33, 0), (0, 0, -7), r=0.01, group=1, label="blade"),
        *teeth,
    ]


def shovel(rng: Random, c: RGB) -> list[Part]:
    h, w = uniform(rng, 1.0, 1.2), uniform(rng, 0.5, 0.6)
    return [
        box(w, 0.4, 0.14, c, (0, 0.5, 0), r=0.05, label="scoop"),
        ball(w / 2, c, (0, 0.34, 0), ry=0.38, rz=0.08, label="scoop"),
        rod((0, 0.7, 0), (0, 0.4 + h, 0), 0.075, _handle(c), label="handle"),
        cone(0.15, 0.1, 0.3, c, (0, 0.76, 0), label="scoop"),
        *[rod((0, 0.38 + h, 0), (s * 0.18, 0.56 + h, 0), 0.06, c, label="grip") for s in (-1, 1)],
        rod((-0.24, 0.58 + h, 0), (0.24, 0.58 + h, 0), 0.075, c, label="grip"),
    ]


def paintbrush(rng: Random, c: RGB) -> list[Part]:
    h, w = uniform(rng, 0.55, 0.75), uniform(rng, 0.5, 0.62)
    paints = [v for k, v in COLORS.items() if k in ("red", "blue", "yellow", "green", "pink") and v != c]
    paint = paints[rng.integers(len(paints))]
    return [
        rod((0, 0.06, 0), (0, h, 0), 0.11, c, 0.08, label="handle"),
        ball(0.12, c, (0, 0.1, 0), label="handle"),
        box(w, 0.3, 0.24, c, (0, h + 0.08, 0), r=0.1, blend=0.1, label="handle"),
        box(w + 0.05, 0.17, 0.28, _metal(c), (0, h + 0.27, 0), label="ferrule"),
        box(w - 0.02, 0.28, 0.22, CREAM, (0, h + 0.46, 0), label="bristles"),
        box(w + 0.03, 0.26, 0.26, paint, (0, h + 0.7, 0), r=0.06, label="paint"),
        *[box(0.13, 0.24, 0.27, paint, (x * w, h + 0.58, 0), r=0.06, label="paint") for x in (-0.32, 0.1)],
    ]


def pencil(rng: Random, c: RGB) -> list[Part]:
    h, r = uniform(rng, 0.85, 1.15), uniform(rng, 0.15, 0.18)
    rubber = COLORS["pink"] if c != COLORS["pink"] else COLORS["red"]
    edges = [
        tube(r * 0.36, h, dim(c, 0.8), (r * 0.7 * np.sin(a), 0.25 + h / 2, r * 0.7 * np.cos(a)))
        for a in np.arange(6) * np.pi / 3
    ]
    return [
        tube(r * 0.94, 0.2, rubber, (0, 0.1, 0), r=0.02, label="rubber"),
        tube(r * 1.08, 0.14, _metal(c), (0, 0.22, 0), label="ferrule"),
        tube(r * 0.95, h, c, (0, 0.25 + h / 2, 0)),
        *edges,
        cone(r, 0.05, 0.36, CREAM, (0, 0.43 + h, 0), label="wood"),
        cone(0.065, 0.01, 0.16, DARK, (0, 0.62 + h, 0), label="lead"),
    ]


def scissors(rng: Random, c: RGB) -> list[Part]:
    tilt, h = uniform(rng, 12, 22), uniform(rng, 0.75, 0.9)
    lean = np.radians(tilt)
    x, y = np.sin(lean), np.cos(lean)
    blades = [
        part
        for s in (-1, 1)
        for part in (
            rod((0, 0.68, s * 0.045), (s * x * h, 0.68 + y * h, s * 0.045), 0.1, _metal(c), 0.03, label="blade"),
            rod((0, 0.68, s * 0.045), (-s * 0.2, 0.42, s * 0.045), 0.1, c, 0.09, label="handle"),
            ring(0.19, 0.09, c, (-s * 0.27, 0.26, s * 0.02), (90, 0, 0), label="handle"),
        )
    ]
    return [*blades, tube(0.1, 0.28, dim(c), (0, 0.68, 0), (90, 0, 0), label="screw")]


def anvil(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 0.75, 0.95)
    return [
        box(0.8, 0.16, 0.62, c, (0, 0.08, 0)),
        cone(0.36, 0.2, 0.24, c, (0, 0.26, 0)),
        box(0.36, 0.3, 0.34, c, (0, 0.42, 0)),
        box(w, 0.28, 0.44, c, (-0.08, 0.66, 0), label="face"),
        rod((w / 2 - 0.14, 0.62, 0), (w / 2 + 0.5, 0.68, 0), 0.17, c, 0.03, label="horn"),
        box(0.2, 0.16, 0.4, c, (-w / 2 - 0.1, 0.72, 0), label="face"),
    ]


def anchor(rng: Random, c: RGB) -> list[Part]:
    h, w = uniform(rng, 1.0, 1.2), uniform(rng, 0.5, 0.6)
    bow = [(0.0, 0.1), (0.6, 0.2), (1.0, 0.52)]
    arms = [
        rod((s * w * x1, y1, 0), (s * w * x2, y2, 0), 0.085, c, label="arm")
        for s in (-1, 1)
        for (x1, y1), (x2, y2) in zip(bow, bow[1:], strict=False)
    ]
    return [
        ring(0.16, 0.065, c, (0, h + 0.22, 0), (90, 0, 0), label="ring"),
        rod((0, 0.05, 0), (0, h + 0.05, 0), 0.085, c, label="shank"),
        rod((-0.32, h - 0.12, 0), (0.32, h - 0.12, 0), 0.08, c, label="bar"),
        *[ball(0.1, c, (s * 0.34, h - 0.12, 0), label="bar") for s in (-1, 1)],
        ball(0.13, c, (0, 0.1, 0), label="arm"),
        *arms,
        *[cone(0.21, 0.01, 0.36, c, (s * w * 0.98, 0.6, 0), (0, 0, -s * 12), label="fluke") for s in (-1, 1)],
    ]


def wheel(rng: Random, c: RGB) -> list[Part]:
    n = int(rng.choice([3, 4]))
    spokes = [
        rod(
            (-0.52 * np.cos(a), 0.6 - 0.52 * np.sin(a), 0),
            (0.52 * np.cos(a), 0.6 + 0.52 * np.sin(a), 0),
            0.055,
            c,
            label="spoke",
        )
        for a in np.arange(n) * np.pi / n
    ]
    return [
        ring(0.54, 0.1, c, (0, 0.6, 0), (90, 0, 0), 0.03, label="rim"),
        *spokes,
        tube(0.15, 0.32, dim(c, 0.75), (0, 0.6, 0), (90, 0, 0), r=0.02, label="hub"),
    ]


def key(rng: Random, c: RGB) -> list[Part]:
    h, n = uniform(rng, 0.7, 0.95), int(rng.integers(2, 4))
    lobes = [(0.0, 0.0)] if rng.random() < 0.5 else [(-0.2, 0.0), (0.2, 0.0), (0.0, 0.28)]
    size = 0.27 if len(lobes) == 1 else 0.17
    return [
        *[ring(size, 0.085, c, (x, h + 0.1 + size + y, 0), (90, 0, 0), label="bow") for x, y in lobes],
        tube(0.12, 0.12, c, (0, h, 0), label="shaft"),
        tube(0.08, h, c, (0, h / 2, 0), label="shaft"),
        *[box(0.3 - 0.05 * (i % 2), 0.12, 0.12, c, (0.16, 0.06 + 0.19 * i, 0), label="tooth") for i in range(n)],
    ]


def clock(rng: Random, c: RGB) -> list[Part]:
    r, hour = uniform(rng, 0.5, 0.58), np.radians(30 * int(rng.integers(1, 6)))
    bell = STEEL if c != COLORS["grey"] else GOLD
    return [
        tube(r, 0.3, c, (0, 0.66, 0), (90, 0, 0), r=0.02),
        tube(r - 0.08, 0.06, WHITE, (0, 0.66, 0.15), (90, 0, 0), label="face"),
        *[
            ball(0.045, DARK, ((r - 0.15) * np.sin(a), 0.66 + (r - 0.15) * np.cos(a), 0.18), rz=0.02, label="mark")
            for a in np.arange(4) * np.pi / 2
        ],
        box(0.07, 0.34, 0.04, BLACK, (0, 0.8, 0.19), r=0.005, label="hand"),
        box(
            0.07,
            0.26,
            0.04,
            BLACK,
            (0.11 * np.sin(hour), 0.66 + 0.11 * np.cos(hour), 0.19),
            (0, 0, -np.degrees(hour)),
            r=0.005,
            label="hand",
        ),
        *[rod((s * 0.28, 0.3, 0), (s * 0.4, 0.02, 0), 0.08, DARK, label="foot") for s in (-1, 1)],
        *[ball(0.2, bell, (s * 0.34, 0.63 + r, 0), ry=0.16, rot=(0, 0, -s * 30), label="bell") for s in (-1, 1)],
        rod((0, 0.6 + r, 0), (0, 0.82 + r, 0), 0.05, DARK, label="hammer"),
    ]


def gift(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 0.8, 1.05), uniform(rng, 0.6, 0.95)
    ribbon = GOLD if c not in (COLORS["yellow"], COLORS["orange"]) else COLORS["red"]
    return [
        box(w, h, w, c, (0, h / 2, 0), r=0.02),
        box(0.17, h + 0.04, w + 0.04, ribbon, (0, h / 2, 0), r=0.01, label="ribbon"),
        box(w + 0.04, h + 0.04, 0.17, ribbon, (0, h / 2, 0), r=0.01, label="ribbon"),
        *[ring(0.15, 0.065, ribbon, (s * 0.19, h + 0.13, 0), (90, 0, s * 20), 0.03, label="bow") for s in (-1, 1)],
        ball(0.1, ribbon, (0, h + 0.06, 0), label="bow"),
    ]


def traffic_cone(rng: Random, c: RGB) -> list[Part]:
    base, n = uniform(rng, 0.34, 0.42), int(rng.integers(1, 3))
    white = WHITE if c != WHITE else COLORS["orange"]
    stripes = [(0.5, 0.26)] if n == 1 else [(0.36, 0.18), (0.68, 0.15)]
    return [
        cone(base, 0.08, 1.0, c, (0, 0.5, 0)),
        box(base * 2.5, 0.1, base * 2.5, c, (0, 0.04, 0), label="base"),
        *[
            cone(
                base - (base - 0.08) * (y - t / 2) + 0.015,
                base - (base - 0.08) * (y + t / 2) + 0.015,
                t,
                white,
                (0, y, 0),
                label="stripe",
            )
            for y, t in stripes
        ],
    ]


def barrel(rng: Random, c: RGB) -> list[Part]:
    r, end = uniform(rng, 0.44, 0.54), uniform(rng, 0.32, 0.38)
    hoop = _metal(c)
    return [
        cone(end, r * 0.94, 0.32, c, (0, 0.16, 0)),
        cone(r * 0.94, r * 0.94, 0.4, c, (0, 0.52, 0), r=0.02),
        cone(r * 0.94, end, 0.32, c, (0, 0.88, 0)),
        tube(end - 0.07, 0.04, dim(c, 0.8), (0, 1.04, 0), label="lid"),
        *[tube((end + r) / 2 + 0.03, 0.1, hoop, (0, y, 0), label="hoop") for y in (0.2, 0.84)],
    ]


def trash_can(rng: Random, c: RGB) -> list[Part]:
    r, lid = uniform(rng, 0.4, 0.46), dim(c, 0.75)
    return [
        cone(r * 0.82, r, 0.95, c, (0, 0.475, 0)),
        ring(r, 0.05, lid, (0, 0.95, 0), label="rim"),
        tube(r - 0.07, 0.6, dim(c, 0.5), (0, 1.09, 0), operation=CARVE, label="inside"),
        *[
            rod(
                (r * 0.83 * np.sin(a), 0.06, r * 0.83 * np.cos(a)),
                (r * 0.97 * np.sin(a), 0.88, r * 0.97 * np.cos(a)),
                0.05,
                c,
                group=1,
            )
            for a in np.arange(10) * np.pi / 5
        ],
        *[box(0.12, 0.1, 0.3, lid, (s * (r + 0.04), 0.72, 0), r=0.03, group=1, label="handle") for s in (-1, 1)],
        tube(r + 0.06, 0.09, lid, (0, 1.28, -r - 0.08), (75, 0, 0), r=0.02, group=1, label="lid"),
        box(0.2, 0.1, 0.16, c, (0, 1.28, -r - 0.16), r=0.03, group=1, label="lid"),
    ]


FAMILIES = {
    "hammer": Family(hammer, "grey", also=("mallet", "toy hammer")),
    "axe": Family(axe, "red", also=("hatchet", "ax")),
    "wrench": Family(wrench, "grey", also=("spanner",)),
    "saw": Family(saw, "orange", also=("handsaw",)),
    "shovel": Family(shovel, "red", also=("spade",)),
    "paintbrush": Family(paintbrush, "brown", also=("paint brush", "artist's brush"), paintable=("paint",)),
    "pencil": Family(pencil, "yellow", also=("crayon",)),
    "scissors": Family(scissors, "red", also=("pair of scissors", "shears")),
    "anvil": Family(anvil, "black", also=("blacksmith's anvil",)),
    "anchor": Family(anchor, "blue", also=("ship's anchor",)),
    "wheel": Family(wheel, "brown", also=("wagon wheel", "cartwheel")),
    "key": Family(key, "yellow", also=("door key",)),
    "clock": Family(clock, "red", also=("alarm clock",)),
    "gift box": Family(gift, "red", also=("gift", "present", "parcel"), paintable=("ribbon",)),
    "traffic cone": Family(traffic_cone, "orange", also=("road cone", "pylon"), head=((0, 0.88, 0), 0.13)),
    "barrel": Family(barrel, "brown", also=("keg", "cask"), head=((0, 1.05, 0), 0.3), flat=True),
    "trash can": Family(trash_can, "grey", also=("rubbish bin", "garbage can", "dustbin"), hollow=((0, 0.79, 0), 0.32)),
}
