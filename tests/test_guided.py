"""Given shapes: what is read of a file, who is followed how, maps of the guide or of the scene; bad input is a
sentence."""

import dataclasses

import numpy as np
import pytest
import torch

from t2a import pocket
from t2a.cameras import orbit
from t2a.cli import main
from t2a.config import load
from t2a.errors import UserError
from t2a.eval.sketch import GUIDES, SKETCHES, agreement
from t2a.events import run
from t2a.export.ply import write_ply, write_points
from t2a.guided import check_controls, departure_from, read_given, rounds_of, steering
from t2a.mesh.maps import depth_map, mesh_geometry, normal_map
from t2a.mesh.primitives import Primitive, primitives_mesh
from t2a.pipelines import build_scene, stages
from t2a.priors.control import beside
from t2a.priors.latent import load_latent
from t2a.scene.guide import load_guide
from t2a.types import PointCloud


def config(**options):
    return load("pocket", options)


@pytest.fixture(scope="module")
def box():
    return primitives_mesh([Primitive("box", (0.4, 1.0, 0.2))])


def test_a_mesh_stands_for_its_points_until_it_must_be_followed(tmp_path, box):
    path = str(write_ply(tmp_path / "box.ply", box))
    loose, strict = read_given(config(init=path)), read_given(config(init=path, strictness=0.7))
    steered = read_given(config(init=path, control="depth=net"))
    assert loose.mesh is None and loose.cloud is not None
    assert strict.cloud is None and strict.mesh is not None and steered.mesh is not None
    for given in (loose, strict):
        high = given.guide().mesh.vertices.max(0)
        np.testing.assert_allclose(high, 0.7 * np.array([0.4, 1.0, 0.2]) / np.linalg.norm([0.4, 1, 0.2]), atol=0.04)
    points = PointCloud(np.random.default_rng(0).random((100, 3), np.float32))
    path = str(write_points(tmp_path / "points.ply", points))
    assert read_given(config(init=path, strictness=0.7)).cloud is not None, "points have no surface"
    assert read_given(config()) is None and read_given(config(init="points")) is None


def test_z_up_stands_up(tmp_path, box):
    path = str(write_ply(tmp_path / "box.ply", box))
    for options in ({}, {"strictness": 1.0}):
        extent = np.ptp(read_given(config(init=path, init_up="z", **options)).guide().mesh.vertices, axis=0)
        assert extent.argmax() == 2, "what was up now points to the front"


def test_a_departure_is_least_at_the_guide_and_grows_with_strictness(box, tmp_path):
    c = config(init=str(write_ply(tmp_path / "box.ply", box)), strictness=1.0)
    guide = read_given(c).guide()
    there, elsewhere = build_scene(c, guide), build_scene(config())
    generator = torch.Generator().manual_seed(0)
    losses = [float(departure_from(guide, s, v)(generator.manual_seed(0)).detach())
              for s in (there, elsewhere) for v in (0.0, 0.5, 1.0)]  # fmt: skip
    assert losses[0] == losses[3] == 0, "strictness 0 is free"
    assert losses[1] < losses[4] and losses[2] < losses[5] / 3
    assert losses[4] < losses[5]


def test_only_a_shape_that_no_map_tells_of_limits_the_rounds():
    assert rounds_of(config(control="depth")).first_strength == 1.0
    free = rounds_of(config())
    assert free.first_strength is None and free.strength == config().refine.guided_strength


def test_maps_are_of_the_guide_or_of_the_scene(box, tmp_path):
    prior = load_latent(pocket.path(), offline=True)
    torch.manual_seed(0)
    net = beside(prior.unet)
    net.save_pretrained(tmp_path / "net")
    c = config(
        init=str(write_ply(tmp_path / "box.ply", box)), control=f"depth={tmp_path}/net@0.5,normal={tmp_path}/net"
    )
    guide = read_given(c).guide()
    scene = build_scene(c, guide)
    views = orbit([0, 60], 20)
    depth, normal = steering(c, prior, scene, guide)(views)
    geometry = mesh_geometry(guide.mesh, views, 128, 128)
    assert depth.scale == 0.5 and normal.scale == 1 and depth.net is normal.net
    torch.testing.assert_close(depth.image, depth_map(geometry).permute(0, 3, 1, 2))
    torch.testing.assert_close(normal.image, normal_map(geometry).permute(0, 3, 1, 2))
    bare = dataclasses.replace(c, given=dataclasses.replace(c.given, init="blob"))
    (own, _) = steering(bare, prior, scene, None)(views)
    solid, seen = depth.image[:, 0] > 0, own.image[:, 0] > 0
    assert (solid & seen).sum() / (solid | seen).sum() > 0.85, "the scene has the guide's shape"
    assert steering(config(), prior, scene, guide) is None


@pytest.mark.parametrize(
    "options, wrong",
    [
        ({"control": "segmentation=x"}, "which only a given mesh has; add --init FILE"),
        ({"control": "depth", "model": "owner/model"}, "needs a ControlNet that fits owner/model"),
        ({"control": "pose"}, "with a kind out of"),
    ],
)
def test_maps_that_cannot_be_had_are_told_at_once(options, wrong):
    with pytest.raises(UserError, match=wrong):
        check_controls(config(**options))


@pytest.mark.parametrize(
    "guide, wrong",
    [
        ("none.obj", "there is no file none.ply"),
        ("broken.ply", "cannot be read as a mesh"),
        ("empty.yaml", "must be a list of primitives"),
        ("flat.yaml", "shape"),
    ],
)
def test_bad_guides_are_one_sentence(tmp_path, monkeypatch, capsys, guide, wrong):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.ply").write_bytes(b"ply\nformat binary_little_endian 1.0\nelement vertex 9\n")
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "flat.yaml").write_text("- {shape: blob}")
    assert main(["sketch", guide, "a red ball", "-o", "x.glb", "--quiet"]) == 2
    said = capsys.readouterr().err
    assert wrong.replace("none.ply", guide) in said and said.count("\n") == 1, said
    assert not (tmp_path / "x.glb").exists()
    assert main(["sketch", guide, "a red ball", "-o", "x.glb", "--init", "y.ply"]) == 2
    assert "leave --init away" in capsys.readouterr().err


def test_every_built_in_guide_can_be_one():
    assert {path.stem for path in GUIDES.glob("*.yaml")} == set(SKETCHES)
    for name in SKETCHES:
        mesh = load_guide(GUIDES / f"{name}.yaml", resolution=16).mesh
        assert agreement(mesh, mesh) == 1.0
        assert agreement(mesh.with_(vertices=mesh.vertices * 0.8), mesh) < 0.8


@pytest.mark.slow
def test_a_sketch_is_followed_the_more_strictly_the_more_it_is_asked_for():
    guide = GUIDES / "lamp.yaml"
    found = {}
    for strictness in (0.0, 1.0):
        options = {"init": str(guide), "strictness": strictness, "faces": 4000, "texture": 256}
        asset = run(stages("a pink lamp", config(**options)))
        found[strictness] = agreement(asset.mesh, load_guide(guide).mesh)
    assert found[1.0] > 0.85 and found[1.0] > found[0.0] + 0.05
