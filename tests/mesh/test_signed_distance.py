"""A cloud and its signed distance become a closed, outward, coloured surface."""

import numpy as np
import pytest

from t2a.errors import UserError
from t2a.mesh import topology
from t2a.mesh.extract import signed_volume
from t2a.mesh.signed_distance import CHUNK, cloud_to_mesh, nearest_colors
from t2a.types import PointCloud

CENTRE = np.array([0.1, -0.15, 0.05])
RED, BLUE = [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]
CLOUD = PointCloud(np.array([[-0.2, -0.15, 0.05], [0.4, -0.15, 0.05]]), np.array([RED, BLUE]))


def ball(radius, centre=CENTRE):
    return lambda p: radius - np.linalg.norm(p - centre, axis=1)


def test_a_ball_lies_where_it_is_and_faces_outwards():
    mesh = cloud_to_mesh(CLOUD, ball(0.3), resolution=64)
    np.testing.assert_allclose(np.linalg.norm(mesh.vertices - CENTRE, axis=1), 0.3, atol=1e-3)
    assert signed_volume(mesh) == pytest.approx(4 / 3 * np.pi * 0.3**3, rel=0.01)
    shape = topology(mesh)
    assert shape.watertight and shape.euler == 2


def test_colours_are_those_of_the_nearest_point():
    mesh = cloud_to_mesh(CLOUD, ball(0.3), resolution=32)
    left = mesh.vertices[:, 0] < 0.1
    assert left.any() and (~left).any()
    np.testing.assert_array_equal(mesh.colors, np.where(left[:, None], RED, BLUE))


def test_a_cloud_without_colours_gives_a_mesh_without():
    assert cloud_to_mesh(PointCloud(CLOUD.points), ball(0.3), resolution=16).colors is None
    assert nearest_colors(PointCloud(CLOUD.points), np.zeros((2, 3))) is None


def test_the_field_is_asked_on_the_published_grid():
    """Nodes on the border of a cube of side 1.02, x slowest; in bounded pieces."""
    asked = []

    def field(p):
        asked.append(p)
        return ball(0.3)(p)

    cloud_to_mesh(CLOUD, field, resolution=40)
    assert max(len(p) for p in asked) <= CHUNK
    nodes = np.concatenate(asked)
    assert nodes.shape == (40**3, 3)
    np.testing.assert_allclose(nodes[0], -0.51, atol=1e-6)
    np.testing.assert_allclose(nodes[-1], 0.51, atol=1e-6)
    np.testing.assert_allclose(nodes[1] - nodes[0], [0, 0, 1.02 / 39], atol=1e-6)


def test_a_surface_that_leaves_the_cube_is_closed_at_its_border():
    mesh = cloud_to_mesh(CLOUD, ball(0.6, np.zeros(3)), resolution=40)
    assert np.abs(mesh.vertices).max() <= 0.51
    assert topology(mesh).watertight
    cap = np.pi * 0.09**2 * (3 * 0.6 - 0.09) / 3  # each of the cube's six faces cuts one off the ball
    assert signed_volume(mesh) == pytest.approx(4 / 3 * np.pi * 0.6**3 - 6 * cap, rel=0.01)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (lambda p: np.full(len(p), -1.0), "outside everywhere"),
        (lambda p: np.full(len(p), 1.0), "inside everywhere"),
        (lambda p: np.full(len(p), np.nan), "not finite"),
        (lambda p: np.ones(1), "values for"),
    ],
)
def test_a_field_without_a_surface_is_a_user_error(field, words):
    with pytest.raises(UserError, match=words):
        cloud_to_mesh(CLOUD, field, resolution=16)


@pytest.mark.parametrize("resolution", [0, 7, 513])
def test_the_resolution_has_bounds(resolution):
    with pytest.raises(UserError, match="between 8 and 512"):
        cloud_to_mesh(CLOUD, ball(0.3), resolution=resolution)
