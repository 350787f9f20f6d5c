"""Figures of tales and times: people known by what they wear."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import (
    BLACK,
    COLORS,
    CREAM,
    DARK,
    GOLD,
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
from t2a.pocket.families.vehicles import other
from t2a.pocket.shapes import RGB, Part, Vector, ball, box, cone, ring, rod, tube

HAIR = (0.36, 0.18, 0.08)
HEAD = 1.14
"""Height of the middle of a figure's head, whose radius is 0.29."""


def face(skin: RGB = SKIN) -> list[Part]:
    return [ball(0.29, skin, (0, HEAD, 0), label="head"), *eyes(HEAD + 0.02, 0.26, 0.11, 0.042)]


def arms(c: RGB, left: Vector, right: Vector, hand: RGB = SKIN) -> list[Part]:
    """Arms from the shoulders to the hands at `left` (towards +X) and `right`."""
    return [
        part
        for s, end in ((1, left), (-1, right))
        for part in (rod((s * 0.2, 0.76, 0), end, 0.095, c, label="arm"), ball(0.105, hand, end, label="hand"))
    ]


def legs(c: RGB, shoes: RGB = DARK) -> list[Part]:
    return [rod((s * 0.13, 0.05, 0), (s * 0.12, 0.4, 0), 0.11, c, label="leg") for s in (-1, 1)] + [
        box(0.22, 0.14, 0.34, shoes, (s * 0.14, 0.07, 0.05), r=0.05, label="shoe") for s in (-1, 1)
    ]


def coat(c: RGB, width: float = 0.27) -> list[Part]:
    return [cone(width, 0.2, 0.54, c, (0, 0.58, 0)), ball(0.21, c, (0, 0.8, 0), ry=0.1)]


def robe(c: RGB, width: float = 0.38) -> list[Part]:
    return [cone(width, 0.18, 0.84, c, (0, 0.42, 0), label="robe"), ball(0.2, c, (0, 0.8, 0), ry=0.1, label="robe")]


def hair(c: RGB, length: float) -> list[Part]:
    """Long hair behind the face."""
    return [
        ball(0.31, c, (0, HEAD + 0.05, -0.06), label="hair"),
        ball(0.26, c, (0, HEAD - length / 2, -0.14), ry=length, rz=0.17, label="hair"),
    ]


def crowned(y: float, r: float, c: RGB = GOLD) -> list[Part]:
    tips = [
        cone(0.09, 0.015, 0.2, c, (r * np.sin(a), y + 0.17, r * np.cos(a)), label="crown")
        for a in np.arange(6) * np.pi / 3
    ]
    return [tube(r + 0.04, 0.16, c, (0, y, 0), label="crown"), *tips]


def knight(rng: Random, c: RGB) -> list[Part]:
    sword, shield, plume = uniform(rng, 0.5, 0.65), uniform(rng, 0.22, 0.28), uniform(rng, 0.14, 0.2)
    metal = STEEL if c != COLORS["grey"] else light(STEEL, 0.4)
    crest = other(c, "red", "blue")
    x, y, z = -0.44, 0.5, 0.2
    return [
        *legs(dim(c, 0.75), dim(c, 0.6)),
        *coat(c, 0.29),
        *arms(c, (0.38, 0.5, 0.16), (x, y, z), dim(c, 0.75)),
        *[ball(0.15, dim(c, 0.75), (s * 0.25, 0.78, 0), label="shoulder") for s in (-1, 1)],
        tube(0.29, 0.36, c, (0, HEAD - 0.02, 0), label="helmet"),
        ball(0.29, c, (0, HEAD + 0.14, 0), label="helmet"),
        box(0.44, 0.08, 0.1, BLACK if c != BLACK else WHITE, (0, HEAD + 0.06, 0.25), r=0.02, label="visor"),
        box(0.08, 0.34, 0.1, dim(c, 0.75), (0, HEAD - 0.02, 0.28), r=0.02, label="visor"),
        ball(0.09, crest, (0, HEAD + 0.46, -0.04), ry=plume, rz=0.24, label="plume"),
        box(0.12, sword, 0.07, metal, (x, y + 0.14 + sword / 2, z), r=0.02, label="sword"),
        box(0.34, 0.08, 0.1, GOLD, (x, y + 0.14, z), label="sword"),
        box(0.09, 0.3, 0.09, WOOD, (x, y, z), label="sword"),
        ball(shield, crest, (0.42, 0.52, 0.26), ry=shield * 1.3, rz=0.07, label="shield"),
        box(0.09, shield * 2, 0.08, GOLD, (0.42, 0.52, 0.31), label="shield"),
        box(shield * 1.6, 0.09, 0.08, GOLD, (0.42, 0.56, 0.31), label="shield"),
    ]


