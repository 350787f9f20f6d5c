"""Vehicles of roads and rails."""

from __future__ import annotations

from t2a.pocket.families.base import COLORS, CREAM, DARK, GLASS, GOLD, STEEL, Family, Random, dim, light, uniform
from t2a.pocket.families.construction import cut, wheel, wheels
from t2a.pocket.shapes import RGB, Part, ball, box, cone, rod, tube


def other(c: RGB, first: str, second: str) -> RGB:
    """The first named colour, or the second where the object has the first."""
    return COLORS[second] if c == COLORS[first] else COLORS[first]


def _car(rng: Random, c: RGB, upper: RGB) -> list[Part]:
    """A hatchback or a sedan; doors and roof are of the colour `upper`."""
    d, h, sedan = uniform(rng, 1.5, 1.75), uniform(rng, 0.27, 0.36), rng.random() < 0.5
    front, back, slant = d * 0.2, (-d * 0.36 if sedan else -d * 0.47), (0.65 if sedan else 0.3)
    roof_front, roof_back = front - 0.75 * h, back + slant * h
    middle = (front + back) / 2
    lights = [ball(0.1, CREAM, (s * 0.26, 0.4, d / 2 - 0.02), rz=0.06, label="light") for s in (-1, 1)] + [
        box(0.15, 0.13, 0.08, other(c, "red", "orange"), (s * 0.27, 0.42, -d / 2), label="light") for s in (-1, 1)
    ]
    return [
        box(0.8, 0.32, d, c, (0, 0.36, 0), r=0.06),
        box(0.82, 0.24, front - back - 0.25, upper, (0, 0.38, middle), r=0.03, label="doors"),
        box(0.7, h, front - back, GLASS, (0, 0.5 + h / 2, middle), group=1, label="windows"),
        cut((0, 0.5, front), (0, 0.6, 0.8), GLASS, group=1, label="windows"),
        cut((0, 0.5, back), (0, slant, -1), GLASS, group=1, label="windows"),
        box(0.72, 0.08, roof_front - roof_back, upper, (0, 0.5 + h, (roof_front + roof_back) / 2), label="roof"),
        box(0.72, h, 0.09, upper, (0, 0.5 + h / 2, middle), label="roof"),
        *[box(0.8, 0.1, 0.1, STEEL, (0, 0.24, s * d / 2), r=0.04, label="bumper") for s in (-1, 1)],
        *wheels(0.36, d * 0.31, uniform(rng, 0.19, 0.22), 0.17),
        *lights,
    ]


def car(rng: Random, c: RGB) -> list[Part]:
    return _car(rng, c, c)


def police_car(rng: Random, c: RGB) -> list[Part]:
    parts = _car(rng, c, other(c, "white", "blue"))
    roof = next(p for p in parts if p.label == "roof")
    x, y, z = roof.center
    return [
        *parts,
        box(0.6, 0.08, 0.2, STEEL, (x, y + 0.05, z), label="light bar"),
        *[
            ball(0.15, COLORS[color], (x + s * 0.17, y + 0.12, z), ry=0.12, label="light bar")
            for s, color in ((-1, "red"), (1, "blue"))
        ],
    ]


def truck(rng: Random, c: RGB) -> list[Part]:
    d, h, nose = uniform(rng, 1.0, 1.3), uniform(rng, 0.75, 0.95), uniform(rng, 0.0, 0.3)
    front = d / 2 + 0.18
    cab = other(c, "white", "grey")
    return [
        box(0.8, h, d, c, (0, 0.28 + h / 2, -0.3), r=0.02, label="cargo"),
        *[
            box(0.33, h - 0.16, 0.06, light(c, 0.3), (s * 0.19, 0.28 + h / 2, -0.3 - d / 2), label="cargo")
            for s in (-1, 1)
        ],
        box(0.72, 0.6, 0.48, cab, (0, 0.55, d / 2 - 0.04), r=0.05, label="cab"),
        box(0.7, 0.34, 0.3 + nose, cab, (0, 0.42, front - 0.15 + nose / 2), r=0.06, label="cab"),
        box(0.6, 0.22, 0.08, GLASS, (0, 0.7, front), label="windows"),
        box(0.76, 0.22, 0.24, GLASS, (0, 0.7, d / 2), label="windows"),
        box(0.78, 0.12, 0.12, STEEL, (0, 0.28, front + nose), label="bumper"),
        box(0.6, 0.14, d + 0.6, DARK, (0, 0.24, -0.05), label="frame"),
        *[ball(0.07, GOLD, (s * 0.24, 0.44, front + nose), label="light") for s in (-1, 1)],
        *wheels(0.34, d * 0.46, 0.2, 0.16),
    ]


