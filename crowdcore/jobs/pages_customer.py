"""Pages for customers: all their jobs."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.jobs import queries
from crowdcore.jobs.rules import TERMINAL, State
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page

SIGNED_IN = frozenset(Role)

OVER = TERMINAL | {State.CONFIRMED}


async def show_jobs(_request: Request, visit: Visit) -> Response:
    """What is going on, what was, and what was never sent."""
    mine = await queries.jobs_of_customer(visit.account_id)
    drafts = [job for job in mine if job.state is State.DRAFT]
    return page(
        visit,
        "jobs/list.html",
        going_on=[job for job in mine if job.state not in OVER | {State.DRAFT}],
        drafts=drafts[:1],
        over=[job for job in mine if job.state in OVER - {State.EXPIRED}],
    )


ROUTES = (PageRoute(method="GET", path="/jobs", handler=show_jobs, roles=SIGNED_IN),)
