"""Shapes that buildings and vehicles have in common: sloping cuts, pitched roofs, wheels."""

from __future__ import annotations

import math

import numpy as np

from t2a.pocket.families.base import DARK, STEEL, dim
from t2a.pocket.shapes import CARVE, RGB, Part, Vector, box, rod, tube


def cut(at: Vector, normal: Vector, color: RGB, **o) -> Part:
    """Carves away what lies beyond the plane through `at`, on the side to which `normal` points."""
    end = np.asarray(at) + 3 * np.asarray(normal)
    return rod(at, tuple(end), 3, color, operation=CARVE, **o)


def pitched(
    ridge: Vector, length: float, angle: float, depth: float, color: RGB, thick: float = 0.09, across: bool = False
) -> list[Part]:
    """A roof of two slabs whose upper edges meet at `ridge`, falling to both sides by `angle` degrees. The ridge runs
    from front to back, or `across` from left to right."""
    x, y, z = ridge
    sin, cos = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    run, drop = (length * cos - thick * sin) / 2, (length * sin + thick * cos) / 2
    if across:
        return [
            box(depth, thick, length, color, (x, y - drop, z + s * run), (s * angle, 0, 0), r=0, label="roof")
            for s in (-1, 1)
        ]
    return [
        box(length, thick, depth, color, (x + s * run, y - drop, z), (0, 0, -s * angle), r=0, label="roof")
        for s in (-1, 1)
    ]


def gable(w: float, h: float, d: float, rise: float, c: RGB, at: Vector = (0, 0, 0), **o) -> list[Part]:
    """Walls on the ground at `at`, with pointed front and back that reach `rise` above the eaves."""
    x, y, z = at
    cuts = [cut((x + s * w / 2, y + h, z), (s * rise, w / 2, 0), c, **o) for s in (-1, 1)]
    return [box(w, h + rise, d, c, (x, y + (h + rise) / 2, z), r=0, **o), *cuts]


def wheel(x: float, z: float, r: float, w: float = 0.14, hub: RGB = STEEL) -> list[Part]:
    """A wheel on the ground that rolls towards +Z."""
    return [
        tube(r, w, DARK, (x, r, z), (0, 0, 90), label="wheel"),
        tube(r * 0.55, w + 0.03, hub, (x, r, z), (0, 0, 90), label="hub"),
    ]


def wheels(x: float, z: float, r: float, w: float = 0.14, hub: RGB = STEEL) -> list[Part]:
    return [part for sx in (-1, 1) for sz in (-1, 1) for part in wheel(sx * x, sz * z, r, w, hub)]


def battlements(radius: float, y: float, h: float, c: RGB, at: tuple[float, float] = (0, 0), **o) -> list[Part]:
    """The notched top of a round tower at (x, z): four merlons of height h from `y` up."""
    x, z = at
    notches = [
        box(w, h, d, c, (x, y + h / 2 + 0.01, z), r=0, operation=CARVE, **o)
        for w, d in ((3 * radius, radius * 0.55), (radius * 0.55, 3 * radius))
    ]
    return [
        tube(radius, h, c, (x, y + h / 2, z), **o),
        tube(radius * 0.68, h, dim(c), (x, y + h / 2 + 0.01, z), operation=CARVE, **o),
        *notches,
    ]
