"""Editing what exists: what counts as changed, what stays bit for bit, masks, grafts, and a job with shipped models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import trimesh

import t2a
from t2a.cameras import orbit
from t2a.canvas import geometry_hash
from t2a.colors import srgb_to_linear
from t2a.config import load
from t2a.edit.grafting import grafted
from t2a.edit.making import made, mixed_color, mixed_density
from t2a.edit.masks import allowed
from t2a.edit.objects import bare, history, read_object
from t2a.edit.outcome import Edit
from t2a.errors import Cancelled, UserError
from t2a.events import run
from t2a.export import write_glb
from t2a.jobs import generate_job
from t2a.mesh import topology
from t2a.mesh.parts import joined, read_parts
from t2a.pipelines import Clock, build_scene
from t2a.pocket import instruct_path
from t2a.pocket.vocabulary import unknown_words
from t2a.scene.changes import Region, changed, kept, nodes, recolored, reshaped
from t2a.scene.initialisation import trilinear
from t2a.scene.source import RESOLUTION, Source
from t2a.texture import unwrap
from t2a.types import Material, Mesh, Part

RED, GREEN = (0.8, 0.1, 0.1), (0.1, 0.6, 0.1)
VIEWS = orbit([0.0, 90.0, 180.0, 270.0], 20.0, 3.0, 40.0)
BEHIND = torch.tensor([0.8, 0.75, 1.0]).expand(4, 1, 1, 3)
EVERYWHERE = torch.ones((RESOLUTION + 1,) * 3, dtype=torch.bool)
NOWHERE = Region(torch.zeros((RESOLUTION + 1,) * 3))


def part_of(body: trimesh.Trimesh, color: tuple[float, float, float], name: str = "shell") -> Part:
    mesh = unwrap(Mesh(np.asarray(body.vertices, np.float32), np.asarray(body.faces, np.int32)), 64)
    return Part(name, mesh, Material(np.broadcast_to(np.float32(color), (64, 64, 3)).copy()))


@pytest.fixture(scope="module")
def ball() -> Source:
    """Of radius 2 about (5, 0, 0); it has lain there from the beginning."""
    body = trimesh.creation.icosphere(3, 2.0)
    body.apply_translation([5, 0, 0])
    return Source([part_of(body, RED)], load("pocket").scene, 0.5)


@pytest.fixture(scope="module")
def with_hat(ball):
    """The same ball with a green box on it, as the same cameras see it."""
    box = trimesh.creation.box((0.3, 0.3, 0.3))
    box.apply_translation([0, 0.6, 0])
    parts = [Part("ball", ball.to_scene(ball.parts[0].mesh), ball.parts[0].material), part_of(box, GREEN)]
    source = Source(parts, load("pocket").scene, 0.5)
    # Not centred anew: it stays where the ball is.
    source.scene.vertices.copy_(torch.from_numpy(joined([p.mesh.with_(uvs=None) for p in parts]).vertices))
    return source


def test_a_source_knows_where_its_file_has_it_and_which_colour_is_where(ball):
    np.testing.assert_allclose(ball.to_file(np.zeros((1, 3), np.float32)), [[5, 0, 0]], atol=1e-5)
    back = ball.to_file(ball.to_scene(ball.parts[0].mesh).vertices)
    np.testing.assert_allclose(back, ball.parts[0].mesh.vertices, atol=1e-5)
    assert np.linalg.norm(ball.mesh.vertices, axis=1).max() == pytest.approx(0.5)
    np.testing.assert_allclose(ball.color(np.float32([[0, 0.7, 0], [0.2, 0, 0]])), [RED, RED], atol=0.01)
    distance = trilinear(ball.guide.distance[None], torch.tensor([[0.0, 0.8, 0.0], [0.0, 0.0, 0.3]]), 1.0)[0]
    torch.testing.assert_close(distance, torch.tensor([0.3, -0.2]), atol=0.02, rtol=0)


def test_what_a_pixel_of_an_outline_or_a_shade_of_colour_differs_is_no_edit(ball):
    before = ball.seen(VIEWS, 64, BEHIND)
    assert not changed(before, before).anything
    thin = before.inside.clone()
    thin[:, 2:] |= before.inside[:, :-2]  # two rows more below each outline
    after = replace(before, inside=thin, rgb=(before.rgb + 0.05).clamp(0, 1))
    found = changed(before, after)
    assert not found.anything and not found.reshapes
    assert torch.equal(kept(before, after, found).rgb, before.rgb)


def test_another_colour_is_an_edit_that_keeps_the_shape(ball):
    before = ball.seen(VIEWS, 64, BEHIND)
    rgb = before.rgb.clone()
    rgb[:, :32][before.inside[:, :32]] = torch.tensor([0.1, 0.1, 0.9])  # the upper half turns blue
    after = replace(before, rgb=rgb)
    found = changed(before, after)
    assert found.anything and not found.reshapes
    region = recolored(kept(before, after, found), found, RESOLUTION)
    top, bottom = region(torch.tensor([[0.0, 0.45, 0.2], [0.0, -0.35, 0.35]]))
    assert top > 0.9 and bottom < 0.1


def test_a_hat_grows_where_it_was_seen_and_nowhere_else(ball, with_hat):
    before, after = ball.seen(VIEWS, 128, BEHIND), with_hat.seen(VIEWS, 128, BEHIND)
    found = changed(before, after)
    assert found.reshapes
    surface, region = reshaped(before, kept(before, after, found), ball.guide.distance, EVERYWHERE)
    inside = trilinear(surface[None], torch.tensor([[0.0, 0.65, 0.0], [0.0, 0.0, 0.0], [0.0, -0.8, 0.0]]), 1.0)[0] < 0
    assert inside.tolist() == [True, True, False]
    low = nodes(RESOLUTION)[:, 1].reshape(region.share.shape) < 0.2
    assert not region.share[low].any()
    own = ball.guide.distance.clamp(-0.1, 0.1)
    same = region.share == 0
    assert torch.equal(surface[same], own[same])


def test_nothing_grows_beyond_the_reach_or_the_mask(ball, with_hat):
    before, after = ball.seen(VIEWS, 128, BEHIND), with_hat.seen(VIEWS, 128, BEHIND)
    seen = kept(before, after, changed(before, after))
    own = ball.guide.distance
    surface, _ = reshaped(before, seen, own, EVERYWHERE, reach=0.05)
    assert own[surface < 0].max() <= 0.05 and own[surface > 0].min() >= -0.05
    right = (nodes(RESOLUTION)[:, 0] > 0).reshape(own.shape)
    surface, region = reshaped(before, seen, own, right)
    assert region.share[right].any() and not region.share[~right].any()
    assert torch.equal(surface[~right], own.clamp(-0.1, 0.1)[~right])


def test_outside_of_the_change_density_and_colour_are_the_sources_own(ball):
    upper = (nodes(RESOLUTION)[:, 1] > 0.1).reshape(EVERYWHERE.shape).float()
    before = ball.seen(VIEWS, 32, BEHIND)
    edit = Edit(None, Region(upper), Region(upper), before, changed(before, before))
    points = np.random.default_rng(0).uniform(-0.9, 0.9, (2000, 3)).astype(np.float32)
    low, high = points[:, 1] < 0.08, points[:, 1] > 0.12

    def density(x):
        return np.full(len(x), 7.0, np.float32)

    def color(x):
        return np.full((len(x), 3), 0.25, np.float32)

    solid = mixed_density(ball, edit, density, 7.0, points)
    nothing = mixed_density(ball, replace(edit, region=NOWHERE), density, 7.0, points)
    assert np.array_equal(solid[low], nothing[low])
    np.testing.assert_allclose(solid[high], 7.0, rtol=1e-5)
    away = trilinear(ball.guide.distance[None], torch.from_numpy(points), 1.0)[0].numpy()
    assert np.array_equal(nothing > 7.0, away < 0), "its surface is where the density is the threshold"
    shown = mixed_color(ball, edit, color, points)
    assert np.array_equal(shown[low], ball.color(points[low])) and (shown[high] == 0.25).all()


def test_a_graft_keeps_the_triangles_that_it_does_not_touch(ball):
    """A solid again, of the ball's own triangles, UVs included, where nothing has changed."""
    own = [part.mesh for part in ball.parts]
    ball_and_box = trimesh.boolean.union(
        [
            trimesh.creation.icosphere(4, 0.49),
            trimesh.creation.box((0.3, 0.4, 0.3), trimesh.transformations.translation_matrix([0, 0.55, 0])),
        ]
    )
    new = Mesh(np.asarray(ball_and_box.vertices, np.float32), np.asarray(ball_and_box.faces, np.int32))
    places = nodes(RESOLUTION).reshape(*EVERYWHERE.shape, 3)
    share = 1 - ((places - torch.tensor([0, 0.6, 0])).abs().amax(-1) / 0.25 - 0.8).clamp(0, 1)
    (stays,), patch = grafted(own, new, Region(share), ball.to_file)
    whole = joined([stays.with_(uvs=None), patch])
    assert topology(whole).watertight
    corners = {frozenset(map(tuple, triangle)) for triangle in own[0].vertices[own[0].faces]}
    mine = [frozenset(map(tuple, triangle)) in corners for triangle in stays.vertices[stays.faces]]
    assert 0.6 < np.mean(mine) and sum(mine) > 0.6 * len(own[0].faces)
    uvs = {tuple(np.concatenate([v, uv])) for v, uv in zip(own[0].vertices, own[0].uvs, strict=True)}
    untouched = stays.faces[mine].reshape(-1)
    assert {tuple(np.concatenate([stays.vertices[i], stays.uvs[i]])) for i in untouched} <= uvs
    assert patch.vertices[:, 1].max() == pytest.approx(0.75 / ball.scale, abs=0.01)


