"""Pages for staff: what needs somebody now, all open jobs, and everything about one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
from crowdcore.jobs.rules import TERMINAL, Action, Job, State
from crowdcore.overview import queries
from crowdcore.overview.rules import action_title
from crowdcore.web.context import Visit, read_id
from crowdcore.web.forms import empty_form
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page

MOST_CASES = 50
MOST_JOBS = 60

OPENS_CASE = frozenset(REASON_OF) | {Action.HAND_OVER}
LIVE = frozenset(State) - TERMINAL - {State.DRAFT, State.CONFIRMED}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits for support."""

    case: Case
    job: Job
    reason: Text
    late: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A job in the list, with what happens to it next by itself: kind and moment of its timer, or none."""

    job: Job
    timer: tuple[str, datetime] | None


@dataclass(frozen=True, slots=True)
class Talk:
    """A case with its reason and what was said on it."""

    case: Case
    reason: Text
    said: list[Message]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history with its name (English msgid), and why in the reader's language."""

    title: str
    line: Line
    reason: str


async def show_console(_request: Request, visit: Visit) -> Response:
    """Cases by deadline, objections, and open jobs with what happens to them next."""
    now = clock.now()
    waiting = await _waiting(now)
    wanted = _states(visit.query.get("state", ""))
    found = await jobs.jobs(states=wanted or LIVE, limit=MOST_JOBS)
    return page(
        visit,
        "overview/console.html",
        waiting=waiting,
        disputed=await jobs.jobs(states=[State.DISPUTED], limit=MOST_CASES),
        counts=await jobs.counts(),
        states=[state for state in State if state in LIVE],
        chosen=next(iter(wanted), None),
        rows=[Row(job, await _next_timer(job)) for job in found],
        now=now,
    )


async def show_job(request: Request, visit: Visit) -> Response:
    """Everything about one job: people, price, search, cases, history."""
    seen = await queries.overview(visit.signed_in, read_id(request.path_params["job_id"]))
    job = seen.job
    cases = [
        Talk(case, reason_name(case.reason), await escalation.messages(case.id))
        for case in await escalation.cases_of(job.id)
    ]
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
        history=[Entry(action_title(line), line, _reason(visit, line)) for line in await jobs.history(job.id)],
        now=clock.now(),
        form=empty_form(),
    )


async def _waiting(now: datetime) -> list[Waiting]:
    cases = await escalation.inbox(limit=MOST_CASES)
    known = await jobs.jobs_by_id({case.job_id for case in cases})
    return [Waiting(case, known[case.job_id], reason_name(case.reason), case.due_at <= now) for case in cases]


async def _next_timer(job: Job) -> tuple[str, datetime] | None:
    return next(iter(await timers.live_of(subject_id=job.id)), None)


def _reason(visit: Visit, line: Line) -> str:
    """Return why something was done; for a case the name of its reason, for a step nothing more."""
    if line.action == Action.MILESTONE or not line.reason:
        return ""
    if line.action in OPENS_CASE:
        return visit.translator.text(reason_name(line.reason))
    return line.reason


def _states(typed: str) -> list[State]:
    return [State(typed)] if typed in set(State) else []


ROUTES = (
    PageRoute(method="GET", path="/console", handler=show_console, roles=STAFF),
    PageRoute(method="GET", path="/console/jobs/{job_id}", handler=show_job, roles=STAFF),
)
