"""Pages for Friends: tick off what is done, and say that the work is finished."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base.errors import Refusal, Rejected
from crowdcore.completion import service
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import Friend
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused

FRIENDS = frozenset({Role.FRIEND})


class ReportForm(Input):
    """What was done, for the customer."""

    text: Annotated[str, paragraph(2000)]


class TicksForm(Input):
    """The steps that are done, counted from 0."""

    done: Annotated[tuple[Annotated[int, Field(ge=0, le=99)], ...], Field(max_length=100)] = ()


async def tick(request: Request, visit: Visit) -> Response:
    """Keep which steps are done."""
    friend, job = await _held(request, visit)
    form = await read_form(request, TicksForm)
    back = f"/friend/jobs/{job.id}"
    try:
        done = frozenset(form.value.done)
        return await submit(
            visit,
            form,
            do=lambda: service.tick(job_id=job.id, friend_id=friend.id, done=done),
            then=lambda _done: f"{back}#checklist",
        )
    except Refusal as refusal:
        return refused(visit, refusal, back=back)


async def show_report(request: Request, visit: Visit) -> Response:
    """Ask what was done."""
    _friend, job = await _held(request, visit)
    return _page(visit, job, empty_form())


async def report(request: Request, visit: Visit) -> Response:
    """Report the work done; the customer confirms."""
    friend, job = await _held(request, visit)
    form = await read_form(request, ReportForm)
    back = f"/friend/jobs/{job.id}"
    try:
        return await submit(
            visit,
            form,
            do=lambda: service.report(job_id=job.id, friend_id=friend.id, text=form.value.text),
            then=lambda _job: back,
        )
    except Rejected as refusal:
        return _page(visit, job, form.refused(visit, refusal), status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=back)


async def _held(request: Request, visit: Visit) -> tuple[Friend, Job]:
    friend = await friend_of(visit.account_id)
    return friend, await jobs.job_of_friend(read_id(request.path_params["job_id"]), friend.id)


def _page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(visit, "completion/report.html", status=status, job=job, form=form)


ROUTES = (
    PageRoute(method="POST", path="/friend/jobs/{job_id}/checklist", handler=tick, roles=FRIENDS),
    PageRoute(method="GET", path="/friend/jobs/{job_id}/report", handler=show_report, roles=FRIENDS),
    PageRoute(method="POST", path="/friend/jobs/{job_id}/report", handler=report, roles=FRIENDS),
)