def test_a_sheet_is_no_solid_to_graft_on():
    sheet = Mesh(np.float32([[0, 0, 0], [1, 0, 0], [0, 1, 0]]), np.array([[0, 1, 2]], np.int32))
    box = trimesh.creation.box()
    new = Mesh(np.asarray(box.vertices, np.float32), np.asarray(box.faces, np.int32))
    assert grafted([sheet], new, Region(torch.ones(9, 9, 9)), lambda points: points) is None


def test_an_edit_of_colours_keeps_every_corner_and_the_texels_that_it_leaves_alone(ball):
    config = load("pocket", {"texture": 64, "init": "blob"})
    upper = (nodes(RESOLUTION)[:, 1] > 0).reshape(EVERYWHERE.shape).float()
    before = ball.seen(VIEWS, 32, BEHIND)
    scene = build_scene(config)
    edit = Edit(None, None, Region(upper), before, changed(before, before), scene)
    (part,) = run(made(ball, edit, config, Clock()))
    assert geometry_hash(part.mesh) == geometry_hash(ball.parts[0].mesh)
    assert np.array_equal(part.mesh.uvs, ball.parts[0].mesh.uvs)
    old, new = ball.parts[0].material.base_color, part.material.base_color
    same = (old == new).all(-1)
    assert 0.3 < same.mean() < 0.7
    (part,) = run(made(ball, replace(edit, paint=NOWHERE), config, Clock()))
    assert part is ball.parts[0]


