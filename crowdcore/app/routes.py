"""The map of all URLs on one page: which room answers what, and the links around every page.

/                       302 to the reader's language
/{de,fr,en}/...         pages, listed in PAGES
/api/v1/...             the same things as JSON, listed in API
/api/v1/events          what happens, live (web/live.py)
/api/v1/openapi.json    the description of the API
/-/{plugin}/hand-back   answers of partners' own support systems, signed (escalation room)
/_s, /_t                static files and looks, with their hash in the address
/sw.js, /manifest.webmanifest, /{lang}/*.webmanifest, /apple-touch-icon.png    what a phone installs
/healthz                for the machine that watches; any host, no brand
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from starlette.routing import Route

from crowdcore.accounts import pages_customer as accounts_customer
from crowdcore.accounts.rules import STAFF, Role
from crowdcore.advice import api as advice, pages_customer as advice_customer
from crowdcore.agreements import (
    api as agreements,
    pages_customer as agreements_customer,
    pages_friend as agreements_friend,
)
from crowdcore.app import files
from crowdcore.app.callbacks import HandBackPath
from crowdcore.app.pages import ApiDescription, Home, Lobby
from crowdcore.board import api as board, pages_console as board_console
from crowdcore.bookings import api as bookings, pages_console as bookings_console, pages_customer as bookings_customer
from crowdcore.catalog import api as catalog, pages_console as catalog_console, pages_customer as catalog_customer
from crowdcore.completion import (
    api as completion,
    pages_console as completion_console,
    pages_customer as completion_customer,
    pages_friend as completion_friend,
)
from crowdcore.coverage import api as coverage, pages_console as coverage_console
from crowdcore.crowd import (
    api as crowd,
    pages_customer as crowd_customer,
    pages_friend as crowd_friend,
)
from crowdcore.escalation import (
    api as escalation,
    pages_console as escalation_console,
    pages_customer as escalation_customer,
    pages_friend as escalation_friend,
)
from crowdcore.escalation.queries import waiting as waiting_cases
from crowdcore.exams import api as exams, pages_friend as exams_friend
from crowdcore.i18n.translations import mark as _
from crowdcore.insight import api as insight, pages_console as insight_console
from crowdcore.jobs import (
    api as jobs,
    pages_console as jobs_console,
    pages_customer as jobs_customer,
    pages_friend as jobs_friend,
)
from crowdcore.ledger import api as ledger, pages_customer as ledger_customer, pages_friend as ledger_friend
from crowdcore.notifications import (
    pages_customer as notifications_customer,
    pages_friend as notifications_friend,
)
from crowdcore.offers import api as offers, pages_friend as offers_friend
from crowdcore.overview import (
    api as overview,
    pages_console as overview_console,
    pages_customer as overview_customer,
    pages_friend as overview_friend,
)
from crowdcore.partners import pages_customer as partners_customer
from crowdcore.ratings import (
    api as ratings,
    pages_customer as ratings_customer,
    pages_friend as ratings_friend,
)
from crowdcore.roster import api as roster, pages_console as roster_console
from crowdcore.waiting import api as waiting, pages_customer as waiting_customer
from crowdcore.web.api import ApiRoute
from crowdcore.web.live import Hub, LivePath
from crowdcore.web.menu import MenuItem
from crowdcore.web.openapi import PREFIX
from crowdcore.web.operation import ApiPath
from crowdcore.web.pages import PagePath, PageRoute

R = TypeVar("R", ApiRoute, PageRoute)

API: tuple[ApiRoute, ...] = (
    *advice.ROUTES,
    *waiting.ROUTES,
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
    *ledger.ROUTES,
    *board.ROUTES,
    *insight.ROUTES,
    *coverage.ROUTES,
    *roster.ROUTES,
)
PAGES: tuple[PageRoute, ...] = (
    *accounts_customer.ROUTES,
    *catalog_customer.ROUTES,
    *advice_customer.ROUTES,
    *waiting_customer.ROUTES,
    *partners_customer.ROUTES,
    *bookings_customer.ROUTES,
    *jobs_customer.ROUTES,
    *overview_customer.ROUTES,
    *agreements_customer.ROUTES,
    *completion_customer.ROUTES,
    *ratings_customer.ROUTES,
    *crowd_customer.ROUTES,
    *ledger_customer.ROUTES,
    *escalation_customer.ROUTES,
    *notifications_customer.ROUTES,
    *offers_friend.ROUTES,
    *jobs_friend.ROUTES,
    *overview_friend.ROUTES,
    *agreements_friend.ROUTES,
    *completion_friend.ROUTES,
    *escalation_friend.ROUTES,
    *notifications_friend.ROUTES,
    *exams_friend.ROUTES,
    *crowd_friend.ROUTES,
    *ledger_friend.ROUTES,
    *ratings_friend.ROUTES,
    *board_console.ROUTES,
    *overview_console.ROUTES,
    *escalation_console.ROUTES,
    *completion_console.ROUTES,
    *jobs_console.ROUTES,
    *bookings_console.ROUTES,
    *roster_console.ROUTES,
    *catalog_console.ROUTES,
    *insight_console.ROUTES,
    *coverage_console.ROUTES,
)
FRIENDS = frozenset({Role.FRIEND})

MENU: tuple[MenuItem, ...] = (
    MenuItem(area="site", path="/services", text=_("Services"), wide=True),
    MenuItem(area="site", path="/help", text=_("Help"), wide=True),
    MenuItem(area="site", path="/jobs", text=_("Your jobs"), icon="list", roles=frozenset({Role.CUSTOMER}), wide=True),
    MenuItem(area="site", path="/friends", text=_("Become a Friend"), without=FRIENDS | STAFF, wide=True),
    MenuItem(area="site", path="/friend/offers", text=_("As a Friend"), icon="bolt", roles=FRIENDS, wide=True),
    MenuItem(area="site", path="/console", text=_("Console"), icon="board", roles=STAFF, wide=True),
    MenuItem(area="friend", path="/friend/offers", text=_("Offers"), icon="bolt", roles=FRIENDS, wide=True),
    MenuItem(area="friend", path="/friend/jobs", text=_("Jobs"), icon="list", roles=FRIENDS, wide=True),
    MenuItem(area="friend", path="/friend/ledger", text=_("Earnings"), icon="wallet", roles=FRIENDS, wide=True),
    MenuItem(area="friend", path="/friend", text=_("Profile"), icon="user", roles=FRIENDS, wide=True),
    MenuItem(area="console", path="/console", text=_("Live"), icon="board", roles=STAFF),
    MenuItem(
        area="console", path="/console/cases", text=_("Hand-overs"), icon="swap", roles=STAFF, count=waiting_cases
    ),
    MenuItem(area="console", path="/console/book", text=_("Book"), icon="call", roles=STAFF),
    MenuItem(area="console", path="/console/coverage", text=_("Coverage"), icon="map", roles=STAFF),
    MenuItem(area="console", path="/console/friends", text=_("Friends"), icon="users", roles=STAFF),
    MenuItem(area="console", path="/console/catalog", text=_("Catalogue"), icon="list", roles=STAFF),
    MenuItem(area="console", path="/console/exams", text=_("Exams"), icon="book", roles=STAFF),
    MenuItem(area="console", path="/console/figures", text=_("Figures"), icon="chart", roles=STAFF),
    MenuItem(area="console", path="/console/look", text=_("Brand"), icon="gear", roles=STAFF),
)
"""The links around every page; those of the Friends' area stand in the bar at the bottom of a phone too."""


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
        Route("/_t/{version}/icon-{icon}.png", files.Icons()),
        Route("/_t/{version}/{name}", files.Look()),
        Route("/apple-touch-icon.png", files.Icons("icon-apple-180.png")),
        Route("/sw.js", files.ServiceWorker()),
        Route("/manifest.webmanifest", files.Manifest()),
        Route("/{lang}/manifest.webmanifest", files.Manifest()),
        Route("/{lang}/friend.webmanifest", files.Manifest(friend=True)),
        Route(f"{PREFIX}/openapi.json", ApiDescription(api)),
        Route(f"{PREFIX}/events", LivePath(hub)),
        Route("/-/{plugin}/hand-back", HandBackPath()),
        *(Route(PREFIX + path, ApiPath(routes)) for path, routes in _by_path(api).items()),
        Route("/{lang}", Lobby()),
        *(Route("/{lang}" + path, PagePath(routes)) for path, routes in _by_path(pages).items()),
    ]


def _by_path(routes: Sequence[R]) -> dict[str, list[R]]:
    found: dict[str, list[R]] = defaultdict(list)
    for route in routes:
        found[route.path].append(route)
    return found
