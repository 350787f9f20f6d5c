"""Furniture made in the form of a fruit or a sweet: an avocado chair, a donut table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from t2a.mesh.primitives import rotation_matrix
from t2a.pocket.families.base import BLACK, COLORS, CREAM, DARK, GOLD, LEAF, WHITE, WOOD, Random, dim, uniform
from t2a.pocket.shapes import RGB, Part, Vector, ball, box, cone, ring, rod, transform, tube

FACING: Vector = (90, 0, 0)
"""Turns a disc's axis to +Z."""
LYING: Vector = (-90, 160, 0)
"""Turns a slice that looks along +Z so that it looks up, stalk to the front."""
CORNERS = [(x, z) for x in (-1, 1) for z in (-1, 1)]


@dataclass(frozen=True)
class Theme:
    skin: RGB
    """Outside: cushions, arms, the shade."""
    flesh: RGB
    """What shows where it is cut."""
    slice: Callable[[Theme], list[Part]]
    """A slice of radius 1 around the origin that looks along +Z."""
    core: tuple[RGB, RGB] = (DARK, CREAM)
    """Rim and face of a clock made of it."""
    core_height: float = 0.0


def _circle(n: int, r: float, first: float = 0.0) -> list[tuple[float, float]]:
    return [(r * np.sin(a), r * np.cos(a)) for a in first + 2 * np.pi * np.arange(n) / n]


def _disc(r: float, thick: float, color: RGB, label: str) -> Part:
    return tube(r - 0.04, thick - 0.08, color, (0, 0, 0), FACING, r=0.04, label=label)


def _seeds(
    spots: Sequence[tuple[float, float]], color: RGB, z: float, r: float = 0.07, long: float = 1.6
) -> list[Part]:
    """Drops that point to the middle."""
    return [
        ball(r, color, (x, y, z), ry=r * long, rz=r, rot=(0, 0, -np.degrees(np.arctan2(x, y))), label="seed")
        for x, y in spots
    ]


def _avocado(t: Theme) -> list[Part]:
    def pear(s: float, z: float, color: RGB, label: str) -> list[Part]:
        return [
            ball(0.76 * s, color, (0, -0.24, z), ry=0.76 * s, rz=0.2, label=label),
            ball(0.44 * s, color, (0, 0.5, z), ry=0.5 * s, rz=0.18, blend=0.35, label=label),
        ]

    pit = ball(0.36, (0.45, 0.25, 0.10), (0, -0.26, 0.18), ry=0.36, rz=0.26, group=2, label="pit")
    flesh = [replace(p, group=1) for p in pear(0.86, 0.06, t.flesh, "flesh")]
    return [*pear(1.0, 0.0, t.skin, "skin"), *flesh, pit]


def _watermelon(t: Theme) -> list[Part]:
    return [
        _disc(1.0, 0.28, t.skin, "skin"),
        _disc(0.86, 0.33, (0.86, 0.95, 0.72), "rind"),
        _disc(0.77, 0.38, t.flesh, "flesh"),
        *_seeds(_circle(5, 0.3) + _circle(6, 0.56, 0.3), BLACK, 0.19),
    ]


def _pumpkin(t: Theme) -> list[Part]:
    ribs = [(-0.7, 0.34, t.skin), (0.7, 0.34, t.skin), (-0.38, 0.4, t.flesh), (0.38, 0.4, t.flesh), (0.0, 0.36, t.skin)]
    return [
        *[ball(r, v, (x, -0.1, 0), ry=0.86 - abs(x) * 0.3, rz=0.24 - abs(x) * 0.06, label="rib") for x, r, v in ribs],
        rod((0, 0.66, 0), (0.12, 1.0, 0), 0.16, LEAF, 0.11, label="stem"),
        ball(0.3, LEAF, (-0.26, 0.76, 0.06), ry=0.13, rz=0.12, rot=(0, 0, 15), label="leaf"),
    ]


def _strawberry(t: Theme) -> list[Part]:
    spots = [(-0.45, 0.3), (0.0, 0.38), (0.45, 0.3), (-0.25, -0.05), (0.25, -0.05), (0.0, -0.42)]
    return [
        ball(0.8, t.skin, (0, 0.18, 0), ry=0.66, rz=0.2, label="flesh"),
        ball(0.34, t.skin, (0, -0.58, 0), ry=0.42, rz=0.2, blend=0.5, label="flesh"),
        *_seeds(spots, COLORS["yellow"], 0.19, 0.075),
        *[
            ball(
                0.16,
                LEAF,
                (x * 0.5, 0.8 - abs(x) * 0.12, 0.1),
                ry=0.36,
                rz=0.14,
                rot=(0, 0, -x * 75),
                group=1,
                label="leaf",
            )
            for x in (-1.0, -0.45, 0.45, 1.0)
        ],
        rod((0, 0.72, 0.04), (0, 1.02, 0.04), 0.11, LEAF, group=1, label="stem"),
    ]


