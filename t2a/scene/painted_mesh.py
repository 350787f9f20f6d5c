"""A mesh of fixed shape whose colours are a field in space, looked up where the surface is.

Against a texture that is learnt texel by texel it has no seams, whatever the charts are, paints what no view has shown
like what is near it, and can be baked into any UV map at any size.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from t2a.config import SceneConfig
from t2a.mesh.differentiable import Fragments, sample_texture_torch
from t2a.mesh.parts import part_of_face, shown_texture
from t2a.mesh.visibility import RasterBackend
from t2a.scene.background import Background
from t2a.scene.field import Decoder
from t2a.scene.hash_grid import HashGrid
from t2a.scene.mesh_scene import MeshScene, shrunk
from t2a.types import Cameras, Mesh, Part, Render

CHUNK_POINTS = 1 << 17
SURFACE_POINTS = 4096
"""Where the smoothness of the colours is looked at in a step."""


class Look(nn.Module):
    """What a mesh shows already, and where it may be painted."""

    uvs: Tensor
    part: Tensor

    def __init__(
        self,
        uvs: Float[np.ndarray, "v 2"],
        part: Int[np.ndarray, " f"],
        colors: Sequence[Float[np.ndarray, "_ _ 3"]],
        learnt: Sequence[Bool[np.ndarray, "_ _"]],
    ):
        """Triangle i belongs to `part[i]`; a part has a texture in [0, 1] (one texel for a plain colour) and a mask of
        what may be painted, both looked up by the UVs, which may repeat."""
        super().__init__()
        self.register_buffer("uvs", torch.tensor(np.asarray(uvs), dtype=torch.float32))
        self.register_buffer("part", torch.tensor(np.asarray(part), dtype=torch.long))
        self.parts = len(colors)
        for number, (color, mask) in enumerate(zip(colors, learnt, strict=True)):
            self.register_buffer(f"color_{number}", torch.tensor(np.asarray(color), dtype=torch.float32))
            self.register_buffer(f"learnt_{number}", torch.tensor(np.asarray(mask), dtype=torch.float32)[..., None])

    @staticmethod
    def of(parts: Sequence[Part], learnt: Sequence[Bool[np.ndarray, "_ _"]] | None = None) -> Look:
        """Of an object's parts; without `learnt` nothing may be painted."""
        meshes = [part.mesh for part in parts]
        uvs = [np.zeros((len(m.vertices), 2), np.float32) if m.uvs is None else m.uvs for m in meshes]
        masks = [np.zeros((1, 1), bool) for _ in parts] if learnt is None else learnt
        return Look(np.concatenate(uvs), part_of_face(meshes), [shown_texture(part.material) for part in parts], masks)

    def forward(
        self, faces: Int[Tensor, "f 3"], face: Int[Tensor, " n"], barycentric: Float[Tensor, "n 3"]
    ) -> tuple[Float[Tensor, "n 3"], Bool[Tensor, "n 1"]]:
        """Colour, and whether it may change, at points of triangles."""
        uvs = (self.uvs[faces[face]] * barycentric[..., None]).sum(-2)
        inside = torch.where((uvs < 0) | (uvs > 1), uvs % 1.0, uvs)
        color, learnt = uvs.new_zeros(len(face), 3), uvs.new_zeros(len(face), 1)
        for number in range(self.parts):
            rows = (self.part[face] == number).nonzero()[:, 0]
            color[rows] = sample_texture_torch(getattr(self, f"color_{number}"), inside[rows])
            learnt[rows] = sample_texture_torch(getattr(self, f"learnt_{number}"), inside[rows], "nearest")
        return color, learnt > 0.5


