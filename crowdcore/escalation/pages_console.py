"""Pages for staff: answer a case, take it over, hand it back, give a job to somebody by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import STAFF
from crowdcore.base.errors import FieldProblem, NotFound, Refusal, Rejected
from crowdcore.base.geo import distance_m
from crowdcore.crowd.rules import Friend
from crowdcore.dispatch import queries as dispatch
from crowdcore.dispatch.rules import Exclusion, JobsOverlap, NotEligible, QualificationExpired
from crowdcore.escalation import queries, service
from crowdcore.escalation.rules import Case, CaseUnknown
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused

MOST_CANDIDATES = 60

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
    except NotFound as error:
        raise CaseUnknown from error  # the same page for a malformed id as for a missing one


async def _job(request: Request) -> Job:
    return await jobs.job(read_id(request.path_params["job_id"]))


def _home(case: Case) -> str:
    return f"/console/jobs/{case.job_id}"


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
    PageRoute(method="GET", path="/console/cases/{case_id}/answer", handler=show_answer, roles=STAFF),
    PageRoute(method="POST", path="/console/cases/{case_id}/answer", handler=answer, roles=STAFF),
    PageRoute(method="POST", path="/console/cases/{case_id}/take-over", handler=take_over, roles=STAFF),
    PageRoute(method="GET", path="/console/cases/{case_id}/hand-back", handler=show_hand_back, roles=STAFF),
    PageRoute(method="POST", path="/console/cases/{case_id}/hand-back", handler=hand_back, roles=STAFF),
    PageRoute(method="GET", path="/console/jobs/{job_id}/assign", handler=show_assign, roles=STAFF),
    PageRoute(method="POST", path="/console/jobs/{job_id}/assign", handler=assign, roles=STAFF),
)
