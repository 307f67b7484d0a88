"""Pages for staff: the inbox of hand-overs, one case, answer, take over, hand back, assign by hand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts import queries as accounts
from crowdcore.accounts.rules import STAFF
from crowdcore.base import clock
from crowdcore.base.errors import FieldProblem, NotFound, Refusal, Rejected
from crowdcore.base.geo import distance_m
from crowdcore.base.text import Text
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend
from crowdcore.dispatch import queries as dispatch
from crowdcore.dispatch.rules import Exclusion, JobsOverlap, NotEligible, QualificationExpired
from crowdcore.escalation import queries, service
from crowdcore.escalation.rules import Case, CaseState, CaseUnknown
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused

MOST_CANDIDATES = 60
MOST_CASES = 200

NOT_ANY_MORE = FieldProblem(
    "/friend", "assign.not_eligible", _("This member cannot take the job any more. Choose another one.")
)

#: Exclusions that support may set aside: they only say who is asked first.
SET_ASIDE = frozenset({Exclusion.GAVE_BACK})


class NothingTyped(Input):
    """A form that is only a button."""


class AnswerForm(Input):
    """What Friend and customer read."""

    text: Annotated[str, paragraph(service.MOST_NOTE)]


class HandBackForm(Input):
    """How a case ends, and why."""

    outcome: Literal["back_to_friend", "to_crowd", "solved", "closed"]
    text: Annotated[str, paragraph(service.MOST_NOTE)]


class AssignForm(Input):
    """Who shall do the job."""

    friend: UUID


@dataclass(frozen=True, slots=True)
class Nearby:
    """A member near a job, and why they cannot have it; None if they can."""

    friend: Friend
    distance_m: int
    why_not: Exclusion | None


class Tab(StrEnum):
    """Which cases the inbox shows."""

    WAITING = "waiting"
    TAKEN_OVER = "taken_over"
    CLOSED = "closed"


OPEN_TABS = (Tab.WAITING, Tab.TAKEN_OVER)


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the inbox.

    Args:
        case: the case.
        job: its job.
        reason: why it was handed over.
        late: the promised time is over.
        agent: who works on it, or empty.
    """

    case: Case
    job: Job
    reason: Text
    late: bool
    agent: str


async def show_inbox(_request: Request, visit: Visit) -> Response:
    """Cases by the time support promised, or those that have ended."""
    wanted = visit.query.get("tab", "")
    tab = Tab(wanted) if wanted in set(Tab) else Tab.WAITING
    now, live = clock.now(), await queries.inbox(limit=MOST_CASES)
    found = (
        await queries.closed(limit=MOST_CASES)
        if tab is Tab.CLOSED
        else [case for case in live if case.state.value == tab.value]
    )
    known = await jobs.jobs_by_id({case.job_id for case in found})
    agents = await accounts.accounts({case.taken_by for case in found if case.taken_by is not None})
    return page(
        visit,
        "escalation/inbox.html",
        modules=("live.js",),
        rows=[
            Row(
                case,
                known[case.job_id],
                queries.reason_name(case.reason),
                case.closed_at is None and case.due_at <= now,
                agents[case.taken_by].name if case.taken_by in agents else "",
            )
            for case in found
        ],
        tab=tab,
        counts={
            tab.value: sum(case.state.value == tab.value for case in live) for tab in (Tab.WAITING, Tab.TAKEN_OVER)
        },
        waiting=sum(case.state is CaseState.WAITING for case in live),
        overdue=sum(case.due_at <= now for case in live),
        now=now,
    )


async def show_case(request: Request, visit: Visit) -> Response:
    """One case with everything needed to decide: nothing has to be asked twice."""
    case = await _case(request)
    job = await jobs.job(case.job_id)
    taken_by = await accounts.accounts({case.taken_by} if case.taken_by else ())
    friends = await crowd.friends({case.friend_id} if case.friend_id else ())
    friend = friends.get(case.friend_id) if case.friend_id else None
    return page(
        visit,
        "escalation/case.html",
        modules=("live.js",),
        case=case,
        job=job,
        reason=queries.reason_name(case.reason),
        said=await queries.messages(case.id),
        contact=await jobs.contact(job.id),
        friend=friend,
        friend_phone=(await accounts.account(friend.account_id)).phone if friend else "",
        agent=next((one.name for one in taken_by.values()), ""),
        is_mine=case.taken_by == visit.account_id,
        form=empty_form(),
        now=clock.now(),
    )


async def show_answer(request: Request, visit: Visit) -> Response:
    """Ask for the answer."""
    return await _case_page(visit, "escalation/answer.html", await _case(request), empty_form())


async def answer(request: Request, visit: Visit) -> Response:
    """Answer Friend and customer; the case stays with support."""
    case = await _case(request)
    form = await read_form(request, AnswerForm)
    try:
        return await submit(
            visit,
            form,
            do=lambda: service.answer(case_id=case.id, author=visit.signed_in.name, text=form.value.text),
            then=_home,
        )
    except Rejected as refusal:
        shown = form.refused(visit, refusal)
        return await _case_page(visit, "escalation/answer.html", case, shown, status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=_home(case))


