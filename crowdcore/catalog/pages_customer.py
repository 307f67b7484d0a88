"""Pages for everybody: what can be booked, by door and by shelf."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.catalog import queries
from crowdcore.catalog.rules import DOORS, LONGEST_PLACE, is_for_crowd
from crowdcore.places.gazetteer import gazetteer
from crowdcore.places.rules import Choice, Found, Place
from crowdcore.places.sentences import place_problem
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page

MOST_CHOICES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedPlace:
    """What a typed place means.

    Args:
        place: the one that is meant, if that is clear.
        is_open: the portal works there.
        choices: those that may be meant.
        sentence: why there is no answer, already translated.
    """

    place: Place | None = None
    is_open: bool = False
    choices: tuple[Place, ...] = ()
    sentence: str = ""


async def show_services(_request: Request, visit: Visit) -> Response:
    """All services, or those of a door and a shelf; a place typed on the home page comes along."""
    kind, category = visit.query.get("kind", ""), visit.query.get("category", "")
    place = visit.query.get("place", "").strip()[:LONGEST_PLACE]
    services = [
        service
        for service in queries.services()
        if is_for_crowd(service) and kind in {"", service.kind.value} and category in {"", service.category}
    ]
    return page(
        visit,
        "catalog/services.html",
        indexable=not visit.query,
        doors=DOORS,
        kind=kind,
        category=category,
        categories=queries.categories(),
        icons={one.id: one.icon for one in queries.categories()},
        services=services,
        prices={service.id: queries.list_price(service) for service in services},
        place=place,
        carry="?" + urlencode({"place": place}) if place else "",
        typed=_typed_place(visit, place),
    )


def _typed_place(visit: Visit, typed: str) -> TypedPlace | None:
    """Return what is said about a place that came along from the home page; None if nothing was typed."""
    if not typed:
        return None
    answer = gazetteer().search(typed)
    if isinstance(answer, Found):
        return TypedPlace(place=answer.place, is_open=visit.portal.settings.regions.is_open(answer.place.region))
    if isinstance(answer, Choice):
        return TypedPlace(choices=answer.places[:MOST_CHOICES])
    sentence = visit.formats.field_problem(place_problem(answer, typed))
    return TypedPlace(choices=answer.suggestions[:MOST_CHOICES], sentence=sentence)


ROUTES = (PageRoute(method="GET", path="/services", handler=show_services, public=True),)
