"""Heavy machines, and small vehicles that somebody rides or pulls."""

from __future__ import annotations

import numpy as np

from t2a.pocket.families.base import COLORS, CREAM, DARK, GLASS, GOLD, STEEL, Family, Random, dim, light, uniform
from t2a.pocket.families.construction import wheel, wheels
from t2a.pocket.families.vehicles import other
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod, tube


def tractor(rng: Random, c: RGB) -> list[Part]:
    r, d = uniform(rng, 0.4, 0.48), uniform(rng, 0.75, 0.95)
    hub = other(c, "yellow", "red")
    rear = [part for s in (-1, 1) for part in wheel(s * 0.42, -0.35, r, 0.26, hub)]
    front = [part for s in (-1, 1) for part in wheel(s * 0.34, d - 0.28, 0.24, 0.18, hub)]
    return [
        box(0.42, 0.4, d, c, (0, 0.6, d / 2 - 0.02), r=0.06, label="hood"),
        box(0.34, 0.26, 0.06, DARK, (0, 0.6, d - 0.01), label="grille"),
        box(0.5, 0.34, 0.5, c, (0, 0.56, -0.25), r=0.04),
        box(0.54, 0.5, 0.5, GLASS, (0, 0.98, -0.25), label="windows"),
        box(0.62, 0.1, 0.6, c, (0, 1.26, -0.25), r=0.04, label="roof"),
        *[box(0.08, 0.5, 0.08, c, (x * 0.25, 0.98, -0.25 + z * 0.24), label="roof") for x in (-1, 1) for z in (-1, 1)],
        *[box(0.24, 0.08, 0.5, c, (s * 0.38, 2 * r + 0.03, -0.35), label="fender") for s in (-1, 1)],
        tube(0.06, 0.5, DARK, (0.14, 1.0, d * 0.6), label="exhaust"),
        rod((-0.34, 0.24, d - 0.28), (0.34, 0.24, d - 0.28), 0.06, DARK, label="axle"),
        box(0.2, 0.3, d - 0.1, DARK, (0, 0.36, d / 2 - 0.2), label="frame"),
        *[ball(0.07, CREAM, (s * 0.15, 0.74, d - 0.02), label="light") for s in (-1, 1)],
        *rear,
        *front,
    ]


def _tracks(x: float, d: float, r: float, w: float) -> list[Part]:
    """Two crawler tracks of length d."""
    tracks = []
    for s in (-1, 1):
        tracks += [box(w, 2 * r, d - 2 * r, DARK, (s * x, r, 0), r=0.01, label="track")]
        tracks += [tube(r, w, DARK, (s * x, r, t * (d / 2 - r)), (0, 0, 90), label="track") for t in (-1, 1)]
        tracks += [
            tube(r * 0.6, w + 0.05, STEEL, (s * x, r, t * (d / 2 - r)), (0, 0, 90), label="hub") for t in (-1, 0, 1)
        ]
    return tracks


def tank(rng: Random, c: RGB) -> list[Part]:
    d, r, length = uniform(rng, 1.35, 1.6), uniform(rng, 0.32, 0.4), uniform(rng, 0.75, 1.0)
    square = rng.random() < 0.5
    turret = (
        box(r * 1.9, 0.3, r * 2.2, c, (0, 0.65, -0.1), r=0.06)
        if square
        else cone(r * 1.15, r * 0.8, 0.32, c, (0, 0.65, -0.1))
    )
    return [
        *_tracks(0.38, d, 0.2, 0.26),
        box(0.62, 0.26, d * 0.96, c, (0, 0.38, 0), r=0.03, label="hull"),
        box(1.04, 0.1, d * 0.9, c, (0, 0.47, 0), label="hull"),
        box(0.6, 0.3, 0.34, c, (0, 0.4, d / 2 - 0.1), (-45, 0, 0), label="hull"),
        turret,
        rod((0, 0.67, 0.1), (0, 0.75, 0.1 + length), 0.075, dim(c), label="gun"),
        rod((0, 0.735, length - 0.06), (0, 0.755, 0.14 + length), 0.11, dim(c), label="gun"),
        tube(0.14, 0.1, dim(c), (0.08, 0.83, -0.18), label="hatch"),
        *[ball(0.07, CREAM, (s * 0.4, 0.54, d * 0.43), label="light") for s in (-1, 1)],
    ]


