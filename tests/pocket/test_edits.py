"""Instructions: what they leave alone stays where it is, pixel by pixel, and they never cross the world's split."""

import numpy as np
import pytest
import torch

from t2a.cameras import turntable
from t2a.pocket.captions import Item, Spec
from t2a.pocket.edits import CHANGES, KEEPS_SHAPE, SHARES, Edit, edited_scene, sample_edit
from t2a.pocket.render import render_views
from t2a.pocket.world import assemble, is_held_out, scene


@pytest.fixture(scope="module")
def edits():
    rng = np.random.default_rng(0)
    return [sample_edit(rng) for _ in range(400)]


def test_every_kind_is_given_about_as_often_as_it_should_be(edits):
    assert set(SHARES) == set(CHANGES) and sum(SHARES.values()) == pytest.approx(1)
    counts = {kind: sum(edit.kind == kind for edit in edits) / len(edits) for kind in SHARES}
    assert all(abs(counts[kind] - share) < 0.06 for kind, share in SHARES.items()), counts


def test_instructions_are_sentences_of_what_changes(edits):
    for edit in edits:
        assert "{" not in edit.instruction and edit.instruction == edit.instruction.lower()
        assert edit.source != edit.target
        before, after = edit.source.items[0], edit.target.items[0]
        if edit.kind != "family":
            assert before.family == after.family
        if edit.kind == "accessory":
            assert before.accessory is None and after.accessory in edit.instruction
        if edit.kind == "bare":
            assert before.accessory in edit.instruction and after.accessory is None


def test_the_split_is_kept(edits):
    assert not any(is_held_out(edit.target) or is_held_out(edit.source) for edit in edits)
    rng = np.random.default_rng(1)
    asked = [sample_edit(rng, held_out=True) for _ in range(40)]
    assert all(is_held_out(edit.target) and not is_held_out(edit.source) for edit in asked)


def seen(table):
    background = np.tile(np.float32([0.3, 0.3, 0.3]), (2, 1))
    return render_views(table, turntable(2, 20.0), 48, 1, background)


def test_colors_alone_leave_the_shape_alone(edits):
    for number, edit in enumerate([e for e in edits if e.kind in KEEPS_SHAPE][:25]):
        made = edited_scene(edit, 3, number)
        before, after = seen(made.source), seen(made.target)
        assert np.array_equal(before.depth, after.depth), edit
        assert np.abs(before.rgb - after.rgb).max() > 0.02, edit


def test_what_is_put_on_or_taken_off_leaves_the_rest_where_it_is(edits):
    for number, edit in enumerate([e for e in edits if e.kind in ("accessory", "topping", "bare")][:25]):
        made = edited_scene(edit, 3, number)
        before, after = seen(made.source), seen(made.target)
        same = np.isclose(before.depth, after.depth, atol=1e-4)
        assert same.mean() > 0.6 and not same.all(), edit
        hit = same & (before.depth > 0)
        assert np.median(np.abs(before.rgb - after.rgb)[hit]) < 0.01, edit
        dressed, bare = (before, after) if edit.kind == "bare" else (after, before)
        assert (bare.depth > 0).sum() <= (dressed.depth > 0).sum()


def test_a_bare_object_is_the_dressed_one_without_its_clothes():
    spec = Spec((Item("corgi", accessory="wizard hat"),))
    dressed, bare = (assemble(spec, np.random.default_rng(5), bare=bare) for bare in (False, True))
    assert 0 < len(bare) < len(dressed)
    for part, same in zip(bare, dressed, strict=False):
        assert np.allclose(part.center, same.center) and part.label == same.label


def test_the_same_numbers_make_the_same_scene():
    edit = Edit("color", Spec((Item("cube", "red"),)), Spec((Item("cube", "blue"),)), "make it blue")
    first, again, other = (edited_scene(edit, 3, index) for index in (4, 4, 5))
    assert np.array_equal(first.source, again.source) and np.array_equal(first.target, again.target)
    assert not np.array_equal(first.source, other.source)
    assert torch.equal(*(torch.from_numpy(scene(0, 1, spec=edit.source).table) for _ in range(2)))
