"""transforms.json: pictures and their cameras, as nerfstudio, instant-ngp and the NeRF paper's scenes have them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from t2a.capture.pictures import Capture, Picture, upright, z_up_to_y_up
from t2a.errors import UserError

NAME = "transforms.json"
FEWEST, MOST = 4, 200
"""Pictures that are needed, and that are taken, evenly, of more."""
EDGE = 256
"""Pixels of a picture's longer edge; larger ones are made smaller."""
STRAIGHT = ("OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL")
"""Kinds of cameras (COLMAP's names) that `Picture` can be."""
DISTORTION = ("k1", "k2", "p1", "p2", "k3")


def read_transforms(path: Path) -> Capture:
    """The pictures that the file lists, in a world whose Y is up (the file's is Z). Raises UserError for a file that is
    no such list, for pictures that are missing or cannot be read, and for lenses that bend more than a camera's."""
    told = _read(path)
    frames = told.get("frames")
    if not isinstance(frames, list) or len(frames) < FEWEST:
        count = len(frames) if isinstance(frames, list) else 0
        raise UserError(f"{path} lists {count} pictures; at least {FEWEST} are needed, from all around the object")
    chosen = [frames[i] for i in np.linspace(0, len(frames) - 1, min(len(frames), MOST)).round().astype(int)]
    pictures = [_picture(path, number, told, frame) for number, frame in enumerate(chosen)]
    return Capture(upright(pictures))


def lists_pictures(path: Path) -> bool:
    """Whether it is a JSON file of that kind."""
    try:
        return path.suffix.lower() == ".json" and "frames" in _read(path)
    except UserError:
        return False


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise UserError(f"there is no file {path}")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UserError(f"{path} cannot be read as JSON ({error}); give nerfstudio's transforms.json") from error
    if not isinstance(told, dict):
        raise UserError(f"{path} holds no cameras; give nerfstudio's transforms.json")
    return told


def _picture(path: Path, number: int, told: dict[str, Any], frame: Any) -> Picture:
    where = f"picture {number + 1} of {path}"
    if not isinstance(frame, dict) or not isinstance(frame.get("file_path"), str):
        raise UserError(f"{where} has no file_path")
    told = {**told, **frame}
    model = told.get("camera_model", "OPENCV")
    if model not in STRAIGHT or told.get("is_fisheye"):
        raise UserError(f"{where} has a camera of the kind {model}; undistort the pictures first, e.g. by COLMAP")
    image = _open(path.parent / frame["file_path"], where)
    full = image.size
    given = (float(told.get("w", full[0])), float(told.get("h", full[1])))
    image.thumbnail((EDGE, EDGE), Image.Resampling.BOX)
    ratio = (image.size[0] / given[0], image.size[1] / given[1])
    pixels = np.asarray(image.convert("RGBA" if "A" in image.getbands() else "RGB"), np.float32) / 255
    opacity = pixels[..., 3] if pixels.shape[-1] == 4 else None
    if isinstance(told.get("mask_path"), str):
        mask = _open(path.parent / told["mask_path"], where).convert("L").resize(image.size, Image.Resampling.BOX)
        opacity = np.asarray(mask, np.float32) / 255
    try:
        focal = _focal(told, given)
        centre = float(told.get("cx", given[0] / 2)), float(told.get("cy", given[1] / 2))
        distortion = tuple(float(told.get(name, 0.0)) for name in DISTORTION)
        pose = np.array(told["transform_matrix"], np.float64)[:3]
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{where} lacks its camera ({error}); give fl_x or camera_angle_x, transform_matrix") from error
    if pose.shape != (3, 4) or not np.isfinite(pose).all():
        raise UserError(f"{where} has a transform_matrix that is no pose; it must have 4 rows of 4 finite numbers")
    return Picture(
        pixels[..., :3],
        opacity,
        z_up_to_y_up(pose),
        (focal[0] * ratio[0], focal[1] * ratio[1]),
        (centre[0] * ratio[0], centre[1] * ratio[1]),
        distortion,  # type: ignore[arg-type]
    )


def _focal(told: dict[str, Any], size: tuple[float, float]) -> tuple[float, float]:
    """In pixels; KeyError where there is none."""
    if "fl_x" in told:
        return float(told["fl_x"]), float(told.get("fl_y", told["fl_x"]))
    horizontal = size[0] / 2 / math.tan(float(told["camera_angle_x"]) / 2)
    if "camera_angle_y" in told:
        return horizontal, size[1] / 2 / math.tan(float(told["camera_angle_y"]) / 2)
    return horizontal, horizontal


def _open(path: Path, where: str) -> Image.Image:
    """The picture; the NeRF paper's files leave the suffix away."""
    found = next((p for p in (path, path.with_name(f"{path.name}.png")) if p.is_file()), None)
    if found is None:
        raise UserError(f"{where}: there is no file {path}")
    try:
        with Image.open(found) as image:
            image.load()
            return image.copy()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError(f"{where}: {found} cannot be read as a picture ({type(error).__name__})") from error
