"""Clouds as guides: surfaces become solids, open things stay thin, colours arrive where the points are."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh

from t2a.cameras import orbit
from t2a.config import SceneConfig
from t2a.errors import UserError
from t2a.scene import NeRFScene, guide_density
from t2a.scene.cloud import fit_colors, guide_from_cloud, placed
from t2a.types import PointCloud


def sphere(count: int, radius: float = 0.6) -> PointCloud:
    points = np.random.default_rng(1).normal(size=(count, 3))
    points *= radius / np.linalg.norm(points, axis=1, keepdims=True)
    colors = np.where(points[:, :1] > 0, [[1.0, 0.1, 0.1]], [[0.1, 0.1, 1.0]])
    return PointCloud(points.astype(np.float32), colors.astype(np.float32))


def nodes(resolution: int) -> np.ndarray:
    axis = np.linspace(-1, 1, resolution + 1)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)


@pytest.mark.parametrize(("count", "agreement"), [(1024, 0.88), (4096, 0.93)])
def test_a_surface_becomes_a_solid(count, agreement):
    guide = guide_from_cloud(sphere(count), resolution=48)
    inside, true = guide.distance.numpy() < 0, np.linalg.norm(nodes(48), axis=-1) < 0.6
    assert (inside & true).sum() / (inside | true).sum() > agreement
    assert torch.equal(guide.winding, (guide.distance < 0).float())


def test_distances_are_those_of_the_shape():
    guide = guide_from_cloud(sphere(20_000), resolution=64)
    error = guide.distance.numpy() - (np.linalg.norm(nodes(64), axis=-1) - 0.6)
    assert np.abs(error).max() < 0.06 and abs(error.mean()) < 0.02
    box = trimesh.Trimesh(guide.mesh.vertices, guide.mesh.faces)
    assert box.is_watertight and box.volume == pytest.approx(4 / 3 * np.pi * 0.6**3, rel=0.1)


def test_what_is_open_stays_thin():
    points = sphere(8000).points
    bowl = PointCloud(points[points[:, 1] < 0])
    guide = guide_from_cloud(bowl, resolution=64)
    distance, _ = guide.lookup(torch.tensor([[0.0, -0.2, 0.0], [0.0, -0.6, 0.0]]))
    assert distance[0] > 0.2, "the bowl's hollow is outside"
    assert distance[1] < 0.02, "its bottom is not"


def test_a_cloud_is_placed_about_the_origin():
    cloud = placed(PointCloud(sphere(500).points * 40 + [100, 0, 3]))
    assert np.linalg.norm(cloud.points, axis=1).max() == pytest.approx(0.7, abs=1e-5)
    assert np.abs(cloud.points.max(0) + cloud.points.min(0)).max() < 1e-5
    with pytest.raises(UserError, match="leaves the cube"):
        guide_from_cloud(PointCloud(sphere(500).points * 2))


def test_the_scene_begins_in_the_clouds_shape_and_colours():
    cloud = sphere(4096)
    config = SceneConfig(activation="trunc_exp", blob_scale=4.0, background="black", finest_resolution=64)
    scene = NeRFScene(config, seed=0, initialisation=guide_density(guide_from_cloud(cloud, resolution=48), height=4.0))
    before = scene.field.raw_density(torch.from_numpy(cloud.points)).detach()
    fit_colors(scene, cloud, seed=0, steps=60)
    scene.update(0, torch.Generator().manual_seed(0))
    with torch.no_grad():
        view = scene.render(orbit([0.0], 0.0), 48, 48)
        after = scene.field.raw_density(torch.from_numpy(cloud.points))
    seen = view.opacity[0, ..., 0] > 0.9
    assert seen[24, 24] and not seen[2, 2]
    right = view.rgb[0, 24, 30].tolist()
    left = view.rgb[0, 24, 18].tolist()
    assert right[0] > 0.7 > 0.4 > right[2] and left[2] > 0.7 > 0.4 > left[0]
    assert (after - before).abs().mean() < 0.3, "the densities stay what they are"


def test_colours_are_repeatable_and_latent_scenes_have_none():
    cloud = sphere(500)
    fields = []
    for _ in range(2):
        scene = NeRFScene(SceneConfig(levels=4, finest_resolution=32), seed=1)
        fit_colors(scene, cloud, seed=5, steps=3)
        fields.append(scene.state_dict())
    assert all(torch.equal(fields[0][k], fields[1][k]) for k in fields[0])
    with pytest.raises(UserError, match="latent"):
        fit_colors(NeRFScene(SceneConfig(latent=True, channels=4)), cloud, seed=0)
