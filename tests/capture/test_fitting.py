"""An object from its pictures: its shape, its colours and where it lies."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import trimesh

from t2a.capture.fitting import captured
from t2a.capture.pictures import Capture
from t2a.capture.transforms import read_transforms
from t2a.capture.views import write_views
from t2a.config import load
from t2a.edit.objects import read_subject
from t2a.errors import UserError
from t2a.events import run
from t2a.texture import unwrap
from t2a.types import Material, Mesh, Part

SMALL = {"faces": 2000, "resolution": 64, "texture": 128}


@pytest.fixture(scope="module")
def views(tmp_path_factory):
    """A red ball of radius 2 about (5, 0, 0), with a blue one of radius 1 on top."""
    parts = []
    for radius, height, color in ((2.0, 0.0, (0.8, 0.1, 0.1)), (1.0, 2.7, (0.1, 0.1, 0.8))):
        body = trimesh.creation.icosphere(3, radius)
        body.apply_translation([5, height, 0])
        mesh = unwrap(Mesh(np.asarray(body.vertices, np.float32), np.asarray(body.faces, np.int32)), 64)
        parts.append(Part(str(radius), mesh, Material(np.broadcast_to(np.float32(color), (64, 64, 3)).copy())))
    folder = tmp_path_factory.mktemp("views")
    run(write_views(parts, folder, 24, 64))
    return folder


@pytest.mark.slow
def test_two_balls_come_back_from_their_pictures(views):
    subject = run(read_subject(views, load("pocket", SMALL)))
    (part,) = subject.parts
    assert subject.psnr > 28
    low, high = part.mesh.vertices.min(0), part.mesh.vertices.max(0)
    np.testing.assert_allclose(low, [3, -2, -2], atol=0.15)
    np.testing.assert_allclose(high, [7, 3.7, 2], atol=0.15)
    away = np.minimum(
        np.abs(np.linalg.norm(part.mesh.vertices - [5, 0, 0], axis=1) - 2),
        np.abs(np.linalg.norm(part.mesh.vertices - [5, 2.7, 0], axis=1) - 1),
    )
    assert np.median(away) < 0.05 and np.quantile(away, 0.95) < 0.2
    assert part.material.base_color is not None
    at = part.mesh.uvs[part.mesh.vertices[:, 1] > 3.2].mean(0)
    assert part.mesh.uvs is not None and np.isfinite(at).all()
    texel = part.material.base_color[tuple((part.mesh.uvs[part.mesh.vertices[:, 1].argmax()][::-1] * 127).astype(int))]
    assert texel[2] > 0.5 > texel[0], "blue at the top"


def test_the_same_seed_fits_the_same_and_a_job_can_be_closed(views):
    capture, config = read_transforms(views / "transforms.json"), load("pocket", SMALL)

    def losses() -> list[float]:
        job, found = captured(capture, config), []
        for event in job:
            found.append(event.losses.get("pictures", 0.0))
            if event.step == 3:
                job.close()
        return found

    first = losses()
    assert len(first) == 4 and first == losses()


def test_without_masks_the_background_is_learnt(views):
    config = load("pocket", SMALL)
    capture = read_transforms(views / "transforms.json")
    opaque = Capture(
        tuple(
            dataclasses.replace(p, rgb=p.rgb * p.opacity[..., None] + 0.9 * (1 - p.opacity[..., None]), opacity=None)
            for p in capture.pictures
        )
    )
    job = captured(opaque, config)
    events = [next(job) for _ in range(40)]
    assert events[-1].losses["pictures"] < events[1].losses["pictures"] and "matte" not in events[-1].losses
    job.close()


def test_a_folder_without_a_scene_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"neither transforms\.json nor config\.yml"):
        run(read_subject(tmp_path, load("pocket")))
