"""t2a points: the job around the samplers, whatever the weights: clouds and meshes out, models that are told texts and
pictures, and sentences for bad input. The weights here are random but for the shapes' laws."""

import json

import numpy as np
import pytest
import torch
import trimesh
from PIL import Image
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from t2a.cli import main
from t2a.config import load as load_config
from t2a.errors import UserError
from t2a.export.cloud import write_cloud
from t2a.mesh.read_cloud import read_cloud, sampled
from t2a.points import PointOptions, stages, text_to_points
from t2a.priors import two_stream
from t2a.priors.point_e import build
from t2a.priors.point_e.checkpoint import save
from t2a.surface import colors_near, points_to_mesh
from t2a.types import Mesh, PointCloud


@pytest.fixture()
def tiny(tmp_path):
    """A folder with a point model that has learnt nothing."""
    torch.manual_seed(0)
    config = two_stream.TwoStreamConfig(width=48, latents=8, stages=2, layers=1, heads=2, point_width=32, point_heads=2)
    two_stream.save(two_stream.TwoStreamDenoiser(config), tmp_path / "points")
    return tmp_path


def ball(count=1500, seed=0):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(count, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    colors = np.where(points[:, :1] > 0, [[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]])
    return PointCloud(points.astype(np.float32), colors.astype(np.float32))


def test_a_seed_is_a_cloud(tiny):
    seen = []
    asked = {"count": 300, "steps": 8, "weights": tiny / "points"}
    made = text_to_points("a red ball", **asked, seed=3, progress=seen.append)
    again = text_to_points("a red ball", **asked, seed=3)
    other = text_to_points("a red ball", **asked, seed=4)
    assert made.points.shape == (300, 3) == made.colors.shape
    assert np.array_equal(made.points, again.points) and not np.array_equal(made.points, other.points)
    assert [e.step for e in seen if e.stage == "points"] == list(range(1, 9))
    assert seen[-1].preview.shape == (128, 512, 3)


@pytest.mark.parametrize("suffix", [".ply", ".npz", ".xyz"])
def test_clouds_read_back(tmp_path, suffix):
    cloud = ball(50)
    found = read_cloud(write_cloud(tmp_path / f"c{suffix}", cloud))
    apart = cloud.points - found.points  # what is read is moved to the origin
    np.testing.assert_allclose(apart, apart[:1].repeat(50, 0), atol=1e-5)
    np.testing.assert_allclose(found.colors, cloud.colors, atol=1 / 255)
    with pytest.raises(UserError, match=r"does not end in \.ply"):
        write_cloud(tmp_path / "c.las", cloud)


def test_a_balls_points_become_a_ball(tmp_path):
    config = load_config("pocket", {"faces": 2000, "texture": 256, "height": 0.5, "resolution": 48}).mesh
    asset = points_to_mesh(ball(), config, provenance={"prompt": "a ball"})
    radius = np.linalg.norm(asset.mesh.vertices, axis=1)
    assert abs(np.median(radius) - 0.7) < 0.05 and np.ptp(np.quantile(radius, [0.02, 0.98])) < 0.1
    assert asset.report["watertight"] and asset.report["triangles"] <= 2000
    path = asset.save(tmp_path / "ball.glb")
    scene = trimesh.load(path)
    assert abs(scene.extents[1] - 0.5) < 1e-3
    assert json.loads(path.with_suffix(".json").read_text())["provenance"]["prompt"] == "a ball"
    left, right = (colors_near(ball())(np.array([[x, 0.0, 0.0]], np.float32))[0] for x in (-1, 1))
    assert left[2] > 0.9 > 0.1 > left[0] and right[0] > 0.9 > 0.1 > right[2]


def test_from_the_command_line(tiny, capsys):
    common = ["--count", "256", "--steps", "4", "--weights", str(tiny / "points"), "--quiet"]
    assert main(["points", "a red ball", "-o", str(tiny / "out.ply"), *common]) == 0
    assert len(read_cloud(tiny / "out.ply").points) == 256
    write_cloud(tiny / "ball.npz", ball())
    words = ["points", "--cloud", str(tiny / "ball.npz"), "-o", str(tiny / "ball.glb")]
    assert main([*words, "--faces", "500", "--texture", "128"]) == 0
    assert "triangles" in capsys.readouterr().out
    assert trimesh.load(tiny / "ball.glb").extents.max() > 1


@pytest.mark.parametrize(
    "words, wrong",
    [
        (["a ball", "-o", "x.obj"], "does not end in .ply or .npz or .xyz"),
        (["a ball", "--mesh", "-o", "x.ply"], "does not end in .glb"),
        (["", "-o", "x.ply"], "prompt"),
        (["a ball", "-o", "x.ply", "--count", "12"], "count is 12; it must be between 128 and 16,384"),
        (["a ball", "-o", "x.ply", "--model", "base9M"], "there is no point model 'base9M'"),
        (["a ball", "-o", "x.ply", "--model", "base40M"], "needs its weights; give --weights FOLDER with the official"),
        (["a ball", "-o", "x.ply", "--model", "base40M", "--weights", "."], "has neither base_40m.pt nor"),
        (["a ball", "-o", "x.ply", "--image", "x.png"], "told words, not pictures"),
        (["a ball", "-o", "x.ply", "--model", "shap-e", "--weights", "."], "the Shap-E model . cannot be loaded"),
        (["--cloud", "none.ply", "-o", "x.glb"], "there is no file none.ply"),
    ],
)
def test_bad_input_is_one_sentence(tiny, capsys, monkeypatch, words, wrong):
    monkeypatch.chdir(tiny)
    assert main(["points", *words, "--quiet"]) == 2
    said = capsys.readouterr().err
    assert wrong in said and said.count("\n") == 1
    assert not (tiny / "x.ply").exists() and not (tiny / "x.glb").exists()


def test_the_pocket_models_clouds_have_the_colours_and_the_shape_that_were_asked_for():
    seen = []
    made = text_to_points("a red mushroom", count=2000, progress=seen.append)
    assert made.points.shape == (2000, 3) and np.abs(made.points).max() < 1
    again = text_to_points("a red mushroom", count=2000)
    assert np.array_equal(made.points, again.points) and np.array_equal(made.colors, again.colors)
    steps = load_config("pocket").refine.first_denoise_steps
    assert steps and [e.step for e in seen if e.stage == "draw"] == list(range(steps + 2)), "then the distances"
    assert seen[-1].preview.shape == (128, 512, 3)
    height = made.points[:, 1]
    red = (made.colors[:, 0] > 0.5) & (made.colors[:, 1:] < 0.4).all(1)
    middle = (height.min() + height.max()) / 2
    assert red[height > middle].mean() > 0.6 > 0.3 > red[height < middle].mean(), "a red cap on a stem that is not"
    across = np.linalg.norm(made.points[:, [0, 2]], axis=1)
    assert np.quantile(across[red], 0.9) > 1.2 * np.quantile(across[height < middle - 0.1], 0.9)


def test_a_point_model_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match="there is no folder .*; give one that `t2a train points` has written"):
        PointOptions(weights=tmp_path / "none")


