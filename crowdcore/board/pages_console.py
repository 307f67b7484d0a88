"""Pages for staff: the live board, and messages that could not be delivered."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import STAFF, Role
from crowdcore.base import clock
from crowdcore.base.errors import NotFound
from crowdcore.board import queries, service
from crowdcore.board.rules import Column, DeliveryUnknown, chart, clock_face, columns
from crowdcore.db import outbox
from crowdcore.escalation.queries import reason_name
from crowdcore.insight import queries as insight
from crowdcore.insight.queries import Period, span
from crowdcore.insight.rules import GOALS, verdict
from crowdcore.places.regions import region_name
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input
from crowdcore.web.forms import empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page

ADMINS = frozenset({Role.ADMIN})

MOST_CARDS = 6
MOST_NEEDS = 5
MOST_ROWS = 300


class NothingTyped(Input):
    """A form that is only a button."""


async def show_board(_request: Request, visit: Visit) -> Response:
    """How the crowd does against its goals, what needs somebody now, and every open job."""
    region, period = _region(visit), _period(visit.query.get("period", ""))
    only = _column(visit.query.get("column", ""))
    since, until = span(period)
    found = await insight.acceptance(since=since, until=until, region=region)
    board = await queries.board(language=visit.language, region=region, may_retry=visit.has_role(*ADMINS))
    told, now = verdict(found), clock.now()
    by_column = columns(board.cards, now, board.limits)
    return page(
        visit,
        "board/live.html",
        modules=("live.js",),
        verdict=told,
        charts=[chart(found, told, is_wide=wide) for wide in (True, False)],
        needs=board.needs,
        most_needs=MOST_NEEDS if "all" not in visit.query else len(board.needs),
        reasons={need.reason: reason_name(need.reason) for need in board.needs if need.reason},
        columns=by_column,
        rows=[card for column in Column for card in by_column[column] if only in {None, column}][:MOST_ROWS],
        late=queries.late(board),
        most=MOST_CARDS,
        regions=_regions(visit),
        region=region,
        period=period,
        only=only,
        is_list=visit.query.get("view") == "list",
        clock_face=clock_face,
        now=now,
        goals=GOALS,
    )


async def show_failures(_request: Request, visit: Visit) -> Response:
    """Messages and hand-overs that were given up after many tries."""
    return page(visit, "board/failures.html", failures=await outbox.parked(), form=empty_form())


async def try_again(request: Request, visit: Visit) -> Response:
    """Put one of them back to work."""
    delivery_id = read_id(request.path_params["delivery_id"])
    return await submit(
        visit,
        await read_form(request, NothingTyped),
        do=lambda: _try_again(delivery_id),
        then=lambda _: "/console/failures",
    )


async def _try_again(delivery_id: UUID) -> None:
    try:
        await service.try_again(delivery_id=delivery_id)
    except DeliveryUnknown as error:
        raise NotFound from error  # the same page for a missing one as for an address that leads nowhere


def _region(visit: Visit) -> str:
    wanted = visit.query.get("region", "")
    return wanted if wanted in _codes(visit) else ""


def _codes(visit: Visit) -> frozenset[str]:
    regions = visit.portal.settings.regions
    return regions.live | regions.pilot | regions.closed


def _regions(visit: Visit) -> list[tuple[str, str]]:
    """Return (code, name) of the regions that have jobs, by name."""
    named = [(code, visit.translator.text(region_name(code))) for code in _codes(visit)]
    return sorted(named, key=lambda pair: pair[1])


def _column(typed: str) -> Column | None:
    return Column(typed) if typed in set(Column) else None


def _period(typed: str) -> Period:
    return Period(typed) if typed in set(Period) else Period.TODAY


ROUTES = (
    PageRoute(method="GET", path="/console", handler=show_board, roles=STAFF),
    PageRoute(method="GET", path="/console/failures", handler=show_failures, roles=ADMINS),
    PageRoute(method="POST", path="/console/failures/{delivery_id}", handler=try_again, roles=ADMINS),
)
