from __future__ import annotations

import json
import math
import sys

import numpy as np
import pytest
import torch
import trimesh

from t2a.config import SceneConfig
from t2a.errors import MissingExtra, UserError
from t2a.mesh.primitives import Primitive, parse_primitive, primitives_mesh, rotation_matrix
from t2a.mesh.read import read_mesh, read_textured_mesh
from t2a.mesh.topology import topology
from t2a.scene import NeRFScene
from t2a.scene.guide import (
    MOST_FACES,
    centred,
    guide_density,
    guide_from_mesh,
    load_guide,
    outward,
    signed_distance_and_winding,
)
from t2a.types import Mesh


def mesh_of(*shapes: trimesh.Trimesh) -> Mesh:
    whole = trimesh.util.concatenate(list(shapes))
    return Mesh(np.asarray(whole.vertices, np.float32), np.asarray(whole.faces, np.int32))


def random_points(count: int = 400, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (count, 3))


def box_distance(p: np.ndarray, half: np.ndarray) -> np.ndarray:
    q = np.abs(p) - half
    return np.linalg.norm(np.maximum(q, 0), axis=1) + np.minimum(q.max(1), 0)


def cylinder_distance(p: np.ndarray, radius: float, half: float) -> np.ndarray:
    q = np.stack([np.hypot(p[:, 0], p[:, 2]) - radius, np.abs(p[:, 1]) - half], 1)
    return np.linalg.norm(np.maximum(q, 0), axis=1) + np.minimum(q.max(1), 0)


@pytest.mark.parametrize(
    ("primitive", "distance", "tolerance"),
    [
        (Primitive("box", (1.0, 0.6, 0.8)), lambda p: box_distance(p, np.array([0.5, 0.3, 0.4])), 1e-5),
        (Primitive("sphere", (1.2, 1.2, 1.2)), lambda p: np.linalg.norm(p, axis=1) - 0.6, 0.01),
        (Primitive("cylinder", (0.8, 1.2, 0.8)), lambda p: cylinder_distance(p, 0.4, 0.6), 0.002),
        (
            Primitive("box", (1.0, 0.6, 0.8), (0.1, 0.2, 0.0), (0, 0, 90)),
            lambda p: box_distance(p - [0.1, 0.2, 0], np.array([0.3, 0.5, 0.4])),
            1e-5,
        ),
    ],
    ids=["box", "sphere", "cylinder", "turned box"],
)
def test_signed_distance_of_primitives_is_analytic(primitive, distance, tolerance):
    mesh = primitives_mesh([primitive])
    found, winding = signed_distance_and_winding(mesh, random_points())
    expected = distance(random_points())
    np.testing.assert_allclose(found, expected, atol=tolerance)
    clear = np.abs(expected) > 0.02
    np.testing.assert_allclose(winding[clear], (expected < 0)[clear], atol=0.02)
    assert topology(mesh).watertight


def test_a_cone_stands_on_its_base():
    mesh = primitives_mesh([Primitive("cone", (1.0, 1.0, 1.0))])
    p = random_points() * 0.6
    inside = signed_distance_and_winding(mesh, p)[0] < 0
    radius = 0.5 * (0.5 - p[:, 1])
    gap = np.abs(np.hypot(p[:, 0], p[:, 2]) - radius) > 0.01
    expected = (np.hypot(p[:, 0], p[:, 2]) < radius) & (np.abs(p[:, 1]) < 0.5)
    np.testing.assert_array_equal(inside[gap], expected[gap])
    assert topology(mesh).watertight


def test_an_open_box_is_inside_by_the_solid_angle_it_covers():
    shape = trimesh.creation.box()
    shape.update_faces(shape.triangles_center[:, 1] < 0.49)
    mesh = mesh_of(shape)
    assert len(mesh.faces) == 10
    points = np.array([[0.0, 0, 0], [0, 5.0, 0], [0, -0.4, 0]])
    distance, winding = signed_distance_and_winding(outward(mesh), points)
    assert winding[0] == pytest.approx(5 / 6, abs=0.01), "one of six equal faces is missing"
    assert distance[0] == pytest.approx(-0.5) and distance[1] > 0 and winding[2] > 0.9


def test_two_intersecting_spheres_add_up():
    parts = [trimesh.creation.icosphere(3, 0.5).apply_translation([x, 0, 0]) for x in (-0.3, 0.3)]
    points = np.array([[0, 0, 0], [-0.6, 0, 0], [0.6, 0, 0], [0, 0.7, 0]], float)
    distance, winding = signed_distance_and_winding(mesh_of(*parts), points)
    np.testing.assert_allclose(winding, [2, 1, 1, 0], atol=0.02)
    assert (distance[:3] < 0).all() and distance[3] > 0


