"""Where in space an object may change, as a user says it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import trimesh
from jaxtyping import Bool, Float, Int
from scipy import ndimage
from torch import Tensor

from t2a.errors import UserError
from t2a.mesh import topology
from t2a.mesh.parts import part_of_face
from t2a.mesh.read import FORMATS, read_mesh
from t2a.scene.changes import nodes
from t2a.scene.guide import outward, signed_distance_and_winding
from t2a.scene.source import RESOLUTION, SAMPLES, Source
from t2a.types import Mesh

NEAR = 3
"""What is added to an object grows from its surface: a mask that is more cells away from it misses it."""


def allowed(mask: str, source: Source) -> Bool[Tensor, "n n n"]:
    """On the nodes of the source's grid: whether the object may change there. `mask` is a box as X0,Y0,Z0,X1,Y1,Z1 in
    the file's units; a mesh file, of which a closed one encloses it and an open one is a piece of the object's surface;
    names of materials divided by commas; or empty for everywhere.
    Raises UserError for one that cannot be read or that misses the object."""
    shape = (RESOLUTION + 1,) * 3
    if not mask:
        return torch.ones(shape, dtype=torch.bool)
    points = nodes(RESOLUTION).numpy()
    words = [word.strip() for word in mask.split(",")]
    names = [part.name for part in source.parts]
    if len(words) == 6 and all(_is_number(word) for word in words):
        corners = np.array(words, float).reshape(2, 3)
        where = source.to_file(points)
        inside = ((where >= corners.min(0)) & (where <= corners.max(0))).all(1)
    elif set(words) <= set(names):
        inside = _nearest_to(words, names, source)
    elif Path(mask).suffix.lower() in FORMATS:
        inside = _marked_by(read_mesh(mask), points, source)
    else:
        raise UserError(
            f"the mask {mask!r} is neither a box (X0,Y0,Z0,X1,Y1,Z1), nor a mesh file, nor names of materials; the "
            f"object's materials are: {', '.join(names)}"
        )
    grid = inside.reshape(shape)
    near = ndimage.binary_dilation(grid, iterations=NEAR)
    if not near[_cells(source)].any():
        low, high = (
            (source.to_file(np.stack([f(source.mesh.vertices, 0) for f in (np.min, np.max)])))
            .astype(float)
            .round(3)
            .tolist()
        )
        raise UserError(f"the mask {mask} misses the object, which reaches from {low} to {high}; move the mask onto it")
    return torch.from_numpy(grid)


def _nearest_to(words: Sequence[str], names: Sequence[str], source: Source) -> Bool[np.ndarray, " m"]:
    """Of each node, whether the nearest surface belongs to one of these parts."""
    chosen = np.isin(part_of_face([part.mesh for part in source.parts]), [names.index(word) for word in words])
    mine = np.zeros((RESOLUTION + 1,) * 3, bool)
    mine[_nodes_at(source.samples[0][chosen[source.samples[1]]])] = True
    return _nearest(mine, source)


def _marked_by(mesh: Mesh, points: Float[np.ndarray, "m 3"], source: Source) -> Bool[np.ndarray, " m"]:
    """Of each node, whether a closed mesh encloses it, or an open one lies on the nearest surface."""
    if topology(mesh).watertight:
        _, winding = signed_distance_and_winding(outward(mesh), source.to_file(points))
        return winding > 0.5
    body = trimesh.Trimesh(source.to_scene(mesh).vertices, mesh.faces, process=False)
    mine = np.zeros((RESOLUTION + 1,) * 3, bool)
    mine[_nodes_at(trimesh.sample.sample_surface(body, SAMPLES, seed=0)[0])] = True
    # Points of the same surface that were drawn at other places may be nearest to the next node.
    return _nearest(ndimage.binary_dilation(mine), source)


def _nearest(mine: Bool[np.ndarray, "n n n"], source: Source) -> Bool[np.ndarray, " m"]:
    """Of each node, whether the surface's node that is nearest to it is one of these."""
    surface = np.zeros_like(mine)
    surface[_cells(source)] = True
    rows = ndimage.distance_transform_edt(~surface, return_distances=False, return_indices=True)
    return mine[tuple(rows)].reshape(-1)


def _cells(source: Source) -> tuple[Int[np.ndarray, " n"], ...]:
    """The nodes that are nearest to the surface's points."""
    return _nodes_at(source.samples[0])


def _nodes_at(points: Float[np.ndarray, "n 3"]) -> tuple[Int[np.ndarray, " n"], ...]:
    return tuple(((points + 1) / 2 * RESOLUTION).round().astype(int).clip(0, RESOLUTION).T)


def _is_number(word: str) -> bool:
    try:
        return bool(np.isfinite(float(word)))
    except ValueError:
        return False
