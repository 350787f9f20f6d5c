"""Where a field is worth sampling: a coarse grid of cells with a running maximum of their density (instant-ngp,
appendix C)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn


class OccupancyGrid(nn.Module):
    """resolution^3 cells over [-bound, bound]^3, indexed [x, y, z]; all occupied until the first refresh."""

    occupied: Bool[Tensor, "r r r"]
    density: Float[Tensor, "r r r"]

    def __init__(self, resolution: int = 32, bound: float = 1.0, *, threshold: float = 0.2, decay: float = 0.9):
        """A cell counts as occupied above `threshold` (density per scene unit; 0.2 stops 1 % of the light in 0.05
        units)."""
        super().__init__()
        self.resolution, self.bound, self.threshold, self.decay = resolution, bound, threshold, decay
        self.register_buffer("density", torch.full((resolution,) * 3, float("inf")))
        self.register_buffer("occupied", torch.ones((resolution,) * 3, dtype=torch.bool))

    @torch.no_grad()
    def refresh(self, density: Callable[[Tensor], Tensor], generator: torch.Generator | None = None) -> None:
        """Look at one jittered point in every cell (its centre without a generator): kept <- max(decay * kept,
        density).

        The threshold is never above the mean of the cells: a field that is faint everywhere stays visible where it is
        strongest, so that an empty start can grow.
        """
        # One point a cell misses cells that a surface only grazes, until later refreshes hit them; begin with several.
        for _ in range(4 if bool(torch.isinf(self.density).all()) else 1):
            self._look(density, generator)
        kept = self.density
        self.occupied.copy_(kept >= kept.mean().clamp(max=self.threshold))

    def _look(self, density: Callable[[Tensor], Tensor], generator: torch.Generator | None) -> None:
        r, device = self.resolution, self.density.device
        cells = torch.stack(torch.meshgrid(*[torch.arange(r, device=device)] * 3, indexing="ij"), -1).reshape(-1, 3)
        if generator is None:
            jitter = torch.full((r**3, 3), 0.5)
        else:
            jitter = torch.rand(r**3, 3, generator=generator, device=generator.device)
        points = ((cells + jitter.to(device)) * (2 / r) - 1) * self.bound
        seen = density(points).reshape(r, r, r)
        fresh = torch.isinf(self.density)
        kept = torch.where(fresh, seen, torch.maximum(self.density * self.decay, seen))
        self.density.copy_(kept)

    def box(self) -> Float[Tensor, "2 3"]:
        """Lowest and highest corner of the occupied cells, scene units; an empty box (low > high) if there is none."""
        sides = []
        for axis in range(3):
            where = self.occupied.movedim(axis, 0).flatten(1).any(1).nonzero()[:, 0]
            sides.append((where[0], where[-1] + 1) if len(where) else (where.new_tensor(1), where.new_tensor(0)))
        low = torch.stack([side[0] for side in sides])
        high = torch.stack([side[1] for side in sides])
        return (torch.stack([low, high]) * (2 / self.resolution) - 1) * self.bound
