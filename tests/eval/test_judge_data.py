from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
import torch

from t2a.cameras import turntable
from t2a.errors import UserError
from t2a.eval.judge import PAD, index_of, tokenize
from t2a.eval.judge_data import (
    CAPTIONS,
    EMPHASIS,
    HELD_OUT,
    MIX,
    WRONG,
    chances,
    compose,
    draw,
    layers,
    lesson_spec,
    lessons_of,
    load_lessons,
    make_shard,
    make_shards,
    meaning_number,
    soften,
    wrong_specs,
)
from t2a.pocket.captions import Item, Spec, kind_of, words
from t2a.pocket.counterfactuals import meaning
from t2a.pocket.world import is_held_out, scene


def angles(cameras):
    return np.stack([cameras.azimuth.numpy(), cameras.elevation.numpy()], axis=-1)[None]


def test_layers_put_together_again_are_the_render():
    made = scene(3, spec=Spec((Item("teapot", "green"),)))
    cameras = turntable(3)
    pictures = layers([made.table], angles(cameras), 64)[0]
    again = compose(pictures, torch.Generator().manual_seed(0), amount=0.0).numpy()
    # A pixel's mean normal is not quite the mean of its samples' shading, so edges differ a little.
    error = np.abs(again - made.render(cameras, 64).rgb)
    assert error.mean() < 2e-3 and np.quantile(error, 0.99) < 0.05


def test_augmented_pictures_stay_in_range_and_repeat():
    made = scene(4, spec=Spec((Item("dog", "blue"),)))
    pictures = layers([made.table], angles(turntable(4)), 32)[0]
    one, two = (compose(pictures, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(one, two)
    assert one.min() >= 0 and one.max() <= 1 and one.shape == (4, 32, 32, 3)


def test_softening_keeps_constants_and_zero_width_changes_nothing():
    noise = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(soften(noise, torch.zeros(2)), noise)
    flat = torch.full((1, 3, 16, 16), 0.3)
    torch.testing.assert_close(soften(flat, torch.ones(1)), flat)


def test_bare_lessons_are_those_that_were_drawn():
    drawn, bare = (make_shard(13, 0, 3, 2, 32, bare=bare) for bare in (False, True))
    assert "pictures" not in bare and len(bare["tables"]) == bare["primitives"].sum()
    both, fresh = lessons_of([drawn, bare]), lessons_of([bare])
    assert torch.equal(both.pictures[:3], both.pictures[3:]) and torch.equal(fresh.pictures, both.pictures[:3])
    assert torch.equal(both.tokens[:3], both.tokens[3:]) and torch.equal(both.azimuths[:3], fresh.azimuths)


def test_kinds_come_in_their_shares():
    rng = np.random.default_rng(0)
    specs = [lesson_spec(rng) for _ in range(1500)]
    counts = Counter(kind_of(spec) for spec in specs)
    assert all(abs(counts[kind] / 1500 - share / sum(MIX.values())) < 0.04 for kind, share in MIX.items())
    assert abs(np.mean([is_held_out(spec) for spec in specs]) - HELD_OUT) < 0.04


def test_the_two_views_of_a_scene_differ():
    rows, views = draw(torch.ones(32), 3, 4000, torch.Generator().manual_seed(0))
    assert rows.min() == 0 and rows.max() == 31
    assert (views[:, 0] != views[:, 1]).all() and views.unique().tolist() == [0, 1, 2]


def test_what_is_hard_is_drawn_more_often():
    specs = [Spec((Item("car"),)), Spec((Item("car", count=3),)), Spec((Item("car", "blue", accessory="crown"),))]
    rows, _ = draw(chances(specs), 2, 8000, torch.Generator().manual_seed(0))
    share = torch.bincount(rows) / 8000
    wanted = torch.tensor([EMPHASIS["single"], EMPHASIS["count"], 1.0])
    torch.testing.assert_close(share, wanted / wanted.sum(), atol=0.02, rtol=0)


def test_shards_are_kept_and_read_back(tmp_path):
    options = {"seed": 9, "numbers": range(2), "scenes": 3, "views": 2}
    make_shards(tmp_path, **options)
    before = (tmp_path / "shard_000.npz").stat().st_mtime_ns
    make_shards(tmp_path, **options)
    assert (tmp_path / "shard_000.npz").stat().st_mtime_ns == before
    lessons = load_lessons(tmp_path)
    assert lessons is not None and lessons.pictures.shape == (6, 2, 96, 96, 5) and len(lessons.specs) == 6
    first = load_lessons(tmp_path, most=1)
    assert first is not None and first.shards == {"shard_000.npz"}
    rest = load_lessons(tmp_path, first.shards)
    assert rest is not None and load_lessons(tmp_path, lessons.shards) is None
    both = first.and_(rest)
    assert torch.equal(both.pictures, lessons.pictures) and torch.equal(both.tokens, lessons.tokens)
    assert torch.equal(both.meanings, lessons.meanings) and both.shards == lessons.shards
    latest = first.and_(rest, 4)
    assert torch.equal(latest.pictures, lessons.pictures[2:]) and latest.specs == lessons.specs[2:]
    assert latest.shards == lessons.shards, "what was let go of is not read again"


def test_sentences_are_right_first_and_then_wrong():
    shard = make_shard(13, 0, 6, 2)
    lessons = lessons_of([shard])
    said = [json.loads(text) for text in shard["sentences"]]
    index = index_of(words())
    for spec, sentences, tokens, numbers in zip(lessons.specs, said, lessons.tokens, lessons.meanings, strict=True):
        assert [row[row != PAD].tolist() for row in tokens] == [tokenize(text, index) for text in sentences]
        assert len(sentences) == CAPTIONS + WRONG and len(numbers) == 1 + WRONG
        assert numbers[0] == meaning_number(spec) and numbers[0] not in numbers[1:]
        assert not set(sentences[:CAPTIONS]) & set(sentences[CAPTIONS:])


def test_lessons_of_other_words_are_refused():
    shard = make_shard(13, 0, 1, 2, 8, bare=True)
    with pytest.raises(UserError, match="make them again"):
        lessons_of([{**shard, "vocabulary": np.array("of yesterday")}])


def test_wrong_specs_are_wrong():
    rng = np.random.default_rng(0)
    for spec in [lesson_spec(rng) for _ in range(30)]:
        assert meaning(spec) not in {meaning(other) for other in wrong_specs(spec, rng, 20)}
