"""Pages for customers: confirm that the work is done, or object to it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base.errors import Refusal, Rejected
from crowdcore.completion import service
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job, Who
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused

SIGNED_IN = frozenset(Role)


class NothingTyped(Input):
    """A form that is only a button."""


class DisputeForm(Input):
    """What is wrong."""

    reason: Annotated[str, paragraph(200)]


async def confirm(request: Request, visit: Visit) -> Response:
    """Agree that the work is done; how it was is asked next."""
    job = await _own(request, visit)
    form = await read_form(request, NothingTyped)
    try:
        return await submit(
            visit,
            form,
            do=lambda: service.confirm(job_id=job.id, who=Who.CUSTOMER),
            then=lambda _job: f"/jobs/{job.id}/rating",
        )
    except Refusal as refusal:
        return refused(visit, refusal, back=f"/jobs/{job.id}")


async def show_dispute(request: Request, visit: Visit) -> Response:
    """Ask what is wrong."""
    return _page(visit, await _own(request, visit), empty_form())


async def dispute(request: Request, visit: Visit) -> Response:
    """Object; support decides."""
    job = await _own(request, visit)
    form = await read_form(request, DisputeForm)
    try:
        return await submit(
            visit,
            form,
            do=lambda: service.dispute(job_id=job.id, who=Who.CUSTOMER, reason=form.value.reason),
            then=lambda _job: f"/jobs/{job.id}",
        )
    except Rejected as refusal:
        return _page(visit, job, form.refused(visit, refusal), status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=f"/jobs/{job.id}")


async def _own(request: Request, visit: Visit) -> Job:
    return await jobs.job_of_customer(read_id(request.path_params["job_id"]), visit.account_id)


def _page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(visit, "completion/dispute.html", status=status, job=job, form=form)


ROUTES = (
    PageRoute(method="POST", path="/jobs/{job_id}/confirm", handler=confirm, roles=SIGNED_IN),
    PageRoute(method="GET", path="/jobs/{job_id}/dispute", handler=show_dispute, roles=SIGNED_IN),
    PageRoute(method="POST", path="/jobs/{job_id}/dispute", handler=dispute, roles=SIGNED_IN),
)
