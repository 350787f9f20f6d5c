"""A mesh of fixed shape with a learnable UV texture, as a scene: what Latent-Paint (Metzer et al. 2022, section 3.3)
and repainting optimise."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from t2a.cameras import generate_rays
from t2a.config import SceneConfig
from t2a.errors import UserError
from t2a.mesh.contour import EdgeTable, antialias, edge_table
from t2a.mesh.differentiable import TextureFilter, fragments, interpolate, sample_texture_torch
from t2a.mesh.normals import corner_normals, face_normals
from t2a.mesh.visibility import RasterBackend
from t2a.scene.background import Background, configured_background
from t2a.scene.shading import Shading, check_shading, sample_lights, shade, studio_lights
from t2a.types import Cameras, Mesh, Render

MARGIN = 0.25 / 255
"""Source colours are kept this far from 0 and 1, where the sigmoid has no gradient: less than 8 bits resolve."""


class TexturedMeshScene(nn.Module):
    """A mesh, its texture and what is behind it. `state_dict` restores it exactly, geometry included."""

    raw: nn.Parameter
    vertices: Tensor
    faces: Tensor
    uvs: Tensor
    corner_normals: Tensor
    face_normals: Tensor
    edge_ends: Tensor
    edge_of_side: Tensor
    opposite: Tensor
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

        Without normals of its own the mesh is lit smoothly but for sharp edges (t2a.mesh.normals.corner_normals). Of
        `config` the channels, latent, the light and the background count. `filter` is how texels are looked up:
        "nearest" is Latent-Paint's. Each pixel averages supersample^2 samples. `lr` is Latent-Paint's 1e-2.
        Raises UserError for a mesh without usable triangles or UVs, or a source or mask that does not fit.
        """
        super().__init__()
        self.config = c = SceneConfig() if config is None else config
        self.filter, self.lr, self.supersample, self.backend = filter, lr, supersample, backend
        _check(mesh, supersample, filter)
        texture = _source(source, size, c.channels, c.latent)
        learnt = _mask(mask, texture)
        assert mesh.uvs is not None
        edges = edge_table(mesh.vertices, mesh.faces)
        outward = face_normals(mesh)
        outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-30)
        corners = corner_normals(mesh) if mesh.normals is None else mesh.normals[mesh.faces]
        for name, values in {
            "vertices": torch.tensor(np.asarray(mesh.vertices), dtype=torch.float32),
            "faces": torch.tensor(np.asarray(mesh.faces), dtype=torch.long),
            "uvs": torch.tensor(np.asarray(mesh.uvs), dtype=torch.float32),
            "corner_normals": torch.tensor(np.asarray(corners), dtype=torch.float32),
            "face_normals": torch.tensor(outward, dtype=torch.float32),
            "edge_ends": edges.ends,
            "edge_of_side": edges.edge,
            "opposite": edges.opposite,
            "source": texture,
            "mask": learnt,
        }.items():
            self.register_buffer(name, values)
        start = texture if c.latent else texture.clamp(MARGIN, 1 - MARGIN).logit()
        self.raw = nn.Parameter(start.clone())
        self.background: Background = configured_background(c) if background is None else background

    @property
    def latent(self) -> bool:
        return self.config.latent

    def texture(self) -> Float[Tensor, "h w c"]:
        """The texture as it stands: colours in [0, 1], or latents; row 0 is the top (v = 0)."""
        learnt = self.raw if self.latent else self.raw.sigmoid()
        return torch.where(self.mask[..., None], learnt, self.source)

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
        """Views [b, height, width], differentiable in the texture, with smooth silhouettes.

        The arguments are NeRFScene's: `generator` draws lights and random backgrounds, without one the light is at the
        camera; `background` is the scene's own, another one, or colours that broadcast to [b, h, w, c]; `normals` are
        in the Render for every shading but "albedo", or on request. Both sides of a triangle are seen and lit.
        """
        check_shading(shading)
        if self.latent and shading not in ("albedo", "normal"):
            raise UserError(f"a latent scene has no light: shading is {shading!r}; use albedo")
        s = self.supersample
        seen = fragments(
            self.vertices,
            self.faces,
            cameras,
            height * s,
            width * s,
            edges=EdgeTable(self.edge_ends, self.edge_of_side, self.opposite),
            backend=self.backend,
        )
        assert seen.blend is not None
        face = seen.face.reshape(-1)
        hit = (face >= 0).nonzero()[:, 0]
        covered = (seen.face >= 0).to(self.vertices)[..., None]
        uvs = interpolate(self.uvs, self.faces, seen).reshape(-1, 2).index_select(0, hit)
        texels = sample_texture_torch(self.texture(), uvs, self.filter)
        color = texels.new_zeros((len(face), texels.shape[-1])).index_copy(0, hit, texels)
        color = color.reshape(*seen.face.shape, -1)
        depth = seen.depth[..., None]

        normal = None
        if normals or shading != "albedo":
            rays = generate_rays(cameras, height * s, width * s)
            directions = rays.directions.reshape(*seen.face.shape, 3)
            corners = self.corner_normals[seen.face.clamp(min=0)]
            normal = F.normalize((corners * seen.barycentric[..., None]).sum(-2), dim=-1)
            # From behind, an open surface shows its other side. The triangle decides: smooth normals may turn away
            # near an outline.
            away = (self.face_normals[seen.face.clamp(min=0)] * directions).sum(-1, keepdim=True) > 0
            normal = torch.where(away, -normal, normal)
            to_light = None
            if shading in ("lambertian", "textureless"):
                if light is None:
                    studio = self.config.light == "studio"
                    light = studio_lights(cameras) if studio else sample_lights(cameras, generator)
                point = rays.origins.reshape(*seen.face.shape, 3) + depth * directions
                to_light = light[:, None, None] - point
            color = shade(
                shading, color, covered, normal, to_light, ambient=self.config.ambient, diffuse=self.config.diffuse
            )

        color, opacity = _shrink(antialias(color, seen.blend), s), _shrink(antialias(covered, seen.blend), s)
        share = _shrink(covered, s)
        depth = _shrink(depth, s) / share.clamp(min=1e-6)
        if normal is not None:
            normal = F.normalize(_shrink(normal, s), dim=-1)
        if background is None:
            background = self.background
        if not isinstance(background, Tensor):
            directions = generate_rays(cameras, height, width).directions.reshape(len(cameras), height, width, 3)
            background = background(directions, generator)
        return Render(color + (1 - opacity) * background, opacity, depth, normal)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """For torch optimisers: name, params, lr."""
        groups: list[dict[str, Any]] = [{"name": "texture", "params": [self.raw], "lr": self.lr}]
        if isinstance(self.background, nn.Module) and list(self.background.parameters()):
            groups.append(
                {"name": "background", "params": list(self.background.parameters()), "lr": self.config.lr_background}
            )
        return groups

    def update(self, step: int, generator: torch.Generator | None = None) -> None:
        """Nothing in this scene changes with time."""

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


def _shrink(image: Tensor, factor: int) -> Tensor:
    """The mean of factor x factor pixels."""
    if factor == 1:
        return image
    return F.avg_pool2d(image.permute(0, 3, 1, 2), factor).permute(0, 2, 3, 1)


def _check(mesh: Mesh, supersample: int, filter: str) -> None:
    if len(mesh.faces) == 0:
        raise UserError("the mesh has no triangles to paint")
    if mesh.uvs is None:
        raise UserError("the mesh has no UV coordinates; unwrap it first")
    if not (np.isfinite(mesh.vertices).all() and np.isfinite(mesh.uvs).all()):
        raise UserError("the mesh has vertices or UV coordinates that are NaN or infinite; clean it first")
    if not 1 <= supersample <= 8:
        raise UserError(f"supersample is {supersample}; it must lie between 1 and 8")
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
