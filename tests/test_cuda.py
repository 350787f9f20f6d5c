"""CUDA against the CPU: where the CPU has compiled kernels CUDA runs their twins in plain torch, whose values and
gradients must agree; priors in each number format; and whole jobs, which must never mix tensors of the two."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest
import torch
import trimesh
from torch import Tensor, nn

import t2a
from t2a import config as configs
from t2a import pocket
from t2a.cameras import orbit
from t2a.config import SceneConfig
from t2a.distill.loop import distil
from t2a.export import read_glb
from t2a.mesh import rasterize
from t2a.mesh.contour import antialias, edge_table
from t2a.mesh.differentiable import fragments
from t2a.mesh.maps import KINDS, control_map, mesh_geometry, part_labels
from t2a.mesh.visibility import camera_points, visible_faces
from t2a.pocket.captions import words
from t2a.pocket.render_cuda import available, render_scenes
from t2a.pocket.train import tokenizer
from t2a.pocket.train.model import VIEWS, Denoiser, record
from t2a.pocket.world import scene as world_scene
from t2a.priors.control import beside
from t2a.priors.latent import load_latent
from t2a.priors.multiview import join_views
from t2a.priors.point_e import build
from t2a.priors.point_e.configs import PointDiffusionConfig, SdfConfig
from t2a.priors.point_e.sampler import SamplerConfig, Stage, sample
from t2a.priors.point_e.sdf import signed_distance
from t2a.priors.two_stream import TwoStreamConfig, TwoStreamDenoiser
from t2a.scene import Blob, Guide, HashGrid, NeRFScene, OccupancyGrid, TexturedMeshScene, sketch_shape_at_random_points
from t2a.scene.compositing import composite, visible_counts
from t2a.scene.marching import Samples, march
from t2a.texture import unwrap
from t2a.types import Mesh, PointCloud, Rays
from tests.priors.point_e.reference import randomize

DEVICE = torch.device("cuda")
pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device here")

CAMERAS = orbit([0, 70, 200, 300], [0, 25, -40, 80], 3.0, 40.0)
FORMATS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
CLOSE = {"fp32": 5e-3, "bf16": 0.05, "fp16": 0.01}
"""How far apart results may be: convolutions in fp32 are TF32 on CUDA, with the mantissa of fp16."""


def draw(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def apart(found: Tensor, expected: Tensor) -> float:
    """The distance, as a share of the norm of what is expected. Says more than the largest difference, which one ray
    or pixel on an edge decides."""
    found, expected = found.detach().cpu().double(), expected.detach().cpu().double()
    assert found.shape == expected.shape and found.isfinite().all() and expected.norm() > 0
    return float((found - expected).norm() / expected.norm())


def both(module: nn.Module) -> tuple[tuple[torch.device, nn.Module], ...]:
    """The module on the CPU, and a copy of it on CUDA."""
    return (torch.device("cpu"), module), (DEVICE, copy.deepcopy(module).to(DEVICE))


def test_the_tracer_draws_what_the_cpu_draws():
    if not available():
        pytest.skip("numba finds no CUDA device here; it needs numba-cuda")
    made = [world_scene(11, number) for number in range(12)]
    cameras, backgrounds = orbit([0, 120, 250] * 12, [0, 40, -10] * 12), np.tile(np.float32([0.8, 0.75, 1.0]), (36, 1))
    drawn = render_scenes([one.table for one in made], cameras, 96, 2, backgrounds, DEVICE)
    for number, one in enumerate(made):
        views = slice(3 * number, 3 * number + 3)
        seen = one.render(cameras[views], 96, 2, backgrounds[views])
        for name, layer in vars(seen).items():
            found = vars(drawn)[name][views].cpu().numpy()
            # A ray that grazes an edge may hit on one and miss on the other.
            different = np.abs(found - layer) > 2e-3
            assert found.shape == layer.shape and different.mean() < 5e-3, (name, different.mean())


def ball(subdivisions: int = 3) -> Mesh:
    shape = trimesh.creation.icosphere(subdivisions, 0.7)
    return Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces, np.int32))


def radiance(**options) -> NeRFScene:
    """A ball with colours and dents, so that the table matters."""
    scene = NeRFScene(SceneConfig(samples=48, background="white", **options), initialisation=Blob(20.0, 0.6))
    with torch.no_grad():
        scene.field.grid.table.copy_(draw(*scene.field.grid.table.shape) * 0.3)
    scene.update(0, torch.Generator().manual_seed(0))
    return scene


# The field


@pytest.mark.parametrize("active", [5, 3])
def test_the_hash_grid_has_the_same_features_and_gradients(active):
    grid = HashGrid(5, 2, 4, 40, 10)
    grid.table.data.copy_(draw(*grid.table.shape))
    grid.active = active
    inside = torch.rand(5000, 3, generator=torch.Generator().manual_seed(1)) * 1.1 - 0.05
    results = []
    for device, module in both(grid):
        x = inside.to(device, copy=True).requires_grad_()
        y = module.encode(x)
        y.backward(draw(*y.shape, seed=2).to(device))
        results.append((y, module.table.grad, x.grad))
    for expected, found in zip(*results, strict=True):
        assert apart(found, expected) < 1e-5


@pytest.mark.parametrize("activation", ["softplus", "trunc_exp"])
def test_the_field_has_the_same_density_colours_and_normals(activation):
    points = draw(5000, 3) * 0.5  # some of them outside of the cube
    results = []
    for device, field in both(radiance(activation=activation).field):
        x = points.to(device)
        results.append((*field(x), field.density(x), field.normals(x, 0.05)))
    for expected, found in zip(*results, strict=True):
        assert apart(found, expected) < 1e-4


def test_the_occupied_cells_are_the_same_and_none_may_be():
    results = []
    for device, grid in both(OccupancyGrid(16)):
        grid.refresh(lambda x: 300 * (x.norm(dim=-1) < 0.5), torch.Generator().manual_seed(0))
        results.append((grid.occupied.clone().cpu(), grid.box().cpu()))
        grid.occupied.fill_(False)
        rays = Rays(torch.zeros(4, 3, device=device), torch.ones(4, 3, device=device) / 3**0.5)
        assert len(march(rays, grid.occupied, grid.box())) == 0
    assert torch.equal(results[0][0], results[1][0]) and 0 < results[0][0].float().mean() < 0.5
    torch.testing.assert_close(*(box for _, box in results))


# Volume rendering


def test_compositing_has_the_same_sums_and_gradients():
    g = torch.Generator().manual_seed(0)
    counts = torch.tensor([7, 0, 1, 30, 12, 0])
    t = torch.cat([2 + 0.05 * (torch.arange(int(n)) + torch.rand((), generator=g)) for n in counts])
    density, color = torch.rand(len(t), generator=g) * 8, torch.rand(len(t), 3, generator=g)
    results = []
    for device in (torch.device("cpu"), DEVICE):
        offsets = nn.functional.pad(counts.cumsum(0), (1, 0)).to(device)
        samples = Samples(torch.zeros(len(t), 3, device=device), t.to(device), offsets, 0.05)
        d, c = density.to(device, copy=True).requires_grad_(), color.to(device, copy=True).requires_grad_()
        out = composite(d, c, samples, stop=0.05)
        (out.color.sin().sum() + (out.opacity + out.distance).square().sum() + 5 * out.distortion.sum()).backward()
        results.append((*out, d.grad, c.grad, visible_counts(d.detach(), samples, stop=0.05)))
    for expected, found in zip(*results, strict=True):
        torch.testing.assert_close(found.cpu(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shading", ["albedo", "lambertian"])
def test_the_volume_renderer_shows_the_same_and_learns_the_same(shading):
    """Random numbers are drawn on the CPU whatever the device, so jitter and light are the same as well."""
    target = torch.rand(len(CAMERAS), 24, 24, 3, generator=torch.Generator().manual_seed(3))
    results = []
    for device, scene in both(radiance()):
        generator = torch.Generator().manual_seed(5)
        render = scene.render(CAMERAS.to(device), 24, 24, shading=shading, generator=generator)
        terms = scene.regularisers(render, generator)
        assert ("orientation" in terms) == (shading == "lambertian")
        ((render.rgb - target.to(device)).square().sum() + sum(terms.values())).backward()
        shown = [render.rgb, render.opacity, render.depth, torch.stack([terms[name] for name in sorted(terms)])]
        results.append((*shown, *([] if render.normal is None else [render.normal]), scene.field.grid.table.grad))
    for expected, found in zip(*results, strict=True):
        assert apart(found, expected) < 1e-2


# Meshes


@pytest.mark.parametrize("distance", [3.0, 1.2])  # 1.2: triangles cross the camera's plane and lie behind it
def test_visibility_is_that_of_the_compiled_rasteriser(distance):
    rng = np.random.default_rng(0)
    vertices, faces = torch.from_numpy(rng.uniform(-1, 1, (60, 3))), torch.from_numpy(rng.integers(0, 60, (50, 3)))
    cameras = orbit([0, 70, 200, 300], [0, 25, -40, 89], distance, 60.0)
    points, tangents = camera_points(vertices, cameras), (cameras.fov.double() / 2).tan()
    expected, found = (
        visible_faces(points.to(device), faces.to(device), tangents.to(device), 24, 36)
        for device in (torch.device("cpu"), DEVICE)
    )
    assert found.device.type == DEVICE.type and 0 < (found >= 0).sum() < found.numel()
    assert torch.equal(found.cpu(), expected)


@pytest.mark.parametrize("upright", [False, True])
def test_no_ray_slips_between_two_triangles(upright):
    """A crumpled sheet that fills the picture, edges of whose triangles pass through the centres of the pixels."""
    size, tangent = 32, 0.3
    centres = torch.arange(-1, size + 1, dtype=torch.float64) + 0.5 - size / 2
    between = torch.arange(-1, size + 2, dtype=torch.float64) - size / 2
    x, y = torch.meshgrid(*((centres, between) if upright else (between, centres)), indexing="xy")
    z = 2 + torch.rand(x.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    scale = 2 * tangent / size
    points = torch.stack([x * scale * z, y * scale * z, -z], -1).reshape(1, -1, 3)
    corner = torch.arange(x.numel()).reshape(x.shape)
    a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]
    faces = torch.stack([torch.stack([a, b, c], -1), torch.stack([a, c, d], -1)]).reshape(-1, 3)
    tangents = torch.tensor([tangent], dtype=torch.float64)
    seen = visible_faces(points.to(DEVICE), faces.to(DEVICE), tangents.to(DEVICE), size, size)
    assert (seen >= 0).all()


def test_coverage_depth_and_barycentrics_are_those_of_the_compiled_rasteriser():
    mesh = ball()
    vertices, faces = torch.from_numpy(mesh.vertices).to(DEVICE), torch.from_numpy(mesh.faces).long().to(DEVICE)
    seen = fragments(vertices, faces, CAMERAS.to(DEVICE), 40, 52)
    raster = rasterize(mesh, CAMERAS, 40, 52)
    same = seen.face.cpu().numpy() == raster.face
    assert same.mean() > 0.97, "but for pixel centres on edges, where float32 decides"
    assert ((seen.face.cpu().numpy() >= 0) == (raster.face >= 0)).mean() > 0.999
    np.testing.assert_allclose(seen.depth.cpu().numpy()[same], raster.depth[same], atol=1e-5)
    np.testing.assert_allclose(seen.barycentric.cpu().numpy()[same], raster.barycentric[same], atol=5e-4)


def test_silhouettes_have_the_same_gradient_to_the_vertices():
    mesh = ball()
    results = []
    for device in (torch.device("cpu"), DEVICE):
        vertices = torch.tensor(mesh.vertices, dtype=torch.float64, device=device, requires_grad=True)
        table = edge_table(mesh.vertices, mesh.faces)
        edges = dataclasses.replace(table, **{name: value.to(device) for name, value in vars(table).items()})
        faces = torch.from_numpy(mesh.faces).long().to(device)
        seen = fragments(vertices, faces, CAMERAS.to(device), 40, 40, edges=edges)
        covered = antialias((seen.face >= 0).to(vertices)[..., None], seen.blend)
        (covered * draw(*covered.shape).to(vertices)).sum().backward()
        results.append((covered, vertices.grad))
    for expected, found in zip(*results, strict=True):
        assert apart(found, expected) < 1e-5


@pytest.mark.parametrize("filter", ["bilinear", "nearest"])
def test_a_textured_mesh_looks_the_same_and_learns_the_same(filter):
    texture = np.random.default_rng(0).random((32, 32, 3)).astype(np.float32)
    scene = TexturedMeshScene(unwrap(ball(2), 64), SceneConfig(background="white"), source=texture, filter=filter)
    results = []
    for device, module in both(scene):
        generator = torch.Generator().manual_seed(0)
        render = module.render(CAMERAS.to(device), 48, 48, shading="lambertian", generator=generator)
        (render.rgb * draw(*render.rgb.shape).to(device)).sum().backward()
        results.append((render.rgb, render.opacity, render.depth, render.normal, module.raw.grad))
    for expected, found in zip(*results, strict=True):
        # A pixel centre on an edge may see the other triangle, which can lie in another chart.
        assert apart(found, expected) < 0.03


@pytest.mark.parametrize("kind", KINDS)
def test_control_maps_are_the_same(kind):
    mesh = ball()
    labels = part_labels(mesh)
    expected, found = (
        control_map(kind, mesh_geometry(mesh, CAMERAS.to(device), 48, 48), labels).cpu()
        for device in (torch.device("cpu"), DEVICE)
    )
    assert (found - expected).abs().mean() < 2e-3 and expected.std() > 0.01


def test_a_guide_says_the_same():
    axis = torch.linspace(-1, 1, 17)
    distance = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), -1).norm(dim=-1) - 0.6
    guide = Guide(ball(0), distance, (distance < 0).float())
    results = []
    for device, blob in both(Blob()):
        there = guide.to(device)
        loss = sketch_shape_at_random_points(lambda x, of=blob: of(x).clamp(min=0), there, torch.Generator())
        results.append((*there.lookup(draw(1000, 3).to(device)), loss))
    for expected, found in zip(*results, strict=True):
        torch.testing.assert_close(found.cpu(), expected, rtol=1e-4, atol=1e-5)


# Priors


@pytest.fixture(scope="module")
def prior():
    """On the CPU, in fp32: what the others are measured by."""
    return load_latent(pocket.path(), offline=True)


@pytest.mark.parametrize("precision", FORMATS)
def test_the_pocket_model_is_near_the_one_on_the_cpu(prior, precision):
    there = load_latent(pocket.path(), offline=True, device=str(DEVICE), dtype=FORMATS[precision])
    pictures = torch.rand(4, 64, 64, 3, generator=torch.Generator().manual_seed(1))
    prompts, t = ["a red mushroom", "a blue chair", "a car", ""], torch.full((4,), 400)
    results = []
    for model in (prior, there):
        device = model.device
        rgb = pictures.to(device, copy=True).requires_grad_()
        z = model.encode(rgb)
        (z * draw(*z.shape).to(device)).sum().backward()
        condition = model.condition(prompts, "", CAMERAS, 2.0)
        noised = model.schedule.add_noise(prior.encode(pictures).to(device), draw(*z.shape).to(device), t.to(device))
        epsilon = model.predict(noised, t.to(device), condition)
        results.append((z, rgb.grad, condition.contexts[1], epsilon, model.decode(prior.encode(pictures).to(device))))
        assert epsilon.dtype == z.dtype == torch.float32
    for expected, found in zip(*results, strict=True):
        assert apart(found, expected) < CLOSE[precision]


def test_a_step_of_distillation_has_the_same_losses(prior):
    there = load_latent(pocket.path(), offline=True, device=str(DEVICE))
    config = configs.load("pocket", {"steps": 1, "render_size": 32.0})
    losses = []
    for model, (device, scene) in zip((prior, there), both(NeRFScene(config.scene, seed=0)), strict=True):
        before = scene.field.grid.table.detach().clone()
        (event,) = distil(model, scene, "a red ball", config.distill, config.cameras, seed=0)
        table = scene.field.grid.table
        assert table.device.type == device.type and table.isfinite().all() and not torch.equal(table, before)
        losses.append(event.losses)
    assert losses[1] == pytest.approx(losses[0], rel=0.02)


POINTS = PointDiffusionConfig("vector", width=64, layers=2, heads=4, n_ctx=64, clip_width=32)
UPSAMPLER = dataclasses.replace(POINTS, conditioning="upsample", clip_tokens=4, n_ctx=96, schedule="linear")


def point_models() -> dict[str, tuple[nn.Module, dict[str, Tensor]]]:
    """By name: a small model with weights of a trained one's size, and what it is told."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        models: dict[str, tuple[nn.Module, dict[str, Tensor]]] = {
            "base": (build(POINTS), {"embeddings": nn.functional.normalize(draw(2, 32), dim=-1)}),
            "upsampler": (build(UPSAMPLER), {"embeddings": draw(2, 32, 4), "low_res": draw(2, 6, 64)}),
            "two streams": (TwoStreamDenoiser(TwoStreamConfig(n_ctx=64)), {"context": draw(2, 5, 192)}),
        }
    return {name: (randomize(model).eval(), told) for name, (model, told) in models.items()}


