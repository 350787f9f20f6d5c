"""What the distillation loop asks of a scene, and nothing more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Protocol

import torch
from jaxtyping import Float
from torch import Tensor, nn

from t2a.scene.background import Background
from t2a.scene.shading import Shading
from t2a.types import Cameras, Render


class Scene(Protocol):
    """Something with parameters that can be looked at: a radiance field, or a mesh with a texture. An nn.Module with
    the methods below is one."""

    @property
    def latent(self) -> bool:
        """Renders hold the prior's latents instead of colours in [0, 1]."""
        ...

    @property
    def background(self) -> Background: ...

    def render(
        self,
        cameras: Cameras,
        height: int,
        width: int,
        *,
        shading: Shading = "albedo",
        generator: torch.Generator | None = None,
        background: Background | Tensor | None = None,
        normals: bool = False,
        light: Float[Tensor, "b 3"] | None = None,
    ) -> Render:
        """Differentiable views [b, height, width]; without a generator, the deterministic preview."""
        ...

    def parameters(self) -> Iterator[nn.Parameter]: ...

    def parameter_groups(self) -> list[dict[str, Any]]:
        """For torch optimisers: name, params, lr."""
        ...

    def update(self, step: int, generator: torch.Generator | None = None) -> None:
        """Called before every optimisation step."""
        ...

    def regularisers(
        self, render: Render, generator: torch.Generator | None = None, *, names: Collection[str] | None = None
    ) -> dict[str, Tensor]:
        """Differentiable scalars, unweighted; of `names`, those that the scene knows."""
        ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> Any:
        """Restores the scene exactly."""
        ...
