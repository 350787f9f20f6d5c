"""A mesh of fixed shape as a scene: what is seen where, how it is lit, smooth silhouettes. Whatever colours its surface
is up to the scenes that derive from it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from t2a.cameras import generate_rays
from t2a.config import SceneConfig
from t2a.errors import UserError
from t2a.mesh.contour import EdgeTable, antialias, edge_table
from t2a.mesh.differentiable import Fragments, fragments
from t2a.mesh.normals import corner_normals, face_normals
from t2a.mesh.visibility import RasterBackend
from t2a.scene.background import Background, configured_background
from t2a.scene.shading import Shading, check_shading, sample_lights, shade, studio_lights
from t2a.types import Cameras, Mesh, Render


class MeshScene(nn.Module):
    """A mesh and what is behind it; a derived class says what colour is where. `state_dict` restores it exactly,
    geometry included."""

    vertices: Tensor
    faces: Tensor
    corner_normals: Tensor
    face_normals: Tensor
    edge_ends: Tensor
    edge_of_side: Tensor
    opposite: Tensor

    def __init__(
        self,
        mesh: Mesh,
        config: SceneConfig | None = None,
        *,
        supersample: int = 1,
        background: Background | None = None,
        backend: RasterBackend = "torch",
    ):
        """Without normals of its own the mesh is lit smoothly but for sharp edges (t2a.mesh.normals.corner_normals). Of
        `config` latent, the light and the background count. Each pixel averages supersample^2 samples. Raises UserError
        for a mesh without usable triangles."""
        super().__init__()
        self.config = c = SceneConfig() if config is None else config
        self.supersample, self.backend = supersample, backend
        if len(mesh.faces) == 0:
            raise UserError("the mesh has no triangles to paint")
        if not np.isfinite(mesh.vertices).all():
            raise UserError("the mesh has vertices that are NaN or infinite; clean it first")
        if not 1 <= supersample <= 8:
            raise UserError(f"supersample is {supersample}; it must lie between 1 and 8")
        edges = edge_table(mesh.vertices, mesh.faces)
        outward = face_normals(mesh)
        outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-30)
        corners = corner_normals(mesh) if mesh.normals is None else mesh.normals[mesh.faces]
        for name, values in {
            "vertices": torch.tensor(np.asarray(mesh.vertices), dtype=torch.float32),
            "faces": torch.tensor(np.asarray(mesh.faces), dtype=torch.long),
            "corner_normals": torch.tensor(np.asarray(corners), dtype=torch.float32),
            "face_normals": torch.tensor(outward, dtype=torch.float32),
            "edge_ends": edges.ends,
            "edge_of_side": edges.edge,
            "opposite": edges.opposite,
        }.items():
            self.register_buffer(name, values)
        self.background: Background = configured_background(c) if background is None else background

    @property
    def latent(self) -> bool:
        return self.config.latent

    def colors(self, seen: Fragments, hit: Int[Tensor, " n"]) -> Float[Tensor, "n c"]:
        """What is seen at the pixels `hit` (of the flattened fragments), differentiable in what is learnt."""
        raise NotImplementedError

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
        """Views [b, height, width], differentiable in the colours, with smooth silhouettes.

        The arguments are NeRFScene's: `generator` draws lights and random backgrounds, without one the light is at the
        camera; `background` is the scene's own, another one, or colours that broadcast to [b, h, w, c]; `normals` are
        in the Render for every shading but "albedo", or on request. Both sides of a triangle are seen and lit.
        """
        check_shading(shading)
        if self.latent and shading not in ("albedo", "normal"):
            raise UserError(f"a latent scene has no light: shading is {shading!r}; use albedo")
        s = self.supersample
        seen = self.fragments(cameras, height * s, width * s)
        assert seen.blend is not None
        face = seen.face.reshape(-1)
        hit = (face >= 0).nonzero()[:, 0]
        covered = (seen.face >= 0).to(self.vertices)[..., None]
        found = self.colors(seen, hit)
        color = found.new_zeros((len(face), found.shape[-1])).index_copy(0, hit, found)
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

        color, opacity = shrunk(antialias(color, seen.blend), s), shrunk(antialias(covered, seen.blend), s)
        share = shrunk(covered, s)
        depth = shrunk(depth, s) / share.clamp(min=1e-6)
        if normal is not None:
            normal = F.normalize(shrunk(normal, s), dim=-1)
        if background is None:
            background = self.background
        if not isinstance(background, Tensor):
            directions = generate_rays(cameras, height, width).directions.reshape(len(cameras), height, width, 3)
            background = background(directions, generator)
        return Render(color + (1 - opacity) * background, opacity, depth, normal)

    def fragments(self, cameras: Cameras, height: int, width: int) -> Fragments:
        """What the pixel centres see."""
        edges = EdgeTable(self.edge_ends, self.edge_of_side, self.opposite)
        return fragments(self.vertices, self.faces, cameras, height, width, edges=edges, backend=self.backend)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """For torch optimisers: name, params, lr; here those of the background."""
        if isinstance(self.background, nn.Module) and list(self.background.parameters()):
            learnt = list(self.background.parameters())
            return [{"name": "background", "params": learnt, "lr": self.config.lr_background}]
        return []

    def update(self, step: int, generator: torch.Generator | None = None) -> None:
        """Nothing in this scene changes with time."""

    def regularisers(
        self, render: Render, generator: torch.Generator | None = None, *, names: Collection[str] | None = None
    ) -> dict[str, Tensor]:
        """None: the shape is fixed, so the regularisers of density have nothing to say."""
        return {}


def shrunk(image: Tensor, factor: int) -> Tensor:
    """The mean of factor x factor pixels."""
    if factor == 1:
        return image
    return F.avg_pool2d(image.permute(0, 3, 1, 2), factor).permute(0, 2, 3, 1)
