from __future__ import annotations

import numpy as np
import pytest
import trimesh

from t2a.errors import UserError
from t2a.mesh.clean import clean, fill_holes, taubin
from t2a.mesh.extract import signed_volume
from t2a.mesh.topology import topology
from t2a.types import Mesh


def mesh_of(shape: trimesh.Trimesh) -> Mesh:
    return Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces, np.int32))


def ball(radius=0.5, centre=(0, 0, 0), detail=3) -> Mesh:
    shape = trimesh.creation.icosphere(detail, radius)
    shape.apply_translation(centre)
    return mesh_of(shape)


def join(*meshes: Mesh) -> Mesh:
    offsets = np.cumsum([0] + [len(m.vertices) for m in meshes])
    return Mesh(
        np.concatenate([m.vertices for m in meshes]),
        np.concatenate([m.faces + o for m, o in zip(meshes, offsets, strict=False)]),
    )


def test_clean_leaves_a_clean_mesh_alone():
    before = ball()
    after = clean(before)
    assert sorted(map(tuple, after.vertices[after.faces].reshape(-1, 9).tolist())) == sorted(
        map(tuple, before.vertices[before.faces].reshape(-1, 9).tolist())
    )


def test_floaters_go_and_bodies_stay():
    two = join(ball(0.4, (-0.5, 0, 0)), ball(0.25, (0.6, 0, 0)))
    dust = [ball(0.02, (0, y, 0.5), 1) for y in (-0.5, 0.0, 0.7)]
    cleaned = clean(join(*dust, two))
    assert topology(cleaned).components == 2
    assert signed_volume(cleaned) == pytest.approx(signed_volume(two), rel=1e-4)
    assert topology(clean(join(*dust, two), min_volume=0.0)).components == 5


def test_what_nobody_sees_goes():
    cavity = ball(0.3)
    cavity = cavity.with_(faces=cavity.faces[:, ::-1])
    shell = join(ball(0.5), cavity, ball(0.2))
    assert topology(clean(shell)).components == 1
    assert topology(clean(shell, hidden=True)).components == 3


def test_holes_are_closed():
    whole = ball()
    rng = np.random.default_rng(0)
    cut = whole.with_(faces=np.delete(whole.faces, rng.choice(len(whole.faces), 40, replace=False), axis=0))
    assert not topology(cut).watertight
    closed = clean(cut)
    assert topology(closed).watertight and topology(closed).euler == 2
    assert signed_volume(closed) == pytest.approx(signed_volume(whole), rel=0.05)
    assert not topology(clean(cut, close=False)).watertight


def test_a_large_opening_is_closed_too():
    half = ball()
    half = half.with_(faces=half.faces[half.vertices[half.faces].mean(1)[:, 1] < 0.1])
    assert topology(fill_holes(half)).watertight


@pytest.mark.parametrize("seed", range(3))
def test_winding_is_made_consistent_and_outward(seed):
    shape = join(ball(), ball(0.3, (1, 0, 0)))
    flip = np.random.default_rng(seed).random(len(shape.faces)) < 0.4
    shape.faces[flip] = shape.faces[flip][:, ::-1]
    cleaned = clean(shape)
    assert topology(cleaned).watertight and topology(cleaned).components == 2
    assert signed_volume(cleaned) == pytest.approx(signed_volume(join(ball(), ball(0.3, (1, 0, 0)))), rel=1e-5)


def test_inside_out_is_turned():
    shape = ball()
    assert signed_volume(clean(shape.with_(faces=shape.faces[:, ::-1]))) > 0


def test_rubbish_is_removed():
    shape = ball()
    vertices = np.concatenate([shape.vertices, shape.vertices[:5], [[np.nan, 0, 0]], [[9, 9, 9]]]).astype(np.float32)
    n = len(shape.vertices)
    rubbish = [[0, 0, 1], [3, 4, n + 5], shape.faces[7], shape.faces[9][::-1], [n, 0, 1]]
    cleaned = clean(Mesh(vertices, np.concatenate([shape.faces, rubbish]).astype(np.int32)))
    assert topology(cleaned) == topology(shape)
    assert len(cleaned.vertices) == n


def test_a_fin_on_an_edge_is_removed():
    shape = ball()
    a, b, _ = shape.faces[0]
    vertices = np.concatenate([shape.vertices, shape.vertices[[a]] * 1.01]).astype(np.float32)
    fin = Mesh(vertices, np.concatenate([shape.faces, [[a, b, len(shape.vertices)]]]).astype(np.int32))
    assert topology(fin).bad_edges == 1
    assert topology(clean(fin)).watertight


def test_bodies_touching_in_a_point_become_two():
    one = trimesh.creation.box((1, 1, 1))
    two = one.copy()
    two.apply_translation((1, 1, 1))
    cleaned = clean(join(mesh_of(one), mesh_of(two)))
    now = topology(cleaned)
    assert now.watertight and now.components == 2 and now.euler == 4


def test_taubin_smooths_without_shrinking():
    shape = ball(detail=4)
    noise = np.random.default_rng(0).normal(0, 0.004, shape.vertices.shape)
    rough = shape.with_(vertices=(shape.vertices + noise).astype(np.float32))
    smooth = taubin(rough, 10)

    def roughness(mesh):
        return np.linalg.norm(mesh.vertices, axis=1).std()

    assert roughness(smooth) < 0.5 * roughness(rough)
    assert signed_volume(smooth) == pytest.approx(signed_volume(shape), rel=0.01)


@pytest.mark.parametrize("mesh, words", [
    (Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)), "no triangles"),
    (Mesh(np.full((3, 3), np.nan, np.float32), np.array([[0, 1, 2]])), "finite"),
    (Mesh(np.zeros((3, 3), np.float32), np.array([[0, 1, 2]])), "empty after cleaning"),
    (Mesh(np.zeros((3, 3), np.float32), np.array([[0, 1, 7]])), "damaged"),
])  # fmt: skip
def test_nothing_left_is_said(mesh, words):
    with pytest.raises(UserError, match=words):
        clean(mesh)


@pytest.mark.parametrize("kwargs", [{"min_volume": 1.5}, {"smooth": -1}])
def test_options_out_of_range(kwargs):
    with pytest.raises(UserError, match="must"):
        clean(ball(), **kwargs)
