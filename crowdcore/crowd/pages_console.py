"""Pages for staff: the members of the crowd."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import STAFF
from crowdcore.base import clock
from crowdcore.crowd import queries
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page

MOST_SHOWN = 200


async def show_friends(_request: Request, visit: Visit) -> Response:
    """Members, the newest first."""
    titles = {exam.skill: exam.title for exam in visit.portal.exams.values()}
    return page(
        visit,
        "crowd/console_list.html",
        friends=await queries.crowd(limit=MOST_SHOWN),
        count=await queries.size(),
        titles=titles,
        now=clock.now(),
    )


ROUTES = (PageRoute(method="GET", path="/console/friends", handler=show_friends, roles=STAFF),)
