from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
import trimesh

from t2a import config as configs
from t2a.cameras import orbit
from t2a.config import SceneConfig
from t2a.distill.loop import distil
from t2a.errors import UserError
from t2a.eval.recovery import AnalyticPrior
from t2a.mesh import render_mesh
from t2a.pocket.captions import Item, Spec
from t2a.pocket.render import BACKGROUND
from t2a.pocket.world import scene as world
from t2a.scene import Scene, Solid, TexturedMeshScene
from t2a.texture import texels_of, unwrap
from t2a.types import Material, Mesh

CAMERAS = orbit([20, 130], [15, -30], 3.0, 40.0)
WHITE = SceneConfig(background="white")


@pytest.fixture(scope="module")
def ball() -> Mesh:
    shape = trimesh.creation.icosphere(2, 0.8)
    return unwrap(Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces, np.int32)), 64)


def picture(size: int = 64, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).random((size, size, channels)).astype(np.float32)


def step(scene: TexturedMeshScene, count: int = 3, target: float = 0.0) -> None:
    optimizer = torch.optim.Adam(scene.parameter_groups())
    for _ in range(count):
        optimizer.zero_grad()
        (scene.render(CAMERAS, 32, 32).rgb - target).square().mean().backward()
        optimizer.step()


def test_it_shows_what_the_plain_renderer_shows(ball):
    texture = picture()
    scene = TexturedMeshScene(ball, WHITE, source=texture)
    render = scene.render(CAMERAS, 40, 30)
    image, opacity = render_mesh(ball, Material(texture), CAMERAS, 40, 30, supersample=1)
    inside = (render.opacity[..., 0] == 1).numpy() & (opacity == 1)
    outside = (render.opacity[..., 0] == 0).numpy() & (opacity == 0)
    assert inside.sum() > 200 and (inside | outside).mean() > 0.8
    np.testing.assert_allclose(render.rgb.detach().numpy()[inside], image[inside], atol=5e-3)
    assert (render.rgb.detach().numpy()[outside] == 1).all()
    assert render.depth[..., 0][torch.from_numpy(outside)].eq(0).all()
    depth = render.depth.detach().numpy()[inside]
    assert 2.1 < depth.min() < 2.25 and depth.max() < 3.0


def test_only_masked_texels_change_and_all_others_stay_bit_for_bit(ball):
    texture = picture()
    texture[0, 0] = 0.0  # where a sigmoid's round trip would be off
    mask = texels_of(ball, ball.vertices[ball.faces].mean(1)[:, 1] > 0, 64)
    scene = TexturedMeshScene(ball, WHITE, source=texture, mask=mask)
    before = scene.texture().detach().numpy().copy()
    np.testing.assert_allclose(before, texture, atol=1.1e-3)
    step(scene)
    after = scene.texture().detach().numpy()
    assert after[~mask].tobytes() == texture[~mask].tobytes()
    assert (after[mask] < before[mask]).any()


def test_it_learns_a_texture_from_its_views(ball):
    truth = TexturedMeshScene(ball, WHITE, source=np.full((16, 16, 3), [0.9, 0.2, 0.1], np.float32))
    scene = TexturedMeshScene(ball, WHITE, size=16, lr=0.3)
    views = orbit([0, 90, 180, 270], [30, -30, 30, -30], 3.0, 40.0)
    target = truth.render(views, 32, 32).rgb.detach()
    optimizer = torch.optim.Adam(scene.parameter_groups())
    errors = []
    for _ in range(40):
        error = (scene.render(views, 32, 32).rgb - target).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(error.item())
    assert errors[-1] < 0.05 * errors[0]


def test_state_dict_restores_it_exactly(ball):
    config = SceneConfig(background="learned")
    scene = TexturedMeshScene(ball, config, source=picture())
    step(scene)
    mirrored = ball.with_(vertices=ball.vertices * np.float32(0.5))
    other = TexturedMeshScene(mirrored, config, size=64)
    other.load_state_dict(scene.state_dict())
    for name, value in scene.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name
    a, b = scene.render(CAMERAS, 16, 16), other.render(CAMERAS, 16, 16)
    assert torch.equal(a.rgb, b.rgb) and torch.equal(a.depth, b.depth)


def test_normals_and_light(ball):
    scene = TexturedMeshScene(ball, WHITE)
    render = scene.render(CAMERAS, 32, 32, shading="lambertian", generator=torch.Generator().manual_seed(0))
    inside = render.opacity[..., 0] == 1
    assert torch.allclose(render.normal[inside].norm(dim=-1), torch.ones(()), atol=1e-5)
    preview = scene.render(CAMERAS, 32, 32, shading="textureless")
    assert 0.5 < preview.rgb[0, 16, 16, 0] <= 1.0 + 1e-5, "lit from the camera"
    assert scene.render(CAMERAS, 32, 32).normal is None
    assert scene.render(CAMERAS, 32, 32, shading="normal").rgb.shape == (2, 32, 32, 3)
    facing = scene.render(orbit(0, 0), 33, 33, normals=True).normal[0, 16, 16]
    torch.testing.assert_close(facing, torch.tensor([0.0, 0.0, 1.0]), atol=0.05, rtol=0)


def test_a_box_without_normals_is_lit_flat():
    shape = trimesh.creation.box()
    box = unwrap(Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces, np.int32)), 64)
    scene = TexturedMeshScene(box.with_(normals=None), WHITE, size=16)
    normal = scene.render(orbit(30, 20), 24, 24, normals=True).normal.reshape(-1, 3)
    lit = normal[normal.norm(dim=-1) > 0.5]
    torch.testing.assert_close(lit.abs().amax(-1), torch.ones(len(lit)), atol=1e-5, rtol=0)


