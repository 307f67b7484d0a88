"""Reads of the coverage room: where qualified Friends live and requests come from, in SQL for both databases."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

from crowdcore.base import clock
from crowdcore.base.geo import Point
from crowdcore.base.text import Language, Text
from crowdcore.coverage.rules import (
    Cover,
    Lattice,
    Picture,
    Plane,
    Town,
    cover,
    lattice,
    nearest_dot,
    picture,
    reachable,
)
from crowdcore.db import sql
from crowdcore.db.scope import current_partner
from crowdcore.insight import queries as insight
from crowdcore.insight.queries import Period, span
from crowdcore.insight.rules import Figure
from crowdcore.partners.queries import portal
from crowdcore.places.regions import towns_of
from crowdcore.places.rules import Place
from crowdcore.waiting import queries as waiting

_HOMES = """
SELECT f.lat, f.lon, f.region, COUNT(*) AS members FROM crowd_friend f
WHERE f.partner_id = ? AND f.standing = 'active' AND EXISTS (
  SELECT 1 FROM crowd_qualification q WHERE q.partner_id = f.partner_id AND q.friend_id = f.id
    AND q.state = 'active' AND q.valid_until > ? AND (q.skill = ? OR ? = ''))
GROUP BY f.lat, f.lon, f.region ORDER BY f.lat, f.lon
"""
_REQUESTS = """
SELECT j.lat, j.lon, COUNT(*) AS requests FROM jobs_job j
WHERE j.partner_id = ? AND j.opened_at >= ? GROUP BY j.lat, j.lon ORDER BY j.lat, j.lon
"""

#: The middle of each country, in the order in which a portal's main one is chosen.
_MIDDLES = {
    "CH": Point(46.82, 8.23),
    "LI": Point(47.16, 9.55),
    "DE": Point(51.1, 10.4),
    "AT": Point(47.6, 13.3),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One region of the portal.

    Args:
        code: ISO 3166-2.
        stage: ``live``, ``pilot``, ``planned`` or ``closed``; empty for a region that the partner does not name.
        friends: qualified Friends who live there.
        requests: of the last four weeks.
        within_hour: share of them accepted within an hour; None while unknown.
        waiting: people on the waiting list.
    """

    code: str
    stage: str
    friends: int
    requests: int
    within_hour: float | None
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Where the crowd can keep its promise.

    Args:
        picture: the map.
        regions: those the partner names, the ones with most Friends first.
        well_served: share of the last four weeks' requests in a well covered area; None without requests.
        friends: qualified Friends in all.
    """

    picture: Picture
    regions: tuple[Region, ...]
    well_served: float | None
    friends: int


async def coverage(*, skill: str = "") -> Coverage:
    """Return the coverage by Friends who hold `skill`, or any skill if it is empty."""
    partner_id, now = current_partner(), clock.now()
    since, until = span(Period.MONTH)
    homes = await sql.rows(_HOMES, partner_id, now, skill, skill)
    asked = await sql.rows(_REQUESTS, partner_id, since)
    figures = await insight.by_region(since=since, until=until)
    regions = portal().settings.regions
    ground = _ground(frozenset({*regions.live, *regions.pilot, *regions.planned, *regions.closed}))
    counts = reachable(ground.dots, [(Point(row["lat"], row["lon"]), row["members"]) for row in homes], ground.plane)
    says = {key: cover(counts[key], regions.stage(dot.region)) for key, dot in ground.dots.items()}
    friends = Counter[str]()
    for row in homes:
        friends[row["region"]] += row["members"]
    return Coverage(
        picture=picture(ground.dots, says, ground.towns, ground.plane),
        regions=_regions(friends, {one.key: one for one in figures}, await waiting.counts()),
        well_served=_well_served(ground, says, [(Point(row["lat"], row["lon"]), row["requests"]) for row in asked]),
        friends=friends.total(),
    )


@dataclass(frozen=True, slots=True)
class _Ground:
    towns: tuple[Town, ...]
    plane: Plane
    dots: Lattice


@cache
def _ground(named: frozenset[str]) -> _Ground:
    """Return the lattice for a portal that names these regions; the whole of the first country is drawn."""
    countries = {code.partition("-")[0] for code in named}
    home = next(country for country in _MIDDLES if country in countries)
    by_country = [
        [place for place in towns_of(country) if country == home or place.region in named]
        for country in _MIDDLES
        if country in countries
    ]
    towns = tuple(  # the largest of each country first, or the names of one would fill the map
        Town(_name(place), place.region, place.point)
        for places in zip_longest(*by_country)
        for place in places
        if place is not None
    )
    plane = Plane(_MIDDLES[home])
    return _Ground(towns, plane, lattice(towns, plane))


def _name(place: Place) -> Text:
    return Text.from_dict({language.value: place.locality_in(language.value) for language in Language})


def _regions(friends: Counter[str], figures: dict[str, Figure], listed: dict[str, int]) -> tuple[Region, ...]:
    """Return the regions the partner names, and those that people wait for although it does not."""
    settings = portal().settings.regions
    stages = {stage: getattr(settings, stage) for stage in ("live", "pilot", "closed", "planned")}
    named = frozenset().union(*stages.values())
    found = []
    for stage, codes in {**stages, "": listed.keys() - named}.items():
        for code in codes:
            figure = figures.get(code)
            found.append(
                Region(
                    code=code,
                    stage=stage,
                    friends=friends[code],
                    requests=figure.requests if figure else 0,
                    within_hour=figure.within_hour if figure else None,
                    waiting=listed.get(code, 0),
                )
            )
    return tuple(sorted(found, key=lambda one: (-one.friends, one.code)))


def _well_served(ground: _Ground, says: dict[tuple[int, int], Cover], asked: list[tuple[Point, int]]) -> float | None:
    total = sum(number for _cell, number in asked)
    if not total:
        return None
    good = 0
    for cell, number in asked:
        key = nearest_dot(ground.dots, cell, ground.plane)
        if key is not None and says[key] is Cover.GOOD:
            good += number
    return good / total
