"""Which triangle each pixel sees, for any device: the discrete half of differentiable rasterisation, without
gradients.

`visible_faces` asks the compiled CPU rasteriser (t2a.mesh.raster) for tensors on the CPU and `visible_faces_torch`, its
plain-torch twin, elsewhere; pytorch3d and kaolin can take their place.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from t2a.cameras import camera_to_world
from t2a.errors import UserError
from t2a.mesh.raster import NEAR, rasterize_points
from t2a.types import Cameras

RasterBackend = Literal["torch", "pytorch3d", "kaolin"]

PAIRS = 1 << 21
"""Triangle-pixel pairs that the torch twin looks at together: bounds its memory to some 300 MB."""


def camera_points(vertices: Float[Tensor, "v 3"], cameras: Cameras) -> Float[Tensor, "b v 3"]:
    """Right, up and backward coordinates of each vertex for each camera: what is seen has a negative third one.
    Differentiable in the vertices."""
    pose = camera_to_world(cameras).to(vertices)
    return (vertices - pose[:, None, :, 3]) @ pose[:, :, :3]


def visible_faces(
    points: Float[Tensor, "b v 3"],
    faces: Int[Tensor, "f 3"],
    tangents: Float[Tensor, " b"],
    height: int,
    width: int,
    backend: RasterBackend = "torch",
) -> Int[Tensor, "b h w"]:
    """Index of the nearest triangle at each pixel centre, -1 where there is none; both sides of a triangle are seen.

    `points` are in camera space; `tangents` belong to half the vertical fields of view. Raises UserError for a backend
    that is unknown or not installed.
    """
    if backend not in BACKENDS:
        raise UserError(f"rasteriser backend is {backend!r}; choose one of: {', '.join(BACKENDS)}")
    if len(faces) == 0 and backend != "torch":
        return torch.full((len(points), height, width), -1, device=points.device)
    with torch.no_grad():
        return BACKENDS[backend](points.detach(), faces, tangents.detach(), height, width)


def _plain(points: Tensor, faces: Tensor, tangents: Tensor, height: int, width: int) -> Tensor:
    if points.device.type != "cpu":
        return visible_faces_torch(points, faces, tangents, height, width)
    raster = rasterize_points(
        np.ascontiguousarray(points.double().numpy()), faces.numpy(), tangents.double().numpy(), height, width
    )
    return torch.from_numpy(raster.face).long()


def visible_faces_torch(
    points: Float[Tensor, "b v 3"],
    faces: Int[Tensor, "f 3"],
    tangents: Float[Tensor, " b"],
    height: int,
    width: int,
) -> Int[Tensor, "b h w"]:
    """The same in plain torch: every triangle against the pixels of its bounding box, some PAIRS at a time.

    In float64 where the device has it: of two surfaces that nearly touch, the nearer one must win.
    """
    exact = torch.float32 if points.device.type == "mps" else torch.float64
    views = [
        _visible_in_view(p, faces, float(tangent), height, width)
        for p, tangent in zip(points.to(exact), tangents, strict=True)
    ]
    return torch.stack(views).reshape(len(points), height, width)


def _visible_in_view(points: Tensor, faces: Tensor, tangent: float, height: int, width: int) -> Tensor:
    device = points.device
    scale = 2 * tangent / height
    corners = points[faces]
    a, b, c = corners.unbind(1)
    normals = torch.stack([_cross(b, c), _cross(c, a), _cross(a, b)], 1)
    volume = (a * normals[:, 0]).sum(-1)
    ahead = corners[..., 2] < -NEAR
    left, right, top, bottom = _bounding_boxes(corners, ahead.all(1), scale, height, width)
    size = (right - left + 1).clamp(min=0) * (bottom - top + 1).clamp(min=0)
    kept = ((volume != 0) & ahead.any(1) & (size > 0)).nonzero()[:, 0]
    normals = normals[kept] * volume[kept].sign()[:, None, None]
    volume, left, right, top, size = volume[kept].abs(), left[kept], right[kept], top[kept], size[kept]

    nearest = points.new_full((height * width,), torch.inf)
    face = torch.full((height * width,), -1, device=device)
    for first, last in _groups(size, PAIRS):
        which = torch.repeat_interleave(torch.arange(first, last, device=device), size[first:last])
        begins = size[first:last].cumsum(0) - size[first:last]
        place = torch.arange(len(which), device=device) - begins[which - first]
        across = right[which] - left[which] + 1
        row, column = top[which] + place // across, left[which] + place % across
        dx = (column.to(points) + 0.5 - 0.5 * width) * scale
        dy = (0.5 * height - row.to(points) - 0.5) * scale
        n = normals[which]
        weights = n[..., 0] * dx[:, None] + n[..., 1] * dy[:, None] - n[..., 2]
        total = weights.sum(-1)
        z = torch.where((weights >= 0).all(-1) & (total > 0), volume[which] / total, torch.inf)
        z = torch.where(z >= NEAR, z, torch.inf)
        pixel = row * width + column
        closer = nearest.scatter_reduce(0, pixel, z, "amin")
        # At equal depth the triangle with the lowest index wins, in this group and against earlier ones.
        wins = (z == closer[pixel]) & (z < nearest[pixel])
        winner = torch.full_like(face, len(faces)).scatter_reduce(0, pixel[wins], kept[which[wins]], "amin")
        face = torch.where(closer < nearest, winner, face)
        nearest = closer
    return face


def _cross(a: Float[Tensor, "n 3"], b: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
    """Term by term, so that b x a is exactly -(a x b) and no ray slips between two triangles: CUDA's own cross product
    fuses a multiplication with the subtraction."""
    (ax, ay, az), (bx, by, bz) = a.unbind(-1), b.unbind(-1)
    return torch.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], -1)


def _bounding_boxes(corners: Tensor, ahead: Tensor, scale: float, height: int, width: int) -> tuple[Tensor, ...]:
    """First and last column and row of each triangle; the whole image for triangles across the camera's plane."""
    z = torch.where(ahead[:, None], corners[..., 2], -1.0)
    column = -corners[..., 0] / z / scale + (0.5 * width - 0.5)
    row = corners[..., 1] / z / scale + (0.5 * height - 0.5)

    def span(x: Tensor, count: int) -> tuple[Tensor, Tensor]:
        low = (x.amin(1) - 1e-6).ceil().clamp(0, count)
        high = (x.amax(1) + 1e-6).floor().clamp(-1, count - 1)
        return torch.where(ahead, low, 0).long(), torch.where(ahead, high, count - 1).long()

    return *span(column, width), *span(row, height)


