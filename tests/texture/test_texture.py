from __future__ import annotations

import sys

import numpy as np
import pytest
import trimesh

from t2a.cameras import orbit, turntable
from t2a.errors import UserError
from t2a.mesh.clean import clean
from t2a.mesh.decimate import decimate
from t2a.mesh.extract import extract_mesh
from t2a.mesh.render import psnr, render_mesh, sample_texture
from t2a.mesh.topology import topology
from t2a.texture.bake import bake, end_depths, vertex_colors
from t2a.texture.dilate import dilate
from t2a.texture.unwrap import padding_for, unwrap
from t2a.texture.uv_raster import measure_uv, rasterize_uv, rasterize_uv_reference
from t2a.types import Mesh
from tests.mesh.analytic_fields import Field, snowman, sphere, volume_render


def mesh_of(shape: trimesh.Trimesh) -> Mesh:
    return Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces, np.int32))


def square(*corners, faces=((0, 1, 2), (0, 2, 3))) -> Mesh:
    uvs = np.array(corners, np.float32)
    return Mesh(np.pad(uvs, ((0, 0), (0, 1))), np.array(faces, np.int32), uvs=uvs)


UNIT = ((0, 0), (1, 0), (1, 1), (0, 1))


@pytest.fixture(scope="module")
def ball() -> Mesh:
    return unwrap(mesh_of(trimesh.creation.icosphere(3, 0.6)), 256)


