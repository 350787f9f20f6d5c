"""Furniture."""

from __future__ import annotations

from t2a.pocket.families.base import (
    BLACK,
    COLORS,
    DARK,
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
from t2a.pocket.shapes import RGB, Part, ball, box, cone, rod, tube

CORNERS = [(x, z) for x in (-1, 1) for z in (-1, 1)]


def _backrest(rng: Random, c: RGB, w: float, h: float, y: float, z: float) -> list[Part]:
    """A solid panel, upright slats or a ladder, standing on y."""
    style = rng.integers(3)
    if style == 0:
        return [box(w, h, 0.1, c, (0, y + h / 2, z), r=0.04, label="back")]
    posts = [box(0.1, h, 0.1, c, (s * (w / 2 - 0.05), y + h / 2, z), label="back") for s in (-1, 1)]
    rail = box(w, 0.16, 0.1, c, (0, y + h - 0.08, z), label="back")
    if style == 1:
        return [*posts, rail, *[box(0.1, h, 0.07, c, (s * w * 0.17, y + h / 2, z), label="back") for s in (-1, 1)]]
    return [*posts, rail, box(w, 0.14, 0.07, c, (0, y + h * 0.45, z), label="back")]


def chair(rng: Random, c: RGB) -> list[Part]:
    w, h, b = uniform(rng, 0.62, 0.8), uniform(rng, 0.42, 0.58), uniform(rng, 0.6, 0.85)
    return [
        *[
            box(0.1, h, 0.1, dim(c, 0.75), (x * (w / 2 - 0.06), h / 2, z * (w / 2 - 0.06)), label="leg")
            for x, z in CORNERS
        ],
        box(w, 0.11, w, c, (0, h, 0), label="seat"),
        *_backrest(rng, c, w, b, h, -w / 2 + 0.05),
    ]


def rocking_chair(rng: Random, c: RGB) -> list[Part]:
    w, b = uniform(rng, 0.62, 0.74), uniform(rng, 0.7, 0.85)
    curve = [(0.22, -0.72), (0.04, -0.4), (-0.03, 0.0), (0.04, 0.4), (0.22, 0.72)]
    rockers = [
        rod((s * w / 2, y1, z1), (s * w / 2, y2, z2), 0.06, dim(c, 0.75), label="rocker")
        for s in (-1, 1)
        for (y1, z1), (y2, z2) in zip(curve, curve[1:], strict=False)
    ]
    return [
        *rockers,
        *[box(0.1, 0.5, 0.1, dim(c, 0.75), (x * w / 2, 0.25, z * 0.28), label="leg") for x, z in CORNERS],
        box(w + 0.12, 0.11, 0.72, c, (0, 0.5, 0), label="seat"),
        *_backrest(rng, c, w + 0.12, b, 0.5, -0.31),
        *[box(0.1, 0.1, 0.66, c, (s * w / 2, 0.82, 0.03), label="arm") for s in (-1, 1)],
        *[box(0.1, 0.34, 0.1, c, (s * w / 2, 0.66, 0.28), label="arm") for s in (-1, 1)],
    ]


def armchair(rng: Random, c: RGB) -> list[Part]:
    w, b = uniform(rng, 0.95, 1.1), uniform(rng, 0.85, 1.05)
    foot = WOOD if c != COLORS["brown"] else DARK
    arms = [box(0.24, 0.42, 0.8, c, (s * (w / 2 - 0.1), 0.36, 0.05), r=0.06, label="arm") for s in (-1, 1)]
    rolls = [tube(0.15, 0.8, c, (s * (w / 2 - 0.06), 0.58, 0.05), (90, 0, 0), r=0.02, label="arm") for s in (-1, 1)]
    return [
        *[cone(0.05, 0.08, 0.2, foot, (x * (w / 2 - 0.14), 0.1, z * 0.3), label="leg") for x, z in CORNERS],
        box(w - 0.1, 0.26, 0.8, c, (0, 0.28, 0), r=0.05),
        box(w - 0.06, b, 0.24, c, (0, 0.2 + b / 2, -0.33), (-6, 0, 0), r=0.11, label="back"),
        *arms,
        *rolls,
        box(w - 0.44, 0.2, 0.62, light(c, 0.35), (0, 0.47, 0.1), r=0.07, label="cushion"),
        box(w - 0.5, b * 0.42, 0.16, light(c, 0.35), (0, 0.52 + b * 0.24, -0.18), (-10, 0, 0), r=0.07, label="cushion"),
    ]


def bench(rng: Random, c: RGB) -> list[Part]:
    w = uniform(rng, 1.5, 1.9)
    iron = DARK if c != BLACK else STEEL
    frames = [
        part
        for s in (-1, 1)
        for x in [s * (w / 2 - 0.18)]
        for part in (
            box(0.1, 0.45, 0.1, iron, (x, 0.22, 0.24), label="leg"),
            box(0.1, 0.45, 0.1, iron, (x, 0.22, -0.2), label="leg"),
            box(0.1, 0.1, 0.55, iron, (x, 0.43, 0.02), label="leg"),
            box(0.1, 0.62, 0.1, iron, (x, 0.72, -0.28), (-10, 0, 0), label="leg"),
        )
    ]
    return [
        *frames,
        *[box(w, 0.09, 0.18, c, (0, 0.5, z), label="seat") for z in (-0.16, 0.05, 0.26)],
        *[box(w, 0.2, 0.09, c, (0, y, z), (-10, 0, 0), label="back") for y, z in ((0.7, -0.22), (0.95, -0.26))],
    ]


def throne(rng: Random, c: RGB) -> list[Part]:
    b = uniform(rng, 1.05, 1.25)
    cushion = COLORS["red"] if c != COLORS["red"] else COLORS["blue"]
    knob = GOLD if c != COLORS["yellow"] else cushion
    return [
        box(1.1, 0.14, 1.05, dim(c, 0.75), (0, 0.07, 0), label="step"),
        box(0.86, 0.36, 0.8, c, (0, 0.3, 0)),
        box(0.58, 0.14, 0.66, cushion, (0, 0.53, 0.05), r=0.06, label="cushion"),
        box(0.86, b, 0.14, c, (0, 0.4 + b / 2, -0.36), label="back"),
        box(0.6, 0.6, 0.13, c, (0, 0.38 + b, -0.36), (0, 0, 45), label="back"),
        box(0.56, b * 0.62, 0.08, cushion, (0, 0.5 + b * 0.42, -0.28), r=0.04, label="cushion"),
        *[box(0.16, 0.14, 0.75, c, (s * 0.38, 0.82, 0), label="arm") for s in (-1, 1)],
        *[box(0.16, 0.5, 0.16, c, (s * 0.38, 0.6, 0.3), label="arm") for s in (-1, 1)],
        *[ball(0.12, knob, (s * 0.38, 0.88, 0.36), label="knob") for s in (-1, 1)],
        *[ball(0.13, knob, (s * 0.38, 0.48 + b, -0.36), label="knob") for s in (-1, 1)],
        ball(0.15, knob, (0, 0.84 + b, -0.36), label="knob"),
    ]


def stool(rng: Random, c: RGB) -> list[Part]:
    h, r = uniform(rng, 0.7, 0.95), uniform(rng, 0.32, 0.4)
    legs = [rod((0.35 * x, 0, 0.35 * z), (0.18 * x, h, 0.18 * z), 0.055, dim(c, 0.75), label="leg") for x, z in CORNERS]
    rungs = [
        rod((-0.26, h * 0.4, 0.26 * z), (0.26, h * 0.4, 0.26 * z), 0.045, dim(c, 0.75), label="leg") for z in (-1, 1)
    ]
    return [*legs, *rungs, tube(r, 0.12, c, (0, h, 0), r=0.02, label="seat")]


def table(rng: Random, c: RGB) -> list[Part]:
    w, d, h = uniform(rng, 1.0, 1.35), uniform(rng, 0.65, 0.85), uniform(rng, 0.5, 0.68)
    if rng.random() < 0.3:
        legs = [rod((0.36 * x, 0, 0.36 * z), (0.3 * x, h, 0.3 * z), 0.06, c, label="leg") for x, z in CORNERS]
        return [*legs, tube(w * 0.52, 0.09, c, (0, h, 0), r=0.02, label="top")]
    legs = [box(0.11, h, 0.11, c, (x * (w / 2 - 0.08), h / 2, z * (d / 2 - 0.08)), label="leg") for x, z in CORNERS]
    return [*legs, box(w, 0.1, d, c, (0, h, 0), label="top")]


def desk(rng: Random, c: RGB) -> list[Part]:
    w, n, side = uniform(rng, 1.3, 1.6), int(rng.integers(2, 4)), 1 if rng.random() < 0.5 else -1
    x, pitch = side * (w / 2 - 0.25), 0.6 / n
    knob = GOLD if c != COLORS["yellow"] else DARK
    drawers = [
        part
        for i in range(n)
        for part in (
            box(0.4, pitch - 0.06, 0.06, light(c, 0.35), (x, 0.06 + pitch * (i + 0.5), 0.34), label="drawer"),
            ball(0.05, knob, (x, 0.06 + pitch * (i + 0.5), 0.39), label="knob"),
        )
    ]
    return [
        box(w, 0.1, 0.78, c, (0, 0.72, 0), label="top"),
        box(0.48, 0.68, 0.66, c, (x, 0.35, 0)),
        box(w - 0.1, 0.4, 0.08, c, (0, 0.5, -0.28)),
        *[box(0.1, 0.7, 0.1, c, (-side * (w / 2 - 0.08), 0.35, z * 0.28), label="leg") for z in (-1, 1)],
        *drawers,
    ]


def sofa(rng: Random, c: RGB) -> list[Part]:
    w, n = uniform(rng, 1.35, 1.7), int(rng.integers(2, 4))
    pitch = (w - 0.42) / n
    middles = [(i - (n - 1) / 2) * pitch for i in range(n)]
    return [
        box(w, 0.3, 0.65, c, (0, 0.22, 0), r=0.05),
        box(w, 0.75, 0.2, c, (0, 0.48, -0.25), r=0.07, label="back"),
        *[box(0.2, 0.5, 0.65, c, (s * (w / 2 - 0.1), 0.33, 0), r=0.07, label="arm") for s in (-1, 1)],
        *[box(pitch - 0.02, 0.18, 0.52, light(c, 0.3), (x, 0.42, 0.08), r=0.05, label="cushion") for x in middles],
        *[box(pitch - 0.04, 0.36, 0.14, light(c, 0.3), (x, 0.62, -0.14), r=0.06, label="cushion") for x in middles],
    ]


def bed(rng: Random, c: RGB) -> list[Part]:
    d, b = uniform(rng, 1.35, 1.6), uniform(rng, 0.6, 0.78)
    frame = dim(c, 0.7)
    return [
        *[box(0.12, 0.24, 0.12, frame, (x * 0.42, 0.12, z * (d / 2 - 0.06)), label="leg") for x, z in CORNERS],
        box(1.0, 0.2, d, frame, (0, 0.22, 0), label="frame"),
        box(1.0, b, 0.1, frame, (0, 0.1 + b / 2, -d / 2), label="headboard"),
        box(1.0, 0.34, 0.1, frame, (0, 0.27, d / 2), label="frame"),
        box(0.9, 0.18, d * 0.96, WHITE, (0, 0.36, 0), r=0.05, label="mattress"),
        box(0.96, 0.22, d * 0.66, c, (0, 0.38, d * 0.15), r=0.07, label="blanket"),
        box(0.62, 0.16, 0.28, light(c, 0.6), (0, 0.5, -d / 2 + 0.22), r=0.07, label="pillow"),
    ]


def lamp(rng: Random, c: RGB) -> list[Part]:
    wide, narrow, foot = uniform(rng, 0.4, 0.5), uniform(rng, 0.2, 0.28), uniform(rng, 0.24, 0.3)
    metal = DARK if c != BLACK else STEEL
    return [
        tube(foot, 0.09, metal, (0, 0.045, 0), label="foot"),
        tube(0.06, 0.85, metal, (0, 0.42, 0), label="pole"),
        cone(wide, narrow, 0.5, c, (0, 0.95, 0), label="shade"),
    ]


FAMILIES = {
    "chair": Family(chair, "brown", paintable=("seat", "back")),
    "rocking chair": Family(rocking_chair, "brown", paintable=("seat",)),
    "armchair": Family(armchair, "green", also=("easy chair", "comfy chair"), paintable=("cushion",)),
    "throne": Family(throne, "yellow", also=("royal chair", "king's chair"), paintable=("cushion",)),
    "bench": Family(bench, "brown", also=("park bench",), paintable=("seat", "back")),
    "stool": Family(stool, "brown", also=("bar stool",), flat=True, paintable=("seat",)),
    "table": Family(table, "brown", also=("dining table",), flat=True, paintable=("top",)),
    "desk": Family(desk, "brown", also=("writing desk", "office desk"), flat=True, paintable=("top",)),
    "sofa": Family(sofa, "blue", also=("couch", "settee"), paintable=("cushion",)),
    "bed": Family(bed, "blue", also=("bedstead",), paintable=("blanket",)),
    "lamp": Family(lamp, "yellow", also=("table lamp", "desk lamp"), head=((0, 1.18, 0), 0.24)),
}
