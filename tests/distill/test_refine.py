"""Refinement: denoising is DDIM's, rounds bring the scene nearer to what the prior knows, and resume to the bit."""

import dataclasses

import pytest
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler

from t2a import config as configs
from t2a.cameras import orbit, spread
from t2a.distill.drawing import redraw, resized
from t2a.distill.loop import distil
from t2a.distill.refine import STAGE, between, refine
from t2a.errors import UserError
from t2a.eval.recovery import AnalyticPrior
from t2a.events import finished
from t2a.pocket.captions import Item, Spec
from t2a.pocket.render import BACKGROUND
from t2a.pocket.world import scene
from t2a.priors.condition import Condition
from t2a.priors.schedule import NoiseSchedule
from t2a.scene import Blob, NeRFScene

SMALL = {
    "levels": 4,
    "finest_resolution": 32,
    "log2_table_size": 12,
    "samples": 32,
    "render_size": 32,
    "views": 2,
    "steps": 6,
    "checkpoint_every": 3,
    "preview_every": 100,
    "refresh_every": 4,
    "rounds": 3,
    "round_views": 4,
    "round_steps": 12,
    "first_round_steps": None,
    "first_strength": None,
    "strength": [1.0, 0.25, 0.0, 1.0],
    "anchor": False,
    "refine_size": None,
    "refine_views": None,
    "refine_lr": 0.7,
    "denoise_steps": 2,
    "first_denoise_steps": None,
    "refine_guidance": 2.0,
    "random_backdrop": 0.0,
    "backdrop": BACKGROUND,
}


@pytest.fixture(scope="module")
def prior():
    return AnalyticPrior(scene(0, spec=Spec((Item("ball", "red"),))), size=32)


def make(config):
    return NeRFScene(config.scene, seed=3, initialisation=Blob())


def job(prior, config, field, **state):
    return refine(prior, field, "ball", config.refine, config.distill, config.cameras, seed=5, **state)


def error(prior, field, config):
    views = orbit([10, 100, 190, 280], 20)
    with torch.no_grad():
        found = field.render(views, 32, 32, background=torch.tensor(config.scene.backdrop)).rgb
    return float((found - torch.from_numpy(prior.truth.render(views, 32).rgb)).square().mean())


def test_rounds_bring_the_scene_nearer_to_what_the_prior_knows(prior):
    config = configs.load("pocket", SMALL)
    field = make(config)
    before = error(prior, field, config)
    events = list(job(prior, config, field))
    assert error(prior, field, config) < before / 3
    assert [e.step for e in events] == list(range(1, 37)) and {e.steps for e in events} == {36}
    assert [e.step for e in events if e.preview is not None] == [12, 24, 36], "a preview per round"


def test_no_rounds_change_nothing(prior):
    config = configs.load("pocket", {**SMALL, "rounds": 0})
    field = make(config)
    before = {k: v.clone() for k, v in field.state_dict().items()}
    assert list(job(prior, config, field)) == []
    assert all(torch.equal(before[k], v) for k, v in field.state_dict().items())


@pytest.mark.parametrize("anchor", [False, True])
def test_a_run_resumed_in_its_second_stage_equals_an_uninterrupted_one(prior, tmp_path, anchor):
    config = configs.load("pocket", {**SMALL, "anchor": anchor})
    state = {"checkpoint": tmp_path / "c.pt", "identity": {"prompt": "ball"}}

    def both(field, resume):
        yield from distil(prior, field, "ball", config.distill, config.cameras, seed=5, resume=resume, **state)
        yield from job(prior, config, field, resume=resume, **state)

    whole = make(config)
    events = list(both(whole, False))
    (tmp_path / "c.pt").unlink()
    run = both(make(config), False)
    for event in run:
        if event.stage == STAGE and event.step == 17:  # in the second round
            run.close()
    resumed = make(config)
    rest = list(both(resumed, True))
    assert [(e.stage, e.step) for e in rest] == [(STAGE, step) for step in range(13, 37)]
    assert [dict(e.losses) for e in rest] == [dict(e.losses) for e in events[-24:]]
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


