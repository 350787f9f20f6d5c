from __future__ import annotations

import math

import pytest
import torch

from t2a.cameras import generate_rays, orbit
from t2a.scene import OccupancyGrid
from t2a.scene.marching import clip_to_box, march
from t2a.types import Rays


def grid(seed: int = 0, share: float = 0.2) -> OccupancyGrid:
    g = OccupancyGrid(16)
    g.occupied.copy_(torch.rand(16, 16, 16, generator=torch.Generator().manual_seed(seed)) < share)
    return g


def rays() -> Rays:
    return generate_rays(orbit([20.0, 0.0], [30.0, 0.0]), 24, 24)


def sampled(backend="auto", seed=0, occupancy=None, steps=64):
    occupancy = occupancy or grid()
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    return march(rays(), occupancy.occupied, occupancy.box(), steps=steps, generator=generator, backend=backend)


def test_numba_equals_torch_exactly():
    a, b = sampled("numba"), sampled("torch")
    assert len(a) > 1000
    assert torch.equal(a.offsets, b.offsets) and torch.equal(a.t, b.t)
    torch.testing.assert_close(a.points, b.points, rtol=0, atol=1e-6)


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_samples_lie_in_occupied_cells_in_order(backend):
    occupancy = grid()
    s = sampled(backend, occupancy=occupancy)
    cell = ((s.points + 1) * 8).floor().long().clamp(0, 15)
    assert occupancy.occupied[tuple(cell.t())].float().mean() > 0.999  # rounding may move a sample on a cell's face
    for t in s.t.split(s.counts.tolist()):
        assert (t.diff() > 0.99 * s.step).all()


def test_a_full_grid_samples_every_step_of_the_cube():
    full = OccupancyGrid(16)
    s = sampled(occupancy=full)
    near, far = clip_to_box(rays(), full.box())
    assert ((s.counts - (far - near).clamp(min=0) / s.step).abs() <= 1).all()
    assert math.isclose(s.step, 2 * math.sqrt(3) / 64)


def test_jitter_covers_the_step_evenly():
    full = OccupancyGrid(16)
    first = torch.cat([s.t[s.offsets[:-1][s.counts > 0]] for s in (sampled(seed=i, occupancy=full) for i in range(20))])
    near, far = clip_to_box(rays(), full.box())
    start = ((first.reshape(20, -1) - near[sampled(occupancy=full).counts > 0]) / sampled().step)[:, 100:-100]
    assert 0.45 < start.mean() < 0.55 and start.min() >= -1e-4 and start.max() <= 1.001


def test_nothing_occupied_gives_nothing():
    s = sampled(occupancy=grid(share=0))
    assert len(s) == 0 and (s.counts == 0).all()


def test_the_box_holds_the_occupied_cells_and_no_more():
    g = grid(share=0)
    g.occupied[3:5, 7, 2:9] = True
    expected = torch.tensor([[3.0, 7, 2], [5, 8, 9]]) / 8 - 1
    torch.testing.assert_close(g.box(), expected)
    inside = sampled(occupancy=g)
    assert len(inside) > 0
    loose = march(rays(), g.occupied, OccupancyGrid(16).box(), steps=4096)
    tight = march(rays(), g.occupied, g.box(), steps=4096)
    torch.testing.assert_close(loose.counts.float(), tight.counts.float(), rtol=0, atol=2.1)


def test_rays_along_an_axis():
    r = Rays(torch.tensor([[0.1, 0.1, 3.0], [2.0, 0.1, 3.0]]), torch.tensor([[0.0, 0.0, -1.0]] * 2))
    near, far = clip_to_box(r, OccupancyGrid(4).box())
    torch.testing.assert_close(near[0], torch.tensor(2.0))
    torch.testing.assert_close(far[0], torch.tensor(4.0))
    assert near[1] > far[1]
