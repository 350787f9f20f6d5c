from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from t2a.eval.judge import Judge, load_judge
from t2a.eval.judge_data import Lessons, make_shard
from t2a.eval.prompts import meaning
from t2a.eval.train_judge import (
    NEGATIVES,
    begin,
    candidates,
    choice,
    contrast,
    same_meaning,
    sector_of,
    train,
    validate,
    wrong_specs,
)
from t2a.pocket.captions import Item, Spec
from t2a.pocket.data import spec_from_json


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    shard = make_shard(13, 0, 6, 2)
    pictures, azimuths = (torch.from_numpy(shard[name]) for name in ("pictures", "azimuths"))
    return Lessons(pictures, azimuths, [spec_from_json(str(text)) for text in shard["specs"]])


def take(lessons, folder, config, last, steps=4):
    losses = []
    for step, values, _ in train(lessons, folder, steps=steps, batch=4, seed=3, config=config, save_every=2):
        losses.append(values["loss"])
        if step == last:
            break
    return losses


def test_a_resumed_run_equals_an_uninterrupted_one(lessons, tiny_config, tmp_path):
    whole = take(lessons, tmp_path / "whole", tiny_config, 4)
    parts = take(lessons, tmp_path / "parts", tiny_config, 2) + take(lessons, tmp_path / "parts", tiny_config, 4)
    assert whole == parts
    states = [load_judge(tmp_path / name).state_dict() for name in ("whole", "parts")]
    assert all(torch.equal(states[0][k], states[1][k]) for k in states[0])


def test_training_lowers_the_loss(lessons, tiny_config, tmp_path):
    losses = take(lessons, tmp_path, tiny_config, 30, steps=30)
    assert np.mean(losses[-5:]) < np.mean(losses[:5])


def test_perfect_embeddings_have_no_loss_and_true_sentences_are_not_wrong():
    specs = [Spec((Item("apple"),)), Spec((Item("car", "blue"),))]
    twin = Spec((Item("apple", "red"),))
    assert same_meaning(specs, [*specs, twin]).tolist() == [[True, False, True], [False, True, False]]
    eye = torch.eye(2)
    losses = contrast(eye.expand(2, 2, 2), torch.cat([eye, eye[:1]]), specs, [*specs, twin], torch.tensor(50.0))
    assert max(float(losses[k]) for k in ("single", "mean", "text")) < 1e-6


def test_candidates_are_a_pictures_own_sentence_its_counterfactuals_and_those_of_others():
    pairs = candidates(3)
    assert pairs[:, 0].tolist() == [0, 1, 2]
    assert pairs[:, 1 : 1 + NEGATIVES].flatten().tolist() == list(range(3, 3 + 3 * NEGATIVES))
    assert [set(row) for row in pairs[:, 1 + NEGATIVES :].tolist()] == [{1, 2}, {0, 2}, {0, 1}]


def test_the_right_choice_has_no_loss_and_what_is_true_as_well_is_not_counted():
    specs = [Spec((Item("apple"),)), Spec((Item("car", "blue"),))]
    every = [*specs, Spec((Item("apple", "red"),)), Spec((Item("car", "red"),))]
    pairs = torch.tensor([[0, 2, 1], [1, 3, 0]])
    logits = torch.tensor([[30.0, 90.0, 0.0], [30.0, 0.0, 0.0]]).expand(2, 2, 3)
    losses = choice(logits, pairs, specs, every)
    assert max(float(losses[k]) for k in ("choice", "mean_choice")) < 1e-6 and losses["right"] == 1
    assert choice(-logits, pairs, specs, every)["right"] == 0


def test_wrong_specs_are_wrong(lessons):
    rng = np.random.default_rng(0)
    for spec in lessons.specs:
        assert meaning(spec) not in {meaning(other) for other in wrong_specs(spec, rng, 20)}


def test_another_judges_words_keep_their_vectors_in_another_vocabulary(tiny_judge):
    words = (*tiny_judge.config.vocabulary[5:], "zeppelin")
    other = Judge(replace(tiny_judge.config, vocabulary=words)).eval()
    begin(other, tiny_judge)
    text = [" ".join(words[:4])]
    torch.testing.assert_close(other.embed_texts(text), tiny_judge.embed_texts(text))


def test_sectors_are_centred_on_the_sides():
    degrees = torch.tensor([0.0, 20.0, -20.0, 25.0, 90.0, 180.0, 337.0, 340.0])
    assert sector_of(degrees.deg2rad()).tolist() == [0, 0, 0, 1, 2, 4, 7, 0]


def test_validation_gives_shares(lessons, tiny_judge):
    assert all(0 <= share <= 1 for share in validate(tiny_judge, lessons, count=3).values())
