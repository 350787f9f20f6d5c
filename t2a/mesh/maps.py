"""The maps that ControlNets are steered by, computed from geometry instead of guessed from pictures.

Conventions are those of the published annotators: depth is white near and black behind the object; normals are "blue
is front, red is left, green is top"; canny and scribble are white lines on black; segmentation has one flat colour per
part. Every map is [b, h, w, 3] in [0, 1].
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from t2a.cameras import camera_to_world, generate_rays
from t2a.errors import UserError
from t2a.mesh.differentiable import fragments
from t2a.mesh.normals import corner_normals, face_normals, weld
from t2a.mesh.topology import face_components
from t2a.types import Cameras, Mesh, Render

KINDS = ("depth", "normal", "canny", "scribble", "segmentation")
CREASE = 40.0
"""Degrees between neighbouring surfaces from which their common edge is sharp."""
# Hues by the golden ratio: any first few are far apart. Not ADE20K's, whose colours would mean walls and beds.
PALETTE: tuple[tuple[float, float, float], ...] = tuple(
    colorsys.hsv_to_rgb(i * 0.6180339887498949 % 1, (0.85, 0.6, 0.95)[i % 3], (0.95, 0.8, 0.6)[i % 3])
    for i in range(64)
)


@dataclass(frozen=True)
class GeometryBuffer:
    """What each pixel sees, in its camera's space: +X right, +Y up, +Z towards the viewer."""

    point: Float[Tensor, "b h w 3"]
    """Scene units from the camera, third coordinate negative; 0 where nothing is seen."""
    normal: Float[Tensor, "b h w 3"]
    """Unit, on the side that is seen; 0 where nothing is seen."""
    opacity: Float[Tensor, "b h w 1"]
    face: Int[Tensor, "b h w"] | None = None
    """The triangle, -1 where there is none; only for meshes."""

    def __getitem__(self, rows) -> GeometryBuffer:
        face = None if self.face is None else self.face[rows]
        return GeometryBuffer(self.point[rows], self.normal[rows], self.opacity[rows], face)

    @property
    def seen(self) -> Tensor:
        """[b, h, w, 1], boolean: more surface than background."""
        return self.opacity > 0.5


def mesh_geometry(mesh: Mesh, cameras: Cameras, height: int, width: int, *, crease: float = CREASE) -> GeometryBuffer:
    """A mesh, seen from cameras, on their device. Without normals of its own it is shaded smoothly but for edges
    sharper than `crease` degrees. Any mesh will do: open, in pieces, empty."""
    device = cameras.fov.device
    vertices = torch.tensor(np.asarray(mesh.vertices), dtype=torch.float32, device=device)
    faces = torch.tensor(np.asarray(mesh.faces), dtype=torch.long, device=device).reshape(-1, 3)
    seen = fragments(vertices, faces, cameras, height, width)
    hit = (seen.face >= 0)[..., None]
    if len(faces) == 0:
        nothing = vertices.new_zeros((*seen.face.shape, 3))
        return GeometryBuffer(nothing, nothing, nothing[..., :1], seen.face)
    corners = mesh.normals[mesh.faces] if mesh.normals is not None else corner_normals(mesh, crease)
    smooth = torch.tensor(np.asarray(corners), dtype=torch.float32, device=device)[seen.face.clamp(min=0)]
    normal = F.normalize((smooth * seen.barycentric[..., None]).sum(-2), dim=-1)
    flat = torch.tensor(face_normals(mesh), dtype=torch.float32, device=device)[seen.face.clamp(min=0)]
    directions = generate_rays(cameras, height, width).directions.reshape(*seen.face.shape, 3)
    normal = torch.where((flat * directions).sum(-1, keepdim=True) > 0, -normal, normal) * hit
    return _in_camera_space(seen.depth[..., None], normal, hit.to(vertices), cameras, seen.face)


def render_geometry(render: Render, cameras: Cameras) -> GeometryBuffer:
    """The same of a scene's render, e.g. a radiance field's. Raises UserError if it has no normals."""
    if render.normal is None:
        raise UserError("the render has no normals; render the scene with normals=True")
    hit = render.opacity > 0.5
    return seen_geometry(render.depth * hit, render.normal * hit, render.opacity, cameras)


