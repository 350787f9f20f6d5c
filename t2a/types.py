"""The plain values that travel between the stages. Lengths are metres or scene units, angles radians, colours sRGB in
[0, 1]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class Cameras:
    """A batch of pinhole cameras that look at the origin of a Y-up, right-handed scene whose front is +Z."""

    azimuth: Float[Tensor, " b"]
    """Radians; 0 looks at the front (camera on +Z), a positive angle moves the camera towards +X."""
    elevation: Float[Tensor, " b"]
    """Radians above the horizon."""
    distance: Float[Tensor, " b"]
    """Scene units from the origin."""
    fov: Float[Tensor, " b"]
    """Vertical field of view, radians."""

    def __len__(self) -> int:
        return self.azimuth.shape[0]

    def __getitem__(self, rows) -> Cameras:
        return Cameras(self.azimuth[rows], self.elevation[rows], self.distance[rows], self.fov[rows])

    def and_(self, other: Cameras) -> Cameras:
        """Both, this one's first."""
        return Cameras(*(torch.cat(pair) for pair in zip(vars(self).values(), vars(other).values(), strict=True)))

    def to(self, device) -> Cameras:
        return Cameras(*(x.to(device) for x in vars(self).values()))


@dataclass(frozen=True)
class Rays:
    """Flat rays: pixel (row, column) of camera b is ray (b * height + row) * width + column."""

    origins: Float[Tensor, "n 3"]
    directions: Float[Tensor, "n 3"]
    """Unit length."""


@dataclass(frozen=True)
class Render:
    """What a scene shows to a batch of cameras; images are channels-last."""

    rgb: Float[Tensor, "b h w c"]
    """Colour in [0, 1] over the background (or latents, for a latent scene)."""
    opacity: Float[Tensor, "b h w 1"]
    depth: Float[Tensor, "b h w 1"]
    """Expected distance along the ray, scene units; 0 where nothing was hit."""
    normal: Float[Tensor, "b h w 3"] | None = None
    """Unit outward normals in world space, if the shading needed them."""
    stats: dict[str, Tensor] = field(default_factory=dict)
    """Scalars for regularisers, by name: what only the renderer can see (samples, distortion, orientation)."""


@dataclass(frozen=True)
class PointCloud:
    points: Float[np.ndarray, "n 3"]
    colors: Float[np.ndarray, "n 3"] | None = None


@dataclass(frozen=True)
class Material:
    """glTF metallic-roughness material."""

    base_color: Float[np.ndarray, "h w 3"] | None = None
    """sRGB texture in [0, 1]; row 0 is the top of the image (glTF's v = 0)."""
    metallic: float = 0.0
    roughness: float = 0.8
    kept: Mapping[str, Any] = field(default_factory=dict)
    """What else a mesh brought with it and only hands on: glTF's own names and values (doubleSided, emissiveFactor,
    ...); textures as images [h, w, c] in [0, 1]."""


@dataclass(frozen=True)
class Mesh:
    """Triangles, counter-clockwise seen from outside. Vertices that differ only in UV are separate rows."""

    vertices: Float[np.ndarray, "v 3"]
    faces: Int[np.ndarray, "f 3"]
    uvs: Float[np.ndarray, "v 2"] | None = None
    """glTF convention: (0, 0) is the TOP left corner of the texture."""
    normals: Float[np.ndarray, "v 3"] | None = None
    colors: Float[np.ndarray, "v 3"] | None = None

    def with_(self, **changes) -> Mesh:
        return replace(self, **changes)


@dataclass(frozen=True)
class Part:
    """Some of an object's triangles: those of one material."""

    name: str
    mesh: Mesh
    material: Material


@dataclass(frozen=True)
class Asset:
    """A finished asset: the textured mesh, its material, and the report that says how good it is."""

    mesh: Mesh
    material: Material
    report: dict
    contact_sheet: Float[np.ndarray, "h w 3"] | None = None
    rest: tuple[Part, ...] = ()
    """What else belongs to the object and was left as it is."""
    placed: bool = True
    """Whether it is moved to where engines want it when it is saved (`t2a.export.place`); what somebody gave stays
    where it is."""

    def save(self, path: str | Path) -> Path:
        """Write `path` (.glb), the report (.json) and the contact sheet (.png) beside it, each by rename."""
        from t2a.export import save_asset

        return save_asset(self, Path(path))
