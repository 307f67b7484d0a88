"""Pages for Friends: one job, from the first call to the confirmation."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.crowd.queries import friend_of
from crowdcore.escalation.queries import reason_name
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import AUTO_CONFIRM, START_TOLERANCE
from crowdcore.overview import queries
from crowdcore.overview.rules import timeline
from crowdcore.web.context import Visit, read_id
from crowdcore.web.forms import empty_form
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page

FRIENDS = frozenset({Role.FRIEND})


async def show_job(request: Request, visit: Visit) -> Response:
    """What is to be done next; name and address only while the job is the Friend's."""
    viewer = replace(visit.signed_in, roles=FRIENDS)
    seen = await queries.overview(viewer, read_id(request.path_params["job_id"]))
    job, friend = seen.job, await friend_of(visit.account_id)
    return page(
        visit,
        "overview/friend_job.html",
        job=job,
        seen=seen,
        mine=job.assignee_id == friend.id,
        steps=timeline(await jobs.history(job.id), job.state),
        reason=reason_name(seen.case.reason) if seen.case else None,
        starts_from=job.window.start - START_TOLERANCE,
        confirms_at=job.done_at + AUTO_CONFIRM if job.done_at else None,
        now=clock.now(),
        form=empty_form(),
    )


ROUTES = (PageRoute(method="GET", path="/friend/jobs/{job_id}", handler=show_job, roles=FRIENDS),)
