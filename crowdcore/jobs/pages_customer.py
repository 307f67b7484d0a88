"""Pages for customers: all their jobs."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.jobs import queries
from crowdcore.jobs.rules import TERMINAL, State
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, redirect

SIGNED_IN = frozenset(Role)

LONGEST_NUMBER = 12

OVER = TERMINAL | {State.CONFIRMED}


async def show_jobs(_request: Request, visit: Visit) -> Response:
    """What is going on, what was, and what was never sent."""
    mine = await queries.jobs_of_customer(visit.account_id)
    drafts = [job for job in mine if job.state is State.DRAFT]
    return page(
        visit,
        "jobs/list.html",
        modules=("live.js",),
        unknown="unknown" in visit.query,
        going_on=[job for job in mine if job.state not in OVER | {State.DRAFT}],
        drafts=drafts[:1],
        over=[job for job in mine if job.state in OVER - {State.EXPIRED}],
    )


async def find_case(_request: Request, visit: Visit) -> Response:
    """Open one's job by the number that people say; anything else shows the list, with a word about it."""
    number = visit.query.get("number", "").strip().upper()[:LONGEST_NUMBER]
    mine = await queries.jobs_of_customer(visit.account_id)
    found = next((job for job in mine if job.number == number), None)
    return redirect(visit, f"/jobs/{found.id}" if found else "/jobs?unknown=1")


ROUTES = (
    PageRoute(method="GET", path="/jobs", handler=show_jobs, roles=SIGNED_IN),
    PageRoute(method="GET", path="/case", handler=find_case, roles=SIGNED_IN),
)
