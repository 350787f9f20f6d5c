from __future__ import annotations

import manifold3d
import numpy as np
import pytest
import torch
import trimesh

from t2a.cameras import generate_rays, orbit, turntable
from t2a.mesh.raster import rasterize, rasterize_reference, silhouettes
from t2a.types import Mesh


def mesh_of(shape: trimesh.Trimesh) -> Mesh:
    return Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces, np.int32))


CAMERAS = orbit([0, 70, 200, 300], [0, 25, -40, 89], 2.5, 45.0)


def test_the_fast_version_equals_its_twin():
    rng = np.random.default_rng(0)
    soup = Mesh(rng.uniform(-1, 1, (60, 3)).astype(np.float32), rng.integers(0, 60, (50, 3)).astype(np.int32))
    # 1.2: triangles cross the camera's plane and lie behind it.
    for distance in (3.0, 1.2):
        cameras = orbit([0, 70, 200, 300], [0, 25, -40, 89], distance, 60.0)
        fast, slow = rasterize(soup, cameras, 24, 36), rasterize_reference(soup, cameras, 24, 36)
        np.testing.assert_array_equal(fast.face, slow.face)
        np.testing.assert_allclose(fast.depth, slow.depth, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(fast.barycentric, slow.barycentric, atol=1e-5)


def test_depth_and_position_of_a_sphere():
    radius, height, width = 0.7, 48, 64
    raster = rasterize(mesh_of(trimesh.creation.icosphere(5, radius)), CAMERAS, height, width)
    rays = generate_rays(CAMERAS, height, width)
    o, d = rays.origins.numpy().astype(float), rays.directions.numpy().astype(float)
    b = (o * d).sum(1)
    root = b**2 - (o**2).sum(1) + radius**2
    depth, face = raster.depth.reshape(-1), raster.face.reshape(-1)
    clear = root > 0.005  # away from the outline, where the polyhedron is a little smaller
    np.testing.assert_allclose(depth[clear], (-b - np.sqrt(root.clip(0)))[clear], atol=5e-3)
    assert (face[root < 0] == -1).all() and (face[clear] >= 0).all()


def test_against_an_independent_ray_cast():
    shape = trimesh.creation.torus(0.5, 0.2, major_sections=24, minor_sections=12)
    height, width = 20, 28
    raster = rasterize(mesh_of(shape), CAMERAS, height, width)
    solid = manifold3d.Manifold(
        manifold3d.Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces, np.uint32))
    )
    rays = generate_rays(CAMERAS, height, width)
    different = 0
    for i, (o, d) in enumerate(zip(rays.origins.double().numpy(), rays.directions.double().numpy(), strict=True)):
        hits = solid.ray_cast(tuple(o), tuple(o + 10 * d))
        depth = raster.depth.reshape(-1)[i]
        if bool(hits) != bool(depth > 0):
            different += 1  # a ray along the outline
        elif hits:
            assert np.linalg.norm(np.asarray(hits[0].position) - o) == pytest.approx(depth, abs=1e-4)
    assert different <= 2


def test_barycentrics_give_the_point_on_the_ray():
    mesh = mesh_of(trimesh.creation.box((1.0, 0.6, 0.8)))
    raster = rasterize(mesh, CAMERAS, 31, 17)
    rays = generate_rays(CAMERAS, 31, 17)
    seen = raster.face.reshape(-1) >= 0
    corners = mesh.vertices[mesh.faces[raster.face.reshape(-1)[seen]]]
    points = np.einsum("nk,nkc->nc", raster.barycentric.reshape(-1, 3)[seen], corners)
    along = rays.origins.numpy()[seen] + raster.depth.reshape(-1)[seen, None] * rays.directions.numpy()[seen]
    np.testing.assert_allclose(points, along, atol=1e-5)
    np.testing.assert_allclose(raster.barycentric.sum(-1)[raster.face >= 0], 1, atol=1e-5)


def test_no_cracks_between_triangles():
    # A closed surface around the camera: every pixel must see something.
    shell = mesh_of(trimesh.creation.icosphere(4, 5.0))
    assert (rasterize(shell, CAMERAS, 97, 101).face >= 0).all()


def test_near_hides_far_whatever_the_order():
    quad = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    vertices = np.concatenate([quad, quad + [0, 0, 0.5]]).astype(np.float32)
    for order in (np.concatenate([faces, faces + 4]), np.concatenate([faces + 4, faces])):
        raster = rasterize(Mesh(vertices, order.astype(np.int32)), turntable(1, 0.0), 9, 9)
        assert raster.depth[0, 4, 4] == pytest.approx(2.5, abs=1e-5)


def test_silhouettes_converge_to_the_true_area():
    mesh = mesh_of(trimesh.creation.icosphere(5, 0.5))
    distance, height = 3.0, 32
    cover = silhouettes(mesh, turntable(3, 20.0, distance), height, height, supersample=4)
    apparent = np.tan(np.arcsin(0.5 / distance)) / np.tan(np.radians(20)) * height / 2
    assert cover.sum((1, 2)) == pytest.approx(np.pi * apparent**2, rel=0.01)
    assert silhouettes(mesh.with_(faces=mesh.faces[:0]), turntable(2), 8, 8).sum() == 0


def test_threads_do_not_change_the_result():
    mesh = mesh_of(trimesh.creation.icosphere(3, 0.6))
    before = torch.get_num_threads()
    try:
        results = []
        for threads in (1, 3):
            torch.set_num_threads(threads)
            results.append(rasterize(mesh, CAMERAS, 40, 40))
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(results[0].depth, results[1].depth)
    np.testing.assert_array_equal(results[0].face, results[1].face)
