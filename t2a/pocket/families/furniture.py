"""Furniture."""

from __future__ import annotations

from t2a.pocket.families.base import DARK, WHITE, WOOD, Family, Random, dim, light, uniform
from t2a.pocket.shapes import RGB, Part, box, cone, rod, tube


def chair(rng: Random, c: RGB) -> list[Part]:
    w, h, b = uniform(rng, 0.62, 0.8), uniform(rng, 0.45, 0.6), uniform(rng, 0.6, 0.8)
    legs = [
        box(0.09, h, 0.09, dim(c, 0.75), (x * (w / 2 - 0.05), h / 2, z * (w / 2 - 0.05)), label="leg")
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    return [
        *legs,
        box(w, 0.1, w, c, (0, h, 0), label="seat"),
        box(w, b, 0.09, c, (0, h + b / 2, -w / 2 + 0.045), label="back"),
    ]


def stool(rng: Random, c: RGB) -> list[Part]:
    h = uniform(rng, 0.7, 0.95)
    legs = [
        rod((0.33 * x, 0, 0.33 * z), (0.18 * x, h, 0.18 * z), 0.05, WOOD, label="leg") for x in (-1, 1) for z in (-1, 1)
    ]
    return [*legs, tube(0.36, 0.1, c, (0, h, 0), r=0.02, label="seat")]


def table(rng: Random, c: RGB) -> list[Part]:
    w, d, h = uniform(rng, 1.0, 1.3), uniform(rng, 0.65, 0.85), uniform(rng, 0.55, 0.7)
    legs = [
        box(0.1, h, 0.1, c, (x * (w / 2 - 0.08), h / 2, z * (d / 2 - 0.08)), label="leg")
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    return [*legs, box(w, 0.1, d, c, (0, h, 0), label="top")]


def sofa(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 1.2, 1.5)
    arms = [box(0.2, 0.5, 0.65, c, (s * (w / 2 - 0.1), 0.33, 0), r=0.07, label="arm") for s in (-1, 1)]
    cushions = [
        box((w - 0.42) / 2, 0.16, 0.5, light(c, 0.25), (s * (w - 0.42) / 4, 0.42, 0.07), r=0.05, label="cushion")
        for s in (-1, 1)
    ]
    return [
        box(w, 0.3, 0.65, c, (0, 0.22, 0), r=0.05),
        box(w, 0.75, 0.2, c, (0, 0.48, -0.25), r=0.07, label="back"),
        *arms,
        *cushions,
    ]


def bed(rng: Random, c: RGB) -> list[Part]:
    d = uniform(rng, 1.3, 1.5)
    return [
        box(0.95, 0.2, d, WOOD, (0, 0.2, 0), label="frame"),
        box(0.95, 0.6, 0.09, WOOD, (0, 0.4, -d / 2), label="headboard"),
        box(0.88, 0.2, d * 0.96, c, (0, 0.36, 0.02), r=0.06, label="blanket"),
        box(0.6, 0.14, 0.28, WHITE, (0, 0.5, -d / 2 + 0.25), r=0.06, label="pillow"),
    ]


def lamp(rng: Random, c: RGB) -> list[Part]:
    h = uniform(rng, 0.7, 0.95)
    return [
        tube(0.26, 0.07, DARK, (0, 0.03, 0), label="foot"),
        tube(0.04, h, DARK, (0, h / 2, 0), label="pole"),
        cone(0.42, 0.22, 0.45, c, (0, h + 0.1, 0), label="shade"),
    ]


FAMILIES = {
    "chair": Family(chair, "brown"),
    "stool": Family(stool, "brown", flat=True),
    "table": Family(table, "brown", flat=True),
    "sofa": Family(sofa, "blue"),
    "bed": Family(bed, "blue"),
    "lamp": Family(lamp, "yellow"),
}
