"""Which texture coordinates a texture can be painted through, and which texels belong to which triangles."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool
from scipy import ndimage

from t2a.errors import UserError
from t2a.mesh.normals import face_normals
from t2a.texture.unwrap import unwrap
from t2a.texture.uv_raster import measure_uv, rasterize_uv
from t2a.types import Mesh

SLACK = 1e-4
"""How far outside of [0, 1] rounding may carry a coordinate."""


def usable_uvs(
    mesh: Mesh, *, size: int = 512, overlap: float = 0.01, coverage: float = 0.02, flat: float = 0.01
) -> tuple[bool, str]:
    """Whether the mesh's UVs give every part of the surface texels of its own, and if not, why not, as a clause.

    Looked at with a size x size texture: at most the share `overlap` of the used texels may have two owners (mirrored
    and stacked parts do, and would be painted from two sides at once), at least `coverage` of the texture must be used,
    and at most `flat` of the surface may have no area in the texture.
    """
    if mesh.uvs is None:
        return False, "the mesh has no UV coordinates"
    if len(mesh.faces) == 0:
        return False, "the mesh has no triangles"
    used = np.asarray(mesh.uvs, np.float64)[np.unique(mesh.faces)]
    if not np.isfinite(used).all():
        return False, "some UV coordinates are NaN or infinite"
    outside = ((used < -SLACK) | (used > 1 + SLACK)).any(1).mean()
    if outside > 0:
        return False, f"{outside:.0%} of the vertices have UVs outside of [0, 1], as tiling textures do"
    a, b, c = (np.asarray(mesh.uvs, np.float64)[mesh.faces[:, i]] for i in range(3))
    texels = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2 * size**2
    area = np.linalg.norm(face_normals(mesh), axis=1)
    lost = area[texels < 1e-3].sum() / max(area.sum(), 1e-30)
    if lost > flat:
        return False, f"{lost:.0%} of the surface has no area in the texture"
    stats = measure_uv(mesh.with_(uvs=np.clip(mesh.uvs, 0, 1)), size)
    if stats.coverage < coverage:
        return False, f"the UVs use {stats.coverage:.1%} of the texture"
    if stats.overlap > overlap:
        return False, f"{stats.overlap:.0%} of the used texels belong to two or more triangles"
    return True, "the UVs are usable"


def with_usable_uvs(mesh: Mesh, texture_size: int = 1024) -> tuple[Mesh, str]:
    """The mesh itself if its UVs are usable, else unwrapped; and the reason. Unwrapping raises UserError for meshes
    that are empty or above its triangle limit; the result has no normals, because those of `unwrap` round off edges."""
    usable, reason = usable_uvs(mesh)
    return (mesh if usable else unwrap(mesh, texture_size).with_(normals=None)), reason


def texels_of(mesh: Mesh, faces: Bool[np.ndarray, " f"], size: int) -> Bool[np.ndarray, "h w"]:
    """The texels of a size x size texture that belong to the chosen triangles, padding included: a texel that no
    triangle owns goes with the nearest one that is owned, so that edges of a repainted part show no old colour."""
    faces = np.asarray(faces)
    if faces.shape != (len(mesh.faces),) or faces.dtype != bool:
        raise UserError(
            f"the selection has shape {faces.shape} and type {faces.dtype}; it must be {len(mesh.faces)} booleans, "
            "one per triangle"
        )
    owner = rasterize_uv(mesh, size).face
    if not (owner >= 0).any():
        raise UserError("no texel belongs to a triangle; check the UV coordinates")
    row, column = ndimage.distance_transform_edt(owner < 0, return_distances=False, return_indices=True)
    return faces[owner[row, column]]
