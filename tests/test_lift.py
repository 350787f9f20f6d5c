"""What is drawn becomes a solid in its colours: the start of a scene, and the asset where nothing refines it."""

import numpy as np
import pytest
import torch

from t2a import config as configs
from t2a.distill.drawing import HEIGHTS, low_and_high
from t2a.distill.matte import matte
from t2a.errors import EmptyScene
from t2a.events import run
from t2a.lift import STAGE, can_lift, filled, lift, lifted_scene
from t2a.pipelines import load_prior, stages


@pytest.fixture(scope="module")
def config():
    return configs.load("pocket", {"seed": 3})


@pytest.fixture(scope="module")
def prior(config):
    return load_prior(config)


@pytest.fixture(scope="module")
def lifted(prior, config):
    return run(lift(prior, "a blue ball", config))


def test_the_first_views_look_from_low_and_high_all_around(config):
    views = low_and_high(4, config.cameras, torch.Generator().manual_seed(0))
    apart = views.azimuth.rad2deg().sort().values.diff()
    torch.testing.assert_close(apart, torch.full((3,), 90.0), atol=1e-3, rtol=0)
    least, most = config.cameras.elevation
    expected = [least + share * (most - least) for share in HEIGHTS] * 2
    torch.testing.assert_close(views.elevation.rad2deg(), torch.tensor(expected), atol=1e-3, rtol=0)


def test_a_ball_becomes_a_ball(lifted, config):
    scene = lifted_scene(lifted, config, 0.025)
    density, color = scene.numpy_field()
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(500, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    radii = np.linspace(0, 1, 101)
    along = density((directions[:, None] * radii[None, :, None]).reshape(-1, 3).astype(np.float32)).reshape(500, 101)
    edge = radii[(along > 5).sum(1).clip(max=100)]
    assert 0.2 < np.median(edge) < 0.9 and np.std(edge) < 0.1 * np.median(edge) + 0.03
    surface = (directions * (edge[:, None] - 0.01)).astype(np.float32)
    red, green, blue = np.median(color(surface), axis=0)
    assert blue > 0.4 > max(red, green)


def test_a_drawing_before_another_background_is_drawn_again(prior, config, monkeypatch):
    """Which silhouettes show as something that fills the whole picture."""
    wrong = [2]

    def spoilt(images, backdrop):
        found = matte(images, backdrop)
        wrong[0] -= 1
        return torch.ones_like(found) if wrong[0] >= 0 else found

    monkeypatch.setattr("t2a.distill.drawing.matte", spoilt)
    seen = []
    lifted = run(lift(prior, "a blue ball", config), seen.append)
    assert filled(lifted.drawing) == 0 and sum(e.step == 0 for e in seen) == 3
    monkeypatch.setattr("t2a.distill.drawing.matte", lambda images, backdrop: torch.zeros_like(images[..., :1]))
    with pytest.raises(EmptyScene, match="has drawn nothing; try another --seed"):
        run(lift(prior, "a blue ball", config))


def test_a_prior_without_distances_cannot_lift(prior, config):
    assert can_lift(prior, config)
    latent = configs.load(
        "pocket",
        {"latent": True, "channels": 12, "lambertian": 0, "refine_shading": "albedo", "matte": 0, "rounds": 0},
    )
    assert not can_lift(prior, latent), "latents are no colours"


@pytest.mark.slow
def test_a_generated_asset_starts_from_what_was_drawn():
    small = {"rounds": 2, "first_round_steps": 6, "round_steps": 4, "resolution": 48, "faces": 1500, "texture": 128}
    seen = []
    config = configs.load("pocket", {"seed": 1, **small})
    asset = run(stages("a red mushroom", config), seen.append)
    names = list(dict.fromkeys(e.stage for e in seen))
    assert names[:3] == ["load", STAGE, "refine"], "nothing is distilled where the shape is known"
    assert asset.report["triangles"] <= 1500 and not asset.report["warnings"]
    again = run(stages("a red mushroom", config))
    assert np.array_equal(asset.mesh.vertices, again.mesh.vertices)
    with_blob = run(stages("a red mushroom", configs.load("pocket", {"seed": 1, "init": "blob", **small})), seen.append)
    assert "distil" in {e.stage for e in seen} and len(with_blob.mesh.faces)
