"""Simple solids."""

from __future__ import annotations

from t2a.pocket.families.base import Family, Random, uniform
from t2a.pocket.shapes import RGB, Part, ball, box, cone, ring, tube


def cube(rng: Random, c: RGB) -> list[Part]:
    return [box(1, 1, 1, c, r=uniform(rng, 0.01, 0.08))]


def sphere(rng: Random, c: RGB) -> list[Part]:
    return [ball(0.5, c)]


def cone_(rng: Random, c: RGB) -> list[Part]:
    return [cone(uniform(rng, 0.42, 0.52), 0.01, 1.0, c)]


def cylinder(rng: Random, c: RGB) -> list[Part]:
    return [tube(uniform(rng, 0.3, 0.42), 1.0, c)]


def torus(rng: Random, c: RGB) -> list[Part]:
    return [ring(0.5, uniform(rng, 0.13, 0.2), c, rot=(90, 0, 0))]


def pyramid(rng: Random, c: RGB) -> list[Part]:
    steps = 7
    return [box(1 - i / steps, 1 / steps + 0.01, 1 - i / steps, c, (0, i / steps, 0), r=0.005) for i in range(steps)]


FAMILIES = {
    "cube": Family(cube, "grey", flat=True),
    "ball": Family(sphere, "grey"),
    "cone": Family(cone_, "grey"),
    "cylinder": Family(cylinder, "grey", flat=True),
    "ring": Family(torus, "yellow"),
    "pyramid": Family(pyramid, "yellow"),
}