def test_a_cloud_needs_no_model_and_no_signed_distance(tmp_path):
    write_cloud(tmp_path / "ball.ply", ball())
    words = ["points", "--cloud", str(tmp_path / "ball.ply"), "-o", str(tmp_path / "ball.glb"), "--quiet"]
    assert main([*words, "--faces", "500", "--texture", "128", "--weights", str(tmp_path)]) == 0
    assert (tmp_path / "ball.glb").is_file()


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory):
    """CLIP's architecture with the widths that Point-E is told, and no depth."""
    folder = tmp_path_factory.mktemp("clip")
    torch.manual_seed(0)
    small = {"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = CLIPConfig(
        text_config={"hidden_size": 16, "vocab_size": 64, "max_position_embeddings": 16, **small},
        vision_config={"hidden_size": 1024, "image_size": 224, "patch_size": 14, **small},
        projection_dim=768,
    )
    CLIPModel(config).save_pretrained(folder)
    tokens = ["<|startoftext|>", "<|endoftext|>", *"abcdefghijklmnopqrstuvwxyz", *(c + "</w>" for c in "abdelr")]
    CLIPTokenizer(vocab={t: i for i, t in enumerate(tokens)}, merges=[]).save_pretrained(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name, image", [("base40M-textvec", False), ("base40M", True), ("base40M-imagevec", False)])
def test_published_models_are_told_texts_and_pictures(name, image, clip_folder, tmp_path, monkeypatch):
    """With random weights: the whole way, in four steps."""
    import t2a.points
    from t2a.priors.point_e import sampler
    from t2a.priors.point_e.configs import FILES

    torch.manual_seed(0)
    save(build(name), tmp_path / FILES[name].replace(".pt", ".safetensors"))
    Image.new("RGBA", (64, 48), (255, 0, 0, 0)).save(tmp_path / "red.png")
    monkeypatch.setattr(sampler, "BASE", sampler.SamplerConfig(steps=3))
    monkeypatch.setattr(t2a.points, "draw_picture", lambda prompt, options: np.ones((64, 64, 3), np.float32))
    options = PointOptions(name, tmp_path, str(clip_folder), tmp_path / "red.png" if image else None, offline=True)
    events = stages("a red ball", options)
    with pytest.raises(StopIteration) as finished:
        while True:
            next(events)
    cloud = finished.value.value
    assert cloud.points.shape == (1024, 3) and np.isfinite(cloud.points).all()


def test_a_surface_is_sampled_evenly_with_its_colours():
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [4, 0, 0], [4, 1, 0]], np.float32)
    mesh = Mesh(vertices, np.array([[0, 1, 2], [1, 3, 4]]), colors=np.array([[1, 0, 0]] * 3 + [[0, 0, 1]] * 2, float))
    cloud = sampled(mesh, 4000, 1)
    assert abs((cloud.points[:, 0] > 1).mean() - 0.75) < 0.03, "as much as its share of the area"
    assert (cloud.colors[cloud.points[:, 0] < 1] == [1, 0, 0]).all()
    assert sampled(mesh.with_(colors=None), 10).colors is None