def test_pieces_that_face_inwards_are_turned():
    good, bad = trimesh.creation.icosphere(2, 0.3), trimesh.creation.icosphere(2, 0.3)
    bad.invert()
    mesh = mesh_of(good.apply_translation([-0.5, 0, 0]), bad.apply_translation([0.5, 0, 0]))
    points = np.array([[-0.5, 0, 0], [0.5, 0, 0]], float)
    np.testing.assert_allclose(signed_distance_and_winding(mesh, points)[1], [1, -1], atol=0.02)
    np.testing.assert_allclose(signed_distance_and_winding(outward(mesh), points)[1], [1, 1], atol=0.02)
    np.testing.assert_array_equal(outward(mesh).vertices, mesh.vertices)


@pytest.fixture(scope="module")
def sphere():
    """Of radius 0.7 after placing."""
    return guide_from_mesh(mesh_of(trimesh.creation.icosphere(3, 20.0).apply_translation([5, 6, 7])), resolution=24)


def test_a_guide_is_centred_scaled_and_looked_up(sphere):
    assert np.linalg.norm(sphere.mesh.vertices, axis=1).max() == pytest.approx(0.7, abs=1e-5)
    x = torch.from_numpy(random_points(2000)).float()
    distance, winding = sphere.lookup(x)
    expected = x.norm(dim=-1) - 0.7
    away = expected.abs() > 0.1
    # Trilinear interpolation flattens the kink at the centre.
    assert (distance - expected).abs()[x.norm(dim=-1) > 0.2].max() < 0.02
    torch.testing.assert_close(winding[away], (expected < 0).float()[away], atol=0.02, rtol=0)
    nodes = torch.linspace(-1, 1, 25)
    corner = torch.stack([nodes[3], nodes[10], nodes[20]])[None]
    torch.testing.assert_close(sphere.lookup(corner)[0][0], sphere.distance[3, 10, 20])
    assert sphere.lookup(torch.tensor([[5.0, 0, 0]]))[0].isfinite().all()


def test_a_larger_cube_scales_the_guide():
    mesh = centred(mesh_of(trimesh.creation.box((3, 1, 1))), 0.7 * 2)
    assert np.linalg.norm(mesh.vertices, axis=1).max() == pytest.approx(1.4, abs=1e-5)
    np.testing.assert_allclose(mesh.vertices.min(0), -mesh.vertices.max(0), atol=1e-6)


def test_the_initial_density_fills_the_guide(sphere):
    start = guide_density(sphere, height=10, softness=0.05)
    x = torch.tensor([[0.0, 0, 0], [0.5, 0, 0], [0.9, 0, 0], [0, 0, 0.7]])
    raw = start(x)
    assert raw[0] > 9.9 and raw[1] > 9 and raw[2] < -9 and abs(raw[3]) < 3
    scene = NeRFScene(SceneConfig(levels=2, log2_table_size=8), initialisation=start)
    density = scene.field.density(x)
    assert density[0] > 9 and density[2] < 0.01
    assert any(name.endswith("initialisation.values") for name in scene.state_dict())
    with pytest.raises(UserError, match="softness is 0"):
        guide_density(sphere, softness=0)


@pytest.mark.parametrize("suffix", ["obj", "ply", "stl", "glb"])
def test_every_mesh_format_makes_the_same_guide(tmp_path, suffix):
    shape = trimesh.creation.box((2.0, 1.0, 0.5))
    shape.export(tmp_path / f"guide.{suffix}")
    guide = load_guide(tmp_path / f"guide.{suffix}", resolution=8)
    extent = guide.mesh.vertices.max(0) - guide.mesh.vertices.min(0)
    np.testing.assert_allclose(extent, np.array([2, 1, 0.5]) * 1.4 / np.linalg.norm([2, 1, 0.5]), atol=1e-5)
    assert guide.distance[4, 4, 4] < 0 < guide.distance[0, 0, 0]
    turned = load_guide(tmp_path / f"guide.{suffix}", resolution=8, up="z")
    np.testing.assert_allclose(turned.mesh.vertices.max(0), guide.mesh.vertices.max(0)[[0, 2, 1]], atol=1e-6)


