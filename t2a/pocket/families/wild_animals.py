"""Animals of the forest, the savanna and the pond."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.animals import dark, legs, pale
from t2a.pocket.families.base import (
    BLACK,
    COLORS,
    CREAM,
    DARK,
    WHITE,
    Family,
    Random,
    dim,
    eyes,
    is_dark,
    light,
    uniform,
)
from t2a.pocket.shapes import RGB, Part, ball, box, cone, ring, rod


def fox(rng: Random, c: RGB) -> list[Part]:
    d, low, t = uniform(rng, 0.4, 0.48), uniform(rng, -0.06, 0.08), uniform(rng, 10, 45)
    back, white, black = 0.42 - 2 * d, pale(c), dark(c)
    up, out = np.sin(np.radians(t)), np.cos(np.radians(t))
    return [
        ball(0.21, c, (0, 0.5, 0.42 - d), rz=d, blend=0.04),
        ball(0.17, white, (0, 0.5, 0.34), ry=0.2, label="chest"),
        ball(0.28, c, (0, 0.8, 0.44), ry=0.22, rz=0.22, blend=0.04, label="head"),
        cone(0.18, 0.045, 0.4, c, (0, 0.75, 0.7), (98, 0, 0), blend=0.06, label="snout"),
        *[ball(0.15, white, (s * 0.16, 0.72, 0.54), ry=0.11, rz=0.12, label="cheek") for s in (-1, 1)],
        ball(0.065, BLACK if c != BLACK else COLORS["grey"], (0, 0.73, 0.91), label="nose"),
        *eyes(0.87, 0.62, 0.12, 0.042, white=is_dark(c)),
        *[cone(0.13, 0.06, 0.18, c, (s * 0.19, 1.04, 0.4), (0, 0, -s * 10), label="ear") for s in (-1, 1)],
        *[cone(0.065, 0.01, 0.15, black, (s * 0.215, 1.2, 0.4), (0, 0, -s * 10), label="ear") for s in (-1, 1)],
        *legs(c, 0.13, 0.24, back + 0.18, low, 0.44, 0.075),
        *[
            rod((x, low, z), (x, 0.26, z), 0.082, black, label="foot")
            for x in (-0.13, 0.13)
            for z in (0.24, back + 0.18)
        ],
        ball(0.18, c, (0, 0.5 + 0.26 * up, back - 0.26 * out), rz=0.4, rot=(t, 0, 0), label="tail"),
        ball(0.15, white, (0, 0.5 + 0.54 * up, back - 0.54 * out), rz=0.2, rot=(t, 0, 0), label="tail"),
    ]


def lion(rng: Random, c: RGB) -> list[Part]:
    d, low, m = uniform(rng, 0.48, 0.58), uniform(rng, -0.1, 0.06), uniform(rng, 0.16, 0.21)
    back = 0.4 - 2 * d
    mane = COLORS["brown"] if c not in (COLORS["brown"], BLACK) else COLORS["orange"]
    lobes = [
        ball(m, mane, (0.3 * np.sin(a), 0.88 + 0.3 * np.cos(a), 0.36), rz=0.2, label="mane")
        for a in np.arange(9) * 2 * np.pi / 9
    ]
    return [
        ball(0.28, c, (0, 0.52, 0.4 - d), rz=d),
        ball(0.4, mane, (0, 0.86, 0.3), ry=0.4, rz=0.24, label="mane"),
        *lobes,
        ball(0.3, c, (0, 0.88, 0.46), ry=0.29, label="head"),
        *[ball(0.12, light(c, 0.55), (s * 0.08, 0.79, 0.7), ry=0.1, label="snout") for s in (-1, 1)],
        ball(0.08, BLACK, (0, 0.86, 0.78), ry=0.06, label="nose"),
        *eyes(0.97, 0.68, 0.12, 0.045, white=is_dark(c)),
        *[ball(0.11, c, (s * 0.28, 1.17, 0.46), rz=0.09, label="ear") for s in (-1, 1)],
        *legs(c, 0.17, 0.2, back + 0.2, low, 0.48, 0.1),
        *[
            ball(0.12, c, (x, low + 0.06, z), ry=0.08, rz=0.15, label="foot")
            for x in (-0.17, 0.17)
            for z in (0.25, back + 0.25)
        ],
        rod((0, 0.6, back + 0.08), (0, 0.5, back - 0.22), 0.055, c, label="tail"),
        rod((0, 0.5, back - 0.22), (0, 0.74, back - 0.38), 0.055, c, label="tail"),
        ball(0.12, mane, (0, 0.8, back - 0.42), ry=0.15, label="tail"),
    ]


def elephant(rng: Random, c: RGB) -> list[Part]:
    e, low, d, curl = uniform(rng, 0.36, 0.46), uniform(rng, -0.06, 0.1), uniform(rng, 0.52, 0.62), rng.random() < 0.5
    back = 0.4 - 2 * d
    tip = [(0, 0.36, 1.12), (0, 0.58, 1.26)] if curl else [(0, 0.34, 0.98), (0, 0.18, 1.08)]
    trunk = [(0, 0.92, 0.74), (0, 0.58, 0.96), *tip]
    radii = (0.19, 0.14, 0.115, 0.09)
    return [
        ball(0.44, c, (0, 0.72, 0.4 - d), ry=0.42, rz=d, blend=0.04),
        ball(0.35, c, (0, 1.02, 0.52), blend=0.06, label="head"),
        *[
            rod(a, b, r, c, q, blend=0.05, label="trunk")
            for a, b, r, q in zip(trunk, trunk[1:], radii, radii[1:], strict=False)
        ],
        *[ball(r, c, p, label="trunk") for p, r in zip(trunk[1:], radii[1:], strict=True)],
        *[
            ball(e, c, (s * (0.22 + e * 0.8), 1.02, 0.36), ry=e * 1.1, rz=0.08, rot=(0, s * 25, 0), label="ear")
            for s in (-1, 1)
        ],
        *[
            ball(
                e * 0.7,
                light(c, 0.4),
                (s * (0.24 + e * 0.8), 1.02, 0.41),
                ry=e * 0.8,
                rz=0.065,
                rot=(0, s * 25, 0),
                label="ear",
            )
            for s in (-1, 1)
        ],
        *[rod((s * 0.2, 0.86, 0.72), (s * 0.26, 0.66, 1.02), 0.07, CREAM, 0.045, label="tusk") for s in (-1, 1)],
        *eyes(1.12, 0.81, 0.17, 0.05, white=is_dark(c)),
        *legs(c, 0.23, 0.24, back + 0.32, low, 0.6, 0.16, light(c, 0.4)),
        rod((0, 0.84, back + 0.06), (0, 0.5, back - 0.12), 0.055, dim(c, 0.7), label="tail"),
    ]


def giraffe(rng: Random, c: RGB) -> list[Part]:
    y, d, low = uniform(rng, 0.62, 0.82), uniform(rng, 0.34, 0.42), uniform(rng, -0.1, 0.1)
    back, brown = 0.36 - 2 * d, COLORS["brown"] if c not in (COLORS["brown"], BLACK) else CREAM
    neck = [(s, y + (1.78 - y) * (t + 0.04 * s), 0.22 + 0.26 * t) for t in (0.32, 0.56, 0.78) for s in (-1, 1)]
    spots = [(0.19, y + 0.06, 0.06), (0.18, y + 0.02, back + 0.26)]
    return [
        ball(0.25, c, (0, y, 0.36 - d), ry=0.24, rz=d, rot=(-8, 0, 0), blend=0.04),
        rod((0, y, 0.2), (0, 1.78, 0.48), 0.18, c, 0.12, blend=0.08, label="neck"),
        ball(0.17, c, (0, 1.82, 0.52), blend=0.04, label="head"),
        rod((0, 1.81, 0.54), (0, 1.7, 0.84), 0.14, c, 0.11, blend=0.03, label="head"),
        ball(0.13, light(c, 0.5), (0, 1.69, 0.85), ry=0.115, label="snout"),
        *[ball(0.05, BLACK if c != BLACK else WHITE, (s * 0.14, 1.86, 0.62), label="eye") for s in (-1, 1)],
        *[rod((s * 0.08, 1.9, 0.46), (s * 0.1, 2.12, 0.44), 0.05, c, label="horn") for s in (-1, 1)],
        *[ball(0.07, brown, (s * 0.1, 2.13, 0.44), label="horn") for s in (-1, 1)],
        *[ball(0.14, c, (s * 0.24, 1.88, 0.44), ry=0.06, rz=0.07, rot=(0, 0, s * 10), label="ear") for s in (-1, 1)],
        *[ball(0.08, brown, (s * x, h, z), ry=0.13, rz=0.14, label="spot") for s in (-1, 1) for x, h, z in spots],
        *[ball(0.08, brown, (s * (0.18 - 0.06 * h / 1.78), h, z), ry=0.09, rz=0.1, label="spot") for s, h, z in neck],
        *legs(c, 0.14, 0.2, back + 0.17, low - 0.1, y, 0.08, brown),
        rod((0, y + 0.06, back + 0.06), (0, y - 0.3, back - 0.08), 0.055, brown, label="tail"),
    ]


def owl(rng: Random, c: RGB) -> list[Part]:
    w, low, e = uniform(rng, 0.36, 0.44), uniform(rng, -0.1, 0.04), uniform(rng, 0.2, 0.28)
    h = (1.0 - low) / 2
    face = light(c, 0.55) if c != WHITE else dim(WHITE, 0.75)
    orange = COLORS["orange"] if c not in (COLORS["orange"], COLORS["yellow"]) else COLORS["brown"]
    return [
        ball(w, c, (0, 1.0 - h, 0), ry=h, rz=0.36),
        ball(0.4, c, (0, 0.94, 0), ry=0.34, rz=0.34, blend=0.04, label="head"),
        *[cone(0.13, 0.02, e, c, (s * 0.26, 1.2 + e * 0.25, 0.02), (0, 0, -s * 18), label="ear") for s in (-1, 1)],
        ball(w * 0.72, face, (0, 0.9 - h, 0.13), ry=h * 0.72, rz=0.27, label="belly"),
        *[ball(0.19, face, (s * 0.17, 0.96, 0.26), rz=0.1, label="face") for s in (-1, 1)],
        *[ball(0.13, WHITE, (s * 0.16, 0.97, 0.31), rz=0.1, label="eye") for s in (-1, 1)],
        *[ball(0.085, BLACK, (s * 0.15, 0.97, 0.37), rz=0.07, label="eye") for s in (-1, 1)],
        cone(0.08, 0.015, 0.2, orange, (0, 0.83, 0.38), (150, 0, 0), label="beak"),
        *[
            ball(0.1, dim(c, 0.7), (s * w, 0.5, -0.03), ry=0.34, rz=0.22, rot=(8, 0, s * 8), label="wing")
            for s in (-1, 1)
        ],
        ball(0.2, dim(c, 0.7), (0, low + 0.14, -0.3), ry=0.09, rz=0.22, rot=(-30, 0, 0), label="tail"),
        *[ball(0.13, orange, (s * 0.15, low + 0.03, 0.2), ry=0.07, rz=0.16, label="foot") for s in (-1, 1)],
    ]


def frog(rng: Random, c: RGB) -> list[Part]:
    w, e, out = uniform(rng, 0.36, 0.46), uniform(rng, 0.13, 0.17), uniform(rng, 15, 40)
    belly = light(c, 0.6) if c != WHITE else dim(WHITE, 0.75)
    return [
        ball(w, c, (0, 0.32, -0.08), ry=0.26, rz=0.42, rot=(-22, 0, 0), blend=0.04),
        ball(w * 0.95, c, (0, 0.48, 0.2), ry=0.2, rz=0.3, blend=0.06, label="head"),
        ball(w * 0.8, belly, (0, 0.3, 0.2), ry=0.2, rz=0.26, label="belly"),
        ball(w * 0.82, dark(c), (0, 0.43, 0.29), ry=0.03, rz=0.23, label="mouth"),
        *[ball(e, c, (s * 0.2, 0.68, 0.22), label="eye") for s in (-1, 1)],
        *[ball(e * 0.82, WHITE, (s * 0.21, 0.7, 0.27), label="eye") for s in (-1, 1)],
        *[ball(e * 0.5, BLACK, (s * 0.22, 0.71, 0.27 + e * 0.6), label="eye") for s in (-1, 1)],
        *[
            ball(0.16, c, (s * (w + 0.02), 0.22, -0.2), ry=0.19, rz=0.32, rot=(-25, s * out, 0), label="leg")
            for s in (-1, 1)
        ],
        *[
            ball(0.15, dim(c, 0.75), (s * (w + 0.12), 0.05, 0.0), ry=0.06, rz=0.22, rot=(0, s * out, 0), label="foot")
            for s in (-1, 1)
        ],
        *[rod((s * w * 0.6, 0.32, 0.2), (s * w * 0.68, 0.05, 0.38), 0.08, c, label="leg") for s in (-1, 1)],
        *[
            ball(0.12, dim(c, 0.75), (s * w * 0.7, 0.05, 0.42), ry=0.06, rz=0.14, rot=(0, s * 20, 0), label="foot")
            for s in (-1, 1)
        ],
    ]


def turtle(rng: Random, c: RGB) -> list[Part]:
    w, h, d = uniform(rng, 0.42, 0.52), uniform(rng, 0.34, 0.44), uniform(rng, 0.5, 0.58)
    skin = light(c, 0.5) if c != WHITE else dim(WHITE, 0.7)
    middle = 0.45 - d
    plates = [(0.0, 0.0, 1.0)] + [(0.62 * np.sin(a), 0.62 * np.cos(a), 0.78) for a in np.arange(6) * np.pi / 3]
    marks = [
        ball(
            w * 0.25,
            dim(c, 0.6),
            (x * w, 0.24 + h * f * 0.97, middle + z * d),
            ry=h * 0.12,
            rz=d * 0.22,
            label="shell",
            rot=(z * 42, 0, -x * 42),
        )
        for x, z, f in plates
    ]
    return [
        ball(w, c, (0, 0.24, middle), ry=h, rz=d, label="shell"),
        ball(w * 1.08, c, (0, 0.22, middle), ry=0.09, rz=d * 1.06, label="shell"),
        *marks,
        rod((0, 0.22, 0.3), (0, 0.42, 0.66), 0.13, skin, 0.13, label="neck"),
        ball(0.2, skin, (0, 0.48, 0.72), ry=0.18, rz=0.22, label="head"),
        *eyes(0.55, 0.85, 0.12, 0.04, white=True),
        *[
            ball(0.16, skin, (s * w * 0.88, 0.11, middle + 0.32), ry=0.11, rz=0.2, rot=(0, s * 40, 0), label="leg")
            for s in (-1, 1)
        ],
        *[
            ball(0.15, skin, (s * w * 0.82, 0.11, middle - 0.36), ry=0.11, rz=0.18, rot=(0, -s * 40, 0), label="leg")
            for s in (-1, 1)
        ],
        cone(0.1, 0.03, 0.24, skin, (0, 0.18, middle - d - 0.08), (-95, 0, 0), label="tail"),
    ]


def snake(rng: Random, c: RGB) -> list[Part]:
    n, r, turn = int(rng.integers(2, 4)), uniform(rng, 0.4, 0.5), 1 if rng.random() < 0.5 else -1
    band = light(c, 0.55) if c != WHITE else dim(WHITE, 0.65)
    top = 0.15 + 0.22 * (n - 1)
    coils = [ring(r - 0.09 * i, 0.15 - 0.01 * i, c, (0, 0.15 + 0.22 * i, 0), label="coil") for i in range(n)]
    marks = [
        ball(
            0.13,
            band,
            ((r - 0.09 * i) * np.sin(a), 0.2 + 0.22 * i, (r - 0.09 * i) * np.cos(a)),
            ry=0.125,
            rz=0.13,
            label="band",
        )
        for i in range(n)
        for a in (np.arange(5) + 0.5 * i) * 2 * np.pi / 5
    ]
    red = COLORS["red"] if c != COLORS["red"] else DARK
    neck = [(0, top, -r + 0.2), (0, top + 0.34, -0.12), (0, top + 0.62, 0.06)]
    return [
        *coils,
        *marks,
        rod((turn * r, 0.13, 0), (turn * (r + 0.12), 0.12, -r - 0.16), 0.14, c, 0.05, label="tail"),
        *[rod(a, b, 0.14, c, 0.13, label="neck") for a, b in zip(neck, neck[1:], strict=False)],
        *[ball(0.135, c, p, label="neck") for p in neck],
        ball(0.22, c, (0, top + 0.68, 0.18), ry=0.15, rz=0.28, label="head"),
        *[ball(0.085, WHITE, (s * 0.14, top + 0.78, 0.26), label="eye") for s in (-1, 1)],
        *[ball(0.052, BLACK, (s * 0.16, top + 0.79, 0.32), label="eye") for s in (-1, 1)],
        box(0.075, 0.06, 0.26, red, (0, top + 0.64, 0.52), label="tongue"),
        *[box(0.06, 0.06, 0.16, red, (s * 0.06, top + 0.64, 0.68), (0, s * 35, 0), label="tongue") for s in (-1, 1)],
    ]


FAMILIES = {
    "fox": Family(fox, "orange", ("fox cub", "vixen"), ((0, 0.99, 0.42), 0.14), ((0, 0.62, 0.34), 0.2)),
    "lion": Family(lion, "yellow", (), ((0, 1.3, 0.36), 0.2), ((0, 0.56, 0.34), 0.27), paintable=("mane",)),
    "elephant": Family(elephant, "grey", (), ((0, 1.34, 0.5), 0.2), ((0, 0.76, 0.4), 0.4)),
    "giraffe": Family(giraffe, "yellow", (), ((0, 1.97, 0.5), 0.1), ((0, 1.5, 0.4), 0.16)),
    "owl": Family(owl, "brown", ("owlet",), ((0, 1.25, 0), 0.19), ((0, 0.66, 0), 0.4)),
    "frog": Family(frog, "green", ("toad", "froggy"), ((0, 0.68, 0.1), 0.16)),
    "turtle": Family(
        turtle, "green", ("tortoise",), ((0, 0.64, 0.7), 0.14), ((0, 0.32, 0.5), 0.17), paintable=("shell",)
    ),
    "snake": Family(snake, "green", ("serpent", "python", "cobra")),
}