def test_what_is_transparent_is_white(tmp_path):
    from t2a.points import read_picture

    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (read_picture(tmp_path / "clear.png") == 1).all()
    (tmp_path / "no.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match="cannot be read as a picture"):
        read_picture(tmp_path / "no.png")


def test_the_pocket_model_draws_the_picture(tiny):
    from t2a.points import draw_picture

    image = draw_picture("a red ball", PointOptions(), steps=4)
    assert image.shape == (128, 128, 3) and image[50:78, 50:78, 0].mean() > image[50:78, 50:78, 2].mean() + 0.2


@pytest.mark.slow
def test_a_model_of_ones_own_is_trained_interrupted_and_used(tmp_path, capsys):
    data, model, cloud = tmp_path / "data", tmp_path / "model", tmp_path / "c.ply"
    assert main(["world", "--count", "2", "--size", "16", "--assets", str(data)]) == 0
    train = ["train", "points", "--data", str(data), "-o", str(model), "--batch", "2"]
    assert main([*train, "--steps", "2"]) == 0
    assert "2 clouds" in (said := capsys.readouterr().out) and "--weights" in said
    before = torch.load(model / "points.pt", weights_only=True)["step"]
    assert main([*train, "--steps", "3"]) == 0
    assert (before, torch.load(model / "points.pt", weights_only=True)["step"]) == (2, 3)
    make = ["points", "a red ball", "-o", str(cloud), "--count", "128", "--steps", "2", "--quiet"]
    assert main([*make, "--weights", str(model)]) == 0
    assert len(read_cloud(cloud).points) == 128
    assert main([*make, "--weights", str(tmp_path / "nowhere")]) == 2
    assert "t2a train points" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options, problem",
    [
        (["--steps", "0"], "steps is 0"),
        (["--rate", "nan"], "rate is nan"),
        (["--minutes", "-1"], "minutes is -1"),
        (["--device", "toaster"], "the device 'toaster'"),
        ([], "has no index.json"),
    ],
)
def test_a_training_that_cannot_be_says_why_and_writes_nothing(tmp_path, capsys, options, problem):
    out = tmp_path / "model"
    assert main(["train", "points", "--data", str(tmp_path), "-o", str(out), *options]) == 2
    assert problem in capsys.readouterr().err and not out.exists()
