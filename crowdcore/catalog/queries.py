"""Reads of the catalogue of the partner in scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain, zip_longest

from crowdcore.base.geo import snap
from crowdcore.catalog.rules import ServiceUnknown, file_guide, is_for_crowd
from crowdcore.partners.queries import portal
from crowdcore.places.rules import Place
from crowdcore.places.towns import biggest_town, towns_around
from crowdcore.plugin import Guide, PlaceView, QuoteRequest, ServiceView
from crowdcore.plugin.content_catalog import Category, Service
from crowdcore.web.dotmap import DotMap, sketch, spot

SKETCH_M = 18_000


def services() -> Sequence[Service]:
    """Return what can be booked, in the order of the partner's file."""
    return portal().catalog.bookable()


def categories() -> Sequence[Category]:
    """Return the shelves of the catalogue in the partner's order."""
    return tuple(portal().catalog.categories.values())


def service(service_id: str) -> Service:
    """Return one service, a retired one too.

    Raises:
        ServiceUnknown: no such service.
    """
    found = portal().catalog.services.get(service_id)
    if found is None:
        raise ServiceUnknown
    return found


def named(values: Mapping[str, str]) -> Service:
    """Return the service that the path of a page names.

    Raises:
        ServiceUnknown: no such service.
    """
    return service(values["service"])


def bookable(service_id: str) -> Service | None:
    """Return a service that Friends or Profis do today, or None."""
    found = portal().catalog.services.get(service_id)
    return found if found is not None and is_for_crowd(found) else None


def skill_of(found: Service) -> str | None:
    """Return the skill a Friend must have proved for a service, None if none."""
    if found.exam is None:
        return None
    return portal().exams[found.exam].skill


def service_view(found: Service) -> ServiceView:
    """Return a service as plugins see it."""
    return ServiceView(
        id=found.id,
        title=found.title,
        family=found.family.value,
        kind=found.kind.value,
        exam=found.exam,
        safety=found.safety,
        licence=found.licence,
        minutes=found.minutes.typical,
    )


def place_view(place: Place) -> PlaceView:
    """Return a place as plugins see it: on the grid."""
    return PlaceView(place.country, place.region, place.postcode, place.locality, snap(place.point))


def list_price(found: Service) -> Guide:
    """Return the guide price in the portal's main currency, before time, place or plugins count."""
    return file_guide(found, currency=portal().settings.money.currency, urgent=False)


async def quote(
    found: Service, place: Place, *, starts_local: datetime | None, urgent: bool, travel_m: int | None
) -> Guide:
    """Return the guide price of a service at a place and time.

    Args:
        found: from the catalogue.
        place: from the gazetteer.
        starts_local: wanted start, naive, in the partner's zone; None if open.
        urgent: as soon as possible.
        travel_m: snapped distance in metres of the nearest qualified Friend; None if nobody is near.
    """
    here = portal()
    price = file_guide(found, currency=here.settings.money.for_country(place.country), urgent=urgent)
    request = QuoteRequest(
        service=service_view(found),
        place=place_view(place),
        starts_local=starts_local,
        urgent=urgent,
        travel_m=travel_m,
    )
    return await here.hooks.guide_price(quote=request, price=price)


def picture() -> DotMap | None:
    """Return the neighbourhood drawn on the home page, around the best known town where the portal is open."""
    regions = portal().settings.regions
    middle = biggest_town(_at_home(regions.live or regions.pilot))
    if middle is None:
        return None
    cell = snap(middle.point)
    return sketch(spot(cell, snap(town.point)) for town in towns_around(cell, SKETCH_M))


def _at_home(regions: frozenset[str]) -> frozenset[str]:
    """Return the regions of the country that has most of them."""
    countries = Counter(region[:2] for region in regions)
    home = max(sorted(countries), key=lambda country: countries[country], default="")
    return frozenset(region for region in regions if region[:2] == home)


def leading(most: int) -> Sequence[Service]:
    """Return what is shown first: of each shelf its first service, then of each its second, in the file's order."""
    shelves: dict[str, list[Service]] = {}
    for one in services():
        if is_for_crowd(one):
            shelves.setdefault(one.category, []).append(one)
    turns = chain.from_iterable(zip_longest(*shelves.values()))
    return [one for one in turns if one is not None][:most]
