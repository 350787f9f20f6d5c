"""A Blender without a window (the package bpy, in an environment of its own) with the add-on installed from its zip,
and the real worker behind it: T2A_PYTHON names the Python that has t2a.

python -m venv .venv-bpy && .venv-bpy/bin/pip install bpy==5.0.1 pytest
T2A_PYTHON=.venv/bin/python .venv-bpy/bin/python -m pytest tests/blender
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = "bl_ext.user_default.t2a"
HAS_BPY = importlib.util.find_spec("bpy") is not None
collect_ignore_glob = [] if HAS_BPY else ["test_*.py"]

if HAS_BPY:
    # Read when bpy is imported: nobody's own settings are touched.
    os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp(prefix="t2a-blender-")
    import bpy

TINY = {
    "steps": 6,
    "views": 2,
    "render_size": 24,
    "preview_every": 2,
    "checkpoint_every": 2,
    "resolution": 48,
    "rounds": 1,
    "round_steps": 4,
    "first_round_steps": 4,
    "refine_size": 32,
}
"""Takes seconds, and makes what is hardly an object."""


@pytest.fixture(scope="session")
def package(tmp_path_factory) -> Path:
    """The zip that users get, which Blender's own validator takes."""
    folder = tmp_path_factory.mktemp("package")
    subprocess.run([sys.executable, ROOT / "blender_addon" / "build.py", folder], check=True)
    (package,) = folder.glob("*.zip")
    (validator,) = Path(bpy.utils.system_resource("SCRIPTS")).glob("addons_core/bl_pkg/cli/blender_ext.py")
    subprocess.run([sys.executable, validator, "validate", package], check=True)
    return package


@pytest.fixture(scope="session")
def installed(package) -> str:
    bpy.ops.extensions.package_install_files(filepath=str(package), repo="user_default", enable_on_install=True)
    return NAME


@pytest.fixture
def session(installed, tmp_path):
    """The add-on in a new file, ready to make things."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    if NAME not in bpy.context.preferences.addons:
        bpy.ops.preferences.addon_enable(module=NAME)
    preferences = bpy.context.preferences.addons[NAME].preferences
    preferences.python, preferences.folder = os.environ["T2A_PYTHON"], str(tmp_path / "assets")
    bpy.context.scene.t2a.prompt = "a red ball"
    session = sys.modules[f"{NAME}.session"]
    session.problem = None
    yield session
    session.disconnect()


@pytest.fixture
def quick(session, monkeypatch):
    """Jobs take seconds."""
    begin = session.begin
    monkeypatch.setattr(
        session,
        "begin",
        lambda python, request, *at, **about: begin(
            python, {**request, "options": {**request["options"], **TINY}}, *at, **about
        ),
    )
    return session


def wait(session, until, timeout: float = 120.0) -> None:
    """Turn the timer, which does not run without a window, until something has happened."""
    deadline = time.monotonic() + timeout
    while not until():
        assert time.monotonic() < deadline, (session.job, session.problem)
        session.pump()
        time.sleep(0.02)
