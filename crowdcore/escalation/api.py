"""The escalation room as JSON. Answers of partners' own systems come in by app/callbacks.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crowdcore.accounts.rules import STAFF, Role
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import FriendUnknown
from crowdcore.dispatch.rules import JobsOverlap, NotEligible, QualificationExpired
from crowdcore.escalation import queries, service
from crowdcore.escalation.rules import (
    Case,
    CaseClosed,
    CaseState,
    CaseTaken,
    CaseUnknown,
    NoFriendToReturnTo,
    NoteMissing,
    ReasonUnknown,
)
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job, JobStateConflict, NotYours, State, TooManyRebroadcasts
from crowdcore.plugin.content_partner import EscalationReason
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, Output, line, paragraph
from crowdcore.web.paging import PageQuery, read_mark, write_mark

EVERYBODY = frozenset(Role)
FRIENDS = frozenset({Role.FRIEND})

_INBOX = "cases"


class HandOver(Input):
    """What was found and tried, so that nobody has to ask again."""

    reason: Annotated[str, line(40)] = Field(description="`id` of an escalation reason.")
    note: Annotated[str, paragraph(service.MOST_NOTE)]


class GiveBack(Input):
    """Why the job cannot be kept."""

    reason: Annotated[str, line(200)]


class CaseAnswer(Input):
    """An answer to Friend and customer."""

    text: Annotated[str, paragraph(service.MOST_NOTE)]


class CaseTakeOver(Input):
    """Support works on it itself."""

    text: Annotated[str, paragraph(service.MOST_NOTE)] | None = None


class CaseHandBack(Input):
    """How the case ends."""

    outcome: Literal["back_to_friend", "to_crowd", "solved", "closed"]
    text: Annotated[str, paragraph(service.MOST_NOTE)]


class AssignFriend(Input):
    """The Friend who shall do it."""

    friend_id: UUID


class ReasonOut(Output):
    """A reason for handing over."""

    id: str
    name: str
    share: list[str] = Field(description="What support is told about the customer.")


class ReasonList(Output):
    """The partner's reasons, in its order."""

    reasons: list[ReasonOut]


class HandedOver(Output):
    """A job in the hands of support."""

    case_id: UUID
    job_id: UUID
    state: CaseState
    reason: str
    reason_name: str
    due_at: datetime = Field(description="When support promised to have answered.")


class JobPassedOn(Output):
    """Where a job stands after it changed hands."""

    id: UUID
    number: str
    state: State
    version: int


class CaseMessageOut(Output):
    """What was said on a case."""

    author: str
    outcome: str
    text: str
    at: datetime


class CaseCard(Output):
    """A case, as support sees it."""

    id: UUID
    job_id: UUID
    number: str
    state: CaseState
    reason: str
    reason_name: str
    summary: str
    opened_by: str
    friend_id: UUID | None = Field(description="Who had the job when it was handed over.")
    due_at: datetime
    ticket_ref: str | None = Field(description="Reference in the partner's own system.")
    taken_by: UUID | None
    outcome: str | None
    opened_at: datetime
    closed_at: datetime | None


class CaseDetail(CaseCard):
    """A case and everything that was said on it."""

    messages: list[CaseMessageOut]


class CaseList(Output):
    """Cases that are not closed, the most urgent first."""

    cases: list[CaseCard]
    next_cursor: str | None


async def _reasons(call: Call) -> Sequence[EscalationReason]:
    return tuple(call.visit.portal.settings.escalation.values())


async def _reason_list(call: Call, found: Sequence[EscalationReason]) -> ReasonList:
    for_customer, text = call.visit.has_role(Role.CUSTOMER), call.visit.translator.text
    names = {one.id: text(one.for_customers if for_customer else one.name) for one in found}
    return ReasonList(reasons=[ReasonOut(id=one.id, name=names[one.id], share=sorted(one.share)) for one in found])


async def _hand_over(call: Call) -> Case:
    side = await jobs.side_of(call.visit.signed_in, call.id("job_id"))
    sent = call.body(HandOver)
    return await service.hand_over(
        job_id=side.job.id,
        who=side.who,
        reason=sent.reason,
        note=sent.note,
        friend_id=side.friend.id if side.friend else None,
    )


async def _handed_over(call: Call, case: Case) -> HandedOver:
    return HandedOver(
        case_id=case.id,
        job_id=case.job_id,
        state=case.state,
        reason=case.reason,
        reason_name=_reason_name(call, case),
        due_at=case.due_at,
    )


def _reason_name(call: Call, case: Case) -> str:
    named = queries.reason_name(case.reason, for_customer=call.visit.has_role(Role.CUSTOMER))
    return call.visit.translator.text(named)


async def _give_back(call: Call) -> Job:
    friend = await friend_of(call.visit.account_id)
    job = await jobs.job_of_friend(call.id("job_id"), friend.id)
    return await service.give_back(job_id=job.id, friend=friend, reason=call.body(GiveBack).reason)


async def _passed_on(_call: Call, job: Job) -> JobPassedOn:
    return JobPassedOn(id=job.id, number=job.number, state=job.state, version=job.version)