def test_both_sides_of_an_open_surface_are_lit():
    card = Mesh(
        np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32),
        np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        uvs=np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32),
    )
    scene = TexturedMeshScene(card, WHITE, size=4)
    render = scene.render(orbit([0, 180], 0.0), 9, 9, normals=True, shading="lambertian")
    torch.testing.assert_close(render.normal[:, 4, 4], torch.tensor([[0, 0, 1.0], [0, 0, -1.0]]), atol=1e-5, rtol=0)
    torch.testing.assert_close(render.rgb[0], render.rgb[1], atol=1e-4, rtol=0)


def test_supersampling_is_the_mean_of_smaller_pixels(ball):
    fine = TexturedMeshScene(ball, WHITE, source=picture())
    coarse = TexturedMeshScene(ball, WHITE, source=picture(), supersample=2)
    a = fine.render(CAMERAS, 32, 32).rgb.reshape(2, 16, 2, 16, 2, 3).mean((2, 4))
    torch.testing.assert_close(coarse.render(CAMERAS, 16, 16).rgb, a, atol=1e-5, rtol=0)


def test_smoothness_counts_neighbouring_learnt_texels(ball):
    texture = picture(8)
    mask = np.zeros((8, 8), bool)
    mask[2, 2:4] = True
    scene = TexturedMeshScene(ball, WHITE, source=texture, mask=mask)
    render = scene.render(CAMERAS, 8, 8)
    terms = scene.regularisers(render, names=["color_smoothness", "sparsity"])
    assert set(terms) == {"color_smoothness"}
    assert terms["color_smoothness"].item() == pytest.approx(np.abs(texture[2, 2] - texture[2, 3]).mean(), abs=2e-3)
    assert scene.regularisers(render, names=["sparsity"]) == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": np.zeros((4, 4, 4))}, "expected"),
        ({"source": np.full((4, 4, 3), np.nan)}, "NaN"),
        ({"source": np.full((4, 4, 3), 2.0)}, "outside"),
        ({"mask": np.ones((4, 4), bool)}, "64 x 64 booleans"),
        ({"mask": np.ones((64, 64))}, "booleans"),
        ({"supersample": 0}, "supersample is 0"),
        ({"filter": "cubic"}, "bilinear or nearest"),
        ({"size": 0}, "texture size is 0"),
    ],
)
def test_bad_input_is_one_sentence(ball, changes, message):
    with pytest.raises(UserError, match=message):
        TexturedMeshScene(ball, WHITE, **{"size": 64, **changes})
    with pytest.raises(UserError, match="no UV"):
        TexturedMeshScene(ball.with_(uvs=None), WHITE)
    with pytest.raises(UserError, match="no triangles"):
        TexturedMeshScene(ball.with_(faces=ball.faces[:0]), WHITE)


SMALL = {
    "backdrop": BACKGROUND,
    "render_size": 16,
    "views": 2,
    "steps": 6,
    "checkpoint_every": 4,
    "preview_every": 100,
    "lambertian": 0.3,
}


def job(prior: AnalyticPrior, scene: Scene, config, **options):
    return distil(prior, scene, "ball", config.distill, config.cameras, seed=5, **options)


@pytest.fixture(scope="module")
def prior() -> AnalyticPrior:
    return AnalyticPrior(world(0, spec=Spec((Item("ball", "red"),))), size=16)


def test_the_distillation_loop_takes_it_and_resumes_to_the_bit(ball, prior, tmp_path):
    config = configs.load("pocket", {**SMALL, "color_smoothness": 0.1})

    def make() -> TexturedMeshScene:
        return TexturedMeshScene(ball, config.scene, size=32)

    whole, interrupted, resumed = make(), make(), make()
    events = list(job(prior, whole, config))
    assert {"sds", "color_smoothness"} <= set(events[0].losses) and events[-1].preview.shape == (128, 256, 3)
    run = job(prior, interrupted, config, checkpoint=tmp_path / "c.pt", identity={})
    for event in run:
        if event.step == 5:
            run.close()
    rest = list(job(prior, resumed, config, checkpoint=tmp_path / "c.pt", resume=True, identity={}))
    assert [e.step for e in rest] == [5, 6]
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    assert not torch.equal(whole.texture(), make().texture())


def test_the_loop_takes_latent_textures(ball, prior):
    latent = {"latent": True, "lambertian": 0.0, "rounds": 0, "background": "random"}
    config = configs.load("pocket", {**SMALL, "steps": 2, **latent})
    scene = TexturedMeshScene(ball, config.scene, size=32, filter="nearest")
    assert scene.latent and (scene.texture() == 0).all()
    (*_, last) = job(prior, scene, config)
    assert last.step == 2 and (scene.texture() != 0).any()
    with pytest.raises(UserError, match="no light"):
        scene.render(CAMERAS, 8, 8, shading="lambertian")


def test_another_background_and_more_channels(ball):
    config = dataclasses.replace(WHITE, channels=4, latent=True, background="random")
    scene = TexturedMeshScene(ball, config, source=picture(8, 4))
    render = scene.render(CAMERAS, 12, 12, background=Solid((1.0, 2.0, 3.0, 4.0)))
    torch.testing.assert_close(render.rgb[0, 0, 0], torch.tensor([1.0, 2.0, 3.0, 4.0]))