def _groups(size: Tensor, most: int) -> Iterator[tuple[int, int]]:
    """Ranges of consecutive triangles whose sizes add up to about `most`."""
    group = ((size.cumsum(0) - 1) // most).tolist()
    start = 0
    for i in range(1, len(group) + 1):
        if i == len(group) or group[i] != group[start]:
            yield start, i
            start = i


def _pytorch3d(points: Tensor, faces: Tensor, tangents: Tensor, height: int, width: int) -> Tensor:
    rasterizer = _import("pytorch3d", "pytorch3d.renderer.mesh.rasterize_meshes")
    structures = _import("pytorch3d", "pytorch3d.structures")
    corners = pytorch3d_coordinates(points, tangents, height, width)
    seen, *_ = rasterizer.rasterize_meshes(
        structures.Meshes(corners, faces.expand(len(points), -1, -1)),
        image_size=(height, width),
        blur_radius=0.0,
        faces_per_pixel=1,
        perspective_correct=True,
        z_clip_value=NEAR,
        cull_backfaces=False,
    )
    # It numbers the triangles of all views in one row.
    first = torch.arange(len(points), device=points.device).reshape(-1, 1, 1) * len(faces)
    return torch.where(seen[..., 0] >= 0, seen[..., 0] - first, -1)


def pytorch3d_coordinates(
    points: Float[Tensor, "b v 3"], tangents: Float[Tensor, " b"], height: int, width: int
) -> Float[Tensor, "b v 3"]:
    """What pytorch3d calls NDC: +X left, +Y up, the SHORTER side of the image spans [-1, 1]; z is the depth."""
    z = -points[..., 2:]
    away = torch.where(z.abs() < NEAR, NEAR, z)  # clipping multiplies by z again: anything but zero will do
    shorter = tangents * (min(height, width) / height)
    flat = points[..., :2] * points.new_tensor([-1.0, 1.0]) / away / shorter[:, None, None]
    return torch.cat([flat, z], -1)


def _kaolin(points: Tensor, faces: Tensor, tangents: Tensor, height: int, width: int) -> Tensor:
    mesh = _import("kaolin", "kaolin.render.mesh")
    if points.device.type != "cuda":
        raise UserError(
            f"kaolin rasterises on CUDA only, and the scene is on {points.device.type}; use backend='torch'"
        )
    z, image, valid = kaolin_coordinates(points, faces, tangents, height, width)
    nothing = torch.zeros((*z.shape, 1), device=points.device)
    _, face = mesh.rasterize(height, width, z.float(), image.float(), nothing, valid_faces=valid)
    return face.long()


def kaolin_coordinates(
    points: Float[Tensor, "b v 3"], faces: Int[Tensor, "f 3"], tangents: Float[Tensor, " b"], height: int, width: int
) -> tuple[Float[Tensor, "b f 3"], Float[Tensor, "b f 3 2"], Bool[Tensor, "b f"]]:
    """What kaolin calls face_vertices_z (negative in front), face_vertices_image (both axes span [-1, 1], +X right, +Y
    up) and valid_faces. It does not clip, so triangles across the camera's plane are left out."""
    corners = points[:, faces]
    valid = (corners[..., 2] < -NEAR).all(-1)
    z = torch.where(valid[..., None], corners[..., 2], -1.0)
    scale = torch.stack([tangents * (width / height), tangents], -1)[:, None, None]
    return z, corners[..., :2] / -z[..., None] / scale, valid


BACKENDS: dict[str, Callable[[Tensor, Tensor, Tensor, int, int], Tensor]] = {
    "torch": _plain,
    "pytorch3d": _pytorch3d,
    "kaolin": _kaolin,
}

WHERE = {
    "pytorch3d": "https://github.com/facebookresearch/pytorch3d/blob/main/INSTALL.md",
    "kaolin": "https://kaolin.readthedocs.io/en/latest/notes/installation.html",
}


def _import(package: str, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except Exception as error:  # builds for another torch raise OSError, the placeholder on PyPI a RuntimeError
        raise UserError(
            f"{package} is not installed or does not load ({type(error).__name__}); see {WHERE[package]}, "
            "or use backend='torch'"
        ) from error
