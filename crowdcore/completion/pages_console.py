"""Pages for staff: end an objection."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import STAFF
from crowdcore.base.errors import Refusal, Rejected
from crowdcore.completion import queries, service
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused


class DecisionForm(Input):
    """How the objection ends, and why."""

    decision: Literal["uphold", "withdraw"]
    reason: Annotated[str, paragraph(200)]


async def show_decision(request: Request, visit: Visit) -> Response:
    """Ask how an objection ends."""
    return await _page(visit, await _job(request), empty_form())


async def decide(request: Request, visit: Visit) -> Response:
    """End an objection: the work counts, or the job is withdrawn."""
    job = await _job(request)
    form = await read_form(request, DecisionForm)
    try:
        typed = form.value
        return await submit(
            visit,
            form,
            do=lambda: service.decide(job_id=job.id, uphold=typed.decision == "uphold", reason=typed.reason),
            then=lambda _job: f"/console/jobs/{job.id}",
        )
    except Rejected as refusal:
        return await _page(visit, job, form.refused(visit, refusal), status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=f"/console/jobs/{job.id}")


async def _job(request: Request) -> Job:
    return await jobs.job(read_id(request.path_params["job_id"]))


async def _page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    report = await queries.report(job.id)
    return page(visit, "completion/decision.html", status=status, job=job, form=form, report=report or "")


ROUTES = (
    PageRoute(method="GET", path="/console/jobs/{job_id}/decision", handler=show_decision, roles=STAFF),
    PageRoute(method="POST", path="/console/jobs/{job_id}/decision", handler=decide, roles=STAFF),
)
