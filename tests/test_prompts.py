"""Prompts: what is refused, and which side a camera sees."""

import pytest

from t2a.cameras import orbit
from t2a.errors import UserError
from t2a.prompts import check_prompt, directional


def test_blanks_are_tidied_and_emptiness_is_refused():
    assert check_prompt("  a  red\nmushroom ") == "a red mushroom"
    for empty in ("", "  ", "\n\t"):
        with pytest.raises(UserError, match="empty"):
            check_prompt(empty)
    with pytest.raises(UserError, match="at most"):
        check_prompt("a" * 5000)
    with pytest.raises(UserError, match="must be text"):
        check_prompt(None)
    with pytest.raises(UserError, match="UTF-8"):
        check_prompt("a ball\udcff")


def test_sides_follow_the_camera():
    cameras = orbit([0, 40, 90, 180, -170, 270, 350, 0], [0, 0, 0, 0, 0, 0, 0, 80])
    sides = ["front", "front", "side", "back", "back", "side", "front", "overhead"]
    assert directional("a cat", cameras) == [f"a cat, {side} view" for side in sides]
