"""Things found about the house."""

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


def book(rng: Random, c: RGB) -> list[Part]:
    t, w, h = uniform(rng, 0.2, 0.32), uniform(rng, 0.75, 0.95), uniform(rng, 1.0, 1.2)
    trim = GOLD if c not in (COLORS["yellow"], COLORS["orange"]) else COLORS["red"]
    return [
        box(w - 0.06, h - 0.1, t - 0.06, CREAM, (-0.02, h / 2, 0), r=0.005, label="pages"),
        *[box(w, h, 0.07, c, (0, h / 2, s * t / 2), r=0.01, label="cover") for s in (-1, 1)],
        box(0.09, h, t + 0.06, c, (-w / 2, h / 2, 0), r=0.03, label="cover"),
        box(w * 0.55, h * 0.16, t + 0.1, trim, (0.03, h * 0.7, 0), r=0.01, label="title"),
        *[box(0.12, 0.07, t + 0.09, trim, (-w / 2, h * f, 0), r=0.01, label="title") for f in (0.15, 0.85)],
    ]


def umbrella(rng: Random, c: RGB) -> list[Part]:
    w, h, n = uniform(rng, 0.66, 0.8), uniform(rng, 0.4, 0.5), 8
    hook = [(0.13 - 0.13 * np.cos(a), -0.13 * np.sin(a), 0) for a in np.linspace(0, np.pi, 6)]
    return [
        ball(w, c, (0, 0.85, 0), ry=h, label="canopy"),
        ball(w - 0.05, dim(c, 0.7), (0, 0.79, 0), ry=h - 0.03, operation=CARVE, label="canopy"),
        *[
            ball(0.24, dim(c, 0.7), (w * np.sin(a), 0.78, w * np.cos(a)), ry=0.16, operation=CARVE, label="canopy")
            for a in around(n)
        ],
        box(3, 1, 3, dim(c, 0.7), (0, 0.32, 0), r=0, operation=CARVE, label="canopy"),
        rod((0, 0.0, 0), (0, 0.88 + h, 0), 0.04, DARK if c != COLORS["black"] else STEEL, group=1, label="pole"),
        *[rod(a, b, 0.055, WOOD, group=1, label="handle") for a, b in zip(hook, hook[1:], strict=False)],
        rod((0, 0, 0), (0, 0.2, 0), 0.055, WOOD, group=1, label="handle"),
    ]


def glasses(rng: Random, c: RGB) -> list[Part]:
    r, gap, long = uniform(rng, 0.27, 0.34), 0.08, uniform(rng, 0.7, 0.9)
    x, edge = r + gap, 2 * r + gap + 0.03
    return [
        *[ring(r, 0.075, c, (s * x, 0, 0), (90, 0, 0), label="frame") for s in (-1, 1)],
        *[tube(r, 0.05, light(GLASS, 0.45), (s * x, 0, 0), (90, 0, 0), label="lens") for s in (-1, 1)],
        rod((-gap - 0.06, 0.08, 0), (gap + 0.06, 0.08, 0), 0.065, c, label="bridge"),
        *[rod((s * edge, 0.08, 0.02), (s * edge, 0.1, -long), 0.06, c, label="temple") for s in (-1, 1)],
        *[rod((s * edge, 0.1, -long), (s * edge, -0.16, -long - 0.14), 0.06, c, label="temple") for s in (-1, 1)],
        *[ball(0.06, c, (s * edge, 0.1, -long), label="temple") for s in (-1, 1)],
    ]


def glasses_3d(rng: Random, c: RGB) -> list[Part]:
    w, h, long = uniform(rng, 0.56, 0.66), uniform(rng, 0.4, 0.5), uniform(rng, 0.6, 0.8)
    dark = rng.random() < 0.5 if c not in (COLORS["white"], COLORS["black"]) else c == COLORS["white"]
    frame = DARK if dark else WHITE
    other = COLORS["blue"] if c != COLORS["blue"] else COLORS["red"]
    x = w / 2 + 0.06
    return [
        box(2 * w + 0.24, h + 0.13, 0.12, frame, r=0.03, label="frame"),
        box(0.24, 0.3, 0.5, frame, (0, -h / 2 - 0.06, 0), (0, 0, 45), r=0.02, operation=CARVE, label="frame"),
        box(w, h, 0.17, c, (-x, 0, 0), r=0.05, label="left lens"),
        box(w, h, 0.17, other, (x, 0, 0), r=0.05, label="right lens"),
        *[box(0.1, 0.16, long, frame, (s * (w + 0.09), 0.1, -long / 2), label="temple") for s in (-1, 1)],
        *[
            box(0.1, 0.3, 0.12, frame, (s * (w + 0.09), -0.02, -long - 0.02), (30, 0, 0), label="temple")
            for s in (-1, 1)
        ],
    ]


