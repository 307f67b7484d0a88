"""Page for staff: everything about one job."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts import queries as accounts
from crowdcore.accounts.rules import STAFF
from crowdcore.base import clock
from crowdcore.base.text import Text
from crowdcore.crowd import queries as crowd
from crowdcore.db import timers
from crowdcore.db.audit import Line
from crowdcore.dispatch import queries as dispatch
from crowdcore.escalation import queries as escalation
from crowdcore.escalation.queries import reason_name
from crowdcore.escalation.rules import REASON_OF, Case, Message
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Action
from crowdcore.overview import queries
from crowdcore.overview.rules import action_title
from crowdcore.web.context import Visit, read_id
from crowdcore.web.forms import empty_form
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page

OPENS_CASE = frozenset(REASON_OF) | {Action.HAND_OVER}


@dataclass(frozen=True, slots=True)
class Talk:
    """A case with its reason and what was said on it."""

    case: Case
    reason: Text
    said: list[Message]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history with its name (English msgid), why in the reader's language, and who did it, if known."""

    title: str
    line: Line
    reason: str
    who: str


async def show_job(request: Request, visit: Visit) -> Response:
    """Everything about one job: people, price, search, cases, history."""
    seen = await queries.overview(visit.signed_in, read_id(request.path_params["job_id"]))
    job = seen.job
    cases = [
        Talk(case, reason_name(case.reason), await escalation.messages(case.id))
        for case in await escalation.cases_of(job.id)
    ]
    lines = await jobs.history(job.id)
    people = await accounts.accounts({line.actor_id for line in lines if line.actor_id is not None})
    suspended = await crowd.friend(job.suspended_id) if job.suspended_id else None
    return page(
        visit,
        "overview/console_job.html",
        job=job,
        seen=seen,
        friend=seen.friend or suspended,
        customer=await accounts.account(job.customer_id),
        cases=cases,
        open_case=await escalation.open_case_of(job.id),
        waves=await dispatch.waves_of(job.id),
        timers=await timers.live_of(subject_id=job.id),
        history=[
            Entry(
                action_title(line),
                line,
                _reason(visit, line),
                people[line.actor_id].name if line.actor_id in people else "",
            )
            for line in lines
        ],
        now=clock.now(),
        form=empty_form(),
    )


def _reason(visit: Visit, line: Line) -> str:
    """Return why something was done; for a case the name of its reason, for a step nothing more."""
    if line.action == Action.MILESTONE or not line.reason:
        return ""
    if line.action in OPENS_CASE:
        return visit.translator.text(reason_name(line.reason))
    return line.reason


ROUTES = (PageRoute(method="GET", path="/console/jobs/{job_id}", handler=show_job, roles=STAFF),)
