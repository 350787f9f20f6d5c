"""Pictures of clouds: where the discs are, which is in front, what the light shows."""

from __future__ import annotations

import numpy as np
import pytest

from t2a.cameras import orbit
from t2a.mesh.splat import AMBIENT, planes, splat
from t2a.types import PointCloud

FRONT = orbit([0.0], [0.0], 3.0, 40.0)


def sphere(count: int = 4000, radius: float = 0.6, colors=None) -> PointCloud:
    x = np.random.default_rng(0).normal(size=(count, 3))
    return PointCloud((radius * x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32), colors)


def test_a_sphere_of_points_is_a_disc_of_its_size():
    image = splat(sphere(), FRONT, 96)[0]
    covered = (image < 0.99).any(-1)
    # The tangent cone of a ball: tan(angle) = r / sqrt(d^2 - r^2), in units of half the picture.
    wanted = 0.6 / np.sqrt(9 - 0.36) / np.tan(np.radians(20)) * 48
    assert np.sqrt(covered.sum() / np.pi) == pytest.approx(wanted, rel=0.1)
    assert covered[48, 20:76].all(), "no gaps between the points"


def test_the_nearer_side_hides_the_farther_one():
    cloud = sphere()
    colors = np.where(cloud.points[:, 2:] > 0, [1.0, 0, 0], [0, 0, 1.0])
    images = splat(PointCloud(cloud.points, colors), orbit([0.0, 180.0], [0.0, 0.0], 3.0, 40.0), 64)
    middle = images[:, 24:40, 24:40].mean((1, 2))
    assert middle[0, 0] > 0.7 and middle[0, 2] < 0.03
    assert middle[1, 2] > 0.7 and middle[1, 0] < 0.03


def test_right_is_right_and_up_is_up():
    rng = np.random.default_rng(0)
    blob = 0.05 * rng.normal(size=(200, 3))
    cloud = PointCloud(
        np.concatenate([blob + [0.5, 0, 0], blob + [0, 0.5, 0]]).astype(np.float32),
        np.repeat([[1.0, 0, 0], [0, 1.0, 0]], 200, axis=0),
    )
    image = splat(cloud, FRONT, 64)[0]
    red, green = (np.argwhere(image[..., c] - image[..., 2] > 0.3).mean(0) for c in (0, 1))
    assert red[1] > 40 and abs(red[0] - 31.5) < 4
    assert green[0] < 24 and abs(green[1] - 31.5) < 4


def test_light_falls_off_to_the_rim():
    image = splat(sphere(8000), FRONT, 96)[0].mean(-1)
    middle, rim = image[44:52, 44:52].mean(), image[48, [23, 24, 71, 72]].mean()
    assert middle == pytest.approx(0.6, abs=0.03)
    assert rim < middle - 0.4 * (1 - AMBIENT) * 0.6


def test_planes_of_a_sphere_are_its_normals():
    cloud = sphere()
    along = np.abs((planes(cloud.points) * cloud.points / 0.6).sum(1))
    assert np.quantile(along, 0.05) > 0.97


def test_points_behind_the_camera_are_not_seen():
    cloud = sphere(radius=0.1)
    behind = PointCloud(cloud.points + np.float32([0, 0, 5]), None)
    np.testing.assert_array_equal(splat(behind, FRONT, 32), 1.0)
