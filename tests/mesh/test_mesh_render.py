from __future__ import annotations

import numpy as np
import pytest
import trimesh

from t2a.cameras import orbit, turntable
from t2a.mesh.normals import vertex_normals
from t2a.mesh.render import NEUTRAL, contact_sheet, psnr, render_mesh, sample_texture
from t2a.types import Material, Mesh


def card(**changes) -> Mesh:
    """A 2 x 2 quad facing +Z, its UV (0, 0) at the top left as seen from the front."""
    return Mesh(
        np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32),
        np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        uvs=np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32),
    ).with_(**changes)


def front():
    """The card fills the picture exactly."""
    return orbit(0.0, 0.0, 3.0, 2 * np.degrees(np.arctan(1 / 3)))


def test_the_texture_shows_upright_and_exact():
    texture = np.random.default_rng(0).random((16, 16, 3)).astype(np.float32)
    image, opacity = render_mesh(card(), Material(texture), front(), 16, 16, supersample=1)
    np.testing.assert_allclose(image[0], texture, atol=1e-5)
    assert (opacity == 1).all()


def test_bilinear_lookup_equals_its_twin():
    texture = np.random.default_rng(1).random((7, 5, 3)).astype(np.float32)
    image, _ = render_mesh(card(), Material(texture), front(), 33, 33, supersample=1)
    v, u = np.meshgrid((np.arange(33) + 0.5) / 33, (np.arange(33) + 0.5) / 33, indexing="ij")
    twin = sample_texture(texture, np.stack([u, v], -1).reshape(-1, 2)).reshape(33, 33, 3)
    np.testing.assert_allclose(image[0], twin, atol=1e-4)


def test_background_and_opacity():
    image, opacity = render_mesh(card(), Material(), orbit([0, 90], 0.0, 6.0, 40.0), 20, 20, background=(0.1, 0.2, 0.3))
    np.testing.assert_allclose(image[0, 0, 0], [0.1, 0.2, 0.3], atol=1e-6)
    assert opacity[0, 10, 10] == 1 and opacity[0, 0, 0] == 0
    assert opacity[1].sum() == 0  # edge-on


def test_vertex_colours_interpolate():
    colors = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
    image, _ = render_mesh(card(colors=colors), Material(), front(), 8, 8, supersample=1)
    np.testing.assert_allclose(image[0, 0, :, 0], (np.arange(8) + 0.5) / 8, atol=1e-5)
    np.testing.assert_allclose(image[0, ::-1, 0, 1], (np.arange(8) + 0.5) / 8, atol=1e-5)


def test_shading_brightens_what_faces_the_light():
    shape = trimesh.creation.icosphere(4, 0.8)
    mesh = Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces, np.int32))
    image, _ = render_mesh(mesh, Material(), front(), 64, 64, shading=1.0)
    assert image[0, 20, 24].mean() > image[0, 45, 42].mean() > 0.2


def test_both_sides_of_an_open_surface_are_lit_alike():
    image, _ = render_mesh(card(), Material(), orbit([0, 180], 0.0, 3.0, 30.0), 8, 8, shading=1.0)
    np.testing.assert_allclose(image[0], image[1], atol=1e-5)


def test_contact_sheet_frames_any_size():
    shape = trimesh.creation.icosphere(3, 1.0)
    sheets = []
    for scale, shift in ((1.0, 0.0), (1e-3, 5.0)):
        vertices = np.asarray(shape.vertices, np.float64) * scale + shift * scale
        sheets.append(contact_sheet(Mesh(vertices.astype(np.float32), np.asarray(shape.faces)), Material(), size=32))
    assert sheets[0].shape == (64, 128, 3)
    np.testing.assert_allclose(sheets[0], sheets[1], atol=0.02)
    shown = np.abs(sheets[0] - NEUTRAL).max(-1).reshape(2, 32, 4, 32) > 1e-6
    assert not shown[:, 0, :, 0].any()
    assert (np.abs(sheets[0] - NEUTRAL).max(-1) > 0.02).mean() > 0.5  # and large in it


def test_normals_ignore_seams_and_triangulation():
    shape = trimesh.creation.icosphere(3, 1.0)
    soup = Mesh(
        np.asarray(shape.vertices, np.float32)[shape.faces].reshape(-1, 3),
        np.arange(3 * len(shape.faces)).reshape(-1, 3),
    )
    np.testing.assert_allclose(vertex_normals(soup), soup.vertices, atol=0.02)
    cube = trimesh.creation.box()
    normals = vertex_normals(Mesh(np.asarray(cube.vertices, np.float32), np.asarray(cube.faces)))
    np.testing.assert_allclose(np.abs(normals), 3**-0.5, atol=1e-6)  # though some corners have more triangles


def test_psnr():
    a = np.zeros((4, 4, 3))
    assert psnr(a, a) == float("inf")
    assert psnr(a, a + 0.1) == pytest.approx(20.0)


def test_turntable_order_front_first():
    # Something red at the front only: it shows in the first picture and not in the fifth, from the back.
    shape = trimesh.creation.icosphere(3, 1.0)
    colors = np.where(shape.vertices[:, 2:] > 0.5, [1.0, 0, 0], [0, 0, 1.0]).astype(np.float32)
    mesh = Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces), colors=colors)
    sheet = contact_sheet(mesh, Material(), size=32)
    centre = sheet[16, 16], sheet[32 + 16, 16]
    assert centre[0][0] > centre[0][2] and centre[1][0] < centre[1][2]
    assert len(turntable(8)) == 8
