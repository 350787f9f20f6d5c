"""The silhouette of something before a plain backdrop, from the colours alone.

A fit to colours cannot tell a white stem from fog before grey; a prior that draws before a plain backdrop shows what is
solid in every picture.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float
from scipy import ndimage
from torch import Tensor

AROUND = np.ones((3, 3), bool)
"""A pixel and its eight neighbours."""


def matte(
    images: Float[Tensor, "b h w 3"], backdrop: Float[Tensor, " 3"], noise: float = 0.025
) -> Float[Tensor, "b h w 1"]:
    """How much of each pixel is in front of a plain backdrop, 0 to 1.

    A pixel is solid if some channel differs by more than `noise`. Narrow gaps and small holes count as solid, since a
    white thing's shaded side can have the backdrop's grey. At the rim a pixel is covered as far as it differs in
    comparison with the neighbour that differs most.
    """
    apart = (images - backdrop).abs().amax(dim=-1).cpu().numpy()
    solid = np.stack([without_small_holes(mask) for mask in apart > noise])
    inner = ndimage.binary_erosion(solid, AROUND[None], border_value=1)
    covered = apart / ndimage.maximum_filter(apart, footprint=AROUND[None]).clip(min=noise)
    return torch.from_numpy(np.where(inner, 1.0, covered * solid)).to(images)[..., None]


def without_small_holes(mask: Bool[np.ndarray, "h w"], share: float = 0.005) -> Bool[np.ndarray, "h w"]:
    """The mask, its gaps of a pixel closed, its holes of up to `share` of the picture filled."""
    closed = ndimage.binary_closing(np.pad(mask, 1))[1:-1, 1:-1]
    holes, count = ndimage.label(~closed)
    sizes = np.bincount(holes.ravel(), minlength=count + 1)
    return closed | (sizes <= share * mask.size)[holes]
