"""The map of all URLs on one page: which room answers what, and the links around every page.

/                       302 to the reader's language
/{de,fr,en}/...         pages, listed in PAGES
/api/v1/...             the same things as JSON, listed in API
/api/v1/events          what happens, live (web/live.py)
/api/v1/openapi.json    the description of the API
/-/{plugin}/hand-back   answers of partners' own support systems, signed (escalation room)
/_s, /_t                static files and looks, with their hash in the address
/healthz                for the machine that watches; any host, no brand
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from starlette.routing import Route

from crowdcore.agreements import api as agreements
from crowdcore.app import files
from crowdcore.app.pages import ApiDescription, Home, Lobby
from crowdcore.bookings import api as bookings
from crowdcore.catalog import api as catalog
from crowdcore.completion import api as completion
from crowdcore.crowd import api as crowd
from crowdcore.escalation import api as escalation
from crowdcore.exams import api as exams
from crowdcore.jobs import api as jobs
from crowdcore.offers import api as offers
from crowdcore.overview import api as overview
from crowdcore.ratings import api as ratings
from crowdcore.web.api import ApiRoute
from crowdcore.web.live import Hub, LivePath
from crowdcore.web.menu import MenuItem
from crowdcore.web.openapi import PREFIX
from crowdcore.web.operation import ApiPath
from crowdcore.web.pages import PagePath, PageRoute

R = TypeVar("R", ApiRoute, PageRoute)

API: tuple[ApiRoute, ...] = (
    *catalog.ROUTES,
    *bookings.ROUTES,
    *overview.ROUTES,
    *jobs.ROUTES,
    *offers.ROUTES,
    *agreements.ROUTES,
    *completion.ROUTES,
    *ratings.ROUTES,
    *escalation.ROUTES,
    *exams.ROUTES,
    *crowd.ROUTES,
)
PAGES: tuple[PageRoute, ...] = ()
MENU: tuple[MenuItem, ...] = ()


def url_map(api: Sequence[ApiRoute], pages: Sequence[PageRoute], hub: Hub) -> list[Route]:
    """Return everything the application answers, most specific first.

    Args:
        api: operations of the JSON API.
        pages: pages; each stands under every language.
        hub: the live events.
    """
    return [
        Route("/", Home()),
        Route("/favicon.ico", files.Favicon()),
        Route("/robots.txt", files.Robots()),
        Route("/_s/{rest:path}", files.Static()),
        Route("/_t/{version}/{name}", files.Look()),
        Route(f"{PREFIX}/openapi.json", ApiDescription(api)),
        Route(f"{PREFIX}/events", LivePath(hub)),
        Route(escalation.HAND_BACK_PATH, escalation.HandBackPath()),
        *(Route(PREFIX + path, ApiPath(routes)) for path, routes in _by_path(api).items()),
        Route("/{lang}", Lobby()),
        *(Route("/{lang}" + path, PagePath(routes)) for path, routes in _by_path(pages).items()),
    ]


def _by_path(routes: Sequence[R]) -> dict[str, list[R]]:
    found: dict[str, list[R]] = defaultdict(list)
    for route in routes:
        found[route.path].append(route)
    return found