@pytest.mark.parametrize("name", ["base", "upsampler", "two streams"])
def test_point_models_predict_the_same(name):
    model, told = point_models()[name]
    x, t = draw(2, 6, model.config.n_ctx), torch.tensor([3, 900])
    expected, found = (
        module(x.to(device), t.to(device), **{key: value.to(device) for key, value in told.items()})
        for device, module in both(model)
    )
    assert apart(found, expected) < 1e-4


def test_points_are_sampled_where_the_models_are():
    """The published chain, base and upsampler, and the pocket model's."""
    models = point_models()
    config = SamplerConfig(steps=3)
    for names in (("base", "upsampler"), ("two streams",)):
        clouds = []
        for device in (torch.device("cpu"), DEVICE):
            stages = []
            for name in names:
                model, told = models[name]
                given = {key: value for key, value in told.items() if key != "low_res"}
                stages.append(Stage(copy.deepcopy(model).to(device), config, given))
            job = sample(stages, 2, generator=torch.Generator().manual_seed(0))
            clouds.append(list(job)[-1].clouds[0])
        expected, found = clouds
        assert np.isfinite(found.points).all() and found.points.shape == expected.points.shape
        assert np.linalg.norm(found.points - expected.points) < 0.03 * np.linalg.norm(expected.points)


