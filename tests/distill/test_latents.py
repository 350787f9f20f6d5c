"""Latent scenes: no encoder in the loop, and a way back to colours that is exact where it can be."""

import torch

from t2a import config as configs
from t2a.distill.latents import fit_rgb, rendered_latents, to_rgb
from t2a.distill.loop import distil
from t2a.eval.recovery import AnalyticPrior
from t2a.pocket.captions import Item, Spec
from t2a.pocket.world import scene
from t2a.scene import NeRFScene

LATENT = {
    "latent": True,
    "lambertian": 0.0,
    "rounds": 0,
    "channels": 3,
    "background": "learned",
    "levels": 3,
    "finest_resolution": 32,
    "samples": 24,
    "render_size": 16,
    "views": 2,
    "steps": 4,
}


def prior():
    return AnalyticPrior(scene(0, spec=Spec((Item("ball", "red"),))), size=16)


def test_a_linear_decoder_is_found_exactly():
    config = configs.load("pocket", LATENT)
    field = NeRFScene(config.scene, seed=0)
    matrix = fit_rgb(prior(), field, config.cameras, 16)
    expected = torch.cat([0.5 * torch.eye(3), torch.full((1, 3), 0.5)])  # the analytic prior's z is 2 rgb - 1
    torch.testing.assert_close(matrix, expected, atol=1e-3, rtol=0)
    latents = torch.tensor([[-1.0, 0.0, 1.0], [3.0, -3.0, 0.2]])
    torch.testing.assert_close(to_rgb(latents, expected), torch.tensor([[0, 0.5, 1], [1, 0, 0.6]]))


def test_the_loop_takes_the_render_itself_as_z():
    class NoEncoder(AnalyticPrior):
        def encode(self, rgb):
            raise AssertionError("a latent scene must not be encoded")

        def condition(self, prompts, negative, cameras, guidance_scale):
            self.encode = super().encode  # the analytic condition itself is made of pictures
            return super().condition(prompts, negative, cameras, guidance_scale)

    config = configs.load("pocket", LATENT)
    field = NeRFScene(config.scene, seed=0)
    exact = NoEncoder(scene(0, spec=Spec((Item("ball", "red"),))), size=16)
    events = list(distil(exact, field, "ball", config.distill, config.cameras, seed=0))
    assert len(events) == 4 and all(torch.isfinite(torch.tensor(e.losses["sds"])) for e in events)


def test_latents_are_resized_to_the_prior():
    config = configs.load("pocket", LATENT)
    field = NeRFScene(config.scene, seed=0)
    from t2a.cameras import turntable

    render = field.render(turntable(2), 24, 24)
    assert rendered_latents(render, 16).shape == (2, 3, 16, 16)
