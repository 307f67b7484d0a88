"""The page for everybody who thinks about becoming a Friend: what it brings, and what it asks."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.base.money import Money
from crowdcore.catalog import queries as catalog
from crowdcore.crowd import queries as crowd
from crowdcore.ledger.rules import fee
from crowdcore.plugin.content_catalog import Service
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page

EXAMPLES = 4


@dataclass(frozen=True, slots=True)
class Example:
    """What one job brings.

    Args:
        service: from the catalogue.
        price: its guide price.
        fee: the platform's share.
    """

    service: Service
    price: Money
    fee: Money

    @property
    def net(self) -> Money:
        """What is left for the Friend."""
        return self.price - self.fee


async def show_landing(_request: Request, visit: Visit) -> Response:
    """Duties and earnings, with figures of this portal."""
    viewer = visit.viewer
    member = await crowd.friend_of_or_none(viewer.account_id) if viewer else None
    return page(
        visit,
        "ledger/landing.html",
        indexable=True,
        examples=_examples(visit),
        percent=visit.portal.settings.platform_percent,
        briefing=visit.portal.briefing,
        exams=list(visit.portal.exams.values()),
        is_member=member is not None,
    )


def _examples(visit: Visit) -> list[Example]:
    """Return services that a Friend may do without a licence, of different families where there are some."""
    open_to_all = [one for one in catalog.services() if one.licence is None and catalog.skill_of(one) is not None]
    by_family = {one.family: one for one in reversed(open_to_all)}
    chosen = [one for one in open_to_all if by_family[one.family] is one]
    percent = visit.portal.settings.platform_percent
    prices = [(one, catalog.list_price(one).amount) for one in chosen[:EXAMPLES]]
    return [Example(one, price, fee(price, percent)) for one, price in prices]


ROUTES = (PageRoute(method="GET", path="/friends", handler=show_landing, public=True),)