def test_scenes_keep_their_placement_uvs_and_texture(tmp_path):
    uv = np.array([[0, 0], [1, 0], [0, 1.0]])
    from PIL import Image

    image = Image.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))
    visual = trimesh.visual.TextureVisuals(uv=uv, material=trimesh.visual.material.PBRMaterial(baseColorTexture=image))
    part = trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]], visual=visual, process=False)
    scene = trimesh.Scene()
    scene.add_geometry(part)
    scene.add_geometry(part, transform=trimesh.transformations.translation_matrix([0, 0, 5]))
    scene.export(tmp_path / "two.glb")
    mesh, material = read_textured_mesh(tmp_path / "two.glb")
    assert sorted(set(mesh.vertices[:, 2].tolist())) == [0, 5] and len(mesh.faces) == 2
    corner = np.flatnonzero((mesh.vertices == [0, 1, 0]).all(1))[0]
    np.testing.assert_allclose(mesh.uvs[corner], [0, 0])  # trimesh's v = 1 is the top, which glTF calls 0
    np.testing.assert_allclose(material.base_color, np.asarray(image, np.float32) / 255)


def test_primitives_from_yaml_and_json(tmp_path):
    parts = [
        {"shape": "box", "size": [1, 0.2, 1], "position": [0, 0.5, 0]},
        {"shape": "cylinder", "size": [0.1, 1, 0.1]},
        {"shape": "cone", "size": 0.5, "rotation": [0, 0, 180]},
        {"shape": "sphere"},
    ]
    (tmp_path / "table.json").write_text(json.dumps(parts))
    (tmp_path / "table.yaml").write_text("- {shape: box, size: [1, 0.2, 1], position: [0, 0.5, 0]}\n- shape: sphere\n")
    guide = load_guide(tmp_path / "table.json", resolution=8)
    assert topology(guide.mesh).components == 4
    assert topology(load_guide(tmp_path / "table.yaml", resolution=8).mesh).components == 2


def test_rotations_turn_about_x_then_y_then_z():
    np.testing.assert_allclose(rotation_matrix((90, 0, 0)) @ [0, 1, 0], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(rotation_matrix((0, 90, 0)) @ [0, 0, 1], [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(rotation_matrix((90, 90, 0)) @ [0, 1, 0], [1, 0, 0], atol=1e-12)
    assert np.linalg.det(rotation_matrix((10, 20, 30))) == pytest.approx(1)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("box", "must be a mapping"),
        ({"shape": "pyramid"}, "choose one of: box, sphere, cylinder, cone"),
        ({"shape": "box", "sise": 1}, "did you mean 'size'"),
        ({"shape": "box", "size": [1, 0, 1]}, "above 0"),
        ({"shape": "box", "size": [1, 1]}, "three numbers"),
        ({"shape": "box", "position": [0, math.nan, 0]}, "three numbers"),
        ({"shape": "box", "rotation": "90"}, "three numbers"),
    ],
)
def test_bad_primitives_are_one_sentence(entry, message):
    with pytest.raises(UserError, match=message):
        parse_primitive(entry)


def test_unreadable_guides_are_one_sentence(tmp_path):
    def refused(name: str, content: bytes | None, message: str) -> None:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(UserError, match=message) as caught:
            load_guide(path)
        assert "\n" not in str(caught.value)

    refused("none.obj", None, "there is no file")
    refused("none.yaml", None, "there is no file")
    refused("a.txt", b"hello", "not a mesh file")
    refused("broken.glb", b"glTF nonsense", "cannot be read")
    refused("points.obj", b"v 0 0 0\nv 1 0 0\n", "no triangles|cannot be read")
    refused("nan.obj", b"v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "NaN|cannot be read")
    refused("dot.obj", b"v 1 0 0\nv 1 0 0\nv 1 0 0\nf 1 2 3\n", "single point")
    refused("bad.yaml", b"- {shape: box", "cannot be read as YAML")
    refused("empty.yaml", b"", "must be a list")
    refused("one.json", b'[{"shape": "box"}, {"shape": "blob"}]', "primitive 2 of")
    with pytest.raises(UserError, match="up axis"):
        load_guide(tmp_path / "a.obj", up="x")
    with pytest.raises(UserError, match="size is 2"):
        guide_from_mesh(mesh_of(trimesh.creation.box()), size=2)
    with pytest.raises(UserError, match="between 8 and 256"):
        guide_from_mesh(mesh_of(trimesh.creation.box()), resolution=1000)
    with pytest.raises(UserError, match="no triangles"):
        guide_from_mesh(Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)))


def test_without_libigl_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "igl", None)
    with pytest.raises(MissingExtra, match=r"pip install 't2a\[shape\]'"):
        guide_from_mesh(mesh_of(trimesh.creation.box()), resolution=8)


