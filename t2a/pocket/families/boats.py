"""What swims."""

from __future__ import annotations

from t2a.pocket.families.base import (
    BLACK,
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
from t2a.pocket.families.construction import cut
from t2a.pocket.families.vehicles import other
from t2a.pocket.shapes import CARVE, RGB, Part, ball, box, cone, ring, rod, tube


def boat(rng: Random, c: RGB) -> list[Part]:
    h, main, jib = uniform(rng, 1.5, 1.75), uniform(rng, 0.65, 0.78), uniform(rng, 0.5, 0.62)
    sail = CREAM if c != COLORS["yellow"] else COLORS["red"]
    return [
        ball(0.38, c, (0, 0.46, 0), ry=0.46, rz=0.9, label="hull"),
        box(3, 1, 3, light(c, 0.45), (0, 0.96, 0), r=0, operation=CARVE, label="deck"),
        tube(0.05, h - 0.3, WOOD, (0, h / 2 + 0.15, 0.02), group=1, label="mast"),
        rod((0, 0.66, 0), (0, 0.66, -main), 0.045, WOOD, group=1, label="mast"),
        box(0.08, h - 0.76, main, sail, (0, h / 2 + 0.34, -main / 2), r=0.01, group=2, label="sail"),
        cut((0, h - 0.04, 0), (0, main, -(h - 0.76)), sail, group=2, label="sail"),
        box(0.08, h - 0.9, jib, sail, (0, h / 2 + 0.15, 0.05 + jib / 2), r=0.01, group=3, label="sail"),
        cut((0, h - 0.3, 0.07), (0, jib, h - 0.9), sail, group=3, label="sail"),
        box(0.08, 0.14, 0.22, other(c, "red", "yellow"), (0, h - 0.04, -0.1), group=4, label="flag"),
    ]


def pirate_ship(rng: Random, c: RGB) -> list[Part]:
    d, h = uniform(rng, 0.85, 1.0), uniform(rng, 1.45, 1.7)
    sails = []
    for z, top, w in ((-0.34, h - 0.12, 0.38), (0.26, h, 0.44)):
        low, high = 0.62 + (top - 0.62) * 0.3, 0.62 + (top - 0.62) * 0.76
        sails += [
            rod((0, 0.3, z), (0, top, z), 0.055, WOOD, group=2, label="mast"),
            ball(w, CREAM, (0, low, z + 0.07), ry=0.24, rz=0.1, group=2, label="sail"),
            ball(w * 0.75, CREAM, (0, high, z + 0.07), ry=0.19, rz=0.1, group=2, label="sail"),
        ]
    guns = [
        tube(0.075, 0.14, DARK, (s * 0.41, 0.42, z), (0, 0, 90), group=2, label="gun")
        for s in (-1, 1)
        for z in (-0.4, -0.05, 0.3)
    ]
    return [
        ball(0.46, c, (0, 0.52, 0), ry=0.52, rz=d, label="hull"),
        box(0.7, 0.54, 0.5, c, (0, 0.66, -d + 0.26), r=0.04, label="stern"),
        box(3, 1, 3, WOOD, (0, 1.06, 0.5 + 1.5 - d), r=0, operation=CARVE, label="deck"),
        box(0.74, 0.1, 0.54, dim(c, 0.65), (0, 0.92, -d + 0.26), group=1, label="stern"),
        *[box(0.14, 0.16, 0.06, GLASS, (s * 0.16, 0.72, -d), group=1, label="window") for s in (-1, 1)],
        box(0.5, 0.14, 0.3, c, (0, 0.62, d - 0.42), r=0.04, group=1, label="bow"),
        rod((0, 0.56, d - 0.4), (0, 0.84, d + 0.25), 0.05, WOOD, group=1, label="bowsprit"),
        *sails,
        *guns,
        box(0.07, 0.2, 0.3, BLACK, (0, h - 0.02, 0.06), group=2, label="flag"),
        ball(0.06, WHITE, (0, h - 0.01, 0.06), group=2, label="flag"),
    ]


def submarine(rng: Random, c: RGB) -> list[Part]:
    d, scope = uniform(rng, 0.85, 1.05), uniform(rng, 0.3, 0.42)
    ports = [(s, z) for s in (-1, 1) for z in (-0.32, 0.02, 0.36)]
    return [
        ball(0.42, c, (0, 0.5, 0), ry=0.42, rz=d),
        cone(0.26, 0.2, 0.34, c, (0, 0.98, 0.02), label="tower"),
        tube(0.24, 0.08, dim(c), (0, 1.14, 0.02), label="tower"),
        tube(0.06, scope + 0.1, STEEL, (0, 1.12 + scope / 2, 0.04), label="periscope"),
        box(0.12, 0.12, 0.26, STEEL, (0, 1.16 + scope, 0.1), r=0.04, label="periscope"),
        *[ring(0.1, 0.04, STEEL, (s * 0.395, 0.56, z), (0, 0, 90), label="porthole") for s, z in ports],
        *[ball(0.05, GLASS, (s * 0.4, 0.56, z), ry=0.1, rz=0.1, label="porthole") for s, z in ports],
        box(0.9, 0.08, 0.26, dim(c, 0.75), (0, 0.5, -d * 0.72), r=0.03, label="fin"),
        box(0.08, 0.8, 0.26, dim(c, 0.75), (0, 0.5, -d * 0.72), r=0.03, label="fin"),
        tube(0.08, 0.24, DARK, (0, 0.5, -d), (90, 0, 0), label="propeller"),
        *[
            box(
                0.6,
                0.14,
                0.08,
                GOLD if c != COLORS["yellow"] else STEEL,
                (0, 0.5, -d - 0.08),
                (0, 0, a),
                label="propeller",
            )
            for a in (45, 135)
        ],
        ball(0.14, CREAM, (0, 0.5, d - 0.1), label="light"),
    ]


def canoe(rng: Random, c: RGB) -> list[Part]:
    d, w = uniform(rng, 0.9, 1.1), uniform(rng, 0.27, 0.33)
    return [
        ball(w, c, (0, 0.36, 0), ry=0.34, rz=d * 0.9, blend=0.05, label="hull"),
        *[
            ball(0.09, c, (0, 0.42, s * d * 0.8), ry=0.3, rz=0.22, rot=(s * -14, 0, 0), blend=0.12, label="bow")
            for s in (-1, 1)
        ],
        ball(w * 0.82, dim(c, 0.7), (0, 0.46, 0), ry=0.3, rz=d * 0.72, operation=CARVE, label="inside"),
        box(1, 1, d * 1.1, dim(c, 0.7), (0, 0.94, 0), r=0, operation=CARVE, label="inside"),
        *[box(w * 1.7, 0.07, 0.15, WOOD, (0, 0.38, z * d), group=1, label="bench") for z in (-0.34, 0.34)],
        rod((0.12 - w * 1.9, 0.2, 0.14), (w * 1.3, 0.66, -0.12), 0.045, WOOD, group=1, label="paddle"),
        ball(0.06, WOOD, (-w * 1.85 + 0.1, 0.18, 0.15), ry=0.2, rz=0.12, rot=(0, 0, -55), group=1, label="paddle"),
    ]


FAMILIES = {
    "boat": Family(boat, "blue", also=("sailboat", "sailing boat"), paintable=("sail",)),
    "pirate ship": Family(pirate_ship, "brown", also=("sailing ship", "galleon")),
    "submarine": Family(submarine, "yellow", also=("sub",)),
    "canoe": Family(canoe, "orange"),
}
