"""Pets, birds and toys in their shape; and the legs of all four-legged animals."""

from __future__ import annotations

from t2a.pocket.families.base import BLACK, COLORS, DARK, WHITE, Family, Random, dim, eyes, is_dark, light, uniform
from t2a.pocket.shapes import RGB, Part, ball, cone, rod


def pale(c: RGB) -> RGB:
    """White markings, which are grey on a white animal."""
    return WHITE if c != WHITE else dim(WHITE, 0.68)


def dark(c: RGB) -> RGB:
    """Black markings, which are grey on a black animal."""
    return DARK if c != BLACK else COLORS["grey"]


def legs(
    c: RGB, x: float, front: float, back: float, low: float, high: float, r: float, foot: RGB | None = None
) -> list[Part]:
    """Four straight legs between the heights `low` and `high`, on feet of their own colour if there is one."""
    corners = [(s * x, z) for s in (-1, 1) for z in (back, front)]
    feet = [rod((x, low, z), (x, low + r * 1.3, z), r * 1.15, foot, label="foot") for x, z in corners if foot]
    return [rod((x, low, z), (x, high, z), r, c, label="leg") for x, z in corners] + feet


def dog(rng: Random, c: RGB) -> list[Part]:
    d, low, e, t = uniform(rng, 0.42, 0.52), uniform(rng, -0.1, 0.1), uniform(rng, 0.16, 0.22), uniform(rng, 0.2, 0.36)
    ears = [ball(0.08, dim(c, 0.5), (s * 0.22, 0.98 - e * 0.7, 0.47), ry=e, rz=0.11, label="ear") for s in (-1, 1)]
    back = 0.48 - 2 * d
    return [
        ball(0.25, c, (0, 0.5, 0.48 - d), rz=d, blend=0.04),
        ball(0.24, c, (0, 0.82, 0.5), blend=0.06, label="head"),
        ball(0.13, light(c, 0.4), (0, 0.75, 0.72), rz=0.16, label="snout"),
        ball(0.055, BLACK, (0, 0.8, 0.87), label="nose"),
        *eyes(0.9, 0.69, 0.1, 0.04, white=is_dark(c)),
        *legs(c, 0.15, 0.3, back + 0.16, low, 0.42, 0.085),
        *ears,
        rod((0, 0.58, back + 0.08), (0, 0.62 + t, back - 0.14), 0.07, c, 0.045, label="tail"),
    ]


def corgi(rng: Random, c: RGB) -> list[Part]:
    d, e, low = uniform(rng, 0.54, 0.68), uniform(rng, 0.3, 0.38), uniform(rng, -0.02, 0.06)
    back, white = 0.56 - 2 * d, pale(c)
    ears = [cone(0.13, 0.03, e, c, (s * 0.2, 1.08 + e / 3, 0.52), (0, 0, -s * 14), label="ear") for s in (-1, 1)]
    inside = [
        cone(0.08, 0.02, e * 0.7, light(c, 0.6), (s * 0.2, 1.08 + e / 4, 0.59), (0, 0, -s * 14), label="ear")
        for s in (-1, 1)
    ]
    return [
        ball(0.27, c, (0, 0.42, 0.56 - d), rz=d, blend=0.04),
        ball(0.22, white, (0, 0.42, 0.42), ry=0.25, label="chest"),
        ball(0.27, c, (0, 0.88, 0.56), ry=0.25, blend=0.05, label="head"),
        ball(0.14, white, (0, 0.8, 0.8), ry=0.12, rz=0.19, label="snout"),
        ball(0.055, white, (0, 0.98, 0.76), ry=0.16, rz=0.08, rot=(-25, 0, 0), label="snout"),
        ball(0.055, BLACK, (0, 0.84, 0.98), label="nose"),
        *eyes(0.95, 0.77, 0.13, 0.042, white=is_dark(c)),
        *ears,
        *inside,
        *legs(c, 0.16, 0.36, back + 0.24, low, 0.36, 0.095, white),
        ball(0.13, white, (0, 0.5, back + 0.04), label="tail"),
    ]


