"""From a point cloud and a signed-distance field around it to a coloured mesh (Nichol et al. 2022, section 4.5).

The field is any function: where it comes from is not this module's concern.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from scipy.spatial import cKDTree
from skimage import measure

from t2a.errors import UserError
from t2a.types import Mesh, PointCloud

CHUNK = 1 << 14
"""Positions per call of the field: bounds its memory."""


def cloud_to_mesh(
    cloud: PointCloud,
    signed_distance: Callable[[Float[np.ndarray, "n 3"]], Float[np.ndarray, " n"]],
    resolution: int = 128,
    side: float = 1.02,
) -> Mesh:
    """The surface where `signed_distance` is 0, by marching cubes on resolution^3 nodes that fill a cube of `side`
    around the origin; colours are those of the nearest points.

    The field is positive inside and negative outside; it is called with at most CHUNK positions at a time. Faces wind
    counter-clockwise seen from outside. A surface that leaves the cube is closed at its border. Raises UserError if
    there is no surface (Point-E's own code shifts such a field by its mean, which shows a surface that is not there).
    """
    if not 8 <= resolution <= 512:
        raise UserError(f"resolution is {resolution}; it must lie between 8 and 512 (128 suits most clouds)")
    axis = np.linspace(-side / 2, side / 2, resolution)
    nodes = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3).astype(np.float32)
    parts = [np.asarray(signed_distance(nodes[i : i + CHUNK])).reshape(-1) for i in range(0, len(nodes), CHUNK)]
    volume = np.concatenate(parts).astype(np.float32)
    if len(volume) != len(nodes):
        raise UserError(f"the signed distance has {len(volume)} values for {len(nodes)} positions; expected as many")
    if not np.isfinite(volume).all():
        raise UserError("the signed distance is not finite everywhere; the model or the cloud is damaged")
    if not (volume.min() < 0 < volume.max()):
        where = "outside" if volume.max() <= 0 else "inside"
        raise UserError(
            f"the cloud has no surface: its signed distance says {where} everywhere; try another seed or prompt"
        )
    # A layer of outside all around, far enough not to move any vertex within the cube.
    block = np.pad(volume.reshape((resolution,) * 3), 1, constant_values=-float(np.abs(volume).max()))
    cells, faces, _, _ = measure.marching_cubes(block, 0.0, gradient_direction="ascent", allow_degenerate=False)
    half = side / 2
    vertices = ((cells.astype(np.float64) - 1) / (resolution - 1) * side - half).clip(-half, half).astype(np.float32)
    return Mesh(vertices, faces.astype(np.int32), colors=nearest_colors(cloud, vertices))


def nearest_colors(cloud: PointCloud, positions: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"] | None:
    """The colour of the cloud's point nearest to each position; None for a cloud without colours."""
    if cloud.colors is None:
        return None
    return np.asarray(cloud.colors)[cKDTree(cloud.points).query(positions)[1]]
