"""Simple solids."""

from __future__ import annotations

from t2a.pocket.families.base import Family, Random, uniform
from t2a.pocket.shapes import RGB, Part, ball, box, cone, ring, tube


def cube(rng: Random, c: RGB) -> list[Part]:
    return [box(1, 1, 1, c, r=uniform(rng, 0.01, 0.08))]


def sphere(rng: Random, c: RGB) -> list[Part]:
    return [ball(0.5, c)]


def cone_(rng: Random, c: RGB) -> list[Part]:
    return [cone(uniform(rng, 0.38, 0.55), 0.01, 1.0, c)]


def cylinder(rng: Random, c: RGB) -> list[Part]:
    h = uniform(rng, 0.8, 1.2)
    return [tube(0.36, h, c, (0, 0.5 - h / 2, 0))]


def torus(rng: Random, c: RGB) -> list[Part]:
    return [ring(0.5, uniform(rng, 0.13, 0.2), c, rot=(90, 0, 0))]


def pyramid(rng: Random, c: RGB) -> list[Part]:
    steps, h = int(rng.integers(5, 9)), uniform(rng, 0.85, 1.1)
    return [
        box(1 - i / steps, h / steps + 0.01, 1 - i / steps, c, (0, i * h / steps, 0), r=0.005) for i in range(steps)
    ]


FAMILIES = {
    "cube": Family(cube, "grey", head=((0, 0.5, 0), 0.32), top=((0, 0.5, 0), 0.55), flat=True),
    "ball": Family(sphere, "grey", also=("sphere",), head=((0, 0.46, 0), 0.24), top=((0, 0.4, 0), 0.33)),
    "cone": Family(cone_, "grey"),
    "cylinder": Family(cylinder, "grey", head=((0, 0.5, 0), 0.27), top=((0, 0.5, 0), 0.37), flat=True),
    "ring": Family(torus, "yellow", also=("torus",)),
    "pyramid": Family(pyramid, "yellow", also=("step pyramid",)),
}
