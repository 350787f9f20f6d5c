from __future__ import annotations

from collections import Counter

import pytest
import torch

from t2a.cameras import camera_to_world, orbit, turntable
from t2a.errors import UserError
from t2a.scene import LearnedBackground, RandomSolid, Solid, choose_shading, sample_lights, shade
from t2a.scene.shading import lambert


def test_lambert_is_brightest_facing_the_light_and_ambient_behind():
    normal = torch.tensor([[0.0, 0, 1]] * 3)
    to_light = torch.tensor([[0.0, 0, 5], [1, 0, 0], [0, 0, -2]])
    torch.testing.assert_close(lambert(normal, to_light)[:, 0], torch.tensor([1.0, 0.1, 0.1]))


def test_textureless_is_lambertian_white():
    g = torch.Generator().manual_seed(0)
    normal = torch.nn.functional.normalize(torch.randn(9, 3, generator=g), dim=-1)
    light, opacity = torch.randn(9, 3, generator=g), torch.rand(9, 1, generator=g)
    white = opacity.expand(9, 3)  # colours are premultiplied
    a = shade("textureless", torch.rand(9, 3, generator=g) * opacity, opacity, normal, light)
    torch.testing.assert_close(a.expand(9, 3), shade("lambertian", white, opacity, normal, light))
    assert shade("albedo", white, opacity) is white


def test_shadings_come_up_as_often_as_asked():
    g = torch.Generator().manual_seed(0)
    seen = Counter(choose_shading(g, {"albedo": 1, "lambertian": 3}) for _ in range(800))
    assert set(seen) == {"albedo", "lambertian"} and 0.7 < seen["lambertian"] / 800 < 0.8
    with pytest.raises(UserError, match="textureless"):
        choose_shading(g, {"phong": 1.0})


def test_lights_are_near_the_camera_side_at_the_given_distance():
    cameras = turntable(1000)
    lights = sample_lights(cameras, torch.Generator().manual_seed(0))
    distance = lights.norm(dim=-1)
    assert (distance >= 0.8 - 1e-5).all() and (distance <= 1.5 + 1e-5).all()
    position = camera_to_world(cameras)[:, :, 3]
    assert torch.cosine_similarity(lights, position).mean() > 0.8
    torch.testing.assert_close(sample_lights(cameras), position)


def test_backgrounds():
    directions = torch.nn.functional.normalize(
        torch.randn(3, 4, 5, 3, generator=torch.Generator().manual_seed(0)), dim=-1
    )
    torch.testing.assert_close(Solid((0.1, 0.2, 0.3))(directions)[0, 0, 0], torch.tensor([0.1, 0.2, 0.3]))
    random = RandomSolid()
    a = random(directions, torch.Generator().manual_seed(1))
    assert a.shape == (3, 1, 1, 3) and torch.equal(a, random(directions, torch.Generator().manual_seed(1)))
    assert (random(directions) == 0.5).all()
    learned = LearnedBackground()(directions)
    assert learned.shape == (3, 4, 5, 3) and ((learned > 0) & (learned < 1)).all()


def test_light_at_the_camera_reaches_every_visible_normal():
    camera = orbit([30.0], [10.0])
    light = sample_lights(camera)[0]
    n = torch.nn.functional.normalize(light, dim=-1)
    torch.testing.assert_close(lambert(n, light), torch.ones(1))
