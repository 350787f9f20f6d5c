"""The hash encoding on CPU cores, as a torch operator with its own derivative.

Forward and the gradient to x work on (level, chunk of points) and chunks of points. The gradient to the table is
parallel over LEVELS: no two threads touch one entry, so it needs no atomics, and the sum over points is in a fixed
order.
"""

from __future__ import annotations

from functools import cache

import numba
import numpy as np
import torch
from numba import prange
from torch import Tensor

from t2a.scene._numba import FAST, kernel

CHUNK = 4096


@numba.njit(error_model="numpy", fastmath=FAST)
def _cell(value, cells):
    """Lower vertex and fraction, along one axis of `cells` cells, of a coordinate in [0, 1]."""
    position = min(max(value, np.float32(0)), np.float32(1)) * np.float32(cells)
    lower = min(np.floor(position), np.float32(cells - 1))
    return np.uint32(lower), position - lower


@numba.njit(error_model="numpy", fastmath=FAST)
def _entry(x, y, z, cells, direct, size):
    """Row of a vertex in its level's table."""
    if direct:
        side = np.uint32(cells + 1)
        return np.uint32(x + side * np.uint32(y + side * z))
    return np.uint32(x ^ np.uint32(y * np.uint32(2654435761)) ^ np.uint32(z * np.uint32(805459861))) & np.uint32(
        size - 1
    )


@cache
def _kernels(features: int):
    """Kernels for one number of features a vertex: a compile-time constant, so that the inner loops unroll."""
    F = features

    @kernel
    def forward(x, table, offsets, resolutions, dense, order, out):
        one = np.float32(1)
        n = x.shape[0]
        chunks = (n + CHUNK - 1) // CHUNK
        for task in prange(order.shape[0] * chunks):
            level = task // chunks
            start = (task % chunks) * CHUNK
            cells, direct, base = resolutions[level], dense[level], offsets[level]
            size = offsets[level + 1] - base
            for p in range(start, min(start + CHUNK, n)):
                ix, fx = _cell(x[p, 0], cells)
                iy, fy = _cell(x[p, 1], cells)
                iz, fz = _cell(x[p, 2], cells)
                for f in range(F):
                    out[level * F + f, p] = np.float32(0)
                for corner in range(8):
                    i, j, k = corner & 1, (corner >> 1) & 1, corner >> 2
                    row = base + _entry(np.uint32(ix + i), np.uint32(iy + j), np.uint32(iz + k), cells, direct, size)
                    w = (fx if i else one - fx) * (fy if j else one - fy) * (fz if k else one - fz)
                    for f in range(F):
                        out[level * F + f, p] += w * table[row, f]

    @kernel
    def backward_table(x, offsets, resolutions, dense, order, grad_out, grad_table):
        one = np.float32(1)
        for turn in prange(order.shape[0]):
            level = order[turn]
            cells, direct, base = resolutions[level], dense[level], offsets[level]
            size = offsets[level + 1] - base
            for p in range(x.shape[0]):
                ix, fx = _cell(x[p, 0], cells)
                iy, fy = _cell(x[p, 1], cells)
                iz, fz = _cell(x[p, 2], cells)
                for corner in range(8):
                    i, j, k = corner & 1, (corner >> 1) & 1, corner >> 2
                    row = base + _entry(np.uint32(ix + i), np.uint32(iy + j), np.uint32(iz + k), cells, direct, size)
                    w = (fx if i else one - fx) * (fy if j else one - fy) * (fz if k else one - fz)
                    for f in range(F):
                        grad_table[row, f] += w * grad_out[level * F + f, p]

    @kernel
    def backward_x(x, table, offsets, resolutions, dense, order, grad_out, grad_x):
        one = np.float32(1)
        n = x.shape[0]
        for chunk in prange((n + CHUNK - 1) // CHUNK):
            for level in range(order.shape[0]):
                cells, direct, base = resolutions[level], dense[level], offsets[level]
                size = offsets[level + 1] - base
                slope = np.float32(cells)
                for p in range(chunk * CHUNK, min(chunk * CHUNK + CHUNK, n)):
                    ix, fx = _cell(x[p, 0], cells)
                    iy, fy = _cell(x[p, 1], cells)
                    iz, fz = _cell(x[p, 2], cells)
                    for corner in range(8):
                        i, j, k = corner & 1, (corner >> 1) & 1, corner >> 2
                        row = base + _entry(
                            np.uint32(ix + i), np.uint32(iy + j), np.uint32(iz + k), cells, direct, size
                        )
                        wx, wy, wz = fx if i else one - fx, fy if j else one - fy, fz if k else one - fz
                        g = np.float32(0)
                        for f in range(F):
                            g += grad_out[level * F + f, p] * table[row, f]
                        g *= slope
                        grad_x[p, 0] += g * wy * wz * (one if i else -one)
                        grad_x[p, 1] += g * wx * wz * (one if j else -one)
                        grad_x[p, 2] += g * wx * wy * (one if k else -one)
            for p in range(chunk * CHUNK, min(chunk * CHUNK + CHUNK, n)):
                for axis in range(3):
                    if x[p, axis] < 0 or x[p, axis] > 1:  # the clamp to the cube has no slope outside it
                        grad_x[p, axis] = np.float32(0)

    return forward, backward_table, backward_x


class _Encode(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, table, offsets, resolutions, dense, active):
        x = x.detach().contiguous()
        features = table.shape[1]
        out = table.new_empty(len(resolutions) * features, x.shape[0])
        out[active * features :].zero_()
        # Coarse levels are cheap and fine ones miss the cache: alternate them, as threads get consecutive runs of the
        # order.
        ctx.order = np.concatenate([np.arange(active)[::2], np.arange(active)[1::2]])
        ctx.grid = offsets, resolutions, dense
        _kernels(features)[0](x.numpy(), table.detach().numpy(), *ctx.grid, ctx.order, out.numpy())
        ctx.save_for_backward(x, table)
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        x, table = (value.detach() for value in ctx.saved_tensors)
        grad = grad.contiguous().numpy()
        _, backward_table, backward_x = _kernels(table.shape[1])
        grad_x = grad_table = None
        if ctx.needs_input_grad[1]:
            grad_table = torch.zeros_like(table)
            backward_table(x.numpy(), *ctx.grid, ctx.order, grad, grad_table.numpy())
        if ctx.needs_input_grad[0]:
            grad_x = torch.zeros_like(x)
            backward_x(x.numpy(), table.numpy(), *ctx.grid, ctx.order, grad, grad_x.numpy())
        return grad_x, grad_table, None, None, None, None


def encode(
    x: Tensor, table: Tensor, offsets: np.ndarray, resolutions: np.ndarray, dense: np.ndarray, active: int
) -> Tensor:
    """As `hash_grid.encode_torch`."""
    return _Encode.apply(x, table, offsets, resolutions, dense, active)
