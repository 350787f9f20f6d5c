"""Ray marching on CPU cores, parallel over rays; rounds exactly as its torch twin in `marching`."""

from __future__ import annotations

import numpy as np
import torch
from numba import prange
from torch import Tensor

from t2a.scene._numba import exact_kernel
from t2a.types import Rays


@exact_kernel
def _march(origins, directions, occupied, start, far, step, bound, slots, counts):
    size = occupied.shape[0]
    half, last = np.float32(0.5), size - 1
    for ray in prange(origins.shape[0]):
        ox, oy, oz = origins[ray, 0], origins[ray, 1], origins[ray, 2]
        dx, dy, dz = directions[ray, 0], directions[ray, 1], directions[ray, 2]
        count = 0
        for k in range(slots.shape[1]):
            t = start[ray] + np.float32(k) * step
            if t >= far[ray]:
                break
            x = int(np.floor(((ox + t * dx) / bound * half + half) * np.float32(size)))
            y = int(np.floor(((oy + t * dy) / bound * half + half) * np.float32(size)))
            z = int(np.floor(((oz + t * dz) / bound * half + half) * np.float32(size)))
            if occupied[min(max(x, 0), last), min(max(y, 0), last), min(max(z, 0), last)]:
                slots[ray, count] = t
                count += 1
        counts[ray] = count


@exact_kernel
def _pack(origins, directions, slots, offsets, points, t):
    for ray in prange(origins.shape[0]):
        first = offsets[ray]
        for k in range(offsets[ray + 1] - first):
            d = slots[ray, k]
            t[first + k] = d
            for axis in range(3):
                points[first + k, axis] = origins[ray, axis] + d * directions[ray, axis]


def march(
    rays: Rays, occupied: Tensor, start: Tensor, far: Tensor, step: float, bound: float, steps: int
) -> tuple[Tensor, Tensor]:
    """Distances of the kept samples, left-aligned in [rays, steps + 1], and how many there are."""
    slots = torch.empty(len(start), steps + 1)
    counts = torch.empty(len(start), dtype=torch.int64)
    _march(
        rays.origins.contiguous().numpy(),
        rays.directions.contiguous().numpy(),
        occupied.numpy(),
        start.numpy(),
        far.numpy(),
        np.float32(step),
        np.float32(bound),
        slots.numpy(),
        counts.numpy(),
    )
    return slots, counts


def pack(rays: Rays, slots: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor]:
    n = int(offsets[-1])
    points, t = torch.empty(n, 3), torch.empty(n)
    _pack(
        rays.origins.contiguous().numpy(),
        rays.directions.contiguous().numpy(),
        slots.numpy(),
        offsets.numpy(),
        points.numpy(),
        t.numpy(),
    )
    return points, t
