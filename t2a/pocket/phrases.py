"""The words and phrasings of the pocket world's captions: plain data, each tuple beginning with the plainest one.

Braces: {x} and {y} are objects with their articles, {a}, {b} and {c} colours, {p} a part, {n} a bare name, {t} a
topping or a theme.
"""

from __future__ import annotations

from collections.abc import Iterator

FRAMES = (
    "a picture of {x}", "a 3d model of {x}", "{x}, 3d render", "this is {x}", "a photo of {x}", "a render of {x}",
    "an image of {x}", "a toy model of {x}", "a zoomed out photo of {x}", "a dslr photo of {x}", "{x}, low poly",
    "{x}, game asset", "there is {x}", "here is {x}", "i want {x}", "please make {x}", "make me {x}", "create {x}",
    "{x}, high quality", "a sculpture of {x}", "a drawing of {x}", "a figurine of {x}", "{x} on a plain background",
    "show me {x}", "generate {x}", "{x} in 3d",
)  # fmt: skip
"""What people write around an object."""
PRAISE = (
    "highly detailed", "detailed", "elaborate", "beautiful", "nice", "cute", "simple", "realistic", "cartoon",
    "low poly", "lovely", "funny", "stylized", "fancy", "pretty", "typical", "ordinary",
)  # fmt: skip
"""Adjectives that change nothing."""

COLOR_WORDS: dict[str, tuple[str, ...]] = {
    "red": ("red", "crimson", "scarlet", "ruby", "bright red"),
    "orange": ("orange", "tangerine", "orange colored"),
    "yellow": ("yellow", "lemon yellow", "bright yellow", "sunny yellow"),
    "green": ("green", "emerald", "leaf green", "grass green"),
    "turquoise": ("turquoise", "teal", "cyan", "aqua"),
    "blue": ("blue", "navy", "cobalt", "azure", "deep blue"),
    "purple": ("purple", "violet", "deep purple"),
    "pink": ("pink", "rosy", "bubblegum pink"),
    "brown": ("brown", "chestnut", "dark brown"),
    "white": ("white", "snow white", "ivory", "pure white"),
    "grey": ("grey", "gray", "ash grey"),
    "black": ("black", "jet black", "ebony"),
}
SIZES = {"small": ("small", "little", "tiny", "miniature"), "large": ("large", "big", "huge", "giant")}
AFTER = ("that is {c}", "in {c}", "painted {c}", "of {c} color", "colored {c}", ", {c}")
PATTERN_WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "striped": (("striped", "stripy"), ("with stripes", "with a striped pattern")),
    "spotted": (
        ("spotted", "polka dot", "dotted"),
        ("with spots", "with dots", "with polka dots", "with a dotted pattern"),
    ),
    "checkered": (("checkered", "checked", "chequered"), ("with checks", "with squares", "with a checkered pattern")),
    "brick": (("brick", "bricked"), ("made of bricks", "built of bricks", "made of brick")),
    "wooden": (("wooden", "wood"), ("made of wood", "carved from wood", "with wood grain")),
    "leopard": (
        ("leopard print", "leopard spotted", "leopard"),
        ("with leopard spots", "with leopard print", "with a leopard pattern"),
    ),
    "zebra": (("zebra striped", "zebra print", "zebra"), ("with zebra stripes", "with a zebra pattern")),
    "rainbow": (
        ("rainbow", "rainbow colored", "multicolored rainbow", "multicolored", "colorful rainbow"),
        ("in rainbow colors", "in all colors of the rainbow", "with rainbow stripes"),
    ),
    "marble": (("marble", "marbled"), ("made of marble", "carved from marble")),
    "camouflage": (("camouflage", "camo", "camouflaged"), ("with camouflage", "with a camouflage pattern")),
}
"""Adjectives, and phrases after the noun. `gradient` has FADING instead."""
FADING = ("fading from {a} to {b}", "with a gradient from {a} to {b}", "that fades from {a} to {b}")
MATERIAL_WORDS = {
    "matte": ("matte", "dull"),
    "shiny": ("shiny", "glossy", "polished"),
    "metal": ("metal", "metallic", "steel"),
    "glass": ("glass", "crystal"),
}
MADE_OF = {"metal": "metal", "glass": "glass"}
SHAPED = ("shaped like {t}", "in the shape of {t}", "that looks like {t}", "in the form of {t}", "made from {t}")
WITH_PART = ("with {p}", "that has {p}", "whose {n} is {c}", ", {c} {n}")
LEFT_RIGHT = (", left {p} is {a} right is {b}", "with {a} left {p} and {b} right {p}", ", {a} left and {b} right")
COVERED = ("covered in {t}", "with {t}", "topped with {t}", "with {t} on top", "covered with {t}", "dripping with {t}")
WEARING = (
    "{x} with {y}", "{x} wearing {y}", "{x} that wears {y}", "{x} in {y}", "{x} with {y} on", "{x} dressed in {y}",
    "{x} that has {y}",
)  # fmt: skip
NUMBERS = {2: ("two", "2", "a couple of"), 3: ("three", "3"), 4: ("four", "4")}
RELATIONS = {
    "on": (
        "{x} on top of {y}", "{x} on {y}", "{x} sitting on {y}", "{x} standing on top of {y}", "{x} is on top of {y}",
        "{y} with {x} on top", "{y} under {x}", "{x} is sitting on top of {y}", "{x} placed on {y}", "{x} above {y}",
        "{x} resting on {y}", "{y} below {x}", "on top of {y} is {x}", "{y} carrying {x}",
    ),
    "next": (
        "{x} next to {y}", "{x} beside {y}", "{x} and {y} side by side", "{x} near {y}", "{x} is next to {y}",
        "{x} left of {y}", "{y} right of {x}", "{x} and {y}", "{x} by {y}", "{x} standing next to {y}",
        "{x} close to {y}", "{x} to the left of {y}",
    ),
    "inside": (
        "{x} inside {y}", "{x} in {y}", "{y} with {x} inside", "{y} containing {x}", "{x} is inside {y}",
        "{y} holding {x}", "{x} lying in {y}", "{y} with {x} in it",
    ),
    "front": (
        "{x} in front of {y}", "{x} is in front of {y}", "{y} behind {x}", "{y} with {x} in front of it",
        "{x} standing in front of {y}", "{x} before {y}",
    ),
}  # fmt: skip
ON_HINTS = (". {a} on top, {b} on bottom", ", {a} on top, {b} below", ". {b} below, {a} above")

