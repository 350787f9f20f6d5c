"""Guides: rough shapes that a field should fill (Metzer et al. 2022, Latent-NeRF, section 3.2).

How far a point is from the guide's surface, and whether it lies inside, are computed once, on a grid over the field's
cube, and looked up from there; the reference queries the mesh on the CPU at every step.

Inside is where the generalised winding number (Jacobson et al. 2013; its fast form, Barill et al. 2018, from libigl)
exceeds 1/2. It needs no watertight surface: it fades to the solid angle where there are holes, and adds up where parts
intersect.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy import ndimage
from torch import Tensor

from t2a.errors import MissingExtra, UserError
from t2a.mesh.decimate import quadric
from t2a.mesh.normals import weld
from t2a.mesh.primitives import is_primitives, primitives_mesh, read_primitives
from t2a.mesh.read import read_mesh, z_up_to_y_up
from t2a.mesh.topology import face_components
from t2a.scene.initialisation import Voxels, filling, trilinear
from t2a.types import Mesh

SIZE = 0.7
"""Latent-NeRF's: the farthest vertex lies at this share of the cube's half edge from the centre."""
RESOLUTION = 96
MOST_FACES = 200_000
"""Of a guide; more of them are simplified first: no cell of the grid could tell."""
LEAF = 1.0
"""Half of the least thickness of anything, in cells."""


@dataclass(frozen=True)
class Guide:
    """A placed shape and what is known of it on the nodes of a grid over the cube [-bound, bound]^3."""

    mesh: Mesh
    """In scene units, where the field should grow."""
    distance: Float[Tensor, "n n n"]
    """To the surface, scene units, negative inside; indexed [x, y, z]."""
    winding: Float[Tensor, "n n n"]
    """About 1 inside and 0 outside of closed parts, 2 where two of them overlap."""
    bound: float = 1.0

    def lookup(self, points: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
        """Signed distance and winding number, trilinear; beyond the cube those of its surface."""
        found = trilinear(torch.stack([self.distance, self.winding]).to(points), points, self.bound)
        return found[0], found[1]

    def to(self, device) -> Guide:
        return Guide(self.mesh, self.distance.to(device), self.winding.to(device), self.bound)


def load_guide(
    path: str | Path,
    *,
    up: Literal["y", "z"] = "y",
    size: float = SIZE,
    bound: float = 1.0,
    resolution: int = RESOLUTION,
) -> Guide:
    """A guide from a mesh file or a YAML/JSON list of primitives (t2a.mesh.primitives), centred and scaled.

    `up` is the file's vertical axis ("z" for most CAD and STL files). Raises UserError for anything that cannot be a
    guide, MissingExtra without libigl.
    """
    path = Path(path)
    if up not in ("y", "z"):
        raise UserError(f"the guide's up axis is {up!r}; choose y or z")
    mesh = primitives_mesh(read_primitives(path)) if is_primitives(path) else read_mesh(path)
    if up == "z":
        mesh = mesh.with_(vertices=z_up_to_y_up(mesh.vertices))
    return guide_from_mesh(mesh, size=size, bound=bound, resolution=resolution)


def guide_from_mesh(
    mesh: Mesh, *, size: float = SIZE, bound: float = 1.0, resolution: int = RESOLUTION, place: bool = True
) -> Guide:
    """`resolution` cells along an edge of the cube: 96 take some seconds, once. `place`: centre and scale the mesh."""
    if not 0 < size <= 1:
        raise UserError(f"the guide's size is {size}; it must lie between 0 and 1 times the half edge of the cube")
    if not 8 <= resolution <= 256:
        raise UserError(f"the guide's resolution is {resolution}; it must lie between 8 and 256 cells")
    mesh = centred(mesh, size * bound) if place else mesh
    mesh = outward(quadric(mesh, MOST_FACES) if len(mesh.faces) > MOST_FACES else mesh)
    axis = np.linspace(-bound, bound, resolution + 1)
    nodes = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    distance, winding = signed_distance_and_winding(mesh, nodes)
    shape = (resolution + 1,) * 3
    distance, winding = thickened(distance.reshape(shape), winding.reshape(shape), 2 * bound / resolution)
    return Guide(
        mesh, torch.from_numpy(distance.astype(np.float32)), torch.from_numpy(winding.astype(np.float32)), bound
    )


def thickened(
    distance: Float[np.ndarray, "n n n"], winding: Float[np.ndarray, "n n n"], cell: float
) -> tuple[Float[np.ndarray, "n n n"], Float[np.ndarray, "n n n"]]:
    """The same, with what is too thin for the grid, a sheet or a wire, as thick as the grid can hold. Thin is a surface
    that has no node well inside of it nearby."""
    every_way = ndimage.generate_binary_structure(3, 3)
    held = ndimage.binary_dilation(distance < -cell / 2, every_way, iterations=2)
    near = np.abs(distance)
    thin = (near < LEAF * cell) & ~held
    return np.where(thin, near - LEAF * cell, distance), np.where(thin, np.maximum(winding, 1.0), winding)


def centred(mesh: Mesh, radius: float) -> Mesh:
    """The mesh with its bounding box about the origin and its farthest vertex at `radius`.

    Latent-NeRF centres the mean of the vertices, which depends on how finely each part is triangulated.
    """
    if len(mesh.faces) == 0:
        raise UserError("the guide has no triangles")
    used = np.unique(mesh.faces)
    vertices = np.asarray(mesh.vertices, np.float64)
    if not np.isfinite(vertices[used]).all():
        raise UserError("the guide has vertices that are NaN or infinite; repair and export it again")
    vertices = vertices - (vertices[used].min(0) + vertices[used].max(0)) / 2
    largest = np.linalg.norm(vertices[used], axis=1).max()
    if not largest > 0:
        raise UserError("the guide is a single point; give it an extent")
    return mesh.with_(vertices=(vertices * (radius / largest)).astype(np.float32))


def outward(mesh: Mesh) -> Mesh:
    """The same surface with every connected piece turned so that it encloses a positive volume.

    Winding numbers ask for it, and files often have it wrong. A cavity (a closed piece inside of another, facing in)
    gets filled, which no view from outside shows. An open piece is closed towards its centre to measure its volume.
    """
    positions, index = weld(mesh.vertices)
    faces = index[mesh.faces]
    count, piece = face_components(faces)
    corners = positions.astype(np.float64)[faces]
    total = np.stack([np.bincount(piece, corners.mean(1)[:, axis], count) for axis in range(3)], -1)
    middle = total / np.maximum(np.bincount(piece, minlength=count), 1)[:, None]
    a, b, c = (corners - middle[piece][:, None]).transpose(1, 0, 2)
    volume = np.bincount(piece, np.einsum("fi,fi->f", a, np.cross(b, c)), count)
    wrong = (volume < 0)[piece]
    return mesh.with_(faces=np.where(wrong[:, None], mesh.faces[:, ::-1], mesh.faces), normals=None)


def signed_distance_and_winding(
    mesh: Mesh, points: Float[np.ndarray, "n 3"]
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Exact distance, negative where the winding number exceeds 1/2, and the winding number (to about 0.01).

    Only libigl's core is used, which is under the MPL-2.0.
    """
    try:
        import igl
    except ImportError as error:
        raise MissingExtra("libigl", "shape") from error
    vertices = np.ascontiguousarray(mesh.vertices, np.float64)
    faces: Int[np.ndarray, "f 3"] = np.ascontiguousarray(mesh.faces, np.int64)
    points = np.ascontiguousarray(points, np.float64)
    winding = np.asarray(igl.fast_winding_number(vertices, faces, points)).reshape(-1)
    squared, *_ = igl.point_mesh_squared_distance(points, vertices, faces)
    distance = np.sqrt(np.maximum(np.asarray(squared).reshape(-1), 0))
    return np.where(winding > 0.5, -distance, distance), winding


def guide_density(guide: Guide, *, height: float = 10.0, softness: float = 0.05) -> Voxels:
    """An initial raw density that fills the guide: height * tanh(-distance / softness).

    `height` is that of the scene's blob, `SceneConfig.blob_scale`: with softplus, 10 is nearly opaque over a fifth of a
    unit and -10 is empty; trunc_exp takes its exponential, where 4 is enough. `softness` (scene
    units) leaves the surface room to move: far inside and outside the start is harder to change.
    """
    return filling(guide.distance, height, softness, guide.bound)
