"""Pages for everybody: what can be booked, by door, by shelf and one by one."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.catalog import queries
from crowdcore.catalog.rules import is_for_crowd
from crowdcore.i18n.translations import mark as _
from crowdcore.places.gazetteer import gazetteer
from crowdcore.places.rules import Found
from crowdcore.plugin.content_catalog import ServiceKind
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.prose import prose
from crowdcore.web.respond import page

MOST_ON_HOME = 6
LONGEST_PLACE = 120

#: The three doors of a portal: kind, icon, name, what is behind it.
DOORS = (
    (ServiceKind.INSTALL, "bolt", _("Set something up"), _("Just bought, or moved house")),
    (ServiceKind.FIX, "help", _("Solve a problem"), _("Something does not work as it should")),
    (ServiceKind.EXPLAIN, "coffee", _("No time to work it out"), _("Somebody shows you, at your pace")),
)
OPEN_STAGES = frozenset({"live", "pilot"})


async def show_home(_request: Request, visit: Visit) -> Response:
    """The doors, the shelves and what is booked most."""
    services = [service for service in queries.services() if is_for_crowd(service)]
    return page(
        visit,
        "catalog/home.html",
        indexable=True,
        doors=DOORS,
        categories=queries.categories(),
        icons={category.id: category.icon for category in queries.categories()},
        services=services[:MOST_ON_HOME],
        count=len(services),
        prices={service.id: queries.list_price(service) for service in services},
        radius_m=visit.portal.settings.dispatch.radius_km * 1000,
    )


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
        served=_served(visit, place),
    )


async def show_service(request: Request, visit: Visit) -> Response:
    """One service: what is included, what it costs, who comes."""
    service = queries.service(request.path_params["service"])
    place = visit.query.get("place", "").strip()[:LONGEST_PLACE]
    return page(
        visit,
        "catalog/service.html",
        indexable=not service.retired,
        service=service,
        icon_name=visit.portal.catalog.categories[service.category].icon,
        door=next(name for kind, _icon, name, _about in DOORS if kind is service.kind),
        price=queries.list_price(service),
        bookable=is_for_crowd(service),
        more=prose(visit.translator.text(service.long)) if service.long else None,
        carry="?" + urlencode({"place": place}) if place else "",
    )


def _served(visit: Visit, typed: str) -> tuple[str, bool] | None:
    """Return a place as it is written and whether the portal works there; None while that is not clear."""
    if not typed:
        return None
    answer = gazetteer().search(typed)
    if not isinstance(answer, Found):
        return None
    return answer.place.label, visit.portal.settings.regions.stage(answer.place.region) in OPEN_STAGES


ROUTES = (
    PageRoute(method="GET", path="/", handler=show_home, public=True),
    PageRoute(method="GET", path="/services", handler=show_services, public=True),
    PageRoute(method="GET", path="/s/{service}", handler=show_service, public=True),
)