def test_the_signed_distance_is_the_same():
    model = randomize(build(SdfConfig(64, 2, 4, 1, 4))).eval()
    cloud, queries = PointCloud(draw(50, 3).numpy()), draw(200, 3, seed=2).numpy()
    expected, found = (signed_distance(module, cloud, batch=64)(queries) for _, module in both(model))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


# Whole jobs

QUICK = {
    "steps": 4,
    "rounds": 2,
    "first_round_steps": 60,
    "round_steps": 10,
    "denoise_steps": 3,
    "first_denoise_steps": 10,
    "refine_size": 64,
    "faces": 1000,
    "texture": 128,
    "resolution": 48,
    "preview_every": 4,
    "device": str(DEVICE),
}


def saved(asset: t2a.Asset, path) -> Mesh:
    """The mesh of the written file, after checks of what every asset has."""
    assert asset.report["options"]["device"] == str(DEVICE)
    mesh, material, _ = read_glb(asset.save(path))
    assert 0 < len(mesh.faces) <= 1000 and mesh.faces.max() < len(mesh.vertices) and np.isfinite(mesh.vertices).all()
    assert mesh.uvs is not None and 0 <= mesh.uvs.min() and mesh.uvs.max() <= 1
    assert material.base_color is not None and material.base_color.shape == (128, 128, 3)
    return mesh


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_sentence_becomes_an_asset(precision, tmp_path):
    checkpoint = tmp_path / "state.pt"
    asset = t2a.text_to_3d("a red ball", seed=0, precision=precision, checkpoint=checkpoint, **QUICK)
    mesh = saved(asset, tmp_path / "ball.glb")
    assert asset.report["watertight"] and asset.report["options"]["precision"] == precision
    assert np.ptp(mesh.vertices, axis=0).min() > 0.2 and asset.report["psnr"] > 15
    red, green, blue = asset.material.base_color.reshape(-1, 3).mean(0)
    assert red > green and red > blue
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    assert state["stage"] == "refine" and state["step"] == 2


