"""The whole job with the shipped models: a sentence in, an asset that the Khronos validator accepts out."""

import json
import subprocess
import sys

import numpy as np
import pytest
import trimesh

import t2a
from t2a.config import load
from t2a.pipelines import STAGES, stages

QUICK = {
    "rounds": 1,
    "faces": 2000,
    "texture": 256,
    "resolution": 64,
    "preview_every": 20,
    "checkpoint_every": 30,
}


def generated(**options):
    events = []
    asset = t2a.text_to_3d("a red ball", seed=0, progress=events.append, **{**QUICK, **options})
    return asset, events


@pytest.fixture(scope="module")
def made():
    return generated()


@pytest.mark.slow
def test_an_asset_is_valid_and_says_how_good_it_is(made, validate, tmp_path):
    asset, _ = made
    path = asset.save(tmp_path / "ball.glb")
    issues = validate(path)["issues"]
    assert issues["numErrors"] == 0 and issues["numWarnings"] == 0, issues["messages"]
    report = json.loads(path.with_suffix(".json").read_text())
    wanted = "prompt seed model preset version seconds peak_memory_mib triangles watertight components"
    shape = "uv_coverage uv_overlap texture_size psnr warnings passed failed options"
    for key in [*wanted.split(), *shape.split()]:
        assert key in report, key
    assert set(report["seconds"]) == set(STAGES)
    assert report["triangles"] <= 2000 and report["watertight"] and report["uv_overlap"] < 1e-4
    assert path.with_suffix(".png").stat().st_size > 1000
    scene = trimesh.load(path)
    low, high = scene.bounds
    assert abs(low[1]) < 1e-6 and np.abs(low[[0, 2]] + high[[0, 2]]).max() < 1e-5, "base centre at the origin"


OFFLINE = """
import socket, sys

def refuse(*arguments):
    raise AssertionError(f"the network was asked for: {arguments}")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from t2a.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_the_readme_asset_passes_without_a_network(validate, tmp_path):
    """The whole preset, as the README calls it."""
    command = [sys.executable, "-c", OFFLINE, "generate", "a red mushroom", "-o", str(tmp_path / "mushroom.glb")]
    done = subprocess.run([*command, "--quiet"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    report = json.loads((tmp_path / "mushroom.json").read_text(encoding="utf-8"))
    assert report["passed"] and report["psnr"] >= 28 and report["watertight"]
    assert report["peak_memory_mib"] is None or report["peak_memory_mib"] < 4096
    issues = validate(tmp_path / "mushroom.glb")["issues"]
    assert issues["numErrors"] == 0 and issues["numWarnings"] == 0, issues["messages"]


@pytest.mark.slow
def test_events_tell_the_whole_story(made):
    _, events = made
    assert list(dict.fromkeys(e.stage for e in events)) == list(STAGES)
    for stage in STAGES:
        assert [e for e in events if e.stage == stage][-1].step == [e for e in events if e.stage == stage][-1].steps
    assert sum(e.preview is not None for e in events) >= 3


@pytest.mark.slow
def test_the_same_seed_gives_the_same_mesh(made):
    again, _ = generated()
    first, _ = made
    assert np.array_equal(first.mesh.vertices, again.mesh.vertices) and np.array_equal(
        first.mesh.faces, again.mesh.faces
    )
    assert np.array_equal(first.material.base_color, again.material.base_color)


@pytest.mark.slow
def test_a_red_ball_is_red_and_a_ball(made):
    asset, _ = made
    colors = asset.material.base_color.reshape(-1, 3).mean(0)
    assert colors[0] > 2 * colors[1] and colors[0] > 2 * colors[2]
    extent = np.ptp(asset.mesh.vertices, axis=0)
    assert extent.max() / extent.min() < 1.5


def test_returning_false_cancels():
    with pytest.raises(t2a.Cancelled, match="cancelled in stage"):
        t2a.text_to_3d("a red ball", progress=lambda event: event.step < 3, **QUICK)


def test_closing_the_generator_cancels():
    job = stages("a red ball", load("pocket", QUICK))
    for event in job:
        if event.stage == "draw" and event.step == 2:
            job.close()
    with pytest.raises(StopIteration):
        next(job)


def test_words_outside_the_vocabulary_get_a_warning():
    from t2a.pocket.vocabulary import unknown_words

    assert unknown_words("a red mushroom on top of a small cube") == []
    (warning,) = unknown_words("a red mushrom")
    assert '"mushrom"' in warning and "mushroom" in warning


def test_bad_options_fail_before_any_model_loads():
    for options in ({"faces": 3}, {"stepps": 10}, {"preset": "nope"}):
        with pytest.raises(t2a.UserError):
            t2a.text_to_3d("a red ball", **options)
    with pytest.raises(t2a.UserError, match="empty"):
        t2a.text_to_3d(" ")


LATENT = {
    **QUICK,
    "init": "blob",
    "steps": 30,
    "latent": True,
    "channels": 12,
    "background": "learned",
    "lambertian": 0.0,
    "round_steps": 4,
    "first_round_steps": 4,
    "refine_shading": "albedo",
    "matte": 0.0,
    "color_steps": 10,
    "checkpoint_every": 5,
}


@pytest.mark.slow
def test_a_scene_of_latents_ends_in_colours_and_an_interrupted_one_goes_on(tmp_path):
    whole = t2a.text_to_3d("a red ball", seed=0, **LATENT)
    assert list(whole.report["seconds"]) == ["load", "distil", "refine", "colors", "mesh", "texture", "report"]
    image = whole.material.base_color
    assert 0 <= image.min() and image.max() <= 1

    def stop(event):
        return not (event.stage == "colors" and event.checkpoint)

    again = {"checkpoint": tmp_path / "c.pt", **LATENT}
    with pytest.raises(t2a.Cancelled, match="colors"):
        t2a.text_to_3d("a red ball", seed=0, progress=stop, **again)
    stages_seen = set()
    resumed = t2a.text_to_3d(
        "a red ball", seed=0, progress=lambda event: stages_seen.add(event.stage), resume=True, **again
    )
    assert "colors" in stages_seen and not stages_seen & {"distil", "refine"}
    assert np.array_equal(resumed.mesh.vertices, whole.mesh.vertices)
    assert np.array_equal(resumed.material.base_color, image)
