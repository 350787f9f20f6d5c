from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh
from torch.nn import functional as F

from t2a.errors import UserError
from t2a.scene import guide_from_mesh, strictness
from t2a.scene.sketch_shape import sketch_shape_at_random_points, sketch_shape_loss, sketch_shape_terms
from t2a.types import Mesh


@pytest.fixture(scope="module")
def guide():
    shape = trimesh.creation.box()
    return guide_from_mesh(Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces)), resolution=16)


def test_the_loss_equals_the_published_formula():
    """Written again, in numpy and float64, from the reference's description."""
    rng = np.random.default_rng(0)
    density, distance = rng.exponential(5, 300), rng.uniform(-1, 1, 300)
    winding = rng.uniform(-0.2, 2.2, 300)
    occupancy = np.clip(1 - np.exp(-0.2 * density), 0, 1.1)
    inside = np.clip(np.where(winding > 0.5, 1.0, 0.0), 0.01, 0.99)
    entropy = -(occupancy * np.log(inside) + (1 - occupancy) * np.log(1 - inside))
    expected = np.sum((1 - np.exp(-(distance**2) / (2 * 0.3**2))) * entropy)
    found = sketch_shape_loss(*(torch.from_numpy(x) for x in (density, distance, winding)))
    assert found.item() == pytest.approx(expected, rel=1e-12)


def test_the_gradient_raises_density_inside_and_lowers_it_outside():
    density = torch.tensor([0.5, 0.5, 8.0, 8.0], requires_grad=True)
    distance, winding = torch.tensor([-0.2, 0.2, -0.2, 0.2]), torch.tensor([1.0, 0.0, 2.0, 0.1])
    (gradient,) = torch.autograd.grad(sketch_shape_loss(density, distance, winding), density)
    assert (gradient[[0, 2]] < 0).all() and (gradient[[1, 3]] > 0).all()


def test_the_surface_itself_is_free_and_strictness_narrows_it():
    density, winding = torch.full((50,), 5.0), torch.zeros(50)
    distance = torch.linspace(0, 1, 50)
    terms = sketch_shape_terms(density, distance, winding)
    assert terms[0] == 0 and (terms[1:] > terms[:-1]).all()
    values = [strictness(v) for v in np.linspace(0, 1, 9)]
    assert all(a.sigma_s > b.sigma_s and a.weight < b.weight for a, b in zip(values, values[1:], strict=False))
    losses = [v.weight * sketch_shape_loss(density, distance, winding, sigma_s=v.sigma_s) for v in values]
    assert losses[0] == 0 and all(a < b for a, b in zip(losses, losses[1:], strict=False))


def test_the_middle_is_the_published_recipe():
    assert strictness(0.5).sigma_s == pytest.approx(0.3) and strictness(0.5).weight == pytest.approx(1)
    for value in (-0.1, 1.1, float("nan")):
        with pytest.raises(UserError, match="between 0"):
            strictness(value)


def test_it_grows_the_guide_in_an_empty_field(guide):
    raw = torch.full((1, 1, 17, 17, 17), -3.0, requires_grad=True)

    def density(x: torch.Tensor) -> torch.Tensor:
        found = F.grid_sample(raw, x.flip(-1).reshape(1, 1, 1, -1, 3), align_corners=True)
        return F.softplus(found.reshape(-1))

    optimizer = torch.optim.Adam([raw], lr=0.5)
    generator = torch.Generator().manual_seed(0)
    for _ in range(40):
        loss = sketch_shape_at_random_points(density, guide, generator, points=4096)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    x = 2 * torch.rand(4000, 3, generator=generator) - 1
    distance, _ = guide.lookup(x)
    found = density(x)
    assert found[distance < -0.15].min() > 5 and found[distance > 0.15].max() < 0.05
