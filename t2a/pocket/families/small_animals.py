"""Snails and insects."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import BLACK, COLORS, DARK, GLASS, WHITE, Family, Random, dim, eyes, light, uniform
from t2a.pocket.shapes import RGB, Part, ball, cone, ring, rod


def _ink(c: RGB) -> RGB:
    """Black stripes and spots, which are yellow on a black insect."""
    return DARK if c != BLACK else COLORS["yellow"]


def _feelers(color: RGB, x: float, y: float, z: float, length: float, lean: float = 0.25) -> list[Part]:
    tips = [(s * (x + lean * length), y + length, z + lean * length) for s in (-1, 1)]
    stems = [
        rod((s * x, y, z), tip, length * 0.17, color, label="feeler") for s, tip in zip((-1, 1), tips, strict=True)
    ]
    return [*stems, *[ball(length * 0.27, color, tip, label="feeler") for tip in tips]]


def snail(rng: Random, c: RGB) -> list[Part]:
    r, w, d = uniform(rng, 0.42, 0.52), uniform(rng, 0.24, 0.3), uniform(rng, 0.64, 0.76)
    skin = light(c, 0.62) if c != WHITE else (0.80, 0.66, 0.46)
    y, z = 0.18 + r, -0.12
    whorls = [
        part
        for s in (-1, 1)
        for part in (
            ring(r * 0.7, 0.12, c, (s * w * 0.55, y, z), (0, 0, 90), label="shell"),
            ring(r * 0.34, 0.1, c, (s * w * 0.85, y + 0.02, z), (0, 0, 90), label="shell"),
            ball(0.1, dim(c, 0.55), (s * w * 1.05, y + 0.02, z), label="shell"),
        )
    ]
    stalks = [(s * 0.17, 0.86, 0.72) for s in (-1, 1)]
    return [
        ball(w, dim(c, 0.55), (0, y, z), ry=r * 0.95, rz=r * 0.95, label="shell"),
        ring(r * 0.86, 0.15, c, (0, y, z), (0, 0, 90), label="shell"),
        *whorls,
        ball(0.2, skin, (0, 0.12, 0.0), ry=0.13, rz=d, blend=0.05),
        rod((0, 0.14, 0.42), (0, 0.46, 0.6), 0.17, skin, 0.16, blend=0.06, label="head"),
        ball(0.19, skin, (0, 0.5, 0.62), blend=0.05, label="head"),
        *[rod((s * 0.09, 0.56, 0.64), p, 0.055, skin, label="stalk") for s, p in zip((-1, 1), stalks, strict=True)],
        *[ball(0.095, WHITE, p, label="eye") for p in stalks],
        *[ball(0.058, BLACK, (x, y0 + 0.01, z0 + 0.065), label="eye") for x, y0, z0 in stalks],
        ball(0.1, DARK, (0, 0.44, 0.77), ry=0.03, rz=0.05, label="mouth"),
    ]


def bee(rng: Random, c: RGB) -> list[Part]:
    w, d, n = uniform(rng, 0.32, 0.38), uniform(rng, 0.44, 0.52), int(rng.integers(2, 4))
    ink, wing = _ink(c), GLASS if c not in (COLORS["turquoise"], WHITE) else light(COLORS["blue"], 0.6)
    middle, span = 0.3 - d, uniform(rng, 0.26, 0.33)
    stripes = [
        ring(
            w * np.sqrt(1 - t * t) - 0.03,
            0.055,
            ink,
            (0, 0.4, middle + t * d),
            (90, 0, 0),
            stretch=0.01,
            label="stripe",
        )
        for t in np.linspace(-0.62, 0.3, n)
    ]
    return [
        ball(w, c, (0, 0.4, middle), ry=w, rz=d),
        *stripes,
        ball(0.27, c, (0, 0.46, 0.36), label="head"),
        *eyes(0.53, 0.56, 0.13, 0.055, white=True),
        ball(0.07, DARK, (0, 0.39, 0.61), ry=0.03, rz=0.03, label="mouth"),
        *_feelers(ink, 0.1, 0.66, 0.4, 0.26),
        cone(0.085, 0.015, 0.2, ink, (0, 0.4, middle - d - 0.05), (-90, 0, 0), label="sting"),
        *[
            ball(
                span,
                wing,
                (s * (0.1 + span * 0.75), 0.84, middle + 0.1),
                ry=0.06,
                rz=0.2,
                rot=(0, s * 20, s * 32),
                label="wing",
            )
            for s in (-1, 1)
        ],
        *[
            ball(
                span * 0.72,
                wing,
                (s * (0.1 + span * 0.55), 0.76, middle - 0.2),
                ry=0.055,
                rz=0.16,
                rot=(0, -s * 15, s * 25),
                label="wing",
            )
            for s in (-1, 1)
        ],
        *[ball(0.07, ink, (s * 0.17, 0.1, z), ry=0.12, label="foot") for s in (-1, 1) for z in (0.1, middle - 0.12)],
    ]


def butterfly(rng: Random, c: RGB) -> list[Part]:
    up, low, fold = uniform(rng, 0.42, 0.54), uniform(rng, 0.3, 0.4), uniform(rng, 18, 32)
    ink = dim(c, 0.35) if c != BLACK else COLORS["grey"]
    spot = light(c, 0.6) if c != WHITE else COLORS["grey"]
    turn = np.radians(fold)

    def wing(s: int, reach: float, y: float, r: float, h: float, tilt: float, thick: float, color: RGB) -> Part:
        at = (s * reach * np.cos(turn), y, -reach * np.sin(turn))
        return ball(r, color, at, ry=h, rz=thick, rot=(0, s * fold, s * tilt), label="wing")

    wings = [
        part
        for s in (-1, 1)
        for part in (
            wing(s, up * 0.95, 0.84 + up * 0.3, up, up * 0.68, 38, 0.07, c),
            wing(s, low * 0.95, 0.52 - low * 0.3, low, low * 0.76, -38, 0.07, c),
            wing(s, up * 1.3, 0.84 + up * 0.58, up * 0.3, up * 0.24, 38, 0.1, spot),
            wing(s, up * 0.8, 0.84 + up * 0.2, up * 0.2, up * 0.18, 38, 0.1, ink),
            wing(s, low * 1.15, 0.5 - low * 0.42, low * 0.34, low * 0.3, -38, 0.1, spot),
        )
    ]
    return [
        *wings,
        ball(0.1, ink, (0, 0.62, 0), ry=0.44, rz=0.11),
        ball(0.15, ink, (0, 1.1, 0.02), label="head"),
        *eyes(1.13, 0.14, 0.07, 0.032, white=True),
        *_feelers(ink, 0.06, 1.2, 0.02, 0.26),
    ]


def ladybug(rng: Random, c: RGB) -> list[Part]:
    w, h, d, turn = uniform(rng, 0.48, 0.56), uniform(rng, 0.4, 0.48), uniform(rng, 0.5, 0.58), uniform(rng, -0.1, 0.1)
    ink = DARK if c != BLACK else COLORS["red"]
    u, v = w - 0.06, d - 0.06
    spots = [
        ball(
            0.12,
            ink,
            (s * u * np.sin(a) * np.cos(b), 0.11 + h * np.cos(a), -0.1 - v * np.sin(a) * np.sin(b)),
            label="spot",
        )
        for s in (-1, 1)
        for a, b in ((1.0, 0.95 + turn), (1.05, 0.05 + turn), (0.5, 0.4 + turn), (0.95, -0.75))
    ]
    return [
        ball(w, c, (0, 0.16, -0.1), ry=h, rz=d),
        ball(w * 1.02, ink, (0, 0.08, -0.1), ry=0.07, rz=d * 1.02, label="rim"),
        ball(0.05, ink, (0, 0.16, -0.1), ry=h * 1.03, rz=d * 1.03, label="line"),
        *spots,
        ball(0.26, ink, (0, 0.24, 0.42), ry=0.23, rz=0.2, label="head"),
        *[ball(0.1, WHITE, (s * 0.15, 0.34, 0.6), label="eye") for s in (-1, 1)],
        *[ball(0.06, BLACK, (s * 0.15, 0.35, 0.67), label="eye") for s in (-1, 1)],
        *_feelers(ink, 0.12, 0.42, 0.46, 0.24),
        *[
            rod((s * w * 0.8, 0.14, z), (s * (w + 0.14), 0.0, z * 1.2), 0.07, ink, label="leg")
            for s in (-1, 1)
            for z in (-0.38, -0.08, 0.2)
        ],
    ]


FAMILIES = {
    "snail": Family(snail, "brown", (), ((0, 0.68, 0.6), 0.12), paintable=("shell",)),
    "bee": Family(bee, "yellow", ("bumblebee", "honeybee", "wasp"), ((0, 0.7, 0.34), 0.16)),
    "butterfly": Family(butterfly, "purple", ("moth",)),
    "ladybug": Family(ladybug, "red", ("ladybird", "lady beetle"), ((0, 0.44, 0.42), 0.13)),
}
