"""Pictures whose cameras are known, and where in the world the object is that they look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from t2a.errors import UserError
from t2a.types import Rays

SIZE = 0.8
"""How far from the origin the farthest part of the object lies in the scene, where the pictures say what it is."""
AROUND = 0.5
"""Where they do not: the share of the cameras' distance that is taken for the object."""
GRID = 64
"""Cells along an edge of the cube that is carved to find the object."""
AGREE = 0.95
"""Of the pictures that see a cell so many must have something there."""


@dataclass(frozen=True)
class Picture:
    rgb: Float[np.ndarray, "h w 3"]
    """sRGB in [0, 1]; whatever it is where the opacity is 0."""
    opacity: Float[np.ndarray, "h w"] | None
    """None where nobody has said what is the object and what is behind it."""
    pose: Float[np.ndarray, "3 4"]
    """Columns: the camera's right, up and backward axes and its position, in a world whose Y is up."""
    focal: tuple[float, float]
    """Pixels, horizontal and vertical."""
    centre: tuple[float, float]
    """Of the projection, pixels from the left and from the top."""
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    """OpenCV's k1, k2, p1, p2, k3."""

    def directions(self) -> Float[np.ndarray, "h w 3"]:
        """Of the rays through the pixels' centres, unit vectors in the world."""
        height, width = self.rgb.shape[:2]
        column, row = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        seen = np.stack([(column - self.centre[0]) / self.focal[0], (row - self.centre[1]) / self.focal[1]], axis=-1)
        x, y = np.moveaxis(straightened(seen, self.distortion), -1, 0)
        local = np.stack([x, -y, -np.ones_like(x)], axis=-1)
        turned = local @ self.pose[:, :3].T
        return turned / np.linalg.norm(turned, axis=-1, keepdims=True)

    def shows(self, points: Float[np.ndarray, "n 3"]) -> tuple[Bool[np.ndarray, " n"], Bool[np.ndarray, " n"]]:
        """Which points are within the picture, and at which of them there is something; the lens is taken for a
        straight one."""
        local = (points - self.pose[:, 3]) @ self.pose[:, :3]
        ahead = -local[:, 2]
        safe = np.maximum(ahead, 1e-6)
        column = np.floor(local[:, 0] / safe * self.focal[0] + self.centre[0])
        row = np.floor(-local[:, 1] / safe * self.focal[1] + self.centre[1])
        height, width = self.rgb.shape[:2]
        within = (ahead > 0) & (column >= 0) & (column < width) & (row >= 0) & (row < height)
        there = within.copy()
        if self.opacity is not None:
            there[within] = self.opacity[row[within].astype(int), column[within].astype(int)] > 0.5
        return within, there


def straightened(
    seen: Float[np.ndarray, "*n 2"], distortion: Sequence[float], rounds: int = 10
) -> Float[np.ndarray, "*n 2"]:
    """Where a lens without distortion would have shown what this one shows at `seen` (in focal lengths from the centre,
    y downwards): the fixed point of OpenCV's model of distortion."""
    if not any(distortion):
        return seen
    k1, k2, p1, p2, k3 = distortion
    found = seen
    for _ in range(rounds):
        x, y = np.moveaxis(found, -1, 0)
        r2 = x * x + y * y
        radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
        tangential = np.stack([2 * p1 * x * y + p2 * (r2 + 2 * x * x), p1 * (r2 + 2 * y * y) + 2 * p2 * x * y], -1)
        found = (seen - tangential) / radial[..., None]
    return found


