"""What stands in towns and parks, from a mailbox to a temple."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import (
    COLORS,
    CREAM,
    DARK,
    GLASS,
    GOLD,
    LEAF,
    STEEL,
    WOOD,
    Family,
    Random,
    dim,
    light,
    uniform,
)
from t2a.pocket.families.buildings import TILES, roof_over
from t2a.pocket.families.construction import battlements, cut, gable, pitched
from t2a.pocket.families.vehicles import other
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod, tube

WATER = (0.25, 0.55, 0.92)


def fountain(rng: Random, c: RGB) -> list[Part]:
    bowl, y, jets = uniform(rng, 0.42, 0.52), uniform(rng, 0.7, 0.85), 4 + int(rng.integers(3))
    top = y + uniform(rng, 0.28, 0.36)
    water = WATER if c not in (COLORS["blue"], COLORS["turquoise"]) else (0.75, 0.90, 1.0)

    def arcs(r: float, x: float, level: float, turn: float, group: int) -> list[Part]:
        """Jets that rise and fall in half circles of radius r around points at distance x from the middle."""
        angles = turn + np.arange(jets) * 2 * np.pi / jets
        return [
            ring(
                r,
                0.05,
                water,
                (x * np.sin(a), level, x * np.cos(a)),
                (90, np.degrees(a) - 90, 0),
                group=group,
                label="jet",
            )
            for a in angles
        ] + [box(3, 1, 3, water, (0, level - 0.5, 0), r=0, operation=CARVE, group=group, label="jet")]

    return [
        tube(0.92, 0.12, dim(c, 0.75), (0, 0.06, 0), label="basin"),
        tube(0.84, 0.34, c, (0, 0.17, 0), label="basin"),
        tube(0.72, 0.3, water, (0, 0.39, 0), operation=CARVE, label="water"),
        ring(0.79, 0.075, light(c, 0.25), (0, 0.34, 0), group=1, label="basin"),
        cone(0.26, 0.12, 0.3, c, (0, 0.36, 0), group=1, label="pedestal"),
        tube(0.13, y, c, (0, y / 2, 0), group=1, label="pedestal"),
        cone(0.14, bowl, 0.2, c, (0, y - 0.06, 0), group=1, label="bowl"),
        ring(bowl - 0.02, 0.06, light(c, 0.25), (0, y + 0.04, 0), group=1, label="bowl"),
        tube(bowl - 0.05, 0.06, water, (0, y + 0.03, 0), group=1, label="water"),
        cone(0.11, 0.08, top - y, c, (0, (top + y) / 2, 0), group=1, label="pedestal"),
        cone(0.08, 0.22, 0.14, c, (0, top, 0), group=1, label="bowl"),
        ring(0.2, 0.045, light(c, 0.25), (0, top + 0.07, 0), group=1, label="bowl"),
        cone(0.09, 0.05, 0.3, water, (0, top + 0.2, 0), group=1, label="jet"),
        ball(0.1, water, (0, top + 0.36, 0), group=1, label="jet"),
        *arcs(0.14, bowl - 0.03, y + 0.04, 0.4, 2),
        *arcs(0.16, bowl + 0.02, 0.24, 0.9, 3),
    ]


def bridge(rng: Random, c: RGB) -> list[Part]:
    arches, h = 1 + int(rng.integers(3)), uniform(rng, 0.58, 0.72)
    w = 0.55 * arches + 0.75
    r = 0.34 if arches == 1 else 0.24
    low, flat = h * 0.62, w * 0.14

    def ends(height: float, color: RGB, group: int) -> list[Part]:
        return [cut((s * flat, height, 0), (s * (h - low), w / 2 - flat, 0), color, group=group) for s in (-1, 1)]

    def holes(group: int) -> list[Part]:
        spots = (np.arange(arches) - (arches - 1) / 2) * 0.58
        return [
            part
            for x in spots
            for part in (
                tube(r, 2, dim(c, 0.55), (x, h * 0.35, 0), (90, 0, 0), operation=CARVE, group=group, label="arch"),
                box(2 * r, 2 * h * 0.35, 2, dim(c, 0.55), (x, 0, 0), r=0, operation=CARVE, group=group, label="arch"),
            )
        ]

    return [
        box(w, h, 0.56, light(c, 0.3), (0, h / 2, 0), r=0, label="road"),
        *ends(h, light(c, 0.3), 0),
        *holes(0),
        *[box(w, h + 0.18, 0.12, c, (0, (h + 0.18) / 2, s * 0.32), r=0, group=1) for s in (-1, 1)],
        *ends(h + 0.18, c, 1),
        *holes(1),
        *[
            box(
                0.16,
                low + 0.34,
                0.24,
                dim(c, 0.8),
                (x * (w / 2 - 0.02), low / 2 + 0.17, z * 0.32),
                group=2,
                label="pillar",
            )
            for x in (-1, 1)
            for z in (-1, 1)
        ],
    ]


def well(rng: Random, c: RGB) -> list[Part]:
    h, r, top = uniform(rng, 0.42, 0.52), uniform(rng, 0.42, 0.5), uniform(rng, 1.15, 1.35)
    water = WATER if c != COLORS["blue"] else DARK
    return [
        tube(r, h, c, (0, h / 2, 0), label="wall"),
        tube(r - 0.11, h, water, (0, h * 0.9, 0), operation=CARVE, label="water"),
        *[ring(r - 0.01, 0.035, dim(c, 0.7), (0, h * t, 0), group=1, label="wall") for t in (0.3, 0.65)],
        ring(r - 0.05, 0.075, light(c, 0.25), (0, h, 0), group=1, label="wall"),
        *[box(0.1, top + 0.16, 0.1, WOOD, (s * (r - 0.03), top / 2 + 0.08, 0), group=1, label="post") for s in (-1, 1)],
        *pitched((0, top + 0.24, 0), 0.52, 40, 2 * r + 0.24, roof_over(c), across=True),
        tube(0.07, 2 * r + 0.1, WOOD, (0, top - 0.26, 0), (0, 0, 90), group=1, label="winch"),
        rod((r + 0.05, top - 0.26, 0), (r + 0.05, top - 0.44, 0.1), 0.045, STEEL, group=1, label="winch"),
        tube(0.035, 0.3, CREAM, (0, top - 0.4, 0), group=1, label="rope"),
        cone(0.11, 0.15, 0.2, dim(WOOD), (0, top - 0.6, 0), group=1, label="bucket"),
    ]


def pagoda(rng: Random, c: RGB) -> list[Part]:
    tiers, shrink, h = 3 + int(rng.integers(2)), uniform(rng, 0.76, 0.84), uniform(rng, 0.3, 0.38)
    wall = CREAM if c not in (COLORS["white"], COLORS["yellow"]) else TILES
    parts, y, w = [box(1.25, 0.12, 1.25, dim(c, 0.7), (0, 0.06, 0), label="base")], 0.12, 0.72
    for i in range(tiers):
        group, eave, rise = i + 1, w * 0.82, 0.24
        parts += [box(w, h, w, wall, (0, y + h / 2, 0), r=0, label="wall")]
        y += h
        parts += [box(2 * eave, rise, 2 * eave, c, (0, y + rise / 2, 0), r=0, group=group, label="roof")]
        parts += [
            cut((x * eave, y + 0.08, z * eave), (x * 0.16, w * 0.55, z * 0.16), c, group=group, label="roof")
            for x, z in ((1, 0), (-1, 0), (0, 1), (0, -1))
        ]
        y, w = y + rise * 0.85, w * shrink
    return [
        *parts,
        cone(0.16, 0.03, 0.4, GOLD if c != COLORS["yellow"] else DARK, (0, y + 0.14, 0), label="spire"),
        box(0.22, h * 0.8, 0.05, DARK, (0, 0.12 + h * 0.4, 0.36), label="door"),
    ]


def temple(rng: Random, c: RGB) -> list[Part]:
    w, d, h, columns = uniform(rng, 1.2, 1.4), uniform(rng, 1.1, 1.5), uniform(rng, 0.6, 0.75), 4 + int(rng.integers(2))
    xs, zs = np.linspace(-w / 2 + 0.1, w / 2 - 0.1, columns), np.linspace(-d / 2 + 0.1, d / 2 - 0.1, 4)
    spots = [(x, z) for x in xs for z in (zs[0], zs[-1])] + [(x, z) for x in (xs[0], xs[-1]) for z in zs[1:-1]]
    top, rise = 0.2 + h, uniform(rng, 0.26, 0.34)
    return [
        box(w + 0.36, 0.1, d + 0.36, dim(c, 0.8), (0, 0.05, 0), r=0, label="step"),
        box(w + 0.18, 0.1, d + 0.18, c, (0, 0.15, 0), r=0, label="step"),
        *[tube(0.085, h, c, (x, 0.2 + h / 2, z), label="column") for x, z in spots],
        box(w - 0.4, h, d - 0.4, dim(c, 0.55), (0, 0.2 + h / 2, 0), r=0, label="hall"),
        box(0.24, h * 0.7, d - 0.34, DARK, (0, 0.2 + h * 0.35, 0.04), r=0, label="door"),
        box(w + 0.04, 0.13, d + 0.04, c, (0, top + 0.06, 0), r=0, label="beam"),
        box(w + 0.14, 0.07, d + 0.14, dim(c, 0.8), (0, top + 0.14, 0), r=0, label="beam"),
        *gable(w + 0.1, 0.02, d + 0.1, rise, c, (0, top + 0.16, 0), group=1, label="roof"),
        *gable(w * 0.62, 0.01, d + 0.16, rise * 0.6, dim(c, 0.7), (0, top + 0.2, 0), group=2, label="gable"),
    ]


def tower(rng: Random, c: RGB) -> list[Part]:
    h, r = uniform(rng, 1.2, 1.5), uniform(rng, 0.3, 0.36)
    stones = [
        box(
            0.2,
            0.13,
            0.1,
            light(c, 0.3),
            (r * np.sin(a), 0.25 + h * t, r * np.cos(a)),
            (0, np.degrees(a), 0),
            label="stone",
        )
        for a, t in ((1.1, 0.1), (2.4, 0.3), (-1.2, 0.22), (3.8, 0.05), (1.5, 0.5), (-2.2, 0.55))
    ]
    return [
        cone(r + 0.08, r, 0.2, dim(c, 0.8), (0, 0.1, 0), label="base"),
        tube(r, h, c, (0, h / 2, 0)),
        *stones,
        cone(r, r + 0.12, 0.16, c, (0, h, 0)),
        *battlements(r + 0.13, h + 0.06, 0.26, c, group=1),
        ring(r + 0.02, 0.05, dim(c, 0.8), (0, h * 0.62, 0), group=2, label="ledge"),
        box(0.24, 0.3, 0.08, WOOD, (0, 0.15, r + 0.04), group=2, label="door"),
        tube(0.12, 0.08, WOOD, (0, 0.3, r + 0.04), (90, 0, 0), group=2, label="door"),
        *[box(0.12, 0.24, 2 * r + 0.06, DARK, (0, h * 0.8, 0), (0, a, 0), group=2, label="window") for a in (0, 90)],
    ]


def mailbox(rng: Random, c: RGB) -> list[Part]:
    h, d, r = uniform(rng, 0.6, 0.85), uniform(rng, 0.75, 0.95), uniform(rng, 0.22, 0.27)
    y = h + 0.2
    flag = other(c, "red", "yellow")
    return [
        box(0.5, 0.08, 0.5, dim(WOOD), (0, 0.04, 0), label="foot"),
        box(0.15, h, 0.15, WOOD, (0, h / 2, 0), label="post"),
        box(0.36, 0.1, d * 0.8, WOOD, (0, h, 0), label="post"),
        tube(r, d, c, (0, y + 0.12, 0), (90, 0, 0)),
        box(2 * r, 0.34, d, c, (0, y - 0.03, 0), r=0.01),
        *[tube(r + 0.03, 0.08, dim(c, 0.75), (0, y + 0.12, s * d / 2), (90, 0, 0), label="door") for s in (-1, 1)],
        *[box(2 * r + 0.06, 0.36, 0.08, dim(c, 0.75), (0, y - 0.03, s * d / 2), label="door") for s in (-1, 1)],
        box(0.2, 0.08, 0.1, STEEL, (0, y + 0.16, d / 2 + 0.05), r=0.03, label="handle"),
        box(0.08, 0.46, 0.08, flag, (r + 0.04, y + 0.24, 0.1), label="flag"),
        box(0.08, 0.18, 0.26, flag, (r + 0.04, y + 0.42, 0.18), label="flag"),
    ]


def street_lamp(rng: Random, c: RGB) -> list[Part]:
    h, arms = uniform(rng, 1.3, 1.6), 1 + int(rng.integers(2))
    glow = (1.0, 0.90, 0.40)

    def lantern(x: float, y: float) -> list[Part]:
        return [
            cone(0.1, 0.18, 0.32, glow, (x, y + 0.16, 0), label="lantern"),
            *[box(0.05, 0.32, 0.33, c, (x, y + 0.16, 0), (0, a, 0), label="lantern") for a in (45, 135)],
            cone(0.25, 0.04, 0.18, c, (x, y + 0.41, 0), label="cap"),
            ball(0.06, c, (x, y + 0.52, 0), label="cap"),
            tube(0.13, 0.06, c, (x, y, 0), label="cap"),
        ]

    tops = lantern(0, h) if arms == 1 else [part for s in (-1, 1) for part in lantern(s * 0.34, h - 0.1)]
    bar = [
        rod((-0.38, h - 0.14, 0), (0.38, h - 0.14, 0), 0.06, c, label="pole"),
        ball(0.09, c, (0, h, 0), label="pole"),
    ]
    return [
        tube(0.28, 0.1, c, (0, 0.05, 0), label="foot"),
        cone(0.22, 0.1, 0.26, c, (0, 0.2, 0), label="foot"),
        tube(0.075, h, c, (0, h / 2, 0), label="pole"),
        ring(0.08, 0.05, c, (0, h * 0.72, 0), label="pole"),
        *(bar if arms == 2 else []),
        *tops,
    ]


def treehouse(rng: Random, c: RGB) -> list[Part]:
    h, w, rise = uniform(rng, 0.55, 0.75), uniform(rng, 0.8, 0.95), 0.34
    y, bark = h + 0.1, (0.36, 0.22, 0.12)
    leaves = LEAF if c != COLORS["green"] else light(LEAF, 0.35)
    front = w / 2 + 0.1
    ladder = [rod((s * 0.14, 0, front + 0.16), (s * 0.14, y, front), 0.05, CREAM, label="ladder") for s in (-1, 1)]
    ladder += [
        rod((-0.14, y * t, front + 0.16 * (1 - t)), (0.14, y * t, front + 0.16 * (1 - t)), 0.045, CREAM, label="ladder")
        for t in (0.2, 0.45, 0.7)
    ]
    return [
        cone(0.34, 0.24, h, bark, (0, h / 2, 0), label="trunk"),
        *[rod((0, h * 0.4, 0), (s * 0.62, h + 0.3, -0.1), 0.11, bark, label="trunk") for s in (-1, 1)],
        *[ball(0.32, leaves, (s * 0.66, h + 0.4, -0.15), label="leaves") for s in (-1, 1)],
        *[ball(0.34, leaves, (s * 0.42, h + 0.86, -0.36), label="leaves") for s in (-1, 1)],
        ball(0.34, leaves, (0, h + 1.1, -0.2), label="leaves"),
        box(w + 0.24, 0.1, w + 0.24, dim(c, 0.7), (0, y, 0), label="deck"),
        *gable(w, 0.5, w * 0.9, rise, c, (0, y, 0), group=1),
        *pitched(
            (0, y + 0.5 + rise + 0.1, 0),
            np.hypot(w / 2, rise) + 0.14,
            np.degrees(np.arctan2(rise, w / 2)),
            w + 0.06,
            light(c, 0.25),
        ),
        box(0.24, 0.4, 0.08, DARK, (0, y + 0.24, w * 0.45), group=2, label="door"),
        box(0.24, 0.22, w * 0.9 + 0.06, GLASS, (w * 0.28, y + 0.36, 0), group=2, label="window"),
        box(w + 0.06, 0.22, 0.24, GLASS, (0, y + 0.36, 0), group=2, label="window"),
        *ladder,
    ]


FAMILIES = {
    "fountain": Family(fountain, "grey", also=("water fountain",)),
    "bridge": Family(bridge, "grey", also=("stone bridge", "arch bridge")),
    "well": Family(well, "grey", also=("wishing well", "water well"), paintable=("roof",)),
    "pagoda": Family(pagoda, "red", also=("chinese temple",)),
    "temple": Family(temple, "white", also=("greek temple",)),
    "tower": Family(tower, "grey", also=("castle tower", "stone tower")),
    "mailbox": Family(mailbox, "blue", also=("letter box", "postbox")),
    "street lamp": Family(street_lamp, "black", also=("street light", "lamp post", "lamppost")),
    "treehouse": Family(treehouse, "brown", also=("tree house",)),
}