def german_shepherd(rng: Random, c: RGB) -> list[Part]:
    d, low, e = uniform(rng, 0.46, 0.56), uniform(rng, 0.0, 0.1), uniform(rng, 0.28, 0.36)
    back, black, tan = 0.46 - 2 * d, dark(c), light(c, 0.3)
    ears = [cone(0.11, 0.02, e, c, (s * 0.14, 1.14 + e / 3, 0.46), (-8, 0, -s * 8), label="ear") for s in (-1, 1)]
    return [
        ball(0.25, c, (0, 0.58, 0.46 - d), ry=0.26, rz=d, rot=(-6, 0, 0)),
        rod((0, 0.64, 0.26), (0, 0.94, 0.46), 0.21, c, 0.19, blend=0.06, label="neck"),
        ball(0.23, c, (0, 1.02, 0.5), blend=0.05, label="head"),
        rod((0, 0.99, 0.6), (0, 0.92, 0.93), 0.15, tan, 0.1, label="snout"),
        ball(0.11, black, (0, 0.92, 0.92), ry=0.1, label="nose"),
        *eyes(1.1, 0.68, 0.11, 0.035, white=True),
        *ears,
        ball(0.26, black, (0, 0.68, 0.3 - d), ry=0.2, rz=d * 0.84, rot=(-6, 0, 0), label="saddle"),
        ball(0.17, black, (0, 0.82, 0.2), ry=0.26, rz=0.14, rot=(32, 0, 0), label="saddle"),
        ball(0.18, tan, (0, 0.55, 0.38), ry=0.2, rz=0.14, label="chest"),
        *legs(c, 0.15, 0.28, back + 0.2, low, 0.55, 0.09, tan),
        *[ball(0.11, c, (s * 0.15, 0.42, back + 0.18), ry=0.2, rz=0.16, label="leg") for s in (-1, 1)],
        ball(0.12, c, (0, 0.4, back - 0.08), ry=0.34, rz=0.14, rot=(24, 0, 0), label="tail"),
        ball(0.1, black, (0, 0.2, back - 0.17), ry=0.15, rz=0.12, rot=(24, 0, 0), label="tail"),
    ]


def cat(rng: Random, c: RGB) -> list[Part]:
    d, low, t = uniform(rng, 0.36, 0.46), uniform(rng, -0.08, 0.06), uniform(rng, 0.85, 1.05)
    back, bend = 0.44 - 2 * d, 0.12 if rng.random() < 0.6 else -0.16
    ears = [cone(0.11, 0.015, 0.24, c, (s * 0.15, 0.98, 0.42), (0, 0, -s * 12), label="ear") for s in (-1, 1)]
    inside = [
        cone(0.065, 0.01, 0.16, COLORS["pink"], (s * 0.15, 0.96, 0.48), (0, 0, -s * 12), label="ear") for s in (-1, 1)
    ]
    return [
        ball(0.2, c, (0, 0.44, 0.44 - d), rz=d, blend=0.04),
        ball(0.26, c, (0, 0.76, 0.42), ry=0.22, rz=0.23, blend=0.04, label="head"),
        *[ball(0.08, light(c, 0.6), (s * 0.06, 0.69, 0.61), ry=0.07, label="snout") for s in (-1, 1)],
        ball(0.04, COLORS["pink"] if c != COLORS["pink"] else BLACK, (0, 0.74, 0.68), label="nose"),
        *eyes(0.82, 0.6, 0.11, 0.05, white=is_dark(c)),
        *legs(c, 0.12, 0.26, back + 0.16, low, 0.36, 0.07),
        *ears,
        *inside,
        rod((0, 0.5, back + 0.08), (0, t, back - 0.12), 0.055, c, blend=0.03, label="tail"),
        rod((0, t, back - 0.12), (0, t + 0.22, back - 0.12 + bend), 0.055, c, label="tail"),
        ball(0.06, c, (0, t + 0.22, back - 0.12 + bend), label="tail"),
        ball(0.056, c, (0, t, back - 0.12), label="tail"),
    ]


