from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

from t2a.errors import UserError
from t2a.eval.judge import Judge
from t2a.eval.prompts import retrieval_prompts
from t2a.eval.retrieval import CELL, judge_accuracy, kept_views, run_retrieval, score, summarize

VIEWS = torch.rand(8, 64, 64, 3, generator=torch.Generator().manual_seed(0))
CAPTIONS = ["a red cube", "a blue ball", "a cat", "a pink sofa"]


def test_rank_and_margin_follow_the_scores(tiny_judge):
    scores = tiny_judge.score_views(VIEWS, CAPTIONS)
    order = scores.argsort(descending=True).tolist()
    for rank, i in enumerate(order, start=1):
        verdict = score(VIEWS, CAPTIONS[i], CAPTIONS[:i] + CAPTIONS[i + 1 :], tiny_judge)
        assert verdict.rank == rank
        assert (verdict.margin > 0) == (rank == 1)
        assert verdict.best_wrong == CAPTIONS[order[1] if rank == 1 else order[0]]


def test_a_tie_counts_against_the_caption(tiny_judge):
    assert score(VIEWS, "a cat", ["a cat", "A cat!"], tiny_judge).rank == 3


def test_distractors_are_needed(tiny_judge):
    with pytest.raises(UserError, match="at least one"):
        score(VIEWS, "a cat", [], tiny_judge)


def test_an_untrained_judge_guesses(tiny_judge):
    accuracy = judge_accuracy(tiny_judge, count=6, seed=21)
    assert accuracy["top1"] < 0.5 and accuracy["count"] == 6


def test_runs_resume_by_prompt(tiny_judge, tmp_path):
    prompts = retrieval_prompts(5, seed=2)
    asked: list[tuple[str, int]] = []

    def generate(caption: str, seed: int) -> torch.Tensor:
        asked.append((caption, seed))
        return torch.rand(8, 32, 32, 3, generator=torch.Generator().manual_seed(seed))

    job = run_retrieval(generate, prompts, tmp_path, tiny_judge, seed=10)
    first = [next(job), next(job)]
    job.close()
    again = list(run_retrieval(generate, prompts, tmp_path, tiny_judge, seed=10))
    assert again[:2] == first
    assert asked == [(p.caption, 10 + i) for i, p in enumerate(prompts)]
    whole = list(run_retrieval(generate, prompts, tmp_path / "whole", tiny_judge, seed=10))
    assert whole == again

    table = json.loads((tmp_path / "retrieval.json").read_text())
    assert [r["rank"] for r in table["results"]] == [r.rank for r in again]
    assert table["summary"] == summarize(again)
    with Image.open(tmp_path / "retrieval.png") as page:
        assert page.height == 5 * CELL
    assert not list(tmp_path.rglob("*.tmp"))


def test_another_seed_or_model_generates_anew(tiny_judge, tmp_path):
    prompts, count = retrieval_prompts(2, seed=2), []

    def generate(caption: str, seed: int) -> torch.Tensor:
        count.append(seed)
        return VIEWS

    list(run_retrieval(generate, prompts, tmp_path, tiny_judge, seed=0))
    list(run_retrieval(generate, prompts, tmp_path, tiny_judge, seed=5))
    assert count == [0, 1, 5, 6]
    list(run_retrieval(generate, prompts, tmp_path, tiny_judge, seed=5, identity="other weights"))
    assert count == [0, 1, 5, 6, 5, 6]


def test_another_judge_sees_the_views_that_were_kept(tiny_judge, tmp_path):
    prompts = retrieval_prompts(2, seed=2)
    first = list(run_retrieval(lambda *_: VIEWS, prompts, tmp_path, tiny_judge))
    other = Judge(tiny_judge.config).eval()
    again = list(run_retrieval(None, prompts, tmp_path, other))  # nothing is generated
    assert [r.margin for r in again] != [r.margin for r in first]
    seen = kept_views(None, tmp_path, 0, prompts[0].caption, 0)
    assert np.abs(seen - VIEWS.numpy()).max() <= 0.5 / 255 + 1e-6
