"""An object that is edited: what it looks like, where it is solid, and which colours its surface has. Nothing of it is
learnt."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch
import trimesh
from jaxtyping import Float, Int
from scipy.spatial import cKDTree
from torch import Tensor

from t2a.config import SceneConfig
from t2a.mesh.differentiable import Fragments
from t2a.mesh.parts import joined
from t2a.scene.fusion import Seen
from t2a.scene.guide import SIZE, Guide, centred, guide_from_mesh
from t2a.scene.mesh_scene import MeshScene
from t2a.scene.painted_mesh import Look
from t2a.scene.shading import Shading
from t2a.types import Cameras, Mesh, Part, Render

SAMPLES = 400_000
"""Points that stand for the surface: about as many as a texture of 1,024 pixels has texels on it."""
RESOLUTION = 128
"""Cells along an edge of the grid that knows where the inside is."""


class ShownMesh(MeshScene):
    """A mesh in the colours that it has."""

    def __init__(self, mesh: Mesh, look: Look, config: SceneConfig):
        super().__init__(mesh, config, supersample=2)
        self.look = look

    @staticmethod
    def of(parts: Sequence[Part], mesh: Mesh, config: SceneConfig) -> ShownMesh:
        """The parts, which are together the `mesh`."""
        return ShownMesh(mesh, Look.of(parts), config)

    def colors(self, seen: Fragments, hit: Int[Tensor, " n"]) -> Float[Tensor, "n c"]:
        face, barycentric = seen.face.reshape(-1)[hit], seen.barycentric.reshape(-1, 3)[hit]
        return self.look(self.faces, face, barycentric)[0]


class Source:
    """The parts of an object, together in the scene."""

    def __init__(
        self,
        parts: Sequence[Part],
        config: SceneConfig,
        size: float = SIZE,
        shading: Shading = "lambertian",
        device: str | torch.device = "cpu",
    ):
        """The farthest vertex will lie at `size` from the middle of the bounding box, which is the origin. Raises
        UserError for what has no extent."""
        self.parts, self.shading = parts, shading
        whole = joined([part.mesh.with_(uvs=None, colors=None) for part in parts])
        self.mesh = centred(whole, size)
        used = np.asarray(whole.vertices, np.float64)[np.unique(whole.faces)]
        self.middle = (used.min(0) + used.max(0)) / 2
        self.scale = size / float(np.linalg.norm(used - self.middle, axis=1).max())
        self.scene = ShownMesh.of(parts, self.mesh, config).to(device)

    def to_file(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        """From scene units to where the file has them."""
        return (points / self.scale + self.middle).astype(np.float32)

    def to_scene(self, mesh: Mesh) -> Mesh:
        """A mesh that lies where the file has it, in scene units."""
        places = (np.asarray(mesh.vertices, np.float64) - self.middle) * self.scale
        return mesh.with_(vertices=places.astype(np.float32))

    @torch.no_grad()
    def render(self, cameras: Cameras, size: int, behind: Float[Tensor, "#b #h #w 3"]) -> Render:
        """Before a background."""
        return self.scene.render(cameras, size, size, shading=self.shading, background=behind)

    def seen(self, cameras: Cameras, size: int, behind: Float[Tensor, "#b #h #w 3"]) -> Seen:
        """What these cameras know of it, on the CPU."""
        return Seen.of(cameras, self.render(cameras, size, behind))

    @cached_property
    def guide(self) -> Guide:
        """Signed distances on a grid of RESOLUTION cells."""
        return guide_from_mesh(self.mesh, place=False, resolution=RESOLUTION)

    @cached_property
    def samples(self) -> tuple[Float[np.ndarray, "n 3"], Int[np.ndarray, " n"], Float[np.ndarray, "n 3"]]:
        """Points evenly on the surface, the triangles that they are on, and their colours."""
        body = trimesh.Trimesh(self.mesh.vertices, self.mesh.faces, process=False)
        points, face = trimesh.sample.sample_surface(body, SAMPLES, seed=0)
        barycentric = trimesh.triangles.points_to_barycentric(body.triangles[face], points)
        faces = self.scene.faces.cpu()
        where = torch.from_numpy(np.asarray(face)), torch.from_numpy(np.nan_to_num(barycentric)).float()
        with torch.no_grad():
            colors, _ = self.scene.look.cpu()(faces, *where)
        self.scene.look.to(self.scene.vertices.device)
        return np.asarray(points, np.float32), np.asarray(face), colors.numpy()

    @cached_property
    def tree(self) -> cKDTree:
        """Of the `samples`' points."""
        return cKDTree(self.samples[0])

    def color(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        """sRGB of the surface where it is nearest to each point."""
        return self.samples[2][self.tree.query(points, workers=-1)[1]]
