from __future__ import annotations

import numpy as np
import pytest
import trimesh

from t2a.cameras import turntable
from t2a.errors import UserError
from t2a.mesh.clean import clean
from t2a.mesh.collapse import collapse
from t2a.mesh.decimate import decimate, quadric
from t2a.mesh.extract import extract_mesh, signed_volume
from t2a.mesh.topology import topology
from t2a.types import Mesh
from tests.mesh.analytic_fields import Field, box, snowman, sphere, torus, volume_render


def two_balls(p):
    return np.minimum(sphere(p, 0.35, (-0.45, 0, 0)), sphere(p, 0.25, (0.5, 0.1, 0)))


@pytest.fixture(scope="module", params=[sphere, torus, box, two_balls, snowman], ids=lambda s: s.__name__)
def shape(request) -> Mesh:
    field = Field(request.param, scale=300.0, width=0.003)
    cameras = turntable(6)
    _, opacity = volume_render(field, cameras, 64, 64, color=False)
    return clean(extract_mesh(field.density, opacity, cameras, resolution=96).mesh)


@pytest.mark.parametrize("faces", [100, 300, 1000, 3000, 10_000])
def test_closed_and_within_the_budget(shape, faces):
    small = decimate(shape, faces)
    assert 0 < len(small.faces) <= faces
    before, now = topology(shape), topology(small)
    assert now.watertight and (now.components, now.euler) == (before.components, before.euler)
    if faces >= 300:
        assert signed_volume(small) == pytest.approx(signed_volume(shape), rel=0.06)


def test_few_triangles_are_left_alone():
    cube = trimesh.creation.box()
    mesh = Mesh(np.asarray(cube.vertices, np.float32), np.asarray(cube.faces, np.int32))
    np.testing.assert_array_equal(decimate(mesh, 12).faces, mesh.faces)


@pytest.mark.parametrize("faces", [-5, 0, 11, 10**9])
def test_impossible_budgets_name_the_range(faces):
    with pytest.raises(UserError, match="between 12 and 400000"):
        decimate(Mesh(np.zeros((3, 3), np.float32), np.array([[0, 1, 2]], np.int32)), faces)


@pytest.mark.parametrize("faces", [60, 400, 4000])
def test_collapse_keeps_the_topology(shape, faces):
    small = collapse(shape, faces)
    before, now = topology(shape), topology(small)
    assert now.watertight and (now.components, now.euler) == (before.components, before.euler)
    assert faces - 1 <= len(small.faces) <= faces
    assert signed_volume(small) == pytest.approx(signed_volume(shape), rel=0.3 if faces < 100 else 0.05)


def test_collapse_is_as_close_as_the_fast_version(shape):
    both = collapse(shape, 1000), quadric(shape, 1000)
    errors = [distance(shape, small) for small in both]
    assert errors[0] < 1.3 * errors[1]


def distance(shape, small):
    """Root mean square distance of the shape's vertices from the small mesh."""
    points = shape.vertices[::7]
    _, away, _ = trimesh.proximity.closest_point(trimesh.Trimesh(small.vertices, small.faces, process=False), points)
    return np.sqrt((away**2).mean())


def test_too_many_pieces_lose_the_smallest():
    balls = [trimesh.creation.icosphere(2, 0.1 + 0.01 * i).apply_translation((i, 0, 0)) for i in range(6)]
    many = trimesh.util.concatenate(balls)
    small = decimate(Mesh(np.asarray(many.vertices, np.float32), np.asarray(many.faces, np.int32)), 12)
    now = topology(small)
    assert now.watertight and len(small.faces) <= 12
    assert small.vertices[:, 0].min() > 2.5  # the larger three are left


def test_an_open_surface_stays_open_and_sound():
    grid = trimesh.creation.icosphere(4, 0.5)
    faces = grid.faces[grid.triangles_center[:, 1] > 0]
    half = clean(Mesh(np.asarray(grid.vertices, np.float32), np.asarray(faces, np.int32)), close=False)
    for small in (decimate(half, 300), collapse(half, 300)):
        now = topology(small)
        assert 290 < len(small.faces) <= 300 and now.bad_edges == 0 and now.boundary_edges > 0
        assert now.euler == 1 and now.components == 1  # a disc
        assert small.vertices[:, 1].max() == pytest.approx(0.5, abs=0.01)
        rim = half.vertices[:, 1].min()
        assert small.vertices[:, 1].min() == pytest.approx(rim, abs=0.01)