def wizard(rng: Random, c: RGB) -> list[Part]:
    tall, beard, staff = uniform(rng, 0.6, 0.8), uniform(rng, 0.3, 0.42), uniform(rng, 1.2, 1.4)
    white = light(STEEL, 0.75) if c != WHITE else (0.55, 0.55, 0.58)
    star = GOLD if c != COLORS["yellow"] else COLORS["blue"]
    hand = (-0.46, 0.62, 0.18)
    return [
        *robe(c, 0.42),
        ball(0.3, white, (0, HEAD - 0.02, -0.06), label="hair"),
        *face(),
        *arms(c, (0.4, 0.5, 0.16), hand),
        cone(0.05, 0.24, beard * 1.5, white, (0, HEAD - 0.08 - beard * 0.75, 0.17), (-12, 0, 0), label="beard"),
        ball(0.06, SKIN, (0, HEAD - 0.03, 0.3), label="nose"),
        tube(0.47, 0.07, c, (0, HEAD + 0.16, 0), label="hat"),
        cone(0.29, 0.1, tall * 0.7, c, (0, HEAD + 0.18 + tall * 0.35, 0), label="hat"),
        rod((0, HEAD + 0.16 + tall * 0.68, 0), (0.1, HEAD + 0.2 + tall, -0.08), 0.1, c, 0.03, label="hat"),
        tube(0.3, 0.1, star, (0, HEAD + 0.22, 0), label="band"),
        tube(0.3, 0.1, star, (0, 0.4, 0), label="belt"),
        rod((hand[0], 0, hand[2] + 0.02), (hand[0], staff, hand[2]), 0.05, WOOD, label="staff"),
        ball(0.12, other(c, "turquoise", "red"), (hand[0], staff + 0.06, hand[2]), label="staff"),
    ]


def astronaut(rng: Random, c: RGB) -> list[Part]:
    r, wave = uniform(rng, 0.33, 0.38), uniform(rng, 0.4, 1.1)
    trim = other(c, "orange", "grey") if c != WHITE else COLORS["orange"]
    joint = dim(c, 0.75)
    return [
        *[rod((s * 0.16, 0.1, 0), (s * 0.15, 0.42, 0), 0.14, c, label="leg") for s in (-1, 1)],
        *[box(0.28, 0.18, 0.38, joint, (s * 0.17, 0.09, 0.05), r=0.07, label="boot") for s in (-1, 1)],
        box(0.58, 0.5, 0.42, c, (0, 0.62, 0), r=0.14),
        *[rod((s * 0.28, 0.76, 0), (s * 0.5, y, 0.1), 0.12, c, label="arm") for s, y in ((1, 0.45), (-1, wave))],
        *[ball(0.14, joint, (s * 0.52, y, 0.11), label="glove") for s, y in ((1, 0.43), (-1, wave + 0.03))],
        ball(r, c, (0, HEAD + 0.02, 0), label="helmet"),
        ball(r * 0.78, (0.10, 0.14, 0.25), (0, HEAD + 0.02, r * 0.42), ry=r * 0.68, rz=r * 0.66, label="visor"),
        ball(0.06, WHITE, (-0.1, HEAD + 0.12, r + 0.01), rz=0.04, label="visor"),
        ring(0.24, 0.06, joint, (0, 0.87, 0), label="collar"),
        box(0.5, 0.56, 0.26, joint, (0, 0.66, -0.3), r=0.06, label="backpack"),
        box(0.28, 0.18, 0.08, STEEL if c != COLORS["grey"] else WHITE, (0, 0.64, 0.21), label="panel"),
        *[ball(0.045, trim, (x, 0.64, 0.25), label="panel") for x in (-0.07, 0.07)],
        *[tube(0.145, 0.07, trim, (s * 0.155, 0.34, 0), label="stripe") for s in (-1, 1)],
    ]