def candle(rng: Random, c: RGB) -> list[Part]:
    r, h = uniform(rng, 0.2, 0.27), uniform(rng, 0.6, 0.95)
    dish = GOLD if c not in (COLORS["yellow"], COLORS["orange"]) else COLORS["brown"]
    drips = [
        rod((r * np.sin(a), h - d, r * np.cos(a)), (r * np.sin(a), h, r * np.cos(a)), 0.06, light(c, 0.3), label="drip")
        for a, d in zip(around(5), rng.uniform(0.12, 0.35, 5), strict=True)
    ]
    return [
        tube(r, h, c, (0, h / 2, 0), r=0.02, label="wax"),
        *drips,
        tube(r - 0.01, 0.06, light(c, 0.3), (0, h + 0.01, 0), r=0.02, label="drip"),
        rod((0, h, 0), (0, h + 0.14, 0), 0.035, DARK, label="wick"),
        ball(0.11, COLORS["orange"], (0, h + 0.26, 0), ry=0.16, label="flame"),
        cone(0.09, 0.005, 0.26, COLORS["orange"], (0, h + 0.42, 0), label="flame"),
        cone(r + 0.06, r + 0.16, 0.1, dish, (0, 0.03, 0), r=0.02, label="dish"),
        ring(0.13, 0.055, dish, (r + 0.25, 0.07, 0), rot=(90, 0, 0), label="dish"),
    ]


def lantern(rng: Random, c: RGB) -> list[Part]:
    w, h, n = uniform(rng, 0.3, 0.36), uniform(rng, 0.62, 0.8), int(rng.choice([4, 5]))
    posts = [
        rod((w * np.sin(a), 0.14, w * np.cos(a)), (w * np.sin(a), h + 0.2, w * np.cos(a)), 0.06, c, label="post")
        for a in around(n, 0.5)
    ]
    glow = (1.0, 0.88, 0.45) if c not in (COLORS["yellow"],) else (1.0, 0.97, 0.85)
    return [
        tube(w + 0.12, 0.18, c, (0, 0.09, 0), r=0.02, label="base"),
        tube(w - 0.02, h + 0.1, glow, (0, h / 2 + 0.15, 0), label="glass"),
        *posts,
        cone(w + 0.15, 0.13, 0.3, c, (0, h + 0.32, 0), r=0.02, label="roof"),
        tube(0.12, 0.12, c, (0, h + 0.5, 0), label="roof"),
        ring(0.16, 0.05, c, (0, h + 0.68, 0), rot=(90, 0, 0), label="ring"),
    ]


def light_bulb(rng: Random, c: RGB) -> list[Part]:
    r = uniform(rng, 0.4, 0.48)
    return [
        ball(r, c, (0, 0.6, 0), label="bulb"),
        cone(0.2, r * 0.72, 0.34, c, (0, 0.2, 0), blend=0.15, label="bulb"),
        tube(0.2, 0.34, STEEL if c != COLORS["grey"] else GOLD, (0, -0.1, 0), group=1, label="socket"),
        *[ring(0.2, 0.045, dim(STEEL, 0.75), (0, -0.21 + 0.12 * i, 0), group=1, label="socket") for i in range(3)],
        cone(0.07, 0.15, 0.1, DARK, (0, -0.31, 0), group=1, label="socket"),
    ]


def hourglass(rng: Random, c: RGB) -> list[Part]:
    w, h, n = uniform(rng, 0.36, 0.44), uniform(rng, 0.42, 0.52), int(rng.choice([3, 4]))
    sand = (0.93, 0.72, 0.36) if c not in (COLORS["orange"], COLORS["yellow"]) else COLORS["pink"]
    half = w * 0.78
    posts = [
        rod((w * np.sin(a), -h, w * np.cos(a)), (w * np.sin(a), h, w * np.cos(a)), 0.06, c, label="post")
        for a in around(n, 0.5)
    ]
    return [
        *[tube(w + 0.12, 0.14, c, (0, s * (h + 0.05), 0), r=0.03, label="plate") for s in (-1, 1)],
        *posts,
        rod((0, h, 0), (0, 0, 0), half, GLASS, 0.07, label="glass"),
        rod((0, h * 0.62, 0), (0, 0, 0), half * 0.62 + 0.045, sand, 0.08, label="sand"),
        rod((0, -h, 0), (0, 0, 0), half, GLASS, 0.07, label="glass"),
        rod((0, -h, 0), (0, -h * 0.5, 0), half + 0.015, sand, half * 0.52 + 0.05, label="sand"),
    ]