def test_masks_are_boxes_meshes_or_materials(ball, tmp_path):
    assert allowed("", ball).all()
    upper = allowed("3,0,-2,7,4,2", ball)  # in the file's units, in which the ball is about (5, 0, 0)
    places = nodes(RESOLUTION).reshape(*upper.shape, 3)
    assert upper.any() and places[upper][:, 1].min() >= -1e-6
    box = trimesh.creation.box(bounds=[[3, 0, -2], [7, 4, 2]])
    box.export(tmp_path / "mask.stl")
    inside = allowed(str(tmp_path / "mask.stl"), ball)
    assert (inside != upper).float().mean() < 0.02
    ball_mesh = ball.parts[0].mesh
    low = (ball_mesh.vertices[ball_mesh.faces][..., 1] < -0.5).all(1)
    trimesh.Trimesh(ball_mesh.vertices, ball_mesh.faces[low]).export(tmp_path / "bottom.ply")
    bottom = allowed(str(tmp_path / "bottom.ply"), ball).numpy()
    near = ball.guide.distance.abs().numpy() < 0.02
    height = ball.to_file(places.reshape(-1, 3).numpy())[:, 1].reshape(bottom.shape)
    assert bottom[near & (height < -0.7)].all() and not bottom[near & (height > -0.3)].any(), "a piece of its surface"
    assert allowed("shell", ball).all()
    other = trimesh.creation.icosphere(2, 0.5)
    other.apply_translation([5, 3, 0])
    two = Source([*ball.parts, part_of(other, GREEN, "knob")], load("pocket").scene, 0.5)
    knob = allowed("knob", two)
    assert 0 < knob.float().mean() < 0.6 and torch.equal(knob, ~allowed("shell", two))


