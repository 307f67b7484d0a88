"""Pages for customers: ask support to take over work in hand."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base.errors import Refusal, Rejected
from crowdcore.escalation import service
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job, Who
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused

SIGNED_IN = frozenset(Role)


class HandOverForm(Input):
    """Why, and what happened so far."""

    reason: Annotated[str, Field(max_length=40)]
    note: Annotated[str, paragraph(2000)]


async def show_hand_over(request: Request, visit: Visit) -> Response:
    """Ask what support should know."""
    return _page(visit, await _own(request, visit), empty_form())


async def hand_over(request: Request, visit: Visit) -> Response:
    """Give the job to support."""
    job = await _own(request, visit)
    form = await read_form(request, HandOverForm)
    try:
        typed = form.value
        return await submit(
            visit,
            form,
            do=lambda: service.hand_over(
                job_id=job.id, who=Who.CUSTOMER, reason=typed.reason, note=typed.note, friend_id=None
            ),
            then=lambda _case: f"/jobs/{job.id}",
        )
    except Rejected as refusal:
        return _page(visit, job, form.refused(visit, refusal, at="reason"), status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=f"/jobs/{job.id}")


async def _own(request: Request, visit: Visit) -> Job:
    return await jobs.job_of_customer(read_id(request.path_params["job_id"]), visit.account_id)


def _page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(
        visit,
        "escalation/customer_hand_over.html",
        status=status,
        job=job,
        form=form,
        reasons=list(visit.portal.settings.escalation.values()),
        reply_within=visit.portal.settings.support.reply_within,
    )


ROUTES = (
    PageRoute(method="GET", path="/jobs/{job_id}/hand-over", handler=show_hand_over, roles=SIGNED_IN),
    PageRoute(method="POST", path="/jobs/{job_id}/hand-over", handler=hand_over, roles=SIGNED_IN),
)
