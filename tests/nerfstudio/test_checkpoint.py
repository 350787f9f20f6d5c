"""Configurations that nerfstudio would run foreign code for are refused before it sees them. (The round trip with
nerfstudio itself is in test_round_trip.py.)"""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from t2a.config import load
from t2a.edit.objects import read_subject
from t2a.errors import MissingExtra, UserError
from t2a.events import run
from t2a.nerfstudio.checkpoint import check_tags

GOOD = """!!python/object:nerfstudio.engine.trainer.TrainerConfig
_target: !!python/name:nerfstudio.engine.trainer.Trainer ''
data: &data !!python/object/apply:pathlib.PosixPath
- views
again: *data
optimizer: !!python/name:torch.optim.adam.Adam ''
events: !!python/tuple
- !!python/object/apply:nerfstudio.utils.writer.EventName
  - Train Iter (time)
scene: !!python/object:t2a.config.SceneConfig
  levels: 8
collate: !!python/name:nerfstudio.data.utils.nerfstudio_collate.nerfstudio_collate ''
"""


def written(tmp_path, text):
    path = tmp_path / "config.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_nerfstudio_writes_passes(tmp_path):
    check_tags(written(tmp_path, GOOD))


@pytest.mark.parametrize(
    "evil",
    [
        "!!python/object/apply:os.system [echo]",
        "!!python/object/new:subprocess.Popen [echo]",
        "!!python/name:os.system ''",
        "!!python/module:os ''",
        "!!python/object/apply:nerfstudio.utils.scripts.run_command [echo]",
        "!!python/object:posix.DirEntry {}",
        "{nested: [!!python/object/apply:eval ['1']]}",
    ],
)
def test_what_would_run_something_else_does_not(tmp_path, evil):
    with pytest.raises(UserError, match="would run"):
        check_tags(written(tmp_path, GOOD + f"more: {evil}\n"))


@pytest.mark.parametrize("text", ["a: 1\n", "", "a: [1\n"])
def test_other_files_are_no_configurations(tmp_path, text):
    with pytest.raises(UserError, match="ns-train has written"):
        check_tags(written(tmp_path, text))


@pytest.mark.skipif(importlib.util.find_spec("nerfstudio") is not None, reason="nerfstudio is installed")
def test_without_nerfstudio_it_says_how_to_get_it(tmp_path):
    with pytest.raises(MissingExtra, match=r"pip install 't2a\[nerfstudio\]'"):
        run(read_subject(written(tmp_path, GOOD), load("pocket")))


def test_poses_come_back_from_nerfstudios_space():
    from t2a.nerfstudio.checkpoint import _in_world

    class Outputs:
        dataparser_transform = np.array([[0, 1, 0, 0.5], [-1, 0, 0, -0.25], [0, 0, 1, 2.0]])
        dataparser_scale = 0.2

    pose = np.concatenate([np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0], [[1.0], [2.0], [3.0]]], 1)
    turn = Outputs.dataparser_transform
    normal = np.concatenate([turn[:, :3] @ pose[:, :3], ((turn[:, :3] @ pose[:, 3] + turn[:, 3]) * 0.2)[:, None]], 1)
    np.testing.assert_allclose(_in_world(normal, Outputs), pose, atol=1e-12)
