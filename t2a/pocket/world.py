"""The pocket world: a seed gives a captioned scene, a scene gives pictures from any camera.

Pairs of an attribute (colour, pattern, accessory, theme, topping) and a family are divided into trained and HELD-OUT
ones by `split.json`; `sample_spec(..., held_out=False)` never makes a scene with a held-out pair, and quality is only
reported on scenes that have one.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float

from t2a.pocket.captions import Item, Spec, caption
from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.families.accessories import TOPPINGS
from t2a.pocket.families.base import Family, Place
from t2a.pocket.families.themes import KINDS as THEMED
from t2a.pocket.families.themes import THEMES, themed
from t2a.pocket.patterns import MATERIALS, OWN_COLORS, PATTERNS
from t2a.pocket.phrases import MANY, PAIRS
from t2a.pocket.render import Views, render_views
from t2a.pocket.shapes import RGB, Finish, Part, bounds, pack, transform
from t2a.types import Cameras

SPLIT = Path(__file__).with_name("split.json")
SOLIDS = ("cube", "ball", "cone", "cylinder", "ring", "pyramid")
SIZES = {"small": 0.64, None: 0.94, "large": 1.0}
"""Half diagonal of a single object's bounding box, in scene units; the field's cube reaches to 1."""
PAIR_SIZES = {"small": 0.55, None: 0.85, "large": 1.15}
"""The same for objects in a relation, before both are fitted into the scene together."""
FIT = 0.95
GAP = 0.08
"""Between things side by side, in the same units."""

SECONDS = {"leopard": (0.16, 0.09, 0.05), "zebra": (0.07, 0.07, 0.08), "brick": (0.90, 0.87, 0.82)}
"""What a pattern's other colour is when no caption ever names it."""
TWO_COLORED = ("striped", "spotted", "checkered", "gradient")
"""Patterns whose other colour a caption may name."""


@functools.cache
def held_out() -> frozenset[tuple[str, str]]:
    """(attribute, family) pairs that no training scene contains."""
    table = json.loads(SPLIT.read_text(encoding="utf-8"))["held_out"]
    return frozenset((attribute, family) for family, attributes in table.items() for attribute in attributes)


def shown_color(item: Item) -> str:
    """The colour that the object has, whether or not its caption says so; a pattern's or material's own, by name."""
    if item.color is not None:
        return item.color
    own = item.pattern if item.pattern in OWN_COLORS else item.material if item.material in OWN_COLORS else None
    return item.theme or own or FAMILIES[item.family].color


def attributes(item: Item) -> Iterator[str]:
    """Everything about an item that the split may hold out together with its family."""
    yield shown_color(item)
    yield from filter(None, (item.second, item.part_color, item.pattern, item.theme, item.accessory, item.topping))


def is_held_out(spec: Spec) -> bool:
    """Whether some object of the scene has a held-out pair."""
    return any((attribute, item.family) in held_out() for item in spec.items for attribute in attributes(item))


NAMED = (
    ("santa hat", "corgi"), ("rainbow", "pumpkin"), ("purple", "vase of flowers"), ("avocado", "chair"),
    ("leopard", "fish"), ("maple syrup", "stack of pancakes"),
)  # fmt: skip
"""Held out because well-known papers and users ask for them."""


def make_split(seed: int = 0, share: float = 0.12) -> dict[str, list[str]]:
    """The table in split.json, family -> attributes: a random share of all pairs of each kind, never a family's natural
    colour (captions may leave that unsaid)."""
    rng = np.random.default_rng(seed)
    worn = {name: wearers(name) for name in ACCESSORIES}
    kinds = [
        [(c, f) for f, family in FAMILIES.items() for c in COLORS if c != family.color],
        [(p, f) for f in FAMILIES for p in PATTERNS[1:]],
        [(a, f) for a, families in worn.items() for f in families],
        [(t, f) for f in THEMED for t in THEMES],
        [(t, f) for t in TOPPINGS for f, family in FAMILIES.items() if family.top is not None],
    ]
    chosen = set(NAMED)
    for pairs in kinds:
        chosen |= {pairs[i] for i in rng.permutation(len(pairs))[: round(share * len(pairs))]}
    return {f: sorted(a for a, family in chosen if family == f) for f in sorted({f for _, f in chosen})}


def wears(family: Family, accessory: str) -> bool:
    """Whether the family has the place where the accessory is worn."""
    return getattr(family, ACCESSORIES[accessory][1]) is not None


