from __future__ import annotations

import json
import os
import stat

import numpy as np
import pytest
import trimesh
from PIL import Image

from t2a.errors import UserError
from t2a.export import (
    check_glb,
    check_writable,
    mesh_report,
    place,
    read_glb,
    save_asset,
    write_glb,
    write_json,
    write_obj,
    write_ply,
    write_points,
    write_stl,
)  # fmt: skip
from t2a.export.files import replacing
from t2a.export.readback import read_document
from t2a.types import Asset, Material, Mesh, PointCloud

PROVENANCE = {"prompt": 'a "red" cube, été 紅い', "seed": 7, "model": "pocket", "version": "0.1", "guidance": 7.5}


def textured(detail=2, size=(32, 64), **changes) -> tuple[Mesh, Material]:
    shape = trimesh.creation.icosphere(detail, 0.5)
    vertices = np.asarray(shape.vertices, np.float32)
    rng = np.random.default_rng(detail)
    mesh = Mesh(
        vertices, np.asarray(shape.faces, np.int32), uvs=rng.random((len(vertices), 2)).astype(np.float32),
        normals=(vertices * 2).astype(np.float32),
    )  # fmt: skip
    return mesh.with_(**changes), Material(rng.random((*size, 3)).astype(np.float32), 0.25, 0.625)


def variants():
    mesh, material = textured()
    yield "textured", mesh, material
    yield "no normals", mesh.with_(normals=None), material
    yield "zero normals", mesh.with_(normals=mesh.normals * 0), material
    yield "no texture", mesh, Material()
    colors = np.random.default_rng(0).random((len(mesh.vertices), 3)).astype(np.float32)
    yield "vertex colours", mesh.with_(uvs=None, colors=colors), Material()
    yield "geometry", mesh.with_(uvs=None, normals=None), Material(metallic=1.0, roughness=0.0)
    yield "open", mesh.with_(faces=mesh.faces[:7]), material
    yield "many vertices", *textured(detail=7, size=(4, 4))


VARIANTS = {name: (mesh, material) for name, mesh, material in variants()}


@pytest.mark.parametrize("name", VARIANTS)
def test_valid_and_read_back_equal(name, validate, tmp_path):
    mesh, material = VARIANTS[name]
    path = write_glb(tmp_path / "a.glb", place(mesh), material, PROVENANCE, name="été")
    assert check_glb(path, place(mesh), material, PROVENANCE) == []
    issues = validate(path)["issues"]
    assert issues["numErrors"] == 0 and issues["numWarnings"] == 0, issues["messages"]
    document, _ = read_document(path)
    surface = document["materials"][0]["pbrMetallicRoughness"]
    assert surface["metallicFactor"] == material.metallic and surface["roughnessFactor"] == material.roughness
    assert len(document["nodes"]) == 1 and set(document["nodes"][0]) == {"name", "mesh"}  # identity transform
    assert document["asset"]["extras"] == PROVENANCE


def test_an_independent_reader_agrees(tmp_path):
    mesh, material = textured()
    path = write_glb(tmp_path / "a.glb", mesh, material)
    (other,) = trimesh.load(path, process=False).geometry.values()
    np.testing.assert_array_equal(other.vertices, mesh.vertices)
    np.testing.assert_array_equal(other.faces, mesh.faces)
    np.testing.assert_allclose(other.visual.uv, mesh.uvs * [1, -1] + [0, 1], atol=1e-6)  # trimesh's v points up
    assert other.visual.material.metallicFactor == 0.25 and other.visual.material.roughnessFactor == 0.625
    image = np.asarray(other.visual.material.baseColorTexture.convert("RGB"))
    np.testing.assert_array_equal(image, np.floor(material.base_color * 255 + 0.5))


def test_vertex_colours_are_stored_linear(tmp_path):
    mesh, material = VARIANTS["vertex colours"]
    path = write_glb(tmp_path / "a.glb", mesh.with_(colors=np.full_like(mesh.colors, 0.5)), material)
    document, binary = read_document(path)
    view = document["bufferViews"][document["accessors"][2]["bufferView"]]
    assert np.frombuffer(binary, "<f4", 1, view["byteOffset"])[0] == pytest.approx(0.2140411, rel=1e-5)