async def take_over(request: Request, visit: Visit) -> Response:
    """Work on a case oneself."""
    case = await _case(request)
    form = await read_form(request, NothingTyped)
    try:
        return await submit(
            visit,
            form,
            do=lambda: service.take_over(case_id=case.id, agent_id=visit.account_id, author=visit.signed_in.name),
            then=_home,
        )
    except Refusal as refusal:
        return refused(visit, refusal, back=_home(case))


async def show_hand_back(request: Request, visit: Visit) -> Response:
    """Ask how a case ends."""
    return await _case_page(visit, "escalation/hand_back.html", await _case(request), empty_form())


async def hand_back(request: Request, visit: Visit) -> Response:
    """End a case: back to the Friend, to the crowd, solved, or closed."""
    case = await _case(request)
    form = await read_form(request, HandBackForm)
    try:
        typed = form.value
        return await submit(
            visit,
            form,
            do=lambda: service.hand_back(
                case_id=case.id, outcome=typed.outcome, author=visit.signed_in.name, text=typed.text
            ),
            then=_home,
        )
    except Rejected as refusal:
        shown = form.refused(visit, refusal)
        return await _case_page(visit, "escalation/hand_back.html", case, shown, status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=_home(case))


async def show_assign(request: Request, visit: Visit) -> Response:
    """Members near a job: who can have it, and why the others cannot."""
    return await _assign_page(visit, await _job(request), empty_form())


async def assign(request: Request, visit: Visit) -> Response:
    """Give a job to a member."""
    job = await _job(request)
    form = await read_form(request, AssignForm)
    try:
        chosen = form.value.friend
        return await submit(
            visit,
            form,
            do=lambda: service.assign(job_id=job.id, friend_id=chosen, author=visit.signed_in.name),
            then=lambda done: f"/console/jobs/{done.id}",
        )
    except Rejected as refusal:
        return await _assign_page(visit, job, form.refused(visit, refusal), status=refusal.status)
    except (NotEligible, QualificationExpired, JobsOverlap) as refusal:
        shown = form.refused(visit, Rejected(fields=(NOT_ANY_MORE,)))
        return await _assign_page(visit, job, shown, status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=f"/console/jobs/{job.id}")


async def _case(request: Request) -> Case:
    try:
        return await queries.case(read_id(request.path_params["case_id"]))
    except CaseUnknown as error:
        raise NotFound from error  # the same page for a missing case as for an address that leads nowhere


async def _job(request: Request) -> Job:
    return await jobs.job(read_id(request.path_params["job_id"]))


def _home(case: Case) -> str:
    return f"/console/cases/{case.id}"


async def _case_page(visit: Visit, template: str, case: Case, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(
        visit,
        template,
        status=status,
        form=form,
        case=case,
        job=await jobs.job(case.job_id),
        reason=queries.reason_name(case.reason),
        said=await queries.messages(case.id),
    )


async def _assign_page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    reach = max(wave.radius_km for wave in visit.portal.settings.dispatch.waves) * 1000
    near = sorted(
        (
            (round(distance_m(friend.home, job.place.cell)), friend)
            for friend in await dispatch.members_near(job, reach)
        ),
        key=lambda pair: (pair[0], pair[1].name),
    )[:MOST_CANDIDATES]
    found = [Nearby(friend, metres, await dispatch.why_not(job, friend)) for metres, friend in near]
    return page(
        visit,
        "escalation/assign.html",
        status=status,
        job=job,
        form=form,
        possible=[one for one in found if one.why_not is None or one.why_not in SET_ASIDE],
        impossible=[one for one in found if one.why_not is not None and one.why_not not in SET_ASIDE],
        reach_m=reach,
    )


ROUTES = (
    PageRoute(method="GET", path="/console/cases", handler=show_inbox, roles=STAFF),
    PageRoute(method="GET", path="/console/cases/{case_id}", handler=show_case, roles=STAFF),
    PageRoute(method="GET", path="/console/cases/{case_id}/answer", handler=show_answer, roles=STAFF),
    PageRoute(method="POST", path="/console/cases/{case_id}/answer", handler=answer, roles=STAFF),
    PageRoute(method="POST", path="/console/cases/{case_id}/take-over", handler=take_over, roles=STAFF),
    PageRoute(method="GET", path="/console/cases/{case_id}/hand-back", handler=show_hand_back, roles=STAFF),
    PageRoute(method="POST", path="/console/cases/{case_id}/hand-back", handler=hand_back, roles=STAFF),
    PageRoute(method="GET", path="/console/jobs/{job_id}/assign", handler=show_assign, roles=STAFF),
    PageRoute(method="POST", path="/console/jobs/{job_id}/assign", handler=assign, roles=STAFF),
)
