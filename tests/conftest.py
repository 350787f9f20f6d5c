"""The Khronos glTF validator, from npm, in the user's cache folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

VERSION = "2.0.0-dev.3.10"


@pytest.fixture(scope="session")
def validate():
    """Calls validate(path) -> the validator's report. Skips only where node is not installed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node is not installed: https://nodejs.org")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "t2a-tests" / f"gltf-validator-{VERSION}"
    package = cache / "node_modules" / "gltf-validator"
    if not (package / "index.js").exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [npm, "install", "--prefix", str(cache), "--no-audit", "--no-fund", f"gltf-validator@{VERSION}"],
            check=True, capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    def run(path: Path) -> dict:
        script = Path(__file__).with_name("validate.js")
        done = subprocess.run(
            [node, str(script), str(package), str(path)], check=True, capture_output=True, text=True, timeout=60
        )
        return json.loads(done.stdout)

    return run
