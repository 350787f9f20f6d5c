from __future__ import annotations

import math

import pytest
import torch

from t2a.scene.compositing import composite, composite_torch, visible_counts
from t2a.scene.marching import Samples, keep_first


def packed(counts=(7, 0, 1, 30, 12, 0), step=0.05, seed=0):
    g = torch.Generator().manual_seed(seed)
    counts = torch.tensor(counts)
    offsets = torch.nn.functional.pad(counts.cumsum(0), (1, 0))
    t = torch.cat([2 + step * (torch.arange(int(n)) + torch.rand((), generator=g)) for n in counts])
    n = len(t)
    samples = Samples(torch.rand(n, 3, generator=g), t, offsets, step)
    return samples, torch.rand(n, generator=g) * 8, torch.rand(n, 3, generator=g)


@pytest.mark.parametrize("stop", [0.0, 0.05])
def test_numba_equals_torch_in_value_and_gradient(stop):
    samples, density, color = packed()
    results = []
    for backend in ("numba", "torch"):
        d, c = density.clone().requires_grad_(), color.clone().requires_grad_()
        out = composite(d, c, samples, stop=stop, backend=backend)
        loss = (out.color * torch.tensor([1.0, -2.0, 3.0])).sum() + (out.opacity.square() + out.distance.sin()).sum()
        (loss + 5 * out.distortion.sum()).backward()
        results.append((*out, d.grad, c.grad))
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)


def test_the_twin_has_the_derivative_of_its_value():
    samples, density, color = packed((4, 0, 3))
    samples = Samples(samples.points, samples.t.double(), samples.offsets, samples.step)
    inputs = density.double().requires_grad_(), color.double().requires_grad_()
    assert torch.autograd.gradcheck(lambda d, c: tuple(composite_torch(d, c, samples, 0.0)), inputs)


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_weights_sum_to_the_opacity(backend):
    samples, density, _ = packed()
    out = composite(density, torch.ones(len(samples), 1), samples, stop=0, backend=backend)
    torch.testing.assert_close(out.color[:, 0], out.opacity)
    optical_depth = torch.stack([part.sum() for part in density.split(samples.counts.tolist())]) * samples.step
    torch.testing.assert_close(out.opacity, 1 - torch.exp(-optical_depth), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_distortion_is_its_definition(backend):
    samples, density, color = packed((9,))
    out = composite(density, color, samples, stop=0, backend=backend)
    a = 1 - torch.exp(-density * samples.step)
    w = a * torch.cat([torch.ones(1), (1 - a).cumprod(0)[:-1]])
    pairs = w[:, None] * w * (samples.t[:, None] - samples.t).abs()
    torch.testing.assert_close(out.distortion[0], pairs.sum() + samples.step / 3 * w.square().sum())


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_empty_space_can_grow(backend):
    samples, density, color = packed()
    density = torch.zeros_like(density).requires_grad_()
    composite(density, color, samples, backend=backend).opacity.sum().backward()
    torch.testing.assert_close(density.grad, torch.full_like(density, samples.step))


def test_what_is_pruned_would_not_have_been_seen():
    samples, density, color = packed((40, 3, 60))
    density = density * 4
    stop = 1e-3
    counts = visible_counts(density, samples, stop=stop)
    assert torch.equal(counts, visible_counts(density, samples, stop=stop, backend="torch"))
    assert counts.sum() < len(samples)
    kept = keep_first(samples, counts)
    rows = torch.isin(samples.t, kept.t)
    assert torch.equal(samples.t[rows], kept.t)
    whole = composite(density, color, samples, stop=0)
    part = composite(density[rows], color[rows], kept, stop=stop)
    for a, b in zip(whole, part, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=stop * 6)


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_no_samples(backend):
    samples, _, _ = packed((0, 0))
    density, color = torch.zeros(0, requires_grad=True), torch.zeros(0, 3, requires_grad=True)
    out = composite(density, color, samples, backend=backend)
    assert out.color.shape == (2, 3) and all((x == 0).all() for x in out)
    sum(x.sum() for x in out).backward()


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_a_homogeneous_medium_stops_light_at_its_mean_free_path(backend):
    step, sigma = 0.01, 3.0
    t = (torch.arange(1000) + 0.5) * step
    samples = Samples(torch.zeros(1000, 3), t, torch.tensor([0, 1000]), step)
    out = composite(torch.full((1000,), sigma), torch.ones(1000, 3), samples, stop=0, backend=backend)
    assert math.isclose(float(out.distance), 1 / sigma, rel_tol=1e-3)
