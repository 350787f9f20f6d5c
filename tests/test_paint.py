"""Painting what exists: what is chosen and kept, and the whole job with the shipped models."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh
from PIL import Image

import t2a
from t2a.cameras import orbit
from t2a.canvas import geometry_hash, merged, read_canvas
from t2a.config import load
from t2a.errors import Cancelled, UserError
from t2a.export import read_glb
from t2a.mesh.parts import joined, read_parts
from t2a.scene.painted_mesh import PaintedMeshScene
from t2a.types import Mesh

QUICK = {
    "steps": 4,
    "rounds": 2,
    "first_round_steps": 20,
    "round_steps": 10,
    "denoise_steps": 2,
    "first_denoise_steps": 3,
    "texture": 128,
    "preview_every": 4,
    "checkpoint_every": 2,
}


def textured_box(color: tuple[int, int, int], name: str, shift: float) -> trimesh.Trimesh:
    box = trimesh.creation.box((1, 1, 1))
    box = trimesh.Trimesh(box.triangles.reshape(-1, 3) + [shift, 0, 0], np.arange(36).reshape(12, 3), process=False)
    # Each triangle has a cell of its own in a grid of 4 x 3.
    cell = np.stack([np.arange(12) % 4, np.arange(12) // 4], -1)[:, None] + [[0.1, 0.1], [0.9, 0.1], [0.1, 0.9]]
    material = trimesh.visual.material.PBRMaterial(
        name=name,
        baseColorTexture=Image.new("RGB", (8, 8), color),
        metallicFactor=0.25,
        roughnessFactor=0.5,
        doubleSided=True,
    )
    box.visual = trimesh.visual.TextureVisuals(uv=(cell / [4, 3]).reshape(-1, 2), material=material)
    return box


@pytest.fixture
def two_boxes(tmp_path):
    scene = trimesh.Scene()
    scene.add_geometry(textured_box((200, 30, 30), "shell", 0.0), geom_name="a")
    scene.add_geometry(textured_box((20, 40, 220), "window", 1.5), geom_name="b")
    path = tmp_path / "boxes.glb"
    scene.export(path)
    return path


def test_parts_are_the_materials_with_what_they_look_like(two_boxes):
    shell, window = sorted(read_parts(two_boxes), key=lambda part: part.name)
    assert (shell.name, window.name) == ("shell", "window")
    assert len(shell.mesh.faces) == len(window.mesh.faces) == 12 and window.mesh.uvs is not None
    np.testing.assert_allclose(window.material.base_color[0, 0, :3] * 255, [20, 40, 220])
    assert (window.material.metallic, window.material.roughness) == (0.25, 0.5)
    assert window.material.kept["doubleSided"] is True
    assert shell.mesh.normals is None  # the file has none, and those of trimesh would round the box off


def test_one_material_is_painted_and_the_other_stays(two_boxes):
    canvas = read_canvas(two_boxes, material="window")
    assert canvas.keeps_uvs and [part.name for part in canvas.rest] == ["shell"]
    whole, painted = canvas.in_scene()
    assert len(whole.faces) == 24 and np.array_equal(painted.vertices, whole.vertices[:36])
    assert canvas.look is not None and canvas.look.parts == 2
    with pytest.raises(UserError, match="no material 'wheels'; it has: "):
        read_canvas(two_boxes, material="wheels")


def test_both_boxes_share_their_texels_so_they_are_unwrapped_without_a_vertex_moving(two_boxes):
    canvas = read_canvas(two_boxes)
    assert not canvas.keeps_uvs and "belong to two or more" in canvas.why
    before = joined([part.mesh for part in read_parts(two_boxes)])
    assert geometry_hash(canvas.mesh) == geometry_hash(before)
    assert geometry_hash(before.with_(vertices=before.vertices + np.float32(1e-6))) != geometry_hash(before)
    assert canvas.look is None


def test_a_mask_paints_what_is_white(two_boxes, tmp_path):
    left = np.zeros((16, 16), np.uint8)
    left[:, :8] = 255
    Image.fromarray(left).save(tmp_path / "mask.png")
    canvas = read_canvas(two_boxes, material="shell", mask=tmp_path / "mask.png")
    assert canvas.mask.mean() == 0.5
    new = merged(canvas.old.base_color, np.ones((32, 32, 3), np.float32), canvas.mask)
    assert (new[:, :15] == 1).all()
    np.testing.assert_allclose(new[:, 17:] * 255, np.broadcast_to([200, 30, 30], (32, 15, 3)), atol=1e-4)
    Image.fromarray(left.T).save(tmp_path / "mask.png")
    other = read_canvas(two_boxes, material="shell", mask=tmp_path / "mask.png")
    assert other.mask_hash() != canvas.mask_hash() is not None, "a checkpoint is not continued under another mask"


def test_masks_that_cannot_be_used_say_why(two_boxes, tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "black.png")
    (tmp_path / "text.png").write_text("no picture", encoding="utf-8")
    with pytest.raises(UserError, match="black all over"):
        read_canvas(two_boxes, material="shell", mask=tmp_path / "black.png")
    with pytest.raises(UserError, match="cannot be read as a picture"):
        read_canvas(two_boxes, material="shell", mask=tmp_path / "text.png")
    with pytest.raises(UserError, match="there is no mask"):
        read_canvas(two_boxes, material="shell", mask=tmp_path / "gone.png")
    Image.new("L", (4, 4), 255).save(tmp_path / "white.png")
    with pytest.raises(UserError, match="a mask is looked up by UVs, but"):
        read_canvas(two_boxes, mask=tmp_path / "white.png")


def test_the_hash_does_not_see_repeated_vertices():
    mesh = Mesh(np.eye(3, dtype=np.float32), np.array([[0, 1, 2], [2, 1, 0]], np.int32))
    apart = Mesh(mesh.vertices[mesh.faces].reshape(-1, 3), np.arange(6, dtype=np.int32).reshape(2, 3))
    assert geometry_hash(mesh) == geometry_hash(apart) != geometry_hash(mesh.with_(faces=mesh.faces[::-1]))


def test_what_may_change_is_what_the_masks_leave(two_boxes):
    canvas = read_canvas(two_boxes, material="window")
    scene = PaintedMeshScene(canvas.in_scene()[0], load("pocket").scene, look=canvas.look)
    front = orbit([0.0], 0.0, 3.0, 40.0)
    share = scene.changeable(front, 64, 64)[0, ..., 0]
    # The window is the box on the right (+X), the shell the one on the left.
    assert share[:, 34:].max() == 1 and not share[:, :30].any()
    render = scene.render(front, 64, 64, background=torch.zeros(3))
    shell = render.rgb[0, 32, 16]
    torch.testing.assert_close(shell * 255, torch.tensor([200.0, 30.0, 30.0]), atol=0.5, rtol=0)
    render.rgb.sum().backward()
    assert scene.grid.table.grad.abs().sum() > 0
    without = read_canvas(two_boxes)
    scene = PaintedMeshScene(without.in_scene()[0], load("pocket").scene)
    assert scene.changeable(front, 64, 64)[0, :, :30].max() == 1


def test_paint_starts_grey_and_is_baked_as_it_is(two_boxes):
    scene = PaintedMeshScene(read_canvas(two_boxes).in_scene()[0], load("pocket").scene, seed=3)
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (100, 3)).astype(np.float32)
    np.testing.assert_allclose(scene.numpy_color()(points), 0.5, atol=0.02)
    again = PaintedMeshScene(read_canvas(two_boxes).in_scene()[0], load("pocket").scene, seed=4)
    again.load_state_dict(scene.state_dict())
    assert np.array_equal(again.numpy_color()(points), scene.numpy_color()(points))


@pytest.mark.slow
def test_one_part_is_painted_bit_for_bit_and_a_cancelled_job_goes_on(two_boxes, validate, tmp_path):
    options = {**QUICK, "paint_material": "window", "seed": 1}
    whole = t2a.paint_mesh(two_boxes, "a yellow cube", **options)

    def stop(event):
        return not (event.stage == "refine" and event.checkpoint)

    with pytest.raises(Cancelled):
        t2a.paint_mesh(two_boxes, "a yellow cube", checkpoint=tmp_path / "c.pt", progress=stop, **options)
    resumed = t2a.paint_mesh(two_boxes, "a yellow cube", checkpoint=tmp_path / "c.pt", resume=True, **options)
    assert np.array_equal(whole.material.base_color, resumed.material.base_color)
    with pytest.raises(UserError, match="checkpoint"):
        t2a.paint_mesh(two_boxes, "a red cube", checkpoint=tmp_path / "c.pt", resume=True, **options)

    path = whole.save(tmp_path / "out.glb")
    issues = validate(path)["issues"]
    assert issues["numErrors"] == 0 and issues["numWarnings"] == 0, issues["messages"]
    window = next(part for part in read_parts(two_boxes) if part.name == "window")
    mesh, _, provenance = read_glb(path)
    assert np.array_equal(mesh.vertices, window.mesh.vertices) and np.array_equal(mesh.uvs, window.mesh.uvs)
    assert whole.report["geometry"] == geometry_hash(mesh) and whole.report["keeps_uvs"]
    assert provenance["painted"] == "boxes.glb"
    shell = next(part for part in read_parts(path) if part.name == "shell")
    np.testing.assert_allclose(shell.material.base_color[..., :3] * 255, np.broadcast_to([200, 30, 30], (8, 8, 3)))
    assert shell.material.kept["doubleSided"] is True and shell.material.roughness == 0.5


@pytest.mark.slow
def test_a_ball_without_uvs_is_unwrapped_and_every_texel_painted(tmp_path):
    trimesh.creation.icosphere(3, 40.0).export(tmp_path / "ball.stl")
    asset = t2a.paint_mesh(tmp_path / "ball.stl", "a green ball", **{**QUICK, "texture": 512})
    before = joined([part.mesh for part in read_parts(tmp_path / "ball.stl")])
    assert asset.report["geometry"] == geometry_hash(before) == geometry_hash(asset.mesh)
    assert not asset.report["keeps_uvs"] and "no UV" in asset.report["uvs"]
    assert asset.material.base_color.shape == (512, 512, 3)
    seams = asset.report["seams"]
    assert seams["count"] > 0 and seams["across"] <= 2 * max(seams["inside"], 1 / 255)
    assert "seams" not in [failure["check"] for failure in asset.report["failed"]]


def test_bad_meshes_say_what_to_do(tmp_path):
    from t2a.jobs import generate_job

    (tmp_path / "text.obj").write_text("hello", encoding="utf-8")
    with pytest.raises(UserError, match="holds no triangles|cannot be read"):
        read_canvas(tmp_path / "text.obj")
    (tmp_path / "nan.obj").write_text("v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", encoding="utf-8")
    with pytest.raises(UserError, match="NaN or infinite"):
        read_canvas(tmp_path / "nan.obj")
    with pytest.raises(UserError, match="there is no file"):
        generate_job("a chair", tmp_path / "o.glb", load("pocket"), source=tmp_path / "gone.obj", way="paint")
    for options, words in (
        ({"height": 2.0}, "leave --height away"),
        ({"latent": True, "lambertian": 0, "refine_shading": "albedo", "matte": 0}, "--latent"),
    ):
        with pytest.raises(UserError, match=words):
            t2a.paint_mesh(tmp_path / "nan.obj", "a chair", **options)
    mesh = tmp_path / "mesh.glb"
    trimesh.creation.box().export(mesh)
    with pytest.raises(UserError, match="is the source itself"):
        generate_job("a chair", mesh, load("pocket"), source=mesh, way="paint")
