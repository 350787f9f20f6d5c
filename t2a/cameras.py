"""Camera conventions and pose sampling, in one place.

The scene is Y-up and right-handed, its front faces +Z (glTF). Azimuth 0 places the camera on +Z, azimuth +90 degrees
on +X; elevation is the angle above the horizon. A camera looks along its own -Z with +Y up (OpenGL).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from t2a.types import Cameras, Rays

CAMERA_FEATURES = 12


def orbit(azimuth_deg, elevation_deg, distance: float = 3.0, fov_deg: float = 40.0) -> Cameras:
    """Cameras from degrees: scalars or sequences, broadcast together."""
    azimuth, elevation = torch.broadcast_tensors(
        torch.as_tensor(azimuth_deg, dtype=torch.float32).reshape(-1),
        torch.as_tensor(elevation_deg, dtype=torch.float32).reshape(-1),
    )
    full = torch.ones_like(azimuth)
    return Cameras(azimuth.deg2rad(), elevation.deg2rad(), full * distance, full * math.radians(fov_deg))


def turntable(count: int, elevation_deg: float = 15.0, distance: float = 3.0, fov_deg: float = 40.0) -> Cameras:
    """`count` cameras evenly around the object, the first one at the front."""
    return orbit(torch.arange(count) * (360.0 / count), elevation_deg, distance, fov_deg)


def sample_cameras(
    count: int,
    generator: torch.Generator,
    elevation_deg: tuple[float, float] = (-10.0, 60.0),
    distance: tuple[float, float] = (3.0, 3.0),
    fov_deg: tuple[float, float] = (40.0, 40.0),
) -> Cameras:
    """Random cameras whose azimuths are stratified: one random offset, `count` sectors, so a batch sees every side."""

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=generator)

    offset = torch.rand((), generator=generator)
    azimuth = (torch.arange(count) + offset + 0.25 * (torch.rand(count, generator=generator) - 0.5)) / count
    return Cameras(
        azimuth * 2 * math.pi % (2 * math.pi),
        uniform(*elevation_deg).deg2rad(),
        uniform(*distance),
        uniform(*fov_deg).deg2rad(),
    )


def spread(count: int, together: int) -> Int[Tensor, " b"]:
    """An order of `count` stratified views in which every `together` consecutive ones lie far apart."""
    return torch.arange(count).reshape(together, -1).T.flatten()


def camera_to_world(cameras: Cameras) -> Float[Tensor, "b 3 4"]:
    """Columns: the camera's right, up and backward axes and its position, in world space."""
    azimuth, elevation = cameras.azimuth, cameras.elevation
    zero = torch.zeros_like(azimuth)
    back = torch.stack([elevation.cos() * azimuth.sin(), elevation.sin(), elevation.cos() * azimuth.cos()], dim=-1)
    right = torch.stack([azimuth.cos(), zero, -azimuth.sin()], dim=-1)
    up = torch.linalg.cross(back, right)
    return torch.stack([right, up, back, back * cameras.distance[:, None]], dim=-1)


def generate_rays(cameras: Cameras, height: int, width: int) -> Rays:
    """One ray through the centre of each pixel; row 0 is the top of the image."""
    pose = camera_to_world(cameras)
    device = pose.device
    tangent = (cameras.fov / 2).tan()[:, None, None]
    y = (0.5 - (torch.arange(height, device=device) + 0.5) / height) * 2
    x = ((torch.arange(width, device=device) + 0.5) / width - 0.5) * 2 * (width / height)
    x, y = torch.meshgrid(x, y, indexing="xy")
    local = torch.stack([x * tangent, y * tangent, -torch.ones_like(x).expand(len(cameras), -1, -1)], dim=-1)
    directions = torch.einsum("bij,bhwj->bhwi", pose[:, :, :3], local)
    directions = torch.nn.functional.normalize(directions, dim=-1)
    origins = pose[:, None, None, :, 3].expand_as(directions)
    return Rays(origins.reshape(-1, 3), directions.reshape(-1, 3))


def camera_features(cameras: Cameras) -> Float[Tensor, "b 12"]:
    """What a camera-conditioned prior is told: four azimuth harmonics and two of elevation. Distance and fov are
    fixed by the prior's training data and not told."""
    a, e = cameras.azimuth[:, None], cameras.elevation[:, None]
    k = torch.arange(1, 5, device=a.device)
    return torch.cat([(k * a).sin(), (k * a).cos(), e.sin(), e.cos(), (2 * e).sin(), (2 * e).cos()], dim=-1)