def seen_geometry(
    depth: Float[Tensor, "b h w 1"],
    normal: Float[Tensor, "b h w 3"],
    opacity: Float[Tensor, "b h w 1"],
    cameras: Cameras,
) -> GeometryBuffer:
    """From distances along the rays (scene units) and unit normals in world space, both 0 behind."""
    return _in_camera_space(depth, normal, opacity, cameras, None)


def _in_camera_space(depth: Tensor, normal: Tensor, opacity: Tensor, cameras: Cameras, face) -> GeometryBuffer:
    shape = depth.shape[:3]
    rotation = camera_to_world(cameras)[:, :, :3].to(depth)
    directions = generate_rays(cameras, shape[1], shape[2]).directions.reshape(*shape, 3).to(depth)
    to_camera = "bhwi,bij->bhwj"
    point = torch.einsum(to_camera, directions, rotation) * depth
    return GeometryBuffer(point, torch.einsum(to_camera, normal, rotation), opacity, face)


def depth_map(geometry: GeometryBuffer, *, floor: float = 0.2) -> Float[Tensor, "b h w 3"]:
    """1 at the nearest point of each view, `floor` at its farthest, 0 behind; linear in the inverse depth along the
    camera's axis, which is what MiDaS, the published annotator, estimates up to scale and shift."""
    seen = geometry.seen[..., 0]
    inverse = 1 / -torch.where(seen, geometry.point[..., 2], -1.0)
    near = torch.where(seen, inverse, -torch.inf).amax((1, 2), keepdim=True)
    far = torch.where(seen, inverse, torch.inf).amin((1, 2), keepdim=True)
    span = near - far
    proper = span.isfinite() & (span > 1e-6 * near.abs())
    share = torch.where(proper, (inverse - torch.where(proper, far, 0.0)) / torch.where(proper, span, 1.0), 1.0)
    value = torch.where(seen, floor + (1 - floor) * share, 0.0)
    return value[..., None].expand(*value.shape, 3).clamp(0, 1)


def normal_map(
    geometry: GeometryBuffer, *, background: tuple[float, float, float] = (0.5, 0.5, 1.0)
) -> Float[Tensor, "b h w 3"]:
    """Camera-space normals n as colours: red = (1 - n_x) / 2, green = (1 + n_y) / 2, blue = (1 + n_z) / 2, with X to
    the right, Y up and Z towards the viewer. So surfaces that face left are red, up green, the viewer blue. The
    background faces the viewer, as in the annotator of ControlNet 1.0."""
    n = geometry.normal
    color = 0.5 + 0.5 * n * n.new_tensor([-1.0, 1.0, 1.0])
    return torch.where(geometry.seen, color, n.new_tensor(background)).clamp(0, 1)


def shaded_map(geometry: GeometryBuffer, *, background: float = 0.0) -> Float[Tensor, "b h w 3"]:
    """Grey clay under a soft light from above the camera's left shoulder (half Lambert), on a flat background."""
    light = F.normalize(geometry.normal.new_tensor([-0.45, 0.6, 0.66]), dim=0)
    value = 0.4 + 0.6 * (0.5 + 0.5 * (geometry.normal * light).sum(-1, keepdim=True))
    value = torch.where(geometry.seen, value, background)
    return value.expand(*value.shape[:3], 3).clamp(0, 1)


def canny_map(
    image: Float[Tensor, "b h w 3"], *, low: float = 100 / 255, high: float = 200 / 255
) -> Float[Tensor, "b h w 3"]:
    """Canny edges of pictures in [0, 1], e.g. of `shaded_map`; thresholds on the Sobel gradient as in the published
    annotator (OpenCV's, 100 and 200 of 255, no blur), here of the luminance and in the Euclidean norm."""
    from skimage.feature import canny
    from skimage.morphology import skeletonize

    grey = (image @ image.new_tensor([0.299, 0.587, 0.114])).cpu().double().numpy()
    # Beyond the border the picture goes on as it is: its frame is no edge. Without blur a step has the same gradient on
    # both of its sides and scikit-image keeps both, where OpenCV keeps one.
    edges = [skeletonize(canny(np.pad(g, 2, mode="edge"), 0, low, high, mode="nearest"))[2:-2, 2:-2] for g in grey]
    lines = torch.from_numpy(np.stack(edges)).to(image)
    return lines[..., None].expand(*lines.shape, 3)


