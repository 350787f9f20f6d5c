"""The silhouette of something before a plain backdrop, from the colours alone.

A fit to colours cannot tell a white stem from fog before grey; a prior that draws before a plain backdrop shows what is
solid in every picture.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from scipy import ndimage
from torch import Tensor

AROUND = np.ones((3, 3), bool)
"""A pixel and its eight neighbours."""


def matte(
    images: Float[Tensor, "b h w 3"], backdrop: Float[Tensor, " 3"], noise: float = 0.025
) -> Float[Tensor, "b h w 1"]:
    """How much of each pixel is in front of a plain backdrop, 0 to 1.

    A pixel is solid if some channel differs by more than `noise`: the backdrop's colour must be one that nothing has.
    At the rim a pixel is covered as far as it differs in comparison with the neighbour that differs most.
    """
    apart = (images - backdrop).abs().amax(dim=-1).cpu().numpy()
    solid = apart > noise
    inner = ndimage.binary_erosion(solid, AROUND[None], border_value=1)
    covered = apart / ndimage.maximum_filter(apart, footprint=AROUND[None]).clip(min=noise)
    return torch.from_numpy(np.where(inner, 1.0, covered * solid)).to(images)[..., None]