@pytest.mark.filterwarnings("ignore::DeprecationWarning:diffusers")
def test_redraw_is_dpm_solver():
    """Against diffusers' own scheduler, with a denoiser that both share."""
    scheduler = DPMSolverMultistepScheduler(
        beta_schedule="squaredcos_cap_v2", lower_order_final=False, final_sigmas_type="sigma_min"
    )

    @dataclasses.dataclass
    class Shared:
        schedule = NoiseSchedule(scheduler.alphas_cumprod)

        def predict(self, z_t, t, condition):
            return torch.tanh(z_t + t[:, None, None, None] / 1000)

    generator = torch.Generator().manual_seed(0)
    z, noise = torch.randn(2, 4, 8, 8, generator=generator), torch.randn(2, 4, 8, 8, generator=generator)
    found = finished(redraw(Shared(), z, Condition((z,), torch.ones(1, 2)), 0.601, 6, noise))
    scheduler.set_timesteps(timesteps=[600, 500, 400, 300, 200, 100])
    z_t = scheduler.add_noise(z, noise, torch.tensor([600, 600]))
    for time in scheduler.timesteps:
        epsilon = Shared().predict(z_t, time.expand(2), None)
        clean = Shared.schedule.to_sample(epsilon, z_t, time.expand(2))
        z_t = scheduler.step(epsilon, time, z_t).prev_sample
    torch.testing.assert_close(found, clean, rtol=1e-4, atol=1e-5)


def test_more_steps_than_the_schedule_has_are_no_harm():
    class Shared:
        schedule = NoiseSchedule(DDIMScheduler(beta_schedule="squaredcos_cap_v2").alphas_cumprod)

        def predict(self, z_t, t, condition):
            return torch.tanh(z_t)

    z, noise = torch.zeros(1, 4, 8, 8), torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0))

    def drawn(steps):
        return finished(redraw(Shared(), z, Condition((z,), torch.ones(1, 1)), 0.05, steps, noise))

    torch.testing.assert_close(drawn(120), drawn(49), rtol=1e-2, atol=1e-2)


def test_what_is_known_stays_and_is_as_noisy_as_the_rest():
    seen = []

    class Watched:
        schedule = NoiseSchedule(DDIMScheduler(beta_schedule="squaredcos_cap_v2").alphas_cumprod)

        def predict(self, z_t, t, condition):
            seen.append((z_t, t))
            return torch.tanh(z_t)

    generator = torch.Generator().manual_seed(0)
    z, noise = torch.randn(4, 4, 8, 8, generator=generator), torch.randn(4, 4, 8, 8, generator=generator)
    known = torch.tensor([True, True, False, False])[:, None, None, None]
    found = finished(redraw(Watched(), z, Condition((z,), torch.ones(1, 4)), 1.0, 5, noise, known))
    assert torch.equal(found[:2], z[:2]) and not torch.isclose(found[2:], z[2:]).any(dim=(1, 2, 3)).all()
    assert len(seen) == 5
    for z_t, t in seen:
        torch.testing.assert_close(z_t[:2], Watched.schedule.add_noise(z[:2], noise[:2], t[:2]))
    alone = finished(redraw(Watched(), z[2:], Condition((z[2:],), torch.ones(1, 2)), 1.0, 5, noise[2:]))
    torch.testing.assert_close(found[2:], alone)


class Fickle:
    """Draws the first round's views red, and all later ones blue; notes how many views it saw together."""

    def __init__(self, red, blue, joint_views):
        self.red, self.blue, self.joint_views, self.seen = red, blue, joint_views, []

    def __getattr__(self, name):
        return getattr(self.red, name)

    def condition(self, prompts, negative, cameras, guidance_scale):
        self.seen.append(len(cameras))
        prior = self.red if len(self.seen) == 1 else self.blue
        return prior.condition(prompts, negative, cameras, guidance_scale)


