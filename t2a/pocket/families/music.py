"""Musical instruments."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import (
    BLACK,
    COLORS,
    CREAM,
    DARK,
    GOLD,
    STEEL,
    WHITE,
    WOOD,
    Family,
    Random,
    dim,
    light,
    uniform,
)
from t2a.pocket.families.fruit import around
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod, tube


def guitar(rng: Random, c: RGB) -> list[Part]:
    w, h, wood = uniform(rng, 0.36, 0.43), uniform(rng, 0.6, 0.8), WOOD if c != COLORS["brown"] else (0.75, 0.55, 0.3)
    return [
        ball(w, c, (0, 0.32, 0), ry=0.33, rz=0.14, blend=0.06),
        ball(w * 0.75, c, (0, 0.7, 0), ry=0.26, rz=0.14, blend=0.1),
        box(0.12, h + 0.3, 0.09, wood, (0, 0.7 + h / 2, 0.09), label="neck"),
        box(0.22, 0.26, 0.1, DARK if c != COLORS["black"] else wood, (0, 0.95 + h, 0.08), label="headstock"),
        *[ball(0.055, STEEL, (s * 0.13, 0.95 + h + y, 0.08), label="peg") for s in (-1, 1) for y in (-0.07, 0.07)],
        ball(0.13, DARK if c != COLORS["black"] else CREAM, (0, 0.56, 0.125), rz=0.04, label="hole"),
        box(0.26, 0.07, 0.07, wood, (0, 0.24, 0.14), label="bridge"),
    ]


def drum(rng: Random, c: RGB) -> list[Part]:
    r, h, n = uniform(rng, 0.5, 0.6), uniform(rng, 0.65, 0.9), int(rng.integers(6, 9))
    rim, cord = (GOLD, WHITE) if c not in (COLORS["yellow"], COLORS["white"]) else (COLORS["red"], COLORS["blue"])
    zigzag = [
        ((r + 0.01) * np.sin(a), h * (0.14 if i % 2 else 0.86), (r + 0.01) * np.cos(a))
        for i, a in enumerate(around(2 * n))
    ]
    return [
        tube(r, h, c, (0, h / 2, 0)),
        *[ring(r, 0.06, rim, (0, y, 0), label="rim") for y in (0.04, h - 0.04)],
        tube(r - 0.03, 0.1, CREAM, (0, h, 0), label="skin"),
        *[rod(a, b, 0.035, cord, label="cord") for a, b in zip(zigzag, zigzag[1:] + zigzag[:1], strict=True)],
    ]


def piano(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 1.15, 1.35), uniform(rng, 0.95, 1.15)
    black = [
        box(w / 20, 0.09, 0.16, BLACK, (w * x, 0.56, 0.36), r=0.01, label="key")
        for x in (-0.32, -0.22, -0.06, 0.04, 0.14, 0.3)
    ]
    return [
        box(w, h, 0.42, c, (0, h / 2, 0), r=0.03),
        box(w + 0.08, 0.09, 0.5, c, (0, h, 0.01), r=0.03, label="lid"),
        box(w, 0.16, 0.42, c, (0, 0.43, 0.32), r=0.03, label="shelf"),
        box(w * 0.86, 0.08, 0.28, WHITE, (0, 0.51, 0.37), r=0.01, label="key"),
        *black,
        *[box(0.1, 0.2, 0.44, c, (s * (w / 2 - 0.05), 0.5, 0.32), r=0.02, label="shelf") for s in (-1, 1)],
        *[box(0.11, 0.4, 0.11, c, (s * (w / 2 - 0.07), 0.2, 0.46), r=0.02, label="leg") for s in (-1, 1)],
        box(
            0.42,
            0.3,
            0.06,
            CREAM if c != COLORS["white"] else GOLD,
            (0, 0.78, 0.25),
            (-10, 0, 0),
            r=0.01,
            label="notes",
        ),
        box(w * 0.8, h * 0.6, 0.06, dim(c, 0.75), (0, h * 0.48, -0.2), r=0.02, label="back"),
        *[box(0.14, 0.06, 0.2, GOLD, (s * 0.12, 0.05, 0.26), r=0.02, label="pedal") for s in (-1, 1)],
    ]


def trumpet(rng: Random, c: RGB) -> list[Part]:
    w, long = uniform(rng, 0.28, 0.36), uniform(rng, 0.75, 0.9)
    cap = STEEL if c != COLORS["grey"] else GOLD
    low = -0.3
    return [
        rod((-long, 0, 0), (long * 0.55, 0, 0), 0.06, c, 0.07, label="pipe"),
        rod((long * 0.5, 0, 0), (long * 0.85, 0, 0), 0.07, c, 0.15, label="bell"),
        rod((long * 0.83, 0, 0), (long, 0, 0), 0.15, c, w, label="bell"),
        ring(w - 0.01, 0.04, c, (long, 0, 0), (0, 0, 90), label="bell"),
        rod((long * 0.9, 0, 0), (long * 1.02, 0, 0), 0.12, dim(c, 0.5), w - 0.05, label="bell"),
        rod((-long * 0.45, low, 0), (long * 0.5, low, 0), 0.06, c, label="pipe"),
        *[ring(-low / 2, 0.06, c, (x, low / 2, 0), (90, 0, 0), label="pipe") for x in (-long * 0.45, long * 0.5)],
        *[tube(0.085, 0.5, c, (x, -0.15, 0), label="valve") for x in (-0.2, 0.02, 0.24)],
        *[tube(0.05, 0.2, cap, (x, 0.16, 0), label="valve") for x in (-0.2, 0.02, 0.24)],
        *[tube(0.09, 0.06, cap, (x, 0.26, 0), label="valve") for x in (-0.2, 0.02, 0.24)],
        rod((-long - 0.1, 0, 0), (-long + 0.06, 0, 0), 0.12, cap, 0.06, label="mouthpiece"),
    ]


def bell(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 0.5, 0.6), uniform(rng, 0.28, 0.4)
    trim = COLORS["red"] if c != COLORS["red"] else GOLD
    return [
        ball(0.34, c, (0, 0, 0), ry=0.3),
        cone(0.42, 0.335, h, c, (0, -h / 2, 0)),
        cone(w, 0.42, 0.2, c, (0, -h - 0.1, 0)),
        ring(w - 0.02, 0.06, c, (0, -h - 0.2, 0), label="rim"),
        tube(w - 0.08, 0.1, dim(c, 0.4), (0, -h - 0.24, 0), operation=CARVE, label="inside"),
        ball(0.16, dim(c, 0.55), (0, -h - 0.3, 0), group=1, label="clapper"),
        ring(0.41, 0.035, light(c, 0.6), (0, -h * 0.85, 0), group=1, label="band"),
        ring(0.14, 0.055, c, (0, 0.42, 0), rot=(90, 0, 0), group=1, label="loop"),
        *[
            ball(0.2, trim, (s * 0.2, 0.33, 0.1), ry=0.12, rz=0.09, rot=(0, 0, s * 25), group=1, label="bow")
            for s in (-1, 1)
        ],
        ball(0.1, trim, (0, 0.3, 0.14), group=1, label="bow"),
    ]


FAMILIES = {
    "guitar": Family(guitar, "brown", also=("acoustic guitar",)),
    "drum": Family(drum, "red", also=("toy drum",), flat=True),
    "piano": Family(piano, "black", also=("upright piano",), flat=True),
    "trumpet": Family(trumpet, "yellow", also=("bugle",)),
    "bell": Family(bell, "yellow", also=("jingle bell",)),
}
