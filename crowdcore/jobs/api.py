"""The jobs room as JSON: history, cancel, start. Lists and the job itself are the overview room's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crowdcore.accounts.rules import STAFF, Role
from crowdcore.base.errors import FieldProblem, Rejected
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import FriendUnknown
from crowdcore.db.audit import Line
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs import queries, service
from crowdcore.jobs.rules import Job, JobStateConflict, NotYours, StartTooEarly, State, VersionConflict
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, Output, line

CALLERS_OFF = frozenset({Role.CUSTOMER, Role.AGENT, Role.ADMIN})
FRIENDS = frozenset({Role.FRIEND})

TWO_VERSIONS = FieldProblem("/version", "version.ambiguous", _("If-Match says another version."))


class HistoryLine(Output):
    """One change of a job."""

    version: int
    at: datetime
    action: str
    from_state: State | None
    to_state: State | None
    by: str = Field(description="Kind of actor: customer, friend, agent, admin, timer, plugin or operator.")
    account_id: UUID | None
    via: str
    reason: str | None


class History(Output):
    """All changes of a job, oldest first."""

    lines: list[HistoryLine]


class CancelJob(Input):
    """Call a job off."""

    reason: Annotated[str, line(200)] | None = None
    version: Annotated[int, Field(ge=1, le=999_999_999)] | None = Field(
        default=None, description="The version you read; the header If-Match does the same."
    )


class JobMoved(Output):
    """Where a job stands after a step."""

    id: UUID
    number: str
    state: State
    version: int


async def _read_history(call: Call) -> list[Line]:
    side = await queries.side_of(call.visit.signed_in, call.id("job_id"))
    return await queries.history(side.job.id)


async def _history(_call: Call, lines: list[Line]) -> History:
    return History(lines=[_line(one) for one in lines])


def _line(one: Line) -> HistoryLine:
    return HistoryLine(
        version=one.version,
        at=one.at,
        action=one.action,
        from_state=State(one.from_state) if one.from_state else None,
        to_state=State(one.to_state) if one.to_state else None,
        by=one.actor_kind,
        account_id=one.actor_id,
        via=one.via,
        reason=one.reason,
    )


async def _cancel(call: Call) -> Job:
    sent = call.body(CancelJob)
    if None not in {sent.version, call.version} and sent.version != call.version:
        raise Rejected(fields=(TWO_VERSIONS,))
    side = await queries.side_of(call.visit.signed_in, call.id("job_id"))
    return await service.cancel(
        job_id=side.job.id,
        who=side.who,
        reason=sent.reason or "",
        expected_version=sent.version if call.version is None else call.version,
    )


async def _start(call: Call) -> Job:
    friend = await friend_of(call.visit.account_id)
    job = await queries.job_of_friend(call.id("job_id"), friend.id)
    return await service.start(job_id=job.id, friend_id=friend.id)


async def _moved(_call: Call, job: Job) -> JobMoved:
    return JobMoved(id=job.id, number=job.number, state=job.state, version=job.version)


ROUTES = (
    ApiRoute(
        method="GET",
        path="/jobs/{job_id}/history",
        do=_read_history,
        show=_history,
        answer=History,
        roles=STAFF,
        summary="Read everything that happened to a job",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/cancel",
        do=_cancel,
        show=_moved,
        body=CancelJob,
        answer=JobMoved,
        roles=CALLERS_OFF,
        refusals=(VersionConflict, NotYours, JobStateConflict),
        summary="Call a job off before work has begun",
        versioned=True,
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/start",
        do=_start,
        show=_moved,
        answer=JobMoved,
        roles=FRIENDS,
        refusals=(FriendUnknown, StartTooEarly, JobStateConflict),
        summary="Begin the work",
    ),
)
