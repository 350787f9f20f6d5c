"""Camera geometry as axioms."""

import math

import torch

from t2a.cameras import (
    CAMERA_FEATURES,
    camera_features,
    camera_to_world,
    generate_rays,
    orbit,
    sample_cameras,
    turntable,
)


def random_cameras(count=32):
    return sample_cameras(count, torch.Generator().manual_seed(0), (-80, 80), (1, 4), (20, 90))


def test_poses_are_rotations_that_look_at_the_origin():
    cameras = random_cameras()
    pose = camera_to_world(cameras)
    rotation = pose[:, :, :3]
    torch.testing.assert_close(rotation.mT @ rotation, torch.eye(3).expand(32, 3, 3), atol=1e-6, rtol=0)
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(32))
    torch.testing.assert_close(pose[:, :, 3], rotation[:, :, 2] * cameras.distance[:, None])
    assert (rotation[:, 1, 1] > 0).all(), "up stays up"
    assert (rotation[:, 1, 0].abs() < 1e-6).all(), "the horizon stays level"


def test_named_directions():
    positions = camera_to_world(orbit([0, 90, 180, 270], 0, distance=2))[:, :, 3]
    expected = torch.tensor([[0, 0, 2], [2, 0, 0], [0, 0, -2], [-2, 0, 0.0]])
    torch.testing.assert_close(positions, expected, atol=1e-6, rtol=0)
    assert camera_to_world(orbit(0, 30))[0, 1, 3] > 0


def test_rays_are_unit_and_pass_where_they_should():
    cameras = orbit([20, 130], [10, 40], distance=3, fov_deg=50)
    rays = generate_rays(cameras, 5, 7)
    torch.testing.assert_close(rays.directions.norm(dim=-1), torch.ones(70))
    middle = rays.directions.reshape(2, 5, 7, 3)[:, 2, 3]
    torch.testing.assert_close(middle, -camera_to_world(cameras)[:, :, 2], atol=1e-6, rtol=0)
    top = rays.directions.reshape(2, 5, 7, 3)[:, 0, 3]
    angle = (top * middle).sum(-1).acos()
    torch.testing.assert_close(angle, torch.full((2,), math.atan(0.8 * math.tan(math.radians(25)))))


def test_row_zero_is_the_top_and_column_zero_the_left():
    direction = generate_rays(orbit(0, 0), 4, 4).directions.reshape(4, 4, 3)
    assert (direction[0, :, 1] > 0).all() and (direction[3, :, 1] < 0).all()
    assert (direction[:, 0, 0] < 0).all() and (direction[:, 3, 0] > 0).all()


def test_samples_are_stratified_repeatable_and_in_range():
    first, again = (sample_cameras(8, torch.Generator().manual_seed(3), (-10, 45)) for _ in range(2))
    assert torch.equal(first.azimuth, again.azimuth) and torch.equal(first.elevation, again.elevation)
    degrees = first.elevation.rad2deg()
    assert degrees.min() >= -10 and degrees.max() <= 45
    gaps = first.azimuth.sort().values.diff().rad2deg()
    assert gaps.min() > 30 and gaps.max() < 60, "eight sectors of 45 degrees, jittered by a quarter of one"


def test_features_tell_all_sides_apart_and_are_periodic():
    cameras = turntable(36)
    features = camera_features(cameras)
    assert features.shape == (36, CAMERA_FEATURES)
    assert torch.cdist(features, features).fill_diagonal_(9).min() > 0.1
    torch.testing.assert_close(camera_features(orbit(370, 10)), camera_features(orbit(10, 10)), atol=1e-5, rtol=0)
