"""docs/quality.md: what was measured is told, what was not stays."""

import json
import sys

import numpy as np

from t2a.eval import figures
from t2a.export.files import write_png


def test_a_section_is_made_anew_and_the_others_stay(tmp_path, monkeypatch):
    docs, paint = tmp_path / "docs", tmp_path / "paint"
    docs.mkdir()
    paint.mkdir()
    (docs / "quality.md").write_text("# Quality\n\n## Sketches\n\nold figures\n\n## Paint\n\n0 %\n", encoding="utf-8")
    summary = {"count": 2, "precision": 0.5, "same_shape": 1.0, "seams": 1.2, "psnr": 37.0, "seconds": 50.0}
    results = [{"rank": 1, "caption": "a red ball"}, {"rank": 3, "caption": "a blue dog"}]
    (paint / "paint.json").write_text(json.dumps({"summary": summary, "results": results}), encoding="utf-8")
    write_png(paint / "paint.png", np.zeros((4, 4, 3), np.float32))
    argv = ["figures", "--paint", str(paint), "--docs", str(docs)]
    argv += [f"--{name}={tmp_path / 'none'}" for name in ("recovery", "retrieval", "sketch")]
    monkeypatch.setattr(sys, "argv", argv)
    figures.main()
    page = (docs / "quality.md").read_text(encoding="utf-8")
    assert page.startswith(figures.HEAD) and page.count("## Paint") == 1
    assert "old figures" in page and "0 %" not in page
    assert "| captions right | 50% |" in page and "| mistaken | a blue dog |" in page
    assert page.index("## Sketches") < page.index("## Paint") and (docs / "paint.png").exists()