@pytest.mark.parametrize("change, words", [
    (lambda m: (m[0].with_(vertices=m[0].vertices + 1e-6), m[1]), "positions"),
    (lambda m: (m[0].with_(faces=m[0].faces[::-1]), m[1]), "triangles"),
    (lambda m: (m[0].with_(uvs=m[0].uvs * 0.999), m[1]), "UVs"),
    (lambda m: (m[0].with_(normals=None), m[1]), "normals"),
    (lambda m: (m[0], Material(m[1].base_color, 0.3, 0.625)), "metallic"),
    (lambda m: (m[0], Material(m[1].base_color[::-1], 0.25, 0.625)), "base colour"),
    (lambda m: (m[0], Material(None, 0.25, 0.625)), "base colour"),
])  # fmt: skip
def test_differences_are_noticed(change, words, tmp_path):
    path = write_glb(tmp_path / "a.glb", *textured())
    assert any(words in problem for problem in check_glb(path, *change(textured())))
    assert check_glb(path, *textured(), {"seed": 1}) == ["provenance differs"]


@pytest.mark.parametrize("data", [b"", b"glTF", b"glTF" + bytes(40), b"{}" * 20])
def test_damaged_files_are_refused(data, tmp_path):
    (tmp_path / "a.glb").write_bytes(data)
    with pytest.raises(UserError, match="not|damaged"):
        read_glb(tmp_path / "a.glb")


def test_placing():
    mesh, _ = textured()
    moved = mesh.with_(vertices=(mesh.vertices * [1, 3, 2] + [5, -7, 9]).astype(np.float32))
    for height, scale in ((None, 1.0), (1.8, 1.8 / 3)):
        placed = place(moved, height)
        low, high = placed.vertices.min(0), placed.vertices.max(0)
        assert low[1] == 0 and high[1] == pytest.approx(3 * scale, rel=1e-6)
        np.testing.assert_allclose((low + high)[[0, 2]], 0, atol=1e-6)
        np.testing.assert_allclose(high - low, np.ptp(moved.vertices, axis=0) * scale, rtol=1e-6)  # uniform
    np.testing.assert_allclose(place(place(moved)).vertices, place(moved).vertices, atol=1e-6)
    for height in (0, -1, float("nan"), float("inf")):
        with pytest.raises(UserError, match="height"):
            place(mesh, height)
    with pytest.raises(UserError, match="flat"):
        place(mesh.with_(vertices=mesh.vertices * [1, 0, 1]), 1.0)


