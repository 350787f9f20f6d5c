"""Devices."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import COLORS, DARK, GLASS, GOLD, STEEL, WHITE, WOOD, Family, Random, dim, light, uniform
from t2a.pocket.families.fruit import around
from t2a.pocket.shapes import RGB, Part, ball, box, ring, rod, tube

SCREEN = (0.35, 0.68, 0.92)


def television(rng: Random, c: RGB) -> list[Part]:
    w, h, spread = uniform(rng, 1.1, 1.35), uniform(rng, 0.8, 0.95), uniform(rng, 0.3, 0.45)
    frame = DARK if c != COLORS["black"] else STEEL
    knob = GOLD if c != COLORS["yellow"] else COLORS["red"]
    return [
        box(w, h, 0.6, c, (0, h / 2, 0), r=0.08),
        box(w * 0.62, h * 0.68, 0.4, dim(c, 0.8), (0, h / 2, -0.22), r=0.08, label="back"),
        box(w * 0.7, h * 0.8, 0.08, frame, (-w * 0.1, h / 2, 0.29), r=0.04, label="frame"),
        box(w * 0.6, h * 0.67, 0.1, SCREEN, (-w * 0.1, h / 2, 0.31), r=0.05, label="screen"),
        *[tube(0.085, 0.12, knob, (w * 0.375, h * f, 0.31), (90, 0, 0), label="knob") for f in (0.75, 0.5)],
        box(w * 0.14, h * 0.16, 0.06, frame, (w * 0.375, h * 0.22, 0.3), label="speaker"),
        *[rod((s * 0.04, h, 0), (s * spread, h + 0.48, 0), 0.04, frame, label="antenna") for s in (-1, 1)],
        *[ball(0.075, knob, (s * spread, h + 0.48, 0), label="antenna") for s in (-1, 1)],
        *[
            rod((x * w * 0.38, 0.04, z * 0.17), (x * w * 0.44, -0.26, z * 0.22), 0.07, WOOD, 0.05, label="leg")
            for x in (-1, 1)
            for z in (-1, 1)
        ],
    ]


def laptop(rng: Random, c: RGB) -> list[Part]:
    w, d, tilt = uniform(rng, 1.1, 1.3), uniform(rng, 0.75, 0.88), uniform(rng, 8, 25)
    s, k = np.sin(np.radians(tilt)), np.cos(np.radians(tilt))
    edge, h = -d / 2, d * 0.95
    keys = DARK if c != COLORS["black"] else STEEL

    def lid(y: float, z: float) -> tuple[float, float, float]:
        return (0, 0.08 + y * k + z * s, edge - y * s + z * k)

    return [
        box(w, 0.1, d, c, (0, 0.05, 0), r=0.035, label="base"),
        box(w * 0.84, 0.06, d * 0.46, keys, (0, 0.09, -d * 0.14), r=0.01, label="keyboard"),
        *[
            box(w * 0.8, 0.07, 0.05, light(keys, 0.6), (0, 0.1, -d * f), r=0.01, label="keyboard")
            for f in (0.02, 0.14, 0.26)
        ],
        box(w * 0.3, 0.05, d * 0.2, dim(c, 0.7), (0, 0.09, d * 0.32), r=0.01, label="touchpad"),
        box(w, h, 0.1, c, lid(h / 2, 0), (-tilt, 0, 0), r=0.035, label="lid"),
        box(w * 0.88, h * 0.8, 0.04, SCREEN, lid(h * 0.52, 0.045), (-tilt, 0, 0), r=0.01, label="screen"),
        box(w * 0.4, h * 0.12, 0.05, WHITE, lid(h * 0.7, 0.05), (-tilt, 0, 0), r=0.01, label="window"),
        box(w * 0.6, h * 0.12, 0.05, GOLD, lid(h * 0.4, 0.05), (-tilt, 0, 0), r=0.01, label="window"),
        ball(
            0.12,
            light(c, 0.7) if c != COLORS["white"] else STEEL,
            lid(h * 0.55, -0.05),
            rz=0.04,
            rot=(-tilt, 0, 0),
            label="logo",
        ),
    ]


def phone(rng: Random, c: RGB) -> list[Part]:
    w, h, rows = uniform(rng, 0.6, 0.7), uniform(rng, 1.1, 1.3), int(rng.integers(3, 5))
    names = [n for n in ("red", "yellow", "green", "turquoise", "orange", "pink", "white") if COLORS[n] != c]
    icons = [
        box(
            0.13,
            0.13,
            0.05,
            COLORS[names[(2 * i + j) % 6]],
            ((j - 1) * w * 0.27, h * 0.84 - 0.2 * i, 0.1),
            r=0.02,
            label="icon",
        )
        for i in range(rows)
        for j in range(3)
    ]
    return [
        box(w, h, 0.18, c, (0, h / 2, 0), r=0.07),
        box(w * 0.88, h * 0.84, 0.04, (0.12, 0.14, 0.24), (0, h * 0.53, 0.085), r=0.015, label="screen"),
        *icons,
        ball(0.06, light(c, 0.6), (0, h * 0.055, 0.09), rz=0.03, label="button"),
        box(
            0.2, 0.34, 0.07, DARK if c != COLORS["black"] else STEEL, (w * 0.2, h - 0.27, -0.1), r=0.03, label="camera"
        ),
        *[ball(0.06, GLASS, (w * 0.2, h - y, -0.13), rz=0.04, label="camera") for y in (0.2, 0.35)],
    ]


def camera(rng: Random, c: RGB) -> list[Part]:
    w, h, r = uniform(rng, 1.05, 1.25), uniform(rng, 0.62, 0.75), uniform(rng, 0.23, 0.28)
    trim = DARK if c != COLORS["black"] else STEEL
    y = h * 0.46
    return [
        box(w, h, 0.4, c, (0, h / 2, 0), r=0.07),
        box(w + 0.03, h * 0.44, 0.43, trim, (0, h * 0.45, 0), r=0.05, label="grip"),
        box(0.42, 0.24, 0.36, c, (0, h + 0.06, 0), r=0.06, label="finder"),
        box(0.24, 0.14, 0.1, WHITE if c != COLORS["white"] else GOLD, (0, h + 0.06, 0.17), r=0.02, label="flash"),
        tube(0.1, 0.14, COLORS["red"] if c != COLORS["red"] else GOLD, (w * 0.36, h + 0.03, 0), r=0.01, label="button"),
        tube(0.12, 0.12, STEEL, (-w * 0.34, h + 0.03, 0), r=0.01, label="dial"),
        tube(r + 0.06, 0.2, c, (0, y, 0.26), (90, 0, 0), r=0.01, label="lens"),
        tube(r + 0.01, 0.2, STEEL, (0, y, 0.36), (90, 0, 0), r=0.01, label="lens"),
        tube(r - 0.05, 0.22, (0.05, 0.07, 0.14), (0, y, 0.37), (90, 0, 0), label="lens"),
        ball(r * 0.4, GLASS, (-0.05, y + 0.05, 0.47), rz=0.05, label="lens"),
        box(w * 0.5, h * 0.55, 0.06, SCREEN, (0, h * 0.45, -0.21), r=0.02, label="screen"),
    ]


def headphones(rng: Random, c: RGB) -> list[Part]:
    r, thick, cup = uniform(rng, 0.5, 0.58), uniform(rng, 0.08, 0.1), uniform(rng, 0.24, 0.29)
    arc = [(r * np.cos(a), 0.3 + r * np.sin(a), 0) for a in np.linspace(-0.35, np.pi + 0.35, 12)]
    pad = DARK if c != COLORS["black"] else STEEL
    x = r * np.cos(0.35)
    return [
        *[rod(a, b, thick, c, label="band") for a, b in zip(arc, arc[1:], strict=False)],
        *[ball(thick, c, p, label="band") for p in arc[1:-1]],
        *[tube(cup, 0.2, c, (s * x, 0, 0), (0, 0, 90), r=0.03, label="cup") for s in (-1, 1)],
        *[ring(cup - 0.06, 0.1, pad, (s * (x - 0.15), 0, 0), (0, 0, 90), label="cushion") for s in (-1, 1)],
        *[tube(cup * 0.55, 0.06, light(c, 0.5), (s * (x + 0.13), 0, 0), (0, 0, 90), label="disc") for s in (-1, 1)],
    ]


def telescope(rng: Random, c: RGB) -> list[Part]:
    pitch, h = np.radians(uniform(rng, 22, 40)), uniform(rng, 0.7, 0.85)
    y, z = np.sin(pitch), np.cos(pitch)
    trim = GOLD if c != COLORS["yellow"] else COLORS["red"]

    def on(t: float) -> tuple[float, float, float]:
        return (0, t * y, t * z)

    return [
        rod(on(-0.45), on(0.55), 0.17, c, 0.2, label="tube"),
        rod(on(0.5), on(0.8), 0.25, c, label="tube"),
        *[rod(on(t), on(t + 0.08), r, trim, label="ring") for t, r in ((0.75, 0.28), (0.45, 0.24), (-0.5, 0.2))],
        rod(on(0.8), on(0.84), 0.22, GLASS, label="glass"),
        rod(on(-0.75), on(-0.45), 0.11, DARK if c != COLORS["black"] else STEEL, label="eyepiece"),
        rod(on(-0.82), on(-0.72), 0.15, trim, label="eyepiece"),
        ball(0.15, DARK, (0, -0.18, 0), label="mount"),
        *[
            rod((0, -0.18, 0), (0.42 * np.sin(a), -0.18 - h, 0.42 * np.cos(a)), 0.075, WOOD, 0.06, label="leg")
            for a in around(3)
        ],
    ]


FAMILIES = {
    "television": Family(television, "brown", also=("tv", "tv set", "telly")),
    "laptop": Family(laptop, "grey", also=("notebook computer", "computer")),
    "phone": Family(phone, "black", also=("smartphone", "mobile phone", "cell phone")),
    "camera": Family(camera, "black", also=("photo camera",)),
    "headphones": Family(headphones, "black", also=("headset", "pair of headphones")),
    "telescope": Family(telescope, "white", also=("spyglass",)),
}
