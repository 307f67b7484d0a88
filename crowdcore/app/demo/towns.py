"""The towns of the demo world: real places, weighted by how many people live there."""

from __future__ import annotations

import math
import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crowdcore.base.errors import Fault
from crowdcore.base.geo import Point
from crowdcore.places.gazetteer import gazetteer
from crowdcore.places.rules import Found, Place

_FRENCH = frozenset({"CH-GE", "CH-VD", "CH-NE", "CH-JU", "CH-FR", "CH-VS"})
_GERMAN_THERE = frozenset({"3280", "3900", "3930"})
"""Postcodes of German-speaking towns in cantons that speak mostly French."""

_KM_PER_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Town:
    """A town of the world.

    Args:
        name: official.
        language: de, fr or it: what most people there speak.
        places: its quarters, as the gazetteer knows them.
        weight: inhabitants in thousands, times what share of them the portals reach.
        reach_km: how far its edge is from its middle.
    """

    name: str
    language: str
    places: tuple[Place, ...]
    weight: float
    reach_km: float

    @property
    def region(self) -> str:
        """ISO 3166-2."""
        return self.places[0].region


@cache
def all_towns() -> tuple[Town, ...]:
    """Return every town, the largest first.

    Raises:
        Fault: the gazetteer lacks one of them.
    """
    found = []
    for country in tomllib.loads(files(__package__).joinpath("towns.toml").read_text("utf-8"))["country"]:
        for codes, name, thousands in country["towns"]:
            places = tuple(_place(code, name, country["id"]) for code in codes.split())
            reach = 0.9 * math.sqrt(thousands / 10) / math.sqrt(len(places))
            found.append(Town(name, _language(places[0]), places, thousands * country.get("share", 1.0), reach))
    return tuple(sorted(found, key=lambda town: (-town.weight, town.name)))


def draw(towns: Sequence[Town], chance: random.Random) -> tuple[Town, Place]:
    """Draw a town by its weight, and one of its quarters."""
    town = chance.choices(towns, [one.weight for one in towns])[0]
    return town, chance.choice(town.places)


def home_in(town: Town, place: Place, chance: random.Random) -> Point:
    """Draw a home in or around a quarter; most live near the middle, one in eight out in the country."""
    far = town.reach_km if chance.random() < 0.88 else town.reach_km + 4  # noqa: PLR2004 -- one in eight
    distance, angle = far * math.sqrt(chance.random()), 2 * math.pi * chance.random()
    north, east = distance * math.cos(angle), distance * math.sin(angle)
    stretch = math.cos(math.radians(place.point.lat))
    return Point(place.point.lat + north / _KM_PER_DEGREE, place.point.lon + east / _KM_PER_DEGREE / stretch)


def _place(code: str, name: str, country: str) -> Place:
    answer = gazetteer().search(f"{code} {name}", home=country)
    if not isinstance(answer, Found):
        raise Fault(f"the gazetteer does not know {code} {name}; build it again: crowdcore places build")
    return answer.place


def _language(place: Place) -> str:
    if place.region == "CH-TI":
        return "it"
    return "fr" if place.region in _FRENCH and place.postcode not in _GERMAN_THERE else "de"
