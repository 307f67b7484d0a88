"""Regions of countries: their names (``CH-VS`` is Wallis, Valais and Valais) and the towns in them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from crowdcore.base.text import Text
from crowdcore.places.gazetteer import gazetteer, place_of
from crowdcore.places.rules import Place

_IN_COUNTRY = """
  SELECT p.id, p.country, p.region, p.postcode, p.locality, p.lat, p.lon, p.town, t.names
  FROM place p JOIN town t ON t.no = p.town WHERE p.country = ?
  ORDER BY t.weight DESC, p.town, length(p.locality), p.id"""


def region_name(code: str) -> Text:
    """Return the name of a region; one we have no name for is called by its code.

    Args:
        code: ISO 3166-2 (``CH-VS``, ``LI``).
    """
    return _names().get(code) or Text(de=code, fr=code, en=code)


def towns_of(country: str) -> tuple[Place, ...]:
    """Return every place of a country (ISO 3166-1), the best known towns first."""
    return tuple(place_of(row) for row in gazetteer().rows(_IN_COUNTRY, country))


@cache
def _names() -> Mapping[str, Text]:
    path = Path(__file__).with_name("regions.toml")
    countries = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        f"{country}-{part}" if part else country: Text.from_dict(names)
        for country, parts in countries.items()
        for part, names in parts.items()
    }
