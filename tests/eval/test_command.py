"""`t2a eval retrieval` as a whole: assets side by side, figures, and a repeated call that makes nothing again."""

import json

import pytest

from t2a import config as configs
from t2a.errors import EmptyScene, UserError
from t2a.eval import command
from t2a.eval.command import make_views, retrieval
from t2a.eval.judge import load_judge

TINY = {
    "steps": 6,
    "views": 2,
    "render_size": 24,
    "rounds": 1,
    "round_steps": 4,
    "first_round_steps": 4,
    "refine_size": 32,
    "resolution": 48,
    "faces": 500,
    "texture": 128,
}


@pytest.mark.slow
def test_assets_side_by_side_are_those_made_one_by_one(tmp_path, capsys):
    config = configs.load("pocket", TINY)
    retrieval(2, tmp_path / "two", config, jobs=2, judged=4)
    made = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "two" / "assets").iterdir()}
    assert {"000.glb", "001.glb", "000.json", "001.json"} <= set(made)
    summary = json.loads((tmp_path / "two" / "summary.json").read_text(encoding="utf-8"))
    assert summary["count"] == 2 and summary["judge"]["count"] == 4
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["1/2", "2/2"], "reported in order"
    retrieval(2, tmp_path / "two", config, jobs=2, judged=4)
    assert made == {p.name: p.stat().st_mtime_ns for p in (tmp_path / "two" / "assets").iterdir()}
    retrieval(1, tmp_path / "one", config, judged=4)
    one, two = (json.loads((tmp_path / name / "retrieval.json").read_text())["results"][0] for name in ("one", "two"))
    # Other numbers of threads round differently; 0.05 is that of a cosine.
    same = pytest.approx(two["margin"], abs=0.05 * float(load_judge().scale))
    assert one["caption"] == two["caption"] and one["margin"] == same


@pytest.mark.parametrize("options", [{"count": 0}, {"jobs": 0}])
def test_numbers_out_of_range_are_one_sentence(options, tmp_path):
    with pytest.raises(UserError, match="must be at least 1"):
        retrieval(options.get("count", 1), tmp_path, configs.load("pocket"), options.get("jobs", 1))


@pytest.mark.parametrize("error, ends", [(EmptyScene("the scene is empty"), False), (UserError("no model"), True)])
def test_only_an_empty_scene_lets_the_batch_go_on(error, ends, tmp_path, monkeypatch):
    def fails(job, progress):
        raise error

    monkeypatch.setattr(command, "run", fails)
    config = configs.load("pocket", TINY)
    if ends:
        with pytest.raises(UserError, match="no model"):
            make_views("a ball", 0, config, tmp_path)
    else:
        views = make_views("a ball", 0, config, tmp_path)
        assert (views == views[0, 0, 0]).all(), "nothing but the backdrop"
