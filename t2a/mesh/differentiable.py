"""A rasteriser that is differentiable in textures, attributes and vertices: plain torch, the same on every device.

What each pixel sees is found without gradient (t2a.mesh.visibility). From there everything is recomputed with
gradient: where in its triangle the pixel's ray hits, hence attributes, texture coordinates and depth; and where
outlines pass between pixels (t2a.mesh.contour), hence smooth silhouettes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from t2a.mesh.contour import Blend, EdgeTable, contour_blend
from t2a.mesh.visibility import RasterBackend, camera_points, visible_faces
from t2a.types import Cameras

TextureFilter = Literal["bilinear", "nearest"]

TINY = 1e-20
"""Twice the projected area of a triangle below which it counts as a line."""


@dataclass(frozen=True)
class Fragments:
    face: Int[Tensor, "b h w"]
    """Index of the nearest triangle, -1 where the pixel sees none. No gradient."""
    barycentric: Float[Tensor, "b h w 3"]
    """Perspective-correct, sum 1; 0 where nothing is seen."""
    depth: Float[Tensor, "b h w"]
    """Distance along the unit ray, scene units, as in `t2a.types.Render`; 0 where nothing is seen."""
    blend: Blend | None
    """How to smooth the silhouettes, for `t2a.mesh.contour.antialias`; none if no edges were given."""


def fragments(
    vertices: Float[Tensor, "v 3"],
    faces: Int[Tensor, "f 3"],
    cameras: Cameras,
    height: int,
    width: int,
    *,
    edges: EdgeTable | None = None,
    backend: RasterBackend = "torch",
) -> Fragments:
    """What the pixel centres see of a mesh, differentiably in its vertices. `edges` asks for smooth silhouettes.

    Raises UserError for a backend that is not installed.
    """
    points = camera_points(vertices, cameras)
    tangents = (cameras.fov.to(vertices) / 2).tan()
    face = visible_faces(points, faces, tangents, height, width, backend)
    seen = (face >= 0).reshape(-1).nonzero()[:, 0]
    view, row, column = seen // (height * width), seen // width % height, seen % width
    scale = 2 * tangents[view] / height
    rays = torch.stack([(column + 0.5 - 0.5 * width) * scale, (0.5 * height - row - 0.5) * scale], -1)
    corners = faces[face.reshape(-1)[seen]] + view[:, None] * len(vertices)
    p = points.reshape(-1, 3).index_select(0, corners.reshape(-1)).reshape(-1, 3, 3)
    weights = barycentrics(p, rays)
    z = -(weights * p[..., 2]).sum(-1)
    length = (1 + rays.square().sum(-1)).sqrt()
    shape = tuple(face.shape)
    barycentric = p.new_zeros((face.numel(), 3)).index_copy(0, seen, weights).reshape(*shape, 3)
    axial = p.new_zeros(face.numel()).index_copy(0, seen, z)
    depth = p.new_zeros(face.numel()).index_copy(0, seen, z * length).reshape(shape)
    blend = None if edges is None else contour_blend(points, edges, face, axial.reshape(shape), tangents)
    return Fragments(face, barycentric, depth, blend)


def barycentrics(corners: Float[Tensor, "n 3 3"], rays: Float[Tensor, "n 2"]) -> Float[Tensor, "n 3"]:
    """Perspective-correct barycentrics of the points where rays (x, y, -1) in camera space meet their triangles.

    These are d . (p_{i+1} x p_{i+2}), normalised (Olano & Greer 1997). Sheared so that the ray becomes the axis,
    q = p_xy + d_xy p_z, they are plain 2D cross products of small numbers, exact enough in float32. A triangle seen
    edge-on to the last bit gets equal weights and no gradient.
    """
    q = corners[..., :2] + rays[:, None] * corners[..., 2:]
    a, b = q.roll(-1, dims=1), q.roll(-2, dims=1)
    w = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    total = w.sum(-1, keepdim=True)
    proper = total.abs() > TINY
    return torch.where(proper, w / torch.where(proper, total, 1.0), 1 / 3)


def interpolate(
    attributes: Float[Tensor, "v c"], faces: Int[Tensor, "f 3"], seen: Fragments
) -> Float[Tensor, "b h w c"]:
    """Vertex attributes at the pixels, differentiable in both; 0 where nothing is seen."""
    hit = (seen.face >= 0).reshape(-1).nonzero()[:, 0]
    corners = faces[seen.face.reshape(-1)[hit]].reshape(-1)
    values = attributes.index_select(0, corners).reshape(-1, 3, attributes.shape[-1])
    mixed = (values * seen.barycentric.reshape(-1, 3).index_select(0, hit)[..., None]).sum(1)
    out = mixed.new_zeros((seen.face.numel(), attributes.shape[-1])).index_copy(0, hit, mixed)
    return out.reshape(*seen.face.shape, -1)


def sample_texture_torch(
    texture: Float[Tensor, "y x c"], uvs: Float[Tensor, "*n 2"], mode: TextureFilter = "bilinear"
) -> Float[Tensor, "*n c"]:
    """Texture lookup, differentiable in the texture and (bilinear) in the UVs; clamped to the edge.

    UV (0, 0) is the top left corner; texel (row, column) has its centre at ((column + 1/2) / w, (row + 1/2) / h).
    """
    where = (2 * uvs - 1).reshape(1, -1, 1, 2)
    out = F.grid_sample(
        texture.permute(2, 0, 1)[None], where.to(texture), mode=mode, padding_mode="border", align_corners=False
    )
    return out[0, :, :, 0].t().reshape(*uvs.shape[:-1], texture.shape[-1])
