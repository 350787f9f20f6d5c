"""Two streams: a set of any number of points, told by text, sampled as Point-E's models are."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from t2a.errors import UserError
from t2a.priors.point_e.sampler import SamplerConfig, Stage, sample
from t2a.priors.two_stream import TwoStreamConfig, TwoStreamDenoiser, load, save

SMALL = TwoStreamConfig(
    n_ctx=24, width=24, latents=5, stages=2, layers=1, heads=2, point_width=16, point_heads=2, context_width=8
)


def model(seed: int = 0) -> TwoStreamDenoiser:
    """Small, with an output layer that is not zero."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = TwoStreamDenoiser(SMALL)
        torch.nn.init.normal_(made.output_proj.weight, std=0.3)
    return made.requires_grad_(False).eval()


def inputs(points: int = 24, seed: int = 0):
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 6, points, generator=g)
    return x, torch.tensor([3, 900]), {"context": torch.randn(2, 4, 8, generator=g)}


def test_points_are_a_set():
    x, t, told = inputs()
    order = torch.randperm(24, generator=torch.Generator().manual_seed(1))
    made = model()
    torch.testing.assert_close(made(x[..., order], t, **told), made(x, t, **told)[..., order], atol=1e-5, rtol=1e-5)


def test_any_number_of_points_and_every_point_twice_changes_nothing():
    x, t, told = inputs(7)
    made = model()
    once, twice = made(x, t, **told), made(torch.cat([x, x], dim=2), t, **told)
    torch.testing.assert_close(twice, torch.cat([once, once], dim=2), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("changed", ["time", "context", "a point"])
def test_all_that_it_is_told_matters(changed):
    x, t, told = inputs()
    made = model()
    before = made(x, t, **told)
    if changed == "time":
        t = t + 20
    elif changed == "context":
        told = {"context": told["context"] + 0.5}
    else:
        x = x.clone()
        x[..., 0] += 0.5
    after = made(x, t, **told)
    assert (after - before)[..., 1:].abs().max() > 1e-4, "of the other points"


def test_a_new_model_predicts_a_velocity_of_zero():
    x, t, told = inputs()
    fresh = TwoStreamDenoiser(SMALL)
    a = fresh.alphas[t][:, None, None]
    torch.testing.assert_close(fresh(x, t, **told), (1 - a).sqrt() * x)


def test_noise_and_velocity_mean_the_same_points():
    x, t, told = inputs()
    made = model()
    a = made.alphas[t][:, None, None].double()
    epsilon, v = made(x, t, **told).double(), made.velocity(x, t, told["context"]).double()
    wanted = a.sqrt() * x - (1 - a).sqrt() * v
    found = (x - (1 - a).sqrt() * epsilon) / a.sqrt()
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)


def test_sampled_as_point_e_and_asked_for_more_points():
    stage = Stage(model(), SamplerConfig(steps=3), {"context": torch.ones(1, 4, 8)}, points=40)
    job = sample([stage], generator=torch.Generator().manual_seed(0))
    events = []
    while True:
        try:
            events.append(next(job))
        except StopIteration as finished:
            (cloud,) = finished.value
            break
    assert [e.step for e in events] == [1, 2, 3]
    assert cloud.points.shape == (40, 3) and np.isfinite(cloud.points).all()


def test_saved_and_loaded(tmp_path):
    made = model()
    save(made, tmp_path, torch.float32)
    x, t, told = inputs()
    assert torch.equal(load(tmp_path)(x, t, **told), made(x, t, **told))


@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_a_damaged_folder_is_a_user_error(tmp_path, damage):
    save(model(), tmp_path)
    weights = tmp_path / "model.safetensors"
    if damage == "missing":
        weights.unlink()
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:100])
    else:
        (tmp_path / "config.json").write_text('{"wide": 3}')
    with pytest.raises(UserError, match="cannot be loaded"):
        load(tmp_path)
