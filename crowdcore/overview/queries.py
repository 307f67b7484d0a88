"""Reads of the overview room: a job, and what one reader may see around it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from crowdcore.base import clock
from crowdcore.completion import queries as completion
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend
from crowdcore.dispatch import queries as dispatch
from crowdcore.escalation import queries as escalation
from crowdcore.escalation.rules import Case, Message
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.queries import Side
from crowdcore.jobs.rules import Contact, Job, Who
from crowdcore.overview.rules import Sight, actions
from crowdcore.ratings import queries as ratings
from crowdcore.ratings.rules import Rating
from crowdcore.web.context import Viewer


@dataclass(frozen=True, slots=True)
class Search:
    """How far the present search has got.

    Args:
        asked: how many members were asked.
        reached_m: how far away, in metres.
    """

    asked: int
    reached_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A job as one reader may see it; what is not for them is None.

    Args:
        job: the job.
        who: the reader's side.
        contact: who and where exactly.
        search: how far it has got; not for Friends.
        friend: who has the job, or has done it; not for Friends.
        report: what the Friend wrote when the work was done.
        case: the latest case; for a Friend the latest they handed over.
        messages: what was said on it.
        rating: what the customer said; not for Friends.
        actions: what the reader may do now.
    """

    job: Job
    who: Who
    contact: Contact | None
    search: Search | None
    friend: Friend | None
    report: str | None
    case: Case | None
    messages: tuple[Message, ...]
    rating: Rating | None
    actions: tuple[str, ...]


async def overview(viewer: Viewer, job_id: UUID) -> Overview:
    """Return a job to somebody who has to do with it.

    Raises:
        NotFound: no such job, or somebody else's.
    """
    side = await jobs.side_of(viewer, job_id)
    job, is_friend = side.job, side.who is Who.FRIEND
    rating = await ratings.rating_of(job.id)
    case = await _case(side)
    friend_id = side.friend.id if side.friend else None
    return Overview(
        job=job,
        who=side.who,
        contact=await _contact(side),
        search=None if is_friend or job.opened_at is None else Search(*await dispatch.asked(job)),
        friend=None if is_friend else await _friend(job),
        report=await completion.report(job.id),
        case=case,
        messages=tuple(await escalation.messages(case.id)) if case else (),
        rating=None if is_friend else rating,
        actions=actions(job, Sight(who=side.who, friend_id=friend_id, now=clock.now(), rated=rating is not None)),
    )


async def _contact(side: Side) -> Contact | None:
    if side.friend is not None and not jobs.may_see_contact(side.job, side.friend.id):
        return None
    return await jobs.contact(side.job.id)


async def _friend(job: Job) -> Friend | None:
    friend_id = job.assignee_id or job.done_by_id
    return await crowd.friend(friend_id) if friend_id else None


async def _case(side: Side) -> Case | None:
    known = await escalation.cases_of(side.job.id)
    if side.friend is not None:
        known = [case for case in known if case.friend_id == side.friend.id]
    return known[-1] if known else None
