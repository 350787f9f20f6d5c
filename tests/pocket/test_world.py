"""The world: deterministic, split without leaks, captions that say what is there, renders that agree with the
geometry."""

import re

import numpy as np
import pytest
import torch

from t2a.cameras import generate_rays, orbit
from t2a.pocket import world
from t2a.pocket.captions import Item, Spec, caption, kind_of, words
from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.families.accessories import TOPPINGS
from t2a.pocket.families.themes import THEMES
from t2a.pocket.patterns import PATTERNS
from t2a.pocket.phrases import COLOR_WORDS
from t2a.pocket.render import signed_distance
from t2a.pocket.shapes import bounds
from t2a.pocket.world import SAMPLED


def test_there_is_enough_of_it():
    assert len(FAMILIES) >= 80 and len(COLORS) == 12 and len(ACCESSORIES) >= 8
    assert len(PATTERNS) >= 7 and len(TOPPINGS) >= 4 and len(THEMES) >= 8
    names = [name for family, record in FAMILIES.items() for name in (family, *record.also)]
    assert len(names) == len(set(names)), "a name means one thing"


def test_scenes_are_deterministic():
    a, b = world.scene(3, 14), world.scene(3, 14)
    assert a.caption == b.caption and np.array_equal(a.table, b.table)
    cameras = orbit([10, 200], 20)
    assert np.array_equal(a.render(cameras, 32).rgb, b.render(cameras, 32).rgb)
    assert world.scene(4, 14).caption != a.caption or not np.array_equal(world.scene(4, 14).table, a.table)


def test_split_file_is_what_make_split_makes():
    made = {(attribute, family) for family, attributes in world.make_split().items() for attribute in attributes}
    assert world.held_out() == made and set(world.NAMED) <= made
    colors = [pair for pair in made if pair[0] in COLORS]
    assert 0.1 < len(colors) / (len(FAMILIES) * len(COLORS)) < 0.13


def test_training_side_never_shows_a_held_out_pair():
    rng = np.random.default_rng(0)
    for _ in range(2000):
        spec = world.sample_spec(rng)
        for item in spec.items:
            said = {value for value in vars(item).values() if isinstance(value, str)} - {item.family, item.part}
            if not (item.color or item.theme or item.pattern or item.material):
                said.add(FAMILIES[item.family].color)
            worn = {item.accessory_color}
            assert not {(word, item.family) for word in said - worn - {"small", "large"}} & world.held_out()
    assert all(world.is_held_out(world.sample_spec(rng, held_out=True)) for _ in range(50))


def test_captions_name_everything_in_several_ways():
    spec = Spec((Item("cube", "red", "small"), Item("cube", "blue", "large")), "on")
    rng = np.random.default_rng(0)
    assert caption(spec) == "a small red cube on top of a large blue cube"
    wordings = {caption(spec, rng) for _ in range(300)}
    assert len(wordings) > 100
    blue, red = (rf"\b({'|'.join(COLOR_WORDS[name])})\b" for name in ("blue", "red"))
    for text in wordings:
        assert re.search(blue, text) and re.search(red, text), text
    singles = {caption(Spec((Item("mushroom", "red"),)), rng) for _ in range(300)}
    assert len(singles) > 50


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (Item("corgi", accessory="santa hat", accessory_color="red"), "a corgi with a red santa hat"),
        (Item("pumpkin", pattern="rainbow"), "a rainbow pumpkin"),
        (Item("vase of flowers", "purple"), "a purple vase of flowers"),
        (Item("3d glasses", "red", part="right lens", part_color="blue"), "left lens is red right is blue"),
        (Item("chair", theme="avocado"), "an avocado chair"),
        (Item("stack of pancakes", topping="maple syrup"), "a stack of pancakes covered in maple syrup"),
        (Item("fish", pattern="leopard"), "a leopard print fish"),
        (Item("mug", "red", pattern="striped", second="white"), "a red and white striped mug"),
        (Item("tower", "red", pattern="gradient", second="blue"), "a red to blue gradient tower"),
        (Item("house", part="roof", part_color="red"), "a house with a red roof"),
        (Item("mouse", "grey", count=3), "three grey mice"),
        (Item("teapot", material="glass"), "a glass teapot"),
        (Item("unicorn", "white"), "a white unicorn"),
        (Item("unicorn"), "a unicorn"),
        (Item("hourglass"), "an hourglass"),
        (Item("scissors", "red"), "a pair of red scissors"),
    ],
)
def test_plain_captions(item, text):
    assert text in caption(Spec((item,)))


def test_every_caption_word_is_in_the_vocabulary():
    rng = np.random.default_rng(1)
    known = set(words())
    for _ in range(1000):
        text = caption(world.sample_spec(rng, held_out=bool(rng.integers(2))), rng)
        assert set(re.findall(r"[a-z0-9]+", text)) <= known, text


@pytest.mark.parametrize("kind", SAMPLED)
def test_every_kind_of_scene_can_be_drawn_on_both_sides_of_the_split(kind):
    rng = np.random.default_rng(0)
    for held_out in (False, True):
        for _ in range(10):
            spec = world.sample_kind(rng, kind, held_out)
            assert kind_of(spec) == kind and world.is_held_out(spec) == held_out
            low, high = bounds(world.assemble(spec, rng))
            assert np.linalg.norm(np.maximum(np.abs(low), np.abs(high))) < 1.01


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_takes_a_pattern_where_it_has_its_colour(family):
    item = Item(family, "red", pattern="striped", second="blue")
    parts = world.assemble(Spec((item,)), np.random.default_rng(0))
    patterned = [p for p in parts if p.finish.pattern]
    whole = [p for p in patterned if np.allclose(p.finish.second, COLORS["blue"], atol=1e-6)]
    assert whole and all(np.allclose(p.color, COLORS["red"], atol=1e-6) for p in whole), "a shade with a shade"


def test_what_a_part_or_a_pattern_is_told_to_be_is_seen():
    cameras = orbit([20, 200], 20)
    plain = world.scene(2, spec=Spec((Item("mug", "red"),))).render(cameras, 48).rgb
    striped = world.scene(2, spec=Spec((Item("mug", "red", pattern="striped", second="blue"),))).render(cameras, 48).rgb
    blue = (striped[..., 2] > striped[..., 0] + 0.2).mean(), (plain[..., 2] > plain[..., 0] + 0.2).mean()
    assert blue[0] > blue[1] + 0.03
    roof = Spec((Item("house", "white", part="roof", part_color="red"),))
    red = world.scene(2, spec=roof).render(cameras, 48).rgb
    assert (red[..., 0] > red[..., 1] + 0.4).mean() > 0.02


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
