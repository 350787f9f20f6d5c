"""The frames of loose speech (t2a.pocket.speech) and of instructions' marks and substances: plain data.

Braces: {a} is an object with its article, {n} without; {c} and {d} are colours, {s} a surface, {k} an adjective, {m} a
number, {x} and {y} are whole things, {t} a topping or theme, {p} a part.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

SURFACES = (
    "skin", "fur", "coat", "body", "surface", "fabric", "finish", "outside", "frame", "shell", "cover", "paint",
    "color",
    "colour", "walls", "exterior", "material", "texture", "tint", "hue", "shade",
)  # fmt: skip
COLORED = (
    "{c} {n}", "{c} {n}", "{c} {n}", "{a}, {c}", "{n} ({c})", "{n}: {c}", "{a} whose {s} is {c}", "{a} with {c} {s}",
    "{a} that is {c} throughout", "{a}, {c} one", "{a} but {c}", "{a} colored in {c}", "{a} in a shade of {c}",
    "{a} and it is {c}", "{c} is the {s} of {a}", "{a}, its {s} {c}", "{s}: {c}, object: {n}", "paint {a} {c}",
    "{a} must be {c}", "{a} turned {c}", "{a} that has {c} {s}", "in {c}, {a}", "{c}, that is what {a} is",
    "{a} of {c}",
    "{a} - {c}", "{a} which is {c}", "{n} with a {c} {s}", "{a} having {c} {s}", "{a}, somewhat {c}",
    "the {c} kind of {n}",
)  # fmt: skip
TWICE = (
    "{c} and {d}", "{c} with {d}", "{d} on {c}", "{c} & {d}", "{c} then {d}", "{c} plus some {d}",
)  # fmt: skip
"""The main and the second colour of a pattern."""
MARKS = {
    "striped": ("stripes", "bands", "lines"),
    "spotted": ("spots", "dots", "polka dots"),
    "checkered": ("checks", "squares", "a checkered pattern"),
    "leopard": ("leopard spots", "leopard print", "leopard skin"),
    "zebra": ("zebra stripes", "zebra print", "a zebra pattern"),
    "rainbow": ("rainbow colors", "all the colors of a rainbow", "rainbow stripes", "every color"),
    "camouflage": ("camouflage", "camo", "a camouflage pattern"),
}
MARKED = (
    "{a} with {s}", "{a} covered with {s}", "{s} cover {a}", "{s} all over {a}", "{a}, {s} all around",
    "{a} that has {s}",
    "{s} on {a}", "{a} wrapped in {s}", "{a} full of {s}", "{a}: {s}", "{a} showing {s}", "{s} across {a}",
    "{a} painted with {s}", "{n} having {s}",
)  # fmt: skip
SUBSTANCES = {"brick": ("bricks", "brick"), "wooden": ("wood", "timber"), "marble": ("marble",)}
SUBSTANCES |= {"metal": ("metal", "steel"), "glass": ("glass", "crystal")}
MADE = (
    "{a} made out of {s}", "{a} in {s}", "{a} from {s}", "{a}, all {s}", "{a} of {s}", "{s} {n}", "{a} built from {s}",
    "{a} carved out of {s}", "{a} and its material is {s}", "{a} consisting of {s}", "{s} was used for {a}", "{a}: {s}",
    "{a} that consists of {s}",
)  # fmt: skip
FADED = (
    "{a} that goes from {c} to {d}", "{a}, {c} turning into {d}", "{c} fading into {d} on {a}", "{a}, {c} to {d}",
    "{a} blending {c} into {d}", "{a} with {c} that becomes {d}", "{a} with a gradient, {c} to {d}",
)  # fmt: skip
SIZED = ("{k} {n}", "{k} {n}", "{n}, {k}", "{n} that is {k}", "{n} of {k} size", "{k} kind of {n}")
THEMED = (
    "{a} inspired by {t}", "{t} turned into {a}", "{a} that is {t}", "{a} in {t} style", "{t} used as {a}",
    "{a} as {t}",
    "{a} which resembles {t}", "{a} modeled after {t}", "{t} {n}", "{a} from {t}", "{t} in the role of {a}", "{a}: {t}",
    "{a} like {t}", "{a} based on {t}", "mix of {a} and {t}", "half {n}, half {t}",
)  # fmt: skip
PARTED = (
    "{a} with its {p} in {c}", "{a}; the {p} is {c}", "{a} and a {c} {p}", "a {c} {p} on {a}", "{a} ({p}: {c})",
    "{a}, {p} painted {c}", "{a}, but its {p} is {c}", "{c} {p}, {a}", "{a} where the {p} is {c}", "{a} having {c} {p}",
)  # fmt: skip
SIDED = (
    "{a}, {c} on the left and {d} on the right", "{a}, {d} right {p} and {c} left {p}", "{a} ({c} left, {d} right)",
    "{a} whose left {p} is {c} and whose right {p} is {d}", "{a}: left {c}, right {d}",
)  # fmt: skip
TOPPED = (
    "{t} all over {a}", "{a} with {t} poured over it", "{t} dripping from {a}", "{a}, {t} on top", "{a} under {t}",
    "{t} on {a}", "someone put {t} onto {a}", "{a} drowned in {t}", "{a} and a layer of {t}", "{a} glazed with {t}",
    "pour {t} over {a}", "{t} running down {a}", "{a} coated in {t}", "{a} smothered with {t}", "{a} full of {t}",
)  # fmt: skip
WORN = (
    "{y} on {x}", "{x}, {y} on", "{x} has {y} on", "{x} who wears {y}", "{y} worn by {x}", "put {y} on {x}",
    "{y} for {x}",
    "{x} sporting {y}", "{x}, and it has {y}", "{x} & {y}", "{x} - {y}", "{x} having {y}", "{x} has got {y}",
    "{x} got {y} for its birthday", "{x} puts {y} on", "{x}, wearing {y}", "{x} which is wearing {y}", "{x} under {y}",
    "dress {x} in {y}", "{x} ({y})", "give {x} {y}", "{y} sits on {x}", "{x}: {y}", "with {y}, {x}",
    "{x} dressed with {y}",
    "{x} carries {y}", "{x} and its {y}", "{x} equipped with {y}", "wearing {y}: {x}",
)  # fmt: skip
WORN_COLOR = (
    "{c} {n}",
    "{c} {n}",
    "{c} {n}",
    "{n} in {c}",
    "{n} ({c})",
    "{n} of {c}",
    "{n}, {c} one,",
    "{n} that is {c}",
)
COUNTED = (
    "{m} {n}", "{m} of {n}", "a group of {m} {n}", "a set of {m} {n}", "{n}, {m} of them", "{n} x {m}", "{m} times {n}",
    "exactly {m} {n}", "{n} ({m})", "{m} pieces: {n}", "{m} separate {n}", "a bunch of {m} {n}", "{m} copies of {n}",
)  # fmt: skip
NUMBERS = {2: ("two", "2", "a pair of", "a couple of", "twin"), 3: ("three", "3", "a trio of"), 4: ("four", "4")}
ARRANGED = {
    "on": (
        "{x} upon {y}", "{x} atop {y}", "{x} put onto {y}", "{y}, and on it {x}", "{y} has {x} on it",
        "{x} lies on {y}",
        "{x} rests upon {y}", "{y} supports {x}", "{x} stacked on {y}", "at the top {x}, at the bottom {y}",
        "{y} beneath {x}", "{y} underneath {x}", "on {y} there is {x}", "put {x} on {y}", "{x} over {y}",
        "{x} stands on {y}", "{x} sits on {y}", "{x}, below it {y}", "{y} holds up {x}", "{y} topped by {x}",
        "{x} perched on {y}", "upon {y}, {x}", "{y} is under {x}", "{x} left on {y}", "place {x} onto {y}",
    ),
    "next": (
        "{x} alongside {y}", "{x} together with {y}", "{x} with {y} at its side", "{x} and also {y}", "{x}, {y}",
        "both {x} and {y}", "{x} & {y}", "{y} on the right, {x} on the left", "a scene of {x} and {y}", "{x}, then {y}",
        "{x} adjacent to {y}", "{x}, next to it {y}", "two things: {x} and {y}", "{x} stands by {y}", "{x} + {y}",
    ),
    "inside": (
        "{x} within {y}", "{x} put into {y}", "{y} filled with {x}", "{y}, and in it {x}", "in {y} there is {x}",
        "{y} has {x} in it", "{x} stuck in {y}", "put {x} into {y}", "{x} sits in {y}", "{x} placed inside of {y}",
        "{y} with {x} in there", "{x} hidden in {y}", "{y} that contains {x}", "inside {y}: {x}",
        "{x} rests inside {y}",
    ),
    "front": (
        "{x} stands before {y}", "in front of {y} stands {x}", "{x} ahead of {y}", "{x} with {y} behind it",
        "{y} behind, {x} in front", "{y} at the back of {x}", "{x} blocks {y}",
    ),
}  # fmt: skip
OPENINGS = (
    "{x}", "{x}", "{x}", "{x} please", "could you model {x}", "can you make {x}", "i would like {x}", "give me {x}",
    "we need {x} for our game", "hi, {x}", "just {x}", "{x}, thanks", "design {x}", "let us have {x}", "how about {x}",
    "{x} if possible", "i am looking for {x}", "something like {x}", "model: {x}", "{x} for my scene", "imagine {x}",
    "{x}, that would be great", "picture {x}", "it is {x}", "there should be {x}", "add {x}", "draw {x}", "{x}!",
    "{x}.",
)  # fmt: skip
ARTICLES = ("the", "my", "our", "this", "that", "some", "one", "his", "her", "your", "")


def _templates() -> Iterator[str]:
    for group in (SURFACES, COLORED, TWICE, MARKED, MADE, FADED, SIZED, THEMED, PARTED, SIDED, TOPPED, WORN, WORN_COLOR,
                  COUNTED, OPENINGS, ARTICLES):  # fmt: skip
        yield from group
    for table in (MARKS, SUBSTANCES, NUMBERS, ARRANGED):
        for options in table.values():
            yield from options


@functools.cache
def spoken_words() -> tuple[str, ...]:
    """Every word of these frames, sorted."""
    text = re.sub(r"\{\w\}", " ", " ".join(_templates()))
    return tuple(sorted(set(re.findall(r"[a-z0-9]+", text))))
