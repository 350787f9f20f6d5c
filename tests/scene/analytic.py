"""Fields with known answers."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Ball(nn.Module):
    """Density `inside` within the radius, falling to zero over `softness`; coloured by position."""

    def __init__(self, radius: float = 0.6, inside: float = 300.0, softness: float = 1e-3):
        super().__init__()
        self.radius, self.softness = radius, softness
        self.inside = nn.Parameter(torch.tensor(inside))

    def density(self, x: Tensor) -> Tensor:
        return self.inside * ((self.radius - x.norm(dim=-1)) / self.softness).sigmoid()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.density(x), (x.t() * 0.5 + 0.5).contiguous().t()

    def normals(self, x: Tensor) -> Tensor:
        return nn.functional.normalize(x, dim=-1) * (self.inside / self.inside.detach())


class Slab(nn.Module):
    """Density `inside` for |z| <= half."""

    def __init__(self, half: float, inside: float):
        super().__init__()
        self.half, self.inside = half, inside

    def density(self, x: Tensor) -> Tensor:
        return (x[:, 2].abs() <= self.half) * self.inside

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.density(x), torch.ones(3, len(x)).t()

    def normals(self, x: Tensor) -> Tensor:
        return x.new_tensor([0, 0, 1]) * x[:, 2:].sign()