def pirate(rng: Random, c: RGB) -> list[Part]:
    brim, blade = uniform(rng, 0.44, 0.52), uniform(rng, 0.42, 0.55)
    hat = BLACK if c != BLACK else WOOD
    x, y, z = -0.45, 0.56, 0.18
    return [
        *legs(dim(c, 0.7), WOOD),
        *coat(c, 0.34),
        box(0.2, 0.46, 0.12, WHITE if c != WHITE else COLORS["red"], (0, 0.6, 0.23), (-14, 0, 0), label="shirt"),
        tube(0.3, 0.1, WOOD, (0, 0.5, 0), label="belt"),
        box(0.14, 0.14, 0.08, GOLD, (0, 0.5, 0.3), label="belt"),
        ball(0.3, HAIR, (0, HEAD + 0.04, -0.05), label="hair"),
        *face(),
        *arms(c, (0.42, 0.5, 0.14), (x, y, z)),
        ball(0.09, BLACK, (0.11, HEAD + 0.03, 0.25), rz=0.06, label="patch"),
        ball(0.19, HAIR, (0, HEAD - 0.18, 0.14), ry=0.14, rz=0.17, label="beard"),
        ball(0.3, hat, (0, HEAD + 0.18, 0), ry=0.24, label="hat"),
        ball(brim, hat, (0, HEAD + 0.2, 0.2), ry=0.17, rz=0.1, rot=(-12, 0, 0), label="hat"),
        ball(brim, hat, (0, HEAD + 0.2, -0.16), ry=0.17, rz=0.1, rot=(12, 0, 0), label="hat"),
        ball(0.09, WHITE, (0, HEAD + 0.26, 0.29), label="skull"),
        rod((x, y, z), (x - 0.14, y + blade, z + 0.02), 0.06, STEEL, label="sword"),
        ring(0.1, 0.045, GOLD, (x, y + 0.1, z), label="sword"),
    ]


def angel(rng: Random, c: RGB) -> list[Part]:
    w, rise, skirt = uniform(rng, 0.32, 0.4), uniform(rng, 15, 40), uniform(rng, 0.36, 0.44)
    gold = GOLD if c != COLORS["yellow"] else COLORS["orange"]
    feather = light(c, 0.7) if c != WHITE else (0.80, 0.88, 0.97)
    return [
        *robe(c, skirt),
        *hair((0.93, 0.72, 0.25), 0.2),
        *face(),
        *arms(c, (0.09, 0.58, 0.3), (-0.09, 0.58, 0.3)),
        *[
            ball(w, feather, (s * (w * 0.75 + 0.06), 0.84, -0.22), ry=0.17, rz=0.08, rot=(0, 0, s * rise), label="wing")
            for s in (-1, 1)
        ],
        *[
            ball(
                w * 0.75,
                feather,
                (s * (w * 0.6 + 0.06), 0.64, -0.2),
                ry=0.14,
                rz=0.08,
                rot=(0, 0, s * (rise - 40)),
                label="wing",
            )
            for s in (-1, 1)
        ],
        ring(0.22, 0.05, gold, (0, HEAD + 0.42, -0.04), label="halo"),
        rod((0, HEAD + 0.2, -0.26), (0, HEAD + 0.42, -0.25), 0.045, gold, label="halo"),
        tube(skirt - 0.03, 0.08, gold, (0, 0.1, 0), label="hem"),
    ]


def princess(rng: Random, c: RGB) -> list[Part]:
    skirt, length = uniform(rng, 0.48, 0.58), uniform(rng, 0.25, 0.45)
    locks = (0.93, 0.72, 0.25) if rng.random() < 0.5 else HAIR
    gold = GOLD if c != COLORS["yellow"] else COLORS["pink"]
    return [
        cone(skirt, 0.14, 0.6, c, (0, 0.3, 0), label="dress"),
        ring(skirt - 0.04, 0.08, light(c, 0.5), (0, 0.08, 0), label="dress"),
        cone(0.14, 0.19, 0.28, light(c, 0.25), (0, 0.7, 0), label="dress"),
        ring(0.15, 0.05, light(c, 0.5), (0, 0.58, 0), label="dress"),
        *[ball(0.13, c, (s * 0.22, 0.78, 0), label="sleeve") for s in (-1, 1)],
        *arms(SKIN, (0.42, 0.5, 0.12), (-0.42, 0.5, 0.12)),
        *hair(locks, length),
        *face(),
        *crowned(HEAD + 0.28, 0.17, gold),
        ball(0.06, other(c, "red", "blue"), (0, HEAD + 0.29, 0.22), label="jewel"),
    ]


