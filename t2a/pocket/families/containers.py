"""Things that hold something."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import COLORS, DARK, GOLD, STEEL, WOOD, Family, Random, dim, light, uniform
from t2a.pocket.families.fruit import around
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod, tube


def mug(rng: Random, c: RGB) -> list[Part]:
    r, h = uniform(rng, 0.33, 0.42), uniform(rng, 0.65, 0.9)
    return [
        ring(h * 0.27, 0.07, c, (r + 0.05, -h / 2, 0), rot=(90, 0, 0), label="handle"),
        tube(r, h, c, (0, -h / 2, 0), r=0.015),
        tube(r - 0.07, 0.3, light(c, 0.4) if c != COLORS["white"] else dim(c, 0.8), operation=CARVE, label="inside"),
    ]


def teapot(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 0.44, 0.52), uniform(rng, 0.36, 0.46)
    return [
        ball(w, c, (0, 0.85 - h, 0), ry=h),
        tube(w * 0.6, 0.1, dim(c, 0.8), (0, 0.87 - 2 * h, 0), label="foot"),
        rod((w - 0.15, 0.7 - h, 0), (w + 0.3, 0.8, 0), 0.15, c, 0.075, label="spout"),
        ring(0.25, 0.065, c, (-w - 0.02, 0.88 - h, 0), rot=(90, 0, 0), label="handle"),
        ball(0.28, dim(c, 0.8), (0, 0.82, 0), ry=0.1, label="lid"),
        ball(0.09, dim(c, 0.8), (0, 0.96, 0), label="lid"),
    ]


def vase(rng: Random, c: RGB) -> list[Part]:
    r, neck = uniform(rng, 0.32, 0.46), uniform(rng, 0.12, 0.18)
    return [
        ball(r, c, (0, 0.5, 0), ry=0.42, blend=0.05),
        cone(0.26, 0.2, 0.2, c, (0, 0.08, 0), blend=0.05),
        cone(neck, 0.27, 0.35, c, (0, 1.0, 0), blend=0.12),
        tube(neck + 0.03, 0.5, dim(c, 0.4), (0, 1.1, 0), operation=CARVE),
        ring(r - 0.01, 0.045, light(c, 0.5) if c != COLORS["white"] else COLORS["blue"], (0, 0.5, 0), label="band"),
    ]


def bottle(rng: Random, c: RGB) -> list[Part]:
    r, h = uniform(rng, 0.23, 0.32), uniform(rng, 0.6, 0.9)
    return [
        tube(r, h, c, (0, h / 2, 0), r=0.03),
        cone(r + 0.02, 0.11, 0.26, c, (0, h + 0.13, 0)),
        tube(0.11, 0.3, c, (0, h + 0.35, 0)),
        tube(0.13, 0.12, WOOD, (0, h + 0.53, 0), label="cork"),
        tube(r + 0.035, h * 0.45, light(c, 0.75) if c != COLORS["white"] else GOLD, (0, h * 0.5, 0), label="sticker"),
    ]


def bowl(rng: Random, c: RGB) -> list[Part]:
    foot, w = uniform(rng, 0.24, 0.34), uniform(rng, 0.6, 0.7)
    inner = light(c, 0.35) if c != COLORS["white"] else dim(c, 0.85)
    return [
        cone(foot, w * 0.86, 0.2, c, (0, 0.18, 0)),
        cone(w * 0.86, w, 0.25, c, (0, 0.4, 0)),
        ring(w - 0.02, 0.045, c, (0, 0.52, 0), label="rim"),
        cone(w * 0.72, w - 0.05, 0.24, inner, (0, 0.5, 0), operation=CARVE, label="inside"),
        tube(foot + 0.03, 0.1, dim(c, 0.75), (0, 0.05, 0), group=1, label="foot"),
    ]


def basket(rng: Random, c: RGB) -> list[Part]:
    low, rise = uniform(rng, 0.4, 0.47), uniform(rng, 0.45, 0.7)
    arch = [(0.55 * np.cos(a), 0.5 + rise * np.sin(a), 0) for a in np.linspace(0, np.pi, 9)]
    knots = [
        box(0.17, 0.12, 0.1, dim(c, 0.72), (f * np.sin(a), y, f * np.cos(a)), (0, np.degrees(a), 0), label="weave")
        for f, y, turn in ((low + 0.04, 0.16, 0.0), (low * 0.5 + 0.28, 0.34, 0.5))
        for a in around(10, turn)
    ]
    return [
        cone(low, 0.56, 0.5, c, (0, 0.25, 0)),
        ring(0.56, 0.065, c, (0, 0.5, 0), label="rim"),
        tube(0.5, 0.2, dim(c, 0.6), (0, 0.52, 0), operation=CARVE, label="inside"),
        *[rod(a, b, 0.065, c, group=1, label="handle") for a, b in zip(arch, arch[1:], strict=False)],
        *knots,
    ]


def bucket(rng: Random, c: RGB) -> list[Part]:
    low, h = uniform(rng, 0.3, 0.36), uniform(rng, 0.7, 0.85)
    return [
        cone(low, 0.5, h, c, (0, -h / 2, 0)),
        ring(0.5, 0.05, c, (0, 0, 0), label="rim"),
        tube(0.44, 0.28, light(c, 0.3) if c != COLORS["white"] else dim(c, 0.8), operation=CARVE, label="inside"),
        ring(0.27 + low * 0.45, 0.045, STEEL, (0, -h * 0.45, 0), group=1, label="hoop"),
        *_bail(0.55, uniform(rng, 35, 60)),
    ]


def _bail(r: float, lean: float) -> list[Part]:
    """A half-round handle over the rim, leaning to the front."""
    s, k = np.sin(np.radians(lean)), np.cos(np.radians(lean))
    points = [(r * np.cos(a), r * np.sin(a) * k, r * np.sin(a) * s) for a in np.linspace(0, np.pi, 9)]
    arcs = [rod(a, b, 0.04, STEEL, group=1, label="handle") for a, b in zip(points, points[1:], strict=False)]
    grip = [rod(points[3], points[5], 0.07, WOOD, group=1, label="grip")]
    return [*arcs, *grip, *[ball(0.075, STEEL, (x * r, 0, 0), group=1, label="handle") for x in (-1, 1)]]


def pot(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 0.5, 0.58), uniform(rng, 0.48, 0.66)
    return [
        tube(w, h, c, (0, -h / 2, 0), r=0.03),
        ring(w, 0.05, dim(c, 0.7) if c != COLORS["black"] else STEEL, (0, 0.0, 0), label="rim"),
        tube(w - 0.07, 0.26, dim(c, 0.55), operation=CARVE, label="inside"),
        *[
            ring(
                0.17, 0.06, DARK if c != COLORS["black"] else STEEL, (s * (w + 0.08), -0.17, 0), group=1, label="handle"
            )
            for s in (-1, 1)
        ],
    ]


def backpack(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 0.7, 0.85), uniform(rng, 0.85, 1.05)
    trim = dim(c, 0.55) if c != COLORS["black"] else STEEL
    return [
        box(w, h, 0.42, c, (0, h / 2, 0), r=0.16),
        box(w * 0.76, h * 0.4, 0.2, light(c, 0.35), (0, h * 0.29, 0.26), r=0.07, label="pocket"),
        box(w * 0.76, 0.07, 0.22, trim, (0, h * 0.43, 0.27), r=0.03, label="zip"),
        box(w * 1.02, h * 0.34, 0.46, c, (0, h * 0.84, 0.01), r=0.14, label="flap"),
        box(0.14, h * 0.3, 0.09, GOLD, (0, h * 0.7, 0.23), r=0.03, label="buckle"),
        ring(0.13, 0.05, trim, (0, h, -0.08), rot=(90, 0, 0), label="loop"),
        *[
            rod((s * w * 0.28, y0, -z0), (s * w * 0.28, y1, -z1), 0.065, trim, label="strap")
            for s in (-1, 1)
            for y0, z0, y1, z1 in (
                (h * 0.9, 0.18, h * 0.7, 0.36),
                (h * 0.7, 0.36, h * 0.4, 0.36),
                (h * 0.4, 0.36, 0.08, 0.18),
            )
        ],
        *[
            box(0.14, h * 0.35, 0.3, light(c, 0.35), (s * w * 0.5, h * 0.25, 0), r=0.06, label="pocket")
            for s in (-1, 1)
        ],
    ]


def trophy(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 0.36, 0.44), uniform(rng, 0.22, 0.36)
    base = WOOD if c != COLORS["brown"] else DARK
    return [
        cone(0.16, w * 0.9, 0.34, c, (0, -0.42, 0), label="cup"),
        cone(w * 0.9, w, 0.32, c, (0, -0.13, 0), label="cup"),
        ring(w - 0.01, 0.045, c, (0, 0, 0), label="cup"),
        tube(w - 0.08, 0.28, dim(c, 0.7), operation=CARVE, label="inside"),
        *[ring(0.18, 0.055, c, (s * (w + 0.04), -0.22, 0), rot=(90, 0, 0), group=1, label="handle") for s in (-1, 1)],
        cone(0.2, 0.09, h, c, (0, -0.58 - h / 2, 0), group=1, label="stem"),
        ball(0.13, c, (0, -0.62, 0), ry=0.07, group=1, label="stem"),
        box(0.56, 0.24, 0.56, base, (0, -0.68 - h, 0), group=1, label="base"),
        box(0.3, 0.13, 0.58, GOLD if c != COLORS["yellow"] else STEEL, (0, -0.68 - h, 0), group=1, label="sign"),
    ]


FAMILIES = {
    "mug": Family(mug, "white", also=("cup", "coffee mug", "coffee cup"), hollow=((0, -0.15, 0), 0.26)),
    "teapot": Family(teapot, "white", also=("tea pot", "kettle")),
    "vase": Family(vase, "blue", also=("flower vase",)),
    "bottle": Family(bottle, "green", also=("wine bottle",)),
    "bowl": Family(bowl, "blue", also=("soup bowl",), hollow=((0, 0.38, 0), 0.42)),
    "basket": Family(basket, "brown", also=("wicker basket",), hollow=((0, 0.42, 0), 0.45)),
    "bucket": Family(bucket, "red", also=("pail",), hollow=((0, -0.14, 0), 0.42)),
    "pot": Family(pot, "red", also=("cooking pot", "saucepan"), hollow=((0, -0.13, 0), 0.42)),
    "backpack": Family(backpack, "red", also=("rucksack", "school bag", "schoolbag")),
    "trophy": Family(trophy, "yellow", also=("trophy cup",), hollow=((0, -0.14, 0), 0.27), paintable=("base",)),
}
