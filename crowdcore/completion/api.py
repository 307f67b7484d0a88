"""The completion room as JSON: report, confirm, object, decide."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crowdcore.accounts.rules import STAFF, Role
from crowdcore.completion import queries, service
from crowdcore.completion.rules import DisputeTooLate
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import FriendUnknown
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job, JobStateConflict, NotYours, State
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, Output, line, paragraph

FRIENDS = frozenset({Role.FRIEND})
CONFIRMING = frozenset({Role.CUSTOMER, Role.AGENT, Role.ADMIN})


class ReportDone(Input):
    """What was done, for the customer and for the next one who comes."""

    text: Annotated[str, paragraph(4000)]


class TickSteps(Input):
    """Which steps of the work are done, counted from 0; all others are open again."""

    done: Annotated[list[Annotated[int, Field(ge=0, le=99)]], Field(max_length=100)]


class Checklist(Output):
    """The steps of a job that you have ticked off."""

    done: Annotated[list[int], Field(max_length=100)]


class Objection(Input):
    """Why the work is not done."""

    reason: Annotated[str, line(200)]


class Decision(Input):
    """The end of a dispute."""

    uphold: bool
    reason: Annotated[str, line(200)]


class Outcome(Output):
    """Where a job stands at its end."""

    id: UUID
    number: str
    state: State
    version: int
    done_at: datetime | None
    confirmed_at: datetime | None


async def _report(call: Call) -> Job:
    friend = await friend_of(call.visit.account_id)
    job = await jobs.job_of_friend(call.id("job_id"), friend.id)
    return await service.report(job_id=job.id, friend_id=friend.id, text=call.body(ReportDone).text)


async def _tick(call: Call) -> frozenset[int]:
    friend = await friend_of(call.visit.account_id)
    job = await jobs.job_of_friend(call.id("job_id"), friend.id)
    return await service.tick(job_id=job.id, friend_id=friend.id, done=frozenset(call.body(TickSteps).done))


async def _ticks(call: Call) -> frozenset[int]:
    friend = await friend_of(call.visit.account_id)
    job = await jobs.job_of_friend(call.id("job_id"), friend.id)
    return await queries.ticked(job.id, friend.id)


async def _checklist(_call: Call, done: frozenset[int]) -> Checklist:
    return Checklist(done=sorted(done))


async def _confirm(call: Call) -> Job:
    side = await jobs.side_of(call.visit.signed_in, call.id("job_id"))
    return await service.confirm(job_id=side.job.id, who=side.who)


async def _dispute(call: Call) -> Job:
    side = await jobs.side_of(call.visit.signed_in, call.id("job_id"))
    return await service.dispute(job_id=side.job.id, who=side.who, reason=call.body(Objection).reason)


async def _decide(call: Call) -> Job:
    side = await jobs.side_of(call.visit.signed_in, call.id("job_id"))
    sent = call.body(Decision)
    return await service.decide(job_id=side.job.id, uphold=sent.uphold, reason=sent.reason)


async def _outcome(_call: Call, job: Job) -> Outcome:
    return Outcome(
        id=job.id,
        number=job.number,
        state=job.state,
        version=job.version,
        done_at=job.done_at,
        confirmed_at=job.confirmed_at,
    )


ROUTES = (
    ApiRoute(
        method="GET",
        path="/jobs/{job_id}/checklist",
        do=_ticks,
        show=_checklist,
        answer=Checklist,
        roles=FRIENDS,
        refusals=(FriendUnknown,),
        summary="Show which steps you have ticked off",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/checklist",
        do=_tick,
        show=_checklist,
        body=TickSteps,
        answer=Checklist,
        roles=FRIENDS,
        refusals=(FriendUnknown, JobStateConflict),
        summary="Tick off steps of the work",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/report",
        do=_report,
        show=_outcome,
        body=ReportDone,
        answer=Outcome,
        roles=FRIENDS,
        refusals=(FriendUnknown, JobStateConflict),
        summary="Report the work done",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/confirm",
        do=_confirm,
        show=_outcome,
        answer=Outcome,
        roles=CONFIRMING,
        refusals=(NotYours, JobStateConflict),
        summary="Agree that the work is done",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/dispute",
        do=_dispute,
        show=_outcome,
        body=Objection,
        answer=Outcome,
        roles=CONFIRMING,
        refusals=(DisputeTooLate, NotYours, JobStateConflict),
        summary="Object to work that was reported done",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/decide",
        do=_decide,
        show=_outcome,
        body=Decision,
        answer=Outcome,
        roles=STAFF,
        refusals=(JobStateConflict,),
        summary="End a dispute: the work counts, or the job is withdrawn",
    ),
)
