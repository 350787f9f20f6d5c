"""What a field looks like before it has learned anything: a function of position that is added to the raw density.

Any callable x [n, 3] -> [n] will do; one that is an nn.Module with buffers travels in the field's state_dict.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from t2a.errors import UserError

Initialisation = Callable[[Tensor], Tensor]
"""Points [n, 3] in scene units to raw density [n], before the activation."""


class Blob(nn.Module):
    """scale * (1 - |x| / radius): a soft ball. 10 and 0.5 are threestudio's DreamFusion."""

    def __init__(self, scale: float = 10.0, radius: float = 0.5):
        super().__init__()
        self.scale, self.radius = scale, radius

    def forward(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]:
        return self.scale - (self.scale / self.radius) * torch.linalg.vector_norm(x, dim=-1)


class Constant(nn.Module):
    """The same raw density everywhere: softplus(-5) is nearly empty, and grows where the loss asks for it."""

    def __init__(self, value: float = -5.0):
        super().__init__()
        self.value = value

    def forward(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]:
        return x.new_full((x.shape[0],), self.value)


class Voxels(nn.Module):
    """Raw density from a grid over the cube [-bound, bound]^3, trilinear: what point clouds and guide meshes become."""

    values: Tensor

    def __init__(self, values: Float[Tensor, "x y z"], bound: float = 1.0):
        super().__init__()
        self.bound = bound
        self.register_buffer("values", values.detach().clone())

    def forward(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]:
        return trilinear(self.values[None], x, self.bound)[0]


def filling(distance: Float[Tensor, "x y z"], height: float, softness: float, bound: float = 1.0) -> Voxels:
    """What fills the inside of a signed distance: height * tanh(-distance / softness), scene units."""
    if not softness > 0:
        raise UserError(f"softness is {softness}; it must be above 0 scene units")
    return Voxels(height * torch.tanh(-distance / softness), bound)


def trilinear(grids: Float[Tensor, "c x y z"], points: Float[Tensor, "n 3"], bound: float) -> Float[Tensor, "c n"]:
    """Grids over the cube [-bound, bound]^3 at points; beyond the cube, what its surface has."""
    # grid_sample wants (z, y, x) for an array indexed [x, y, z].
    where = (points / bound).flip(-1).reshape(1, 1, 1, -1, 3)
    found = nn.functional.grid_sample(grids[None], where, align_corners=True, padding_mode="border")
    return found.reshape(len(grids), -1)