def test_a_given_shape_is_followed_and_steers_the_prior(prior, tmp_path):
    folder, shape = tmp_path / "control", tmp_path / "box.ply"
    beside(prior.unet).save_pretrained(folder)
    trimesh.creation.box((1, 0.5, 0.5)).export(shape)
    options = {**QUICK, "init": str(shape), "strictness": 0.8, "control": f"depth={folder},canny={folder}@0.5"}
    mesh = saved(t2a.text_to_3d("a red box", seed=0, **options), tmp_path / "box.glb")
    wide, high, deep = np.ptp(mesh.vertices, axis=0)
    assert wide > 1.3 * high and wide > 1.3 * deep


def test_a_cloud_is_where_a_scene_starts(tmp_path):
    """Its colours are taught to the scene before it moves to the device."""
    points = nn.functional.normalize(draw(1024, 3), dim=-1).numpy()
    colors = np.broadcast_to(np.float32([0.9, 0.1, 0.1]), points.shape)
    np.savez(tmp_path / "cloud.npz", points=points, colors=colors)
    asset = t2a.text_to_3d("a red ball", seed=0, init=str(tmp_path / "cloud.npz"), **QUICK)
    extent = np.ptp(saved(asset, tmp_path / "ball.glb").vertices, axis=0)
    red, green, blue = asset.material.base_color.reshape(-1, 3).mean(0)
    assert red > green and red > blue and extent.max() < 1.5 * extent.min()


