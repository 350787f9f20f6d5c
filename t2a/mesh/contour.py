"""Smooth silhouettes: how colours mix across a mesh's contours, differentiably in its vertices.

A rasterised image is piecewise constant in where its outlines are, hence without gradient. Laine et al. 2020 ("Modular
Primitives for High-Performance Differentiable Rendering", section 3.5) mix the two pixels on either side of an outline
by where between their centres it passes: with u in [0, 1] from the centre of the inner pixel to that of the outer one,
    u > 1/2:  outer += (u - 1/2) (inner - outer),      u < 1/2:  inner += (1/2 - u) (outer - inner)
which gives the exact coverage for an axis-parallel outline and makes pixels continuous in the vertices. Steep edges mix
horizontal neighbours, flat ones vertical neighbours, so that no edge counts twice.

Laine et al. look for the outline among the edges of the two triangles that the pixels see. That loses outlines of
triangles smaller than a pixel, which here are the rule (ten thousand triangles in 64 pixels), so all contour edges are
walked through instead. Where surfaces pass through each other there is no edge, and no smoothing, in either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from t2a.mesh.normals import weld
from t2a.mesh.raster import NEAR


@dataclass(frozen=True)
class EdgeTable:
    """The distinct edges of a mesh and what lies beside them. Vertices at one position are one: UV seams are no
    edges."""

    ends: Int[Tensor, "e 2"]
    """Two vertices of each edge; of vertices at one position the first, which alone receives the outline's
    gradient."""
    edge: Int[Tensor, " s"]
    """For each side of each triangle: its edge ..."""
    opposite: Int[Tensor, " s"]
    """... and the triangle's third vertex."""


@dataclass(frozen=True)
class Blend:
    """image[target] += weight * (image[source] - image[target]), over flat pixel indices (view, row, column)."""

    target: Int[Tensor, " k"]
    source: Int[Tensor, " k"]
    weight: Float[Tensor, " k"]
    """In [0, 1/2], at most 1 in all for a target. Carries the gradient to the vertices."""


@dataclass(frozen=True)
class _Crossings:
    """Where contour edges pass between the centres of two neighbouring pixels."""

    view: Int[Tensor, " k"]
    edge: Int[Tensor, " k"]
    upright: Bool[Tensor, " k"]
    """The edge is steeper than 45 degrees and the two pixels lie side by side; else one lies above the other."""
    line: Int[Tensor, " k"]
    """The pixels' common row (or column) ..."""
    first: Int[Tensor, " k"]
    """... and the column of the left one (or the row of the upper one)."""
    first_inside: Bool[Tensor, " k"]
    """The surface lies on the first pixel's side."""
    depth: Float[Tensor, " k"]
    """Along the camera's axis, scene units."""


def edge_table(vertices: Float[np.ndarray, "v 3"], faces: Int[np.ndarray, "f 3"]) -> EdgeTable:
    faces = np.asarray(faces, np.int64).reshape(-1, 3)
    _, index = weld(np.asarray(vertices))
    _, copy = np.unique(index, return_index=True)
    same = copy[index]  # the first vertex at each position
    corners = same[faces]
    sides = np.sort(np.concatenate([corners[:, [1, 2]], corners[:, [2, 0]], corners[:, [0, 1]]]), axis=1)
    proper = sides[:, 0] != sides[:, 1]
    ends, edge = np.unique(sides[proper], axis=0, return_inverse=True)
    opposite = corners.T.reshape(-1)[proper]
    return EdgeTable(*(torch.from_numpy(np.ascontiguousarray(x)) for x in (ends, edge.reshape(-1), opposite)))


def contour_blend(
    points: Float[Tensor, "b v 3"],
    table: EdgeTable,
    face: Int[Tensor, "b h w"],
    depth: Float[Tensor, "b h w"],
    tangents: Float[Tensor, " b"],
) -> Blend:
    """How to mix the pixels along the visible contours. `points` are in camera space; `face` and `depth` (along the
    camera's axis) say what the pixel centres see."""
    height, width = face.shape[1:]
    with torch.no_grad():
        found = _crossings(points.detach(), table, tangents, height, width)
        chosen, inner, outer = _visible(found, face, depth.detach())
    across, along = _screen(points, table, tangents, height, width, found.view[chosen], found.edge[chosen])
    upright = found.upright[chosen, None]
    # (m, n): along the line of pixels that is crossed n varies, from line to line m.
    m, n = torch.where(upright, along, across), torch.where(upright, across, along)
    rise = m[:, 1] - m[:, 0]
    rise = torch.where(rise.abs() < 1e-6, 1e-6, rise)
    crossing = n[:, 0] + (found.line[chosen] - m[:, 0]) * ((n[:, 1] - n[:, 0]) / rise)
    t = (crossing - found.first[chosen]).clamp(0, 1)
    u = torch.where(found.first_inside[chosen], t, 1 - t)
    spills = u >= 0.5
    target, source = torch.where(spills, outer, inner), torch.where(spills, inner, outer)
    weight = (u - 0.5).abs()
    total = weight.new_zeros(face.numel()).index_add(0, target, weight)
    return Blend(target, source, weight / total.index_select(0, target).clamp(min=1))