def test_masks_that_make_no_sense_say_so(ball, tmp_path):
    with pytest.raises(UserError, match=r"misses the object, which reaches from \[3"):
        allowed("20,20,20,21,21,21", ball)
    with pytest.raises(UserError, match="neither a box .* the object's materials are: shell"):
        allowed("hat", ball)
    with pytest.raises(UserError, match="neither a box"):
        allowed("0,0,0,1,1", ball)
    with pytest.raises(UserError, match="there is no file"):
        allowed(str(tmp_path / "gone.obj"), ball)


def test_an_edit_that_changes_nothing_says_so(ball):
    before = ball.seen(VIEWS, 64, BEHIND)
    with pytest.raises(UserError, match="has changed nothing"):
        Edit.of(ball, before, before, before, EVERYWHERE, load("pocket"))


def test_without_geometry_change_the_shape_stays_whatever_is_drawn(ball, with_hat):
    before, after = ball.seen(VIEWS, 64, BEHIND), with_hat.seen(VIEWS, 64, BEHIND)
    edit = Edit.of(ball, before, before, after, EVERYWHERE, load("pocket", {"geometry_change": 0}))
    assert edit.surface is None and edit.region is None and torch.equal(edit.seen.inside, before.inside)
    free = Edit.of(ball, before, before, after, EVERYWHERE, load("pocket"))
    assert free.surface is not None
    low = allowed("3,-2,-2,7,0,2", ball)  # a hat is out of its reach
    with pytest.raises(UserError, match="has changed nothing"):
        Edit.of(ball, before, before, after, low, load("pocket"))


def test_the_history_grows_with_every_edit(ball, tmp_path):
    mesh, material = ball.parts[0].mesh, ball.parts[0].material
    write_glb(
        tmp_path / "a.glb", mesh, material, {"prompt": "a red ball", "seed": 3, "model": "pocket", "version": "1"}
    )
    assert history(tmp_path / "a.glb") == [{"prompt": "a red ball", "seed": 3, "model": "pocket"}]
    chain = [{"prompt": "a red ball"}, {"instruction": "make it blue"}]
    write_glb(tmp_path / "b.glb", mesh, material, {"history": chain})
    assert history(tmp_path / "b.glb") == chain
    write_glb(tmp_path / "c.glb", mesh, material)
    (tmp_path / "d.obj").write_text("v 0 0 0", encoding="utf-8")
    assert history(tmp_path / "c.glb") == history(tmp_path / "d.obj") == history(tmp_path / "gone.glb") == []


def test_a_thing_without_colours_is_named(ball):
    assert bare(ball.parts) == []
    assert "edited as a grey one" in bare([replace(ball.parts[0], material=Material())])[0]


