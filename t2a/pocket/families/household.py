"""Household things and instruments."""

from __future__ import annotations

from t2a.pocket.families.base import CREAM, DARK, WOOD, Family, Random, dim, light, uniform
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod, tube


def mug(rng: Random, c: RGB) -> list[Part]:
    r, h = uniform(rng, 0.33, 0.4), uniform(rng, 0.7, 0.9)
    return [
        ring(h * 0.27, 0.06, c, (r + 0.05, h / 2, 0), rot=(90, 0, 0), label="handle"),
        tube(r, h, c, (0, h / 2, 0), r=0.015),
        tube(r - 0.07, h, light(c, 0.4), (0, h / 2 + 0.1, 0), operation=CARVE, label="inside"),
    ]


def teapot(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.5, c, (0, 0.45, 0), ry=uniform(rng, 0.38, 0.46)),
        rod((0.4, 0.35, 0), (0.82, 0.72, 0), 0.13, c, 0.06, label="spout"),
        ring(0.26, 0.055, c, (-0.52, 0.5, 0), rot=(90, 0, 0), label="handle"),
        ball(0.28, dim(c, 0.8), (0, 0.82, 0), ry=0.1, label="lid"),
        ball(0.08, dim(c, 0.8), (0, 0.95, 0), label="lid"),
    ]


def vase(rng: Random, c: RGB) -> list[Part]:
    r = uniform(rng, 0.34, 0.44)
    return [
        ball(r, c, (0, 0.45, 0), ry=0.45, blend=0.05),
        cone(0.26, 0.2, 0.2, c, (0, 0.05, 0), blend=0.05),
        cone(0.15, 0.27, 0.35, c, (0, 1.0, 0), blend=0.12),
        tube(0.17, 0.5, dim(c, 0.4), (0, 1.1, 0), operation=CARVE),
    ]


def bottle(rng: Random, c: RGB) -> list[Part]:
    return [
        tube(0.27, 0.8, c, (0, 0.4, 0), r=0.03),
        cone(0.28, 0.1, 0.25, c, (0, 0.93, 0)),
        tube(0.1, 0.3, c, (0, 1.15, 0)),
        tube(0.12, 0.1, WOOD, (0, 1.33, 0), label="cork"),
    ]


def book(rng: Random, c: RGB) -> list[Part]:
    t = uniform(rng, 0.18, 0.28)
    return [
        box(0.8, 1.05, t - 0.06, CREAM, (0.02, 0.55, 0), r=0.005, label="pages"),
        box(0.88, 1.12, 0.045, c, (0, 0.55, t / 2), r=0.01),
        box(0.88, 1.12, 0.045, c, (0, 0.55, -t / 2), r=0.01),
        box(0.06, 1.12, t + 0.04, c, (-0.43, 0.55, 0), r=0.02),
    ]


def umbrella(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.72, c, (0, 0.85, 0), ry=0.45, label="canopy"),
        ball(0.68, dim(c, 0.7), (0, 0.79, 0), ry=0.42, operation=CARVE),
        box(3, 1, 3, dim(c, 0.7), (0, 0.38, 0), r=0, operation=CARVE),
        rod((0, 0.0, 0), (0, 1.38, 0), 0.03, DARK, group=1, label="pole"),
        ring(0.1, 0.035, WOOD, (0.1, 0.0, 0), rot=(90, 0, 0), group=1, label="handle"),
    ]


def guitar(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.36, c, (0, 0.32, 0), ry=0.32, rz=0.1, blend=0.06),
        ball(0.27, c, (0, 0.7, 0), ry=0.26, rz=0.1, blend=0.1),
        box(0.09, 0.8, 0.06, WOOD, (0, 1.2, 0.05), label="neck"),
        box(0.16, 0.22, 0.06, DARK, (0, 1.65, 0.05), label="headstock"),
        ball(0.12, DARK, (0, 0.58, 0.075), rz=0.04, label="hole"),
        box(0.2, 0.05, 0.05, DARK, (0, 0.25, 0.1), label="bridge"),
    ]


FAMILIES = {
    "mug": Family(mug, "white"),
    "teapot": Family(teapot, "white"),
    "vase": Family(vase, "blue"),
    "bottle": Family(bottle, "green"),
    "book": Family(book, "red"),
    "umbrella": Family(umbrella, "red"),
    "guitar": Family(guitar, "brown"),
}
