"""Pictures of an object from all around with their cameras, for nerfstudio and other trainers of scenes."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import torch

from t2a.cameras import camera_to_world, orbit
from t2a.capture.pictures import y_up_to_z_up
from t2a.capture.transforms import NAME
from t2a.config import SceneConfig
from t2a.events import Event
from t2a.export.files import check_writable, write_json, write_png
from t2a.scene.guide import SIZE
from t2a.scene.source import Source
from t2a.types import Cameras, Part

STAGE = "views"
LOWEST, HIGHEST = -20.0, 70.0
"""Elevations of the cameras, degrees."""


def all_around(count: int) -> Cameras:
    """Evenly over the sphere between the lowest and the highest elevation (golden angle)."""
    heights = np.sin(np.radians([LOWEST, HIGHEST]))
    elevation = np.degrees(np.arcsin(np.linspace(heights[0], heights[1], count)))
    return orbit(np.arange(count) * 137.507764 % 360, elevation)


def write_views(parts: Sequence[Part], folder: Path, count: int, size: int) -> Generator[Event, None, None]:
    """Write `count` pictures of `size` pixels (PNG with transparency, bare colours without light) and their
    transforms.json, in the object's own units and Z up, as nerfstudio has it; that file comes last, by rename."""
    source = Source(parts, SceneConfig(), SIZE, "albedo")
    cameras = all_around(count)
    poses = camera_to_world(cameras).numpy().astype(np.float64)
    check_writable(folder / NAME)
    check_writable(folder / "images" / "000.png")
    focal = size / 2 / math.tan(float(cameras.fov[0]) / 2)
    frames = []
    for number in range(count):
        render = source.render(cameras[number : number + 1], size, torch.zeros(1, 1, 1, 3))
        opacity = render.opacity[0]
        rgba = torch.cat([render.rgb[0] / opacity.clamp(min=1e-3), opacity], dim=-1).clamp(0, 1)
        name = f"images/{number:03d}.png"
        write_png(folder / name, rgba.numpy())
        pose = poses[number]
        pose[:, 3] = source.to_file(pose[None, :, 3])[0]
        frames.append({"file_path": name, "transform_matrix": [*y_up_to_z_up(pose).tolist(), [0.0, 0.0, 0.0, 1.0]]})
        preview = rgba.numpy() if number % 8 == 0 else None
        yield Event(STAGE, number + 1, count, preview=None if preview is None else preview[..., :3])
    told = {
        "camera_model": "OPENCV",
        "fl_x": focal,
        "fl_y": focal,
        "cx": size / 2,
        "cy": size / 2,
        "w": size,
        "h": size,
    }
    write_json(folder / NAME, {**told, "frames": frames})