@pytest.mark.parametrize("suffix", [".ply", ".glb", ".obj"])
def test_colours_of_vertices_become_a_texture(suffix, tmp_path):
    body = trimesh.creation.box((2.0, 1.0, 1.0)).subdivide()
    color = np.where(body.vertices[:, :1] > 0, [200, 40, 40], [40, 40, 200]).astype(np.uint8)
    linear = np.round(srgb_to_linear(color / 255) * 255).astype(np.uint8) if suffix == ".glb" else color
    body.visual = trimesh.visual.ColorVisuals(body, vertex_colors=linear)
    body.export(tmp_path / f"box{suffix}")
    (part,) = read_object(tmp_path / f"box{suffix}", load("pocket", {"texture": 256}))
    assert part.mesh.colors is None and part.material.base_color.shape == (256, 256, 3)
    source = Source([part], load("pocket").scene, 0.5)
    ends = np.float32([[0.5, 0, 0], [-0.5, 0, 0]])
    np.testing.assert_allclose(source.color(ends) * 255, [[200, 40, 40], [40, 40, 200]], atol=4)


def test_instructions_are_no_unknown_words():
    for text in ("turn it blue", "add a santa hat", "give it red stripes", "make it a snowman", "swap it for a fox"):
        assert unknown_words(text) == []


def test_jobs_refuse_what_cannot_be_edited(tmp_path):
    with pytest.raises(UserError, match="name the object or the scene that is edited"):
        generate_job("make it red", tmp_path / "o.glb", load("pocket"), source=tmp_path / "gone.obj", way="edit")
    (tmp_path / "text.obj").write_text("hello", encoding="utf-8")
    with pytest.raises(UserError, match="holds no triangles|cannot be read"):
        t2a.edit_3d(tmp_path / "text.obj", "make it red")
    for wrong, match in (
        ({"latent": True, "lambertian": 0, "refine_shading": "albedo", "matte": 0}, "works in colours"),
        ({"height": 2.0}, "as large as it is"),
        ({"strictness": 0.5, "init": "a.obj"}, "is the start"),
        ({"geometry_change": 1.5}, "at most 1"),
        ({"edit_method": "magic"}, "update"),
    ):
        with pytest.raises(UserError, match=match):
            t2a.edit_3d(tmp_path / "text.obj", "make it red", **wrong)


@pytest.mark.slow
@pytest.mark.skipif(not instruct_path().is_dir(), reason="no model that edits is in the package")
def test_a_ball_turns_blue_bit_for_bit_and_a_cancelled_job_goes_on(ball, validate, tmp_path):
    quick = {"rounds": 2, "first_round_steps": 20, "round_steps": 10, "texture": 128, "seed": 1}
    part = ball.parts[0]
    write_glb(tmp_path / "ball.glb", part.mesh, part.material, {"prompt": "a red ball", "seed": 3, "model": "pocket"})
    whole = t2a.edit_3d(tmp_path / "ball.glb", "make it blue", **quick)

    def stop(event):
        return not (event.stage == "refine" and event.checkpoint)

    state = {"checkpoint": tmp_path / "c.pt"}
    with pytest.raises(Cancelled):
        t2a.edit_3d(tmp_path / "ball.glb", "make it blue", progress=stop, **state, **quick)
    resumed = t2a.edit_3d(tmp_path / "ball.glb", "make it blue", resume=True, **state, **quick)
    assert np.array_equal(whole.material.base_color, resumed.material.base_color)
    red, _, blue = np.median(whole.material.base_color.reshape(-1, 3), axis=0)
    assert blue > red + 0.2
    issues = validate(whole.save(tmp_path / "blue.glb"))["issues"]
    assert issues["numErrors"] == 0 and issues["numWarnings"] == 0, issues["messages"]
    (same,) = read_parts(tmp_path / "blue.glb")
    assert geometry_hash(same.mesh) == geometry_hash(part.mesh) and whole.report["keeps_shape"]
    chain = [entry.get("prompt") or entry["instruction"] for entry in history(tmp_path / "blue.glb")]
    assert chain == ["a red ball", "make it blue"]