def _orange(t: Theme) -> list[Part]:
    pith = (1.0, 0.93, 0.75)
    spokes = [box(1.56, 0.09, 0.37, pith, (0, 0, 0), (0, 0, a), label="pith") for a in (0, 45, 90, 135)]
    return [
        _disc(1.0, 0.28, t.skin, "skin"),
        _disc(0.88, 0.31, pith, "pith"),
        _disc(0.79, 0.34, t.flesh, "flesh"),
        *spokes,
    ]


def _kiwi(t: Theme) -> list[Part]:
    return [
        _disc(1.0, 0.28, t.skin, "skin"),
        _disc(0.87, 0.33, t.flesh, "flesh"),
        ball(0.3, (0.93, 0.95, 0.72), (0, 0, 0.13), rz=0.09, label="core"),
        *_seeds(_circle(10, 0.48), BLACK, 0.16, 0.065, 1.8),
    ]


def _donut(t: Theme) -> list[Part]:
    hues = [COLORS[n] for n in ("yellow", "blue", "white", "green", "red")]
    spots = _circle(10, 0.64, 0.2)
    return [
        ring(0.65, 0.34, t.skin, (0, 0, -0.06), FACING, label="dough"),
        ring(0.65, 0.33, t.flesh, (0, 0, 0.07), FACING, label="icing"),
        *[
            ball(0.06, hues[i % 5], (x * k, y * k, 0.37), ry=0.13, rot=(0, 0, 67 * i), label="sprinkles")
            for i, (x, y) in enumerate(spots)
            for k in [0.85 + 0.3 * (i % 2)]
        ],
    ]


