"""Pictures with cameras: rays, lenses, where the object is, and what stands upright."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from t2a.cameras import camera_to_world, generate_rays, orbit
from t2a.capture.pictures import (
    SIZE,
    Capture,
    Picture,
    focus_of,
    straightened,
    upright,
    y_up_to_z_up,
    z_up_to_y_up,
)
from t2a.errors import UserError

CAMERAS = orbit([0.0, 50.0, 110.0, 170.0, 230.0, 300.0], [10.0, -5.0, 35.0, 20.0, 50.0, 0.0], 3.0, 40.0)
EDGE = 48


def pictures_of(middle, radius, masked=True) -> tuple[Picture, ...]:
    """Of a ball somewhere, by cameras that look at it."""
    focal = EDGE / 2 / float((CAMERAS.fov[0] / 2).tan())
    found = []
    for number, pose in enumerate(camera_to_world(CAMERAS).numpy().astype(np.float64)):
        rays = generate_rays(CAMERAS[number : number + 1], EDGE, EDGE)
        along = -(rays.directions * rays.origins).sum(-1, keepdim=True)
        nearest = (rays.origins + along * rays.directions).norm(dim=-1).reshape(EDGE, EDGE).numpy()
        opacity = (nearest < radius).astype(np.float32)
        pose[:, 3] += middle
        rgb = np.full((EDGE, EDGE, 3), 0.5, np.float32)
        found.append(Picture(rgb, opacity if masked else None, pose, (focal, focal), (EDGE / 2, EDGE / 2)))
    return tuple(found)


def test_the_rays_are_those_of_the_same_camera():
    directions = generate_rays(CAMERAS[2:3], EDGE, EDGE).directions.reshape(EDGE, EDGE, 3)
    np.testing.assert_allclose(pictures_of([1, 2, 3], 0.5)[2].directions(), directions, atol=1e-5)


def test_a_lens_is_straightened():
    rng = np.random.default_rng(0)
    true = rng.uniform(-0.5, 0.5, (100, 2))
    k1, k2, p1, p2, k3 = distortion = (0.1, -0.05, 0.002, -0.003, 0.01)
    x, y = true.T
    r2 = x * x + y * y  # OpenCV's model, forwards
    radial = 1 + k1 * r2 + k2 * r2**2 + k3 * r2**3
    bent_x = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
    bent_y = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
    np.testing.assert_allclose(straightened(np.stack([bent_x, bent_y], 1), distortion), true, atol=1e-6)
    assert straightened(true, (0.0,) * 5) is true


def test_what_is_inside_of_all_outlines_is_the_object():
    middle, radius = np.array([4.0, -1.0, 2.5]), 0.4
    capture = Capture(pictures_of(middle, radius))
    np.testing.assert_allclose(focus_of(capture.pictures), middle, atol=1e-6)
    placement = capture.placement()
    np.testing.assert_allclose(placement.middle, middle, atol=0.05)
    # Six outlines leave corners that stick out of the ball; nothing of the ball lies farther out than it may.
    assert 0.7 * SIZE / radius < placement.scale < 1.02 * SIZE / radius
    np.testing.assert_allclose(placement.to_world(np.zeros((1, 3))), [placement.middle], rtol=1e-6)


def test_without_outlines_it_is_what_the_cameras_look_at():
    middle = np.array([4.0, -1.0, 2.5])
    placement = Capture(pictures_of(middle, 0.4, masked=False)).placement()
    np.testing.assert_allclose(placement.middle, middle, atol=1e-6)
    assert placement.scale == pytest.approx(1 / 1.5)


def test_rays_are_those_of_the_scene():
    capture = Capture(pictures_of(np.array([4.0, -1.0, 2.5]), 0.4))
    placement = capture.placement()
    rays, seen = capture.rays(placement)
    assert rays.origins.shape == (len(CAMERAS) * EDGE**2, 3) and seen.shape == (len(CAMERAS) * EDGE**2, 4)
    nearest = torch.linalg.cross(rays.origins, rays.directions).norm(dim=-1)
    hit = seen[:, 3] > 0.5
    assert nearest[hit].max() < 1.06 * 0.4 * placement.scale < 1.15 * nearest[~hit].min()


def test_masks_that_have_no_place_in_common_and_cameras_that_look_apart_are_refused():
    pictures = pictures_of(np.zeros(3), 0.4)
    gone = tuple(dataclasses.replace(p, opacity=np.zeros_like(p.opacity)) for p in pictures)
    with pytest.raises(UserError, match="no place in common"):
        Capture(gone).placement()


def test_up_is_what_the_cameras_have_up():
    pictures = pictures_of(np.zeros(3), 0.4)
    assert upright(pictures) == pictures, "it is already"
    tilt = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0.0]])  # lies on its back
    fallen = [dataclasses.replace(p, pose=tilt @ p.pose) for p in pictures]
    up = np.mean([p.pose[:, 1] for p in upright(fallen)], axis=0)
    np.testing.assert_allclose(up / np.linalg.norm(up), [0, 1, 0], atol=1e-6)
    over = [dataclasses.replace(p, pose=np.diag([1.0, -1.0, -1.0]) @ p.pose) for p in pictures]
    assert np.mean([p.pose[1, 1] for p in upright(over)]) > 0


def test_axes_turn_and_turn_back():
    pose = pictures_of(np.zeros(3), 0.4)[1].pose
    np.testing.assert_array_equal(z_up_to_y_up(y_up_to_z_up(pose)), pose)
    assert z_up_to_y_up(np.array([[0.0], [-1.0], [2.0]])).ravel().tolist() == [0, 2, 1], "-Y, the front, becomes +Z"