def test_reading_keeps_positions_as_they_are(tmp_path):
    shape = trimesh.creation.icosphere(1, 0.3).apply_translation([1, 2, 3])
    shape.export(tmp_path / "a.ply")
    mesh = read_mesh(tmp_path / "a.ply")
    np.testing.assert_array_equal(mesh.vertices, np.asarray(shape.vertices, np.float32))
    assert mesh.uvs is None and mesh.faces.dtype == np.int32


def written(folder, name: str, mesh: trimesh.Trimesh) -> str:
    mesh.export(folder / name)
    return str(folder / name)


def squashed(thickness: float) -> trimesh.Trimesh:
    mesh = trimesh.creation.box()
    mesh.vertices[:, 2] *= thickness
    return mesh


SHEET = trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], [[0, 1, 2], [0, 2, 3]], process=False)


@pytest.mark.parametrize("mesh", [SHEET, squashed(1e-4), squashed(0.0)], ids=["sheet", "leaf", "flattened box"])
def test_what_is_too_thin_for_the_grid_is_as_thick_as_it_can_hold(tmp_path, mesh):
    guide = load_guide(written(tmp_path, "thin.ply", mesh), resolution=48)
    start, middle = guide_density(guide, height=4.0), torch.tensor([[0.2, 0.1, 0.0], [-0.3, 0.2, 0.0]])
    assert (start(middle) > 0).all() and (guide.lookup(middle)[1] > 0.9).all()
    beside = middle + torch.tensor([0.0, 0.0, 0.12])
    assert (start(beside) < -2).all() and (guide.lookup(beside)[1] < 0.5).all()


def test_what_is_thick_enough_stays_as_it_is():
    ball = trimesh.creation.icosphere(4, 1.0)
    guide = guide_from_mesh(mesh_of(ball), resolution=48)
    axis = torch.linspace(-1, 1, 49)
    radius = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")).norm(dim=0)
    torch.testing.assert_close(guide.distance, radius - 0.7, atol=5e-3, rtol=0)


@pytest.mark.parametrize("scale, shift", [(1e5, 1e7), (1e-3, 0.0)], ids=["100 km, far away", "1 mm"])
def test_size_and_place_do_not_matter(tmp_path, scale, shift):
    box = trimesh.creation.box((1, 2, 1))
    plain = guide_from_mesh(mesh_of(box), resolution=24)
    box.vertices = box.vertices * scale + shift
    box.export(tmp_path / "box.stl")
    guide = load_guide(tmp_path / "box.stl", resolution=24)
    torch.testing.assert_close(guide.distance, plain.distance, atol=1e-2, rtol=0)


def test_triangles_without_area_edges_of_four_and_lost_textures_do_no_harm(tmp_path):
    box = trimesh.creation.box()
    flat = trimesh.Trimesh(box.vertices, np.vstack([box.faces, [[0, 0, 1], [2, 2, 2]]]), process=False)
    two = trimesh.util.concatenate([box, box.copy().apply_translation([1, 1, 0])])
    two.merge_vertices()
    corners = "\n".join("v {} {} {}".format(*vertex) for vertex in box.vertices)
    faces = "\n".join("f {}/1 {}/1 {}/1".format(*(face + 1)) for face in box.faces)
    (tmp_path / "lost.obj").write_text(f"mtllib lost.mtl\nusemtl x\n{corners}\nvt 0 0\n{faces}\n", encoding="utf-8")
    (tmp_path / "lost.mtl").write_text("newmtl x\nmap_Kd gone.png\n", encoding="utf-8")
    for path in (written(tmp_path, "f.ply", flat), written(tmp_path, "two.obj", two), tmp_path / "lost.obj"):
        guide = load_guide(path, resolution=24)
        assert guide.distance.isfinite().all() and 0.015 < (guide.winding > 0.5).float().mean() < 0.1


@pytest.mark.slow
def test_two_million_triangles_are_simplified_first(tmp_path):
    ball = trimesh.creation.icosphere(8, 1.0)
    large = trimesh.util.concatenate([ball, trimesh.creation.icosphere(8, 0.5)])
    assert len(large.faces) > 2_000_000
    guide = load_guide(written(tmp_path, "large.ply", large), resolution=48)
    assert len(guide.mesh.faces) <= MOST_FACES
    axis = torch.linspace(-1, 1, 49)
    radius = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")).norm(dim=0)
    apart = (guide.distance - (radius - 0.7)).abs()[(radius - 0.7).abs() < 0.1]
    assert apart.max() < 0.01
