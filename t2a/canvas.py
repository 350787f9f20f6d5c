"""An object that is to be painted: which of its triangles, through which texture coordinates, and what the rest of it
looks like."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float
from PIL import Image

from t2a.errors import UserError
from t2a.mesh.decimate import MAX_FACES
from t2a.mesh.parts import joined, read_parts
from t2a.mesh.read import z_up_to_y_up
from t2a.scene.guide import SIZE, centred
from t2a.scene.painted_mesh import Look
from t2a.texture.usable import with_usable_uvs
from t2a.types import Material, Mesh, Part

ALL = "all"


@dataclass(frozen=True)
class Canvas:
    """What is painted, and what stays."""

    mesh: Mesh
    """Where the file has it, with UVs that it can be painted through."""
    old: Material | None
    """What it looked like; None for several materials."""
    rest: tuple[Part, ...]
    mask: Bool[np.ndarray, "h w"] | None
    """The texels of `mesh` that may be painted; None for all."""
    keeps_uvs: bool
    why: str
    """As a clause: why the UVs were kept, or not."""

    @property
    def whole(self) -> Mesh:
        """Everything, the painted triangles first."""
        meshes = [self.mesh, *(part.mesh for part in self.rest)]
        return joined([replace(m, uvs=None, colors=None) for m in meshes])

    @property
    def look(self) -> Look | None:
        """What is there already and where it stays; None where all of the object is painted."""
        if self.mask is None and not self.rest:
            return None
        one = np.ones((1, 1), bool)
        learnt = [one if self.mask is None else self.mask, *(~one for _ in self.rest)]
        return Look.of([Part("painted", self.mesh, self.old or Material()), *self.rest], learnt)

    def mask_hash(self) -> str | None:
        """SHA-256 of which texels may be painted; None for all."""
        return None if self.mask is None else hashlib.sha256(np.packbits(self.mask).tobytes()).hexdigest()

    def in_scene(self) -> tuple[Mesh, Mesh]:
        """The whole object in the scene, centred and scaled, and of it the painted triangles with their UVs."""
        whole = centred(self.whole, SIZE)
        return whole, self.mesh.with_(vertices=whole.vertices[: len(self.mesh.vertices)])


def geometry_hash(mesh: Mesh) -> str:
    """SHA-256 of where the corners of each triangle are, in order and bit by bit: what painting must not change. Which
    vertices are repeated along seams does not matter."""
    corners = np.ascontiguousarray(np.asarray(mesh.vertices, "<f4")[mesh.faces])
    return hashlib.sha256(corners.tobytes()).hexdigest()


def read_canvas(
    source: str | Path, *, material: str = ALL, mask: str | Path | None = None, up: str = "y", texture: int = 1024
) -> Canvas:
    """Of the file `source` paint the parts of the materials that `material` names (several divided by commas), and of
    them where the picture `mask`, which is looked up by the UVs, is white.

    UVs are kept if they give every part of the surface texels of its own; otherwise the painted triangles are
    unwrapped. Raises UserError for a file that is no mesh, names that it does not have, and a mask that needs UVs which
    are not there.
    """
    if up not in ("y", "z"):
        raise UserError(f"the mesh's up axis is {up!r}; choose y or z")
    parts = read_parts(source)
    if up == "z":
        parts = [replace(part, mesh=_turned(part.mesh)) for part in parts]
    count = sum(len(part.mesh.faces) for part in parts)
    if count > MAX_FACES:
        raise UserError(f"{source} has {count:,} triangles; at most {MAX_FACES:,} can be painted: simplify it first")
    chosen, rest = _chosen(parts, material, source)
    mesh = joined([part.mesh for part in chosen])
    old = chosen[0].material if len(chosen) == 1 else None
    painted = None if mask is None else read_mask(mask)
    mapped, why = with_usable_uvs(mesh, texture)
    kept = mapped is mesh
    if painted is not None and not kept:
        raise UserError(f"a mask is looked up by UVs, but {why}; unwrap the mesh first, or leave the mask out")
    return Canvas(mapped, old, tuple(rest), painted, kept, why)


def read_mask(path: str | Path) -> Bool[np.ndarray, "h w"]:
    """A picture as booleans: white is true. Raises UserError where it cannot be read, and where nothing is white."""
    try:
        with Image.open(path) as image:
            white = np.asarray(image.convert("L")) >= 128
    except FileNotFoundError:
        raise UserError(f"there is no mask {path}; name a picture whose white texels are painted") from None
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise UserError(f"the mask {path} cannot be read as a picture; save it as PNG") from error
    if not white.any():
        raise UserError(
            f"the mask {path} is black all over, so nothing would be painted; paint white where it should be"
        )
    return white


def merged(
    old: Float[np.ndarray, "_ _ c"], new: Float[np.ndarray, "h w 3"], mask: Bool[np.ndarray, "_ _"] | None
) -> Float[np.ndarray, "h w 3"]:
    """The new texture where the mask is white, else the old one, brought to the new one's size."""
    if mask is None:
        return new
    size = new.shape[:2]
    return np.where(_resized(mask[..., None], size) > 0.5, new, _resized(old[..., :3], size)).astype(np.float32)


def _resized(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    values = torch.from_numpy(np.ascontiguousarray(image, np.float32)).permute(2, 0, 1)[None]
    if tuple(values.shape[2:]) == size:
        return values[0].permute(1, 2, 0).numpy()
    smooth = torch.nn.functional.interpolate(values, size, mode="bilinear", align_corners=False)
    return smooth[0].permute(1, 2, 0).numpy()


def _turned(mesh: Mesh) -> Mesh:
    normals = None if mesh.normals is None else z_up_to_y_up(mesh.normals)
    return mesh.with_(vertices=z_up_to_y_up(mesh.vertices), normals=normals)


def _chosen(parts: list[Part], material: str, source: str | Path) -> tuple[list[Part], list[Part]]:
    if material == ALL:
        return parts, []
    names = [part.name for part in parts]
    wanted = [name.strip() for name in material.split(",")]
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise UserError(f"{source} has no material {unknown[0]!r}; it has: {', '.join(names)}")
    return [p for p in parts if p.name in wanted], [p for p in parts if p.name not in wanted]
