"""How people say what is to be done to something: the plain data of instructions (t2a.pocket.edits fills it in).

Braces: {n} is what the object is called or "it", {a} something with its article, {c} a colour, {k} an adjective, {s}
marks or a substance.
"""

from __future__ import annotations

import functools
import re

RECOLOR = (
    "turn {n} {c}", "make {n} {c}", "paint {n} {c}", "change the color of {n} to {c}", "color {n} {c}",
    "it should be {c}",
    "make the color {c}", "recolor {n} to {c}", "let {n} be {c}", "{n} in {c}", "could {n} be {c}", "dye {n} {c}",
)  # fmt: skip
MARK = (
    "give {n} {s}", "add {s}", "cover {n} with {s}", "put {s} on {n}", "paint {s} on {n}", "make {n} {k}", "{s} please",
    "let {n} have {s}", "decorate {n} with {s}", "turn {n} {k}", "it should have {s}",
)  # fmt: skip
REMAKE = (
    "make {n} out of {s}", "turn {n} into {s}", "{n} should be made of {s}", "make {n} from {s}", "change it to {s}",
    "make {n} {k}", "let {n} be {s}", "build {n} from {s}",
)  # fmt: skip
DRESS = (
    "add {a}", "put {a} on {n}", "give {n} {a}", "make {n} wear {a}", "let {n} wear {a}", "put on {a}",
    "dress {n} in {a}",
    "it should wear {a}", "add {a} to {n}", "{n} needs {a}", "{a} please", "have {n} wear {a}",
)  # fmt: skip
UNDRESS = ("remove the {a}", "take off the {a}", "without the {a}", "take the {a} away", "no {a}", "delete the {a}")
REDRESS = (
    "make the {a} {c}", "turn the {a} {c}", "paint the {a} {c}", "change the color of the {a} to {c}",
    "a {c} {a} instead",
    "the {a} should be {c}", "color the {a} {c}",
)  # fmt: skip
POUR = (
    "cover {n} in {s}", "put {s} on {n}", "add {s}", "top {n} with {s}", "pour {s} over {n}", "add some {s} on top",
    "{s} on top please", "give {n} {s}",
)  # fmt: skip
REPLACE = (
    "make it {a}", "turn it into {a}", "replace it with {a}", "change {n} to {a}", "turn {n} into {a}", "make {n} {a}",
    "it should be {a}", "let it become {a}", "swap {n} for {a}",
)  # fmt: skip
REPAINT = (
    "make the {a} {c}", "paint the {a} {c}", "the {a} should be {c}", "turn the {a} {c}", "give {n} a {c} {a}",
    "change the color of the {a} to {c}", "color the {a} {c}",
)  # fmt: skip
ALL = (RECOLOR, MARK, REMAKE, DRESS, UNDRESS, REDRESS, POUR, REPLACE, REPAINT)


@functools.cache
def instruction_words() -> frozenset[str]:
    """The words that say what to do, without those of things and colours."""
    text = " ".join(template for templates in ALL for template in templates)
    return frozenset(re.findall(r"[a-z]+", re.sub(r"{.}", " ", text)))
