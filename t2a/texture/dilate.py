"""Colour past the seams, so that bilinear lookup and mip levels never show the background."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from scipy import ndimage

from t2a.errors import UserError


def dilate(image: Float[np.ndarray, "h w c"], inside: Bool[np.ndarray, "h w"]) -> Float[np.ndarray, "h w c"]:
    """Every texel outside takes the colour of the nearest one inside; those inside stay as they are.

    The whole padding is filled, not a fixed number of texels: all mip levels stay clean.
    """
    if not inside.any():
        raise UserError("the texture has no covered texel; check the UV coordinates")
    row, column = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    return image[row, column]
