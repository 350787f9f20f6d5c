"""transforms.json: what is read, what `t2a views` writes, and what is refused in clear words."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import trimesh
from PIL import Image

from t2a.capture.transforms import EDGE, MOST, lists_pictures, read_transforms
from t2a.capture.views import all_around, write_views
from t2a.cli import main
from t2a.errors import UserError
from t2a.events import run
from t2a.export import write_glb
from t2a.texture import unwrap
from t2a.types import Material, Mesh, Part

POSE = np.eye(4).tolist()


def box_part() -> Part:
    """A flat box, red above and green below, about (2, 3, 1)."""
    body = trimesh.creation.box((1.0, 0.4, 0.6)).subdivide().subdivide()
    body.apply_translation([2, 3, 1])
    mesh = unwrap(Mesh(np.asarray(body.vertices, np.float32), np.asarray(body.faces, np.int32)), 64)
    return Part("box", mesh, Material(np.broadcast_to(np.float32([0.8, 0.1, 0.1]), (64, 64, 3)).copy()))


@pytest.fixture(scope="module")
def views(tmp_path_factory):
    folder = tmp_path_factory.mktemp("views")
    run(write_views([box_part()], folder, 12, 48))
    return folder / "transforms.json"


@pytest.fixture()
def told(views):
    return json.loads(views.read_text(encoding="utf-8"))


def written(path, told):
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def test_what_is_written_is_read_again_and_lies_where_it_lay(views):
    capture = read_transforms(views)
    assert len(capture.pictures) == 12 and capture.masked
    placement = capture.placement()
    np.testing.assert_allclose(placement.middle, [2, 3, 1], atol=0.05)
    shown = [p for p in capture.pictures if (p.opacity > 0.99).any()]
    assert len(shown) == 12
    for picture in shown:
        np.testing.assert_allclose(picture.rgb[picture.opacity > 0.99].mean(0), [0.8, 0.1, 0.1], atol=0.01)


def test_cameras_are_all_around():
    cameras = all_around(40)
    assert cameras.elevation.min().rad2deg() == pytest.approx(-20, abs=0.1)
    assert cameras.elevation.max().rad2deg() == pytest.approx(70, abs=0.1)
    gaps = np.diff(np.sort(cameras.azimuth.numpy()))
    assert gaps.max() < math.radians(30)


def test_other_ways_to_say_the_same(views, told, tmp_path):
    """One angle instead of focal lengths, suffixes left away, masks as files of their own, a lens for each frame."""
    true = read_transforms(views).pictures[3]
    angle = 2 * math.atan(told["w"] / 2 / told["fl_x"])
    frames = [{**f, "file_path": str(views.parent / f["file_path"]).removesuffix(".png")} for f in told["frames"]]
    bare = read_transforms(written(tmp_path / "a.json", {"camera_angle_x": angle, "frames": frames})).pictures[3]
    np.testing.assert_allclose(bare.focal, true.focal)
    np.testing.assert_array_equal(bare.pose, true.pose)
    Image.fromarray(np.uint8([[255, 0], [0, 0]])).resize((48, 48), 0).save(tmp_path / "mask.png")
    own = {"mask_path": "mask.png", "fl_x": 99.0, "k1": 0.1}
    single = read_transforms(written(tmp_path / "b.json", {**told, "frames": [{**f, **own} for f in frames]}))
    assert single.pictures[0].focal[0] == 99.0 and single.pictures[0].distortion[0] == 0.1
    assert single.pictures[0].opacity[:24, :24].all() and not single.pictures[0].opacity[24:].any()


def test_large_pictures_are_made_smaller_and_many_are_thinned(told, tmp_path):
    Image.new("RGB", (1000, 500), "red").save(tmp_path / "large.png")
    frames = [{"file_path": "large.png", "transform_matrix": POSE}] * (MOST + 50)
    lens = {"fl_x": 2000.0, "cx": 1000.0, "cy": 500.0, "w": 2000, "h": 1000}
    capture = read_transforms(written(tmp_path / "t.json", {**lens, "frames": frames}))
    assert len(capture.pictures) == MOST and not capture.masked
    picture = capture.pictures[0]
    assert picture.rgb.shape == (EDGE // 2, EDGE, 3)
    assert picture.focal == (EDGE, EDGE) and picture.centre == (EDGE / 2, EDGE / 4)


def test_what_is_no_list_of_pictures(views, tmp_path):
    assert lists_pictures(views)
    assert not lists_pictures(tmp_path / "none.json")
    assert not lists_pictures(written(tmp_path / "report.json", {"prompt": "a cat"}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frames": []}, "lists 0 pictures; at least 4"),
        ({"frames": "all"}, "lists 0 pictures"),
        ({"camera_model": "OPENCV_FISHEYE"}, "undistort the pictures first"),
        ({"fl_x": None}, "lacks its camera"),
        ({"fl_x": "wide"}, "lacks its camera"),
    ],
)
def test_lists_that_will_not_do(views, told, tmp_path, change, message):
    frames = [{**f, "file_path": str(views.parent / f["file_path"])} for f in told["frames"]]
    with pytest.raises(UserError, match=message):
        read_transforms(written(tmp_path / "t.json", {**told, "frames": frames, **change}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"file_path": "gone.png"}, "there is no file"),
        ({"file_path": None}, "no file_path"),
        ({"transform_matrix": [[1.0, 2.0]]}, "4 rows of 4 finite numbers"),
        ({"transform_matrix": np.full((4, 4), np.nan).tolist()}, "4 rows of 4 finite numbers"),
        ({"file_path": "broken.png"}, "cannot be read as a picture"),
    ],
)
def test_a_frame_that_will_not_do(views, told, tmp_path, change, message):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    frames = [{**f, "file_path": str(views.parent / f["file_path"])} for f in told["frames"]]
    frames[2] |= change
    with pytest.raises(UserError, match=message) as caught:
        read_transforms(written(tmp_path / "t.json", {**told, "frames": frames}))
    assert "picture 3 of" in str(caught.value)


def test_the_command_writes_pictures(tmp_path, capsys):
    part = box_part()
    write_glb(tmp_path / "box.glb", part.mesh, part.material)
    folder = tmp_path / "views"
    assert main(["views", str(tmp_path / "box.glb"), "-o", str(folder), "--count", "5", "--size", "32", "--quiet"]) == 0
    assert len(list((folder / "images").glob("*.png"))) == 5 and lists_pictures(folder / "transforms.json")
    for words, message in (
        (["views", str(tmp_path / "none.glb"), "-o", str(folder)], "there is no file"),
        (["views", str(tmp_path / "box.glb"), "-o", str(folder), "--count", "2"], "count is 2"),
    ):
        assert main(words) == 2 and message in capsys.readouterr().err