def rabbit(rng: Random, c: RGB) -> list[Part]:
    e, w, lean = uniform(rng, 0.28, 0.38), uniform(rng, 0.29, 0.35), uniform(rng, 2, 16)
    pink = COLORS["pink"] if c != COLORS["pink"] else WHITE
    x = 0.1 + e * lean / 80
    ears = [ball(0.085, c, (s * x, 0.92 + e, 0.12), ry=e, rz=0.06, rot=(0, 0, -s * lean), label="ear") for s in (-1, 1)]
    inside = [
        ball(0.045, pink, (s * x, 0.93 + e, 0.165), ry=e * 0.75, rz=0.03, rot=(0, 0, -s * lean), label="ear")
        for s in (-1, 1)
    ]
    return [
        ball(w, c, (0, 0.32, -0.08), ry=0.32, rz=0.37),
        ball(0.25, c, (0, 0.76, 0.14), blend=0.05, label="head"),
        *ears,
        *inside,
        ball(0.12, WHITE, (0, 0.25, -0.46), label="tail"),
        *eyes(0.82, 0.34, 0.11, 0.045, white=is_dark(c)),
        *[ball(0.075, light(c, 0.6), (s * 0.06, 0.69, 0.35), label="snout") for s in (-1, 1)],
        ball(0.04, pink, (0, 0.74, 0.4), label="nose"),
        *[ball(0.1, c, (s * 0.17, 0.07, 0.24), rz=0.19, label="foot") for s in (-1, 1)],
        *[ball(0.075, c, (s * 0.15, 0.36, 0.24), ry=0.15, rot=(-20, 0, 0), label="paw") for s in (-1, 1)],
    ]


def mouse(rng: Random, c: RGB) -> list[Part]:
    e, d, turn = uniform(rng, 0.24, 0.31), uniform(rng, 0.38, 0.48), 1 if rng.random() < 0.5 else -1
    pink = COLORS["pink"] if c != COLORS["pink"] else COLORS["red"]
    back = 0.26 - 2 * d
    tail = [
        (0, 0.12, back + 0.1),
        (0, 0.07, back - 0.16),
        (turn * 0.2, 0.07, back - 0.34),
        (turn * 0.46, 0.1, back - 0.3),
    ]
    return [
        ball(0.29, c, (0, 0.3, 0.26 - d), ry=0.3, rz=d),
        ball(0.24, c, (0, 0.42, 0.34), blend=0.06, label="head"),
        cone(0.17, 0.05, 0.3, c, (0, 0.36, 0.58), (98, 0, 0), blend=0.05, label="snout"),
        ball(0.075, pink, (0, 0.35, 0.75), label="nose"),
        *eyes(0.5, 0.53, 0.12, 0.05, white=is_dark(c)),
        *[ball(e, c, (s * (0.1 + e * 0.75), 0.56 + e * 0.6, 0.26), rz=0.07, label="ear") for s in (-1, 1)],
        *[ball(e * 0.7, pink, (s * (0.1 + e * 0.75), 0.56 + e * 0.6, 0.31), rz=0.05, label="ear") for s in (-1, 1)],
        *[
            ball(0.1, pink, (s * 0.17, 0.05, z), ry=0.06, rz=0.14, label="foot")
            for s in (-1, 1)
            for z in (0.2, back + 0.3)
        ],
        *[rod(a, b, 0.05, pink, label="tail") for a, b in zip(tail, tail[1:], strict=False)],
        *[ball(0.052, pink, p, label="tail") for p in tail[1:]],
    ]


def bear(rng: Random, c: RGB) -> list[Part]:
    w, e, lift = uniform(rng, 0.31, 0.38), uniform(rng, 0.1, 0.13), uniform(rng, 20, 60)
    tan = light(c, 0.5) if c != WHITE else dim(WHITE, 0.75)
    limbs = [ball(0.13, c, (s * (w + 0.01), 0.56, 0.1), ry=0.22, rot=(0, 0, s * lift), label="arm") for s in (-1, 1)]
    feet = [
        part
        for s in (-1, 1)
        for part in (
            ball(0.16, c, (s * 0.21, 0.12, 0.14), rz=0.22, label="leg"),
            ball(0.11, tan, (s * 0.21, 0.12, 0.31), rz=0.07, label="sole"),
        )
    ]
    return [
        ball(w, c, (0, 0.42, 0), ry=0.38, rz=0.33),
        ball(0.3, c, (0, 0.96, 0.02), label="head"),
        ball(0.14, tan, (0, 0.88, 0.26), ry=0.12, rz=0.11, label="snout"),
        *limbs,
        *feet,
        *[ball(e, c, (s * 0.22, 1.19, 0.0), rz=0.07, label="ear") for s in (-1, 1)],
        *[ball(e * 0.6, tan, (s * 0.22, 1.19, 0.05), rz=0.04, label="ear") for s in (-1, 1)],
        *eyes(1.02, 0.28, 0.11, 0.04, white=is_dark(c)),
        ball(0.05, BLACK, (0, 0.93, 0.37), label="nose"),
        ball(w * 0.6, tan, (0, 0.42, 0.22), ry=0.24, rz=0.15, label="belly"),
    ]