def wearers(accessory: str) -> list[str]:
    """The families that can wear it."""
    return [name for name, family in FAMILIES.items() if wears(family, accessory)]


def carries(family: Family, relation: str | None) -> bool:
    """Whether the family can be the second object of the relation."""
    return (relation != "on" or family.flat) and (relation != "inside" or family.hollow is not None)


def _choice(rng: np.random.Generator, options) -> str:
    options = list(options)
    return options[int(rng.integers(len(options)))]


def _other(rng: np.random.Generator, color: str | None) -> str:
    return _choice(rng, [c for c in COLORS if c != color])


def _item(rng: np.random.Generator, families, plain: float = 0.12, sizes: float = 0.4) -> Item:
    color = None if rng.random() < plain else _choice(rng, COLORS)
    size = _choice(rng, ("small", "large")) if rng.random() < sizes else None
    return Item(_choice(rng, families), color, size)  # type: ignore[arg-type]


def _single(rng: np.random.Generator) -> Spec:
    return Spec((_item(rng, FAMILIES),))


def _pattern(rng: np.random.Generator) -> Spec:
    item = replace(_item(rng, FAMILIES, sizes=0.15), pattern=_choice(rng, PATTERNS[1:]))
    if item.pattern in TWO_COLORED:
        color = item.color or _choice(rng, COLORS)
        named = item.pattern == "gradient" or rng.random() < 0.75
        return Spec((replace(item, color=color, second=_other(rng, color) if named else None),))
    return Spec((item if rng.random() < 0.35 and item.pattern != "rainbow" else replace(item, color=None),))


def _material(rng: np.random.Generator) -> Spec:
    return Spec((replace(_item(rng, FAMILIES, plain=0.4, sizes=0.15), material=_choice(rng, MATERIALS)),))


def _theme(rng: np.random.Generator) -> Spec:
    return Spec((Item(_choice(rng, THEMED), theme=_choice(rng, THEMES)),))


def _part(rng: np.random.Generator) -> Spec:
    item = _item(rng, [f for f, family in FAMILIES.items() if family.paintable], plain=0.2, sizes=0.1)
    part = _choice(rng, FAMILIES[item.family].paintable)
    return Spec((replace(item, part=part, part_color=_other(rng, shown_color(item))),))


def _accessory(rng: np.random.Generator) -> Spec:
    name = _choice(rng, ACCESSORIES)
    item = _item(rng, wearers(name), plain=0.4, sizes=0.0)
    color = None if rng.random() < 0.15 else _choice(rng, COLORS)
    return Spec((replace(item, accessory=name, accessory_color=color),))


def _topping(rng: np.random.Generator) -> Spec:
    item = _item(rng, [f for f, family in FAMILIES.items() if family.top is not None], plain=0.5, sizes=0.1)
    return Spec((replace(item, topping=_choice(rng, TOPPINGS)),))


def countable(family: str) -> bool:
    """Whether two of it are two things (not vases of flowers, not glasses)."""
    return " of " not in family and family not in (*PAIRS, *MANY)


def _count(rng: np.random.Generator) -> Spec:
    item = _item(rng, [f for f in FAMILIES if countable(f)], sizes=0.0)
    return Spec((replace(item, count=int(rng.integers(2, 5))),))


def _relation(relation: str) -> Callable[[np.random.Generator], Spec]:
    def sample(rng: np.random.Generator) -> Spec:
        simple = SOLIDS if rng.random() < 0.4 else FAMILIES
        first = _item(rng, simple)
        if relation in ("on", "inside"):
            holders = [f for f, family in FAMILIES.items() if carries(family, relation)]
            return Spec((first, _item(rng, holders, sizes=0.4 if relation == "on" else 0.1)), relation)  # type: ignore[arg-type]
        return Spec((first, _item(rng, SOLIDS if rng.random() < 0.4 else FAMILIES)), relation)  # type: ignore[arg-type]

    return sample


SAMPLED: dict[str, tuple[float, Callable[[np.random.Generator], Spec]]] = {
    "single": (0.34, _single),
    "pattern": (0.13, _pattern),
    "material": (0.04, _material),
    "theme": (0.03, _theme),
    "part": (0.05, _part),
    "accessory": (0.12, _accessory),
    "topping": (0.03, _topping),
    "count": (0.04, _count),
    "on": (0.11, _relation("on")),
    "next": (0.06, _relation("next")),
    "inside": (0.03, _relation("inside")),
    "front": (0.02, _relation("front")),
}
"""Share of each kind of scene, and what draws one."""