def test_save_asset_writes_three_files(validate, tmp_path):
    mesh, material = textured()
    report = {"provenance": PROVENANCE, "psnr": float("inf"), "size": np.float32(1.5), "list": np.arange(3)}
    asset = Asset(mesh, material, report, contact_sheet=np.full((8, 16, 3), 0.5, np.float32))
    path = asset.save(tmp_path / "new folder" / "cube.glb")
    assert sorted(p.name for p in path.parent.iterdir()) == ["cube.glb", "cube.json", "cube.png"]
    got, got_material, provenance = read_glb(path)
    assert got.vertices[:, 1].min() == 0 and provenance == PROVENANCE
    issues = validate(path)["issues"]
    assert issues["numErrors"] == 0 and issues["numWarnings"] == 0

    def forbid(constant):
        raise AssertionError(f"{constant} is no JSON")

    saved = json.loads((path.parent / "cube.json").read_text("utf-8"), parse_constant=forbid)
    assert saved == {"provenance": PROVENANCE, "psnr": None, "size": 1.5, "list": [0, 1, 2]}
    with Image.open(path.with_suffix(".png")) as image:
        assert image.size == (16, 8)
    assert not stat.S_IMODE(path.stat().st_mode) & 0o111
    assert save_asset(asset, str(path), height=2.0) == path  # overwrites
    assert read_glb(path)[0].vertices[:, 1].max() == pytest.approx(2.0)
    Asset(mesh, material, {"height": 3.0}).save(path)
    assert read_glb(path)[0].vertices[:, 1].max() == pytest.approx(3.0)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_unwritable_places_are_said_up_front(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for path in (file / "a.glb", tmp_path, tmp_path / ("x" * 300 + ".glb")):
        with pytest.raises(UserError):
            check_writable(path)
    with pytest.raises(UserError, match="cannot write"):
        write_json(file / "a.json", {})
    if os.name != "nt" and os.geteuid():  # root may write anywhere
        tmp_path.chmod(0o500)
        with pytest.raises(UserError, match="cannot write"):
            check_writable(tmp_path / "a.glb")
        tmp_path.chmod(0o700)
    assert check_writable(tmp_path / "deep" / "er" / "a.glb").parent.is_dir()
    with pytest.raises(UserError, match=r"\.glb"):
        save_asset(Asset(*textured(), {}), tmp_path / "a.fbx")


@pytest.mark.parametrize("mesh, words", [
    (textured()[0].with_(faces=np.zeros((0, 3), np.int32)), "empty"),
    (textured()[0].with_(vertices=textured()[0].vertices * np.nan), "NaN"),
    (textured()[0].with_(faces=textured()[0].faces + 10**6), "names vertex"),
])  # fmt: skip
@pytest.mark.parametrize("write", ["glb", "obj", "ply", "stl"])
def test_meshes_that_cannot_be_written(mesh, words, write, tmp_path):
    path = tmp_path / f"a.{write}"
    with pytest.raises(UserError, match=words):
        {
            "glb": lambda: write_glb(path, mesh, Material()), "obj": lambda: write_obj(path, mesh, Material()),
            "ply": lambda: write_ply(path, mesh), "stl": lambda: write_stl(path, mesh),
        }[write]()  # fmt: skip
    assert not path.exists()


def test_obj_ply_and_stl_read_back(tmp_path):
    mesh, material = textured()
    colors = np.random.default_rng(0).random((len(mesh.vertices), 3)).astype(np.float32)
    other = trimesh.load(write_obj(tmp_path / "my cube.obj", mesh, material), process=False)
    np.testing.assert_allclose(other.vertices[other.faces], mesh.vertices[mesh.faces], atol=1e-6)
    np.testing.assert_allclose(other.visual.uv[other.faces], (mesh.uvs * [1, -1] + [0, 1])[mesh.faces], atol=1e-6)
    assert other.visual.material.image.size == (64, 32)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["my cube.obj", "my_cube.mtl", "my_cube.png"]
    other = trimesh.load(write_ply(tmp_path / "a.ply", mesh.with_(colors=colors)), process=False)
    np.testing.assert_array_equal(other.vertices.astype(np.float32), mesh.vertices)
    np.testing.assert_array_equal(other.faces, mesh.faces)
    np.testing.assert_array_equal(other.visual.vertex_colors[:, :3], np.floor(colors * 255 + 0.5))
    other = trimesh.load(write_stl(tmp_path / "a.stl", mesh))
    assert other.is_watertight and other.volume > 0
    expected = np.ptp(mesh.vertices, axis=0)[[0, 2, 1]] * 1000
    np.testing.assert_allclose(other.extents, expected, rtol=1e-5)


@pytest.mark.parametrize("colored", [False, True])
def test_a_cloud_reads_back(tmp_path, colored):
    rng = np.random.default_rng(0)
    cloud = PointCloud(rng.random((50, 3)).astype(np.float32), rng.random((50, 3)) if colored else None)
    found = trimesh.load(write_points(tmp_path / "a.ply", cloud))
    assert isinstance(found, trimesh.PointCloud)
    np.testing.assert_array_equal(found.vertices.astype(np.float32), cloud.points)
    if colored:
        np.testing.assert_array_equal(found.colors[:, :3], np.floor(cloud.colors * 255 + 0.5))
    with pytest.raises(UserError, match="nothing to export"):
        write_points(tmp_path / "b.ply", PointCloud(np.zeros((0, 3), np.float32)))
    assert not (tmp_path / "b.ply").exists()


def test_report_passes_a_good_asset_and_names_faults():
    mesh, material = textured()
    good = mesh_report(
        mesh, material, face_budget=1000, uv_coverage=0.6, uv_overlap=0.0, psnr=31.0, silhouette_iou=0.97
    )
    assert good["passed"] and good["failed"] == []
    assert (good["triangles"], good["components"], good["euler"], good["watertight"]) == (320, 1, 2, True)
    assert good["texture_size"] == [64, 32]
    assert good["volume"] == pytest.approx(4 / 3 * np.pi * 0.125, rel=0.05)
    json.dumps(good, allow_nan=False)
    worse = mesh.with_(faces=mesh.faces[:-1], uvs=mesh.uvs + 1)
    bad = mesh_report(
        worse, Material(np.zeros((30, 64, 3))), face_budget=12, uv_coverage=0.1, uv_overlap=0.2, psnr=20.0
    )
    assert {f["check"] for f in bad["failed"]} == {
        "watertight", "face_budget", "uv_range", "uv_coverage", "uv_overlap", "texture_size", "psnr",
    }  # fmt: skip
    assert not bad["passed"] and all(f["limit"] and f["why"] for f in bad["failed"])
    assert mesh_report(worse.with_(uvs=None), Material(), watertight_expected=False)["passed"]
    inside_out = mesh_report(mesh.with_(faces=mesh.faces[:, ::-1]), Material())
    assert [f["check"] for f in inside_out["failed"]] == ["outward"]
    nothing = mesh_report(Mesh(mesh.vertices[:0], mesh.faces[:0]), Material())
    assert not nothing["passed"]


def test_seams_do_not_count_as_holes():
    mesh, material = textured()
    soup = Mesh(mesh.vertices[mesh.faces].reshape(-1, 3), np.arange(3 * len(mesh.faces)).reshape(-1, 3))
    report = mesh_report(soup, material)
    assert report["watertight"] and report["components"] == 1 and report["positions"] == len(mesh.vertices)
