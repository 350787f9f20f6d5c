"""Distances from several sides: what they enclose is the shape, and their points lie on it."""

import numpy as np
import pytest
import torch

from t2a.cameras import camera_to_world, generate_rays, orbit
from t2a.scene.fusion import TRUNCATION, Seen, enlarged, fused, projected, seen_cloud

RADIUS, SIZE = 0.6, 64


def sphere(cameras, spread=0.01):
    """A sphere seen by cameras, exactly: red where x > 0, else blue."""
    rays = generate_rays(cameras, SIZE, SIZE)
    along = -(rays.origins * rays.directions).sum(-1)
    inner = along.square() - rays.origins.square().sum(-1) + RADIUS**2
    distance = along - inner.clamp(min=0).sqrt()
    right = (rays.origins + distance[:, None] * rays.directions)[:, :1] > 0
    rgb = torch.where(right, torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 0.0, 1.0]))
    shape = (len(cameras), SIZE, SIZE)
    distance = torch.where(inner > 0, distance, 0.0).reshape(shape)
    return Seen(cameras, rgb.reshape(*shape, 3), distance, torch.full(shape, spread), (inner > 0).reshape(shape))


@pytest.fixture(scope="module")
def around():
    return orbit([20, 110, 200, 290], [0, 35, 0, 35])


def truth(resolution):
    axis = torch.linspace(-1, 1, resolution + 1)
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), -1).norm(dim=-1) - RADIUS


def test_four_views_of_a_sphere_enclose_it(around):
    found, true = fused(sphere(around), resolution=48), truth(48)
    both, either = ((found < 0) & (true < 0)).sum(), ((found < 0) | (true < 0)).sum()
    assert both / either > 0.9
    assert found.abs().max() <= TRUNCATION
    assert (found[true < -0.3] == -TRUNCATION).all(), "no view says anything of what lies deep inside"
    assert (found[true > 0.3] > 0).all()


def test_a_view_that_doubts_is_hardly_believed(around):
    seen = sphere(around)
    wrong = torch.where(torch.arange(4)[:, None, None] == 1, seen.distance - 0.08, seen.distance)
    axis = torch.linspace(-1, 1, 49)
    nodes = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), -1)
    between = camera_to_world(orbit(65, 17))[0, :, 2]  # the first two views both see this side
    near = (truth(48).abs() < 0.05) & (nodes @ between > 0.95 * nodes.norm(dim=-1))

    def off(spread):
        field = fused(Seen(around, seen.rgb, wrong, spread, seen.inside), resolution=48)
        return abs(float((field - truth(48))[near].mean()))

    sure, doubting = torch.full_like(wrong, 0.01), torch.full_like(wrong, 0.01)
    doubting[1] = 0.5
    assert off(doubting) < 0.5 * off(sure)


def test_points_lie_on_the_surface_in_its_colours(around):
    seen = sphere(around)
    cloud = seen_cloud(seen, fused(seen), 1000, torch.Generator().manual_seed(0))
    assert cloud.points.shape == (1000, 3)
    off = np.abs(np.linalg.norm(cloud.points, axis=1) - RADIUS)
    assert off.mean() < 0.005 and np.quantile(off, 0.99) < 0.02
    right = cloud.points[:, 0]
    assert np.array_equal((cloud.colors[:, 0] > 0.5)[np.abs(right) > 0.02], (right > 0)[np.abs(right) > 0.02])
    again = seen_cloud(seen, fused(seen), 1000, torch.Generator().manual_seed(0))
    assert np.array_equal(cloud.points, again.points)
    everything = seen_cloud(seen, fused(seen), 10**6, torch.Generator())
    assert 1000 < len(everything.points) < int(seen.inside.sum()), "all but those at the rim"


def test_points_between_what_is_near_and_what_is_far_are_left_out(around):
    seen = sphere(around)
    before = len(seen_cloud(seen, fused(seen), 10**6, torch.Generator()).points)
    seen.distance[0, 30, 30] += 0.5
    seen.spread[0, 40, 30] = 0.5
    after = len(seen_cloud(seen, fused(seen), 10**6, torch.Generator()).points)
    assert after == before - 10, "it and its neighbours; and the other"


def test_pixels_project_to_where_they_are(around):
    rays = generate_rays(around[:1], 8, 8)
    where, away = projected(rays.origins + 2.5 * rays.directions, around[:1])
    torch.testing.assert_close(away[0], torch.full((64,), 2.5))
    middles = (torch.arange(8) + 0.5) / 4 - 1
    expected = torch.stack(torch.meshgrid(middles, middles, indexing="xy"), -1).reshape(-1, 2)
    torch.testing.assert_close(where[0], expected, atol=1e-5, rtol=0)


def test_enlarged_pixels_know_nothing_of_the_outside():
    values, inside = torch.full((1, 4, 4), 9.0), torch.zeros(1, 4, 4, dtype=torch.bool)
    values[0, 1:3, 1:3], inside[0, 1:3, 1:3] = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), True
    large = enlarged(values, inside, 8)
    assert large.shape == (1, 8, 8)
    assert large[0, 2:6, 2:6].min() >= 1 and large[0, 2:6, 2:6].max() <= 4
