"""The object families of the pocket world: each builds a shape of parametric parts around one main colour.

A builder takes a random generator (proportions vary inside a family) and the main colour; it may use any units and
any origin, base towards -Y, front towards +Z: the world normalises. `head` is where a hat sits: (top centre, radius),
in the builder's own units.
"""

from __future__ import annotations

from t2a.pocket.families import (
    animals,
    buildings,
    characters,
    food,
    furniture,
    household,
    plants,
    solids,
    tools,
    vehicles,
)
from t2a.pocket.families.accessories import ACCESSORIES
from t2a.pocket.families.base import COLORS, Family

FAMILIES: dict[str, Family] = {
    **solids.FAMILIES,
    **plants.FAMILIES,
    **food.FAMILIES,
    **furniture.FAMILIES,
    **household.FAMILIES,
    **vehicles.FAMILIES,
    **animals.FAMILIES,
    **characters.FAMILIES,
    **buildings.FAMILIES,
    **tools.FAMILIES,
}

__all__ = ["ACCESSORIES", "COLORS", "FAMILIES", "Family"]