PAIRS = ("glasses", "spectacles", "eyeglasses", "3d glasses", "3d spectacles", "scissors", "shears", "headphones")
"""Names of one thing that are plurals: a pair of glasses."""
MANY = ("grapes", "pancakes", "flowers in a vase")
"""Names that are plurals, and take no article."""
SPOKEN_VOWEL, SPOKEN_Y = ("hour",), ("ufo", "uni", "euro")
"""An hourglass, a unicorn: letters that are spoken otherwise."""
PLURALS = {
    "fish": "fish", "mouse": "mice", "mice": "mice", "sheep": "sheep", "snowman": "snowmen", "wolf": "wolves",
    "man": "men", "dice": "dice", "bookshelf": "bookshelves", "aircraft": "aircraft", "cactus": "cacti", "ox": "oxen",
}  # fmt: skip
NEVER_SAID = "front side back top overhead view of the"
"""Words that prompts with a view ("front view") bring; the model should have tokens for them."""


def every_phrase() -> Iterator[str]:
    """All of the above, with their braces."""
    for group in (FRAMES, PRAISE, AFTER, FADING, SHAPED, WITH_PART, LEFT_RIGHT, COVERED, WEARING, ON_HINTS):
        yield from group
    for table in (COLOR_WORDS, SIZES, MATERIAL_WORDS, RELATIONS):
        for options in table.values():
            yield from options
    for numbers in NUMBERS.values():
        yield from numbers
    for adjectives, phrases in PATTERN_WORDS.values():
        yield from (*adjectives, *phrases)
    yield from (*PLURALS.values(), "a pair of", "made of metal glass", "to gradient", "themed", "shaped", "one", "the")
    yield NEVER_SAID
