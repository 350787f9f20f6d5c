"""Clouds beside true ones: the limits that the figures have, and what makes them worse."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from t2a.eval.clouds import POINTS, compared, of_each, single, true_clouds
from t2a.eval.point_net import load
from t2a.eval.prompts import retrieval_prompts
from t2a.types import PointCloud

COUNT = 24


@pytest.fixture(scope="module")
def prompts():
    return retrieval_prompts(COUNT, seed=7001)


@pytest.fixture(scope="module")
def true(prompts) -> list[PointCloud]:
    """Of scenes of another seed than those that they are compared with; nothing where there are several objects."""
    asked = [prompt for prompt in prompts if single(prompt)]
    clouds = iter(true_clouds(asked, 99).numpy())
    return [PointCloud(next(clouds)) if single(p) else PointCloud(np.zeros((16, 3), np.float32)) for p in prompts]


def test_few_points_are_repeated_and_many_are_chosen_from():
    rng = np.random.default_rng(0)
    few, many = (PointCloud(rng.normal(size=(n, 3)).astype(np.float32)) for n in (100, 5000))
    chosen = of_each([few, many], 0)
    assert chosen.shape == (2, POINTS, 3)
    assert len(chosen[0].unique(dim=0)) <= 100 and len(chosen[1].unique(dim=0)) == POINTS
    torch.testing.assert_close(of_each([few, many], 0), chosen, rtol=0, atol=0)


def test_true_clouds_do_as_well_as_true_clouds_can(prompts, true):
    found = compared(load(), true, prompts, 0)
    assert found["clouds"] == sum(map(single, prompts))
    assert found["p_fid"] < 1.5 * found["true_p_fid"]
    assert abs(found["named"] - found["true_named"]) < 0.25 and found["true_named"] > 0.6
    assert found["p_is"] == pytest.approx(found["true_p_is"], rel=0.3)


def test_other_shapes_and_noise_are_told(prompts, true):
    rng = np.random.default_rng(0)
    balls = rng.normal(size=(COUNT, POINTS, 3))
    balls /= np.linalg.norm(balls, axis=-1, keepdims=True)
    worse = [
        [PointCloud(np.float32(ball)) for ball in balls],
        [PointCloud(np.float32(c.points + 0.1 * rng.normal(size=c.points.shape))) for c in true],
    ]
    model = load()
    good = compared(model, true, prompts, 0)
    for clouds in worse:
        bad = compared(model, clouds, prompts, 0)
        assert bad["p_fid"] > 1.5 * good["p_fid"] and bad["named"] < good["named"]
        assert bad["true_p_fid"] == good["true_p_fid"]
    assert compared(model, worse[0], prompts, 0)["p_is"] < 1.5