@dataclass(frozen=True)
class Placement:
    """Where the scene's origin lies in the pictures' world, and how large it is there: scene = (world - middle) *
    scale."""

    middle: Float[np.ndarray, " 3"]
    scale: float

    def to_world(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        return (points / self.scale + self.middle).astype(np.float32)


@dataclass(frozen=True)
class Capture:
    pictures: tuple[Picture, ...]

    @property
    def masked(self) -> bool:
        """Whether every picture says what is the object."""
        return all(picture.opacity is not None for picture in self.pictures)

    def positions(self) -> Float[np.ndarray, "b 3"]:
        return np.stack([picture.pose[:, 3] for picture in self.pictures])

    def placement(self) -> Placement:
        """Where the object is: inside of all outlines (the visual hull), or about the point that the cameras look at.
        Raises UserError where they look at nothing together."""
        focus = focus_of(self.pictures)
        away = np.linalg.norm(self.positions() - focus, axis=1)
        if not np.isfinite(focus).all() or away.min() < 1e-6:
            raise UserError("the pictures' cameras do not look at one place; take pictures from all around the object")
        if not self.masked:
            return Placement(focus, 1 / (AROUND * float(np.median(away))))
        hull = self._hull(focus, float(away.min()))
        if not len(hull):
            raise UserError("the pictures' masks have no place in common; check the masks and the cameras")
        middle = (hull.min(0) + hull.max(0)) / 2
        return Placement(middle, SIZE / float(np.linalg.norm(hull - middle, axis=1).max()))

    def _hull(self, focus: Float[np.ndarray, " 3"], reach: float) -> Float[np.ndarray, "n 3"]:
        """Nodes of a grid where nearly all pictures that look there have something; once more around those found, where
        they are few."""
        middle = focus
        nodes = np.empty((0, 3))
        for _ in range(2):
            axis = np.linspace(-reach, reach, GRID)
            grid = middle + np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
            looked, there = np.zeros(len(grid)), np.zeros(len(grid))
            for picture in self.pictures:
                within, something = picture.shows(grid)
                looked += within
                there += something
            nodes = grid[(looked >= len(self.pictures) / 2) & (there >= AGREE * looked)]
            if not len(nodes):
                break
            low, high = nodes.min(0), nodes.max(0)
            middle, reach = (low + high) / 2, float((high - low).max() / 2 + 2 * (axis[1] - axis[0]))
        return nodes

    def rays(self, placement: Placement) -> tuple[Rays, Float[Tensor, "n 4"]]:
        """In the scene, one through each pixel of all pictures, with its sRGB colour and its opacity (1 where it is not
        known)."""
        origins, directions, seen = [], [], []
        for picture in self.pictures:
            height, width = picture.rgb.shape[:2]
            position = (picture.pose[:, 3] - placement.middle) * placement.scale
            origins.append(np.broadcast_to(position.astype(np.float32), (height * width, 3)))
            directions.append(picture.directions().reshape(-1, 3).astype(np.float32))
            opacity = np.ones((height, width), np.float32) if picture.opacity is None else picture.opacity
            seen.append(np.concatenate([picture.rgb, opacity[..., None]], axis=-1).reshape(-1, 4))
        together = (torch.from_numpy(np.concatenate(x).astype(np.float32)) for x in (origins, directions, seen))
        rays = Rays(next(together), next(together))
        return rays, next(together)


def focus_of(pictures: Sequence[Picture]) -> Float[np.ndarray, " 3"]:
    """The point that is nearest to all optical axes (least squares)."""
    position = np.stack([picture.pose[:, 3] for picture in pictures]).astype(np.float64)
    axis = np.stack([picture.pose[:, 2] for picture in pictures]).astype(np.float64)
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    across = np.eye(3) - axis[:, :, None] * axis[:, None, :]
    return np.linalg.lstsq(across.sum(0), (across @ position[..., None]).sum(0), rcond=None)[0][:, 0]


def z_up_to_y_up(pose: Float[np.ndarray, "3 4"]) -> Float[np.ndarray, "3 4"]:
    """What faced -Y, a Z-up program's front, faces +Z, as in `t2a.mesh.read.z_up_to_y_up`."""
    return np.stack([pose[0], pose[2], -pose[1]])


def y_up_to_z_up(pose: Float[np.ndarray, "3 4"]) -> Float[np.ndarray, "3 4"]:
    """The other way round."""
    return np.stack([pose[0], -pose[2], pose[1]])


def upright(pictures: Sequence[Picture], tilt: float = 30.0) -> tuple[Picture, ...]:
    """The pictures in a world that stands: Y is up already, unless the cameras' own mean up is more than `tilt` degrees
    away from it, as it is where nobody has told the cameras' program what is up."""
    up = np.mean([picture.pose[:, 1] for picture in pictures], axis=0)
    length = np.linalg.norm(up)
    if length < 1e-3 or up[1] >= length * np.cos(np.radians(tilt)):
        return tuple(pictures)
    turn = _turn_to_y(up / length)
    return tuple(replace(picture, pose=turn @ picture.pose) for picture in pictures)


def _turn_to_y(up: Float[np.ndarray, " 3"]) -> Float[np.ndarray, "3 3"]:
    """The shortest rotation that takes a unit vector to +Y (Rodrigues)."""
    y = np.array([0.0, 1.0, 0.0])
    cosine = float(up @ y)
    if cosine < -1 + 1e-9:
        return np.diag([1.0, -1.0, -1.0])
    cross = np.cross(up, y)
    k = np.array([[0, -cross[2], cross[1]], [cross[2], 0, -cross[0]], [-cross[1], cross[0], 0]])
    return np.eye(3) + k + k @ k / (1 + cosine)
