"""Point clouds as guides: what a scene starts from when a cloud says the shape (Nichol et al. 2022, Point-E, gives it
one in seconds), and its first colours.

Points say where the surface is, not which side of it is inside. They are taken for inside where a ball that is too
large to pass between neighbours cannot get to from far away (a morphological closing), so a cloud of the surface alone
becomes a solid, and what is open, a leaf or a bowl, stays thin.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float
from scipy import ndimage
from scipy.spatial import cKDTree
from torch import Tensor
from torch.nn import functional

from t2a.errors import UserError
from t2a.mesh.read_cloud import spacing
from t2a.scene.guide import RESOLUTION, SIZE, Guide
from t2a.scene.nerf import NeRFScene
from t2a.types import Mesh, PointCloud

GAP = 2.1
"""Half of the widest gap that counts as closed, in spacings."""
THICKNESS = 0.25
"""Least half thickness of anything, in spacings, so that a leaf has no holes."""
SAG = 0.2
"""How far the closed surface sags between neighbours, in spacings: by so much less is it taken back."""
COLOR_STEPS = 150
COLOR_POINTS = 8192
HALO = 0.04
"""Colours are told to the space around each point, as far as this (scene units, standard deviation): a pixel mixes
samples in front of the surface and behind it."""


def placed(cloud: PointCloud, size: float = SIZE) -> PointCloud:
    """The cloud with its bounding box about the origin and its farthest point at `size`."""
    points = cloud.points - (cloud.points.min(0) + cloud.points.max(0)) / 2
    return PointCloud((points * (size / np.linalg.norm(points, axis=1).max())).astype(np.float32), cloud.colors)


def guide_from_cloud(cloud: PointCloud, *, bound: float = 1.0, resolution: int = RESOLUTION) -> Guide:
    """A guide from points in scene units, within the cube [-bound, bound]^3; its winding number is 0 or 1.

    `resolution` cells along an edge of the cube: 96 take a second or two.
    """
    if not np.abs(cloud.points).max() <= bound:
        raise UserError(f"the cloud leaves the cube [-{bound:g}, {bound:g}]^3; place it first")
    axis = np.linspace(-bound, bound, resolution + 1)
    cell = axis[1] - axis[0]
    nodes = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    apart = max(spacing(cloud.points), cell)
    reach = GAP * apart
    # Infinite beyond what is asked for, which makes the search several times faster.
    near, _ = cKDTree(cloud.points).query(nodes.reshape(-1, 3), distance_upper_bound=2 * reach)
    near = near.reshape(nodes.shape[:3])
    solid = ~_outside(near > reach)
    # Closing made everything thicker by `reach`; what lies on the points is kept, however thin.
    depth = ndimage.distance_transform_edt(solid) - ndimage.distance_transform_edt(~solid)
    depth -= 0.5 * np.sign(depth)  # the border lies half way between two nodes
    distance = np.minimum(reach - SAG * apart - cell * depth, near - THICKNESS * apart).astype(np.float32)
    return Guide(
        _surface(distance, bound),
        torch.from_numpy(distance),
        torch.from_numpy((distance < 0).astype(np.float32)),
        bound,
    )


def _outside(empty: Bool[np.ndarray, "n n n"]) -> Bool[np.ndarray, "n n n"]:
    """The part of the empty space that is connected with the cube's border."""
    pieces, _ = ndimage.label(np.pad(empty, 1, constant_values=True))
    return (pieces == pieces[0, 0, 0])[1:-1, 1:-1, 1:-1]


def _surface(distance: Float[np.ndarray, "n n n"], bound: float) -> Mesh:
    from skimage import measure

    cells, faces, _, _ = measure.marching_cubes(np.pad(distance, 1, constant_values=bound), 0.0)
    vertices = ((cells - 1) / (len(distance) - 1) * 2 - 1) * bound
    return Mesh(vertices.astype(np.float32), faces.astype(np.int32))


def fit_colors(scene: NeRFScene, cloud: PointCloud, *, seed: int, steps: int = COLOR_STEPS) -> None:
    """Teach the scene's field the cloud's colours near its points, in place; densities stay what they are.

    Raises UserError for a latent scene, whose channels are no colours.
    """
    if cloud.colors is None:
        return
    if scene.latent:
        raise UserError("a latent scene has no colours to fit; leave the cloud's colours away")
    device = next(scene.parameters()).device
    points, colors = (torch.from_numpy(np.array(x, np.float32)).to(device) for x in (cloud.points, cloud.colors))
    generator = torch.Generator().manual_seed(seed)
    parameters = [*scene.field.grid.parameters(), *scene.field.decoder.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=scene.config.lr_grid, betas=(0.9, 0.99), eps=1e-15)
    for _ in range(steps):
        rows = torch.randint(len(points), (COLOR_POINTS,), generator=generator).to(device)
        x = points[rows] + HALO * torch.randn(COLOR_POINTS, 3, generator=generator).to(device)
        _, seen = scene.field(x)
        loss = functional.mse_loss(seen, colors[rows]) + _drift(scene, x)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()


def _drift(scene: NeRFScene, x: Float[Tensor, "n 3"]) -> Float[Tensor, ""]:
    """How far the raw density has moved from the initialisation, squared: grid and decoder are shared with colours."""
    return 0.1 * (scene.field.raw_density(x) - scene.field.initialisation(x)).square().mean()
