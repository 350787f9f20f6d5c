from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from t2a.cameras import orbit, turntable
from t2a.errors import UserError
from t2a.mesh.extract import (
    choose_threshold,
    coarse_mesh,
    extract_mesh,
    grid_axis,
    sample_grid,
    signed_volume,
    soft_iou,
    softened,
    visual_hull,
)
from t2a.mesh.raster import silhouettes
from t2a.mesh.topology import topology
from tests.mesh.analytic_fields import Field, box, snowman, sphere, torus, volume_render

CAMERAS = turntable(8)


def photographed(field: Field, size: int = 64):
    return volume_render(field, CAMERAS, size, size, color=False)[1]


@pytest.mark.parametrize("sdf, euler, volume", [
    (sphere, 2, 4 / 3 * np.pi * 0.6**3), (box, 2, 8 * 0.5 * 0.35 * 0.4), (torus, 0, 2 * np.pi**2 * 0.5 * 0.18**2)
])  # fmt: skip
def test_shape_size_and_topology(sdf, euler, volume):
    # A crisp field: the surface lies where the signed distance is 0, to within the width of its density.
    field = Field(sdf, scale=400.0, width=0.002)
    result = extract_mesh(field.density, photographed(field), CAMERAS, resolution=80)
    now = topology(result.mesh)
    assert now.watertight and now.components == 1 and now.euler == euler
    assert signed_volume(result.mesh) == pytest.approx(volume, rel=0.06)
    # Chamfer: from the mesh to the shape by its distance function, and back from points on the shape.
    assert np.abs(sdf(result.mesh.vertices)).mean() < 0.01
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (200_000, 3))
    near = points[np.abs(sdf(points)) < 0.01]
    assert cKDTree(result.mesh.vertices).query(near)[0].max() < 0.05
    assert result.iou > 0.95


def test_a_coarse_mesh_is_about_the_shape_in_its_colours():
    field = Field(snowman)
    mesh = coarse_mesh(field.density, lambda p: (p + 1) / 2, 48)
    assert topology(mesh).watertight and np.abs(snowman(mesh.vertices)).mean() < 0.03
    assert signed_volume(mesh) > 0
    np.testing.assert_allclose(mesh.colors, ((mesh.vertices + 1) / 2).clip(0, 1), atol=1e-6)
    assert coarse_mesh(lambda p: np.zeros(len(p), np.float32), lambda p: p, 32) is None
    full = coarse_mesh(lambda p: np.full(len(p), 1e4, np.float32), lambda p: p, 32)
    assert topology(full).watertight, "what reaches the border is closed there"


def test_threshold_follows_the_density_s_scale():
    field, strong = Field(snowman), Field(snowman, scale=150.0 * 1000)
    opacity = photographed(field)
    one, thousand = (extract_mesh(f.density, opacity, CAMERAS, resolution=64) for f in (field, strong))
    assert thousand.threshold == pytest.approx(1000 * one.threshold, rel=1e-3)
    np.testing.assert_allclose(thousand.mesh.vertices, one.mesh.vertices, atol=1e-3)


def test_no_fixed_threshold_does_better():
    field = Field(snowman, scale=60.0, width=0.03)  # a fog: the right threshold is far from obvious
    opacity = photographed(field, 48)
    best = extract_mesh(field.density, opacity, CAMERAS, resolution=48)
    for threshold in np.geomspace(0.3, 55, 7):
        other = extract_mesh(field.density, opacity, CAMERAS, resolution=48, threshold=threshold)
        assert other.iou < best.iou + 0.01


def test_threshold_is_the_best_of_all_on_the_rays_it_saw():
    rng = np.random.default_rng(1)
    axis = grid_axis(24)
    grid = Field(sphere, scale=10, width=0.1).density(np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1))
    opacity = rng.uniform(0, 1, (8, 32, 32)).astype(np.float32) * (silhouettes(ball(), CAMERAS, 32, 32) > 0)
    threshold = choose_threshold(grid, opacity, CAMERAS)
    assert 0 < threshold < grid.max()


def ball():
    import trimesh

    from t2a.types import Mesh

    shape = trimesh.creation.icosphere(3, 0.6)
    return Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces, np.int32))


def test_hull_keeps_everything_that_shows():
    field = Field(snowman)
    axis = grid_axis(64)
    nodes = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    hull = visual_hull(photographed(field), CAMERAS, 64)
    assert hull[snowman(nodes) < 0].all()
    assert hull.mean() < 0.35  # and is worth having
    everywhere = sample_grid(field.density, np.ones_like(hull))
    np.testing.assert_array_equal(sample_grid(field.density, hull)[hull], everywhere[hull])


