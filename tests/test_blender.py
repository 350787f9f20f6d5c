"""The add-on's tests, in an environment of their own: bpy pins versions that t2a does not want, and the add-on must not
need t2a's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BPY = "5.0.1"
PYTHON = (3, 11)
"""Of that release's wheels."""
HERE = Path(__file__).parent / "blender"


@pytest.fixture(scope="session")
def blender_python() -> Path:
    """The Python of an environment with bpy, made once, in the user's cache folder."""
    if sys.version_info[:2] != PYTHON:
        pytest.skip("bpy {} needs Python {}.{}".format(BPY, *PYTHON))
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "t2a-tests" / f"bpy-{BPY}"
    python = cache / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (cache / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", cache], check=True, timeout=300)
        packages = [f"bpy=={BPY}", f"pytest=={pytest.__version__}"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True, timeout=1200)
        (cache / "complete").touch()
    return python


@pytest.mark.slow
def test_the_add_on_in_blender(blender_python):
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST"))}
    done = subprocess.run(
        [blender_python, "-m", "pytest", "-c", HERE / "pytest.ini", HERE],
        env={**variables, "T2A_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_add_on_imports_nothing_but_blender_and_the_standard_library():
    import ast

    allowed = {*sys.stdlib_module_names, "bpy"}
    for file in (HERE.parents[1] / "blender_addon").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            assert all(name.split(".")[0] in allowed for name in names), (file.name, names)