def excavator(rng: Random, c: RGB) -> list[Part]:
    reach, lift = uniform(rng, 0.75, 0.95), uniform(rng, 1.25, 1.5)
    elbow, hand = (0.18, lift, 0.2 + reach), (0.18, uniform(rng, 0.45, 0.7), 0.55 + reach)
    x, y, z = hand
    return [
        *_tracks(0.34, 1.15, 0.17, 0.24),
        box(0.5, 0.18, 0.6, DARK, (0, 0.26, 0), label="frame"),
        tube(0.28, 0.16, DARK, (0, 0.4, 0), label="turntable"),
        box(0.84, 0.34, 0.9, c, (0, 0.6, -0.12), r=0.06),
        box(0.78, 0.3, 0.32, dim(c, 0.75), (0, 0.72, -0.46), r=0.08, label="engine"),
        box(0.36, 0.52, 0.46, GLASS, (-0.22, 1.0, 0.06), label="windows"),
        box(0.42, 0.09, 0.52, c, (-0.22, 1.28, 0.06), r=0.03, label="roof"),
        *[box(0.09, 0.52, 0.09, c, (-0.22 + s * 0.16, 1.0, -0.17), label="roof") for s in (-1, 1)],
        rod((0.18, 0.72, 0.2), (0.18, lift * 0.95, 0.2 + reach * 0.45), 0.11, c, label="arm"),
        rod((0.18, lift * 0.95, 0.2 + reach * 0.45), elbow, 0.11, c, 0.09, label="arm"),
        rod(elbow, hand, 0.09, c, label="arm"),
        ball(0.11, DARK, elbow, label="joint"),
        rod((0.18, 0.75, 0.42), (0.18, lift * 0.8, 0.3 + reach * 0.5), 0.05, STEEL, label="piston"),
        box(0.42, 0.32, 0.3, STEEL, (x, y - 0.1, z - 0.02), (25, 0, 0), r=0.05, group=1, label="bucket"),
        box(0.3, 0.3, 0.26, dim(STEEL), (x, y - 0.12, z - 0.14), (25, 0, 0), group=1, operation=CARVE, label="bucket"),
        *[
            cone(0.07, 0.02, 0.16, DARK, (x + t * 0.15, y - 0.3, z - 0.16), (205, 0, 0), group=2, label="tooth")
            for t in (-1, 0, 1)
        ],
    ]


def bicycle(rng: Random, c: RGB) -> list[Part]:
    r, base, bar = uniform(rng, 0.34, 0.4), uniform(rng, 0.5, 0.56), uniform(rng, 0.95, 1.05)
    thick = 0.065
    seat, pedals, neck, front, rear = (
        (0, 0.78, -0.2),
        (0, r - 0.04, -0.05),
        (0, 0.82, base - 0.16),
        (0, r, base),
        (0, r, -base),
    )
    tyres = []
    for z in (-base, base):
        spokes = [(r * np.cos(a), r * np.sin(a)) for a in np.radians((20, 80, 140))]
        tyres += [ring(r, 0.06, DARK, (0, r, z), (0, 0, 90), label="wheel"), ball(0.1, c, (0, r, z), label="hub")]
        tyres += [rod((0, r - y, z - t), (0, r + y, z + t), 0.035, c, label="spoke") for t, y in spokes]
    frame = [(seat, pedals), (seat, neck), (pedals, neck), (rear, pedals), (rear, seat), (neck, front)]
    return [
        *tyres,
        *[rod(a, b, thick, c, label="frame") for a, b in frame],
        *[ball(thick * 1.1, c, at, label="frame") for at in (seat, pedals, neck)],
        rod(seat, (0, 0.92, -0.24), 0.05, STEEL, label="post"),
        ball(0.13, DARK, (0, 0.95, -0.26), ry=0.07, rz=0.2, label="saddle"),
        rod(neck, (0, bar, base - 0.2), 0.05, STEEL, label="handlebar"),
        rod((-0.3, bar, base - 0.24), (0.3, bar, base - 0.24), 0.05, DARK, label="handlebar"),
        tube(0.12, 0.1, STEEL, pedals, (0, 0, 90), label="pedal"),
        rod((-0.14, r - 0.2, -0.12), (0.14, r + 0.12, 0.02), 0.04, STEEL, label="pedal"),
        *[
            box(0.14, 0.06, 0.16, DARK, (s * 0.18, r - 0.04 + s * 0.18, -0.05 + s * 0.08), label="pedal")
            for s in (-1, 1)
        ],
    ]