def antialias(image: Float[Tensor, "b h w c"], blend: Blend) -> Float[Tensor, "b h w c"]:
    """The image with its outlines smoothed; colours should be premultiplied by the opacity."""
    flat = image.flatten(0, 2)
    here, there = flat.index_select(0, blend.target), flat.index_select(0, blend.source)
    return flat.index_add(0, blend.target, blend.weight[:, None].to(flat) * (there - here)).reshape(image.shape)


def _screen(
    points: Tensor, table: EdgeTable, tangents: Tensor, height: int, width: int, view: Tensor, edge: Tensor
) -> tuple[Tensor, Tensor]:
    """Columns [k, 2] and rows [k, 2] of the ends of edges; pixel centres have whole numbers."""
    where = (view[:, None] * points.shape[1] + table.ends[edge]).reshape(-1)
    x, y, z = points.reshape(-1, 3).index_select(0, where).reshape(-1, 2, 3).unbind(-1)
    scale = -z * (2 * tangents.to(points)[view, None] / height)
    return x / scale + (0.5 * width - 0.5), (0.5 * height - 0.5) - y / scale


def _crossings(points: Tensor, table: EdgeTable, tangents: Tensor, height: int, width: int) -> _Crossings:
    exact = torch.float32 if points.device.type == "mps" else torch.float64
    points = points.to(exact)
    a, b = points[:, table.ends[:, 0]], points[:, table.ends[:, 1]]
    # An edge is on the contour if all its triangles lie on one side of the plane through it and the camera.
    side = (torch.linalg.cross(a, b)[:, table.edge] * points[:, table.opposite]).sum(-1).sign()
    zero = torch.zeros(a.shape[:2], dtype=exact, device=points.device)
    balance, count = zero.index_add(1, table.edge, side), zero.index_add(1, table.edge, side.abs())
    contour = (balance.abs() == count) & (count > 0) & (a[..., 2] < -NEAR) & (b[..., 2] < -NEAR)
    view, edge = contour.nonzero(as_tuple=True)
    inside = balance[view, edge].sign()

    across, along = _screen(points, table, tangents, height, width, view, edge)
    dc, dr = across[:, 1] - across[:, 0], along[:, 1] - along[:, 0]
    upright = dr.abs() >= dc.abs()
    m = torch.where(upright[:, None], along, across)
    n = torch.where(upright[:, None], across, along)
    lines = torch.where(upright, height, width)
    begin, end = m.amin(1).ceil().clamp(min=0), torch.minimum(m.amax(1).ceil(), lines)
    count = (end - begin).clamp(min=0).long()
    k = torch.repeat_interleave(torch.arange(len(view), device=points.device), count)
    line = begin[k].long() + torch.arange(len(k), device=points.device) - (count.cumsum(0) - count)[k]
    share = (line - m[k, 0]) / (m[k, 1] - m[k, 0])
    crossing = n[k, 0] + share * (n[k, 1] - n[k, 0])
    first = crossing.floor()
    within = ((first >= 0) & (first < torch.where(upright, width, height)[k] - 1)).nonzero()[:, 0]
    k = k[within]
    nearness_a, nearness_b = -1 / a[view[k], edge[k], 2], -1 / b[view[k], edge[k], 2]
    return _Crossings(
        view[k],
        edge[k],
        upright[k],
        line[within],
        first[within].long(),
        # Signs: the first pixel lies on the side dr (upright) or -dc (flat) of the directed edge.
        torch.where(upright, dr, -dc)[k] * inside[k] > 0,
        1 / (nearness_a + share[within] * (nearness_b - nearness_a)),
    )


def _visible(found: _Crossings, face: Tensor, depth: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Which crossings show in the picture, at most one for two neighbours, and their inner and outer pixels."""
    height, width = face.shape[1:]
    row = torch.where(found.upright, found.line, found.first)
    column = torch.where(found.upright, found.first, found.line)
    here = (found.view * height + row) * width + column
    there = here + torch.where(found.upright, 1, width)
    inner, outer = torch.where(found.first_inside, here, there), torch.where(found.first_inside, there, here)
    face, z = face.reshape(-1), torch.where(face >= 0, depth, torch.inf).reshape(-1).to(found.depth)
    shows = (face[inner] != face[outer]) & (z[inner] < z[outer]) & (found.depth < z[outer])
    # Behind a contour that shows there may be hidden ones: the nearest counts.
    pair = here * 2 + found.upright
    distance = torch.where(shows, found.depth, torch.inf)
    nearest = z.new_full((2 * len(z),), torch.inf).scatter_reduce(0, pair, distance, "amin")
    number = torch.arange(len(pair), device=pair.device)
    best = shows & (distance == nearest[pair])
    lowest = torch.full((2 * len(z),), len(pair), device=pair.device).scatter_reduce(
        0, pair[best], number[best], "amin"
    )
    chosen = (best & (number == lowest[pair])).nonzero()[:, 0]
    return chosen, inner[chosen], outer[chosen]
