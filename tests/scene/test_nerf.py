from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from t2a.cameras import generate_rays, orbit, turntable
from t2a.config import SceneConfig
from t2a.errors import UserError
from t2a.scene import Constant, NeRFScene, OccupancyGrid, RandomSolid, Solid, render_rays
from tests.scene.analytic import Ball, Slab

SMALL = SceneConfig(background="learned", levels=4, finest_resolution=64, log2_table_size=12)


def scene(config: SceneConfig = SMALL, **options) -> NeRFScene:
    s = NeRFScene(config, seed=1, **options)
    s.field.grid.table.data.normal_(std=0.5, generator=torch.Generator().manual_seed(2))
    s.update(0, seeded(0))
    return s


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def occupancy_of(field) -> OccupancyGrid:
    grid = OccupancyGrid(32)
    for i in range(8):
        grid.refresh(field.density, seeded(i))
    return grid


def step_with_gradient(s: NeRFScene, seed: int = 3, **options):
    s.zero_grad()
    r = s.render(turntable(2), 16, 16, shading="lambertian", generator=seeded(seed), **options)
    terms = s.regularisers(r, seeded(seed), points=256)
    (r.rgb.square().sum() + r.depth.sum() + sum(terms.values())).backward()
    return r, torch.cat([p.grad.reshape(-1) for p in s.parameters()])


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_a_dense_ball_has_its_silhouette_depth_and_normals(backend):
    ball, size = Ball(0.6), 48
    cameras = orbit([0.0], [20.0], distance=3.0, fov_deg=40.0)
    rays = generate_rays(cameras, size, size)
    out = render_rays(ball, occupancy_of(ball), rays, steps=256, normals=True, backend=backend)
    along = -(rays.origins * rays.directions).sum(-1)
    miss = (rays.origins + along[:, None] * rays.directions).norm(dim=-1)
    inner, outer = miss < 0.57, miss > 0.63
    assert (out.opacity[inner] > 0.99).all() and (out.opacity[outer] < 0.01).all()
    depth = along - (0.36 - miss**2).clamp(min=0).sqrt()
    step = 2 * math.sqrt(3) / 256
    # Towards the silhouette a ray may cross a cell that no look at the occupancy has hit yet.
    assert ((out.depth - depth).abs()[miss < 0.5] < 2 * step).all() and (out.depth[miss > 0.7] < 1e-6).all()
    surface = rays.origins + depth[:, None] * rays.directions
    assert ((out.normal * surface / 0.6).sum(-1)[inner] > 0.99).all()


def test_an_opaque_slab_is_where_it_is():
    slab = Slab(0.3, 1e4)
    rays = generate_rays(orbit([0.0], [0.0]), 9, 9)
    exact = (3.0 - 0.3) / -rays.directions[:, 2]
    grid = occupancy_of(slab)
    runs = [render_rays(slab, grid, rays, steps=64, generator=seeded(i)) for i in range(50)]
    step = 2 * math.sqrt(3) / 64
    for out in runs:
        torch.testing.assert_close(out.opacity, torch.ones(81), rtol=0, atol=1e-3)
        assert (out.depth - exact).min() >= -1e-4 and (out.depth - exact).max() <= step + 1e-4
    # The first sample behind the face is on average half a step behind it.
    mean = torch.stack([out.depth for out in runs]).mean() - exact.mean()
    assert abs(float(mean) - step / 2) < 0.1 * step


def test_stopping_early_changes_less_than_the_light_it_drops():
    ball = Ball(0.6, inside=30.0)
    grid, rays = occupancy_of(ball), generate_rays(turntable(2), 16, 16)
    whole = render_rays(ball, grid, rays, stop=0)
    short = render_rays(ball, grid, rays, stop=1e-3)
    assert short.samples < 0.8 * whole.samples
    for name in ("color", "opacity"):
        torch.testing.assert_close(getattr(short, name), getattr(whole, name), rtol=0, atol=1e-3)