class PaintedMeshScene(MeshScene):
    """A mesh in the cube [-1, 1]^3 and a hash grid of colours. `state_dict` restores it exactly."""

    area: Tensor

    def __init__(
        self,
        mesh: Mesh,
        config: SceneConfig | None = None,
        *,
        seed: int = 0,
        look: Look | None = None,
        supersample: int = 1,
        background: Background | None = None,
        backend: RasterBackend = "torch",
    ):
        """`seed` decides the initial weights, which are middle grey; without a `look` all of the mesh is painted."""
        super().__init__(mesh, config, supersample=supersample, background=background, backend=backend)
        c = self.config
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.grid = HashGrid(c.levels, c.features, c.base_resolution, c.finest_resolution, c.log2_table_size)
            self.decoder = Decoder(self.grid.width, c.channels, c.hidden, c.layers)
        self.look = look
        a, b, third = self.vertices[self.faces].unbind(1)
        self.register_buffer("area", torch.linalg.cross(b - a, third - a).norm(dim=-1))

    def color(self, points: Float[Tensor, "n 3"]) -> Float[Tensor, "n c"]:
        """Of the paint at points in scene units, wherever they are."""
        raw = self.decoder(self.grid.encode((points * 0.5 + 0.5).clamp(0, 1)))
        return (raw if self.latent else raw.sigmoid()).t()

    def colors(self, seen: Fragments, hit: Int[Tensor, " n"]) -> Float[Tensor, "n c"]:
        face = seen.face.reshape(-1)[hit]
        barycentric = seen.barycentric.reshape(-1, 3)[hit].detach()
        points = (self.vertices[self.faces[face]] * barycentric[..., None]).sum(-2)
        if self.look is None:
            return self.color(points)
        shown, learnt = self.look(self.faces, face, barycentric)
        return torch.where(learnt, self.color(points), shown)

    @torch.no_grad()
    def changeable(self, cameras: Cameras, height: int, width: int) -> Float[Tensor, "b h w 1"]:
        """The share of each pixel that painting may change."""
        s = self.supersample
        seen = self.fragments(cameras, height * s, width * s)
        face = seen.face.reshape(-1)
        hit = (face >= 0).nonzero()[:, 0]
        if self.look is not None:
            hit = hit[self.look(self.faces, face[hit], seen.barycentric.reshape(-1, 3)[hit])[1][:, 0]]
        share = torch.zeros(len(face), device=face.device).index_fill(0, hit, 1.0)
        return shrunk(share.reshape(*seen.face.shape, 1), s)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """For torch optimisers: name, params, lr; the rates are those of a field's grid and decoder."""
        c = self.config
        return [
            {"name": "grid", "params": list(self.grid.parameters()), "lr": c.lr_grid},
            {"name": "decoder", "params": list(self.decoder.parameters()), "lr": c.lr_decoder},
            *super().parameter_groups(),
        ]

    def regularisers(
        self, render: Render, generator: torch.Generator | None = None, *, names: Collection[str] | None = None
    ) -> dict[str, Tensor]:
        """color_smoothness: mean |f(x + e) - f(x)| for x evenly on the surface, e one finest cell in a random
        direction; needs the generator."""
        if generator is None or (names is not None and "color_smoothness" not in names):
            return {}
        draw = torch.rand(SURFACE_POINTS, 3, generator=generator, device=generator.device).to(self.vertices)
        ends = self.area.cumsum(0)
        face = torch.searchsorted(ends, draw[:, 0] * ends[-1]).clamp(max=len(self.faces) - 1)
        # Evenly in a triangle: Osada et al. 2002, equation 1.
        root = draw[:, 1].sqrt()
        barycentric = torch.stack([1 - root, root * (1 - draw[:, 2]), root * draw[:, 2]], -1)
        x = (self.vertices[self.faces[face]] * barycentric[..., None]).sum(-2)
        step = torch.randn(SURFACE_POINTS, 3, generator=generator, device=generator.device).to(x)
        color = self.color(torch.cat([x, x + 2 * self.grid.cell * nn.functional.normalize(step, dim=-1)]))
        return {"color_smoothness": (color[SURFACE_POINTS:] - color[:SURFACE_POINTS]).abs().mean()}

    def numpy_field(self) -> tuple[None, Callable[[np.ndarray], np.ndarray]]:
        """What a radiance field's `numpy_field` is, without a density: the surface is the mesh."""
        return None, self.numpy_color()

    def numpy_color(self) -> Callable[[np.ndarray], np.ndarray]:
        """color(points [n, 3]) -> [n, c], float32, in chunks and without gradients: what baking takes."""

        @torch.no_grad()
        def evaluate(points: np.ndarray) -> np.ndarray:
            x = torch.from_numpy(np.array(points, dtype=np.float32).reshape(-1, 3))
            parts = [self.color(part.to(self.vertices.device)).cpu() for part in x.split(CHUNK_POINTS)]
            return torch.cat(parts).contiguous().numpy()

        return evaluate
