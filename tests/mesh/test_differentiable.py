"""The differentiable rasteriser against an independent ray caster, its own finite differences, and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import trimesh
from torch import Tensor
from trimesh.ray.ray_pyembree import RayMeshIntersector

from t2a.cameras import generate_rays, orbit
from t2a.errors import UserError
from t2a.mesh.contour import antialias, edge_table
from t2a.mesh.differentiable import Fragments, barycentrics, fragments, interpolate, sample_texture_torch
from t2a.mesh.raster import rasterize
from t2a.mesh.render import sample_texture
from t2a.mesh.visibility import (
    camera_points,
    kaolin_coordinates,
    pytorch3d_coordinates,
    visible_faces,
    visible_faces_torch,
)
from t2a.types import Cameras, Mesh

CAMERAS = orbit([0, 70, 200, 300], [0, 25, -40, 89], 2.5, 45.0)


def tensors(shape: trimesh.Trimesh, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    return torch.tensor(np.array(shape.vertices), dtype=dtype), torch.tensor(np.array(shape.faces), dtype=torch.long)


def soup(seed: int = 0) -> tuple[Tensor, Tensor]:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.uniform(-1, 1, (60, 3))), torch.from_numpy(rng.integers(0, 60, (50, 3)))


def tangents(cameras: Cameras) -> Tensor:
    return (cameras.fov.double() / 2).tan()


def coverage(vertices: Tensor, faces: Tensor, cameras: Cameras, height: int, width: int) -> Tensor:
    """Smooth silhouettes [b, h, w]."""
    seen = fragments(vertices, faces, cameras, height, width, edges=edge_table(vertices.detach().numpy(), faces))
    return antialias((seen.face >= 0).to(vertices)[..., None], seen.blend)[..., 0]


@pytest.mark.parametrize("distance", [3.0, 1.2])  # 1.2: triangles cross the camera's plane and lie behind it
def test_both_visibilities_agree(distance):
    vertices, faces = soup()
    cameras = orbit([0, 70, 200, 300], [0, 25, -40, 89], distance, 60.0)
    points = camera_points(vertices, cameras)
    compiled = visible_faces(points, faces, tangents(cameras), 24, 36)
    plain = visible_faces_torch(points, faces, tangents(cameras), 24, 36)
    assert torch.equal(compiled, plain) and 0 < (plain >= 0).sum() < plain.numel()


def test_visibility_does_not_depend_on_how_triangles_are_grouped(monkeypatch):
    vertices, faces = soup()
    points = camera_points(vertices, CAMERAS)
    whole = visible_faces_torch(points, faces, tangents(CAMERAS), 24, 36)
    monkeypatch.setattr("t2a.mesh.visibility.PAIRS", 100)
    assert torch.equal(visible_faces_torch(points, faces, tangents(CAMERAS), 24, 36), whole)


@pytest.mark.parametrize(
    "shape",
    [
        trimesh.creation.icosphere(4, 0.7),
        trimesh.creation.torus(0.5, 0.2, major_sections=24, minor_sections=12),
        trimesh.util.concatenate(
            [trimesh.creation.box((1, 0.6, 0.8)), trimesh.creation.box((0.3, 0.9, 0.2), np.diag([1, 1, 1, 1.0]))]
        ),
    ],
    ids=["sphere", "torus", "boxes"],
)
def test_coverage_depth_and_barycentrics_are_those_of_embree(shape):
    height, width = 40, 52
    vertices, faces = tensors(shape, torch.float32)
    seen = fragments(vertices, faces, CAMERAS, height, width)
    rays = generate_rays(CAMERAS, height, width)
    origins, directions = rays.origins.double().numpy(), rays.directions.double().numpy()
    face, ray, points = RayMeshIntersector(shape).intersects_id(
        origins, directions, multiple_hits=False, return_locations=True
    )
    embree = np.full(len(origins), -1)
    embree[ray] = face
    assert ((seen.face.reshape(-1).numpy() >= 0) != (embree >= 0)).sum() <= 2, "but for rays along the outline"
    depth = np.linalg.norm(points - origins[ray], axis=1)
    both = seen.face.reshape(-1).numpy()[ray] >= 0
    np.testing.assert_allclose(seen.depth.reshape(-1).numpy()[ray][both], depth[both], atol=2e-5)
    same = seen.face.reshape(-1).numpy()[ray] == face
    assert same.mean() > 0.98  # the others hit an edge or a vertex
    expected = trimesh.triangles.points_to_barycentric(shape.triangles[face[same]], points[same])
    np.testing.assert_allclose(seen.barycentric.reshape(-1, 3).numpy()[ray][same], expected, atol=2e-3)


def test_it_sees_what_the_compiled_rasteriser_sees():
    shape = trimesh.creation.torus(0.5, 0.2, major_sections=24, minor_sections=12)
    vertices, faces = tensors(shape, torch.float32)
    seen = fragments(vertices, faces, CAMERAS, 31, 17)
    raster = rasterize(Mesh(vertices.numpy(), faces.numpy()), CAMERAS, 31, 17)
    same = seen.face.numpy() == raster.face
    assert same.mean() > 0.97, "but for pixel centres on edges, where float32 decides"
    np.testing.assert_allclose(seen.depth.numpy()[same], raster.depth[same], atol=1e-5)
    np.testing.assert_allclose(seen.barycentric.numpy()[same], raster.barycentric[same], atol=2e-4)


def test_small_triangles_keep_their_barycentrics_in_float32():
    """Cross products of whole camera-space vectors would lose most digits here."""
    shape = trimesh.creation.icosphere(6, 0.7)
    exact = fragments(*tensors(shape, torch.float64), CAMERAS, 16, 16)
    single = fragments(*tensors(shape, torch.float32), CAMERAS, 16, 16)
    same = (exact.face == single.face) & (exact.face >= 0)
    assert same.sum() > 0.99 * (exact.face >= 0).sum()
    error = (exact.barycentric - single.barycentric).abs().amax(-1)[same]
    assert error.median() < 1e-4 and error.max() < 1e-2


def test_texture_gradients_equal_finite_differences():
    shape = trimesh.creation.icosphere(2, 0.8)
    vertices, faces = tensors(shape)
    generator = torch.Generator().manual_seed(0)
    uvs = torch.rand(len(vertices), 2, generator=generator, dtype=torch.float64, requires_grad=True)
    texture = torch.rand(5, 7, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    seen = fragments(vertices, faces, CAMERAS[:2], 9, 11)

    def image(texture, uvs):
        return sample_texture_torch(texture, interpolate(uvs, faces, seen))

    assert torch.autograd.gradcheck(image, (texture, uvs), atol=1e-6)


def test_texture_lookup_equals_the_numpy_twin():
    generator = torch.Generator().manual_seed(0)
    texture = torch.rand(7, 5, 3, generator=generator)
    uvs = torch.rand(100, 2, generator=generator) * 1.2 - 0.1
    found = sample_texture_torch(texture, uvs)
    np.testing.assert_allclose(found.numpy(), sample_texture(texture.numpy(), uvs.numpy()), atol=1e-5)
    nearest = sample_texture_torch(texture, uvs, "nearest")
    row, column = ((uvs.flip(-1) * torch.tensor([7, 5])).floor().clamp(min=0).long()).unbind(-1)
    assert torch.equal(nearest, texture[row.clamp(max=6), column.clamp(max=4)])


def test_barycentric_and_depth_gradients_equal_finite_differences():
    generator = torch.Generator().manual_seed(1)
    corners = torch.randn(6, 3, 3, generator=generator, dtype=torch.float64) - torch.tensor([0, 0, 4.0])
    rays = torch.randn(6, 2, generator=generator, dtype=torch.float64) * 0.1
    assert torch.autograd.gradcheck(barycentrics, (corners.requires_grad_(), rays))
    b = barycentrics(corners, rays)
    point = (b[..., None] * corners).sum(1)
    torch.testing.assert_close(point[:, :2] / -point[:, 2:], rays)
    assert torch.allclose(b.sum(-1), torch.ones(6, dtype=torch.float64))

    vertices, faces = tensors(trimesh.creation.icosphere(2, 0.7))
    grow = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)

    def depths(s):
        return fragments(vertices * s, faces, CAMERAS[:1], 7, 7).depth

    assert torch.autograd.gradcheck(depths, (grow,), eps=1e-7, atol=1e-5)


@pytest.mark.parametrize("name", ["icosphere", "torus"])
def test_vertex_gradients_of_smooth_silhouettes_equal_finite_differences(name):
    shape = {
        "icosphere": trimesh.creation.icosphere(2, 0.7),
        "torus": trimesh.creation.torus(0.5, 0.2, major_sections=16, minor_sections=8),
    }[name]
    vertices, faces = tensors(shape)
    generator = torch.Generator().manual_seed(2)
    direction = torch.randn(vertices.shape, generator=generator, dtype=torch.float64)
    weight = torch.rand(4, 24, 30, generator=generator, dtype=torch.float64)

    def value(s: float | Tensor) -> Tensor:
        return (coverage(vertices + s * direction, faces, CAMERAS, 24, 30) * weight).sum()

    s = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(value(s), s)
    step = 1e-7  # small enough that no pixel centre changes hands
    assert slope.item() == pytest.approx(((value(step) - value(-step)) / (2 * step)).item(), rel=1e-5)


def test_a_square_has_its_exact_area_and_derivative():
    half = 0.437
    quad = torch.tensor([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], dtype=torch.float64)
    faces = torch.tensor([[0, 1, 2], [0, 2, 3]])
    camera = orbit(0.0, 0.0, 3.0, 40.0)
    s = torch.tensor(half, dtype=torch.float64, requires_grad=True)
    area = coverage(quad * s, faces, camera, 64, 64).sum()
    (slope,) = torch.autograd.grad(area, s)
    pixels = 64 / 2 / math.tan(math.radians(20)) / 3.0
    # Corners are off by parts of a pixel; an edge's derivative is a whole number of pixels.
    assert area.item() == pytest.approx((2 * half * pixels) ** 2, abs=2)
    assert slope.item() == pytest.approx(8 * half * pixels**2, rel=0.02)


@pytest.mark.parametrize("subdivisions", [2, 4, 5])  # up to triangles much smaller than a pixel
def test_a_sphere_has_its_analytic_area_and_derivative(subdivisions):
    vertices, faces = tensors(trimesh.creation.icosphere(subdivisions, 1.0))
    camera, height = orbit(30.0, 20.0, 3.0, 40.0), 48

    def apparent(r: float) -> float:
        return math.pi * (math.tan(math.asin(r / 3)) / math.tan(math.radians(20)) * height / 2) ** 2

    areas, slopes, radii = [], [], np.linspace(0.65, 0.72, 8)
    for radius in radii:
        s = torch.tensor(radius, requires_grad=True)
        area = coverage(vertices * s, faces, camera, height, height).sum()
        areas.append(area.item() / apparent(radius))
        slope = torch.autograd.grad(area, s)[0].item()
        slopes.append(slope * 2e-4 / (apparent(radius + 1e-4) - apparent(radius - 1e-4)))
    coarse = 0.06 if subdivisions == 2 else 0.0  # the polyhedron is smaller than the sphere
    assert areas == pytest.approx(np.ones(8), abs=0.01 + coarse)
    # A single outline has a whole number of crossings, some percent off at this size; on average they are right.
    assert slopes == pytest.approx(np.ones(8), abs=0.06 + coarse)
    assert np.mean(slopes) == pytest.approx(1, abs=0.015 + coarse)


def test_silhouettes_are_continuous_while_pixels_change_hands():
    vertices, faces = tensors(trimesh.creation.icosphere(3, 0.7))
    covers = torch.stack(
        [coverage(vertices + torch.tensor([s, 0, 0]), faces, CAMERAS[:1], 20, 20) for s in np.linspace(0, 0.1, 200)]
    )
    assert ((covers >= 0) & (covers <= 1)).all()
    # A pixel is 0.1 units wide here: 0.0005 units move an edge by 0.005 pixels. What jumps are edges that cross 45
    # degrees; a hard silhouette would jump by 1.
    jumps = (covers[1:] - covers[:-1]).abs().flatten(1)
    assert jumps.quantile(0.999) < 0.02 and jumps.max() < 0.5


def test_an_inner_contour_blends_near_over_far():
    """A small square in front of a large one: its outline mixes the two, where neither is background."""
    quad = torch.tensor([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], dtype=torch.float64)
    vertices = torch.cat([quad * 2, quad * 0.33 + torch.tensor([0, 0, 0.5])])
    faces = torch.tensor([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])
    seen = fragments(vertices, faces, orbit(0.0, 0.0, 3.0, 30.0), 32, 32, edges=edge_table(vertices.numpy(), faces))
    front = antialias((seen.face >= 2).double()[..., None], seen.blend)
    assert (seen.face >= 0).all()
    pixels = 32 / 2 / math.tan(math.radians(15)) / 2.5
    assert front.sum().item() == pytest.approx((0.66 * pixels) ** 2, abs=1)
    assert ((front > 0.01) & (front < 0.99)).any()


def test_uv_seams_are_no_contours():
    shape = trimesh.creation.icosphere(2, 0.7)
    vertices, faces = tensors(shape)
    split, triangles = vertices[faces].reshape(-1, 3), torch.arange(faces.numel()).reshape(-1, 3)
    torch.testing.assert_close(coverage(split, triangles, CAMERAS, 20, 20), coverage(vertices, faces, CAMERAS, 20, 20))


def test_degenerate_triangles_change_nothing_and_give_finite_gradients():
    shape = trimesh.creation.icosphere(1, 0.7)
    vertices, faces = tensors(shape, torch.float32)
    extra = torch.tensor([[0, 0, 1], [3, 3, 3], [len(vertices), len(vertices) + 1, len(vertices) + 2]])
    line = torch.tensor([[0.0, 0.8, 0], [0, 0.9, 0], [0, 1.0, 0]])
    more, broken = torch.cat([vertices, line]).requires_grad_(), torch.cat([faces, extra])
    cover = coverage(more, broken, CAMERAS, 20, 20)
    torch.testing.assert_close(cover, coverage(vertices, faces, CAMERAS, 20, 20), atol=1e-5, rtol=0)
    (cover.sum() + fragments(more, broken, CAMERAS, 20, 20).depth.sum()).backward()
    assert more.grad.isfinite().all() and more.grad.abs().sum() > 0


def test_faces_behind_and_across_the_camera():
    vertices, faces = tensors(trimesh.creation.icosphere(2, 5.0), torch.float32)
    vertices.requires_grad_()
    seen = fragments(vertices, faces, CAMERAS, 15, 15, edges=edge_table(vertices.detach().numpy(), faces))
    assert (seen.face >= 0).all(), "from inside, every ray hits"
    (seen.depth.sum() + antialias(seen.depth[..., None], seen.blend).sum()).backward()
    assert vertices.grad.isfinite().all()
    behind = torch.tensor([[-1.0, 0, 9], [1, 0, 9], [0, 1, 9]])
    assert (fragments(behind, torch.tensor([[0, 1, 2]]), CAMERAS[:1], 8, 8).face == -1).all()


def test_an_empty_mesh_shows_nothing():
    vertices, faces = torch.zeros(0, 3), torch.zeros(0, 3, dtype=torch.long)
    seen = fragments(vertices, faces, CAMERAS, 6, 8, edges=edge_table(vertices.numpy(), faces))
    assert isinstance(seen, Fragments) and (seen.face == -1).all() and (seen.depth == 0).all()
    assert interpolate(vertices, faces, seen).shape == (4, 6, 8, 3)
    assert antialias(torch.ones(4, 6, 8, 2), seen.blend).eq(1).all()
    assert visible_faces_torch(torch.zeros(4, 0, 3), faces, tangents(CAMERAS), 6, 8).eq(-1).all()


@pytest.mark.parametrize("backend", ["pytorch3d", "kaolin"])
def test_a_missing_backend_is_one_sentence(backend, monkeypatch):
    def nowhere(name: str):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("t2a.mesh.visibility.importlib.import_module", nowhere)
    vertices, faces = tensors(trimesh.creation.box())
    with pytest.raises(UserError, match=f"{backend}.*backend='torch'") as caught:
        fragments(vertices, faces, CAMERAS, 8, 8, backend=backend)
    assert str(caught.value).count(". ") == 0
    with pytest.raises(UserError, match="choose one of: torch, pytorch3d, kaolin"):
        fragments(vertices, faces, CAMERAS, 8, 8, backend="opengl")


def brute_force(x: Tensor, y: Tensor, corners: Tensor, depth: Tensor) -> Tensor:
    """Nearest triangle [h, w] at image points (x, y) [h, w]; corners [f, 3, 2] are projected, depth [f, 3] positive."""
    p = torch.stack([x, y], -1)[..., None, :]

    def double_area(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
        return (b - a)[..., 0] * (c - a)[..., 1] - (b - a)[..., 1] * (c - a)[..., 0]

    a, b, c = corners.unbind(1)
    w = torch.stack([double_area(b, c, p), double_area(c, a, p), double_area(a, b, p)], -1)
    w = w / double_area(a, b, c)[..., None]
    z = 1 / (w / depth).sum(-1)
    z = torch.where((w >= 0).all(-1), z, torch.inf)
    nearest, face = z.min(-1)
    return torch.where(nearest.isfinite(), face, -1)


@pytest.mark.parametrize(("height", "width"), [(24, 36), (36, 24)])
def test_other_rasterisers_are_told_the_same_picture(height, width):
    """Their coordinate conventions, as documented, rasterised by brute force."""
    shape = trimesh.creation.torus(0.5, 0.2, major_sections=12, minor_sections=6)
    vertices, faces = tensors(shape)
    camera = CAMERAS[1:2]
    points, tangent = camera_points(vertices, camera), tangents(camera)
    expected = visible_faces(points, faces, tangent, height, width)[0]

    row, column = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    corners = pytorch3d_coordinates(points, tangent, height, width)[0][faces]
    shorter = min(height, width)  # spans [-1, 1], +X to the left
    seen = brute_force((width - 2 * column) / shorter, (height - 2 * row) / shorter, corners[..., :2], corners[..., 2])
    assert (seen == expected).double().mean() > 0.995

    z, image, valid = kaolin_coordinates(points, faces, tangent, height, width)
    assert valid.all()
    seen = brute_force(2 * column / width - 1, 1 - 2 * row / height, image[0], -z[0])
    assert (seen == expected).double().mean() > 0.995