def test_numba_equals_torch_from_end_to_end():
    results = [step_with_gradient(scene(backend=backend)) for backend in ("numba", "torch")]
    (a, grad_a), (b, grad_b) = results
    for name in ("rgb", "opacity", "depth"):
        torch.testing.assert_close(getattr(a, name), getattr(b, name), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(grad_a, grad_b, rtol=1e-3, atol=1e-4 * float(grad_b.abs().max()))


def test_the_same_seed_gives_the_same_bits():
    (a, grad_a), (b, grad_b) = step_with_gradient(scene()), step_with_gradient(scene())
    assert torch.equal(a.rgb, b.rgb) and torch.equal(grad_a, grad_b)
    c, _ = step_with_gradient(scene(), seed=4)
    assert not torch.equal(a.rgb, c.rgb)


def test_a_preview_needs_no_generator_and_does_not_depend_on_chunks(monkeypatch):
    s = scene()
    with torch.no_grad():
        whole = s.render(turntable(2), 16, 16, shading="textureless")
        monkeypatch.setattr("t2a.scene.nerf.CHUNK_RAYS", 100)
        parts = s.render(turntable(2), 16, 16, shading="textureless")
    torch.testing.assert_close(whole.rgb, parts.rgb)
    torch.testing.assert_close(whole.normal, parts.normal)
    assert whole.stats["samples"] == parts.stats["samples"]


def test_state_dict_restores_exactly():
    config = SceneConfig(
        background="learned", levels=4, finest_resolution=64, log2_table_size=12, start_levels=2, levels_every=10
    )
    s = scene(config)
    s.update(16, seeded(5))
    other = NeRFScene(config, seed=9)
    other.load_state_dict(s.state_dict())
    (a, grad_a), (b, grad_b) = step_with_gradient(s), step_with_gradient(other)
    assert torch.equal(a.rgb, b.rgb) and torch.equal(grad_a, grad_b)
    assert other.field.grid.active == 3
    s.update(32, seeded(6)), other.update(32, seeded(6))
    assert torch.equal(s.occupancy.density, other.occupancy.density)
    assert all(isinstance(value, torch.Tensor) for value in s.state_dict().values())  # so safetensors can hold it


def test_building_a_scene_leaves_the_global_random_state_alone():
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    NeRFScene(SMALL, seed=3)
    assert torch.equal(before, torch.random.get_rng_state())


def test_an_empty_field_grows_where_the_loss_asks():
    s = NeRFScene(SMALL, initialisation=Constant(-5.0))
    optimiser = torch.optim.Adam(s.parameter_groups(), betas=(0.9, 0.99), eps=1e-15)
    generator = seeded(0)
    opacity = []
    for step in range(40):
        s.update(step, generator)
        r = s.render(turntable(2), 12, 12, generator=generator)
        opacity.append(float(r.opacity.detach()[:, 5:7, 5:7].mean()))
        optimiser.zero_grad()
        (1 - r.opacity[:, 5:7, 5:7]).mean().backward()
        optimiser.step()
    assert opacity[0] < 0.05 and opacity[-1] > 0.5


def test_regularisers_are_finite_differentiable_and_say_what_they_mean():
    s = scene()
    r = s.render(turntable(2), 16, 16, generator=seeded(0), normals=True)
    terms = s.regularisers(r, seeded(1))
    assert set(terms) == {
        "sparsity", "entropy", "distortion", "orientation", "density_smoothness", "color_smoothness",
    }  # fmt: skip
    for name, term in terms.items():
        assert term.ndim == 0 and float(term.detach()) >= 0, name
        gradient = torch.autograd.grad(term, s.field.grid.table, retain_graph=True)[0]
        assert gradient.isfinite().all() and gradient.abs().max() > 0, name
    torch.testing.assert_close(terms["sparsity"], (r.opacity**2 + 0.01).sqrt().mean())
    assert set(s.regularisers(r, names=["entropy"])) == {"entropy"}
    flat = NeRFScene(SMALL, initialisation=Constant(50.0))
    flat.field.grid.table.data.zero_()
    smooth = flat.regularisers(flat.render(turntable(1), 4, 4), seeded(0))
    assert smooth["color_smoothness"] == 0


def test_numpy_field_agrees_with_the_field():
    s = scene()
    density, color = s.numpy_field()
    x = np.random.default_rng(0).uniform(-1.1, 1.1, (500, 3)).astype(np.float32)
    x.setflags(write=False)
    d, c = s.field(torch.from_numpy(x.copy()))
    np.testing.assert_allclose(density(x), d.detach().numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(color(x), c.detach().numpy(), rtol=1e-5, atol=1e-6)
    assert density(x).shape == (500,) and color(x).shape == (500, 3) and density(x).dtype == np.float32
    assert density(x[:0]).shape == (0,)


def test_the_background_shows_where_nothing_is():
    s = scene(background=Solid((0.2, 0.4, 0.6)))
    r = s.render(turntable(2), 16, 16)
    torch.testing.assert_close(r.rgb[:, 0, 0], torch.tensor([[0.2, 0.4, 0.6]] * 2))
    other = s.render(turntable(2), 16, 16, background=torch.ones(3))
    torch.testing.assert_close(other.rgb - r.rgb, (1 - r.opacity) * torch.tensor([0.8, 0.6, 0.4]))
    random = s.render(turntable(2), 16, 16, background=RandomSolid(), generator=seeded(0))
    assert not torch.equal(random.rgb[0, 0, 0], random.rgb[1, 0, 0])


def test_a_latent_scene_renders_raw_channels_without_light():
    config = SceneConfig(background="learned", levels=4, finest_resolution=64, channels=4, latent=True)
    s = NeRFScene(config)
    assert s.render(turntable(2), 8, 8).rgb.shape == (2, 8, 8, 4)
    with pytest.raises(UserError, match="latent"):
        s.render(turntable(2), 8, 8, shading="lambertian")


def test_unknown_shading_is_refused():
    with pytest.raises(UserError, match="albedo"):
        scene().render(turntable(1), 4, 4, shading="phong")


def test_a_scene_with_nothing_in_it_shows_its_background_and_still_has_gradients():
    s = scene(background=Solid((1.0, 1.0, 1.0)))
    s.occupancy.occupied.fill_(False)
    r = s.render(turntable(2), 8, 8, shading="lambertian", generator=seeded(0))
    assert (r.rgb == 1).all() and (r.depth == 0).all()
    r.rgb.sum().backward()
    assert (s.field.grid.table.grad == 0).all()
