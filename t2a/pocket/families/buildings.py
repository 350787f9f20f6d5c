"""Buildings of the countryside and the town."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import (
    COLORS,
    CREAM,
    DARK,
    GLASS,
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
from t2a.pocket.families.construction import battlements, cut, gable, pitched
from t2a.pocket.families.vehicles import other
from t2a.pocket.shapes import RGB, Part, ball, box, cone, ring, rod, tube

TILES, SLATE, STONE = (0.55, 0.22, 0.16), (0.35, 0.36, 0.40), (0.50, 0.50, 0.52)


def roof_over(c: RGB) -> RGB:
    return SLATE if c in (COLORS["red"], COLORS["brown"]) else TILES


def house(rng: Random, c: RGB) -> list[Part]:
    w, h, d, rise = uniform(rng, 0.9, 1.15), uniform(rng, 0.5, 0.75), uniform(rng, 0.75, 1.0), uniform(rng, 0.36, 0.52)
    angle = np.degrees(np.arctan2(rise, w / 2))
    length = np.hypot(rise, w / 2) + 0.2
    side, door = (1, -1)[int(rng.integers(2))], uniform(rng, -0.1, 0.1)
    return [
        *gable(w, h, d, rise, c),
        *pitched((0, h + rise + 0.1, 0), length, angle, d + 0.2, roof_over(c)),
        box(w + 0.06, 0.09, d + 0.06, dim(c, 0.7), (0, 0.045, 0), group=1, label="base"),
        box(0.22, 0.4, 0.08, WOOD, (door, 0.2, d / 2), group=1, label="door"),
        *[box(0.2, 0.2, d + 0.06, GLASS, (s * w * 0.32, h * 0.6, 0), group=1, label="window") for s in (-1, 1)],
        *[box(w + 0.06, 0.2, 0.22, GLASS, (0, h * 0.6, s * d * 0.22), group=1, label="window") for s in (-1, 1)],
        tube(0.1, d + 0.06, GLASS, (0, h + rise * 0.35, 0), (90, 0, 0), group=1, label="window"),
        box(0.17, 0.5, 0.17, dim(TILES), (side * w * 0.28, h + rise * 0.75, -0.15), group=1, label="chimney"),
    ]


def castle(rng: Random, c: RGB) -> list[Part]:
    h, keep, roofs = uniform(rng, 0.75, 0.95), uniform(rng, 0.8, 1.0), rng.random() < 0.65
    roof = other(c, "blue", "red")
    towers = []
    for i, (x, z) in enumerate([(-0.48, -0.48), (-0.48, 0.48), (0.48, -0.48), (0.48, 0.48)]):
        towers += [tube(0.18, h, c, (x, h / 2, z), label="tower")]
        if roofs:
            towers += [cone(0.25, 0.01, 0.42, roof, (x, h + 0.2, z), label="roof")]
        else:
            towers += battlements(0.23, h, 0.18, c, (x, z), group=2 + i, label="tower")
    teeth = [(i * 0.24, s * 0.44) for i in (-1, 0, 1) for s in (-1, 1)]
    return [
        box(0.96, 0.48, 0.96, c, (0, 0.24, 0), r=0.01),
        *[box(0.13, 0.12, 0.09, c, (x, 0.53, z), label="wall") for x, z in teeth],
        *[box(0.09, 0.12, 0.13, c, (z, 0.53, x), label="wall") for x, z in teeth if x == 0],
        *towers,
        box(0.44, keep, 0.44, light(c, 0.25), (0, keep / 2, 0), r=0.01, label="keep"),
        cone(0.34, 0.01, 0.4, roof, (0, keep + 0.2, 0), label="roof"),
        box(0.26, 0.24, 0.06, WOOD, (0, 0.12, 0.48), group=1, label="gate"),
        tube(0.13, 0.06, WOOD, (0, 0.24, 0.48), (90, 0, 0), group=1, label="gate"),
    ]


def windmill(rng: Random, c: RGB) -> list[Part]:
    turn, h, span = uniform(rng, 0, 90), uniform(rng, 0.9, 1.1), uniform(rng, 1.2, 1.45)
    sails = other(c, "brown", "white") if c == WHITE else WHITE
    blades = []
    for a in (0, 90, 180, 270):
        t = np.radians(turn + a)
        x, y = np.cos(t), np.sin(t)
        blades += [
            box(
                span * 0.36,
                0.2,
                0.07,
                sails,
                (x * span * 0.31 - 0.06 * y, h + y * span * 0.31 + 0.06 * x, 0.4),
                (0, 0, turn + a),
                label="blade",
            )
        ]
    return [
        cone(0.4, 0.26, h, c, (0, h / 2, 0)),
        ring(0.36, 0.05, dim(c), (0, h * 0.4, 0), label="gallery"),
        cone(0.33, 0.05, 0.32, TILES if c != COLORS["red"] else SLATE, (0, h + 0.15, 0), label="roof"),
        *[box(span, 0.08, 0.08, WOOD, (0, h, 0.37), (0, 0, turn + a), label="blade") for a in (0, 90)],
        *blades,
        tube(0.09, 0.36, DARK, (0, h, 0.28), (90, 0, 0), label="axle"),
        box(0.2, 0.32, 0.08, WOOD, (0, 0.16, 0.38), label="door"),
        *[box(0.14, 0.16, 0.72, GLASS, (0, h * 0.62, 0), (0, a, 0), label="window") for a in (90,)],
    ]


def sandcastle(rng: Random, c: RGB) -> list[Part]:
    keep, h, spread = uniform(rng, 0.8, 1.0), uniform(rng, 0.4, 0.55), uniform(rng, 0.44, 0.5)
    corners = [(x * spread, z * spread) for x in (-1, 1) for z in (-1, 1)]
    dark = dim(c, 0.72)
    towers = []
    for i, (x, z) in enumerate(corners):
        towers += [cone(0.23, 0.17, h, c, (x, 0.18 + h / 2, z), group=2 + i, label="tower")]
        towers += battlements(0.185, 0.18 + h, 0.12, c, (x, z), group=2 + i, label="tower")
    return [
        cone(0.92, 0.78, 0.2, c, (0, 0.1, 0), label="mound"),
        *[
            ball(0.2, c, (0.82 * np.sin(a), 0.06, 0.82 * np.cos(a)), ry=0.1, blend=0.12, label="mound")
            for a in (0.9, 2.5, 4.3)
        ],
        *[box(spread * 2, 0.22, 0.16, c, (0, 0.28, s * spread), group=1, label="wall") for s in (-1, 1)],
        *[box(0.16, 0.22, spread * 2, c, (s * spread, 0.28, 0), group=1, label="wall") for s in (-1, 1)],
        *towers,
        cone(0.36, 0.27, keep, c, (0, 0.18 + keep / 2, 0), group=6, label="keep"),
        *battlements(0.3, 0.18 + keep, 0.15, c, group=6, label="keep"),
        ring(0.31, 0.05, light(c, 0.35), (0, 0.18 + keep * 0.55, 0), group=7, label="keep"),
        *[box(0.1, 0.16, 0.64, dark, (0, 0.2 + keep * 0.78, 0), (0, a, 0), group=7, label="window") for a in (0, 90)],
        tube(0.12, 0.08, dark, (0, 0.3, spread + 0.08), (90, 0, 0), group=7, label="gate"),
        box(0.24, 0.14, 0.08, dark, (0, 0.24, spread + 0.08), group=7, label="gate"),
        tube(0.04, 0.44, WOOD, (0, 0.36 + keep, 0), group=7, label="flag"),
        box(0.28, 0.18, 0.07, other(c, "red", "blue"), (0.15, 0.5 + keep, 0), group=7, label="flag"),
    ]


def lighthouse(rng: Random, c: RGB) -> list[Part]:
    h, bands = uniform(rng, 1.2, 1.5), 5 + 2 * int(rng.integers(2))
    radii = np.linspace(0.36, 0.22, bands + 1)
    step = h / bands
    stripe = other(c, "white", "red")
    return [
        ball(0.56, STONE if c != COLORS["grey"] else dim(STONE), (0, 0.06, 0), ry=0.16, label="rock"),
        *[
            cone(radii[i], radii[i + 1], step, (stripe if i % 2 else c), (0, 0.08 + step * (i + 0.5), 0), label="tower")
            for i in range(bands)
        ],
        tube(0.32, 0.09, DARK, (0, h + 0.11, 0), label="gallery"),
        ring(0.3, 0.05, DARK, (0, h + 0.18, 0), label="gallery"),
        tube(0.17, 0.3, (1.0, 0.93, 0.45), (0, h + 0.28, 0), label="lantern"),
        *[box(0.06, 0.3, 0.37, DARK, (0, h + 0.28, 0), (0, a, 0), label="lantern") for a in (0, 60, 120)],
        cone(0.27, 0.02, 0.26, c, (0, h + 0.55, 0), label="roof"),
        ball(0.06, DARK, (0, h + 0.69, 0), label="roof"),
        box(0.2, 0.34, 0.12, WOOD, (0, 0.26, 0.33), label="door"),
        *[box(0.12, 0.16, 0.1, GLASS, (0, 0.08 + h * t, 0.35 - 0.14 * t), label="window") for t in (0.5, 0.8)],
    ]


def tent(rng: Random, c: RGB) -> list[Part]:
    w, h, d = uniform(rng, 1.0, 1.3), uniform(rng, 0.75, 0.95), uniform(rng, 1.1, 1.5)
    gap = uniform(rng, 0.4, 0.55)
    return [
        *gable(w, 0.06, d, h - 0.06, c, label="sheet"),
        *gable(w * gap, 0.02, 0.1, h * 0.72, DARK, (0, 0, d / 2), group=1, label="opening"),
        *[
            rod(
                (s * w * gap * 0.5, 0.05, d / 2 + 0.05),
                (s * 0.03, h * 0.74, d / 2 + 0.05),
                0.06,
                light(c, 0.55),
                group=2,
                label="flap",
            )
            for s in (-1, 1)
        ],
        rod((0, h - 0.02, -d / 2 - 0.04), (0, h - 0.02, d / 2 + 0.04), 0.05, dim(c), group=2, label="ridge"),
        *[tube(0.04, h + 0.12, WOOD, (0, h / 2 + 0.06, s * (d / 2 + 0.06)), group=2, label="pole") for s in (-1, 1)],
        *[box(w + 0.06, 0.08, d + 0.04, dim(c), (0, 0.04, 0), group=2, label="floor")],
    ]


def igloo(rng: Random, c: RGB) -> list[Part]:
    rows, tall = 4 + int(rng.integers(2)), uniform(rng, 0.9, 1.1)
    angles = np.linspace(0, np.pi / 2, rows + 1)
    radii, heights = 0.8 * np.cos(angles) + 0.004, 0.8 * tall * np.sin(angles)
    line = dim(c, 0.72)
    seams = []
    for i in range(min(rows, 3)):
        middle, tilt = (heights[i] + heights[i + 1]) / 2, np.degrees((angles[i] + angles[i + 1]) / 2)
        seams += (
            [
                box(
                    0.045,
                    heights[i + 1] - heights[i],
                    (radii[i] + radii[i + 1]) + 0.03,
                    line,
                    (0, middle, 0),
                    (0, 45 * k + 22 * (i % 2), 0),
                    label="seam",
                )
                for k in range(4)
            ]
            if tilt < 50
            else []
        )
    return [
        *[
            cone(
                radii[i],
                radii[i + 1],
                heights[i + 1] - heights[i],
                c,
                (0, (heights[i] + heights[i + 1]) / 2, 0),
                label="dome",
            )
            for i in range(rows)
        ],
        *[ring(radii[i], 0.03, line, (0, heights[i], 0), label="seam") for i in range(1, rows)],
        *seams,
        tube(0.32, 0.6, c, (0, 0.3, 0.8), (90, 0, 0), label="tunnel"),
        box(0.64, 0.3, 0.6, c, (0, 0.15, 0.8), r=0, label="tunnel"),
        ring(0.3, 0.05, line, (0, 0.3, 1.1), (90, 0, 0), label="tunnel"),
        tube(0.24, 0.04, DARK, (0, 0.28, 1.1), (90, 0, 0), label="entrance"),
        box(0.48, 0.27, 0.04, DARK, (0, 0.15, 1.1), r=0, label="entrance"),
    ]


def skyscraper(rng: Random, c: RGB) -> list[Part]:
    h, w, floors = uniform(rng, 1.5, 1.9), uniform(rng, 0.55, 0.65), 5 + int(rng.integers(3))
    steps, spire = rng.random() < 0.5, uniform(rng, 0.25, 0.45)
    pane = GLASS if c not in (COLORS["white"], COLORS["turquoise"]) else (0.25, 0.36, 0.55)
    pillars = [
        box(w * 0.14, h - 0.3, w + 0.1, c, (x * w * 0.5 / 2.2, h / 2 + 0.12, 0), label="wall") for x in (-2, 0, 2)
    ]
    pillars += [
        box(w + 0.1, h - 0.3, w * 0.14, c, (0, h / 2 + 0.12, x * w * 0.5 / 2.2), label="wall") for x in (-2, 0, 2)
    ]
    crown = [
        box(w * 0.72, 0.26, w * 0.72, c, (0, h + 0.1, 0), label="crown"),
        box(w * 0.44, 0.24, w * 0.44, c, (0, h + 0.32, 0), label="crown"),
    ]
    top = h + 0.4 if steps else h
    return [
        box(w, h, w, c, (0, h / 2, 0), r=0.01),
        *[
            box(
                w + 0.04,
                h * 0.55 / floors,
                w + 0.04,
                pane,
                (0, 0.3 + (h - 0.36) * (i + 0.5) / floors, 0),
                label="window",
            )
            for i in range(floors)
        ],
        *pillars,
        box(w + 0.16, 0.12, w + 0.16, dim(c), (0, 0.06, 0), label="base"),
        box(w + 0.1, 0.1, w + 0.1, c, (0, h, 0), label="wall"),
        box(0.24, 0.26, w + 0.12, WOOD if c != COLORS["brown"] else CREAM, (0, 0.15, 0.03), label="door"),
        *(crown if steps else [box(w * 0.5, 0.14, w * 0.4, dim(c), (0, h + 0.1, 0), label="crown")]),
        cone(0.09, 0.04, spire, STEEL, (0, top + spire / 2, 0), label="spire"),
    ]


def church(rng: Random, c: RGB) -> list[Part]:
    w, d, tall, spire = (
        uniform(rng, 0.62, 0.75),
        uniform(rng, 0.95, 1.2),
        uniform(rng, 1.0, 1.2),
        uniform(rng, 0.5, 0.7),
    )
    roof, front = roof_over(c), d / 2 + 0.12
    top = tall + spire
    return [
        *gable(w, 0.5, d, 0.34, c),
        *pitched((0, 0.93, 0), np.hypot(w / 2, 0.34) + 0.14, np.degrees(np.arctan2(0.34, w / 2)), d + 0.1, roof),
        box(0.42, tall, 0.42, c, (0, tall / 2, front), r=0.01, group=1, label="tower"),
        box(0.5, 0.08, 0.5, dim(c, 0.7), (0, tall, front), group=1, label="tower"),
        box(0.48, 0.14, 0.48, dim(c, 0.7), (0, 0.07, front), group=1, label="base"),
        box(w + 0.06, 0.12, d + 0.06, dim(c, 0.7), (0, 0.06, 0), group=1, label="base"),
        cone(0.3, 0.03, spire, roof, (0, tall + spire / 2, front), group=1, label="roof"),
        box(0.09, 0.36, 0.09, GOLD, (0, top + 0.12, front), group=1, label="cross"),
        box(0.28, 0.09, 0.09, GOLD, (0, top + 0.16, front), group=1, label="cross"),
        box(0.2, 0.28, 0.06, WOOD, (0, 0.14, front + 0.21), group=1, label="door"),
        tube(0.1, 0.06, WOOD, (0, 0.28, front + 0.21), (90, 0, 0), group=1, label="door"),
        tube(0.11, 0.48, GLASS, (0, tall * 0.62, front), (90, 0, 0), group=1, label="window"),
        *[box(0.46, 0.22, 0.14, DARK, (0, tall * 0.83, front), (0, a, 0), group=1, label="belfry") for a in (0, 90)],
        *[box(w + 0.06, 0.28, 0.15, GLASS, (0, 0.3, z * d), group=1, label="window") for z in (-0.32, -0.03, 0.2)],
        tube(0.13, 0.1, GLASS, (0, 0.5, -d / 2), (90, 0, 0), group=1, label="window"),
    ]


def barn(rng: Random, c: RGB) -> list[Part]:
    w, h, d = uniform(rng, 0.95, 1.1), uniform(rng, 0.52, 0.68), uniform(rng, 1.0, 1.35)
    roof, trim = (SLATE if c != COLORS["grey"] else TILES), other(c, "white", "red")
    ridge = h + 0.46
    slopes = [cut((s * w / 2, h, 0), (s * 0.28, w * 0.16, 0), c) for s in (-1, 1)] + [
        cut((0, ridge, 0), (s * 0.18, w * 0.34, 0), c) for s in (-1, 1)
    ]
    upper = np.degrees(np.arctan2(0.18, w * 0.34))
    steep = np.degrees(np.arctan2(0.28, w * 0.16))
    sides = [
        box(
            0.42,
            0.09,
            d + 0.16,
            roof,
            (s * (w * 0.43 + 0.05), h + 0.11, 0),
            (0, 0, -s * steep),
            r=0,
            group=1,
            label="roof",
        )
        for s in (-1, 1)
    ]
    return [
        box(w, ridge, d, c, (0, ridge / 2, 0), r=0),
        *slopes,
        *sides,
        *pitched((0, ridge + 0.09, 0), np.hypot(0.18, w * 0.34) + 0.08, upper, d + 0.16, roof),
        box(0.46, 0.44, 0.06, trim, (0, 0.22, d / 2), group=1, label="door"),
        box(0.36, 0.36, 0.08, c, (0, 0.21, d / 2), group=1, label="door"),
        *[box(0.52, 0.07, 0.1, trim, (0, 0.21, d / 2), (0, 0, a), group=1, label="door") for a in (45, -45)],
        box(0.24, 0.2, 0.06, trim, (0, h + 0.14, d / 2), group=1, label="window"),
        box(0.15, 0.12, 0.08, DARK, (0, h + 0.14, d / 2), group=1, label="window"),
        *[box(w + 0.06, 0.18, 0.2, trim, (0, h * 0.6, s * d * 0.25), group=1, label="window") for s in (-1, 1)],
    ]


FAMILIES = {
    "house": Family(house, "white", also=("cottage", "home"), paintable=("roof",)),
    "castle": Family(castle, "grey", also=("fortress",)),
    "windmill": Family(windmill, "white", also=("mill",)),
    "sandcastle": Family(sandcastle, "yellow", also=("sand castle",)),
    "lighthouse": Family(lighthouse, "red", also=("light house",)),
    "tent": Family(tent, "orange", also=("camping tent",)),
    "igloo": Family(igloo, "white", also=("snow house", "ice house"), top=((0, 0.76, 0), 0.42)),
    "skyscraper": Family(skyscraper, "grey", also=("high-rise", "office building")),
    "church": Family(church, "white", also=("chapel",), paintable=("roof",)),
    "barn": Family(barn, "red", also=("farmhouse",), paintable=("roof",)),
}
