"""Point clouds from files: every format says the same points, and bad ones say what is wrong."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from PIL import Image

from t2a.errors import UserError
from t2a.mesh.read_cloud import MOST, SAMPLES, read_cloud, spacing


@pytest.fixture
def table() -> np.ndarray:
    """[count, 6]: points about the origin and colours from 0 to 255."""
    rng = np.random.default_rng(3)
    points = rng.uniform(-1, 1, (100, 3))
    points[:2] = [[-1, -1, -1], [1, 1, 1]]  # so that the box's middle is the origin
    return np.hstack([points, rng.integers(0, 256, (100, 3))])


def write(path, table):
    points, colors = table[:, :3], table[:, 3:]
    match path.name:
        case "plain.xyz":
            np.savetxt(path, table)
        case "headed.csv":
            np.savetxt(path, table, delimiter=",", header="x,y,z,r,g,b", comments="")
        case "unit.txt":
            np.savetxt(path, np.hstack([points, colors / 255]), header="a comment")
        case "table.npy":
            np.save(path, table)
        case "arrays.npz":
            np.savez(path, points=points, colors=colors / 255)
        case "point_e.npz":
            np.savez(path, coords=points, **{c: colors[:, i] / 255 for i, c in enumerate("RGB")})
        case "cloud.ply":
            trimesh.PointCloud(points, colors.astype(np.uint8)).export(path)


@pytest.mark.parametrize(
    "name", ["plain.xyz", "headed.csv", "unit.txt", "table.npy", "arrays.npz", "point_e.npz", "cloud.ply"]
)
def test_every_format_says_the_same(tmp_path, table, name):
    write(tmp_path / name, table)
    cloud = read_cloud(tmp_path / name)
    np.testing.assert_allclose(cloud.points, table[:, :3], atol=1e-6)
    np.testing.assert_allclose(cloud.colors, table[:, 3:] / 255, atol=1e-6)


def test_a_cloud_may_have_no_colours(tmp_path, table):
    np.savetxt(tmp_path / "a.xyz", table[:, :3])
    trimesh.PointCloud(table[:, :3]).export(tmp_path / "a.ply")
    assert read_cloud(tmp_path / "a.xyz").colors is None
    assert read_cloud(tmp_path / "a.ply").colors is None


def test_survey_coordinates_keep_their_digits(tmp_path, table):
    far = table[:, :3] + [4_500_000.0, 5_300_000.0, 200.0]
    np.savetxt(tmp_path / "a.xyz", far, fmt="%.9f")
    np.testing.assert_allclose(read_cloud(tmp_path / "a.xyz").points, table[:, :3], atol=1e-6)


def test_large_clouds_are_thinned_and_the_seed_says_how(tmp_path):
    np.save(tmp_path / "a.npy", np.random.default_rng(0).uniform(-1, 1, (MOST + 5000, 3)))
    first, again, other = (read_cloud(tmp_path / "a.npy", seed).points for seed in (1, 1, 2))
    assert len(first) == MOST and np.array_equal(first, again) and not np.array_equal(first, other)


def test_a_mesh_is_sampled_evenly_in_its_colours(tmp_path):
    box = trimesh.creation.box((2, 1, 1))
    box.visual.face_colors = [200, 100, 0, 255]
    box.export(tmp_path / "box.ply")
    cloud = read_cloud(tmp_path / "box.ply")
    assert SAMPLES <= len(cloud.points) <= SAMPLES + 10
    np.testing.assert_allclose(cloud.colors, np.tile([200 / 255, 100 / 255, 0], (len(cloud.colors), 1)), atol=0.01)
    on_top = np.isclose(cloud.points[:, 1], 0.5, atol=1e-4).mean()
    assert abs(on_top - 2 / 10) < 0.01, "a face's share of the points is its share of the area"


def test_a_textured_mesh_is_sampled_in_its_texture(tmp_path):
    picture = Image.fromarray(np.array([[[255, 0, 0], [0, 0, 255]]] * 2, np.uint8).repeat(16, 0).repeat(16, 1))
    quad = trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], [[0, 1, 2], [0, 2, 3]], process=False)
    quad.visual = trimesh.visual.TextureVisuals(uv=[[0, 0], [1, 0], [1, 1], [0, 1]], image=picture)
    quad.export(tmp_path / "quad.glb")
    cloud = read_cloud(tmp_path / "quad.glb")
    left = cloud.points[:, 0] < -0.05
    right = cloud.points[:, 0] > 0.05
    np.testing.assert_allclose(cloud.colors[left], np.tile([1, 0, 0], (left.sum(), 1)), atol=0.02)
    np.testing.assert_allclose(cloud.colors[right], np.tile([0, 0, 1], (right.sum(), 1)), atol=0.02)


def test_a_mesh_with_a_plain_material_has_its_colour(tmp_path):
    ball = trimesh.creation.icosphere(2)
    material = trimesh.visual.material.PBRMaterial(baseColorFactor=[0, 255, 0, 255])
    ball.visual = trimesh.visual.TextureVisuals(material=material)
    ball.export(tmp_path / "ball.glb")
    np.testing.assert_allclose(read_cloud(tmp_path / "ball.glb").colors.mean(0), [0, 1, 0], atol=0.02)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xyz", "0 0 0\n1 1 1\n2 0 1\n", "has 3 points; at least 16"),
        ("a.xyz", "0 0 0\n" * 20, "all its points in one place"),
        ("a.xyz", "0 0 nan\n" + "1 2 3\n4 5 6\n" * 20, "has 1 points of 41 that are NaN"),
        ("a.xyz", "1 2\n" * 20, "no table of points"),
        ("a.xyz", "1 2 3\n" * 20 + "1 2 x\n", "no table of points"),
        ("a.xyz", "", "no table of points"),
        ("a.npz", "not a zip", "cannot be read as points"),
        ("a.ply", "ply\nformat", "cannot be read"),
        ("a.step", "ISO", "use one of: .xyz"),
    ],
)
def test_bad_files_say_what_is_wrong(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=message):
        read_cloud(tmp_path / name)


def test_arrays_with_other_names_and_pickles_are_refused(tmp_path):
    with pytest.raises(UserError, match="there is no file"):
        read_cloud(tmp_path / "nothing.xyz")
    np.savez(tmp_path / "a.npz", vertices=np.zeros((20, 3)))
    with pytest.raises(UserError, match=r"has the arrays vertices; `points`"):
        read_cloud(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", points=np.array([{"a": 1}], dtype=object))
    with pytest.raises(UserError, match="cannot be read as points"):
        read_cloud(tmp_path / "b.npz")
    np.savez(tmp_path / "c.npz", points=np.random.default_rng(0).random((20, 3)), colors=np.zeros((3, 3)))
    with pytest.raises(UserError, match="one finite red, green and blue"):
        read_cloud(tmp_path / "c.npz")


def test_spacing_is_a_grids():
    axis = np.arange(6) * 0.1
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    assert spacing(grid) == pytest.approx(0.1)
