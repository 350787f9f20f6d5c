"""Latent scenes: no encoder in the loop, and a way back to colours that is exact where it can be."""

import pytest
import torch

from t2a import config as configs
from t2a.cameras import turntable
from t2a.distill.latents import fit_rgb, rendered_latents, to_rgb
from t2a.distill.loop import COLORS, distil
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
    render = field.render(turntable(2), 24, 24)
    assert rendered_latents(render, 16).shape == (2, 3, 16, 16)


def learnt(background: str) -> NeRFScene:
    """A latent scene with something to show, before that background."""
    torch.manual_seed(0)
    field = NeRFScene(configs.load("pocket", LATENT | {"channels": 5, "background": background}).scene, seed=0)
    with torch.no_grad():
        for parameter in field.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    field.update(0)
    return field


@pytest.mark.parametrize("background", ["learned", "random"])
def test_a_scene_of_colours_shows_the_map_of_what_the_latents_showed(background):
    field, matrix = learnt(background), torch.randn(6, 3, generator=torch.Generator().manual_seed(1))
    views = turntable(3)
    behind = field.background if background == "learned" else torch.zeros(5)
    latents = field.render(views, 12, 12, background=behind)
    field.take_colors(matrix)
    assert not field.latent and field.config.channels == 3
    behind = field.background if background == "learned" else matrix[-1]
    colors = field.render(views, 12, 12, background=behind)
    torch.testing.assert_close(colors.rgb, latents.rgb @ matrix[:-1] + matrix[-1], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(colors.opacity, latents.opacity)
    if background == "random":
        drawn = field.background(torch.zeros(4, 1, 1, 3), torch.Generator().manual_seed(0))
        assert drawn.shape == (4, 1, 1, 3) and drawn.min() >= 0 and drawn.max() <= 1


def test_the_map_goes_on_learning():
    field = learnt("learned")
    field.take_colors(torch.randn(6, 3, generator=torch.Generator().manual_seed(1)))
    before = [parameter.detach().clone() for group in field.parameter_groups() for parameter in group["params"]]
    config = configs.load("pocket", LATENT)
    events = list(distil(prior(), field, "ball", config.distill, config.cameras, seed=0, stage=COLORS))
    assert {event.stage for event in events} == {COLORS} and len(events) == 4
    after = [parameter for group in field.parameter_groups() for parameter in group["params"]]
    assert all((a - b).abs().max() > 0 for a, b in zip(after, before, strict=True))
