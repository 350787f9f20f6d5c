"""A tiny judge and a tiny data set that the tests of this folder share."""

from __future__ import annotations

import pytest
import torch

from t2a.eval.judge import Judge, JudgeConfig
from t2a.pocket.captions import words


@pytest.fixture(scope="session")
def tiny_config() -> JudgeConfig:
    return JudgeConfig(
        tuple(words()), widths=(8, 8, 16, 16), blocks=(0, 0, 1, 0), word_width=8, text_width=16, embedding=16
    )


@pytest.fixture
def tiny_judge(tiny_config) -> Judge:
    torch.manual_seed(7)
    return Judge(tiny_config).eval()
