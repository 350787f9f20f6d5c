"""Compositing on CPU cores, parallel over rays, with the derivative in closed form.

Every output is a function of the weights alone. With g_i = d loss / d w_i and T_{i+1} = T_i - w_i,
    d loss / d sigma_i = step * (T_{i+1} g_i - sum_{j>i} w_j g_j).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numba import prange
from torch import Tensor

from t2a.scene._numba import kernel


@kernel
def _forward(density, color, t, offsets, step, stop, weight, out_color, out):
    channels = color.shape[0]
    for ray in prange(offsets.shape[0] - 1):
        light = np.float32(1)
        mass = moment = distortion = np.float32(0)
        for c in range(channels):
            out_color[ray, c] = np.float32(0)
        for i in range(offsets[ray], offsets[ray + 1]):
            if light < stop:
                weight[i] = np.float32(-1)  # behind the end of the ray: tells the backward pass to leave it alone
                continue
            left = light * np.float32(math.exp(-density[i] * step))
            w = light - left
            light = left
            weight[i] = w
            distortion += np.float32(2) * w * (t[i] * mass - moment) + step / np.float32(3) * w * w
            mass += w
            moment += w * t[i]
            for c in range(channels):
                out_color[ray, c] += w * color[c, i]
        out[0, ray] = mass
        out[1, ray] = moment
        out[2, ray] = distortion


@kernel
def _backward(color, t, offsets, step, weight, out, grad_color_out, grad_out, grad_density, grad_color):
    channels = color.shape[0]
    for ray in prange(offsets.shape[0] - 1):
        g_opacity, g_distance, g_distortion = grad_out[0, ray], grad_out[1, ray], grad_out[2, ray]
        mass, moment = out[0, ray], out[1, ray]
        before = before_moment = np.float32(0)
        behind = np.float32(0)
        # Twice over the ray: d loss / d weight (kept in grad_density) and its total, then what each sample leaves for
        # those behind.
        for i in range(offsets[ray], offsets[ray + 1]):
            w = max(weight[i], np.float32(0))
            g = g_opacity + g_distance * t[i]
            for c in range(channels):
                g += grad_color_out[ray, c] * color[c, i]
                grad_color[c, i] = w * grad_color_out[ray, c]
            if g_distortion != 0:
                after = mass - before - w
                after_moment = moment - before_moment - w * t[i]
                spread = t[i] * before - before_moment + after_moment - t[i] * after
                g += g_distortion * np.float32(2) * (spread + step / np.float32(3) * w)
                before += w
                before_moment += w * t[i]
            grad_density[i] = g
            behind += w * g
        light = np.float32(1)
        for i in range(offsets[ray], offsets[ray + 1]):
            w, g = weight[i], grad_density[i]
            if w < 0:
                grad_density[i] = np.float32(0)
                continue
            light -= w
            behind -= w * g
            grad_density[i] = step * (light * g - behind)


@kernel
def _visible(density, offsets, step, stop, counts):
    for ray in prange(offsets.shape[0] - 1):
        light = np.float32(1)
        count = 0
        for i in range(offsets[ray], offsets[ray + 1]):
            if light < stop:
                break
            light *= np.float32(math.exp(-density[i] * step))
            count += 1
        counts[ray] = count


class _Composite(torch.autograd.Function):
    @staticmethod
    def forward(ctx, density, color, t, offsets, step, stop):
        planes = color.detach().t().contiguous()  # a field hands over the transposed view, so this copies nothing
        rays = len(offsets) - 1
        weight = torch.empty_like(density)
        out_color, out = torch.empty(rays, color.shape[1]), torch.empty(3, rays)
        ctx.step = np.float32(step)
        _forward(
            density.detach().contiguous().numpy(),
            planes.numpy(),
            t.numpy(),
            offsets.numpy(),
            ctx.step,
            np.float32(stop),
            weight.numpy(),
            out_color.numpy(),
            out.numpy(),
        )
        ctx.save_for_backward(planes, t, offsets, weight, out)
        return out_color, out[0], out[1], out[2]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad_color_out, *grad_out):
        planes, t, offsets, weight, out = ctx.saved_tensors
        grad_density, grad_color = torch.empty_like(weight), torch.empty_like(planes)
        _backward(
            planes.numpy(),
            t.numpy(),
            offsets.numpy(),
            ctx.step,
            weight.numpy(),
            out.numpy(),
            grad_color_out.contiguous().numpy(),
            torch.stack(grad_out).numpy(),
            grad_density.numpy(),
            grad_color.numpy(),
        )
        return grad_density, grad_color.t(), None, None, None, None


def composite(
    density: Tensor, color: Tensor, t: Tensor, offsets: Tensor, step: float, stop: float
) -> tuple[Tensor, ...]:
    """As `compositing.composite_torch`."""
    return _Composite.apply(density, color, t, offsets, step, stop)


def visible_counts(density: Tensor, offsets: Tensor, step: float, stop: float) -> Tensor:
    """As `compositing.visible_counts`."""
    counts = torch.empty(len(offsets) - 1, dtype=torch.int64)
    _visible(density.detach().contiguous().numpy(), offsets.numpy(), np.float32(step), np.float32(stop), counts.numpy())
    return counts
