"""Patterns and materials of the pocket world: what colour a surface has at a point, and how it answers the light.

Patterns are solid textures in the object's own coordinates (half its diagonal is 1), so they neither slide nor stretch;
those that are drawn on flat things (bricks, dots) are laid on the plane that the normal points away from. (numba keeps
compiled callers: after a change here remove the caches of t2a.pocket.render.)
"""

from __future__ import annotations

import math

from t2a.compiled import compiled
from t2a.pocket.shapes import RGB

PATTERNS = (
    "plain", "striped", "spotted", "checkered", "gradient", "brick", "wooden", "leopard", "zebra", "rainbow", "marble",
    "camouflage",
)  # fmt: skip
PLAIN, STRIPED, SPOTTED, CHECKERED, GRADIENT, BRICK, WOODEN, LEOPARD, ZEBRA, RAINBOW, MARBLE, CAMOUFLAGE = range(12)
MATERIALS = ("matte", "shiny", "metal", "glass")
MATTE, SHINY, METAL, GLASS = range(4)

OWN_COLORS: dict[str, RGB] = {
    "brick": (0.66, 0.27, 0.19),
    "wooden": (0.62, 0.40, 0.20),
    "leopard": (0.87, 0.66, 0.30),
    "zebra": (0.97, 0.97, 0.97),
    "rainbow": (0.86, 0.10, 0.10),
    "marble": (0.93, 0.93, 0.94),
    "camouflage": (0.33, 0.40, 0.20),
    "metal": (0.66, 0.67, 0.70),
    "glass": (0.70, 0.86, 0.92),
}
"""What a thing of that pattern or material looks like when its caption names no colour."""


@compiled(fastmath=True)
def _hash(i, j, k, n):
    """A number in [0, 1) for each cell of the integer lattice and each n."""
    s = math.sin(i * 127.1 + j * 311.7 + k * 74.7 + n * 269.5) * 43758.5453
    return s - math.floor(s)


@compiled(fastmath=True)
def _noise(x, y, z):
    """Value noise in [0, 1), one bump per unit."""
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    fx, fy, fz = x - i, y - j, z - k
    fx, fy, fz = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy), fz * fz * (3 - 2 * fz)
    total = 0.0
    for a in range(2):
        for b in range(2):
            for c in range(2):
                weight = (fx if a else 1 - fx) * (fy if b else 1 - fy) * (fz if c else 1 - fz)
                total += weight * _hash(i + a, j + b, k + c, 0.0)
    return total


@compiled(fastmath=True)
def _cell(x, y, z):
    """Distance to the nearest of the points scattered one to a unit cell (Worley 1996)."""
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    best = 9.0
    for a in range(-1, 2):
        for b in range(-1, 2):
            for c in range(-1, 2):
                p, q, r = i + a, j + b, k + c
                dx = p + 0.2 + 0.6 * _hash(p, q, r, 1.0) - x
                dy = q + 0.2 + 0.6 * _hash(p, q, r, 2.0) - y
                dz = r + 0.2 + 0.6 * _hash(p, q, r, 3.0) - z
                best = min(best, dx * dx + dy * dy + dz * dz)
    return math.sqrt(best)


@compiled(fastmath=True)
def _plane(x, y, z, nx, ny, nz):
    """Coordinates across and up on the axis plane that faces the normal most."""
    ax, ay, az = abs(nx), abs(ny), abs(nz)
    if ay > ax and ay > az:
        return x, z
    if ax > az:
        return z, y
    return x, y


@compiled(fastmath=True)
def _hue(h):
    """A saturated colour of the rainbow, red at 0 and violet at 1."""
    h = 6.0 * 0.82 * min(max(h, 0.0), 1.0)
    r = min(max(abs(h - 3.0) - 1.0, 0.0), 1.0)
    g = min(max(2.0 - abs(h - 2.0), 0.0), 1.0)
    b = min(max(2.0 - abs(h - 4.0), 0.0), 1.0)
    return 0.12 + 0.83 * r, 0.10 + 0.78 * g, 0.10 + 0.85 * b