def motorcycle(rng: Random, c: RGB) -> list[Part]:
    base, r, bar = uniform(rng, 0.55, 0.65), uniform(rng, 0.29, 0.34), uniform(rng, 0.95, 1.1)
    wheels_ = [part for z in (-base, base) for part in wheel(0, z, r, 0.18)]
    return [
        *wheels_,
        *[ring(r, 0.09, c, (0, r + 0.09, z), (0, 0, 90), group=g, label="fender") for g, z in ((1, -base), (2, base))],
        *[
            box(1, 1, 2, c, (0, r - 0.42, z), group=g, operation=CARVE, label="fender")
            for g, z in ((1, -base), (2, base))
        ],
        box(0.24, 0.3, 0.42, STEEL, (0, 0.38, 0), r=0.06, label="engine"),
        *[tube(0.13, 0.34, STEEL, (0, 0.42, z), (0, 0, 90), label="engine") for z in (-0.1, 0.12)],
        ball(0.19, c, (0, 0.72, 0.12), ry=0.17, rz=0.34, label="tank"),
        box(0.26, 0.14, 0.6, DARK, (0, 0.7, -0.36), (-8, 0, 0), r=0.06, label="seat"),
        box(0.24, 0.2, 0.4, c, (0, 0.6, -0.42), r=0.06),
        *[rod((s * 0.13, r, base), (s * 0.13, bar - 0.08, base - 0.26), 0.045, STEEL, label="fork") for s in (-1, 1)],
        *[
            rod((0, bar - 0.08, base - 0.26), (s * 0.36, bar, base - 0.36), 0.05, DARK, label="handlebar")
            for s in (-1, 1)
        ],
        ball(0.15, c, (0, 0.82, base - 0.12), label="lamp"),
        ball(0.12, CREAM, (0, 0.82, base - 0.05), rz=0.1, label="lamp"),
        rod((0.18, 0.3, 0.05), (0.18, 0.34, -base - 0.2), 0.05, STEEL, 0.075, label="exhaust"),
        rod((0, 0.36, -0.1), (0, r, -base), 0.08, DARK, label="frame"),
        box(0.16, 0.1, 0.08, COLORS["red"] if c != COLORS["red"] else GOLD, (0, 0.64, -0.66), label="light"),
    ]


def wagon(rng: Random, c: RGB) -> list[Part]:
    d, h, w = uniform(rng, 1.0, 1.25), uniform(rng, 0.26, 0.34), uniform(rng, 0.62, 0.74)
    hub = other(c, "white", "red")
    return [
        box(w, h, d, c, (0, 0.3 + h / 2, 0), r=0.02, label="box"),
        box(w - 0.14, h, d - 0.14, dim(c, 0.8), (0, 0.4 + h / 2, 0), operation=CARVE, label="box"),
        *wheels(w / 2 - 0.02, d * 0.33, 0.2, 0.12, hub),
        *[rod((-w / 2, 0.2, z), (w / 2, 0.2, z), 0.06, DARK, group=1, label="axle") for z in (-d * 0.33, d * 0.33)],
        *[box(0.3, 0.14, 0.2, DARK, (0, 0.26, z), group=1, label="axle") for z in (-d * 0.33, d * 0.33)],
        rod((0, 0.24, d * 0.33), (0, 0.8, d / 2 + 0.45), 0.045, DARK, group=1, label="handle"),
        rod((-0.17, 0.8, d / 2 + 0.45), (0.17, 0.8, d / 2 + 0.45), 0.05, DARK, group=1, label="handle"),
    ]


def sleigh(rng: Random, c: RGB) -> list[Part]:
    d, back = uniform(rng, 1.1, 1.3), uniform(rng, 0.75, 0.95)
    runners = []
    for s in (-1, 1):
        tip = (s * 0.3, 0.36, d / 2 + 0.34)
        runners += [
            rod((s * 0.3, 0.06, -d / 2 - 0.1), (s * 0.3, 0.06, d / 2), 0.055, GOLD, group=1, label="runner"),
            rod((s * 0.3, 0.06, d / 2), (s * 0.3, 0.16, d / 2 + 0.24), 0.055, GOLD, group=1, label="runner"),
            rod((s * 0.3, 0.16, d / 2 + 0.24), tip, 0.055, GOLD, group=1, label="runner"),
            ball(0.09, GOLD, tip, group=1, label="runner"),
            *[rod((s * 0.3, 0.06, z), (s * 0.26, 0.34, z), 0.05, GOLD, group=1, label="runner") for z in (-0.32, 0.28)],
        ]
    return [
        box(0.68, 0.42, d * 0.9, c, (0, 0.46, 0), r=0.08),
        box(0.68, back, 0.3, c, (0, 0.28 + back / 2, -d * 0.42), (-14, 0, 0), r=0.1, label="back"),
        tube(0.2, 0.68, c, (0, 0.62, d * 0.42), (0, 0, 90), label="front"),
        box(0.52, 0.5, d * 0.55, dim(c, 0.7), (0, 0.72, 0.02), operation=CARVE, label="seat"),
        box(0.54, 0.16, 0.34, light(c, 0.4), (0, 0.54, -d * 0.2), r=0.05, label="seat"),
        tube(0.12, 0.7, GOLD, (0, 0.62, d * 0.42), (0, 0, 90), label="front"),
        rod((-0.3, 0.3 + back, -d * 0.52), (0.3, 0.3 + back, -d * 0.52), 0.07, GOLD, label="back"),
        *runners,
    ]


FAMILIES = {
    "tractor": Family(tractor, "green", also=("farm tractor",)),
    "tank": Family(tank, "green", also=("army tank", "battle tank")),
    "excavator": Family(excavator, "yellow", also=("digger",)),
    "bicycle": Family(bicycle, "blue", also=("bike", "cycle")),
    "motorcycle": Family(motorcycle, "red", also=("motorbike",)),
    "wagon": Family(wagon, "red", also=("cart", "handcart"), hollow=((0, 0.4, 0), 0.24)),
    "sleigh": Family(sleigh, "red", also=("sled", "sledge")),
}
