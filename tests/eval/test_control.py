"""How maps are followed: each measure is 0 where nothing disagrees and grows with what does; the geometry read off
distances is the sphere's that they belong to; the shipped net is followed."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.nn import functional

from t2a.cameras import generate_rays, orbit, turntable
from t2a.config import load
from t2a.eval.control import (
    SEED,
    VIEWS,
    Truth,
    disagreement,
    lines_apart,
    main,
    seen_normals,
    steer,
    true_scene,
    unexplained,
)
from t2a.eval.prompts import retrieval_prompts
from t2a.eval.retrieval import ELEVATION
from t2a.mesh.maps import KINDS
from t2a.pipelines import load_prior
from t2a.pocket import control_path
from t2a.priors.control import load_controlnet


@pytest.fixture(scope="module")
def truth() -> Truth:
    return true_scene(retrieval_prompts(1, SEED)[0], 0, turntable(VIEWS, ELEVATION))


@pytest.mark.parametrize("kind", ["depth", "normal", "scribble"])
def test_geometry_agrees_with_itself_and_not_with_what_is_elsewhere(truth, kind):
    assert disagreement(kind, truth, truth.rgb, truth.geometry) == pytest.approx(0, abs=1e-6)
    geometry = truth.geometry
    moved = dataclasses.replace(
        geometry, **{name: getattr(geometry, name).roll(12, 2) for name in ("point", "normal", "opacity")}
    )
    assert disagreement(kind, truth, truth.rgb, moved) > 0.04


@pytest.mark.parametrize("kind", ["canny", "segmentation"])
def test_pictures_agree_best_with_their_own_map(truth, kind):
    own = disagreement(kind, truth, truth.rgb, truth.geometry)
    assert own < 0.35
    assert disagreement(kind, truth, truth.rgb.roll(12, 2), truth.geometry) > 2 * own


def test_lines_may_miss_each_other_by_two_pixels():
    a, b, c = (np.zeros((1, 32, 32), bool) for _ in range(3))
    a[:, :, 10], b[:, :, 12], c[:, :, 13] = True, True, True
    assert lines_apart(a, b) == pytest.approx(0)
    assert lines_apart(a, c) == pytest.approx(1)
    assert lines_apart(a, a | c) == pytest.approx(1 - 2 * 0.5 / 1.5), "all is found, but half of it is too much"


def test_parts_explain_flat_colours_wholly_and_noise_not_at_all():
    parts = torch.arange(4).repeat_interleave(256).reshape(1, 32, 32)
    flat = torch.rand(4, 3, generator=torch.Generator().manual_seed(0))[parts]
    noise = torch.rand(1, 32, 32, 3, generator=torch.Generator().manual_seed(1))
    assert unexplained(flat, parts) == pytest.approx(0, abs=1e-6)
    assert unexplained(noise, parts) > 0.98


def test_normals_from_distances_are_a_spheres():
    cameras, radius = orbit([20.0, 200.0], [30.0, -10.0]), 0.6
    rays = generate_rays(cameras, 64, 64)
    origins, directions = (x.reshape(2, 64, 64, 3) for x in (rays.origins, rays.directions))
    b = (origins * directions).sum(-1)
    inner = b.square() - (origins.square().sum(-1) - radius**2)
    distance = torch.where(inner > 0, -b - inner.clamp(min=0).sqrt(), 0.0)[..., None]
    found, true = seen_normals(distance, cameras), functional.normalize(origins + directions * distance, dim=-1)
    inside = inner > 0.1
    assert ((found * true).sum(-1)[inside] > 0.97).all()
    assert not found[inner <= 0].any()


@pytest.mark.slow
def test_the_shipped_net_is_followed():
    """Of the lines that are missed without a map, beyond those that are missed in true pictures, it halves what is."""
    config = load("pocket", {})
    prior = load_prior(config)
    net = load_controlnet(control_path(), prior.unet)
    results, row = steer(prior, net, retrieval_prompts(1, SEED)[0], 0, turntable(VIEWS, ELEVATION), config)
    assert [r.kind for r in results] == list(KINDS)
    lines = [r for r in results if r.kind in ("canny", "scribble")]
    assert sum(r.steered - r.true for r in lines) < 0.5 * sum(r.free - r.true for r in lines)
    assert row.shape[1] == row.shape[0] * (2 + 2 * len(KINDS))


def test_a_count_that_makes_no_sense_is_told(tmp_path):
    with pytest.raises(Exception, match="count is 0; it must be at least 1"):
        main(tmp_path, load("pocket", {}), 0)
