"""Scenes as geometry: closed meshes that agree with the distances, clouds that lie on the surface."""

import json

import numpy as np
import pytest
import trimesh

from t2a.pocket.captions import Item, Spec
from t2a.pocket.geometry import mesh, sample_surface, write_assets
from t2a.pocket.render import signed_distance
from t2a.pocket.world import scene


def ball():
    return scene(0, spec=Spec((Item("ball", "red"),)))


def test_a_ball_becomes_a_closed_ball_of_its_volume():
    made = ball()
    triangles, parts = mesh(made, 64)
    shape = trimesh.Trimesh(triangles.vertices, triangles.faces, process=False)
    radius = np.linalg.norm(triangles.vertices, axis=1)
    assert shape.is_watertight and np.ptp(radius) < 2e-3
    assert shape.volume == pytest.approx(4 / 3 * np.pi * radius.mean() ** 3, rel=0.01), "faces look outwards"
    assert np.allclose(triangles.normals, triangles.vertices / radius[:, None], atol=1e-2)
    assert len(parts) == len(radius) and set(parts.tolist()) == {0}
    assert np.allclose(triangles.colors, (0.86, 0.10, 0.10), atol=1e-3)


def test_points_lie_on_the_surface_and_cover_it_evenly():
    made = scene(1, spec=Spec((Item("mushroom", "red"),)))
    found = sample_surface(made, mesh(made, 96)[0], 3000, np.random.default_rng(0))
    assert np.abs(signed_distance(made.table, found.points)).max() < 5e-3
    assert {made.parts[i] for i in found.parts} >= {"cap", "stem"}
    even = sample_surface(ball(), mesh(ball(), 96)[0], 4000, np.random.default_rng(0)).points
    octants = np.bincount(((even > 0) * [1, 2, 4]).sum(1), minlength=8) / 4000
    assert np.allclose(octants, 1 / 8, atol=0.02)


def test_assets_are_written_with_everything_that_later_models_need(tmp_path):
    made = [ball(), scene(3, 1)]
    index = json.loads(write_assets(made, tmp_path, views=2, size=32, points=256).read_text())
    assert [entry["caption"] for entry in index] == [m.caption for m in made]
    with np.load(tmp_path / "001.npz") as arrays:
        assert arrays["points"].shape == (256, 3) and arrays["rgb"].shape == (2, 32, 32, 3)
        assert arrays["view_parts"].max() < len(index[1]["parts"])
        assert ((arrays["depth"] > 0) == (arrays["opacity"] > 0)).all()
    assert len(trimesh.load(tmp_path / "001.ply").vertices) > 100