def king(rng: Random, c: RGB) -> list[Part]:
    w, beard, staff = uniform(rng, 0.4, 0.48), uniform(rng, 0.2, 0.27), uniform(rng, 0.85, 1.0)
    gold = GOLD if c != COLORS["yellow"] else COLORS["orange"]
    fur = (0.93, 0.93, 0.91) if c != WHITE else COLORS["purple"]
    x, z = -0.48, 0.2
    return [
        *robe(c, w),
        ring(w - 0.02, 0.07, fur, (0, 0.08, 0), label="fur"),
        ring(0.21, 0.09, fur, (0, 0.8, 0), label="fur"),
        ball(0.3, HAIR, (0, HEAD, -0.05), label="hair"),
        *face(),
        *arms(c, (0.44, 0.5, 0.14), (x, 0.56, z)),
        ball(0.23, HAIR, (0, HEAD - 0.17, 0.14), ry=beard, rz=0.17, label="beard"),
        ball(0.06, SKIN, (0, HEAD - 0.04, 0.3), label="nose"),
        *crowned(HEAD + 0.26, 0.23, gold),
        ball(0.2, other(c, "red", "purple"), (0, HEAD + 0.3, 0), label="crown"),
        rod((x, 0.12, z), (x, staff, z), 0.05, gold, label="sceptre"),
        ball(0.11, other(c, "blue", "red"), (x, staff + 0.05, z), label="sceptre"),
    ]


def santa(rng: Random, c: RGB) -> list[Part]:
    belly, tip = uniform(rng, 0.38, 0.45), (1, -1)[int(rng.integers(2))]
    sack = rng.random() < 0.5
    fur = WHITE if c != WHITE else COLORS["red"]
    bag = [
        ball(0.32, WOOD if c != COLORS["brown"] else COLORS["green"], (-0.28, 0.78, -0.34), ry=0.38, label="sack"),
        cone(0.1, 0.16, 0.14, WOOD if c != COLORS["brown"] else COLORS["green"], (-0.28, 1.18, -0.34), label="sack"),
    ]
    return [
        *legs(c),
        ball(belly, c, (0, 0.58, 0), ry=0.4),
        ring(belly * 0.72, 0.08, fur, (0, 0.3, 0), label="fur"),
        tube(belly + 0.015, 0.12, BLACK if c != BLACK else WOOD, (0, 0.54, 0), label="belt"),
        box(0.18, 0.17, 0.08, GOLD, (0, 0.54, belly), label="belt"),
        ball(0.3, fur, (0, HEAD - 0.02, -0.06), label="hair"),
        *face(),
        *[rod((s * 0.28, 0.78, 0), (s * 0.52, 0.5, 0.14), 0.11, c, label="arm") for s in (-1, 1)],
        *[tube(0.13, 0.1, fur, (s * 0.48, 0.55, 0.12), (0, 0, s * 40), label="fur") for s in (-1, 1)],
        *[ball(0.11, BLACK if c != BLACK else WOOD, (s * 0.54, 0.46, 0.15), label="hand") for s in (-1, 1)],
        ball(0.27, fur, (0, HEAD - 0.2, 0.13), ry=0.26, rz=0.19, label="beard"),
        ball(0.07, (0.90, 0.50, 0.45), (0, HEAD - 0.02, 0.3), label="nose"),
        ring(0.25, 0.085, fur, (0, HEAD + 0.16, 0), label="fur"),
        cone(0.27, 0.12, 0.34, c, (0, HEAD + 0.32, 0), label="hat"),
        rod((0, HEAD + 0.46, 0), (tip * 0.26, HEAD + 0.42, -0.04), 0.13, c, 0.06, label="hat"),
        ball(0.11, fur, (tip * 0.3, HEAD + 0.38, -0.04), label="pompom"),
        *(bag if sack else []),
    ]


