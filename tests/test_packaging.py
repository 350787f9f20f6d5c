"""What travels in a wheel, checked on a real one."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_the_wheel_carries_presets_and_weights(tmp_path):
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    carried = set(zipfile.ZipFile(wheel).namelist())
    presets = {f"t2a/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "configs").rglob("*.yaml")}
    weights = {path.relative_to(ROOT).as_posix() for path in (ROOT / "t2a/pocket/weights").rglob("*") if path.is_file()}
    assert presets and presets | weights <= carried
    assert not [name for name in carried if name.startswith(("tests/", "configs/"))]