def test_a_mesh_is_painted(tmp_path):
    trimesh.creation.icosphere(2, 0.7).export(tmp_path / "ball.ply")
    asset = t2a.paint_mesh(tmp_path / "ball.ply", "a red ball", seed=0, **QUICK)
    saved(asset, tmp_path / "painted.glb")
    red, green, blue = asset.material.base_color.reshape(-1, 3).mean(0)
    assert red > green and red > blue and asset.report["psnr"] > 15


# Training


def test_what_is_recorded_learns_the_same():
    """The UNet's work replayed as CUDA graphs, against its kernels launched one by one."""
    torch.manual_seed(0)
    model = Denoiser(tokenizer.build(words()), widths=(32, 64, 96)).to(DEVICE)
    record(model, 8, (12, 16, 16), (1, VIEWS))
    recorded, z, t = model.recorded, draw(8, 12, 16, 16).to(DEVICE), torch.arange(8, device=DEVICE) * 120
    for views in (1, VIEWS):
        join_views(model.unet, views)
        ids = torch.arange(8 // views * tokenizer.LENGTH, device=DEVICE).reshape(8 // views, -1) % 50
        results = []
        for model.recorded in ({}, recorded):
            with torch.autocast("cuda", torch.bfloat16):
                v = model(z, t, ids, None).float()
            v.square().mean().backward()
            gradients = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
            results.append((v.detach().clone(), torch.cat(gradients)))
            model.zero_grad(set_to_none=True)
        for expected, found in zip(*results, strict=True):
            assert apart(found, expected) < 0.02