def sample_kind(rng: np.random.Generator, kind: str, held_out: bool = False) -> Spec:
    """A random scene of one kind from the trained or from the held-out side of the split."""
    return _from_side(lambda: SAMPLED[kind][1](rng), held_out)


def sample_spec(rng: np.random.Generator, held_out: bool = False) -> Spec:
    """A random scene from the trained or from the held-out side of the split."""
    shares = [share for share, _ in SAMPLED.values()]
    return _from_side(lambda: list(SAMPLED.values())[int(rng.choice(len(shares), p=shares))][1](rng), held_out)


def _from_side(draw: Callable[[], Spec], held_out: bool) -> Spec:
    """The first draw that lies on that side of the split."""
    while is_held_out(spec := draw()) != held_out:
        pass
    return spec


def shown_second(item: Item) -> str:
    """The name of the other colour of a pattern of TWO_COLORED, whether or not the caption says it."""
    return item.second or ("black" if shown_color(item) in ("white", "yellow") else "white")


def _second(item: Item, base: RGB) -> RGB:
    """The pattern's other colour."""
    if item.pattern in TWO_COLORED:
        return COLORS[shown_second(item)]
    if item.pattern in SECONDS:
        return SECONDS[item.pattern]
    return (base[0] * 0.5, base[1] * 0.5, base[2] * 0.5)


NUDGE = 1e-6
"""Added to the main colour to see which parts follow it: those that are painted in it, or in a shade of it."""


def _finished(item: Item, family: Family, parts: list[Part], color: RGB, rng: np.random.Generator) -> list[Part]:
    """The parts with the item's pattern and material. `rng` is as it was before they were built."""
    lower, upper = bounds(parts)
    size = float(np.linalg.norm(upper - lower))
    second = _second(item, color)
    finish = Finish(
        PATTERNS.index(item.pattern or "plain"),
        second,
        MATERIALS.index(item.material or "matte"),
        tuple((lower + upper) / 2),
        size / 2,
        float((upper - lower)[1]) / size,
    )
    if item.theme or item.material in ("metal", "glass"):
        return [replace(p, finish=finish) for p in parts]
    once, twice = (
        family.build(copy.deepcopy(rng), (color[0] + n, color[1] + n, color[2] + n)) for n in (NUDGE, 2 * NUDGE)
    )
    finished = []
    for part, near, far in zip(parts, once, twice, strict=True):
        # A shade of the main colour is a linear function of it; the same shade of the other colour goes with it.
        slope = (far.color[0] - near.color[0]) / NUDGE
        shade = [min(max(p + slope * (o - c), 0.0), 1.0) for p, o, c in zip(part.color, second, color, strict=True)]
        ours = replace(part, finish=replace(finish, second=(shade[0], shade[1], shade[2])))
        finished.append(ours if slope > 0 else part)
    return finished


def _object(item: Item, rng: np.random.Generator, half_diagonal: float) -> tuple[list[Part], Callable[[Place], Place]]:
    """The item's parts, base on y = 0, centred on x and z, with the given half diagonal (accessories included), and
    where places of its builder have gone."""
    family = FAMILIES[item.family]
    named = shown_color(item)
    color = COLORS[named] if named in COLORS else OWN_COLORS.get(named, COLORS[family.color])
    before = copy.deepcopy(rng)
    parts = themed(item.family, item.theme, rng) if item.theme else family.build(rng, color)
    if item.pattern or item.material:
        parts = _finished(item, family, parts, color, before)
    if item.part is not None and item.part_color is not None:
        parts = [replace(p, color=COLORS[item.part_color]) if p.label == item.part else p for p in parts]
    lower, upper = bounds(parts)
    extras: list[Part] = []
    if item.accessory is not None:
        build, place = ACCESSORIES[item.accessory]
        extras = build(rng, COLORS[item.accessory_color or "red"], *getattr(family, place))
    if item.topping is not None and family.top is not None:
        extras = extras + TOPPINGS[item.topping](rng, *family.top)
    if extras:
        parts = parts + transform(extras, first_group=1 + max(p.group for p in parts))
        lower, upper = bounds(parts)
    scale = half_diagonal / (float(np.linalg.norm(upper - lower)) / 2)
    center = (lower + upper) / 2
    shift = np.array([-center[0] * scale, -lower[1] * scale, -center[2] * scale])

    def moved(place: Place) -> Place:
        return tuple(np.asarray(place[0]) * scale + shift), place[1] * scale

    return transform(parts, scale, shift.tolist()), moved


