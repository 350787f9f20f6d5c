"""A mesh of fixed shape with a learnable UV texture, as a scene: what Latent-Paint (Metzer et al. 2022, section 3.3)
and repainting optimise."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from t2a.config import SceneConfig
from t2a.errors import UserError
from t2a.mesh.differentiable import Fragments, TextureFilter, interpolate, sample_texture_torch
from t2a.mesh.visibility import RasterBackend
from t2a.scene.background import Background
from t2a.scene.mesh_scene import MeshScene
from t2a.types import Mesh, Render

MARGIN = 0.25 / 255
"""Source colours are kept this far from 0 and 1, where the sigmoid has no gradient: less than 8 bits resolve."""


class TexturedMeshScene(MeshScene):
    """A mesh, its texture and what is behind it. `state_dict` restores it exactly, geometry included."""

    raw: nn.Parameter
    uvs: Tensor
    source: Tensor
    mask: Tensor

    def __init__(
        self,
        mesh: Mesh,
        config: SceneConfig | None = None,
        *,
        size: int = 512,
        source: Float[np.ndarray, "h w c"] | Tensor | None = None,
        mask: Bool[np.ndarray, "h w"] | Tensor | None = None,
        filter: TextureFilter = "bilinear",
        lr: float = 1e-2,
        supersample: int = 1,
        background: Background | None = None,
        backend: RasterBackend = "torch",
    ):
        """The texture starts as `source` (colours in [0, 1], or latents if `config.latent`), else as size x size texels
        of middle grey (or zero latents). Only texels where `mask` is true are learnt; all others keep the source bit
        for bit (t2a.texture.texels_of makes one from triangles).

        Of `config` the channels, latent, the light and the background count. `filter` is how texels are looked up:
        "nearest" is Latent-Paint's. `lr` is Latent-Paint's 1e-2. The rest is MeshScene's. Raises UserError for a mesh
        without usable triangles or UVs, or a source or mask that does not fit.
        """
        super().__init__(mesh, config, supersample=supersample, background=background, backend=backend)
        c = self.config
        self.filter, self.lr = filter, lr
        _check(mesh, filter)
        texture = _source(source, size, c.channels, c.latent)
        learnt = _mask(mask, texture)
        self.register_buffer("uvs", torch.tensor(np.asarray(mesh.uvs), dtype=torch.float32))
        self.register_buffer("source", texture)
        self.register_buffer("mask", learnt)
        start = texture if c.latent else texture.clamp(MARGIN, 1 - MARGIN).logit()
        self.raw = nn.Parameter(start.clone())

    def texture(self) -> Float[Tensor, "h w c"]:
        """The texture as it stands: colours in [0, 1], or latents; row 0 is the top (v = 0)."""
        learnt = self.raw if self.latent else self.raw.sigmoid()
        return torch.where(self.mask[..., None], learnt, self.source)

    def colors(self, seen: Fragments, hit: Int[Tensor, " n"]) -> Float[Tensor, "n c"]:
        uvs = interpolate(self.uvs, self.faces, seen).reshape(-1, 2).index_select(0, hit)
        return sample_texture_torch(self.texture(), uvs, self.filter)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """For torch optimisers: name, params, lr."""
        return [{"name": "texture", "params": [self.raw], "lr": self.lr}, *super().parameter_groups()]

    def regularisers(
        self, render: Render, generator: torch.Generator | None = None, *, names: Collection[str] | None = None
    ) -> dict[str, Tensor]:
        """color_smoothness: mean |difference| of texels side by side or above one another, both learnt. The shape is
        fixed, so the regularisers of density have nothing to say."""
        if names is not None and "color_smoothness" not in names:
            return {}
        texture, mask = self.texture(), self.mask
        across = (texture[:, 1:] - texture[:, :-1])[mask[:, 1:] & mask[:, :-1]]
        down = (texture[1:] - texture[:-1])[mask[1:] & mask[:-1]]
        differences = torch.cat([across, down])
        return {"color_smoothness": differences.abs().sum() / max(differences.numel(), 1)}


def _check(mesh: Mesh, filter: str) -> None:
    if mesh.uvs is None:
        raise UserError("the mesh has no UV coordinates; unwrap it first")
    if not np.isfinite(mesh.uvs).all():
        raise UserError("the mesh has UV coordinates that are NaN or infinite; clean it first")
    if filter not in ("bilinear", "nearest"):
        raise UserError(f"texture filter is {filter!r}; choose bilinear or nearest")


def _source(source, size: int, channels: int, latent: bool) -> Tensor:
    if source is None:
        if not 1 <= size <= 8192:
            raise UserError(f"texture size is {size}; it must lie between 1 and 8192")
        return torch.full((size, size, channels), 0.0 if latent else 0.5)
    texture = torch.as_tensor(np.array(source, dtype=np.float32))
    if texture.dim() != 3 or texture.shape[-1] != channels:
        raise UserError(f"the source texture has shape {tuple(texture.shape)}; expected (height, width, {channels})")
    if not texture.isfinite().all():
        raise UserError("the source texture holds NaN or infinity")
    if not latent and not (0 <= float(texture.min()) and float(texture.max()) <= 1):
        raise UserError("the source texture has colours outside of [0, 1]")
    return texture


def _mask(mask, texture: Tensor) -> Tensor:
    if mask is None:
        return torch.ones(texture.shape[:2], dtype=torch.bool)
    mask = torch.as_tensor(np.array(mask))
    if mask.shape != texture.shape[:2] or mask.dtype != torch.bool:
        raise UserError(
            f"the mask has shape {tuple(mask.shape)} and type {mask.dtype}; it must be {texture.shape[0]} x "
            f"{texture.shape[1]} booleans, one per texel"
        )
    return mask
