"""sRGB and linear light (IEC 61966-2-1)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def srgb_to_linear(color: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """Both in [0, 1], where what lies outside is brought; float64."""
    color = np.asarray(color, np.float64).clip(0, 1)
    return np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(color: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """The inverse of `srgb_to_linear`."""
    color = np.asarray(color, np.float64).clip(0, 1)
    return np.where(color <= 0.0031308, color * 12.92, 1.055 * color ** (1 / 2.4) - 0.055)