def test_bisection_removes_terraces():
    field = Field(sphere, scale=150.0, width=0.004)  # much sharper than the grid
    opacity = photographed(field)
    result = extract_mesh(field.density, opacity, CAMERAS, resolution=48)
    level = field.width * -np.log(field.scale / result.threshold - 1)
    radius = np.linalg.norm(result.mesh.vertices, axis=1) - 0.6
    assert np.abs(radius + level).max() < 0.1 * 2 / 48  # a tenth of a cell


def test_closed_where_the_domain_ends():
    field = Field(lambda p: box(p, (2.0, 0.3, 0.3)), scale=300.0)
    result = extract_mesh(field.density, photographed(field), CAMERAS, resolution=48)
    assert topology(result.mesh).watertight
    assert np.abs(result.mesh.vertices[:, 0]).max() == pytest.approx(
        1, abs=1 / 48 / 16
    )  # after four bisections of half a cell


def test_thin_and_tiny_things_survive():
    rod = Field(lambda p: np.maximum(np.hypot(p[..., 0], p[..., 2]) - 0.02, np.abs(p[..., 1]) - 0.6), scale=600.0)
    result = extract_mesh(rod.density, photographed(rod, 96), CAMERAS, resolution=128)
    assert np.ptp(result.mesh.vertices[:, 1]) == pytest.approx(1.2, abs=0.05)
    dot = Field(lambda p: sphere(p, 0.06), scale=600.0, width=0.002)
    result = extract_mesh(dot.density, photographed(dot), CAMERAS, resolution=96)
    assert np.linalg.norm(result.mesh.vertices, axis=1).mean() == pytest.approx(0.06, abs=0.02)


def nothing(points):
    return np.zeros(len(points), np.float32)


def everywhere_nan(points):
    return np.full(len(points), np.nan, np.float32)


@pytest.mark.parametrize("density, opacity, words", [
    (nothing, "empty", "opacity never exceeds"),
    (nothing, "good", "empty"),
    (everywhere_nan, "good", "NaN"),
    (Field().density, "nan", "NaN"),
    (Field().density, "one view", "one image per camera"),
    (lambda p: np.ones(3), "good", "one per point"),
])  # fmt: skip
def test_bad_fields_are_refused(density, opacity, words):
    good = photographed(Field(), 32)
    images = {"empty": good * 0, "good": good, "nan": good * np.nan, "one view": good[:1]}[opacity]
    with pytest.raises(UserError, match=words):
        extract_mesh(density, images, CAMERAS, resolution=32)


def test_a_few_nans_are_holes_not_crashes():
    field = Field()

    def holey(points):
        values = field.density(points)
        values[::97] = np.nan
        return values

    mesh = extract_mesh(holey, photographed(field, 32), CAMERAS, resolution=32).mesh
    assert np.isfinite(mesh.vertices).all() and topology(mesh).watertight


@pytest.mark.parametrize("kwargs", [{"resolution": 4}, {"resolution": 5000}, {"threshold": -1.0}, {"threshold": 1e9}])
def test_options_out_of_range(kwargs):
    with pytest.raises(UserError, match="between"):
        extract_mesh(Field().density, photographed(Field(), 32), CAMERAS, **({"resolution": 32} | kwargs))


def test_soft_iou():
    a = np.array([1.0, 0.5, 0.0])
    assert soft_iou(a, a) == 1 and soft_iou(a * 0, a * 0) == 1 and soft_iou(a, 1 - a) == pytest.approx(0.5 / 2.5)


def test_other_cameras_too():
    field = Field(snowman)
    cameras = orbit([0, 90, 180, 270, 45], [0, 10, 30, -10, 80], 2.2, 60.0)
    _, opacity = volume_render(field, cameras, 48, 64, color=False)
    result = extract_mesh(field.density, opacity, cameras, resolution=64)
    assert result.iou > 0.9 and topology(result.mesh).watertight


def test_softening_takes_flakes_away_and_leaves_the_rest():
    def ball(points):
        return 25.0 * (1 - np.tanh((np.linalg.norm(points, axis=1) - 0.5) * 60))

    def flaky(points):
        # A sheet a third of a cell thick, sticking out of the ball.
        sheet = (np.abs(points[:, 1]) < 0.15 / 64) & (np.linalg.norm(points, axis=1) < 0.8)
        return np.where(sheet, 50.0, ball(points))

    reach = 2 / 64
    points = np.random.default_rng(0).uniform(-1, 1, (4000, 3)).astype(np.float32)
    radius = np.linalg.norm(points, axis=1)
    soft = softened(flaky, reach)(points)
    assert (soft[radius < 0.45] > 40).all() and (soft[radius > 0.65] < 5).all()
    near = np.abs(points) >= 1 - reach
    full = softened(lambda p: np.full(len(p), 50.0), reach)(points)
    assert np.allclose(full[~near.any(1)], 50.0, rtol=1e-5) and (full[near.any(1)] < 50).all()
