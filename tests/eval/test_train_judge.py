from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from t2a.eval.judge import Judge, load_judge
from t2a.eval.judge_data import CAPTIONS, Lessons, lessons_of, make_shard, meaning_number
from t2a.eval.train_judge import (
    GROWTH,
    NEGATIVES,
    begin,
    candidates,
    choice,
    contrast,
    drawn_sentences,
    same_meaning,
    sector_of,
    train,
    validate,
)
from t2a.pocket.captions import Item, Spec


@pytest.fixture(scope="module")
def shard() -> dict[str, np.ndarray]:
    return make_shard(13, 0, 6, 2)


@pytest.fixture(scope="module")
def lessons(shard) -> Lessons:
    return lessons_of([shard])


def take(lessons, folder, config, last, steps=4):
    losses = []
    for step, values, _ in train(lessons, folder, steps=steps, batch=4, seed=3, config=config, save_every=2):
        losses.append(float(values["loss"]))
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


def meanings(*specs: Spec) -> torch.Tensor:
    return torch.tensor([meaning_number(spec) for spec in specs])


APPLE, CAR, RED_APPLE = Spec((Item("apple"),)), Spec((Item("car", "blue"),)), Spec((Item("apple", "red"),))


def test_perfect_embeddings_have_no_loss_and_true_sentences_are_not_wrong():
    equal = same_meaning(meanings(APPLE, CAR), meanings(APPLE, CAR, RED_APPLE))
    assert equal.tolist() == [[False, False, True], [False, False, False]]
    eye = torch.eye(2)
    losses = contrast(eye.expand(2, 2, 2), torch.cat([eye, eye[:1]]), equal, torch.tensor(50.0))
    assert max(float(losses[k]) for k in ("single", "mean", "text")) < 1e-6


def test_candidates_are_a_pictures_own_sentence_its_counterfactuals_and_those_of_others():
    pairs = candidates(3)
    assert pairs[:, 0].tolist() == [0, 1, 2]
    assert pairs[:, 1 : 1 + NEGATIVES].flatten().tolist() == list(range(3, 3 + 3 * NEGATIVES))
    assert [set(row) for row in pairs[:, 1 + NEGATIVES :].tolist()] == [{1, 2}, {0, 2}, {0, 1}]


def test_the_right_choice_has_no_loss_and_what_is_true_as_well_is_not_counted():
    every = meanings(APPLE, CAR, RED_APPLE, Spec((Item("car", "red"),)))
    equal, pairs = same_meaning(every[:2], every), torch.tensor([[0, 2, 1], [1, 3, 0]])
    logits = torch.tensor([[30.0, 90.0, 0.0], [30.0, 0.0, 0.0]]).expand(2, 2, 3)
    losses = choice(logits, pairs, equal)
    assert max(float(losses[k]) for k in ("choice", "mean_choice")) < 1e-6 and losses["right"] == 1
    assert choice(-logits, pairs, equal)["right"] == 0


def test_drawn_sentences_are_right_ones_first_then_each_scenes_wrong_ones(lessons):
    rows = torch.tensor([4, 1])
    tokens, ids = drawn_sentences(lessons.tokens[rows], lessons.meanings[rows], torch.Generator().manual_seed(0))
    assert len(tokens) == len(ids) == 2 * (1 + NEGATIVES)

    def known(row: int, own: bool) -> set[tuple[int, ...]]:
        sentences = lessons.tokens[row, :CAPTIONS] if own else lessons.tokens[row, CAPTIONS:]
        return {tuple(sentence.tolist()) for sentence in sentences[:, : tokens.shape[1]]}

    assert all(tuple(tokens[i].tolist()) in known(row, True) for i, row in enumerate(rows.tolist()))
    for i, row in enumerate(rows.tolist()):
        own = slice(2 + i * NEGATIVES, 2 + (i + 1) * NEGATIVES)
        assert all(tuple(sentence) in known(row, False) for sentence in tokens[own].tolist())
        assert ids[i] == lessons.meanings[row, 0] and ids[i] not in ids[own]


def test_a_judge_takes_in_what_is_written_while_it_learns(shard, lessons, tiny_config, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    np.savez(data / "shard_000.npz", **shard)
    seen = []
    options = {"steps": GROWTH + 1, "batch": 4, "seed": 3, "config": tiny_config, "grow": data}
    for _, losses, _ in train(lessons_of([shard], ["shard_000.npz"]), tmp_path / "run", **options):
        seen.append(int(losses["scenes"]))
        if len(seen) == 1:
            np.savez(data / "shard_001.npz", **make_shard(13, 6, 3, 2))
    assert seen == [6] * GROWTH + [9]


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
