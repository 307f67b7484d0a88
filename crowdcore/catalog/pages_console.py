"""Pages for staff: catalogue and look as customers see them, with what stands behind."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import STAFF
from crowdcore.catalog import queries
from crowdcore.catalog.rules import is_for_crowd
from crowdcore.theming.contract import contract
from crowdcore.theming.proof import GRAPHIC, Measured, Pair
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page


async def show_catalog(_request: Request, visit: Visit) -> Response:
    """Every service by category: price, duration, exam, who does it, and the page customers see."""
    services = queries.services()
    return page(
        visit,
        "catalog/console.html",
        categories=[
            (category, [one for one in services if one.category == category.id]) for category in queries.categories()
        ],
        count=len(services),
        prices={one.id: queries.list_price(one) for one in services},
        for_crowd={one.id for one in services if is_for_crowd(one)},
        exams=visit.portal.exams,
        retired=[one for one in visit.portal.catalog.services.values() if one.retired],
        version=visit.portal.catalog.content_hash[:8],
    )


async def show_look(_request: Request, visit: Visit) -> Response:
    """Colours, tokens and the contrast of every pair, the tightest first."""
    theme = visit.portal.theme
    pairs: dict[Pair, dict[str, Measured]] = {}
    for one in sorted(theme.proof, key=lambda one: one.ratio / one.pair.needs):
        pairs.setdefault(one.pair, {})[one.mode] = one
    return page(
        visit,
        "catalog/look.html",
        palettes=[("light", theme.light), ("dark", theme.dark)],
        roles=list(contract().roles.values()),
        pairs=pairs,
        count=len(theme.proof),
        failing=[one for one in theme.proof if not one.passes],
        graphic=GRAPHIC,
        tokens=theme.tokens,
        settings=visit.portal.settings,
    )


ROUTES = (
    PageRoute(method="GET", path="/console/catalog", handler=show_catalog, roles=STAFF),
    PageRoute(method="GET", path="/console/look", handler=show_look, roles=STAFF),
)
