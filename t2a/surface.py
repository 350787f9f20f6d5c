"""From a coloured point cloud to a textured mesh."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from scipy.spatial import cKDTree

import t2a
from t2a.config import MeshConfig
from t2a.export import mesh_report, place
from t2a.mesh import clean, contact_sheet, decimate
from t2a.mesh.signed_distance import cloud_to_mesh
from t2a.pipelines import SMOOTHING
from t2a.points import find_weights
from t2a.priors.point_e import SDF
from t2a.priors.point_e.sdf import SignedDistanceModel, signed_distance
from t2a.scene.cloud import guide_from_cloud, placed
from t2a.texture import bake, measure_uv, unwrap
from t2a.types import Asset, PointCloud

NEAR = 4
"""Points whose colours a texel mixes."""
Field = Callable[[Float[np.ndarray, "n 3"]], np.ndarray]


def points_to_mesh(
    cloud: PointCloud,
    config: MeshConfig | None = None,
    *,
    weights: Path | None = None,
    provenance: dict[str, Any] | None = None,
) -> Asset:
    """A textured mesh around the points; a texel has the colours of the points that are nearest to it.

    What is solid says Point-E's signed-distance model where the folder `weights` has it, which knows clouds of 4096
    points inside of the cube of side 1; else what a ball cannot pass between is solid (`scene.cloud`).
    """
    config, start = config or MeshConfig(), time.monotonic()
    cloud = placed(cloud)
    rough = clean(cloud_to_mesh(cloud, solidity(cloud, weights), config.resolution, side=2.0), smooth=SMOOTHING)
    mesh = unwrap(decimate(rough, config.faces), config.texture)
    material = bake(mesh, colors_near(cloud), None, config.texture)
    uv = measure_uv(mesh)
    report = mesh_report(
        place(mesh, config.height), material, face_budget=config.faces, uv_coverage=uv.coverage, uv_overlap=uv.overlap
    )
    told: dict[str, Any] = {
        "version": t2a.__version__,
        "height": config.height,
        "seconds": {"mesh": round(time.monotonic() - start, 2)},
        "warnings": [],
        "provenance": {"generator": f"t2a {t2a.__version__}", **(provenance or {})},
    }
    return Asset(mesh, material, {**report, **told}, contact_sheet(mesh, material))


def solidity(cloud: PointCloud, weights: Path | None) -> Field:
    """Positive inside of what the points are the surface of, negative outside, at positions [n, 3]."""
    path = None if weights is None else find_weights(SDF, weights)
    if path is not None:
        from t2a.priors.point_e.checkpoint import load

        model = load(path, SDF)
        assert isinstance(model, SignedDistanceModel)
        field = signed_distance(model, PointCloud(cloud.points / 2, cloud.colors))
        return lambda positions: field(positions / 2)
    guide = guide_from_cloud(cloud)
    return lambda positions: -guide.lookup(torch.from_numpy(positions))[0].numpy()


def colors_near(cloud: PointCloud) -> Field:
    """sRGB at positions: the nearest points' colours, each the more the nearer it is; grey for a cloud without any."""
    tree, colors = cKDTree(cloud.points), cloud.colors

    def color(positions: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        if colors is None:
            return np.full((len(positions), 3), 0.6, np.float32)
        distance, index = tree.query(positions, k=NEAR)
        weight = 1 / np.maximum(distance, 1e-6) ** 2
        weight /= weight.sum(1, keepdims=True)
        return np.einsum("nk,nkc->nc", weight, np.asarray(colors)[index]).astype(np.float32)

    return color
