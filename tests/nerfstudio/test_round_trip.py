"""ns-train, ns-export and t2a edit in one environment; only where nerfstudio is installed (docs/nerfstudio.md)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh

pytest.importorskip("nerfstudio")

from t2a.capture.views import write_views
from t2a.config import load
from t2a.edit.objects import read_subject
from t2a.events import run
from t2a.texture import unwrap
from t2a.types import Material, Mesh, Part


def ns(command: str, *words: str) -> None:
    program = Path(sys.executable).with_name(command)
    subprocess.run([program, *words], check=True, timeout=900, env={**os.environ, "TORCHDYNAMO_DISABLE": "1"})


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """A red ball of radius 2 about (5, 0, 0), as `ns-train t2a` knows it after 300 steps on the CPU."""
    folder = tmp_path_factory.mktemp("ns")
    body = trimesh.creation.icosphere(3, 2.0)
    body.apply_translation([5, 0, 0])
    mesh = unwrap(Mesh(np.asarray(body.vertices, np.float32), np.asarray(body.faces, np.int32)), 64)
    red = Material(np.broadcast_to(np.float32([0.8, 0.1, 0.1]), (64, 64, 3)).copy())
    run(write_views([Part("ball", mesh, red)], folder / "views", 30, 64))
    options = "--machine.device-type cpu --max-num-iterations 300 --steps-per-save 300 --vis tensorboard".split()
    ns("ns-train", "t2a", "--data", str(folder / "views"), "--output-dir", str(folder / "outputs"), *options)
    (config,) = (folder / "outputs").rglob("config.yml")
    return config


def test_its_checkpoint_is_an_object_where_the_pictures_have_it(trained):
    (part,) = run(read_subject(trained, load("pocket", {"faces": 2000, "texture": 128}))).parts
    np.testing.assert_allclose(part.mesh.vertices.min(0), [3, -2, -2], atol=0.3)
    np.testing.assert_allclose(part.mesh.vertices.max(0), [7, 2, 2], atol=0.3)
    assert part.material.base_color is not None


def test_its_checkpoint_needs_no_pickles(trained):
    import torch

    (file,) = trained.parent.rglob("*.ckpt")
    assert torch.load(file, weights_only=True)["step"] == 299


def test_nerfstudio_exports_it(trained, tmp_path):
    how = "--num-points 5000 --remove-outliers True --normal-method model_output".split()
    ns("ns-export", "pointcloud", "--load-config", str(trained), "--output-dir", str(tmp_path), *how)
    cloud = trimesh.load(tmp_path / "point_cloud.ply")
    assert len(cloud.vertices) > 4000