@pytest.mark.parametrize("joint_views, seen", [(1, [4, 4, 4]), (4, [4, 8, 8])])
def test_the_anchor_stays_among_what_the_scene_is_fitted_to(prior, joint_views, seen):
    blue = AnalyticPrior(scene(0, spec=Spec((Item("ball", "blue"),))), size=32)
    redness = {}
    for anchor in (False, True):
        fickle = Fickle(prior, blue, joint_views)
        config = configs.load("pocket", {**SMALL, "anchor": anchor, "strength": 1.0})
        field = make(config)
        list(job(fickle, config, field))
        with torch.no_grad():
            shown = field.render(orbit([0, 90, 180, 270], 20), 32, 32, background=torch.zeros(3)).rgb
        redness[anchor] = float(shown[:, 12:20, 12:20, 0].mean())
        assert fickle.seen == (seen if anchor else [4, 4, 4])
    assert redness[True] > redness[False] + 0.1


def test_views_between_the_anchors_lie_in_the_gaps():
    generator = torch.Generator().manual_seed(0)
    anchor = orbit([10, 100, 190, 280], 20)
    turned = between(orbit([0, 90, 180, 270], [5, 15, 25, 35]), anchor, generator)
    apart = (turned.azimuth - anchor.azimuth).rad2deg() % 360
    assert ((27 <= apart) & (apart <= 63)).all()
    assert turned.elevation.rad2deg().tolist() == pytest.approx([5, 15, 25, 35])


def test_resized_keeps_the_mean():
    images = torch.rand(2, 32, 32, 3, generator=torch.Generator().manual_seed(0))
    small = resized(images, 8)
    assert small.shape == (2, 8, 8, 3) and resized(images, 32) is images
    torch.testing.assert_close(small.mean((1, 2)), images.mean((1, 2)), atol=0.02, rtol=0)


def test_the_first_round_has_its_own_noise_and_steps(prior, monkeypatch):
    """Asked of the denoiser itself: the first timestep of every round, and how many there are."""
    options = {"first_strength": 1.0, "first_round_steps": 20, "strength": [0.5, 0.25, 0.0, 1.0]}
    options["first_denoise_steps"] = 4
    config = configs.load("pocket", {**SMALL, **options})
    seen, predict = [], prior.predict

    def watched(z_t, t, condition):
        seen.append(int(t[0]))
        return predict(z_t, t, condition)

    monkeypatch.setattr(prior, "predict", watched)
    events = list(job(prior, config, make(config)))
    assert [share * len(prior.schedule) - 1 for share in (1.0, 0.375, 0.25)] == [seen[0], seen[4], seen[6]]
    assert len(seen) == 4 + 2 + 2
    assert [e.step for e in events] == list(range(1, 45)) and {e.steps for e in events} == {44}
    assert [e.step for e in events if e.preview is not None] == [20, 32, 44]


def test_divergence_is_one_sentence(prior):
    config = configs.load("pocket", SMALL)
    broken = dataclasses.replace(config, refine=dataclasses.replace(config.refine, refine_lr=1e30))
    with pytest.raises(UserError, match=r"diverged at step .* lower --refine-lr"):
        list(job(prior, broken, make(config)))


def test_the_entropy_has_a_schedule_of_its_own_in_the_rounds(prior):
    config = configs.load("pocket", {**SMALL, "entropy": 0.0, "refine_entropy": [0.0, 5.0, 0.5, 1.0]})
    events = list(job(prior, config, make(config)))
    assert ["entropy" in e.losses for e in events] == [False] * 24 + [True] * 12


@pytest.mark.parametrize("count, together", [(12, 4), (8, 4), (4, 4), (6, 1), (6, 6)])
def test_views_that_are_denoised_together_lie_far_apart(count, together):
    order = spread(count, together)
    assert sorted(order.tolist()) == list(range(count))
    assert all((group.diff() == count // together).all() for group in order.reshape(-1, together))


def test_larger_views_of_the_rounds_weigh_as_much(prior):
    """Twice the size has four times the pixels, and the same loss up to what smaller pixels show more of."""
    losses = {}
    for size in (32, 64):
        config = configs.load(
            "pocket", {**SMALL, "rounds": 1, "round_steps": 1, "refine_size": size, "refine_views": 4}
        )
        losses[size] = next(iter(job(prior, config, make(config)))).losses["refine"]
    assert losses[64] == pytest.approx(losses[32], rel=0.1)
