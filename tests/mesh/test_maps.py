from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh

from t2a.cameras import orbit
from t2a.errors import UserError
from t2a.mesh.maps import (
    PALETTE,
    GeometryBuffer,
    canny_map,
    depth_map,
    mesh_geometry,
    normal_map,
    part_labels,
    render_geometry,
    scribble_map,
    segmentation_map,
    shaded_map,
)
from t2a.mesh.normals import corner_normals
from t2a.types import Mesh, Render

SIZE = 65


def mesh_of(*shapes: trimesh.Trimesh) -> Mesh:
    whole = trimesh.util.concatenate(list(shapes))
    return Mesh(np.asarray(whole.vertices, np.float32), np.asarray(whole.faces, np.int32))


def ball(radius: float = 0.7) -> Mesh:
    return mesh_of(trimesh.creation.icosphere(4, radius))


@pytest.fixture(scope="module", params=[(0.0, 0.0), (75.0, 30.0)], ids=["front", "oblique"])
def sphere(request) -> GeometryBuffer:
    """A sphere looks the same from everywhere: what follows holds in camera space."""
    return mesh_geometry(ball(), orbit(*request.param, 3.0, 40.0), SIZE, SIZE)


def rim(geometry: GeometryBuffer) -> tuple[int, int]:
    """First and last column of the sphere in the middle row; by symmetry the rows of the middle column too."""
    columns = geometry.seen[0, SIZE // 2, :, 0].nonzero()[:, 0]
    return int(columns[0]), int(columns[-1])


def test_normals_blue_is_front_red_is_left_green_is_top(sphere):
    image, (low, high), middle = normal_map(sphere)[0], rim(sphere), SIZE // 2
    assert torch.allclose(image[middle, middle], torch.tensor([0.5, 0.5, 1.0]), atol=0.03)
    assert image[middle, low, 0] > 0.9 and image[middle, high, 0] < 0.1  # red on the left
    assert image[low, middle, 1] > 0.9 and image[high, middle, 1] < 0.1  # green on top
    assert torch.equal(image[0, 0], torch.tensor([0.5, 0.5, 1.0]))
    n = image * 2 - 1
    assert torch.allclose(n[sphere.seen[0, ..., 0]].norm(dim=-1), torch.ones(()), atol=1e-3)


def test_normals_are_those_of_the_sphere(sphere):
    inside = sphere.seen[0, ..., 0]
    centre = torch.tensor([0, 0, -3.0])
    outward = torch.nn.functional.normalize(sphere.point[0][inside] - centre, dim=-1)
    assert ((sphere.normal[0][inside] * outward).sum(-1) > 0.995).all()


def test_depth_is_white_near_and_black_behind(sphere):
    image = depth_map(sphere)
    assert image.shape == (1, SIZE, SIZE, 3) and torch.equal(image[..., 0], image[..., 1])
    assert image[0, SIZE // 2, SIZE // 2, 0] == image.max() == 1
    assert image[~sphere.seen.expand_as(image)].eq(0).all()
    assert image[sphere.seen.expand_as(image)].min() == pytest.approx(0.2, abs=1e-6)
    row = image[0, SIZE // 2, rim(sphere)[0] : SIZE // 2, 0]
    assert (row[1:] >= row[:-1] - 1e-4).all()


def test_depth_of_a_card_that_faces_the_camera_is_one_value_and_each_view_has_its_own_range():
    card = mesh_of(trimesh.creation.box((1, 1, 0.01)))
    image = depth_map(mesh_geometry(card, orbit([0, 40], 0.0), 32, 32))
    inside = image[0][image[0] > 0]
    assert (inside - 1).abs().max() < 1e-3
    assert image[1].max() == 1 and image[1][image[1] > 0].min() == pytest.approx(0.2, abs=1e-5)


def test_maps_of_a_render_are_those_of_the_mesh(sphere):
    cameras = orbit(0.0, 0.0, 3.0, 40.0)
    geometry = mesh_geometry(ball(), cameras, SIZE, SIZE)
    distance = geometry.point.norm(dim=-1, keepdim=True)
    # From the front, camera space and world space have the same axes.
    render = Render(torch.zeros(1, SIZE, SIZE, 3), geometry.opacity, distance, geometry.normal)
    same = render_geometry(render, cameras)
    torch.testing.assert_close(same.point, geometry.point, atol=1e-5, rtol=0)
    torch.testing.assert_close(normal_map(same), normal_map(geometry))
    torch.testing.assert_close(depth_map(same), depth_map(geometry), atol=1e-4, rtol=0)
    with pytest.raises(UserError, match="normals=True"):
        render_geometry(Render(render.rgb, render.opacity, render.depth), cameras)
    with pytest.raises(UserError, match="only meshes have parts"):
        segmentation_map(same, np.zeros(1, int))


def test_canny_finds_the_edges_of_a_square_and_not_the_frame():
    image = torch.zeros(1, 40, 40, 3)
    image[:, 10:30, 12:28] = 0.7
    lines = canny_map(image)
    assert set(lines.unique().tolist()) == {0.0, 1.0} and torch.equal(lines[..., 0], lines[..., 2])
    rows, columns = lines[0, ..., 0].nonzero(as_tuple=True)
    assert int(rows.min()) in (9, 10) and int(rows.max()) in (29, 30)
    assert int(columns.min()) in (11, 12) and int(columns.max()) in (27, 28)
    assert 60 < len(rows) < 80, "one pixel thin, all around"
    # Thresholds are those of OpenCV: a step of h has the Sobel gradient 4 h, and the published upper threshold is 200.
    for step, found in ((0.9 * 50 / 255, False), (1.1 * 50 / 255, True)):
        assert canny_map(image / 0.7 * step).any() == found
    assert canny_map(torch.ones(2, 16, 16, 3)).sum() == 0


def test_canny_of_the_shaded_render_outlines_the_object(sphere):
    picture = shaded_map(sphere)
    lines = canny_map(picture)[0, ..., 0]
    low, high = rim(sphere)
    assert lines[SIZE // 2, low - 1 : low + 2].any() and lines[SIZE // 2, high - 1 : high + 2].any()
    assert not lines[SIZE // 2, low + 4 : high - 3].any()
    assert picture[0, 20, 24, 0] > picture[0, 45, 42, 0] > 0.35


def test_scribbles_are_outlines_occlusions_and_creases():
    geometry = mesh_geometry(ball(), orbit(0, 0), SIZE, SIZE)
    lines = scribble_map(geometry)[0, ..., 0]
    low, high = rim(geometry)
    assert lines[SIZE // 2, low] == 1 and lines[SIZE // 2, high] == 1
    assert lines[SIZE // 2, low + 3 : high - 2].sum() == 0, "a sphere has no inner lines"
    box = mesh_geometry(mesh_of(trimesh.creation.box()), orbit(45.0, 0.0), SIZE, SIZE)
    assert scribble_map(box)[0, SIZE // 2, SIZE // 2 - 1 : SIZE // 2 + 2].any(), "the vertical edge in front"
    assert not scribble_map(box, crease=120)[0, SIZE // 2, SIZE // 2 - 1 : SIZE // 2 + 2].any()
    near = trimesh.creation.icosphere(4, 0.3).apply_translation([0, 0, 0.8])
    two = mesh_of(trimesh.creation.box((2, 2, 0.1)), near)
    inner = scribble_map(mesh_geometry(two, orbit(0, 0), SIZE, SIZE))[0, ..., 0]
    assert inner[SIZE // 2, 15:50].sum() >= 2, "where the ball ends in front of the wall"
    assert scribble_map(geometry, thickness=5).sum() > 2 * scribble_map(geometry, thickness=1).sum()


def test_segmentation_has_one_flat_colour_for_each_part():
    left = trimesh.creation.box((0.4, 0.4, 0.4)).apply_translation([-0.5, 0, 0])
    right = trimesh.creation.icosphere(2, 0.3).apply_translation([0.5, 0, 0])
    mesh = mesh_of(left, right)
    labels = part_labels(mesh)
    assert labels.max() == 1 and labels[0] == 0 and labels[-1] == 1
    geometry = mesh_geometry(mesh, orbit(0, 0), 32, 32)
    image = segmentation_map(geometry, labels)[0]
    assert torch.allclose(image[16, 10], torch.tensor(PALETTE[0])) and torch.allclose(
        image[16, 21], torch.tensor(PALETTE[1])
    )
    assert len(image.reshape(-1, 3).unique(dim=0)) == 3 and image[0, 0].eq(0).all()
    assert torch.equal(segmentation_map(geometry, labels + 64)[0], image), "the palette starts again"
    with pytest.raises(UserError, match="one, at least 0, for each triangle"):
        segmentation_map(geometry, labels[:3])


def test_the_palette_keeps_parts_apart():
    colors = np.array(PALETTE[:12])
    distance = np.linalg.norm(colors[:, None] - colors, axis=-1) + np.eye(12)
    assert distance.min() > 0.15 and np.linalg.norm(colors, axis=1).min() > 0.3


def test_corner_normals_keep_cubes_sharp_and_spheres_round():
    cube = mesh_of(trimesh.creation.box())
    flat = np.cross(*(cube.vertices[cube.faces[:, i]] - cube.vertices[cube.faces[:, 0]] for i in (1, 2)))
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    np.testing.assert_allclose(corner_normals(cube), np.repeat(flat[:, None], 3, axis=1), atol=1e-6)
    round_ = ball(1.0)
    np.testing.assert_allclose(corner_normals(round_), round_.vertices[round_.faces], atol=0.02)


def test_an_empty_mesh_gives_empty_maps():
    nothing = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    geometry = mesh_geometry(nothing, orbit([0, 90], 0.0), 8, 10)
    for image in (depth_map(geometry), shaded_map(geometry), scribble_map(geometry)):
        assert image.shape == (2, 8, 10, 3) and image.sum() == 0
    assert segmentation_map(geometry, part_labels(nothing)).sum() == 0
    assert canny_map(shaded_map(geometry)).sum() == 0
    assert normal_map(geometry).eq(torch.tensor([0.5, 0.5, 1.0])).all()
