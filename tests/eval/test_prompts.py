from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from t2a.errors import UserError
from t2a.eval.prompts import SHARES, distractors, retrieval_prompts
from t2a.pocket.captions import Item, Spec, caption, kind_of
from t2a.pocket.counterfactuals import counterfactuals, meaning
from t2a.pocket.families import COLORS
from t2a.pocket.phrases import COLOR_WORDS
from t2a.pocket.world import is_held_out, sample_spec

CUBE_ON_BALL = Spec((Item("cube", "red"), Item("barrel", "blue")), "on")


def test_prompts_are_held_out_distinct_and_of_every_kind():
    prompts = retrieval_prompts(100, seed=11)
    assert all(is_held_out(p.spec) and p.kind == kind_of(p.spec) for p in prompts)
    assert len({meaning(p.spec) for p in prompts}) == 100
    counts = Counter(p.kind for p in prompts)
    assert counts == {kind: round(100 * share) for kind, share in SHARES.items()}


def test_a_longer_list_begins_with_the_shorter_one():
    many = retrieval_prompts(450, seed=11)
    assert len(many) == 450 and many[:40] == retrieval_prompts(40, seed=11)
    assert len({meaning(p.spec) for p in many}) == 450


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Item("kite", "red", pattern="striped"), Item("kite", "red", pattern="striped", second="white")),
        (Item("kite", "white", pattern="striped"), Item("kite", "black", pattern="striped", second="white")),
        (
            Item("mug", "red", pattern="checkered", second="blue"),
            Item("mug", "blue", pattern="checkered", second="red"),
        ),
        (Item("church", pattern="zebra"), Item("church", "white", pattern="zebra")),
        (Item("duck", accessory="hat"), Item("duck", accessory="hat", accessory_color="red")),
        (Item("teapot", material="metal"), Item("teapot", "grey")),
    ],
)
def test_what_looks_alike_means_the_same(one, other):
    assert meaning(Spec((one,))) == meaning(Spec((other,)))


def test_what_looks_different_does_not():
    spotted = Item("mug", "red", pattern="spotted", second="blue")
    assert meaning(Spec((spotted,))) != meaning(Spec((Item("mug", "blue", pattern="spotted", second="red"),)))


def test_the_same_seed_gives_the_same_prompts():
    assert retrieval_prompts(10, seed=4) == retrieval_prompts(10, seed=4)
    assert retrieval_prompts(10, seed=4) != retrieval_prompts(10, seed=5)


def test_meaning_ignores_what_pictures_do_not_show():
    assert meaning(Spec((Item("apple"),))) == meaning(Spec((Item("apple", "red", "small"),)))
    assert meaning(Spec((Item("apple", "green"),))) != meaning(Spec((Item("apple"),)))
    assert meaning(Spec((Item("apple", material="shiny"),))) == meaning(Spec((Item("apple"),)))
    assert meaning(Spec((Item("apple", pattern="striped"),))) != meaning(Spec((Item("apple"),)))
    pair = (Item("cube", "red"), Item("ball", "blue"))
    assert meaning(Spec(pair, "next")) == meaning(Spec(pair[::-1], "next"))
    assert meaning(Spec(pair, "front")) == meaning(Spec(pair, "next"))
    assert meaning(Spec(pair, "on")) != meaning(Spec(pair[::-1], "on"))


@pytest.mark.parametrize("seed", range(30))
def test_no_counterfactual_is_equivalent_to_the_truth_or_to_another(seed):
    spec = sample_spec(np.random.default_rng(seed), held_out=bool(seed % 2))
    changed = [meaning(s) for specs in counterfactuals(spec).values() for s in specs]
    assert meaning(spec) not in changed
    assert len(set(changed)) == len(changed)


@pytest.mark.parametrize("seed", range(30))
def test_no_distractor_says_the_truth(seed, monkeypatch):
    """Sentences are traced back to the specs that they were worded from."""
    worded: dict[str, Spec] = {}

    def traced(spec, rng=None):
        text = caption(spec, rng)
        worded[text] = spec
        return text

    monkeypatch.setattr("t2a.eval.prompts.caption", traced)
    rng = np.random.default_rng([1, seed])
    spec = sample_spec(rng, held_out=True)
    wrong = distractors(spec, rng)
    assert len(wrong) == 60
    assert meaning(spec) not in {meaning(worded[text]) for text in wrong}
    assert not {caption(spec, np.random.default_rng(s)) for s in range(30)} & set(wrong)


def test_hard_distractors_are_among_them():
    wrong = distractors(Spec((Item("car", "pink"),)), np.random.default_rng(0))
    for color in set(COLORS) - {"pink", "red"}:
        said = re.compile(rf"\b({'|'.join(COLOR_WORDS[color])})\b")
        assert any(said.search(text) and re.search("car|automobile|sedan|hatchback", text) for text in wrong), color
    arranged = counterfactuals(CUBE_ON_BALL)["arrangement"]
    assert Spec(CUBE_ON_BALL.items[::-1], "on") in arranged
    assert Spec((Item("cube", "blue"), Item("barrel", "red")), "on") in arranged
    assert Spec(CUBE_ON_BALL.items, "next") in arranged


def test_too_few_distractors_are_refused():
    with pytest.raises(UserError, match="count is 5"):
        distractors(CUBE_ON_BALL, np.random.default_rng(0), 5)
