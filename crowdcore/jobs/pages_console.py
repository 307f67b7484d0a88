"""Pages for staff: call a job off for somebody who cannot do it themselves."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import STAFF
from crowdcore.base.errors import Refusal, Rejected
from crowdcore.jobs import queries, service
from crowdcore.jobs.rules import Job, Who
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused


class CancelForm(Input):
    """Why a job is called off; customer and Friend can read it."""

    reason: Annotated[str, paragraph(200)]


async def show_cancel(request: Request, visit: Visit) -> Response:
    """Ask for the reason before a job is called off."""
    return _page(visit, await _job(request), empty_form())


async def cancel(request: Request, visit: Visit) -> Response:
    """Call a job off."""
    job = await _job(request)
    form = await read_form(request, CancelForm)
    try:
        return await submit(
            visit,
            form,
            do=lambda: service.cancel(job_id=job.id, who=Who.SUPPORT, reason=form.value.reason),
            then=lambda done: f"/console/jobs/{done.id}",
        )
    except Rejected as refusal:
        return _page(visit, job, form.refused(visit, refusal), status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=f"/console/jobs/{job.id}")


async def _job(request: Request) -> Job:
    return await queries.job(read_id(request.path_params["job_id"]))


def _page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(visit, "jobs/console_cancel.html", status=status, job=job, form=form)


ROUTES = (
    PageRoute(method="GET", path="/console/jobs/{job_id}/cancel", handler=show_cancel, roles=STAFF),
    PageRoute(method="POST", path="/console/jobs/{job_id}/cancel", handler=cancel, roles=STAFF),
)
