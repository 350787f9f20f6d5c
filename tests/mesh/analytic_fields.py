"""Fields with a known shape, and a plain volume renderer to photograph them with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from t2a.cameras import generate_rays
from t2a.types import Cameras


def sphere(p, radius=0.6, centre=(0, 0, 0)):
    return np.linalg.norm(p - np.asarray(centre, p.dtype), axis=-1) - radius


def box(p, half=(0.5, 0.35, 0.4), centre=(0, 0, 0)):
    q = np.abs(p - np.asarray(centre, p.dtype)) - np.asarray(half, p.dtype)
    return np.linalg.norm(np.maximum(q, 0), axis=-1) + np.minimum(q.max(-1), 0)


def torus(p, major=0.5, minor=0.18):
    ring = np.hypot(p[..., 0], p[..., 2]) - major
    return np.hypot(ring, p[..., 1]) - minor


def cylinder(p, radius, low, high):
    return np.maximum(np.hypot(p[..., 0], p[..., 2]) - radius, np.maximum(low - p[..., 1], p[..., 1] - high))


def snowman(p):
    """Three balls that overlap, a hat that touches the head, and two thin stick arms."""
    arms = np.hypot(p[..., 1] - 0.1 - 0.3 * np.abs(p[..., 0]), p[..., 2]) - 0.025
    arms = np.maximum(arms, np.abs(p[..., 0]) - 0.6)
    parts = [
        sphere(p, 0.38, (0, -0.45, 0)), sphere(p, 0.28, (0, 0.07, 0)), sphere(p, 0.2, (0, 0.45, 0)),
        cylinder(p, 0.3, 0.58, 0.63), cylinder(p, 0.18, 0.62, 0.85), arms,
    ]  # fmt: skip
    return np.minimum.reduce(parts)


@dataclass(frozen=True)
class Field:
    """density = scale * sigmoid(-sdf / width)."""

    sdf: object = sphere
    scale: float = 150.0
    width: float = 0.006

    def density(self, points):
        return (self.scale / (1 + np.exp((self.sdf(points) / self.width).clip(-40, 40)))).astype(np.float32)

    def color(self, points):
        """Smooth gradients with bands sharp enough to need a texture."""
        stripe = 1 / (1 + np.exp(-20 * np.sin(14 * points[:, 1] + 3 * points[:, 0])))
        warm = np.array([0.9, 0.35, 0.2]) + 0.1 * points
        cool = np.array([0.15, 0.45, 0.8]) + 0.15 * points[:, [2, 0, 1]]
        return (stripe[:, None] * warm + (1 - stripe[:, None]) * cool).clip(0, 1).astype(np.float32)


def volume_render(field, cameras: Cameras, height: int, width: int, samples: int = 192, color: bool = True):
    """rgb [b, h, w, 3] over black times opacity not divided out, opacity [b, h, w]: emission-absorption, midpoints in
    the cube.
    """
    rays = generate_rays(cameras, height, width)
    origins, directions = rays.origins.numpy(), rays.directions.numpy()
    with np.errstate(divide="ignore"):
        t0, t1 = (-1 - origins) / directions, (1 - origins) / directions
    near, far = np.minimum(t0, t1).max(1), np.maximum(t0, t1).min(1)
    opacity, rgb = np.zeros(len(origins), np.float32), np.zeros((len(origins), 3), np.float32)
    hit = np.flatnonzero(far > near)
    for part in np.array_split(hit, max(1, len(hit) // 8192)):
        step = (far[part] - near[part]) / samples
        t = near[part, None] + (np.arange(samples) + 0.5) * step[:, None]
        points = origins[part, None] + t[..., None] * directions[part, None]
        flat = points.reshape(-1, 3).astype(np.float32)
        alpha = 1 - np.exp(-field.density(flat).reshape(t.shape) * step[:, None])
        through = np.cumprod(1 - alpha, axis=1)
        weight = alpha * np.concatenate([np.ones_like(through[:, :1]), through[:, :-1]], 1)
        opacity[part] = weight.sum(1)
        if color:
            used = weight > 1e-4
            shade = np.zeros((*t.shape, 3), np.float32)
            shade[used] = field.color(points[used].astype(np.float32))
            rgb[part] = (weight[..., None] * shade).sum(1)
    shape = (len(cameras), height, width)
    return rgb.reshape(*shape, 3), opacity.reshape(shape)
