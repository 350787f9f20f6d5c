"""Volume rendering of a field: march, look once without gradients to drop what is hidden, evaluate the rest, composite.

The look (density only, no graph) costs a third of an evaluation with gradients and spares it for every sample behind a
surface: in a converged scene most of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from jaxtyping import Float
from torch import Tensor

from t2a.scene._numba import Backend
from t2a.scene.compositing import composite, visible_counts
from t2a.scene.marching import keep_first, march
from t2a.scene.occupancy import OccupancyGrid
from t2a.types import Rays


class RadianceField(Protocol):
    """What can be rendered. Densities per scene unit, colours [n, c] (fastest as a transposed view of [c, n])."""

    def density(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]: ...
    def __call__(self, x: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, " n"], Float[Tensor, "n c"]]: ...
    def normals(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]: ...


@dataclass(frozen=True)
class RayRender:
    color: Float[Tensor, "r c"]
    """Premultiplied by the opacity: add (1 - opacity) * background."""
    opacity: Float[Tensor, " r"]
    depth: Float[Tensor, " r"]
    """Expected distance of a hit, scene units; fades to 0 as the opacity falls below 1e-3."""
    normal: Float[Tensor, "r 3"] | None
    """One unit outward normal per ray, at the expected point of the hit; zero where the opacity is below 1e-2. Its
    gradient goes to the density around that point, not to the point."""
    distortion: Float[Tensor, " r"]
    samples: int
    """Samples evaluated with gradients."""
    looked_at: int
    """Samples of the look before that."""


def render_rays(
    field: RadianceField,
    occupancy: OccupancyGrid,
    rays: Rays,
    *,
    steps: int = 64,
    normals: bool = False,
    generator: torch.Generator | None = None,
    stop: float = 1e-3,
    backend: Backend = "auto",
) -> RayRender:
    """Render flat rays. `steps`: samples in the diagonal of the cube; `generator` jitters them (none: the middle of
    each step); `stop`: the transmittance below which a ray ends (0 never)."""
    with torch.no_grad():
        samples = march(
            rays,
            occupancy.occupied,
            occupancy.box(),
            bound=occupancy.bound,
            steps=steps,
            generator=generator,
            backend=backend,
        )
        looked_at = len(samples)
        if stop > 0 and looked_at:
            density = field.density(samples.points)
            counts = visible_counts(density, samples, stop=stop, backend=backend)
            samples = keep_first(samples, counts)
    density, color = field(samples.points)
    sums = composite(density, color, samples, stop=stop, backend=backend)
    depth = sums.distance / sums.opacity.clamp(min=1e-3)
    normal = None
    if normals:
        hit = (sums.opacity.detach() > 1e-2).nonzero()[:, 0]
        points = rays.origins[hit] + depth.detach()[hit, None] * rays.directions[hit]
        normal = torch.zeros_like(rays.origins).index_copy(0, hit, field.normals(points))
    return RayRender(sums.color, sums.opacity, depth, normal, sums.distortion, len(samples), looked_at)
