"""Reads of the offers room: which jobs nearby a member was asked for, and which not."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from crowdcore.base import clock
from crowdcore.base.geo import distance_m
from crowdcore.crowd.rules import Friend
from crowdcore.dispatch import queries as dispatch
from crowdcore.dispatch.rules import Exclusion, offer_id
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Action, Job, State
from crowdcore.offers.rules import Considered

LOOKED_BACK = timedelta(days=7)
MOST_LOOKED_AT = 300
MOST_SHOWN = 20
_SEARCHED = frozenset(State) - {State.DRAFT, State.EXPIRED}


async def considered(friend: Friend, *, most_m: int) -> list[Considered]:
    """Return recent jobs around a member's home and why they were asked or not, the newest first.

    What kept them out is worked out with their profile as it is now: what they can change is what counts.

    Args:
        friend: the member.
        most_m: how far to look, in metres.
    """
    since = clock.now() - LOOKED_BACK
    found: list[Considered] = []
    for job in await jobs.jobs(states=_SEARCHED, limit=MOST_LOOKED_AT):
        away = int(distance_m(friend.home, job.place.cell))
        if job.created_at < since or job.opened_at is None or away > most_m:
            continue
        found.append(await _considered(friend, job, away))
        if len(found) == MOST_SHOWN:
            break
    return found


async def _considered(friend: Friend, job: Job, away: int) -> Considered:
    for wave in reversed(await dispatch.waves_of(job.id)):
        if friend.id in wave.friend_ids:
            offer = await dispatch.offer(offer_id(wave.id, friend.id), friend)
            return Considered(job, away, offer.state, None)
    reason = await dispatch.why_not(job, friend)
    if reason is None and away > friend.radius_m:
        reason = Exclusion.TOO_FAR
    return Considered(job, away, None, reason)


async def taken_at(job_id: UUID) -> datetime | None:
    """Return when somebody last accepted a job, or None."""
    lines = await jobs.history(job_id)
    return next((line.at for line in reversed(lines) if line.action == Action.ACCEPT), None)