def test_unwrap_changes_nothing_but_uvs(ball):
    plain = mesh_of(trimesh.creation.icosphere(3, 0.6))
    assert topology(ball) == topology(plain)

    def triangles(mesh):
        return sorted(map(tuple, mesh.vertices[mesh.faces].reshape(-1, 9).tolist()))

    assert triangles(ball) == triangles(plain)
    np.testing.assert_allclose(np.linalg.norm(ball.normals, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(ball.normals, ball.vertices / 0.6, atol=0.05)


@pytest.mark.parametrize("shape", [
    trimesh.creation.icosphere(3), trimesh.creation.box(), trimesh.creation.torus(1, 0.4),
    trimesh.creation.cylinder(1, 2),
])  # fmt: skip
def test_uvs_do_not_overlap_and_fill_the_square(shape):
    mesh = unwrap(mesh_of(shape), 512)
    stats = measure_uv(mesh, 2048)
    assert stats.overlap == 0 and stats.outside == 0 and stats.coverage > 0.4


def test_a_folded_chart_is_unwrapped_otherwise(ball, monkeypatch):
    """Later attempts count only where the first one overlaps, and the best one is taken."""
    made = []

    def folded(mesh, size, max_cost, iterations):
        source, faces, uvs = atlas(mesh, size, max_cost, iterations)
        made.append((max_cost, iterations))
        return source, faces, np.abs(uvs - 0.5) if len(made) < 3 else uvs  # two folds through the middle

    module = sys.modules["t2a.texture.unwrap"]
    atlas = module._atlas
    monkeypatch.setattr(module, "_atlas", folded)
    assert measure_uv(unwrap(ball, 256)).overlap < 1e-4
    assert made == list(module.ATTEMPTS[:3])


def test_charts_keep_their_distance(ball):
    # Charts are the pieces of the UV mesh; no texel may be near two of them.
    from scipy import ndimage

    from t2a.mesh.topology import face_components

    size = 256
    _, chart = face_components(ball.faces)
    owner = rasterize_uv(ball, size).face
    label = np.where(owner >= 0, chart[owner], -1)
    for distance in range(1, padding_for(size)):
        grown = np.where(label >= 0, label, -1)
        low = ndimage.minimum_filter(np.where(grown >= 0, grown, 10**6), 2 * (distance // 2) + 1)
        high = ndimage.maximum_filter(grown, 2 * (distance // 2) + 1)
        assert not ((high >= 0) & (low < 10**6) & (low != high)).any()


def test_every_sample_has_one_owner():
    # Two triangles that tile the square, cut along either diagonal, in either winding: each texel is counted once.
    for faces in ([(0, 1, 2), (0, 2, 3)], [(0, 1, 3), (1, 2, 3)], [(2, 1, 0), (3, 2, 0)], [(0, 1, 2), (3, 2, 0)]):
        for offset in ((0.5, 0.5), (0.125, 0.625)):
            assert (rasterize_uv(square(*UNIT, faces=faces), 32, offset).count == 1).all()


def test_a_fan_around_a_texel_centre_counts_it_once():
    angle = np.linspace(0, 2 * np.pi, 9)[:-1]
    ring = 0.5 + 0.25 * np.stack([np.cos(angle), np.sin(angle)], -1)
    centre = (8.5 / 16, 8.5 / 16)
    faces = [(0, 1 + i, 1 + (i + 1) % 8) for i in range(8)]
    assert rasterize_uv(square(centre, *ring, faces=faces), 16).count.max() == 1


def test_uv_counts_equal_their_twin():
    rng = np.random.default_rng(0)
    soup = Mesh(np.zeros((30, 3), np.float32), rng.integers(0, 30, (40, 3)), uvs=rng.random((30, 2)).astype(np.float32))
    soup.uvs[:10] = np.round(soup.uvs[:10] * 16 - 0.5) / 16 + 0.5 / 16  # vertices on texel centres
    for offset in ((0.5, 0.5), (0.375, 0.125)):
        fast = rasterize_uv(soup, 16, offset)
        np.testing.assert_array_equal(fast.count, rasterize_uv_reference(soup, 16, offset))
        np.testing.assert_allclose(fast.barycentric.sum(-1)[fast.count > 0], 1, atol=1e-6)


def test_overlap_is_measured():
    stats = measure_uv(square(*UNIT, faces=((0, 1, 2), (0, 2, 3), (0, 1, 2))), 64)
    assert stats.coverage == 1 and stats.overlap == pytest.approx(0.5, abs=0.01)
    assert measure_uv(square((0, 0), (2, 0), (2, 2), (0, 2)), 64).outside == 3


def test_texel_to_surface_and_back(ball):
    # Barycentrics give back the UV of the texel's centre; baked positions read through the UVs give back positions.
    size = 256
    raster = rasterize_uv(ball, size)
    row, column = np.nonzero(raster.face >= 0)
    corners = ball.faces[raster.face[row, column]]
    uv = np.einsum("nk,nkc->nc", raster.barycentric[row, column], ball.uvs[corners])
    np.testing.assert_allclose(uv * size, np.stack([column, row], -1) + 0.5, atol=0.01)
    material = bake(ball, lambda p: p * 0.5 + 0.5, size=size)
    middle = ball.uvs[ball.faces].mean(1)
    points = sample_texture(material.base_color, middle) * 2 - 1
    np.testing.assert_allclose(points, ball.vertices[ball.faces].mean(1), atol=0.02)


def test_dilation_leaves_the_inside_and_fills_the_rest():
    rng = np.random.default_rng(0)
    image = rng.random((32, 40, 3))
    inside = rng.random((32, 40)) < 0.05
    out = dilate(image, inside)
    np.testing.assert_array_equal(out[inside], image[inside])
    where = np.argwhere(inside)
    for r, c in np.argwhere(~inside)[::37]:
        away = ((where - (r, c)) ** 2).sum(1)
        nearest = where[away == away.min()]
        assert any((out[r, c] == image[i, j]).all() for i, j in nearest)
    with pytest.raises(UserError, match="no covered texel"):
        dilate(image, inside & False)


def test_no_background_leaks_through_seams(ball):
    # A white object: bilinear lookup anywhere on it must be white, and no texel may be anything else.
    material = bake(ball, lambda p: np.ones_like(p), size=128)
    assert material.base_color.min() == 1
    image, opacity = render_mesh(ball, material, turntable(4), 64, 64, background=0.0)
    assert image[opacity == 1].min() > 0.999


def test_end_depths_follow_the_density(ball):
    # A field whose surface lies 0.01 inside of the mesh: rays end about there.
    field = Field(lambda p: sphere(p, 0.59), scale=2000.0, width=0.001)
    depth = end_depths(ball, ball.normals, field.density, 64, 4, reach=0.03)
    raster = rasterize_uv(ball, 64)
    inside = depth[raster.face >= 0]
    assert (np.diff(inside, axis=1) >= -1e-6).all()  # quantiles ascend
    assert np.median(inside) == pytest.approx(0.01, abs=0.005)
    empty = end_depths(ball, ball.normals, lambda p: np.zeros(len(p), np.float32), 64, 4, reach=0.03)
    assert (empty == 0).all()


def test_baking_sees_the_colour_that_the_volume_shows():
    # Red outside of the true surface, green below it: the threshold surface lies in the red fog, the render is green.
    shape = unwrap(mesh_of(trimesh.creation.icosphere(4, 0.605)), 128)
    field = Field(lambda p: sphere(p, 0.6), scale=1000.0, width=0.0002)

    def color(p):
        return np.where(sphere(p, 0.6)[:, None] > 0, [1.0, 0, 0], [0, 1.0, 0]).astype(np.float32)

    plain = bake(shape, color, size=128).base_color.mean((0, 1))
    weighted = bake(shape, color, field.density, size=128).base_color.mean((0, 1))
    assert plain[0] > 0.95 and weighted[1] > 0.8


def test_the_whole_way_keeps_the_picture():
    field = Field(snowman)
    _, opacity = volume_render(field, turntable(8), 64, 64, color=False)
    mesh = decimate(clean(extract_mesh(field.density, opacity, turntable(8)).mesh), 10_000)
    mesh = unwrap(mesh)
    assert topology(mesh).watertight
    stats = measure_uv(mesh)
    assert stats.overlap < 1e-4 and stats.coverage > 0.4
    material = bake(mesh, field.color, field.density)
    held_out = orbit([20, 140, 260], [30, 0, 50])
    rgb, alpha = volume_render(field, held_out, 64, 64, 256)
    image, _ = render_mesh(mesh, material, held_out, 64, 64, supersample=4)
    assert psnr(image, rgb + 1 - alpha[..., None]) > 28


def test_vertex_colours(ball):
    np.testing.assert_allclose(vertex_colors(ball, Field().color).colors, Field().color(ball.vertices))


@pytest.mark.parametrize("call, words", [
    (lambda m: bake(m, lambda p: p * np.nan), "NaN"),
    (lambda m: bake(m, lambda p: p[:, :2]), "shape"),
    (lambda m: bake(m, lambda p: p, samples=3), "samples"),
    (lambda m: bake(m, lambda p: p, size=3), "size"),
    (lambda m: bake(m, lambda p: p, reach=-1.0), "reach"),
    (lambda m: bake(m.with_(uvs=None), lambda p: p), "unwrap"),
    (lambda m: unwrap(m, 3), "texture_size"),
    (lambda m: unwrap(m.with_(faces=m.faces[:0])), "no triangles"),
    (lambda m: unwrap(Mesh(m.vertices, np.zeros((400_001, 3), np.int32))), "decimate first"),
])  # fmt: skip
def test_bad_input(ball, call, words):
    with pytest.raises(UserError, match=words):
        call(ball)