def clown(rng: Random, c: RGB) -> list[Part]:
    puff, shoes, hatted = uniform(rng, 0.17, 0.22), uniform(rng, 0.42, 0.5), rng.random() < 0.6
    wig, accent = other(c, "orange", "green"), other(c, "yellow", "blue")
    red = COLORS["red"]
    hat = [
        cone(0.18, 0.02, 0.4, c, (0, HEAD + 0.42, 0), label="hat"),
        ball(0.09, accent, (0, HEAD + 0.62, 0), label="hat"),
    ]
    return [
        *[rod((s * 0.15, 0.05, 0), (s * 0.13, 0.4, 0), 0.14, c, label="leg") for s in (-1, 1)],
        *[
            ball(0.14, other(c, "red", "blue"), (s * 0.18, 0.08, 0.1), ry=0.1, rz=shoes * 0.6, label="shoe")
            for s in (-1, 1)
        ],
        ball(0.33, c, (0, 0.58, 0), ry=0.34),
        *[ball(0.07, accent, (0, y, 0.3), rz=0.06, label="button") for y in (0.7, 0.5)],
        *[
            ball(0.13, WHITE if c != WHITE else accent, (0.2 * np.sin(a), 0.86, 0.2 * np.cos(a)), ry=0.08, label="ruff")
            for a in np.arange(6) * np.pi / 3
        ],
        *face((0.98, 0.90, 0.84)),
        *arms(c, (0.5, 0.62, 0.12), (-0.5, 0.62, 0.12), WHITE if c != WHITE else accent),
        ball(0.085, red if c != red else COLORS["orange"], (0, HEAD - 0.05, 0.31), label="nose"),
        ball(0.14, red, (0, HEAD - 0.17, 0.22), ry=0.06, rz=0.06, label="mouth"),
        *[ball(puff, wig, (s * 0.3, HEAD + 0.08, -0.04), label="hair") for s in (-1, 1)],
        ball(puff, wig, (0, HEAD + 0.1, -0.24), label="hair"),
        *(hat if hatted else [ball(puff * 0.8, wig, (0, HEAD + 0.3, -0.02), label="hair")]),
    ]


def cowboy(rng: Random, c: RGB) -> list[Part]:
    brim, crown = uniform(rng, 0.46, 0.54), uniform(rng, 0.26, 0.34)
    cloth, shirt = other(c, "red", "blue"), CREAM if c != WHITE else COLORS["blue"]
    return [
        *legs(c, dim(c, 0.6)),
        *coat(shirt, 0.26),
        *[box(0.19, 0.46, 0.22, c, (s * 0.17, 0.6, 0.1), (-6, 0, s * 6), label="vest") for s in (-1, 1)],
        box(0.46, 0.46, 0.2, c, (0, 0.6, -0.12), (6, 0, 0), label="vest"),
        tube(0.28, 0.1, DARK, (0, 0.38, 0), label="belt"),
        box(0.15, 0.13, 0.08, GOLD, (0, 0.38, 0.27), label="belt"),
        ball(0.3, HAIR, (0, HEAD + 0.04, -0.05), label="hair"),
        *face(),
        *arms(shirt, (0.44, 0.42, 0.1), (-0.44, 0.42, 0.1)),
        ball(0.2, cloth, (0, 0.86, 0.08), ry=0.1, label="scarf"),
        cone(0.16, 0.02, 0.2, cloth, (0, 0.74, 0.2), (170, 0, 0), label="scarf"),
        ball(brim, c, (0, HEAD + 0.17, 0), ry=0.06, rz=brim * 0.85, label="hat"),
        *[
            rod((s * (brim - 0.06), HEAD + 0.24, -0.2), (s * (brim - 0.06), HEAD + 0.24, 0.2), 0.07, c, label="hat")
            for s in (-1, 1)
        ],
        cone(0.27, 0.2, crown, c, (0, HEAD + 0.17 + crown / 2, 0), r=0.02, label="hat"),
        tube(0.27, 0.08, DARK if c != BLACK else GOLD, (0, HEAD + 0.24, 0), label="band"),
    ]


FAMILIES = {
    "knight": Family(knight, "grey", also=("armored knight",)),
    "wizard": Family(wizard, "blue", also=("sorcerer", "magician"), paintable=("hat",)),
    "astronaut": Family(astronaut, "white", also=("cosmonaut",), head=((0, HEAD + 0.32, 0), 0.2)),
    "pirate": Family(pirate, "red", also=("buccaneer",), paintable=("hat",)),
    "angel": Family(angel, "white"),
    "princess": Family(princess, "pink"),
    "king": Family(king, "purple"),
    "santa claus": Family(santa, "red", also=("santa", "father christmas")),
    "clown": Family(clown, "yellow"),
    "cowboy": Family(cowboy, "brown", also=("rancher",), paintable=("hat",)),
}
