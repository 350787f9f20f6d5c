"""How visible a texture's seams are: the jump of colour across edges where charts meet, against that across others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from t2a.mesh.normals import weld
from t2a.mesh.render import sample_texture
from t2a.types import Mesh

ALONG = (0.25, 0.5, 0.75)
"""Where an edge is looked at, as shares of its length."""
SAME = 1e-6
"""Texture coordinates that differ by less are the same."""


@dataclass(frozen=True)
class Seams:
    """Mean absolute differences of colour (0 to 1) between points a texel apart, one on each side of an edge."""

    across: float
    """Edges where charts meet; 0 where there is none."""
    inside: float
    """All other edges."""
    count: int
    """Edges where charts meet."""


def seam_jumps(mesh: Mesh, texture: Float[np.ndarray, "h w 3"]) -> Seams:
    """Raises ValueError for a mesh without UVs."""
    if mesh.uvs is None:
        raise ValueError("the mesh has no UV coordinates")
    first, second = _pairs(mesh)
    if len(first) == 0:
        return Seams(0.0, 0.0, 0)
    uvs = np.asarray(mesh.uvs, np.float64)
    # Ends in the order of the first triangle; the second has the same edge the other way round.
    own = uvs[mesh.faces[first[:, 0][:, None], _corners(first[:, 1])]]
    other = uvs[mesh.faces[second[:, 0][:, None], _corners(second[:, 1])]]
    other[:, :2] = other[:, 1::-1]
    seam = np.abs(own[:, :2] - other[:, :2]).max((1, 2)) > SAME
    jumps = np.zeros(len(first))
    for share in ALONG:
        jumps += np.abs(_color(own, share, texture) - _color(other, share, texture)).mean(1) / len(ALONG)

    def mean(rows: np.ndarray) -> float:
        return float(jumps[rows].mean()) if rows.any() else 0.0

    return Seams(mean(seam), mean(~seam), int(seam.sum()))


def _pairs(mesh: Mesh) -> tuple[Int[np.ndarray, "e 2"], Int[np.ndarray, "e 2"]]:
    """The (triangle, side) on both sides of every edge that exactly two triangles share, run through oppositely."""
    index = weld(np.asarray(mesh.vertices, np.float32))[1]
    corners = index[mesh.faces]
    ends = np.stack([corners, np.roll(corners, -1, axis=1)], -1).reshape(-1, 2)
    key = np.sort(ends, axis=1)
    order = np.lexsort((key[:, 1], key[:, 0]))
    ordered = key[order]
    start = np.flatnonzero(np.r_[True, (ordered[1:] != ordered[:-1]).any(1)])
    length = np.diff(np.r_[start, len(ordered)])
    twice = start[length == 2]
    a, b = order[twice], order[twice + 1]
    against = (ends[a] == ends[b][:, ::-1]).all(1) & (ends[a][:, 0] != ends[a][:, 1])
    a, b = a[against], b[against]
    return np.stack([a // 3, a % 3], -1), np.stack([b // 3, b % 3], -1)


def _corners(side: Int[np.ndarray, " e"]) -> Int[np.ndarray, "e 3"]:
    """The edge's two corners in its triangle, then the third."""
    return (side[:, None] + np.arange(3)) % 3


def _color(
    corners: Float[np.ndarray, "e 3 2"], share: float, texture: Float[np.ndarray, "h w 3"]
) -> Float[np.ndarray, "e 3"]:
    """Half a texel away from the edge, towards the third corner (at most half of the way)."""
    at = corners[:, 0] + share * (corners[:, 1] - corners[:, 0])
    way = corners[:, 2] - at
    texels = np.linalg.norm(way * [texture.shape[1], texture.shape[0]], axis=1, keepdims=True)
    return sample_texture(texture, at + way * np.minimum(0.5 / np.maximum(texels, 1e-9), 0.5))
