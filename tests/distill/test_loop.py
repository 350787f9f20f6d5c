"""The loop as a law-abiding generator: resumption to the bit, refusal of foreign checkpoints, events that make
sense."""

import dataclasses

import pytest
import torch

from t2a import config as configs
from t2a.distill.loop import distil
from t2a.errors import UserError
from t2a.eval.recovery import AnalyticPrior
from t2a.pocket.captions import Item, Spec
from t2a.pocket.render import BACKGROUND
from t2a.pocket.world import scene
from t2a.scene import Blob, NeRFScene

SMALL = {
    "levels": 3,
    "finest_resolution": 32,
    "log2_table_size": 10,
    "samples": 24,
    "render_size": 16,
    "views": 2,
    "steps": 12,
    "checkpoint_every": 5,
    "preview_every": 100,
    "refresh_every": 4,
    "lambertian": 0.3,
    "backdrop": BACKGROUND,
}


@pytest.fixture(scope="module")
def prior():
    return AnalyticPrior(scene(0, spec=Spec((Item("ball", "red"),))), size=16)


def make(config):
    return NeRFScene(config.scene, seed=3, initialisation=Blob())


def job(prior, config, field, **options):
    return distil(prior, field, "ball", config.distill, config.cameras, seed=5, **options)


def test_resumed_run_equals_uninterrupted(prior, tmp_path):
    config = configs.load("pocket", SMALL)
    whole = make(config)
    events = list(job(prior, config, whole))
    interrupted = make(config)
    run = job(prior, config, interrupted, checkpoint=tmp_path / "c.pt", identity={"prompt": "ball"})
    for event in run:
        if event.step == 7:  # two steps after the checkpoint at 5
            run.close()
    resumed = make(config)
    rest = list(job(prior, config, resumed, checkpoint=tmp_path / "c.pt", resume=True, identity={"prompt": "ball"}))
    assert [e.step for e in rest] == list(range(6, 13))
    assert [dict(e.losses) for e in rest] == [dict(e.losses) for e in events[5:]]
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_foreign_or_damaged_checkpoint_is_refused(prior, tmp_path):
    config = configs.load("pocket", {**SMALL, "steps": 2})
    path = tmp_path / "c.pt"
    list(job(prior, config, make(config), checkpoint=path, identity={"prompt": "ball", "seed": 1}))
    with pytest.raises(UserError, match="another seed"):
        list(job(prior, config, make(config), checkpoint=path, resume=True, identity={"prompt": "ball", "seed": 2}))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UserError, match="cannot be read"):
        list(job(prior, config, make(config), checkpoint=path, resume=True, identity={"prompt": "ball", "seed": 1}))


def test_events_tell_steps_losses_and_previews(prior):
    config = configs.load("pocket", {**SMALL, "preview_every": 4, "entropy": 1.0})
    events = list(job(prior, config, make(config)))
    assert [e.step for e in events] == list(range(1, 13))
    assert all(e.eta is not None and e.eta >= 0 and {"sds", "entropy"} <= set(e.losses) for e in events)
    assert [e.step for e in events if e.preview is not None] == [4, 8, 12]
    assert events[3].preview.shape == (128, 256, 3)


def test_divergence_is_one_sentence(prior):
    config = configs.load("pocket", {**SMALL, "lr_grid": 10.0, "lr_decoder": 10.0})
    broken = dataclasses.replace(config.distill, weighting="sample", lr_scale=1e30)
    with pytest.raises(UserError, match="diverged at step"):
        list(distil(prior, make(config), "ball", broken, config.cameras, seed=5))


def test_views_that_are_denoised_together_share_their_noise_level(prior):
    seen = []

    class Joint(AnalyticPrior):
        joint_views = 2

        def predict(self, z_t, t, condition):
            seen.append(t.tolist())
            return super().predict(z_t, t, condition)

    config = configs.load("pocket", {**SMALL, "steps": 5, "views": 4})
    list(job(Joint(prior.truth, size=16), config, make(config)))
    assert all(a == b and c == d for a, b, c, d in seen) and any(b != c for _, b, c, _ in seen)
    seen.clear()
    config = configs.load("pocket", {**SMALL, "steps": 5, "views": 3})
    list(job(Joint(prior.truth, size=16), config, make(config)))
    assert any(len(set(t)) > 1 for t in seen), "three views do not come out even and are taken alone"
