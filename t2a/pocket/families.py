"""The object families of the pocket world: each builds a shape of parametric parts around one main colour.

A builder takes a random generator (proportions vary inside a family) and the main colour; it may use any units and
any origin, base towards -Y, front towards +Z: the world normalises. `head` is where a hat sits: (top centre, radius),
in the builder's own units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from t2a.pocket.shapes import CARVE, RGB, Part, Vector, ball, box, cone, ring, rod, tube

COLORS: dict[str, RGB] = {
    "red": (0.86, 0.10, 0.10),
    "orange": (0.97, 0.52, 0.08),
    "yellow": (0.98, 0.85, 0.12),
    "green": (0.14, 0.62, 0.18),
    "turquoise": (0.15, 0.78, 0.75),
    "blue": (0.12, 0.26, 0.85),
    "purple": (0.52, 0.16, 0.70),
    "pink": (0.98, 0.52, 0.72),
    "brown": (0.43, 0.24, 0.11),
    "white": (0.97, 0.97, 0.97),
    "grey": (0.48, 0.48, 0.50),
    "black": (0.07, 0.07, 0.08),
}
WOOD, DARK, STEEL, SKIN, CREAM, GLASS, LEAF, GOLD = (
    (0.50, 0.31, 0.16),
    (0.10, 0.10, 0.11),
    (0.62, 0.64, 0.68),
    (0.93, 0.74, 0.60),
    (0.95, 0.90, 0.78),
    (0.62, 0.80, 0.90),
    (0.16, 0.50, 0.17),
    (0.93, 0.74, 0.18),
)
WHITE, BLACK = COLORS["white"], COLORS["black"]

Random = np.random.Generator
Builder = Callable[[Random, RGB], list[Part]]


@dataclass(frozen=True)
class Family:
    build: Builder
    color: str
    """The colour it has when the caption names none."""
    head: tuple[Vector, float] | None = None
    """Where a hat sits, and how wide the head is there."""
    neck: tuple[Vector, float] | None = None
    flat: bool = False
    """Whether other objects can stand on it."""


def _u(rng: Random, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _dim(c: RGB, f: float = 0.6) -> RGB:
    return (c[0] * f, c[1] * f, c[2] * f)


def _light(c: RGB, f: float = 0.5) -> RGB:
    return (c[0] + (1 - c[0]) * f, c[1] + (1 - c[1]) * f, c[2] + (1 - c[2]) * f)


def _eyes(y: float, z: float, gap: float, r: float, white: bool = False) -> list[Part]:
    eyes = [ball(r, BLACK, (s * gap, y, z), label="eye") for s in (-1, 1)]
    return [ball(r * 1.6, WHITE, (s * gap, y, z - r * 0.8), label="eye") for s in (-1, 1)] + eyes if white else eyes


# --- simple solids


def cube(rng: Random, c: RGB) -> list[Part]:
    return [box(1, 1, 1, c, r=_u(rng, 0.01, 0.08))]


def sphere(rng: Random, c: RGB) -> list[Part]:
    return [ball(0.5, c)]


def cone_(rng: Random, c: RGB) -> list[Part]:
    return [cone(_u(rng, 0.42, 0.52), 0.01, 1.0, c)]


def cylinder(rng: Random, c: RGB) -> list[Part]:
    return [tube(_u(rng, 0.3, 0.42), 1.0, c)]


def torus(rng: Random, c: RGB) -> list[Part]:
    return [ring(0.5, _u(rng, 0.13, 0.2), c, rot=(90, 0, 0))]


def pyramid(rng: Random, c: RGB) -> list[Part]:
    steps = 7
    return [box(1 - i / steps, 1 / steps + 0.01, 1 - i / steps, c, (0, i / steps, 0), r=0.005) for i in range(steps)]


# --- plants and food


def mushroom(rng: Random, c: RGB) -> list[Part]:
    w, h = _u(rng, 0.5, 0.68), _u(rng, 0.5, 0.75)
    spots = [
        ball(0.09, WHITE, (w * 0.72 * np.sin(a), h + 0.30 * e, w * 0.72 * np.cos(a)), label="spot", group=2)
        for a, e in [(0.3, 0.7), (1.5, 0.6), (2.7, 0.7), (3.9, 0.6), (5.2, 0.7)]
    ]
    cap = [
        ball(w, c, (0, h, 0), ry=0.42, label="cap"),
        box(3, 1, 3, CREAM, (0, h - 0.55, 0), r=0, operation=CARVE, label="gills"),
    ]
    stem = [cone(0.22, 0.15, h, CREAM, (0, h / 2, 0), r=0.03, group=1, label="stem")]
    return [*cap, *stem, *spots, ball(0.1, WHITE, (0, h + 0.39, 0), label="spot", group=2)]


def tree(rng: Random, c: RGB) -> list[Part]:
    r = _u(rng, 0.38, 0.48)
    crown = [(0, 1.05, 0), (0.24, 0.9, 0.1), (-0.22, 0.92, -0.1), (0.0, 0.88, 0.25), (0.05, 0.9, -0.25)]
    leaves = [ball(r * (1 if i == 0 else 0.72), c, p, blend=0.06, label="leaves") for i, p in enumerate(crown)]
    return leaves + [cone(0.14, 0.09, 0.9, WOOD, (0, 0.4, 0), group=1, label="trunk")]


def pine(rng: Random, c: RGB) -> list[Part]:
    w = _u(rng, 0.42, 0.55)
    layers = [cone(w * (1 - 0.25 * i), 0.02, 0.55, c, (0, 0.55 + 0.3 * i, 0), label="leaves") for i in range(3)]
    return layers + [tube(0.09, 0.4, WOOD, (0, 0.15, 0), label="trunk")]


def cactus(rng: Random, c: RGB) -> list[Part]:
    h = _u(rng, 0.9, 1.15)
    body = [ball(0.2, c, (0, 0.3 + h * 0.4, 0), ry=h * 0.55)]
    arms = []
    for s, y in ((1, _u(rng, 0.45, 0.6)), (-1, _u(rng, 0.6, 0.75))):
        arms += [
            rod((0, y, 0), (s * 0.36, y, 0), 0.09, c, blend=0.08),
            ball(0.1, c, (s * 0.38, y + 0.15, 0), ry=0.25, blend=0.05),
        ]
    pot = cone(0.22, 0.3, 0.34, (0.72, 0.36, 0.22), (0, 0.1, 0), group=1, label="pot")
    return body + arms + [pot]


def flower(rng: Random, c: RGB) -> list[Part]:
    n = int(rng.integers(5, 8))
    petals = []
    for i in range(n):
        a = 2 * np.pi * i / n
        petals.append(ball(0.19, c, (0.27 * np.sin(a), 1.0 + 0.27 * np.cos(a), 0), ry=0.19, rz=0.07, label="petal"))
    stem = [
        rod((0, 0, -0.03), (0, 1.0, -0.03), 0.035, LEAF, label="stem"),
        ball(0.2, LEAF, (0.16, 0.35, -0.03), ry=0.06, rz=0.09, rot=(0, 0, 35), label="leaf"),
    ]
    return petals + stem + [ball(0.15, GOLD, (0, 1.0, 0.05), rz=0.08, label="center")]


def apple(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.5, c, (0, 0.46, 0), ry=_u(rng, 0.44, 0.5)),
        ball(0.16, _dim(c), (0, 0.98, 0), ry=0.12, operation=CARVE),
        rod((0, 0.82, 0), (0.06, 1.12, 0), 0.03, WOOD, group=1, label="stem"),
        ball(0.16, LEAF, (0.19, 1.05, 0), ry=0.04, rz=0.08, rot=(0, 0, 25), group=1, label="leaf"),
    ]


def pumpkin(rng: Random, c: RGB) -> list[Part]:
    n, h = 9, _u(rng, 0.36, 0.44)
    ribs = [
        ball(0.24, c, (0.27 * np.sin(2 * np.pi * i / n), h, 0.27 * np.cos(2 * np.pi * i / n)), ry=h) for i in range(n)
    ]
    return ribs + [
        ball(0.3, c, (0, h, 0), ry=h * 0.9),
        cone(0.08, 0.05, 0.22, LEAF, (0, 2 * h + 0.04, 0), label="stem"),
    ]


def ice_cream(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.36, c, (0, 1.02, 0), label="scoop"),
        cone(0.03, 0.32, 0.9, (0.85, 0.62, 0.34), (0, 0.45, 0), label="cone"),
        ring(0.31, 0.07, c, (0, 0.9, 0), label="scoop"),
        ball(0.09, COLORS["red"], (0, 1.4, 0), label="cherry"),
    ]


def cake(rng: Random, c: RGB) -> list[Part]:
    candles = []
    for i in range(4):
        a = np.pi / 4 + np.pi / 2 * i
        x, z = 0.2 * np.sin(a), 0.2 * np.cos(a)
        candles += [
            tube(0.03, 0.2, WHITE, (x, 0.86, z), label="candle"),
            ball(0.045, GOLD, (x, 1.0, z), ry=0.07, label="flame"),
        ]
    return [
        tube(0.55, 0.4, c, (0, 0.24, 0), r=0.02),
        tube(0.36, 0.34, _light(c), (0, 0.6, 0), r=0.02, label="top"),
        tube(0.7, 0.05, WHITE, (0, 0.02, 0), label="plate"),
        *candles,
    ]


def donut(rng: Random, c: RGB) -> list[Part]:
    rings = [
        ring(0.4, 0.2, (0.82, 0.58, 0.32), rot=(0, 0, 0), label="dough"),
        ring(0.4, 0.185, c, (0, 0.05, 0), label="icing"),
    ]
    for i in range(10):
        a = 0.6 * i + 0.3
        rings.append(ball(0.035, WHITE if i % 2 else GOLD, (0.4 * np.sin(a), 0.23, 0.4 * np.cos(a)), label="sprinkle"))
    return rings


def banana(rng: Random, c: RGB) -> list[Part]:
    points = [(0.75 * np.sin(a), 0.75 - 0.75 * np.cos(a), 0) for a in np.linspace(-1.0, 1.0, 7)]
    radii = [0.05, 0.13, 0.16, 0.17, 0.16, 0.13, 0.05]
    rods = [rod(points[i], points[i + 1], radii[i], c, radii[i + 1], blend=0.03) for i in range(6)]
    return rods + [ball(0.06, WOOD, points[0], label="tip"), ball(0.06, WOOD, points[6], label="tip")]


# --- furniture and household


def chair(rng: Random, c: RGB) -> list[Part]:
    w, h, b = _u(rng, 0.62, 0.8), _u(rng, 0.45, 0.6), _u(rng, 0.6, 0.8)
    legs = [
        box(0.09, h, 0.09, _dim(c, 0.75), (x * (w / 2 - 0.05), h / 2, z * (w / 2 - 0.05)), label="leg")
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    return [
        *legs,
        box(w, 0.1, w, c, (0, h, 0), label="seat"),
        box(w, b, 0.09, c, (0, h + b / 2, -w / 2 + 0.045), label="back"),
    ]


def stool(rng: Random, c: RGB) -> list[Part]:
    h = _u(rng, 0.7, 0.95)
    legs = [
        rod((0.33 * x, 0, 0.33 * z), (0.18 * x, h, 0.18 * z), 0.05, WOOD, label="leg") for x in (-1, 1) for z in (-1, 1)
    ]
    return [*legs, tube(0.36, 0.1, c, (0, h, 0), r=0.02, label="seat")]


def table(rng: Random, c: RGB) -> list[Part]:
    w, d, h = _u(rng, 1.0, 1.3), _u(rng, 0.65, 0.85), _u(rng, 0.55, 0.7)
    legs = [
        box(0.1, h, 0.1, c, (x * (w / 2 - 0.08), h / 2, z * (d / 2 - 0.08)), label="leg")
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    return [*legs, box(w, 0.1, d, c, (0, h, 0), label="top")]


def sofa(rng: Random, c: RGB) -> list[Part]:
    w = _u(rng, 1.2, 1.5)
    arms = [box(0.2, 0.5, 0.65, c, (s * (w / 2 - 0.1), 0.33, 0), r=0.07, label="arm") for s in (-1, 1)]
    cushions = [
        box((w - 0.42) / 2, 0.16, 0.5, _light(c, 0.25), (s * (w - 0.42) / 4, 0.42, 0.07), r=0.05, label="cushion")
        for s in (-1, 1)
    ]
    return [
        box(w, 0.3, 0.65, c, (0, 0.22, 0), r=0.05),
        box(w, 0.75, 0.2, c, (0, 0.48, -0.25), r=0.07, label="back"),
        *arms,
        *cushions,
    ]


def bed(rng: Random, c: RGB) -> list[Part]:
    d = _u(rng, 1.3, 1.5)
    return [
        box(0.95, 0.2, d, WOOD, (0, 0.2, 0), label="frame"),
        box(0.95, 0.6, 0.09, WOOD, (0, 0.4, -d / 2), label="headboard"),
        box(0.88, 0.2, d * 0.96, c, (0, 0.36, 0.02), r=0.06, label="blanket"),
        box(0.6, 0.14, 0.28, WHITE, (0, 0.5, -d / 2 + 0.25), r=0.06, label="pillow"),
    ]


def lamp(rng: Random, c: RGB) -> list[Part]:
    h = _u(rng, 0.7, 0.95)
    return [
        tube(0.26, 0.07, DARK, (0, 0.03, 0), label="foot"),
        tube(0.04, h, DARK, (0, h / 2, 0), label="pole"),
        cone(0.42, 0.22, 0.45, c, (0, h + 0.1, 0), label="shade"),
    ]


def mug(rng: Random, c: RGB) -> list[Part]:
    r, h = _u(rng, 0.33, 0.4), _u(rng, 0.7, 0.9)
    return [
        ring(h * 0.27, 0.06, c, (r + 0.05, h / 2, 0), rot=(90, 0, 0), label="handle"),
        tube(r, h, c, (0, h / 2, 0), r=0.015),
        tube(r - 0.07, h, _light(c, 0.4), (0, h / 2 + 0.1, 0), operation=CARVE, label="inside"),
    ]


def teapot(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.5, c, (0, 0.45, 0), ry=_u(rng, 0.38, 0.46)),
        rod((0.4, 0.35, 0), (0.82, 0.72, 0), 0.13, c, 0.06, label="spout"),
        ring(0.26, 0.055, c, (-0.52, 0.5, 0), rot=(90, 0, 0), label="handle"),
        ball(0.28, _dim(c, 0.8), (0, 0.82, 0), ry=0.1, label="lid"),
        ball(0.08, _dim(c, 0.8), (0, 0.95, 0), label="lid"),
    ]


def vase(rng: Random, c: RGB) -> list[Part]:
    r = _u(rng, 0.34, 0.44)
    return [
        ball(r, c, (0, 0.45, 0), ry=0.45, blend=0.05),
        cone(0.26, 0.2, 0.2, c, (0, 0.05, 0), blend=0.05),
        cone(0.15, 0.27, 0.35, c, (0, 1.0, 0), blend=0.12),
        tube(0.17, 0.5, _dim(c, 0.4), (0, 1.1, 0), operation=CARVE),
    ]


def bottle(rng: Random, c: RGB) -> list[Part]:
    return [
        tube(0.27, 0.8, c, (0, 0.4, 0), r=0.03),
        cone(0.28, 0.1, 0.25, c, (0, 0.93, 0)),
        tube(0.1, 0.3, c, (0, 1.15, 0)),
        tube(0.12, 0.1, WOOD, (0, 1.33, 0), label="cork"),
    ]


def book(rng: Random, c: RGB) -> list[Part]:
    t = _u(rng, 0.18, 0.28)
    return [
        box(0.8, 1.05, t - 0.06, CREAM, (0.02, 0.55, 0), r=0.005, label="pages"),
        box(0.88, 1.12, 0.045, c, (0, 0.55, t / 2), r=0.01),
        box(0.88, 1.12, 0.045, c, (0, 0.55, -t / 2), r=0.01),
        box(0.06, 1.12, t + 0.04, c, (-0.43, 0.55, 0), r=0.02),
    ]


def umbrella(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.72, c, (0, 0.85, 0), ry=0.45, label="canopy"),
        ball(0.68, _dim(c, 0.7), (0, 0.79, 0), ry=0.42, operation=CARVE),
        box(3, 1, 3, _dim(c, 0.7), (0, 0.38, 0), r=0, operation=CARVE),
        rod((0, 0.0, 0), (0, 1.38, 0), 0.03, DARK, group=1, label="pole"),
        ring(0.1, 0.035, WOOD, (0.1, 0.0, 0), rot=(90, 0, 0), group=1, label="handle"),
    ]


def guitar(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.36, c, (0, 0.32, 0), ry=0.32, rz=0.1, blend=0.06),
        ball(0.27, c, (0, 0.7, 0), ry=0.26, rz=0.1, blend=0.1),
        box(0.09, 0.8, 0.06, WOOD, (0, 1.2, 0.05), label="neck"),
        box(0.16, 0.22, 0.06, DARK, (0, 1.65, 0.05), label="headstock"),
        ball(0.12, DARK, (0, 0.58, 0.075), rz=0.04, label="hole"),
        box(0.2, 0.05, 0.05, DARK, (0, 0.25, 0.1), label="bridge"),
    ]


# --- vehicles


def _wheels(x: float, z: float, r: float, w: float = 0.14) -> list[Part]:
    wheels = []
    for sx in (-1, 1):
        for sz in (-1, 1):
            wheels += [
                tube(r, w, DARK, (sx * x, r, sz * z), (0, 0, 90), label="wheel"),
                tube(r * 0.5, w + 0.03, STEEL, (sx * x, r, sz * z), (0, 0, 90), label="hub"),
            ]
    return wheels


def car(rng: Random, c: RGB) -> list[Part]:
    d, h = _u(rng, 1.45, 1.7), _u(rng, 0.28, 0.36)
    lights = [ball(0.08, CREAM, (s * 0.24, 0.38, d / 2), label="light") for s in (-1, 1)] + [
        ball(0.07, COLORS["red"], (s * 0.24, 0.38, -d / 2), label="light") for s in (-1, 1)
    ]
    return [
        box(0.78, 0.34, d, c, (0, 0.36, 0), r=0.1),
        box(0.62, h, d * 0.48, GLASS, (0, 0.62, -0.08), r=0.08, label="windows"),
        box(0.6, 0.08, d * 0.44, c, (0, 0.62 + h / 2, -0.08), r=0.04, label="roof"),
        *_wheels(0.38, d * 0.31, 0.19),
        *lights,
    ]


def truck(rng: Random, c: RGB) -> list[Part]:
    d = _u(rng, 0.95, 1.2)
    return [
        box(0.75, 0.75, d, c, (0, 0.65, -0.3), r=0.03, label="cargo"),
        box(0.72, 0.6, 0.45, WHITE, (0, 0.55, d / 2 - 0.02), r=0.06, label="cab"),
        box(0.62, 0.24, 0.1, GLASS, (0, 0.68, d / 2 + 0.18), r=0.02, label="windows"),
        *_wheels(0.33, d * 0.45, 0.18),
    ]


def bus(rng: Random, c: RGB) -> list[Part]:
    d = _u(rng, 1.7, 2.0)
    windows = [box(0.72, 0.24, d / 7, GLASS, (0, 0.82, d * (i - 2) / 5.4), r=0.02, label="windows") for i in range(5)]
    return [
        box(0.7, 0.85, d, c, (0, 0.6, 0), r=0.07),
        *windows,
        box(0.58, 0.3, 0.06, GLASS, (0, 0.8, d / 2), r=0.02, label="windows"),
        *_wheels(0.32, d * 0.3, 0.17),
    ]


def train(rng: Random, c: RGB) -> list[Part]:
    h = _u(rng, 0.25, 0.35)
    return [
        tube(0.3, 0.9, c, (0, 0.52, 0.25), (90, 0, 0), label="boiler"),
        box(0.68, 0.8, 0.5, c, (0, 0.62, -0.42), r=0.03, label="cab"),
        box(0.8, 0.08, 0.62, DARK, (0, 1.05, -0.42), label="roof"),
        cone(0.09, 0.15, h, DARK, (0, 0.8 + h / 2, 0.5), label="chimney"),
        box(0.6, 0.14, 1.4, DARK, (0, 0.22, 0.0), label="frame"),
        *_wheels(0.3, 0.4, 0.17, 0.1),
        ball(0.09, GOLD, (0, 0.52, 0.72), label="light"),
    ]


def airplane(rng: Random, c: RGB) -> list[Part]:
    span = _u(rng, 1.6, 2.0)
    return [
        ball(0.2, c, (0, 0.4, 0), rz=0.95),
        box(span, 0.06, 0.36, _light(c, 0.3), (0, 0.38, 0.1), label="wing"),
        box(0.62, 0.05, 0.2, _light(c, 0.3), (0, 0.45, -0.8), label="tail"),
        box(0.05, 0.36, 0.24, _light(c, 0.3), (0, 0.6, -0.8), label="tail"),
        ball(0.13, GLASS, (0, 0.53, 0.45), rz=0.25, label="windows"),
    ]


def rocket(rng: Random, c: RGB) -> list[Part]:
    h = _u(rng, 0.9, 1.15)
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
        cone(0.24, 0.01, 0.45, _dim(c, 0.7), (0, h + 0.37, 0), label="nose"),
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


# --- animals and characters


def dog(rng: Random, c: RGB) -> list[Part]:
    legs = [rod((x * 0.15, 0, z), (x * 0.15, 0.4, z), 0.075, c, label="leg") for x in (-1, 1) for z in (-0.3, 0.28)]
    ears = [ball(0.08, _dim(c, 0.5), (s * 0.2, 0.86, 0.48), ry=0.17, rz=0.1, label="ear") for s in (-1, 1)]
    return [
        ball(0.24, c, (0, 0.5, 0), rz=0.46, blend=0.04),
        ball(0.23, c, (0, 0.82, 0.5), blend=0.04, label="head"),
        ball(0.12, _light(c, 0.35), (0, 0.76, 0.72), rz=0.14, label="snout"),
        ball(0.05, BLACK, (0, 0.8, 0.85), label="nose"),
        *_eyes(0.9, 0.69, 0.09, 0.035),
        *legs,
        *ears,
        rod((0, 0.6, -0.4), (0, 0.92, -0.62), 0.06, c, 0.03, label="tail"),
    ]


def cat(rng: Random, c: RGB) -> list[Part]:
    legs = [rod((x * 0.12, 0, z), (x * 0.12, 0.35, z), 0.06, c, label="leg") for x in (-1, 1) for z in (-0.26, 0.24)]
    ears = [cone(0.09, 0.005, 0.18, c, (s * 0.13, 0.98, 0.42), label="ear") for s in (-1, 1)]
    return [
        ball(0.2, c, (0, 0.44, 0), rz=0.42, blend=0.04),
        ball(0.23, c, (0, 0.76, 0.42), ry=0.2, blend=0.04, label="head"),
        ball(0.03, COLORS["pink"], (0, 0.74, 0.64), label="nose"),
        *_eyes(0.82, 0.6, 0.09, 0.045),
        *legs,
        *ears,
        rod((0, 0.5, -0.38), (0, 0.85, -0.58), 0.045, c, label="tail"),
        rod((0, 0.85, -0.58), (0, 1.1, -0.48), 0.045, c, label="tail"),
    ]


def rabbit(rng: Random, c: RGB) -> list[Part]:
    e = _u(rng, 0.26, 0.34)
    ears = [ball(0.075, c, (s * 0.1, 0.95 + e, 0.12), ry=e, rz=0.05, label="ear") for s in (-1, 1)]
    return [
        ball(0.32, c, (0, 0.32, -0.08), rz=0.36),
        ball(0.25, c, (0, 0.76, 0.14), blend=0.05, label="head"),
        *ears,
        ball(0.1, WHITE, (0, 0.25, -0.45), label="tail"),
        *_eyes(0.82, 0.34, 0.1, 0.04),
        ball(0.035, COLORS["pink"], (0, 0.74, 0.39), label="nose"),
        *[ball(0.09, c, (s * 0.15, 0.07, 0.25), rz=0.17, label="foot") for s in (-1, 1)],
    ]


def bear(rng: Random, c: RGB) -> list[Part]:
    limbs = [ball(0.13, c, (s * 0.33, 0.55, 0.1), ry=0.2, rot=(0, 0, s * 35), label="arm") for s in (-1, 1)] + [
        ball(0.16, c, (s * 0.2, 0.12, 0.12), rz=0.22, label="leg") for s in (-1, 1)
    ]
    ears = [ball(0.1, c, (s * 0.2, 1.2, 0.0), rz=0.06, label="ear") for s in (-1, 1)]
    return [
        ball(0.34, c, (0, 0.42, 0), ry=0.38),
        ball(0.3, c, (0, 0.96, 0.02), label="head"),
        ball(0.13, _light(c, 0.5), (0, 0.88, 0.26), rz=0.1, label="snout"),
        *limbs,
        *ears,
        *_eyes(1.02, 0.28, 0.11, 0.04),
        ball(0.045, BLACK, (0, 0.92, 0.36), label="nose"),
        ball(0.2, _light(c, 0.5), (0, 0.42, 0.22), ry=0.24, rz=0.15, label="belly"),
    ]


def duck(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.34, c, (0, 0.34, 0), ry=0.32, rz=0.48),
        ball(0.24, c, (0, 0.82, 0.28), blend=0.08, label="head"),
        ball(0.13, COLORS["orange"], (0, 0.78, 0.54), ry=0.05, rz=0.14, label="beak"),
        *_eyes(0.9, 0.46, 0.12, 0.035),
        *[ball(0.08, _dim(c, 0.85), (s * 0.32, 0.38, -0.05), ry=0.16, rz=0.27, label="wing") for s in (-1, 1)],
        cone(0.16, 0.01, 0.3, c, (0, 0.5, -0.48), (-60, 0, 0), label="tail"),
    ]


def penguin(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.34, c, (0, 0.5, 0), ry=0.5, rz=0.32),
        ball(0.26, WHITE, (0, 0.46, 0.12), ry=0.4, rz=0.24, label="belly"),
        ball(0.25, c, (0, 1.02, 0), label="head"),
        cone(0.07, 0.005, 0.2, COLORS["orange"], (0, 1.0, 0.32), (90, 0, 0), label="beak"),
        *_eyes(1.1, 0.2, 0.1, 0.035, white=True),
        *[ball(0.07, c, (s * 0.36, 0.52, 0), ry=0.3, rz=0.14, rot=(0, 0, s * 15), label="wing") for s in (-1, 1)],
        *[ball(0.12, COLORS["orange"], (s * 0.14, 0.03, 0.14), ry=0.05, rz=0.17, label="foot") for s in (-1, 1)],
    ]


def fish(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.2, c, (0, 0.45, 0), ry=_u(rng, 0.32, 0.4), rz=0.6),
        ball(0.05, _dim(c, 0.75), (0, 0.45, -0.72), ry=0.34, rz=0.17, label="tail"),
        ball(0.04, _dim(c, 0.75), (0, 0.82, -0.02), ry=0.16, rz=0.26, label="fin"),
        *[ball(0.08, WHITE, (s * 0.13, 0.53, 0.38), label="eye") for s in (-1, 1)],
        *[ball(0.045, BLACK, (s * 0.185, 0.53, 0.4), label="eye") for s in (-1, 1)],
        *[
            ball(0.14, _dim(c, 0.75), (s * 0.24, 0.35, 0.05), ry=0.05, rz=0.1, rot=(0, 0, -s * 35), label="fin")
            for s in (-1, 1)
        ],
    ]


def snowman(rng: Random, c: RGB) -> list[Part]:
    r = _u(rng, 0.4, 0.46)
    arms = [rod((s * 0.25, 0.95, 0), (s * 0.65, 1.15, 0), 0.03, WOOD, label="arm") for s in (-1, 1)]
    buttons = [ball(0.04, BLACK, (0, y, z), label="button") for y, z in ((0.82, 0.31), (0.98, 0.31))]
    return [
        ball(r, c, (0, 0.38, 0)),
        ball(0.32, c, (0, 0.9, 0)),
        ball(0.23, c, (0, 1.32, 0), label="head"),
        *arms,
        *buttons,
        *_eyes(1.39, 0.2, 0.08, 0.035),
        cone(0.05, 0.005, 0.24, COLORS["orange"], (0, 1.31, 0.32), (90, 0, 0), label="nose"),
    ]


def robot(rng: Random, c: RGB) -> list[Part]:
    w = _u(rng, 0.5, 0.62)
    return [
        box(w, 0.6, 0.4, c, (0, 0.65, 0), r=0.04),
        box(0.42, 0.36, 0.36, c, (0, 1.2, 0), r=0.05, label="head"),
        tube(0.09, 0.12, STEEL, (0, 0.99, 0), label="neck"),
        *[ball(0.065, GOLD, (s * 0.1, 1.25, 0.17), label="eye") for s in (-1, 1)],
        box(0.22, 0.05, 0.03, DARK, (0, 1.1, 0.18), r=0.005, label="mouth"),
        box(0.26, 0.18, 0.04, STEEL, (0, 0.7, 0.2), r=0.01, label="panel"),
        *[
            rod((s * (w / 2 + 0.09), 0.9, 0), (s * (w / 2 + 0.12), 0.45, 0.06), 0.07, STEEL, label="arm")
            for s in (-1, 1)
        ],
        *[box(0.17, 0.36, 0.22, STEEL, (s * 0.15, 0.18, 0), label="leg") for s in (-1, 1)],
    ]


def ghost(rng: Random, c: RGB) -> list[Part]:
    hem = [
        ball(0.13, c, (0.29 * np.sin(a), 0.1, 0.29 * np.cos(a)), blend=0.03) for a in np.linspace(0, 2 * np.pi, 8)[:-1]
    ]
    return [
        ball(0.38, c, (0, 0.78, 0)),
        tube(0.38, 0.65, c, (0, 0.45, 0), blend=0.03),
        *hem,
        *[ball(0.07, BLACK, (s * 0.13, 0.86, 0.35), ry=0.1, rz=0.05, label="eye") for s in (-1, 1)],
        ball(0.06, BLACK, (0, 0.64, 0.36), rz=0.04, label="mouth"),
    ]


# --- buildings, tools and props


def house(rng: Random, c: RGB) -> list[Part]:
    w, h = _u(rng, 0.9, 1.1), _u(rng, 0.55, 0.7)
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
    h = _u(rng, 0.75, 0.95)
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
        box(0.44, 0.85, 0.44, _light(c, 0.2), (0, 0.45, 0), r=0.01, label="keep"),
        box(0.24, 0.34, 0.06, WOOD, (0, 0.17, 0.48), label="gate"),
    ]


def windmill(rng: Random, c: RGB) -> list[Part]:
    a0 = _u(rng, 0, 90)
    blades = [box(0.14, 1.1, 0.03, WHITE, (0, 1.05, 0.36), (0, 0, a0 + a), label="blade") for a in (0, 90)]
    return [
        cone(0.38, 0.25, 1.0, c, (0, 0.5, 0)),
        cone(0.3, 0.01, 0.3, WOOD, (0, 1.14, 0), label="roof"),
        *blades,
        tube(0.06, 0.2, DARK, (0, 1.05, 0.3), (90, 0, 0), label="axle"),
        box(0.18, 0.3, 0.06, WOOD, (0, 0.15, 0.36), label="door"),
    ]


def sword(rng: Random, c: RGB) -> list[Part]:
    h = _u(rng, 1.0, 1.25)
    return [
        box(0.14, h, 0.04, STEEL, (0, 0.45 + h / 2, 0), r=0.01, label="blade"),
        cone(0.07, 0.005, 0.2, STEEL, (0, 0.54 + h, 0), label="blade"),
        box(0.5, 0.1, 0.12, c, (0, 0.43, 0), label="guard"),
        tube(0.055, 0.34, c, (0, 0.24, 0), label="grip"),
        ball(0.09, c, (0, 0.05, 0), label="pommel"),
    ]


def hammer(rng: Random, c: RGB) -> list[Part]:
    h = _u(rng, 0.9, 1.1)
    return [
        rod((0, 0, 0), (0, h, 0), 0.07, WOOD, 0.06, label="handle"),
        box(0.62, 0.26, 0.26, c, (0, h, 0), r=0.03, label="head"),
    ]


def crown(rng: Random, c: RGB) -> list[Part]:
    n = 8
    tips = []
    for i in range(n):
        a = 2 * np.pi * i / n
        tips += [
            cone(0.13, 0.01, 0.4, c, (0.46 * np.sin(a), 0.5, 0.46 * np.cos(a)), label="tip", group=1),
            ball(
                0.055,
                COLORS["red"] if c != COLORS["red"] else GOLD,
                (0.46 * np.sin(a), 0.72, 0.46 * np.cos(a)),
                label="gem",
                group=1,
            ),
        ]
    return [tube(0.52, 0.34, c, (0, 0.2, 0)), tube(0.43, 0.6, _dim(c, 0.7), (0, 0.3, 0), operation=CARVE), *tips]


def star(rng: Random, c: RGB) -> list[Part]:
    arms = []
    for i in range(5):
        a = 2 * np.pi * i / 5
        arms.append(rod((0, 0, 0), (0.72 * np.sin(a), 0.72 * np.cos(a), 0), 0.24, c, 0.02, blend=0.05))
    return [ball(0.26, c, rz=0.2), *arms]


def heart(rng: Random, c: RGB) -> list[Part]:
    t = _u(rng, 0.2, 0.28)
    lobes = [ball(0.33, c, (s * 0.25, 0.75, 0), rz=t, blend=0.05) for s in (-1, 1)]
    sides = [ball(0.24, c, (s * 0.2, 0.45, 0), ry=0.5, rz=t * 0.85, rot=(0, 0, -s * 38), blend=0.08) for s in (-1, 1)]
    return [*lobes, *sides]


def key(rng: Random, c: RGB) -> list[Part]:
    return [
        ring(0.26, 0.07, c, (0, 1.15, 0), rot=(90, 0, 0)),
        box(0.11, 0.95, 0.09, c, (0, 0.45, 0), r=0.03),
        box(0.26, 0.1, 0.08, c, (0.15, 0.06, 0), r=0.02),
        box(0.2, 0.1, 0.08, c, (0.12, 0.26, 0), r=0.02),
    ]


def clock(rng: Random, c: RGB) -> list[Part]:
    return [
        tube(0.55, 0.24, c, (0, 0.6, 0), (90, 0, 0), r=0.01),
        tube(0.46, 0.05, WHITE, (0, 0.6, 0.11), (90, 0, 0), label="face"),
        box(0.05, 0.32, 0.03, BLACK, (0, 0.74, 0.15), r=0.005, label="hand"),
        box(0.24, 0.05, 0.03, BLACK, (0.1, 0.6, 0.15), r=0.005, label="hand"),
        *[ball(0.1, DARK, (s * 0.3, 0.06, 0), label="foot") for s in (-1, 1)],
        *[ball(0.14, STEEL, (s * 0.3, 1.12, 0), ry=0.1, label="bell") for s in (-1, 1)],
    ]


def gift(rng: Random, c: RGB) -> list[Part]:
    ribbon = GOLD if c != COLORS["yellow"] else COLORS["red"]
    return [
        box(0.9, 0.8, 0.9, c, (0, 0.4, 0), r=0.02),
        box(0.14, 0.83, 0.93, ribbon, (0, 0.4, 0), r=0.01, label="ribbon"),
        box(0.93, 0.83, 0.14, ribbon, (0, 0.4, 0), r=0.01, label="ribbon"),
        *[ring(0.13, 0.05, ribbon, (s * 0.16, 0.9, 0), rot=(90, 0, 0), label="bow") for s in (-1, 1)],
    ]


def traffic_cone(rng: Random, c: RGB) -> list[Part]:
    h = _u(rng, 0.9, 1.1)
    return [
        cone(0.34, 0.06, h, c, (0, h / 2, 0)),
        box(0.85, 0.08, 0.85, _dim(c, 0.8), (0, 0.03, 0), label="base"),
        cone(0.262, 0.185, h * 0.26, WHITE, (0, h * 0.45, 0), label="stripe"),
    ]


def barrel(rng: Random, c: RGB) -> list[Part]:
    return [
        ball(0.48, c, (0, 0.5, 0), ry=0.85),
        box(2, 0.6, 2, _dim(c, 0.8), (0, 1.3, 0), r=0, operation=CARVE),
        box(2, 0.6, 2, _dim(c, 0.8), (0, -0.3, 0), r=0, operation=CARVE),
        *[ring(0.465, 0.035, STEEL, (0, y, 0), group=1, label="hoop") for y in (0.25, 0.75)],
    ]


FAMILIES: dict[str, Family] = {
    "cube": Family(cube, "grey", flat=True),
    "ball": Family(sphere, "grey"),
    "cone": Family(cone_, "grey"),
    "cylinder": Family(cylinder, "grey", flat=True),
    "ring": Family(torus, "yellow"),
    "pyramid": Family(pyramid, "yellow"),
    "mushroom": Family(mushroom, "red"),
    "tree": Family(tree, "green"),
    "pine tree": Family(pine, "green"),
    "cactus": Family(cactus, "green", head=((0, 1.27, 0), 0.18)),
    "flower": Family(flower, "pink"),
    "apple": Family(apple, "red"),
    "pumpkin": Family(pumpkin, "orange", head=((0, 0.78, 0), 0.3)),
    "ice cream": Family(ice_cream, "pink"),
    "cake": Family(cake, "pink"),
    "donut": Family(donut, "pink"),
    "banana": Family(banana, "yellow"),
    "chair": Family(chair, "brown"),
    "stool": Family(stool, "brown", flat=True),
    "table": Family(table, "brown", flat=True),
    "sofa": Family(sofa, "blue"),
    "bed": Family(bed, "blue"),
    "lamp": Family(lamp, "yellow"),
    "mug": Family(mug, "white"),
    "teapot": Family(teapot, "white"),
    "vase": Family(vase, "blue"),
    "bottle": Family(bottle, "green"),
    "book": Family(book, "red"),
    "umbrella": Family(umbrella, "red"),
    "guitar": Family(guitar, "brown"),
    "car": Family(car, "red"),
    "truck": Family(truck, "blue"),
    "bus": Family(bus, "yellow"),
    "train": Family(train, "green"),
    "airplane": Family(airplane, "white"),
    "rocket": Family(rocket, "white"),
    "boat": Family(boat, "blue"),
    "dog": Family(dog, "brown", head=((0, 1.0, 0.48), 0.17), neck=((0, 0.66, 0.38), 0.2)),
    "cat": Family(cat, "orange", head=((0, 0.92, 0.42), 0.15), neck=((0, 0.58, 0.3), 0.17)),
    "rabbit": Family(rabbit, "white", neck=((0, 0.55, 0.05), 0.24)),
    "teddy bear": Family(bear, "brown", head=((0, 1.2, 0.0), 0.2), neck=((0, 0.72, 0), 0.23)),
    "duck": Family(duck, "yellow", head=((0, 1.0, 0.28), 0.17), neck=((0, 0.62, 0.22), 0.22)),
    "penguin": Family(penguin, "black", head=((0, 1.2, 0), 0.18), neck=((0, 0.84, 0), 0.25)),
    "fish": Family(fish, "orange"),
    "snowman": Family(snowman, "white", head=((0, 1.49, 0), 0.17), neck=((0, 1.13, 0), 0.22)),
    "robot": Family(robot, "grey", head=((0, 1.37, 0), 0.2), neck=((0, 0.99, 0), 0.2)),
    "ghost": Family(ghost, "white", head=((0, 1.1, 0), 0.2)),
    "house": Family(house, "white"),
    "castle": Family(castle, "grey"),
    "windmill": Family(windmill, "white"),
    "sword": Family(sword, "brown"),
    "hammer": Family(hammer, "grey"),
    "crown": Family(crown, "yellow"),
    "star": Family(star, "yellow"),
    "heart": Family(heart, "red"),
    "key": Family(key, "yellow"),
    "clock": Family(clock, "red"),
    "gift box": Family(gift, "red", flat=True),
    "traffic cone": Family(traffic_cone, "orange"),
    "barrel": Family(barrel, "brown", flat=True),
}


def hat(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    x, y, z = top
    return [
        tube(r * 1.55, r * 0.22, c, (x, y, z), label="hat"),
        cone(r * 0.95, r * 0.9, r * 1.5, c, (x, y + r * 0.75, z), label="hat"),
    ]


def party_hat(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    x, y, z = top
    return [
        cone(r * 1.05, 0.01, r * 2.4, c, (x, y + r * 0.95, z), label="hat"),
        ball(r * 0.3, WHITE, (x, y + r * 2.2, z), label="hat"),
    ]


def worn_crown(rng: Random, c: RGB, top: Vector, r: float) -> list[Part]:
    x, y, z = top
    tips = [
        cone(
            r * 0.3,
            0.005,
            r * 0.9,
            c,
            (x + r * 0.95 * np.sin(a), y + r * 0.75, z + r * 0.95 * np.cos(a)),
            label="crown",
        )
        for a in np.arange(6) * np.pi / 3
    ]
    return [tube(r * 1.15, r * 0.7, c, (x, y + r * 0.15, z), label="crown"), *tips]


def scarf(rng: Random, c: RGB, neck: Vector, r: float) -> list[Part]:
    x, y, z = neck
    return [
        ring(r, 0.085, c, (x, y, z), label="scarf"),
        box(0.15, 0.36, 0.07, c, (x + r * 0.45, y - 0.2, z + r * 0.95), (-10, 0, 8), label="scarf"),
    ]


ACCESSORIES: dict[str, tuple[Callable[[Random, RGB, Vector, float], list[Part]], str]] = {
    "hat": (hat, "head"),
    "party hat": (party_hat, "head"),
    "crown": (worn_crown, "head"),
    "scarf": (scarf, "neck"),
}
"""Builder, and the place where it is worn."""