@compiled(fastmath=True)
def share_of_second(pattern, x, y, z, nx, ny, nz, rise):
    """How much of the second colour shows at a point of the object, from 0 to 1."""
    if pattern == STRIPED:
        # Bands around what is tall, across what is flat.
        along = y * 3.4 if rise > 0.42 else (x + z) * 2.3
        return 1.0 if (along + 40.25) % 1.0 < 0.5 else 0.0
    if pattern == SPOTTED:
        u, v = _plane(x, y, z, nx, ny, nz)
        u, v = u * 3.2, v * 3.7
        row = math.floor(v)
        u += 0.5 * (row % 2)
        u, v = u - math.floor(u) - 0.5, (v - row - 0.5) * 0.87
        return 1.0 if u * u + v * v < 0.085 else 0.0
    if pattern == CHECKERED:
        cells = math.floor(x * 3.0 + 40.13) + math.floor(y * 3.0 + 40.13) + math.floor(z * 3.0 + 40.13)
        return float(cells % 2)
    if pattern == GRADIENT:
        return min(max(0.5 + 0.55 * y / rise, 0.0), 1.0)
    if pattern == BRICK:
        u, v = _plane(x, y, z, nx, ny, nz)
        u, v = u * 2.6, v * 5.2
        row = math.floor(v)
        u += 0.5 * (row % 2)
        return 1.0 if (u - math.floor(u)) < 0.12 or (v - row) < 0.2 else 0.0
    if pattern == WOODEN:
        rings = math.sqrt(x * x + z * z) * 5.0 + 1.6 * _noise(x * 2.0, y * 0.7, z * 2.0) + y * 0.35
        return 0.5 + 0.5 * math.sin(rings * 6.2832)
    if pattern == LEOPARD:
        d = _cell(x * 4.6, y * 4.6, z * 4.6) + 0.12 * _noise(x * 16.0, y * 16.0, z * 16.0)
        return 1.0 if 0.26 < d < 0.47 else (0.4 if d <= 0.26 else 0.0)
    if pattern == ZEBRA:
        return 1.0 if math.sin((x * 0.5 + y * 0.35 + z) * 15.0 + 5.0 * _noise(x * 2.2, y * 2.2, z * 2.2)) > 0.1 else 0.0
    if pattern == MARBLE:
        vein = math.sin((x + y * 0.6 + z * 0.3) * 5.0 + 7.0 * _noise(x * 2.3, y * 2.3, z * 2.3))
        return max(1.0 - 3.5 * abs(vein), 0.0)
    if pattern == CAMOUFLAGE:
        level = _noise(x * 3.6, y * 3.6, z * 3.6)
        return 1.0 if level > 0.62 else (0.5 if level > 0.45 else 0.0)
    return 0.0


@compiled(fastmath=True)
def albedo(pattern, x, y, z, nx, ny, nz, rise, r, g, b, r2, g2, b2):
    """A point of the object, half of its height, base colour and second colour -> sRGB."""
    if pattern == PLAIN:
        return r, g, b
    if pattern == RAINBOW:
        return _hue(math.floor(min(max(0.5 - 0.5 * y / rise, 0.0), 0.999) * 7.0) / 6.0)
    s = share_of_second(pattern, x, y, z, nx, ny, nz, rise)
    return r + s * (r2 - r), g + s * (g2 - g), b + s * (b2 - b)


@compiled(fastmath=True)
def lit(material, r, g, b, diffuse, nx, ny, nz, lx, ly, lz, vx, vy, vz, ambient, strength):
    """Albedo, cosine to the light, normal, direction to the light and to the eye -> sRGB.

    Metal mirrors a sky that is bright above and dark at the horizon; glass is pale in the middle and deep at the rim.
    """
    shade = ambient + strength * diffuse
    if material == MATTE:
        return min(r * shade, 1.0), min(g * shade, 1.0), min(b * shade, 1.0)
    hx, hy, hz = lx + vx, ly + vy, lz + vz
    length = math.sqrt(hx * hx + hy * hy + hz * hz) + 1e-9
    gloss = max((nx * hx + ny * hy + nz * hz) / length, 0.0)
    facing = min(max(nx * vx + ny * vy + nz * vz, 0.0), 1.0)
    if material == SHINY:
        spark = 0.75 * gloss**60
    elif material == METAL:
        up = 2.0 * facing * ny - vy
        sky = 0.35 + 0.95 * min(max(0.55 + 0.9 * up, 0.0), 1.0) + 0.45 * min(max(-0.3 - 1.5 * up, 0.0), 1.0)
        shade = 0.35 * shade + 0.65 * sky
        spark = 0.55 * gloss**80
    else:
        rim = (1.0 - facing) ** 1.5
        white = 0.55 * (1.0 - rim)
        r, g, b = r + (1 - r) * white, g + (1 - g) * white, b + (1 - b) * white
        shade = shade * (1.0 - 0.35 * rim)
        spark = 0.9 * gloss**50
    return min(r * shade + spark, 1.0), min(g * shade + spark, 1.0), min(b * shade + spark, 1.0)