def bus(rng: Random, c: RGB) -> list[Part]:
    d, decks = uniform(rng, 1.7, 2.0), 1 + (rng.random() < 0.35)
    h = 0.4 + 0.42 * decks
    windows = [
        box(0.74, 0.24, d / 7.5, GLASS, (0, 0.82 + 0.42 * k, d * (i - 2) / 5.6), label="windows")
        for k in range(decks)
        for i in range(5)
    ]
    ends = [box(0.56, 0.26, d + 0.06, GLASS, (0, 0.82 + 0.42 * k, 0), label="windows") for k in range(decks)]
    return [
        box(0.72, h, d, c, (0, 0.2 + h / 2, 0), r=0.06),
        *windows,
        *ends,
        box(0.76, 0.08, d * 0.96, light(c, 0.6), (0, 0.58, 0), label="stripe"),
        *[box(0.74, 0.12, 0.1, STEEL, (0, 0.24, s * d / 2), label="bumper") for s in (-1, 1)],
        *[ball(0.08, CREAM, (s * 0.24, 0.42, d / 2), label="light") for s in (-1, 1)],
        *wheels(0.32, d * 0.3, 0.19),
    ]


def fire_engine(rng: Random, c: RGB) -> list[Part]:
    d, rise = uniform(rng, 1.6, 1.9), uniform(rng, 0.15, 0.4)
    low, high = (1.0, -d / 2 + 0.1), (1.08 + rise, d / 2 + 0.05)
    rungs = [(low[0] + (high[0] - low[0]) * t, low[1] + (high[1] - low[1]) * t) for t in (0.06, 0.28, 0.5, 0.72, 0.94)]
    blue = other(c, "blue", "orange")
    return [
        box(0.74, 0.62, d * 0.66, c, (0, 0.52, -d * 0.17), r=0.03),
        box(0.74, 0.78, d * 0.32, c, (0, 0.6, d * 0.34), r=0.05, label="cab"),
        box(0.6, 0.3, 0.06, GLASS, (0, 0.74, d / 2), label="windows"),
        box(0.78, 0.28, d * 0.2, GLASS, (0, 0.75, d * 0.35), label="windows"),
        box(0.78, 0.1, d * 0.98, other(c, "white", "red"), (0, 0.44, 0), label="stripe"),
        *[box(0.78, 0.24, d * 0.2, STEEL, (0, 0.66, d * z), label="locker") for z in (-0.36, -0.1)],
        tube(0.2, 0.24, STEEL, (0, 0.88, -d * 0.3), label="turntable"),
        *[rod((s * 0.18, *low), (s * 0.18, *high), 0.055, STEEL, label="ladder") for s in (-1, 1)],
        *[rod((-0.18, y, z), (0.18, y, z), 0.045, STEEL, label="ladder") for y, z in rungs],
        *[tube(0.09, 0.18, blue, (s * 0.27, 1.04, d * 0.42), label="light") for s in (-1, 1)],
        box(0.78, 0.12, 0.1, STEEL, (0, 0.26, d / 2), label="bumper"),
        *wheels(0.34, d * 0.3, 0.2, 0.16),
    ]


