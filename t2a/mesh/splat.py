"""Pictures of point clouds: each point is a disc that faces the camera, as large as the points are far apart."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.spatial import cKDTree

from t2a.mesh.raster import camera_space
from t2a.mesh.read_cloud import spacing
from t2a.types import Cameras, PointCloud

RADIUS = 1.1
"""Of a disc, in spacings: of a surface with evenly random points one hundredth shows through."""
NEIGHBOURS = 12
"""So many points span the plane that a point is lit as."""
AMBIENT = 0.6
"""Share of the light that comes from everywhere; the rest comes from the camera."""
GREY = 0.6
"""Of a cloud without colours."""


def splat(
    cloud: PointCloud,
    cameras: Cameras,
    size: int,
    *,
    background: tuple[float, float, float] = (1.0, 1.0, 1.0),
    supersample: int = 2,
) -> Float[np.ndarray, "b size size 3"]:
    """What the cameras see of the cloud, in [0, 1]."""
    fine = size * supersample
    colors = np.full(cloud.points.shape, GREY) if cloud.colors is None else np.asarray(cloud.colors, np.float64)
    radius = RADIUS * spacing(cloud.points)
    normals = planes(cloud.points)
    # In each camera's space a direction is the difference of two points.
    seen = camera_space(cloud.points, cameras)
    turned = camera_space(cloud.points + normals, cameras) - seen
    facing = np.abs(np.einsum("bnc,bnc->bn", turned, seen)) / np.linalg.norm(seen, axis=2)
    images = np.empty((len(cameras), fine, fine, 3), np.float32)
    tangents = np.tan(cameras.fov.cpu().double().numpy() / 2)
    for image, where, light, tangent in zip(images, seen, facing, tangents, strict=True):
        image[:] = background
        _stamp(image, where, colors * (AMBIENT + (1 - AMBIENT) * light)[:, None], radius, float(tangent))
    return images.reshape(len(cameras), size, supersample, size, supersample, 3).mean((2, 4))


def planes(points: Float[np.ndarray, "n 3"], count: int = NEIGHBOURS) -> Float[np.ndarray, "n 3"]:
    """A unit normal of the plane through each point's neighbours, of either sign."""
    near = points[cKDTree(points).query(points, k=min(count, len(points)))[1]].astype(np.float64)
    apart = near - near.mean(1, keepdims=True)
    return np.linalg.eigh(np.einsum("nki,nkj->nij", apart, apart))[1][:, :, 0]


def _stamp(
    image: Float[np.ndarray, "h w 3"],
    seen: Float[np.ndarray, "n 3"],
    colors: Float[np.ndarray, "n 3"],
    radius: float,
    tangent: float,
) -> None:
    """Draw discs into the image, the nearest on top; `seen` are their centres in the camera's space."""
    size = len(image)
    before = seen[:, 2] < -1e-6
    seen, colors = seen[before], colors[before]
    scale = size / 2 / tangent / -seen[:, 2]  # pixels per unit at each point
    centres = np.stack([size / 2 - seen[:, 1] * scale, size / 2 + seen[:, 0] * scale], axis=1)  # row, column
    reach = np.maximum(radius * scale, 0.7)  # at least the pixel that the centre lies in
    far_first = np.argsort(seen[:, 2])
    steps = np.arange(-int(np.ceil(reach.max(initial=0))), int(np.ceil(reach.max(initial=0))) + 1)
    offsets = np.stack(np.meshgrid(steps, steps, indexing="ij"), -1).reshape(-1, 2)
    pixels = np.floor(centres[far_first]).astype(np.int64)[:, None] + offsets
    inside = np.linalg.norm(pixels + 0.5 - centres[far_first][:, None], axis=2) <= reach[far_first][:, None]
    inside &= ((pixels >= 0) & (pixels < size)).all(2)
    row, column = pixels[inside].T
    # Of values that go to the same pixel the last one stays.
    image[row, column] = np.broadcast_to(colors[far_first][:, None], (*inside.shape, 3))[inside]
