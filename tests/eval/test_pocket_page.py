"""The generated part of docs/pocket.md: the same when made again, what surrounds it kept, figures read from files."""

import json
import sys

import numpy as np
import pytest

from t2a.errors import UserError
from t2a.eval import pocket_page
from t2a.eval.prompts import SHARES
from t2a.pocket.families import FAMILIES


def make(tmp_path, monkeypatch, *options):
    monkeypatch.setattr(sys, "argv", ["pocket_page", "--docs", str(tmp_path), *options])
    pocket_page.main()
    return (tmp_path / "pocket.md").read_text(encoding="utf-8")


def test_the_section_is_replaced_and_the_rest_is_kept(tmp_path, monkeypatch):
    before, after = "# Title\n\nwords\n\n", "\n\nmore words\n"
    (tmp_path / "pocket.md").write_text(f"{before}{pocket_page.BEGIN}\nold\n{pocket_page.END}{after}", encoding="utf-8")
    first = make(tmp_path, monkeypatch)
    assert first.startswith(before) and first.endswith(after) and "old" not in first
    assert f"{len(FAMILIES)} families" in first and "precision" not in first
    assert all((tmp_path / name).is_file() for name in ("world.png", "pocket_samples.png", "pocket_training.png"))
    assert make(tmp_path, monkeypatch) == first


def test_rows_are_what_the_evaluations_wrote_and_stay(tmp_path, monkeypatch):
    (tmp_path / "pocket.md").write_text(f"{pocket_page.BEGIN}\n{pocket_page.END}\n", encoding="utf-8")
    summary = {"count": 7, "precision": 6 / 7, "top5": 1.0, "facing": 0.9, "with_sides": 3, "distance": 12.34}
    (tmp_path / "drawn").mkdir()
    by_kind = dict.fromkeys(SHARES, 1.0) | {"on": 0.5}
    (tmp_path / "drawn" / "summary.json").write_text(json.dumps({**summary, "by_kind": by_kind}))
    (tmp_path / "twelve").mkdir()
    few = {"count": 12, "precision": 1.0, "top5": 1.0, "facing": None, "with_sides": 0, "by_kind": {"single": 1.0}}
    (tmp_path / "twelve" / "summary.json").write_text(json.dumps(few))
    (tmp_path / "twelve" / "retrieval.png").write_bytes(b"sheet")
    make(tmp_path, monkeypatch, "--pictures", str(tmp_path / "drawn"))
    page = make(tmp_path, monkeypatch, "--named", str(tmp_path / "twelve"))
    assert "| pictures, shipped fp16 weights | 7 | 85.7% | 100.0% | 90.0% of 3 | 12.3 |" in page
    assert "| finished assets, the named prompts | 12 | 100.0% | 100.0% |  |  |" in page
    assert "| | " + " | ".join(SHARES) + " |" in page and "| pictures, shipped fp16 weights | 100% |" in page
    assert page.count("50%") == 1 and "(pocket_named.png)" in page
    assert (tmp_path / "pocket_named.png").read_bytes() == b"sheet"


def test_a_folder_without_an_evaluation_is_refused(tmp_path, monkeypatch):
    (tmp_path / "pocket.md").write_text(f"{pocket_page.BEGIN}\n{pocket_page.END}\n", encoding="utf-8")
    with pytest.raises(UserError, match="no summary.json"):
        make(tmp_path, monkeypatch, "--assets", str(tmp_path))


def test_the_curve_falls_where_the_loss_falls(tmp_path):
    log = tmp_path / "log.csv"
    rows = [f"{50 * (i + 1)},1.0,{0.5 - 0.03 * i:.3f},32" for i in range(10)]
    log.write_text("step,seconds_per_step,loss,batch\n" + "\n".join(rows) + "\n")
    image = np.asarray(pocket_page.curve(log)).astype(int)
    blue = (image[..., 2] > 150) & (image[..., 0] < 100)
    heights = [np.nonzero(blue[:, x])[0].mean() for x in np.nonzero(blue.any(0))[0]]
    assert np.corrcoef(np.arange(len(heights)), heights)[0, 1] > 0.95, "lower means further down the page"
    assert blue.any() and pytest.approx(640) == image.shape[1]