def racing_car(rng: Random, c: RGB) -> list[Part]:
    d, wing = uniform(rng, 0.8, 0.95), uniform(rng, 0.55, 0.72)
    accent = other(c, "white", "red")
    return [
        cone(0.2, 0.1, d, c, (0, 0.26, d / 2), (90, 0, 0), label="nose"),
        box(0.42, 0.3, d * 0.8, c, (0, 0.3, -d * 0.3), r=0.1),
        *[box(0.22, 0.24, d * 0.55, c, (s * 0.3, 0.26, -d * 0.25), r=0.08, label="side") for s in (-1, 1)],
        cone(0.16, 0.06, 0.6, c, (0, 0.46, -d * 0.5), (-80, 0, 0), label="airbox"),
        ball(0.16, accent, (0, 0.52, 0.02), label="helmet"),
        box(0.24, 0.09, 0.1, DARK, (0, 0.54, 0.13), r=0.04, label="visor"),
        box(0.86, 0.08, 0.26, accent, (0, 0.14, d), label="wing"),
        box(0.86, 0.08, 0.28, accent, (0, wing, -d * 0.8), label="wing"),
        *[box(0.08, 0.3, 0.3, c, (s * 0.42, wing - 0.04, -d * 0.8), label="wing") for s in (-1, 1)],
        box(0.14, wing - 0.2, 0.14, DARK, (0, wing / 2 + 0.1, -d * 0.76), label="wing"),
        *[rod((-0.42, 0.24, z), (0.42, 0.24, z), 0.05, DARK, label="axle") for z in (d * 0.62, -d * 0.52)],
        *[part for s in (-1, 1) for part in wheel(s * 0.42, d * 0.62, 0.2, 0.2, GOLD)],
        *[part for s in (-1, 1) for part in wheel(s * 0.44, -d * 0.52, 0.24, 0.26, GOLD)],
    ]


def train(rng: Random, c: RGB) -> list[Part]:
    h, d = uniform(rng, 0.25, 0.38), uniform(rng, 0.85, 1.1)
    hub = other(c, "red", "yellow")
    front = d - 0.2
    return [
        tube(0.3, d, c, (0, 0.56, front - d / 2), (90, 0, 0), label="boiler"),
        tube(0.32, 0.1, dim(c), (0, 0.56, front - 0.12), (90, 0, 0), label="boiler"),
        tube(0.32, 0.1, GOLD, (0, 0.56, front - d * 0.55), (90, 0, 0), label="boiler"),
        box(0.7, 0.82, 0.52, c, (0, 0.64, -0.42), r=0.03, label="cab"),
        box(0.74, 0.26, 0.26, GLASS, (0, 0.8, -0.42), label="windows"),
        box(0.84, 0.1, 0.66, DARK, (0, 1.07, -0.42), r=0.04, label="roof"),
        cone(0.1, 0.17, h, DARK, (0, 0.8 + h / 2, front - 0.25), label="chimney"),
        ball(0.13, GOLD, (0, 0.84, front - d * 0.6), label="dome"),
        box(0.62, 0.16, d + 0.5, DARK, (0, 0.24, front / 2 - 0.35), label="frame"),
        box(0.7, 0.24, 0.34, DARK, (0, 0.14, front + 0.02), (-45, 0, 0), label="cowcatcher"),
        *wheel(0.32, -0.42, 0.24, 0.12, hub),
        *wheel(-0.32, -0.42, 0.24, 0.12, hub),
        *[part for s in (-1, 1) for z in (0.02, d * 0.42) for part in wheel(s * 0.32, z, 0.17, 0.12, hub)],
        ball(0.1, CREAM, (0, 0.6, front), label="light"),
    ]


FAMILIES = {
    "car": Family(car, "red", also=("automobile", "hatchback", "sedan"), flat=True),
    "police car": Family(police_car, "blue", also=("cop car", "patrol car")),
    "truck": Family(truck, "blue", also=("lorry",), flat=True, paintable=("cab",)),
    "bus": Family(bus, "yellow", also=("school bus", "coach"), flat=True),
    "fire engine": Family(fire_engine, "red", also=("fire truck", "firetruck")),
    "racing car": Family(racing_car, "red", also=("race car", "formula one car")),
    "train": Family(train, "green", also=("locomotive", "steam engine", "steam train")),
}
