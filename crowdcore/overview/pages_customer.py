"""Pages for customers: one job from the search to the rating, and calling it off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts import queries as accounts
from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.base.errors import Refusal, Rejected
from crowdcore.bookings.rules import free_cancel_until
from crowdcore.dispatch import queries as dispatch
from crowdcore.escalation.queries import reason_name
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.rules import AUTO_CONFIRM, Job, State, Who
from crowdcore.overview import queries
from crowdcore.overview.rules import Outlook, outlook, search_began, timeline
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, redirect, refused

SIGNED_IN = frozenset(Role)


class CancelForm(Input):
    """Why a job is called off; nobody has to say."""

    reason: Annotated[str, paragraph(200)] | None = None


async def show_job(request: Request, visit: Visit) -> Response:
    """Where a job stands, what happened and what comes next."""
    # A Friend or an agent may be a customer too; here only what they booked themselves counts.
    viewer = replace(visit.signed_in, roles=frozenset({Role.CUSTOMER}))
    seen = await queries.overview(viewer, read_id(request.path_params["job_id"]))
    job = seen.job
    if job.state is State.DRAFT:
        return redirect(visit, f"/jobs/{job.id}/check")
    history = await jobs.history(job.id)
    told = seen.contact.email if seen.contact else ""
    return page(
        visit,
        "overview/customer_job.html",
        job=job,
        seen=seen,
        steps=timeline(history, job.state),
        search=await _outlook(visit, job, search_began(history)),
        reason=reason_name(seen.case.reason) if seen.case else None,
        free_until=free_cancel_until(job, clock.now()),
        confirms_at=job.done_at + AUTO_CONFIRM if job.done_at else None,
        writes_to=told or (await accounts.account(job.customer_id)).email,
        now=clock.now(),
        form=empty_form(),
    )


async def show_cancel(request: Request, visit: Visit) -> Response:
    """Ask once more before a job is called off, and say first what it costs."""
    return _cancel_page(visit, await _own(request, visit), empty_form())


async def cancel(request: Request, visit: Visit) -> Response:
    """Call a job off."""
    job = await _own(request, visit)
    form = await read_form(request, CancelForm)
    try:
        return await submit(
            visit,
            form,
            do=lambda: jobs_service.cancel(job_id=job.id, who=Who.CUSTOMER, reason=form.value.reason or ""),
            then=lambda done: f"/jobs/{done.id}",
        )
    except Rejected as refusal:
        return _cancel_page(visit, job, form.refused(visit, refusal), status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=f"/jobs/{job.id}")


async def _own(request: Request, visit: Visit) -> Job:
    return await jobs.job_of_customer(read_id(request.path_params["job_id"]), visit.account_id)


async def _outlook(visit: Visit, job: Job, began: datetime | None) -> Outlook | None:
    if job.state is not State.OPEN or began is None:
        return None
    return outlook(job, visit.portal.settings.dispatch, await dispatch.waves_of(job.id), began)


def _cancel_page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(
        visit,
        "overview/cancel.html",
        status=status,
        job=job,
        form=form,
        free_until=free_cancel_until(job, clock.now()),
    )


ROUTES = (
    PageRoute(method="GET", path="/jobs/{job_id}", handler=show_job, roles=SIGNED_IN),
    PageRoute(method="GET", path="/jobs/{job_id}/cancel", handler=show_cancel, roles=SIGNED_IN),
    PageRoute(method="POST", path="/jobs/{job_id}/cancel", handler=cancel, roles=SIGNED_IN),
)
