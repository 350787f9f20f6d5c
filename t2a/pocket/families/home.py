"""Cupboards, appliances and other large things of a home."""

from __future__ import annotations

from t2a.pocket.families.base import (
    BLACK,
    COLORS,
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
from t2a.pocket.families.furniture import CORNERS
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, rod, tube


def bookshelf(rng: Random, c: RGB) -> list[Part]:
    w, rows = uniform(rng, 0.85, 1.05), 3
    hues = [v for v in COLORS.values() if v not in (c, COLORS["brown"], COLORS["black"])]
    books = []
    for row in range(rows):
        x = 0.1 - w / 2
        while x < w / 2 - 0.2:
            t, h = uniform(rng, 0.13, 0.2), uniform(rng, 0.3, 0.4)
            if x + t < w / 2 - 0.08:
                at = (x + t / 2, 0.1 + row * 0.5 + h / 2, 0.0)
                books.append(box(t, h, 0.3, hues[rng.integers(len(hues))], at, r=0.015, label="books"))
            x += t
    return [
        *[box(0.09, 1.6, 0.4, c, (s * w / 2, 0.8, 0), label="frame") for s in (-1, 1)],
        *[box(w, 0.09, 0.4, c, (0, 0.055 + i * 0.5, 0), label="shelf") for i in range(rows + 1)],
        box(w, 1.6, 0.07, c, (0, 0.8, -0.17), label="frame"),
        *books,
    ]


def wardrobe(rng: Random, c: RGB) -> list[Part]:
    w, h = uniform(rng, 0.95, 1.15), uniform(rng, 1.35, 1.6)
    knob = GOLD if c != COLORS["yellow"] else DARK
    doors = [
        box(w / 2 - 0.09, h - 0.2, 0.08, light(c, 0.18), (s * w / 4, 0.12 + h / 2, 0.28), label="door") for s in (-1, 1)
    ]
    return [
        *[box(0.14, 0.16, 0.14, dim(c), (x * (w / 2 - 0.08), 0.08, z * 0.2), label="foot") for x, z in CORNERS],
        box(w, h, 0.56, c, (0, 0.12 + h / 2, 0)),
        box(w + 0.14, 0.12, 0.7, dim(c, 0.8), (0, 0.14 + h, 0), label="cornice"),
        *doors,
        *[ball(0.07, knob, (s * 0.12, 0.1 + h / 2, 0.34), label="knob") for s in (-1, 1)],
    ]


def mirror(rng: Random, c: RGB) -> list[Part]:
    rx, ry = uniform(rng, 0.38, 0.46), uniform(rng, 0.62, 0.74)
    y = 0.28 + ry
    return [
        ball(rx, c, (0, y, 0), ry=ry, rz=0.1, label="frame"),
        ball(rx - 0.08, GLASS, (0, y, 0.06), ry=ry - 0.09, rz=0.07, label="glass"),
        *[box(0.1, y, 0.1, c, (s * (rx + 0.05), y / 2, 0), label="stand") for s in (-1, 1)],
        *[ball(0.09, c, (s * (rx + 0.05), y + 0.04, 0), label="stand") for s in (-1, 1)],
        *[box(0.12, 0.1, 0.6, c, (s * (rx + 0.05), 0.05, 0), label="foot") for s in (-1, 1)],
        box(2 * rx + 0.1, 0.1, 0.1, c, (0, 0.16, 0), label="stand"),
    ]


def grandfather_clock(rng: Random, c: RGB) -> list[Part]:
    h = uniform(rng, 0.75, 0.95)
    brass = GOLD if c != COLORS["yellow"] else COLORS["red"]
    y = 0.25 + h + 0.28
    return [
        box(0.66, 0.3, 0.5, c, (0, 0.15, 0), label="base"),
        box(0.5, h, 0.38, c, (0, 0.25 + h / 2, 0)),
        box(0.32, h * 0.8, 0.06, dim(c, 0.4), (0, 0.27 + h / 2, 0.18), label="window"),
        rod((0, 0.25 + h * 0.85, 0.22), (0, 0.25 + h * 0.3, 0.22), 0.03, brass, label="pendulum"),
        tube(0.13, 0.07, brass, (0, 0.25 + h * 0.3, 0.22), (90, 0, 0), label="pendulum"),
        box(0.7, 0.62, 0.48, c, (0, y, 0), label="hood"),
        tube(0.26, 0.08, WHITE, (0, y, 0.23), (90, 0, 0), label="face"),
        box(0.06, 0.2, 0.04, BLACK, (0, y + 0.08, 0.28), r=0.01, label="hand"),
        box(0.16, 0.06, 0.04, BLACK, (0.06, y, 0.28), r=0.01, label="hand"),
        rod((0, y + 0.29, -0.22), (0, y + 0.29, 0.22), 0.3, c, label="hood"),
        ball(0.09, brass, (0, y + 0.62, 0), label="knob"),
    ]


def bathtub(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 1.4, 1.7)
    feet = GOLD if c != COLORS["yellow"] else DARK
    return [
        box(w, 0.55, 0.82, c, (0, 0.4, 0), r=0.24),
        box(w + 0.1, 0.12, 0.92, c, (0, 0.62, 0), r=0.05, label="rim"),
        box(w - 0.16, 0.6, 0.66, dim(c, 0.85), (0, 0.82, 0), r=0.2, operation=CARVE, label="inside"),
        box(w - 0.2, 0.1, 0.62, GLASS, (0, 0.53, 0), r=0.04, group=1, label="water"),
        *[ball(0.11, feet, (x * (w / 2 - 0.25), 0.1, z * 0.27), group=1, label="foot") for x, z in CORNERS],
        rod((w / 2 - 0.04, 0.6, 0), (w / 2 - 0.04, 0.95, 0), 0.06, STEEL, group=1, label="tap"),
        rod((w / 2, 0.92, 0), (w / 2 - 0.26, 0.86, 0), 0.06, STEEL, group=1, label="tap"),
    ]


def fridge(rng: Random, c: RGB) -> list[Part]:
    w, h, k = uniform(rng, 0.72, 0.85), uniform(rng, 1.4, 1.6), uniform(rng, 0.58, 0.68)
    seam, handle = dim(c, 0.45) if c != BLACK else STEEL, STEEL if c != COLORS["grey"] else DARK
    return [
        box(w * 0.9, 0.12, 0.6, DARK, (0, 0.05, 0), label="foot"),
        box(w, h, 0.7, c, (0, 0.08 + h / 2, -0.02), r=0.06),
        box(w - 0.04, h - 0.04, 0.06, seam, (0, 0.08 + h / 2, 0.33), label="seam"),
        box(w, h * k - 0.03, 0.14, c, (0, 0.08 + h * k / 2, 0.41), r=0.05, label="door"),
        box(w, h * (1 - k) - 0.03, 0.14, c, (0, 0.08 + h * (1 + k) / 2, 0.41), r=0.05, label="door"),
        box(0.08, 0.36, 0.1, handle, (-w / 2 + 0.14, 0.08 + h * k - 0.3, 0.5), r=0.03, label="handle"),
        box(0.08, 0.24, 0.1, handle, (-w / 2 + 0.14, 0.08 + h * k + 0.2, 0.5), r=0.03, label="handle"),
    ]


def oven(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 0.85, 1.05)
    trim = DARK if c != BLACK else STEEL
    return [
        box(w * 0.92, 0.12, 0.66, trim, (0, 0.05, 0), label="foot"),
        box(w, 0.82, 0.8, c, (0, 0.47, 0), r=0.03),
        *[tube(0.15, 0.06, trim, (x * w * 0.24, 0.88, z * 0.19), label="burner") for x, z in CORNERS],
        box(w * 0.78, 0.4, 0.05, trim, (0, 0.34, 0.4), label="window"),
        box(
            w * 0.6,
            0.26,
            0.06,
            COLORS["orange"] if c != COLORS["orange"] else COLORS["yellow"],
            (0, 0.31, 0.41),
            label="glow",
        ),
        box(w * 0.78, 0.08, 0.1, STEEL, (0, 0.6, 0.44), r=0.03, label="handle"),
        *[ball(0.06, trim, (x * w * 0.3, 0.76, 0.41), label="knob") for x in (-1, -0.33, 0.33, 1)],
    ]


def fireplace(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 1.2, 1.45)
    flames = [(0, 0.42, COLORS["orange"]), (-0.17, 0.3, COLORS["red"]), (0.17, 0.32, COLORS["yellow"])]
    return [
        box(w, 1.1, 0.5, c, (0, 0.6, 0)),
        box(w * 0.56, 0.7, 0.8, DARK, (0, 0.43, 0.3), r=0.1, operation=CARVE, label="hearth"),
        box(w + 0.16, 0.12, 0.75, dim(c, 0.7), (0, 0.06, 0.06), group=1, label="base"),
        box(w + 0.16, 0.13, 0.66, dim(c, 0.7), (0, 1.18, 0.02), group=1, label="mantel"),
        *[
            box(0.16, 0.14, 0.1, light(c, 0.3), (s * w * 0.39, y, 0.23), group=1, label="brick")
            for s in (-1, 1)
            for y in (0.3, 0.58, 0.86)
        ],
        *[rod((-0.24, 0.17, z), (0.24, 0.17, z), 0.07, WOOD, group=1, label="log") for z in (0.08, 0.22)],
        *[cone(0.12, 0.01, h, v, (x, 0.2 + h / 2, 0.15), group=1, label="fire") for x, h, v in flames],
    ]


FAMILIES = {
    "bookshelf": Family(bookshelf, "brown", also=("bookcase",), flat=True),
    "wardrobe": Family(wardrobe, "brown", also=("closet", "cupboard"), flat=True, paintable=("door",)),
    "mirror": Family(mirror, "brown", also=("looking glass", "standing mirror")),
    "grandfather clock": Family(grandfather_clock, "brown", also=("longcase clock", "pendulum clock")),
    "bathtub": Family(bathtub, "white", also=("bath", "tub", "bath tub"), hollow=((0, 0.57, 0), 0.27)),
    "fridge": Family(fridge, "white", also=("refrigerator", "icebox"), flat=True, paintable=("door",)),
    "oven": Family(oven, "white", also=("stove", "cooker")),
    "fireplace": Family(fireplace, "red", also=("hearth", "open fire"), flat=True),
}
