"""What a prompt becomes on its way to a prior: checks, and view-dependent wordings for priors that are not told the
camera."""

from __future__ import annotations

import math

from t2a.errors import UserError
from t2a.types import Cameras

SIDES = {"front": ", front view", "side": ", side view", "back": ", back view", "overhead": ", overhead view"}
OVERHEAD = math.radians(60)
FRONT = math.radians(45)
"""Half the width of the front and of the back sector (DreamFusion, section 3.2)."""
LONGEST = 2000


def check_prompt(prompt: str) -> str:
    """The prompt without surrounding or repeated blanks; raises UserError if nothing is left, or it is no text."""
    if not isinstance(prompt, str):
        raise UserError(f'the prompt is {prompt!r}; it must be text, for example "a red mushroom"')
    try:
        prompt.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UserError("the prompt has bytes that are no UTF-8 text; type it again") from error
    words = " ".join(prompt.split())
    if not words:
        raise UserError('the prompt is empty; say what to make, for example "a red mushroom"')
    if len(words) > LONGEST:
        raise UserError(f"the prompt has {len(words)} characters, at most {LONGEST} are allowed; shorten it")
    return words


def side(azimuth: float, elevation: float) -> str:
    """The name of the side that a camera sees: a key of SIDES."""
    if elevation > OVERHEAD:
        return "overhead"
    turned = abs((azimuth + math.pi) % (2 * math.pi) - math.pi)
    return "front" if turned < FRONT else "back" if turned > math.pi - FRONT else "side"


def directional(prompt: str, cameras: Cameras) -> list[str]:
    """One wording for each camera: the prompt and the side that it sees (DreamFusion, section 3.2)."""
    pairs = zip(cameras.azimuth.tolist(), cameras.elevation.tolist(), strict=True)
    return [prompt + SIDES[side(azimuth, elevation)] for azimuth, elevation in pairs]
