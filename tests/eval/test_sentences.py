"""Prompts written by hand: enough of them, held out where they can be, and not what the world says itself."""

import re

import numpy as np
import pytest

from t2a.cameras import turntable
from t2a.errors import UserError
from t2a.eval.judge import load_judge
from t2a.eval.prompts import SETS, distractors, prompt_set
from t2a.eval.retrieval import ELEVATION, PIXELS, VIEWS, run_retrieval
from t2a.eval.sentences import NAMED, PARAPHRASES
from t2a.pocket.captions import caption, words
from t2a.pocket.counterfactuals import meaning
from t2a.pocket.families import FAMILIES
from t2a.pocket.glue import GLUE
from t2a.pocket.world import held_out, is_held_out, scene


def test_there_are_twelve_and_fifty_of_different_meaning():
    assert len(NAMED) == 12 and len(PARAPHRASES) == 50
    assert len({meaning(spec) for spec in PARAPHRASES.values()}) == 50


def test_what_can_be_held_out_is():
    assert all(is_held_out(spec) for spec in PARAPHRASES.values())
    assert {("santa hat", "corgi"), ("rainbow", "pumpkin"), ("avocado", "chair"), ("leopard", "fish")} <= held_out()
    assert sum(is_held_out(spec) for spec in NAMED.values()) == 6


@pytest.mark.parametrize("text", PARAPHRASES)
def test_no_phrasing_of_the_world_makes_a_paraphrase(text):
    spec = PARAPHRASES[text]
    rng = np.random.default_rng(0)
    normal = re.findall(r"[a-z0-9]+", text)
    assert all(re.findall(r"[a-z0-9]+", caption(spec, rng)) != normal for _ in range(200))
    said = {name for item in spec.items for name in (item.family, item.accessory, item.theme, item.pattern) if name}
    for name in sorted(said, key=len, reverse=True):
        text = text.replace(name, "")
    others = {name for name in FAMILIES if " " not in name}
    assert not set(re.findall(r"[a-z0-9]+", text)) & others, "no other object is named"


@pytest.mark.parametrize("name", SETS)
def test_every_prompt_can_be_shown_and_has_hard_distractors(name):
    for prompt in prompt_set(name, 60):
        assert len(distractors(prompt.spec, np.random.default_rng(0))) == 60
        assert scene(0, spec=prompt.spec).render
    with pytest.raises(UserError, match="held-out, paraphrases, named"):
        prompt_set("anything", 3)


def test_the_judge_is_asked_plainly_for_what_a_paraphrase_means(tmp_path):
    """Of true pictures it would be right about half of these, asked for the sentence itself."""
    prompts = prompt_set("paraphrases", 10)
    shown = {prompt.caption: scene(0, spec=prompt.spec) for prompt in prompts}

    def generate(caption, seed):
        return shown[caption].render(turntable(VIEWS, ELEVATION), PIXELS).rgb

    results = list(run_retrieval(generate, prompts, tmp_path, load_judge()))
    assert [result.caption for result in results] == list(shown)
    assert sum(result.rank == 1 for result in results) >= 9


def test_words_that_say_nothing_are_none_that_do():
    assert not set(GLUE) & set(words()) and len(GLUE) == len(set(GLUE))
