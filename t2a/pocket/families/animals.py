"""Animals, and toys in their shape."""

from __future__ import annotations

from t2a.pocket.families.base import BLACK, COLORS, WHITE, Family, Random, dim, eyes, light, uniform
from t2a.pocket.shapes import RGB, Part, ball, cone, rod


def dog(rng: Random, c: RGB) -> list[Part]:
    legs = [rod((x * 0.15, 0, z), (x * 0.15, 0.4, z), 0.075, c, label="leg") for x in (-1, 1) for z in (-0.3, 0.28)]
    ears = [ball(0.08, dim(c, 0.5), (s * 0.2, 0.86, 0.48), ry=0.17, rz=0.1, label="ear") for s in (-1, 1)]
    return [
        ball(0.24, c, (0, 0.5, 0), rz=0.46, blend=0.04),
        ball(0.23, c, (0, 0.82, 0.5), blend=0.04, label="head"),
        ball(0.12, light(c, 0.35), (0, 0.76, 0.72), rz=0.14, label="snout"),
        ball(0.05, BLACK, (0, 0.8, 0.85), label="nose"),
        *eyes(0.9, 0.69, 0.09, 0.035),
        *legs,
        *ears,
        rod((0, 0.6, -0.4), (0, 0.92, -0.62), 0.06, c, 0.03, label="tail"),
    ]


def cat(rng: Random, c: RGB) -> list[Part]:
    legs = [rod((x * 0.12, 0, z), (x * 0.12, 0.35, z), 0.06, c, label="leg") for x in (-1, 1) for z in (-0.26, 0.24)]
    ears = [cone(0.09, 0.005, 0.18, c, (s * 0.13, 0.98, 0.42), label="ear") for s in (-1, 1)]
    return [
        ball(0.2, c, (0, 0.44, 0), rz=0.42, blend=0.04),
        ball(0.23, c, (0, 0.76, 0.42), ry=0.2, blend=0.04, label="head"),
        ball(0.03, COLORS["pink"], (0, 0.74, 0.64), label="nose"),
        *eyes(0.82, 0.6, 0.09, 0.045),
        *legs,
        *ears,
        rod((0, 0.5, -0.38), (0, 0.85, -0.58), 0.045, c, label="tail"),
        rod((0, 0.85, -0.58), (0, 1.1, -0.48), 0.045, c, label="tail"),
    ]


def rabbit(rng: Random, c: RGB) -> list[Part]:
    e = uniform(rng, 0.26, 0.34)
    ears = [ball(0.075, c, (s * 0.1, 0.95 + e, 0.12), ry=e, rz=0.05, label="ear") for s in (-1, 1)]
    return [
        ball(0.32, c, (0, 0.32, -0.08), rz=0.36),
        ball(0.25, c, (0, 0.76, 0.14), blend=0.05, label="head"),
        *ears,
        ball(0.1, WHITE, (0, 0.25, -0.45), label="tail"),
        *eyes(0.82, 0.34, 0.1, 0.04),
        ball(0.035, COLORS["pink"], (0, 0.74, 0.39), label="nose"),
        *[ball(0.09, c, (s * 0.15, 0.07, 0.25), rz=0.17, label="foot") for s in (-1, 1)],
    ]


def bear(rng: Random, c: RGB) -> list[Part]:
    limbs = [ball(0.13, c, (s * 0.33, 0.55, 0.1), ry=0.2, rot=(0, 0, s * 35), label="arm") for s in (-1, 1)] + [
        ball(0.16, c, (s * 0.2, 0.12, 0.12), rz=0.22, label="leg") for s in (-1, 1)
    ]
    ears = [ball(0.1, c, (s * 0.2, 1.2, 0.0), rz=0.06, label="ear") for s in (-1, 1)]
    return [
        ball(0.34, c, (0, 0.42, 0), ry=0.38),
        ball(0.3, c, (0, 0.96, 0.02), label="head"),
        ball(0.13, light(c, 0.5), (0, 0.88, 0.26), rz=0.1, label="snout"),
        *limbs,
        *ears,
        *eyes(1.02, 0.28, 0.11, 0.04),
        ball(0.045, BLACK, (0, 0.92, 0.36), label="nose"),
        ball(0.2, light(c, 0.5), (0, 0.42, 0.22), ry=0.24, rz=0.15, label="belly"),
    ]


def duck(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.34, c, (0, 0.34, 0), ry=0.32, rz=0.48),
        ball(0.24, c, (0, 0.82, 0.28), blend=0.08, label="head"),
        ball(0.13, COLORS["orange"], (0, 0.78, 0.54), ry=0.05, rz=0.14, label="beak"),
        *eyes(0.9, 0.46, 0.12, 0.035),
        *[ball(0.08, dim(c, 0.85), (s * 0.32, 0.38, -0.05), ry=0.16, rz=0.27, label="wing") for s in (-1, 1)],
        cone(0.16, 0.01, 0.3, c, (0, 0.5, -0.48), (-60, 0, 0), label="tail"),
    ]


def penguin(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.34, c, (0, 0.5, 0), ry=0.5, rz=0.32),
        ball(0.26, WHITE, (0, 0.46, 0.12), ry=0.4, rz=0.24, label="belly"),
        ball(0.25, c, (0, 1.02, 0), label="head"),
        cone(0.07, 0.005, 0.2, COLORS["orange"], (0, 1.0, 0.32), (90, 0, 0), label="beak"),
        *eyes(1.1, 0.2, 0.1, 0.035, white=True),
        *[ball(0.07, c, (s * 0.36, 0.52, 0), ry=0.3, rz=0.14, rot=(0, 0, s * 15), label="wing") for s in (-1, 1)],
        *[ball(0.12, COLORS["orange"], (s * 0.14, 0.03, 0.14), ry=0.05, rz=0.17, label="foot") for s in (-1, 1)],
    ]


def fish(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.2, c, (0, 0.45, 0), ry=uniform(rng, 0.32, 0.4), rz=0.6),
        ball(0.05, dim(c, 0.75), (0, 0.45, -0.72), ry=0.34, rz=0.17, label="tail"),
        ball(0.04, dim(c, 0.75), (0, 0.82, -0.02), ry=0.16, rz=0.26, label="fin"),
        *[ball(0.08, WHITE, (s * 0.13, 0.53, 0.38), label="eye") for s in (-1, 1)],
        *[ball(0.045, BLACK, (s * 0.185, 0.53, 0.4), label="eye") for s in (-1, 1)],
        *[
            ball(0.14, dim(c, 0.75), (s * 0.24, 0.35, 0.05), ry=0.05, rz=0.1, rot=(0, 0, -s * 35), label="fin")
            for s in (-1, 1)
        ],
    ]


FAMILIES = {
    "dog": Family(dog, "brown", head=((0, 1.0, 0.48), 0.17), neck=((0, 0.66, 0.38), 0.2)),
    "cat": Family(cat, "orange", head=((0, 0.92, 0.42), 0.15), neck=((0, 0.58, 0.3), 0.17)),
    "rabbit": Family(rabbit, "white", neck=((0, 0.55, 0.05), 0.24)),
    "teddy bear": Family(bear, "brown", head=((0, 1.2, 0.0), 0.2), neck=((0, 0.72, 0), 0.23)),
    "duck": Family(duck, "yellow", head=((0, 1.0, 0.28), 0.17), neck=((0, 0.62, 0.22), 0.22)),
    "penguin": Family(penguin, "black", head=((0, 1.2, 0), 0.18), neck=((0, 0.84, 0), 0.25)),
    "fish": Family(fish, "orange"),
}
