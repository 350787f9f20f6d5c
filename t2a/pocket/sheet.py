"""Sheets of the pocket world: captioned scenes from three sides."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw

from t2a.cameras import orbit
from t2a.pocket.world import scene

CAPTION = 14
"""Pixels of the line of text under a scene."""


def titled(picture: Float[np.ndarray, "h w 3"], text: str) -> Float[np.ndarray, "h2 w 3"]:
    """The picture with a line of text below it, cut where it does not fit."""
    strip = Image.new("RGB", (picture.shape[1], CAPTION), "white")
    ImageDraw.Draw(strip).text((2, 1), text[: picture.shape[1] // 6], fill="black")
    return np.concatenate([picture, np.asarray(strip, np.float32) / 255])


def tiled(pictures: list[Float[np.ndarray, "h w 3"]], columns: int) -> Float[np.ndarray, "h2 w2 3"]:
    """Pictures of one size in rows of `columns`, white where there are none."""
    blank = np.ones_like(pictures[0])
    filled = pictures + [blank] * (-len(pictures) % columns)
    return np.concatenate([np.concatenate(filled[i : i + columns], axis=1) for i in range(0, len(filled), columns)])


def world_sheet(count: int, seed: int = 0, size: int = 96, *, held_out: bool = False) -> Float[np.ndarray, "h w 3"]:
    """`count` scenes of a seed, each from the front right, the left and the back right."""
    pictures = []
    for i in range(count):
        made = scene(seed, i, held_out=held_out)
        views = made.render(orbit([30, 270, 150], [15, 15, 30]), size)
        pictures.append(titled(np.concatenate(list(views.rgb), axis=1), made.caption))
    return tiled(pictures, columns=min(4, count))
