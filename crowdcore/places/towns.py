"""The towns around a point, for pictures of a neighbourhood."""

from __future__ import annotations

import json
from functools import lru_cache

from crowdcore.base.geo import Point, box_around
from crowdcore.places.gazetteer import Gazetteer, gazetteer, place_of
from crowdcore.places.rules import Place

MOST = 400

_TOWNS = """
  SELECT p.id, p.country, p.region, p.postcode, p.locality, p.lat, p.lon, p.town, t.names
  FROM place p JOIN town t ON t.no = p.town
"""
_IN_BOX = f"""{_TOWNS}
  WHERE p.lat BETWEEN ? AND ? AND p.lon BETWEEN ? AND ?
  ORDER BY t.weight DESC, p.town, length(p.locality), p.id"""
_BIGGEST = f"""{_TOWNS}
  WHERE p.region IN (SELECT value FROM json_each(?)) ORDER BY t.weight DESC, p.id LIMIT 1"""  # noqa: S608 -- constants only


def towns_around(middle: Point, radius_m: int) -> tuple[Place, ...]:
    """Return one place of each town near `middle`, the best known first.

    Args:
        middle: a point on the grid, so that few different ones are asked for.
        radius_m: how far, in metres; the corners of the square count too.
    """
    return _towns(gazetteer(), middle, radius_m)


@lru_cache(maxsize=512)
def _towns(known: Gazetteer, middle: Point, radius_m: int) -> tuple[Place, ...]:
    box = box_around(middle, radius_m)
    found: dict[int, Place] = {}
    for row in known.rows(_IN_BOX, box.south, box.north, box.west, box.east):
        if row["town"] not in found:
            found[row["town"]] = place_of(row)
            if len(found) == MOST:
                break
    return tuple(found.values())


def biggest_town(regions: frozenset[str]) -> Place | None:
    """Return a place of the best known town in some regions (ISO 3166-2), None if there is none."""
    return _biggest(gazetteer(), regions)


@lru_cache(maxsize=64)
def _biggest(known: Gazetteer, regions: frozenset[str]) -> Place | None:
    rows = known.rows(_BIGGEST, json.dumps(sorted(regions)))
    return place_of(rows[0]) if rows else None
