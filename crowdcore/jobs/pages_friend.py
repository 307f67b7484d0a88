"""Pages for Friends: their jobs, and beginning the work."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.crowd.queries import friend_of
from crowdcore.jobs import queries, service
from crowdcore.jobs.rules import WITH_ASSIGNEE, State
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input
from crowdcore.web.forms import read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import keep_offline, page, refused

FRIENDS = frozenset({Role.FRIEND})


class NothingTyped(Input):
    """A form that is only a button."""


async def show_jobs(_request: Request, visit: Visit) -> Response:
    """What is to be done, soonest first, and what was."""
    friend = await friend_of(visit.account_id)
    mine = await queries.jobs_of_friend(friend.id)
    ahead = [job for job in mine if job.assignee_id == friend.id and job.state in WITH_ASSIGNEE - {State.DONE}]
    now = clock.now()
    tomorrow = visit.formats.local(now).date() + timedelta(days=1)
    today = [job for job in ahead if visit.formats.local(job.window.start).date() < tomorrow]
    response = page(
        visit,
        "jobs/friend_list.html",
        modules=("live.js",),
        ahead=sorted(ahead, key=lambda job: job.window.start),
        contacts={job.id: await queries.contact(job.id) for job in ahead if queries.may_see_contact(job, friend.id)},
        now=now,
        behind=[job for job in mine if job not in ahead],
    )
    return keep_offline(response, visit, also=[f"/friend/jobs/{job.id}" for job in today])


async def start(request: Request, visit: Visit) -> Response:
    """Begin the work."""
    friend = await friend_of(visit.account_id)
    job = await queries.job_of_friend(read_id(request.path_params["job_id"]), friend.id)
    form = await read_form(request, NothingTyped)
    back = f"/friend/jobs/{job.id}"
    try:
        return await submit(
            visit, form, do=lambda: service.start(job_id=job.id, friend_id=friend.id), then=lambda _job: back
        )
    except Refusal as refusal:
        return refused(visit, refusal, back=back)


ROUTES = (
    PageRoute(method="GET", path="/friend/jobs", handler=show_jobs, roles=FRIENDS),
    PageRoute(method="POST", path="/friend/jobs/{job_id}/start", handler=start, roles=FRIENDS),
)
