"""The object families of the pocket world: each builds a shape of parametric parts around one main colour.

A builder takes a random generator (proportions vary inside a family) and the main colour; it may use any units and
any origin, base towards -Y, front towards +Z: the world normalises. `head` is where a hat sits: (top centre, radius),
in the builder's own units.
"""

from __future__ import annotations

from t2a.pocket.families import (
    aircraft,
    animals,
    boats,
    buildings,
    characters,
    containers,
    devices,
    fantasy_animals,
    farm_animals,
    figures,
    flowers,
    food,
    fruit,
    furniture,
    home,
    household,
    machines,
    music,
    plants,
    sea_animals,
    sky,
    small_animals,
    solids,
    sweets,
    tools,
    town,
    toys,
    treasures,
    vehicles,
    wild_animals,
)
from t2a.pocket.families.accessories import ACCESSORIES
from t2a.pocket.families.base import COLORS, Family

FAMILIES: dict[str, Family] = {
    **solids.FAMILIES,
    **plants.FAMILIES,
    **flowers.FAMILIES,
    **food.FAMILIES,
    **fruit.FAMILIES,
    **sweets.FAMILIES,
    **furniture.FAMILIES,
    **home.FAMILIES,
    **household.FAMILIES,
    **containers.FAMILIES,
    **devices.FAMILIES,
    **music.FAMILIES,
    **vehicles.FAMILIES,
    **machines.FAMILIES,
    **aircraft.FAMILIES,
    **boats.FAMILIES,
    **animals.FAMILIES,
    **farm_animals.FAMILIES,
    **wild_animals.FAMILIES,
    **sea_animals.FAMILIES,
    **small_animals.FAMILIES,
    **fantasy_animals.FAMILIES,
    **characters.FAMILIES,
    **figures.FAMILIES,
    **buildings.FAMILIES,
    **town.FAMILIES,
    **tools.FAMILIES,
    **toys.FAMILIES,
    **sky.FAMILIES,
    **treasures.FAMILIES,
}

__all__ = ["ACCESSORIES", "COLORS", "FAMILIES", "Family"]