def _together(first: Sequence[Part], second: Sequence[Part]) -> list[Part]:
    return [*second, *transform(first, first_group=1 + max(p.group for p in second))]


def _several(item: Item, rng: np.random.Generator) -> list[Part]:
    """`count` of them, a little different from each other, in a row or a block."""
    scene: list[Part] = []
    made = [_object(item, rng, PAIR_SIZES[None])[0] for _ in range(item.count)]
    low, high = zip(*(bounds(parts) for parts in made), strict=True)
    step = np.max(high, axis=0) - np.min(low, axis=0) + GAP
    across = 2 if item.count > 2 else item.count
    for number, parts in enumerate(made):
        row, column = divmod(number, across)
        width = min(across, item.count - row * across)
        at = ((column - (width - 1) / 2) * step[0], 0.0, -row * step[2])
        moved = transform(parts, 1.0, at)
        scene = _together(moved, scene) if scene else moved
    return scene


def _pair(spec: Spec, rng: np.random.Generator) -> list[Part]:
    (first, _), (second, place) = (_object(item, rng, PAIR_SIZES[item.size]) for item in spec.items)
    (low1, high1), (low2, high2) = bounds(first), bounds(second)
    if spec.relation == "on":
        # A top wider than its support would hide it.
        width = max((high1 - low1)[[0, 2]].max() / ((high2 - low2)[[0, 2]].min() * 1.15), 1.0)
        return _together(transform(first, 1 / width, (0.0, float(high2[1]) - 0.01, 0.0)), second)
    if spec.relation == "inside":
        hollow = FAMILIES[spec.items[1].family].hollow
        assert hollow is not None
        floor, radius = place(hollow)
        fit = 2.0 * radius / float((high1 - low1)[[0, 2]].max())
        # Something tall and thin would otherwise tower over what holds it.
        fit = min(fit, 1.3 * float(high2[1] - low2[1]) / float((high1 - low1)[1]))
        return _together(transform(first, fit, (floor[0], floor[1] - 0.02, floor[2])), second)
    if spec.relation == "front":
        width = max((high1 - low1)[0] / ((high2 - low2)[0] * 0.8), 1.0)
        first = transform(first, 1 / width)
        return _together(transform(first, 1.0, (0, 0, float(high2[2]) + GAP - float(low1[2]) / width)), second)
    second = transform(second, 1.0, (float(high2[0]) + GAP / 2, 0.0, 0.0))
    return _together(transform(first, 1.0, (-(float(high1[0]) + GAP / 2), 0.0, 0.0)), second)


def assemble(spec: Spec, rng: np.random.Generator, bare: bool = False) -> list[Part]:
    """The scene's parts, centred at the origin inside the unit ball. Of a `bare` object what it wears and what is over
    it are left out at last, their place empty."""
    item = spec.items[0]
    alone = spec.relation is None and item.count == 1
    count = None
    if alone:
        plain, size = replace(item, accessory=None, accessory_color=None, topping=None), SIZES[item.size]
        count = len(_object(plain, copy.deepcopy(rng), size)[0]) if bare else None
        parts = _object(item, rng, size)[0]
    else:
        parts = _several(item, rng) if spec.relation is None else _pair(spec, rng)
    lower, upper = bounds(parts)
    scale = 1.0 if alone else FIT / (float(np.linalg.norm(upper - lower)) / 2)
    return transform(parts, scale, -(lower + upper) / 2 * scale)[:count]


@dataclass(frozen=True)
class Scene:
    """A captioned scene and its packed primitives."""

    spec: Spec
    caption: str
    table: Float[np.ndarray, "p c"]
    parts: tuple[str, ...]
    """Names of the part numbers in the table."""

    def render(self, cameras: Cameras, size: int = 64, samples: int = 2, backgrounds=None) -> Views:
        return render_views(self.table, cameras, size, samples, backgrounds)


def scene(seed: int, index: int = 0, *, held_out: bool = False, spec: Spec | None = None) -> Scene:
    """The scene number `index` of a seed; the same arguments always give the same scene."""
    rng = np.random.default_rng([seed, index])
    chosen = sample_spec(rng, held_out) if spec is None else spec
    text = caption(chosen, rng)
    names: dict[str, int] = {}
    table = pack(assemble(chosen, rng), names)
    return Scene(chosen, text, table, tuple(names))
