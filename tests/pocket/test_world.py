"""The world: deterministic, split without leaks, captions that say what is there, renders that agree with the
geometry."""

import numpy as np
import pytest
import torch

from t2a.cameras import generate_rays, orbit
from t2a.pocket import world
from t2a.pocket.captions import Item, Spec, caption, words
from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.render import signed_distance
from t2a.pocket.shapes import bounds


def test_there_is_enough_of_it():
    assert len(FAMILIES) >= 24 and len(COLORS) == 12 and len(ACCESSORIES) >= 3


def test_scenes_are_deterministic():
    a, b = world.scene(3, 14), world.scene(3, 14)
    assert a.caption == b.caption and np.array_equal(a.table, b.table)
    cameras = orbit([10, 200], 20)
    assert np.array_equal(a.render(cameras, 32).rgb, b.render(cameras, 32).rgb)
    assert world.scene(4, 14).caption != a.caption or not np.array_equal(world.scene(4, 14).table, a.table)


def test_split_file_is_what_make_split_makes():
    assert world.held_out() == {tuple(pair) for pair in world.make_split()}
    shares = len(world.held_out()) / (len(FAMILIES) * len(COLORS))
    assert 0.1 < shares < 0.13


def test_training_side_never_shows_a_held_out_pair():
    rng = np.random.default_rng(0)
    for _ in range(2000):
        spec = world.sample_spec(rng)
        for item in spec.items:
            assert (item.color or FAMILIES[item.family].color, item.family) not in world.held_out()
    assert all(world.is_held_out(world.sample_spec(rng, held_out=True)) for _ in range(50))


def test_captions_name_everything_in_several_ways():
    spec = Spec((Item("cube", "red", "small"), Item("cube", "blue", "large")), "on")
    rng = np.random.default_rng(0)
    wordings = {caption(spec, rng) for _ in range(300)}
    assert len(wordings) >= 3
    assert caption(spec) == "a small red cube on top of a large blue cube"
    for text in wordings:
        assert {"red", "blue", "cube"} <= set(text.split())
    singles = {caption(Spec((Item("mushroom", "red"),)), rng) for _ in range(300)}
    assert len(singles) >= 3 and all("red" in s and "mushroom" in s for s in singles)


def test_every_caption_word_is_in_the_vocabulary():
    rng = np.random.default_rng(1)
    known = set(words())
    for _ in range(1000):
        text = caption(world.sample_spec(rng, held_out=bool(rng.integers(2))), rng)
        assert set(text.replace(",", " ").split()) <= known, text


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_fits_the_scene_and_is_seen(family):
    made = world.scene(0, spec=Spec((Item(family),)))
    low, high = bounds(world.assemble(made.spec, np.random.default_rng(0)))
    assert np.linalg.norm(np.maximum(np.abs(low), np.abs(high))) < 1.001
    views = made.render(orbit([0, 90, 180, 270], 20), 32)
    border = np.concatenate(
        [views.opacity[:, 0], views.opacity[:, -1], views.opacity[:, :, 0], views.opacity[:, :, -1]], axis=None
    )
    assert border.max() == 0, "cut off by the picture's edge"
    assert (views.opacity.mean((1, 2)) > 0.01).all()


def test_depth_lies_on_the_surface():
    made = world.scene(5, spec=Spec((Item("teapot", "red"),)))
    cameras = orbit(35, 25)
    view = made.render(cameras, 48, samples=1)
    rays = generate_rays(cameras, 48, 48)
    hit = view.opacity.reshape(-1) > 0
    points = rays.origins.numpy()[hit] + view.depth.reshape(-1)[hit][:, None] * rays.directions.numpy()[hit]
    assert np.abs(signed_distance(made.table, points)).max() < 5e-3
    normals = view.normal.reshape(-1, 3)[hit]
    assert ((normals * rays.directions.numpy()[hit]).sum(1) < 0.1).all(), "visible normals face the camera"


def test_relation_is_where_it_says():
    made = world.scene(0, spec=Spec((Item("cube", "red", "small"), Item("cube", "blue", "large")), "on"))
    view = made.render(orbit(0, 0), 64)
    rows = np.arange(64)[:, None] * np.ones((1, 64))
    red = (view.rgb[0, ..., 0] > view.rgb[0, ..., 2] + 0.2) & (view.opacity[0] == 1)
    blue = (view.rgb[0, ..., 2] > view.rgb[0, ..., 0] + 0.2) & (view.opacity[0] == 1)
    assert rows[red].mean() < rows[blue].mean() and red.sum() < blue.sum()
    beside = world.scene(0, spec=Spec((Item("ball", "red"), Item("ball", "blue")), "next")).render(orbit(0, 0), 64)
    columns = np.ones((64, 1)) * np.arange(64)
    assert (
        columns[beside.rgb[0, ..., 0] > beside.rgb[0, ..., 2] + 0.2].mean()
        < columns[beside.rgb[0, ..., 2] > beside.rgb[0, ..., 0] + 0.2].mean()
    )


def test_cameras_are_those_of_the_engine():
    """The nose of the snowman points to +Z: seen from azimuth 90 degrees (+X) it must point to the left of the
    picture."""
    made = world.scene(0, spec=Spec((Item("snowman"),)))
    view = made.render(orbit(90, 0), 64)
    orange = (view.rgb[0, ..., 0] > 0.5) & (view.rgb[0, ..., 2] < 0.3)
    assert orange.any() and np.nonzero(orange)[1].mean() < 31.5
    assert torch.isfinite(torch.from_numpy(view.rgb)).all()
