"""The recipe of the model that edits: lessons of true pairs, and that it learns to heed the picture it is shown."""

import csv

import pytest
import torch

from t2a.pocket import path
from t2a.pocket.train import instruct
from t2a.pocket.train.instruct import Lessons, prepare, train
from t2a.priors.catalog import load_pipeline
from t2a.priors.instruct import load_instruct


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    out = tmp_path_factory.mktemp("instruct")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instruct, "SHARD", 8)
        prepare(8, path(), out / "lessons", "cpu")
    train(out / "lessons", out, 100, batch=2, rate=3e-4)
    return out


def test_lessons_are_pairs_from_the_same_cameras(learnt):
    found = Lessons(**torch.load(learnt / "lessons" / "lessons_0000.pt", weights_only=True))
    assert found.before.shape == found.after.shape == (8, 4, 12, 16, 16) and found.cameras.shape == (8, 4, 2)
    pipe, _ = load_pipeline(path())
    apart = (found.before.float() - found.after.float()).abs().mean((2, 3, 4))
    assert (apart.amax(1) > 1e-3).all() and apart.mean() < found.after.float().abs().mean()
    texts = pipe.tokenizer.batch_decode(found.ids.long(), skip_special_tokens=True)
    assert all(len(text.split()) >= 2 for text in texts)


def test_another_run_goes_on_from_what_was_written(learnt, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instruct, "SHARD", 8)
        prepare(8, path(), tmp_path / "lessons", "cpu", first=16)
    assert [file.name for file in (tmp_path / "lessons").iterdir()] == ["lessons_0002.pt"]
    train(tmp_path / "lessons", tmp_path, 1, batch=2, rate=1e-9, start=learnt / "instruct")
    before, after = (load_instruct(path(), beside=f / "instruct").unet.state_dict() for f in (learnt, tmp_path))
    for name, value in before.items():
        torch.testing.assert_close(after[name], value, rtol=0.02, atol=0.002)
    assert "went on from" in (tmp_path / "instruct" / "README.md").read_text(encoding="utf-8")


def test_it_learns_and_is_written(learnt):
    rows = list(csv.DictReader((learnt / "instruct.csv").read_text(encoding="utf-8").splitlines()))
    assert float(rows[1]["loss"]) < float(rows[0]["loss"])
    prior = load_instruct(path(), beside=learnt / "instruct")
    assert prior.unet.config.in_channels == 24 and prior.unet.conv_in.weight[:, 12:].abs().max() > 0
    assert prior.drawer is not None and prior.drawer.unet.config.in_channels == 12
    assert "8 pairs" in (learnt / "instruct" / "README.md").read_text(encoding="utf-8")