async def _list(call: Call) -> tuple[list[Case], str | None]:
    asked = call.query(PageQuery)
    found = await queries.page_of_inbox(after=read_mark(_INBOX, asked.cursor), limit=asked.limit + 1)
    page = found[: asked.limit]
    more = len(found) > asked.limit
    return page, write_mark(_INBOX, page[-1].due_at, page[-1].id) if more else None


async def _cases(call: Call, found: tuple[list[Case], str | None]) -> CaseList:
    cases, next_cursor = found
    numbers = await jobs.jobs_by_id({case.job_id for case in cases})
    return CaseList(cases=[_card(call, case, numbers[case.job_id]) for case in cases], next_cursor=next_cursor)


async def _find(call: Call) -> Case:
    return await queries.case(call.id("case_id"))


async def _case(call: Call, case: Case) -> CaseDetail:
    said = await queries.messages(case.id)
    return CaseDetail(
        **_card(call, case, await jobs.job(case.job_id)).model_dump(),
        messages=[CaseMessageOut(author=one.author, outcome=one.outcome, text=one.text, at=one.at) for one in said],
    )


async def _answer(call: Call) -> Case:
    return await service.answer(
        case_id=call.id("case_id"), author=call.visit.signed_in.name, text=call.body(CaseAnswer).text
    )


async def _take_over(call: Call) -> Case:
    me = call.visit.signed_in
    return await service.take_over(
        case_id=call.id("case_id"),
        agent_id=me.account_id,
        author=me.name,
        text=call.body(CaseTakeOver).text or "",
    )


async def _hand_back(call: Call) -> Case:
    sent = call.body(CaseHandBack)
    return await service.hand_back(
        case_id=call.id("case_id"),
        outcome=sent.outcome,
        author=call.visit.signed_in.name,
        text=sent.text,
    )


async def _assign(call: Call) -> Job:
    return await service.assign(
        job_id=call.id("job_id"),
        friend_id=call.body(AssignFriend).friend_id,
        author=call.visit.signed_in.name,
    )


def _card(call: Call, case: Case, job: Job) -> CaseCard:
    return CaseCard(
        id=case.id,
        job_id=case.job_id,
        number=job.number,
        state=case.state,
        reason=case.reason,
        reason_name=call.visit.translator.text(queries.reason_name(case.reason)),
        summary=case.summary,
        opened_by=case.opened_by,
        friend_id=case.friend_id,
        due_at=case.due_at,
        ticket_ref=case.ticket_ref,
        taken_by=case.taken_by,
        outcome=case.outcome,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
    )


_MOVED = (NotYours, JobStateConflict)

ROUTES = (
    ApiRoute(
        method="GET",
        path="/escalation-reasons",
        do=_reasons,
        show=_reason_list,
        answer=ReasonList,
        roles=EVERYBODY,
        summary="List the reasons for handing a job over to support",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/hand-over",
        do=_hand_over,
        show=_handed_over,
        body=HandOver,
        answer=HandedOver,
        roles=EVERYBODY,
        refusals=(ReasonUnknown, NoteMissing, *_MOVED),
        summary="Hand a job over to the partner's support",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/give-back",
        do=_give_back,
        show=_passed_on,
        body=GiveBack,
        answer=JobPassedOn,
        roles=FRIENDS,
        refusals=(FriendUnknown, *_MOVED),
        summary="Give a job back before the work began",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/assign",
        do=_assign,
        show=_passed_on,
        body=AssignFriend,
        answer=JobPassedOn,
        roles=STAFF,
        refusals=(QualificationExpired, JobsOverlap, NotEligible, *_MOVED),
        summary="Give a job to a Friend by hand",
    ),
    ApiRoute(
        method="GET",
        path="/cases",
        do=_list,
        show=_cases,
        query=PageQuery,
        answer=CaseList,
        roles=STAFF,
        summary="List the open cases, the most urgent first",
    ),
    ApiRoute(
        method="GET",
        path="/cases/{case_id}",
        do=_find,
        show=_case,
        answer=CaseDetail,
        roles=STAFF,
        absent=CaseUnknown,
        summary="Show one case",
    ),
    ApiRoute(
        method="POST",
        path="/cases/{case_id}/answer",
        do=_answer,
        show=_case,
        body=CaseAnswer,
        answer=CaseDetail,
        roles=STAFF,
        absent=CaseUnknown,
        refusals=(CaseClosed,),
        summary="Answer Friend and customer",
    ),
    ApiRoute(
        method="POST",
        path="/cases/{case_id}/take-over",
        do=_take_over,
        show=_case,
        body=CaseTakeOver,
        answer=CaseDetail,
        roles=STAFF,
        absent=CaseUnknown,
        refusals=(CaseClosed, CaseTaken),
        summary="Work on a case yourself",
    ),
    ApiRoute(
        method="POST",
        path="/cases/{case_id}/hand-back",
        do=_hand_back,
        show=_case,
        body=CaseHandBack,
        answer=CaseDetail,
        roles=STAFF,
        absent=CaseUnknown,
        refusals=(
            CaseClosed,
            NoFriendToReturnTo,
            QualificationExpired,
            JobsOverlap,
            NotEligible,
            TooManyRebroadcasts,
            JobStateConflict,
        ),
        summary="End a case: back to the Friend, to the crowd, solved, or closed",
    ),
)
