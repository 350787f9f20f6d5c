"""What else a scene could have been: one change away from it, in colour, family, detail or arrangement.

Sentences that are easily mistaken for another one: judges are tested with them, and critics learn from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from t2a.pocket.captions import SYMMETRIC, Item, Spec, kind_of
from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.families.accessories import TOPPINGS
from t2a.pocket.families.themes import KINDS as THEMED
from t2a.pocket.families.themes import THEMES
from t2a.pocket.patterns import PATTERNS
from t2a.pocket.world import TWO_COLORED, carries, countable, shown_color, shown_second, wears


def meaning(spec: Spec) -> tuple:
    """Equal for scenes that no set of pictures around the object tells apart, however they are worded.

    Unsaid colours are the natural ones. Sizes do not count: a single object has nothing to be compared with, and a top
    is shrunk to fit its support. Nor do materials, nor the order of two things side by side, which flips when seen from
    behind, nor which is the first of two colours that share a thing evenly.
    """
    things = [
        (
            item.family,
            *_colors(item),
            item.pattern or "",
            (item.part, item.part_color) if item.part else ("", ""),
            (item.accessory, item.accessory_color or "red") if item.accessory else ("", ""),
            item.topping or "",
            item.count,
        )
        for item in spec.items
    ]
    relation = "next" if spec.relation == "front" else spec.relation or ""
    return (relation, *(sorted(things) if relation == "next" else things))


LIKE = {
    "metal": "grey",
    "zebra": "white",
    "marble": "white",
    "wooden": "brown",
    "brick": "red",
    "leopard": "yellow",
    "camouflage": "green",
}
"""The named colour that comes nearest to a pattern's or a material's own."""


def _colors(item: Item) -> tuple[str, str]:
    """Main and second colour as they show."""
    first = LIKE.get(shown_color(item), shown_color(item))
    if item.pattern not in TWO_COLORED:
        return first, ""
    second = shown_second(item)
    return (min(first, second), max(first, second)) if item.pattern in SYMMETRIC else (first, second)


def _at(spec: Spec, place: int, item: Item) -> Spec:
    return replace(spec, items=(*spec.items[:place], item, *spec.items[place + 1 :]))


def _paintable(item: Item) -> bool:
    """Whether its colour may change: neither a rainbow nor an avocado chair has one."""
    return item.pattern != "rainbow" and item.theme is None


def _recolored(spec: Spec) -> Iterator[Spec]:
    for place, item in enumerate(spec.items):
        if _paintable(item):
            fits = [color for color in COLORS if color != item.second]
            yield from (_at(spec, place, replace(item, color=color)) for color in fits)


def _fits(item: Item, name: str) -> bool:
    """Whether the world would put what the item has on that family."""
    family = FAMILIES[name]
    return (
        (item.accessory is None or wears(family, item.accessory))
        and (item.topping is None or family.top is not None)
        and (item.part is None or item.part in family.paintable)
        and (item.theme is None or name in THEMED)
        and (item.count == 1 or countable(name))
    )


def _rebuilt(spec: Spec) -> Iterator[Spec]:
    """The same colours on other families, as far as the world would put them there."""
    for place, item in enumerate(spec.items):
        color = shown_color(item)
        kept = color if color in COLORS else item.color
        for name, family in FAMILIES.items():
            if (place == 0 or carries(family, spec.relation)) and _fits(item, name):
                yield _at(spec, place, replace(item, family=name, color=kept))


def _rearranged(spec: Spec) -> Iterator[Spec]:
    """Two objects: bottom up, colours swapped, beside instead of on."""
    if spec.relation is None:
        return
    first, second = spec.items
    yield replace(spec, items=(second, first))
    swapped = (replace(first, color=shown_color(second)), replace(second, color=shown_color(first)))
    yield replace(spec, items=swapped)
    yield Spec(swapped[::-1], spec.relation)
    for relation in ("on", "next"):
        yield Spec((first, second), relation)
        yield Spec((second, first), relation)


def _dressed(item: Item) -> Iterator[Item]:
    """What it wears in other colours, something else to wear, both colours swapped."""
    family = FAMILIES[item.family]
    worn = [name for name in ACCESSORIES if wears(family, name)]
    if item.accessory is None:
        yield from (replace(item, size=None, accessory=n, accessory_color=c) for n in worn for c in ("red", "blue"))
        return
    if shown_color(item) in COLORS:
        yield replace(item, color=item.accessory_color or "red", accessory_color=shown_color(item))
    yield from (replace(item, accessory_color=color) for color in COLORS)
    yield from (replace(item, accessory=name) for name in worn)


def _patterned(item: Item) -> Iterator[Item]:
    """Another pattern, another second colour, both colours swapped."""
    color = item.color if item.color in COLORS else None
    if item.pattern in TWO_COLORED:
        yield replace(item, color=item.second or "white", second=color or FAMILIES[item.family].color)
        yield from (replace(item, second=second) for second in COLORS if second != color)
    for pattern in PATTERNS[1:]:
        second = item.second or ("white" if color != "white" else "black")
        two = pattern in TWO_COLORED
        if two and color is None:
            continue
        yield replace(item, pattern=pattern, color=color, second=second if two else None)
    yield replace(item, pattern=None, second=None)


def _detailed(spec: Spec) -> Iterator[Spec]:
    """One object (or several alike) with something else about it than its colour and its family."""
    if spec.relation is not None:
        return
    item = spec.items[0]
    changed: Iterator[Item]
    match kind_of(spec):
        case "pattern":
            changed = _patterned(item)
        case "theme":
            changed = (replace(item, theme=theme) for theme in THEMES)
        case "topping":
            changed = (replace(item, topping=topping) for topping in TOPPINGS)
        case "count":
            changed = (replace(item, count=count) for count in (1, 2, 3, 4))
        case "part":
            changed = iter(
                [replace(item, part_color=color) for color in COLORS if color != shown_color(item)]
                + [replace(item, color=item.part_color, part_color=shown_color(item))]
            )
        case _:
            changed = _dressed(item)
    yield from (Spec((other,)) for other in changed)


def unlike(specs: Iterable[Spec], seen: set[tuple]) -> list[Spec]:
    """Those whose meaning is not in `seen`, which grows."""
    fresh = []
    for spec in specs:
        if (key := meaning(spec)) not in seen:
            seen.add(key)
            fresh.append(spec)
    return fresh


def counterfactuals(spec: Spec) -> dict[str, list[Spec]]:
    """Scenes one change away from `spec`, by the kind of change; all differ in meaning from it and from each other."""
    seen = {meaning(spec)}
    return {
        "arrangement": unlike(_rearranged(spec), seen),
        "detail": unlike(_detailed(spec), seen),
        "color": unlike(_recolored(spec), seen),
        "family": unlike(_rebuilt(spec), seen),
    }