def globe(rng: Random, c: RGB) -> list[Part]:
    land = LEAF if c not in (COLORS["green"], COLORS["turquoise"]) else CREAM
    stand = WOOD if c != COLORS["brown"] else GOLD
    places = [
        (0.3, 0.35, 0.22),
        (1.3, -0.1, 0.2),
        (2.4, 0.3, 0.24),
        (3.5, -0.25, 0.2),
        (4.3, 0.35, 0.2),
        (5.4, -0.2, 0.24),
    ]
    turn = uniform(rng, 0, 6)
    blobs = []
    for a, y, r in places:
        x, z, f = np.sin(a + turn), np.cos(a + turn), np.sqrt(1 - y * y) * 0.37
        blobs.append(ball(r, land, (f * x, 0.4 * y, f * z), label="land"))
    arc = [(0.58 * np.sin(a), -0.58 * np.cos(a), 0) for a in np.linspace(-0.35, np.pi - 0.35, 8)]
    return [
        ball(0.5, c, label="sea"),
        *blobs,
        *[rod(a, b, 0.05, stand, label="stand") for a, b in zip(arc, arc[1:], strict=False)],
        *[rod((f * 0.16, f * 0.46, 0), (f * 0.22, f * 0.58, 0), 0.06, stand, label="stand") for f in (-1, 1)],
        rod((0, -0.95, 0), (0, -0.56, 0), 0.09, stand, label="stand"),
        cone(uniform(rng, 0.32, 0.42), 0.16, 0.16, stand, (0, -0.93, 0), r=0.02, label="stand"),
    ]


def boot(rng: Random, c: RGB) -> list[Part]:
    h, r = uniform(rng, 0.6, 0.9), uniform(rng, 0.22, 0.27)
    sole = DARK if c != COLORS["black"] else COLORS["red"]
    return [
        cone(r, r + 0.03, h, c, (0, -h / 2, 0), blend=0.05),
        ball(r, c, (0, -h, 0), ry=0.2, rz=0.3, blend=0.1),
        ball(r + 0.01, c, (0, -h - 0.02, 0.4), ry=0.22, rz=r + 0.05, blend=0.15),
        box(2, 0.5, 3, c, (0, -h - 0.42, 0), r=0, operation=CARVE),
        tube(r - 0.05, 0.24, dim(c, 0.5), operation=CARVE, label="inside"),
        ring(
            r + 0.02,
            0.055,
            light(c, 0.5) if c != COLORS["white"] else COLORS["blue"],
            (0, -0.02, 0),
            group=1,
            label="cuff",
        ),
        *[tube(r + 0.05, 0.14, sole, (0, -h - 0.22, z), group=1, label="sole") for z in (0, 0.4)],
        box(2 * r + 0.1, 0.14, 0.4, sole, (0, -h - 0.22, 0.2), r=0, group=1, label="sole"),
        tube(r + 0.02, 0.12, sole, (0, -h - 0.32, 0), group=1, label="sole"),
        tube(r - 0.02, 0.12, sole, (0, -h - 0.32, 0.42), group=1, label="sole"),
    ]


FAMILIES = {
    "book": Family(book, "red", also=("storybook",)),
    "umbrella": Family(umbrella, "red", also=("parasol", "brolly")),
    "glasses": Family(glasses, "black", also=("pair of glasses", "spectacles", "eyeglasses")),
    "3d glasses": Family(glasses_3d, "red", also=("pair of 3d glasses", "3d spectacles"), paintable=("right lens",)),
    "candle": Family(candle, "red", also=("burning candle",), paintable=("dish",)),
    "lantern": Family(lantern, "black", also=("storm lantern",), paintable=("glass",)),
    "light bulb": Family(
        light_bulb, "yellow", also=("lightbulb", "bulb"), head=((0, 0.96, 0), 0.24), paintable=("socket",)
    ),
    "hourglass": Family(hourglass, "brown", also=("sandglass", "egg timer"), flat=True),
    "globe": Family(globe, "blue", also=("world globe",), head=((0, 0.55, 0), 0.22), paintable=("stand",)),
    "boot": Family(boot, "yellow", also=("rain boot", "rubber boot", "wellington"), paintable=("sole",)),
}