def _banana(t: Theme) -> list[Part]:
    fruits = [
        part
        for x in (-1, 0, 1)
        for part in (
            rod((x * 0.4, -0.78, 0.0), (x * 0.64, -0.1, 0.1), 0.15, t.skin, 0.27, blend=0.25, label="banana"),
            rod((x * 0.64, -0.1, 0.1), (x * 0.36, 0.5, 0.04), 0.27, t.skin, 0.2, blend=0.25, label="banana"),
            rod((x * 0.36, 0.5, 0.04), (x * 0.1, 0.86, 0.0), 0.2, t.skin, 0.1, blend=0.25, label="banana"),
        )
    ]
    groups = [replace(p, group=i // 3) for i, p in enumerate(fruits)]
    brown = (0.35, 0.22, 0.08)
    tips = [ball(0.15, brown, (x * 0.38, -0.84, 0), group=3, label="tip") for x in (-1, 0, 1)]
    return [*groups, *tips, rod((0, 0.76, 0), (0, 1.02, 0), 0.2, brown, 0.15, group=3, label="stem")]


def _egg(t: Theme) -> list[Part]:
    lobes = [(0.0, 0.0, 0.76), (-0.45, 0.38, 0.45), (0.5, 0.3, 0.44), (0.3, -0.5, 0.46), (-0.42, -0.42, 0.42)]
    return [
        *[ball(r, t.skin, (x, y, 0), rz=0.16, blend=0.12, label="white") for x, y, r in lobes],
        ball(0.42, t.flesh, (0, 0, 0.12), rz=0.26, group=1, label="yolk"),
        ball(0.1, WHITE, (-0.15, 0.17, 0.34), rz=0.05, group=1, label="shine"),
    ]


def _pizza(t: Theme) -> list[Part]:
    salami = [(0.0, 0.0), *_circle(5, 0.54)]
    return [
        ring(0.84, 0.17, t.skin, (0, 0, 0.02), FACING, label="crust"),
        _disc(0.9, 0.22, t.skin, "crust"),
        _disc(0.78, 0.3, t.flesh, "cheese"),
        *[tube(0.17, 0.36, (0.75, 0.14, 0.10), (x, y, 0), FACING, label="salami") for x, y in salami],
        *_seeds(_circle(5, 0.38, 0.63), LEAF, 0.15, 0.07, 1.7),
    ]


THEMES: dict[str, Theme] = {
    "avocado": Theme((0.12, 0.30, 0.10), (0.80, 0.86, 0.42), _avocado, ((0.45, 0.25, 0.10), CREAM), -0.26),
    "watermelon": Theme((0.10, 0.48, 0.16), (0.93, 0.20, 0.22), _watermelon),
    "pumpkin": Theme((0.93, 0.45, 0.06), (0.98, 0.60, 0.14), _pumpkin),
    "strawberry": Theme((0.88, 0.10, 0.16), (0.98, 0.56, 0.58), _strawberry),
    "grapefruit": Theme((0.96, 0.50, 0.05), (1.0, 0.66, 0.16), _orange),
    "kiwi": Theme((0.42, 0.29, 0.14), (0.50, 0.76, 0.16), _kiwi),
    "donut": Theme((0.80, 0.55, 0.28), (0.97, 0.48, 0.70), _donut),
    "banana": Theme((0.98, 0.85, 0.15), (1.0, 0.95, 0.70), _banana),
    "egg": Theme((0.97, 0.97, 0.96), (0.99, 0.74, 0.08), _egg, ((0.96, 0.62, 0.04), (1.0, 0.84, 0.30))),
    "pizza": Theme((0.80, 0.52, 0.22), (0.98, 0.82, 0.30), _pizza),
}


def _slice(theme: Theme, size: float, at: Vector, rot: Vector = (0, 0, 0), group: int = 10) -> list[Part]:
    """A slice of the theme, turned by `rot` (degrees) and put at a place."""
    turn = rotation_matrix(rot)
    parts = [replace(p, center=turn @ p.center, rotation=p.rotation @ turn.T) for p in theme.slice(theme)]
    return transform(parts, size, at, group)


def _cushion(theme: Theme, r: float, h: float, at: Vector) -> list[Part]:
    x, y, z = at
    return [
        tube(r - 0.06, h - 0.12, theme.skin, at, r=0.06, label="seat"),
        ball(r * 0.86, theme.flesh, (x, y + h / 2 - 0.02, z), ry=0.07, label="cushion"),
    ]


def _legs(w: float, d: float, h: float, splay: float = 0.08, r: float = 0.06) -> list[Part]:
    return [rod((x * (w + splay), 0, z * (d + splay)), (x * w, h, z * d), r, WOOD, label="leg") for x, z in CORNERS]


def _chair(theme: Theme, rng: Random) -> list[Part]:
    h, r = uniform(rng, 0.4, 0.52), uniform(rng, 0.5, 0.58)
    return [
        *_legs(0.26, 0.26, h),
        *_cushion(theme, 0.47, 0.2, (0, h, 0.04)),
        *_slice(theme, r, (0, h + 0.06 + r * 0.92, -0.36), (-8, 0, 0)),
    ]


def _armchair(theme: Theme, rng: Random) -> list[Part]:
    r = uniform(rng, 0.62, 0.7)
    arms = [
        part
        for s in (-1, 1)
        for part in (
            tube(0.15, 0.7, theme.skin, (s * 0.52, 0.6, 0.08), FACING, r=0.03, label="arm"),
            box(0.24, 0.4, 0.68, theme.skin, (s * 0.5, 0.38, 0.08), r=0.08, label="arm"),
            ball(0.13, theme.flesh, (s * 0.52, 0.6, 0.44), rz=0.06, label="cushion"),
        )
    ]
    return [
        *_legs(0.36, 0.28, 0.24, 0.03, 0.07),
        box(1.0, 0.3, 0.8, theme.skin, (0, 0.32, 0.02), r=0.08, label="seat"),
        box(0.74, 0.16, 0.62, theme.flesh, (0, 0.5, 0.1), r=0.07, label="cushion"),
        *arms,
        *_slice(theme, r, (0, 0.34 + r * 0.86, -0.34), (-8, 0, 0)),
    ]


def _stool(theme: Theme, rng: Random) -> list[Part]:
    h = uniform(rng, 0.75, 0.95)
    return [
        *_legs(0.2, 0.2, h, 0.12),
        tube(0.36, 0.12, theme.skin, (0, h - 0.05, 0), r=0.03, label="seat"),
        *_slice(theme, 0.5, (0, h + 0.05, 0), LYING),
    ]


def _table(theme: Theme, rng: Random) -> list[Part]:
    h, r = uniform(rng, 0.5, 0.65), uniform(rng, 0.8, 0.9)
    return [
        *_legs(0.36, 0.36, h, 0.08, 0.075),
        tube(r * 0.6, 0.12, theme.skin, (0, h - 0.03, 0), r=0.02, label="top"),
        *_slice(theme, r, (0, h + 0.08, 0), LYING),
    ]


def _sofa(theme: Theme, rng: Random) -> list[Part]:
    r = uniform(rng, 0.5, 0.56)
    return [
        *_legs(0.8, 0.26, 0.2, 0.02, 0.07),
        box(1.9, 0.3, 0.76, theme.skin, (0, 0.3, 0.02), r=0.08, label="seat"),
        *[box(0.78, 0.16, 0.58, theme.flesh, (s * 0.4, 0.47, 0.09), r=0.07, label="cushion") for s in (-1, 1)],
        *[box(0.22, 0.46, 0.74, theme.skin, (s * 0.88, 0.46, 0.04), r=0.1, label="arm") for s in (-1, 1)],
        *[p for s in (-1, 1) for p in _slice(theme, r, (s * 0.46, 0.34 + r * 0.84, -0.3), (-6, 0, 0), 15 + 5 * s)],
    ]


def _lamp(theme: Theme, rng: Random) -> list[Part]:
    r = uniform(rng, 0.4, 0.46)
    y = 0.1 + r * 0.94
    top = y + r * 0.9
    return [
        tube(0.3, 0.1, WOOD, (0, 0.05, 0), r=0.02, label="foot"),
        tube(0.06, top + 0.2, WOOD, (0, top / 2 + 0.1, -0.05 * r), label="pole"),
        *_slice(theme, r, (0, y, 0)),
        cone(0.52, 0.27, 0.48, theme.skin, (0, top + 0.34, 0), label="shade"),
        cone(0.54, 0.49, 0.1, theme.flesh, (0, top + 0.14, 0), label="trim"),
        cone(0.32, 0.28, 0.08, theme.flesh, (0, top + 0.54, 0), label="trim"),
    ]


def _clock(theme: Theme, rng: Random) -> list[Part]:
    hour, middle = 30 * int(rng.integers(1, 6)), 1.0
    y, turn = middle + 0.9 * theme.core_height, np.radians(hour)
    rim, face = theme.core
    return [
        *_slice(theme, 0.9, (0, middle, 0)),
        tube(0.45, 0.2, rim, (0, y, 0.24), FACING, r=0.01, label="rim"),
        tube(0.4, 0.2, face, (0, y, 0.27), FACING, r=0.01, label="face"),
        *[ball(0.05, DARK, (x, y + v, 0.38), rz=0.03, label="mark") for x, v in _circle(4, 0.33)],
        box(0.08, 0.28, 0.06, BLACK, (0, y + 0.11, 0.39), r=0.01, label="hand"),
        box(0.08, 0.22, 0.06, BLACK, (0.08 * np.sin(turn), y + 0.08 * np.cos(turn), 0.39), (0, 0, -hour), label="hand"),
        *[rod((s * 0.5, 0.0, 0), (s * 0.3, 0.6, 0), 0.1, WOOD, label="foot") for s in (-1, 1)],
        *[rod((s * 0.2, middle + 0.3, 0), (s * 0.6, middle + 0.72, 0), 0.07, GOLD, label="bell") for s in (-1, 1)],
        *[ball(0.19, GOLD, (s * 0.6, middle + 0.74, 0), ry=0.15, rot=(0, 0, -s * 35), label="bell") for s in (-1, 1)],
    ]


def _bed(theme: Theme, rng: Random) -> list[Part]:
    d, r = uniform(rng, 1.4, 1.6), uniform(rng, 0.6, 0.68)
    return [
        *_legs(0.42, d / 2 - 0.1, 0.3, 0.02, 0.08),
        box(1.04, 0.24, d, theme.skin, (0, 0.3, 0), r=0.07, label="frame"),
        box(0.94, 0.16, d * 0.94, WHITE, (0, 0.44, 0), r=0.06, label="mattress"),
        box(1.0, 0.2, d * 0.62, theme.flesh, (0, 0.46, d * 0.17), r=0.08, label="blanket"),
        box(0.6, 0.16, 0.28, dim(CREAM, 0.95), (0, 0.57, 0.26 - d / 2), r=0.07, label="pillow"),
        *_slice(theme, r, (0, 0.36 + r * 0.84, -d / 2), group=10),
        *_slice(theme, 0.36, (0, 0.54, d * 0.18), LYING, group=15),
    ]


_BUILDERS: dict[str, Callable[[Theme, Random], list[Part]]] = {
    "chair": _chair,
    "armchair": _armchair,
    "stool": _stool,
    "table": _table,
    "sofa": _sofa,
    "lamp": _lamp,
    "clock": _clock,
    "bed": _bed,
}
KINDS = tuple(_BUILDERS)


def themed(kind: str, theme: str, rng: Random) -> list[Part]:
    """A piece of furniture made in the form of a fruit or a sweet."""
    return _BUILDERS[kind](THEMES[theme], rng)
