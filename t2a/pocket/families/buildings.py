"""Buildings."""

from __future__ import annotations

from t2a.pocket.families.base import COLORS, DARK, GLASS, WHITE, WOOD, Family, Random, light, uniform
from t2a.pocket.shapes import RGB, Part, box, cone, tube


def house(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 0.9, 1.1), uniform(rng, 0.55, 0.7)
    roof_color = (0.55, 0.22, 0.16) if c != COLORS["red"] and c != COLORS["brown"] else (0.35, 0.36, 0.4)
    roof = [
        box(0.06 + w * 0.66, 0.08, 1.0, roof_color, (s * w * 0.28, h + 0.27, 0), (0, 0, -s * 40), r=0.01, label="roof")
        for s in (-1, 1)
    ]
    gable = [box(w * (1 - i / 5), 0.105, 0.8, c, (0, h + 0.03 + i * 0.1, 0), r=0.002) for i in range(5)]
    return [
        box(w, h, 0.82, c, (0, h / 2, 0), r=0.01),
        *gable,
        *roof,
        box(0.2, 0.38, 0.05, WOOD, (0, 0.19, 0.41), label="door"),
        *[box(0.18, 0.18, 0.05, GLASS, (s * w * 0.3, 0.36, 0.41), label="window") for s in (-1, 1)],
        box(0.13, 0.4, 0.13, (0.5, 0.25, 0.2), (w * 0.28, h + 0.42, -0.2), label="chimney"),
    ]


def castle(rng: Random, c: RGB) -> list[Part]:
    towers = []
    h = uniform(rng, 0.75, 0.95)
    for x in (-1, 1):
        for z in (-1, 1):
            towers += [
                tube(0.17, h, c, (x * 0.48, h / 2, z * 0.48), label="tower"),
                cone(
                    0.21,
                    0.01,
                    0.36,
                    COLORS["blue"] if c != COLORS["blue"] else COLORS["red"],
                    (x * 0.48, h + 0.18, z * 0.48),
                    label="roof",
                ),
            ]
    return [
        box(0.96, 0.5, 0.96, c, (0, 0.25, 0), r=0.01),
        *towers,
        box(0.44, 0.85, 0.44, light(c, 0.2), (0, 0.45, 0), r=0.01, label="keep"),
        box(0.24, 0.34, 0.06, WOOD, (0, 0.17, 0.48), label="gate"),
    ]


def windmill(rng: Random, c: RGB) -> list[Part]:
    a0 = uniform(rng, 0, 90)
    blades = [box(0.14, 1.1, 0.03, WHITE, (0, 1.05, 0.36), (0, 0, a0 + a), label="blade") for a in (0, 90)]
    return [
        cone(0.38, 0.25, 1.0, c, (0, 0.5, 0)),
        cone(0.3, 0.01, 0.3, WOOD, (0, 1.14, 0), label="roof"),
        *blades,
        tube(0.06, 0.2, DARK, (0, 1.05, 0.3), (90, 0, 0), label="axle"),
        box(0.18, 0.3, 0.06, WOOD, (0, 0.15, 0.36), label="door"),
    ]


FAMILIES = {
    "house": Family(house, "white"),
    "castle": Family(castle, "grey"),
    "windmill": Family(windmill, "white"),
}
