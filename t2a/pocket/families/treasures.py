"""Treasures and things out of tales."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import (
    BLACK,
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
from t2a.pocket.shapes import CARVE, RGB, Part, Vector, ball, box, cone, ring, rod, tube


def _gold(c: RGB) -> RGB:
    return GOLD if c not in (COLORS["yellow"], COLORS["orange"]) else COLORS["red"]


def sword(rng: Random, c: RGB) -> list[Part]:
    h, w = uniform(rng, 0.9, 1.2), uniform(rng, 0.2, 0.26)
    hilt = _gold(c)
    return [
        box(w, h, 0.1, c, (0, 0.5 + h / 2, 0), r=0.01, label="blade"),
        box(w * 0.71, w * 0.71, 0.1, c, (0, 0.5 + h, 0), (0, 0, 45), r=0.01, label="blade"),
        box(0.08, h, 0.13, light(c, 0.4), (0, 0.5 + h / 2, 0), label="blade"),
        box(0.66, 0.13, 0.18, hilt, (0, 0.46, 0), r=0.03, label="guard"),
        tube(0.08, 0.34, WOOD if c != COLORS["brown"] else DARK, (0, 0.26, 0), label="grip"),
        ball(0.12, hilt, (0, 0.1, 0), label="pommel"),
    ]


def shield(rng: Random, c: RGB) -> list[Part]:
    rim = STEEL if c != COLORS["grey"] else DARK
    emblem = WHITE if c != WHITE else COLORS["red"]
    if rng.random() < 0.35:
        r = uniform(rng, 0.52, 0.6)
        return [
            tube(r, 0.14, rim, (0, r, 0), (90, 0, 0), r=0.02, label="rim"),
            ball(r * 0.84, c, (0, r, 0), rz=0.2),
            box(r * 1.45, 0.16, 0.08, emblem, (0, r, 0.16), label="cross"),
            box(0.16, r * 1.45, 0.08, emblem, (0, r, 0.16), label="cross"),
            ball(0.17, _gold(c), (0, r, 0.2), rz=0.1, label="boss"),
        ]
    w, h = uniform(rng, 0.84, 1.0), uniform(rng, 0.5, 0.65)
    q = w * 0.7071
    y = 0.5 * w
    return [
        box(w, h, 0.13, rim, (0, y + h / 2, 0), r=0.03, label="rim"),
        box(q, q, 0.13, rim, (0, y + 0.02, 0), (0, 0, 45), r=0.03, label="rim"),
        box(w - 0.16, h - 0.14, 0.22, c, (0, y + h / 2, 0), r=0.03),
        box(q - 0.13, q - 0.13, 0.22, c, (0, y + 0.04, 0), (0, 0, 45), r=0.03),
        box(0.15, h + y - 0.34, 0.1, emblem, (0, y * 0.5 + 0.1 + h / 2, 0.1), label="cross"),
        box(w - 0.16, 0.15, 0.1, emblem, (0, y + h * 0.45, 0.1), label="cross"),
        box(w * 0.6, 0.12, 0.12, WOOD, (0, y + h * 0.4, -0.1), label="handle"),
    ]


def crown(rng: Random, c: RGB) -> list[Part]:
    n, h = int(rng.integers(5, 9)), uniform(rng, 0.4, 0.55)
    gem = COLORS["red"] if c not in (COLORS["red"], COLORS["pink"]) else GOLD
    spots = [(0.46 * np.sin(a), 0.46 * np.cos(a)) for a in 2 * np.pi * np.arange(n) / n]
    return [
        tube(0.54, 0.36, c, (0, 0.2, 0)),
        tube(0.42, 0.6, dim(c, 0.7), (0, 0.3, 0), operation=CARVE),
        *[cone(0.17, 0.02, h, c, (x, 0.34 + h / 2, z), label="tip", group=1) for x, z in spots],
        *[ball(0.075, gem, (x, 0.36 + h, z), label="gem", group=1) for x, z in spots],
        *[ball(0.08, gem, (x * 1.15, 0.2, z * 1.15), label="gem", group=1) for x, z in spots],
    ]


def trophy(rng: Random, c: RGB) -> list[Part]:
    r, y = uniform(rng, 0.36, 0.44), 0.62
    return [
        cone(0.1, r, 0.5, c, (0, y + 0.2, 0), r=0.03, label="cup"),
        ring(r, 0.05, light(c, 0.3), (0, y + 0.46, 0), label="rim"),
        cone(r - 0.1, r - 0.05, 0.3, dim(c, 0.7), (0, y + 0.53, 0), operation=CARVE, label="inside"),
        *[ring(0.19, 0.055, c, (s * (r + 0.03), y + 0.24, 0), (90, 0, 0), group=1, label="handle") for s in (-1, 1)],
        cone(0.2, 0.07, 0.4, c, (0, 0.42, 0), group=1, label="stem"),
        ball(0.11, c, (0, 0.56, 0), group=1, label="stem"),
        box(0.56, 0.26, 0.56, WOOD if c != COLORS["brown"] else DARK, (0, 0.13, 0), group=1, label="base"),
        box(0.3, 0.13, 0.06, light(c, 0.3), (0, 0.13, 0.28), group=1, label="plate"),
    ]


def gem(rng: Random, c: RGB) -> list[Part]:
    n, deep, high, table = 6, uniform(rng, 0.55, 0.75), uniform(rng, 0.22, 0.3), uniform(rng, 0.55, 0.68)
    r, turn = 0.62, np.pi / n
    apothem = r * np.cos(np.pi / n)
    parts: list[Part] = []
    for group, (height, inner) in enumerate(((deep, 0.0), (high, table))):
        up = 1 if group else -1
        ends = (r, r * table) if group else (0.02, r)
        parts.append(cone(*ends, height, light(c, 0.15), (0, deep + up * height / 2, 0), group=group))
        slope = np.arctan2(apothem * (1 - inner), height)
        for i in range(n):
            a = 2 * np.pi * i / n + turn
            out = np.array([np.sin(a) * np.cos(slope), up * np.sin(slope), np.cos(a) * np.cos(slope)])
            at = out * 1.0 + np.array([apothem * np.sin(a), deep, apothem * np.cos(a)])
            shade = (c, light(c, 0.35), dim(c, 0.78))[(i + 2 * group) % 3]
            rot = (-up * np.degrees(slope), np.degrees(a), 0)
            parts.append(box(3, 3, 2, shade, tuple(at), rot, r=0, operation=CARVE, group=group, label="facet"))
    return parts


def star(rng: Random, c: RGB) -> list[Part]:
    n, thick = (5, uniform(rng, 0.2, 0.28)) if rng.random() < 0.8 else (6, 0.24)
    tips = [(0.74 * np.sin(a), 0.74 * np.cos(a), 0.0) for a in 2 * np.pi * np.arange(n) / n]
    return [ball(0.3, c, rz=thick), *[rod((0, 0, 0), tip, thick, c, 0.03, blend=0.05) for tip in tips]]


def heart(rng: Random, c: RGB) -> list[Part]:
    t = uniform(rng, 0.2, 0.3)
    lobes = [ball(0.33, c, (s * 0.25, 0.75, 0), rz=t, blend=0.05) for s in (-1, 1)]
    sides = [ball(0.24, c, (s * 0.2, 0.45, 0), ry=0.5, rz=t * 0.85, rot=(0, 0, -s * 38), blend=0.08) for s in (-1, 1)]
    return [*lobes, *sides]


def chest(rng: Random, c: RGB) -> list[Part]:
    w, tilt = uniform(rng, 1.0, 1.25), uniform(rng, 45, 65)
    band = GOLD if c not in (COLORS["yellow"], COLORS["orange"]) else DARK
    lean = np.radians(tilt)
    hinge = np.array([0, 0.58, -0.34])
    lid = hinge + 0.34 * np.array([0, np.sin(lean), np.cos(lean)])
    below = lid - 0.5 * np.array([0, np.cos(lean), -np.sin(lean)])
    coins = [(-0.24, 0.12), (0.2, 0.16), (0.02, -0.08), (-0.3, -0.12), (0.3, -0.1)]
    return [
        box(w, 0.58, 0.7, c, (0, 0.29, 0)),
        box(w - 0.16, 0.4, 0.54, dim(c, 0.5), (0, 0.6, 0), operation=CARVE, label="inside"),
        tube(0.35, w, c, tuple(lid), (0, 0, 90), group=1, label="lid"),
        tube(0.25, w - 0.16, dim(c, 0.5), tuple(lid), (0, 0, 90), operation=CARVE, group=1, label="lid"),
        box(w * 1.2, 1, 1.2, dim(c, 0.5), tuple(below), (-tilt, 0, 0), operation=CARVE, group=1, label="lid"),
        ball(w * 0.42, GOLD, (0, 0.46, 0), ry=0.17, rz=0.27, group=2, label="gold"),
        *[ball(0.11, light(GOLD, 0.3), (x * w, 0.57, z), ry=0.07, group=2, label="gold") for x, z in coins],
        *[box(0.12, 0.62, 0.74, band, (s * w * 0.36, 0.29, 0), group=3, label="band") for s in (-1, 1)],
        box(w - 0.2, 0.5, 0.56, band, (0, 0.62, 0), operation=CARVE, group=3, label="band"),
        box(0.2, 0.22, 0.1, band, (0, 0.46, 0.36), group=4, label="lock"),
    ]


def cannon(rng: Random, c: RGB) -> list[Part]:
    tilt, length = np.radians(uniform(rng, 12, 28)), uniform(rng, 0.8, 1.0)
    d = np.array([0, np.sin(tilt), np.cos(tilt)])
    pivot = np.array([0, 0.56, 0])

    def at(t: float) -> Vector:
        return tuple(pivot + d * t)

    wood = WOOD if c != COLORS["brown"] else DARK
    return [
        rod(at(-0.45), at(length), 0.27, c, 0.19, label="barrel"),
        rod(at(length - 0.1), at(length + 0.06), 0.25, c, label="barrel"),
        rod(
            at(length - 0.3),
            at(length + 0.2),
            0.13,
            DARK if c != BLACK else dim(STEEL),
            operation=CARVE,
            label="muzzle",
        ),
        ball(0.27, c, at(-0.45), group=1, label="barrel"),
        ball(0.1, c, at(-0.76), group=1, label="barrel"),
        rod(at(0.2), at(0.32), 0.27, _gold(c), group=1, label="band"),
        rod((0, 0.5, 0.05), (0, 0.1, -0.85), 0.12, wood, group=1, label="carriage"),
        rod((-0.45, 0.42, 0), (0.45, 0.42, 0), 0.08, wood, group=1, label="axle"),
        *[ring(0.34, 0.08, wood, (s * 0.38, 0.42, 0), (0, 0, 90), group=1, label="wheel") for s in (-1, 1)],
        *[
            rod(
                (s * 0.38, 0.42 - 0.32 * y, -0.32 * z),
                (s * 0.38, 0.42 + 0.32 * y, 0.32 * z),
                0.055,
                wood,
                group=1,
                label="wheel",
            )
            for s in (-1, 1)
            for y, z in ((1, 0), (0, 1))
        ],
    ]


def potion(rng: Random, c: RGB) -> list[Part]:
    r, fill = uniform(rng, 0.4, 0.48), uniform(rng, 0.35, 0.75)
    y = r + 0.02
    return [
        ball(r, c, (0, y, 0), label="liquid"),
        box(2, 2, 2, light(c, 0.3), (0, y + r * fill + 1, 0), r=0, operation=CARVE, label="liquid"),
        ball(r * 0.985, GLASS, (0, y, 0), group=1, label="glass"),
        tube(0.15, 0.4, GLASS, (0, 2 * r + 0.13, 0), group=1, label="glass"),
        ring(0.16, 0.06, GLASS, (0, 2 * r + 0.3, 0), group=1, label="glass"),
        cone(0.11, 0.14, 0.22, WOOD, (0, 2 * r + 0.4, 0), group=1, label="cork"),
        tube(r * 0.5, 0.1, c, (0, 0.05, 0), group=1, label="liquid"),
        *[
            ball(b, light(c, 0.5), (r * x, y + r * h, r * z), group=1, label="bubble")
            for b, x, h, z in (
                (0.08, 0.3, 0.0, 0.86),
                (0.06, -0.3, -0.3, 0.84),
                (0.07, -0.8, 0.1, -0.5),
                (0.07, 0.6, -0.2, -0.7),
            )
        ],
    ]


def wand(rng: Random, c: RGB) -> list[Part]:
    h, r = uniform(rng, 0.85, 1.05), uniform(rng, 0.36, 0.44)
    y = h + r * 0.7
    tips = [(r * np.sin(a), y + r * np.cos(a), 0.0) for a in 2 * np.pi * np.arange(5) / 5]
    stick = DARK if c != BLACK else CREAM
    return [
        rod((0, 0, 0), (0, h, 0), 0.075, stick, 0.06, label="stick"),
        *[tube(0.1, 0.12, c, (0, y, 0), label="band") for y in (0.06, h * 0.35)],
        ball(r * 0.42, c, (0, y, 0), rz=0.13, label="star"),
        *[rod((0, y, 0), tip, r * 0.34, c, 0.03, blend=0.03, label="star") for tip in tips],
    ]


def bow(rng: Random, c: RGB) -> list[Part]:
    h, bend = uniform(rng, 0.7, 0.8), uniform(rng, 0.34, 0.44)
    curve = [(bend * (1 - t * t), h * t + 0.8) for t in np.linspace(-1, 1, 7)]
    limbs = [
        rod((x1, y1, 0), (x2, y2, 0), 0.07, c, label="bow")
        for (x1, y1), (x2, y2) in zip(curve, curve[1:], strict=False)
    ]
    feather = COLORS["red"] if c != COLORS["red"] else COLORS["yellow"]
    return [
        *limbs,
        rod((bend, 0.66, 0), (bend, 0.94, 0), 0.1, dim(c, 0.6), label="grip"),
        rod((0, 0.8 - h, 0), (0, 0.8 + h, 0), 0.035, CREAM if c != WHITE else DARK, label="string"),
        rod((-0.25, 0.8, 0.05), (bend + 0.35, 0.8, 0.05), 0.045, WOOD, label="arrow"),
        rod(
            (bend + 0.3, 0.8, 0.05),
            (bend + 0.58, 0.8, 0.05),
            0.14,
            STEEL if c != COLORS["grey"] else DARK,
            0.01,
            label="arrowhead",
        ),
        *[
            box(0.24, 0.09, 0.07, feather, (-0.2, 0.8 + s * 0.07, 0.05), (0, 0, -s * 28), label="feather")
            for s in (-1, 1)
        ],
    ]


def flag(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 0.32, 0.4), uniform(rng, 0.56, 0.68)
    pole = WOOD if c != COLORS["brown"] else DARK
    waves = [(0, 28), (1, -28), (2, 28)]
    return [
        tube(0.24, 0.1, pole, (0, 0.05, 0), label="foot"),
        rod((0, 0, 0), (0, 1.5, 0), 0.06, pole, label="pole"),
        ball(0.1, _gold(c), (0, 1.54, 0), label="knob"),
        *[
            box(
                w * 1.16,
                h,
                0.1,
                c,
                (w * (i + 0.5), 1.42 - h / 2 - 0.03 * i, 0.02),
                (0, a, 0),
                r=0.03,
                blend=0.03,
                group=1,
                label="cloth",
            )
            for i, a in waves
        ],
    ]


FAMILIES = {
    "sword": Family(sword, "grey", also=("knight's sword",)),
    "shield": Family(shield, "red", also=("knight's shield",)),
    "crown": Family(crown, "yellow", also=("king's crown", "tiara")),
    "trophy": Family(trophy, "yellow", also=("winner's cup", "prize cup")),
    "gem": Family(gem, "turquoise", also=("diamond", "jewel", "gemstone")),
    "star": Family(star, "yellow"),
    "heart": Family(heart, "red", also=("love heart",)),
    "treasure chest": Family(chest, "brown", also=("treasure box", "pirate chest"), hollow=((0, 0.6, 0), 0.24)),
    "cannon": Family(cannon, "black", also=("pirate cannon",)),
    "potion": Family(potion, "purple", also=("magic potion", "elixir", "potion bottle")),
    "magic wand": Family(wand, "yellow", also=("wand", "fairy wand")),
    "bow and arrow": Family(bow, "brown", also=("archer's bow",)),
    "flag": Family(flag, "red", also=("banner",)),
}
