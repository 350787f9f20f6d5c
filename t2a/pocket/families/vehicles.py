"""Vehicles."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import (
    COLORS,
    CREAM,
    DARK,
    GLASS,
    GOLD,
    STEEL,
    WHITE,
    WOOD,
    Family,
    Random,
    dim,
    light,
    uniform,
)
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, rod, tube


def wheels(x: float, z: float, r: float, w: float = 0.14) -> list[Part]:
    wheels = []
    for sx in (-1, 1):
        for sz in (-1, 1):
            wheels += [
                tube(r, w, DARK, (sx * x, r, sz * z), (0, 0, 90), label="wheel"),
                tube(r * 0.5, w + 0.03, STEEL, (sx * x, r, sz * z), (0, 0, 90), label="hub"),
            ]
    return wheels


def car(rng: Random, c: RGB) -> list[Part]:
    d, h = uniform(rng, 1.45, 1.7), uniform(rng, 0.28, 0.36)
    lights = [ball(0.08, CREAM, (s * 0.24, 0.38, d / 2), label="light") for s in (-1, 1)] + [
        ball(0.07, COLORS["red"], (s * 0.24, 0.38, -d / 2), label="light") for s in (-1, 1)
    ]
    return [
        box(0.78, 0.34, d, c, (0, 0.36, 0), r=0.1),
        box(0.62, h, d * 0.48, GLASS, (0, 0.62, -0.08), r=0.08, label="windows"),
        box(0.6, 0.08, d * 0.44, c, (0, 0.62 + h / 2, -0.08), r=0.04, label="roof"),
        *wheels(0.38, d * 0.31, 0.19),
        *lights,
    ]


def truck(rng: Random, c: RGB) -> list[Part]:
    d = uniform(rng, 0.95, 1.2)
    return [
        box(0.75, 0.75, d, c, (0, 0.65, -0.3), r=0.03, label="cargo"),
        box(0.72, 0.6, 0.45, WHITE, (0, 0.55, d / 2 - 0.02), r=0.06, label="cab"),
        box(0.62, 0.24, 0.1, GLASS, (0, 0.68, d / 2 + 0.18), r=0.02, label="windows"),
        *wheels(0.33, d * 0.45, 0.18),
    ]


def bus(rng: Random, c: RGB) -> list[Part]:
    d = uniform(rng, 1.7, 2.0)
    windows = [box(0.72, 0.24, d / 7, GLASS, (0, 0.82, d * (i - 2) / 5.4), r=0.02, label="windows") for i in range(5)]
    return [
        box(0.7, 0.85, d, c, (0, 0.6, 0), r=0.07),
        *windows,
        box(0.58, 0.3, 0.06, GLASS, (0, 0.8, d / 2), r=0.02, label="windows"),
        *wheels(0.32, d * 0.3, 0.17),
    ]


def train(rng: Random, c: RGB) -> list[Part]:
    h = uniform(rng, 0.25, 0.35)
    return [
        tube(0.3, 0.9, c, (0, 0.52, 0.25), (90, 0, 0), label="boiler"),
        box(0.68, 0.8, 0.5, c, (0, 0.62, -0.42), r=0.03, label="cab"),
        box(0.8, 0.08, 0.62, DARK, (0, 1.05, -0.42), label="roof"),
        cone(0.09, 0.15, h, DARK, (0, 0.8 + h / 2, 0.5), label="chimney"),
        box(0.6, 0.14, 1.4, DARK, (0, 0.22, 0.0), label="frame"),
        *wheels(0.3, 0.4, 0.17, 0.1),
        ball(0.09, GOLD, (0, 0.52, 0.72), label="light"),
    ]


def airplane(rng: Random, c: RGB) -> list[Part]:
    span = uniform(rng, 1.6, 2.0)
    return [
        ball(0.2, c, (0, 0.4, 0), rz=0.95),
        box(span, 0.06, 0.36, light(c, 0.3), (0, 0.38, 0.1), label="wing"),
        box(0.62, 0.05, 0.2, light(c, 0.3), (0, 0.45, -0.8), label="tail"),
        box(0.05, 0.36, 0.24, light(c, 0.3), (0, 0.6, -0.8), label="tail"),
        ball(0.13, GLASS, (0, 0.53, 0.45), rz=0.25, label="windows"),
    ]


def rocket(rng: Random, c: RGB) -> list[Part]:
    h = uniform(rng, 0.9, 1.15)
    fins = [
        box(
            0.05,
            0.42,
            0.34,
            COLORS["red"] if c != COLORS["red"] else STEEL,
            (0.3 * np.sin(a), 0.2, 0.3 * np.cos(a)),
            (0, np.degrees(a), 0),
            label="fin",
        )
        for a in (np.pi / 4, 3 * np.pi / 4, 5 * np.pi / 4, 7 * np.pi / 4)
    ]
    return [
        tube(0.24, h, c, (0, 0.15 + h / 2, 0)),
        cone(0.24, 0.01, 0.45, dim(c, 0.7), (0, h + 0.37, 0), label="nose"),
        *fins,
        ball(0.11, GLASS, (0, h * 0.75, 0.2), rz=0.08, label="window"),
        cone(0.2, 0.13, 0.16, DARK, (0, 0.08, 0), label="nozzle"),
    ]


def boat(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.36, c, (0, 0.4, 0), ry=0.42, rz=0.85, label="hull"),
        box(3, 1, 3, WOOD, (0, 0.9, 0), r=0, operation=CARVE, label="deck"),
        rod((0, 0.2, 0), (0, 1.5, 0), 0.035, WOOD, group=1, label="mast"),
        box(0.03, 0.85, 0.6, WHITE, (0, 0.98, -0.3), r=0.01, group=1, label="sail"),
        box(0.03, 0.55, 0.4, WHITE, (0, 0.82, 0.28), r=0.01, group=1, label="sail"),
    ]


FAMILIES = {
    "car": Family(car, "red"),
    "truck": Family(truck, "blue"),
    "bus": Family(bus, "yellow"),
    "train": Family(train, "green"),
    "airplane": Family(airplane, "white"),
    "rocket": Family(rocket, "white"),
    "boat": Family(boat, "blue"),
}