def duck(rng: Random, c: RGB) -> list[Part]:
    d, w, b = uniform(rng, 0.44, 0.52), uniform(rng, 0.31, 0.37), uniform(rng, 0.13, 0.18)
    bill = COLORS["orange"] if c != COLORS["orange"] else COLORS["yellow"]
    back = 0.48 - 2 * d
    return [
        ball(w, c, (0, 0.34, 0.48 - d), ry=0.32, rz=d),
        ball(0.25, c, (0, 0.82, 0.28), blend=0.08, label="head"),
        ball(0.14, bill, (0, 0.77, 0.47 + b / 2), ry=0.06, rz=b, label="beak"),
        *eyes(0.9, 0.46, 0.12, 0.04, white=is_dark(c)),
        *[
            ball(0.08, dim(c, 0.85), (s * w * 0.93, 0.38, 0.43 - d), ry=0.17, rz=0.27, rot=(8, 0, 0), label="wing")
            for s in (-1, 1)
        ],
        cone(0.17, 0.02, 0.32, c, (0, 0.5, back), (-55, 0, 0), label="tail"),
    ]


def penguin(rng: Random, c: RGB) -> list[Part]:
    w, low, flap = uniform(rng, 0.32, 0.4), uniform(rng, -0.12, 0.04), uniform(rng, 12, 32)
    orange = COLORS["orange"] if c != COLORS["orange"] else COLORS["yellow"]
    h = (1.0 - low) / 2
    return [
        ball(w, c, (0, 1.0 - h, 0), ry=h, rz=0.33),
        ball(w * 0.78, pale(c), (0, 0.96 - h, 0.12), ry=h * 0.8, rz=0.25, label="belly"),
        ball(0.26, c, (0, 1.02, 0), label="head"),
        cone(0.08, 0.01, 0.24, orange, (0, 1.0, 0.32), (90, 0, 0), label="beak"),
        *eyes(1.1, 0.2, 0.11, 0.04, white=True),
        *[
            ball(0.07, c, (s * (w + 0.04), 0.56, 0), ry=0.32, rz=0.15, rot=(0, 0, s * flap), label="wing")
            for s in (-1, 1)
        ],
        *[ball(0.13, orange, (s * 0.15, low + 0.04, 0.16), ry=0.06, rz=0.19, label="foot") for s in (-1, 1)],
    ]


FAMILIES = {
    "dog": Family(dog, "brown", ("puppy", "doggy", "hound"), ((0, 1.02, 0.48), 0.17), ((0, 0.66, 0.36), 0.2)),
    "corgi": Family(corgi, "orange", ("welsh corgi", "corgi dog"), ((0, 1.08, 0.54), 0.16), ((0, 0.66, 0.44), 0.22)),
    "german shepherd": Family(
        german_shepherd,
        "brown",
        ("alsatian", "police dog", "shepherd dog"),
        ((0, 1.2, 0.48), 0.16),
        ((0, 0.78, 0.38), 0.23),
    ),
    "cat": Family(cat, "orange", ("kitten", "kitty", "pussycat"), ((0, 0.94, 0.42), 0.15), ((0, 0.58, 0.32), 0.17)),
    "rabbit": Family(rabbit, "white", ("bunny", "hare"), ((0, 0.97, 0.14), 0.16), ((0, 0.55, 0.05), 0.24)),
    "mouse": Family(mouse, "grey", ("rat",), ((0, 0.62, 0.32), 0.14), ((0, 0.36, 0.18), 0.28)),
    "teddy bear": Family(bear, "brown", ("teddy", "bear"), ((0, 1.21, 0.0), 0.2), ((0, 0.72, 0), 0.24)),
    "duck": Family(duck, "yellow", ("duckling", "rubber duck"), ((0, 1.02, 0.28), 0.17), ((0, 0.62, 0.22), 0.22)),
    "penguin": Family(penguin, "black", (), ((0, 1.22, 0), 0.18), ((0, 0.84, 0), 0.25)),
}