def scribble_map(
    geometry: GeometryBuffer, *, crease: float = CREASE, step: float = 0.01, thickness: int | None = None
) -> Float[Tensor, "b h w 3"]:
    """White lines where the outline is, where one part ends in front of another (each of two neighbouring points lies
    off the other's tangent plane by more than `step` times its depth), and along creases sharper than `crease` degrees.
    `thickness` in pixels; by default that of a pen in a 512-pixel drawing, 1 pixel in 256 (odd)."""
    seen = geometry.seen
    height, width = seen.shape[1:3]
    lines = torch.zeros_like(seen)
    for axis, size in ((1, height), (2, width)):
        a, b = (slice(None),) * axis + (slice(0, size - 1),), (slice(None),) * axis + (slice(1, size),)
        both = seen[a] & seen[b]
        apart = geometry.point[b] - geometry.point[a]
        least = step * torch.minimum(-geometry.point[a][..., 2:], -geometry.point[b][..., 2:])
        off_a = (apart * geometry.normal[a]).sum(-1, keepdim=True).abs() > least
        off_b = (apart * geometry.normal[b]).sum(-1, keepdim=True).abs() > least
        cosine = (geometry.normal[a] * geometry.normal[b]).sum(-1, keepdim=True)
        inner = both & ((off_a & off_b) | (cosine < np.cos(np.radians(crease))))
        near = geometry.point[a][..., 2:] > geometry.point[b][..., 2:]  # the line belongs to what is in front
        lines[a] |= (inner & near) | (seen[a] & ~seen[b])
        lines[b] |= (inner & ~near) | (seen[b] & ~seen[a])
    if thickness is None:
        thickness = 2 * round(height / 512) + 1
    drawn = lines.to(geometry.point).permute(0, 3, 1, 2)
    drawn = F.max_pool2d(F.pad(drawn, (thickness // 2, (thickness - 1) // 2) * 2), thickness, 1)
    return drawn.permute(0, 2, 3, 1).expand(-1, -1, -1, 3)


def part_labels(mesh: Mesh) -> Int[np.ndarray, " f"]:
    """For each triangle the connected piece it belongs to, numbered in the order of the triangles; UV seams do not
    cut."""
    _, index = weld(mesh.vertices)
    _, label = face_components(index[mesh.faces])
    _, first = np.unique(label, return_index=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[label]


def flat_colors(
    parts: Int[Tensor, "b h w"], palette: tuple[tuple[float, float, float], ...] | Float[Tensor, "c 3"] = PALETTE
) -> Float[Tensor, "b h w 3"]:
    """A colour for each part number, black for -1: part k has the palette's colour k, from the start again after its
    last."""
    colors = torch.as_tensor(palette, dtype=torch.float32, device=parts.device)
    return torch.where((parts >= 0)[..., None], colors[parts.clamp(min=0) % len(colors)], 0.0)


def segmentation_map(
    geometry: GeometryBuffer,
    labels: Int[np.ndarray, " f"],
    palette: tuple[tuple[float, float, float], ...] = PALETTE,
) -> Float[Tensor, "b h w 3"]:
    """The `flat_colors` of parts, black behind. `labels` numbers the part of each triangle (see `part_labels`). Raises
    UserError for geometry that is no mesh's."""
    if geometry.face is None:
        raise UserError("only meshes have parts; extract a mesh before asking for its segmentation")
    if len(labels) == 0:
        return torch.zeros_like(geometry.point)
    if int(geometry.face.max()) >= len(labels) or int(np.min(labels)) < 0:
        raise UserError(f"there are {len(labels)} part labels; there must be one, at least 0, for each triangle")
    part = torch.as_tensor(np.asarray(labels, np.int64), device=geometry.face.device)[geometry.face.clamp(min=0)]
    return flat_colors(torch.where(geometry.seen[..., 0], part, -1), palette).to(geometry.point)


def control_map(kind: str, geometry: GeometryBuffer, labels: Int[np.ndarray, " f"] | None = None) -> Tensor:
    """The map [b, h, w, 3] of a kind out of KINDS; segmentation needs the labels of a mesh's triangles."""
    if kind == "segmentation":
        if labels is None:
            raise UserError("only meshes have parts; segmentation needs a guide")
        return segmentation_map(geometry, labels)
    if kind == "canny":
        return canny_map(shaded_map(geometry))
    if kind == "scribble":
        return scribble_map(geometry)
    return depth_map(geometry) if kind == "depth" else normal_map(geometry)
