"""Reads of the dispatch room: waves, offers as (wave, member) pairs, and why somebody was not asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crowdcore.base import clock
from crowdcore.base.geo import box_around
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend
from crowdcore.db.sql import holds, read
from crowdcore.dispatch import models
from crowdcore.dispatch.rules import (
    LIVE_OFFERS,
    Exclusion,
    OfferState,
    OfferUnknown,
    ReactionKind,
    Wave,
    exclusion,
    offer_id,
    offer_state,
    read_offer_id,
    window_for,
)
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job, State, Window
from crowdcore.partners.queries import portal

_ID_BYTES = 16
_DISTANCE_BYTES = 4

_NO = frozenset({ReactionKind.DECLINED})

MOST_OFFERS = 100

_OF_OPEN_JOBS = (
    "EXISTS (SELECT 1 FROM jobs_job j WHERE j.partner_id = dispatch_wave.partner_id AND j.id = job_id AND j.state = ?)"
)

RECENT = timedelta(hours=24)
"""How long an offer that is over is still shown to the one who got it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A request to one member, as they see it."""

    id: str
    state: OfferState
    job: Job
    wave: Wave
    distance_m: int


async def wave(wave_id: UUID) -> Wave:
    """Return one wave.

    Raises:
        OfferUnknown: no such wave with this partner.
    """
    row = await models.Wave.get_or_none(id=wave_id)
    if row is None:
        raise OfferUnknown
    return _facts(row)


async def waves_of(job_id: UUID) -> list[Wave]:
    """Return a job's waves in order of time."""
    rows = await read(models.Wave, "job_id = ? ORDER BY round_no, sent_at, step", job_id)
    return [_facts(row) for row in rows]


async def asked(job: Job) -> tuple[int, int]:
    """Return how many members were asked in the present search and how far it reached, in metres."""
    rows = [w for w in await waves_of(job.id) if w.round_no == job.round_no]
    members = {friend_id for w in rows for friend_id in w.friend_ids}
    return len(members), max((w.radius_m for w in rows), default=0)


async def offer(text: str, friend: Friend) -> Offer:
    """Return one of a member's offers.

    Raises:
        OfferUnknown: not an offer, or not theirs.
    """
    wave_id, friend_id = read_offer_id(text)
    if friend_id != friend.id:
        raise OfferUnknown
    row = await wave(wave_id)
    if friend.id not in row.friend_ids:
        raise OfferUnknown
    job = await jobs.job(row.job_id)
    return (await _offers(friend, [row], {job.id: job}))[0]


async def offers_of(friend: Friend, *, live_only: bool = True) -> list[Offer]:
    """Return a member's offers, the newest first: the open ones, or all of the last 24 hours; `MOST_OFFERS` at most.

    Somebody asked twice for one job sees it once, with the later request.
    """
    among, value = (_OF_OPEN_JOBS, State.OPEN.value) if live_only else ("sent_at > ?", clock.now() - RECENT)
    where = f"{among} AND {holds('friends')} ORDER BY sent_at DESC, round_no DESC, step DESC LIMIT {MOST_OFFERS}"
    latest: dict[UUID, Wave] = {}
    for row in await read(models.Wave, where, value, friend.id.bytes):
        if row.job_id not in latest and _packed_index(row.friends, friend.id) is not None:
            latest[row.job_id] = _facts(row)
    found = await _offers(friend, list(latest.values()), await jobs.jobs_by_id(latest))
    return [offer for offer in found if offer.state in LIVE_OFFERS] if live_only else found


async def live_offers_left(job: Job) -> int:
    """Return how many members of the present search have neither declined nor lost the offer."""
    members = {f for w in await waves_of(job.id) if w.round_no == job.round_no for f in w.friend_ids}
    declined = await decliners(job.id)
    return len(members - declined)


async def decliners(job_id: UUID) -> set[UUID]:
    """Return who declined this job, in any search."""
    rows = await models.Reaction.filter(job_id=job_id, kind=ReactionKind.DECLINED)
    return {row.friend_id for row in rows}


async def members_near(job: Job, radius_m: int) -> list[Friend]:
    """Return all members whose home cell may lie within `radius_m` metres of the job's cell."""
    return await crowd.members_in(box_around(job.place.cell, radius_m))


async def why_not(job: Job, friend: Friend, *, by_hand: bool = False) -> Exclusion | None:
    """Return why a member cannot take a job at this moment, None if they can; kernel rules only.

    Args:
        job: the job.
        friend: the member.
        by_hand: support gives it to them; that they gave it back before does not matter then.
    """
    return exclusion(
        friend,
        job,
        radius_m=None,
        kinds=None,
        now=clock.now(),
        zone=ZoneInfo(portal().settings.time_zone),
        busy=[w for job_id, w in (await jobs.windows_of_friend(friend.id)).items() if job_id != job.id],
        gave_back=frozenset() if by_hand else await jobs.released_by(job.id),
    )


async def window_of(job: Job, friend: Friend) -> Window:
    """Return when a member who gets a job is expected: the first wish they have free, else the window in force."""
    if len(job.wishes) <= 1:
        return job.window
    busy = [w for job_id, w in (await jobs.windows_of_friend(friend.id)).items() if job_id != job.id]
    return window_for(friend, job, clock.now(), ZoneInfo(portal().settings.time_zone), busy=busy) or job.window


def pack(friend_ids: Iterable[UUID], distances_m: Iterable[int]) -> tuple[bytes, bytes]:
    """Return the packed columns of a wave."""
    return (
        b"".join(friend_id.bytes for friend_id in friend_ids),
        b"".join(distance.to_bytes(_DISTANCE_BYTES) for distance in distances_m),
    )


async def _offers(friend: Friend, rows: Sequence[Wave], known: Mapping[UUID, Job]) -> list[Offer]:
    seen: dict[UUID, frozenset[ReactionKind]] = {}
    declined: set[UUID] = set()
    recorded = models.Reaction.filter(job_id__in=[w.job_id for w in rows], friend_id=friend.id)
    for reaction in await recorded if rows else []:
        if reaction.kind == ReactionKind.DECLINED:
            declined.add(reaction.job_id)  # a no is for the job, however often they were asked
        else:
            seen[reaction.wave_id] = frozenset({ReactionKind.SEEN})
    found = []
    for row in rows:
        job = known[row.job_id]
        holds = friend.id in {job.assignee_id, job.done_by_id}
        won = holds and await jobs.assignment_wave(job.id, friend.id) == row.id
        reactions = seen.get(row.id, frozenset()) | (_NO if job.id in declined else frozenset())
        state = offer_state(job, row, reactions=reactions, won_by_wave=won)
        found.append(Offer(offer_id(row.id, friend.id), state, job, row, row.distance_of(friend.id)))
    return found


def _packed_index(packed: bytes, friend_id: UUID) -> int | None:
    at = packed.find(friend_id.bytes)
    while at != -1 and at % _ID_BYTES:
        at = packed.find(friend_id.bytes, at + 1)
    return None if at == -1 else at // _ID_BYTES


def _facts(row: Any) -> Wave:  # noqa: ANN401 -- a row of the ORM, or of `read`
    ids = bytes(row.friends)
    far = bytes(row.distances)
    return Wave(
        id=row.id,
        job_id=row.job_id,
        round_no=row.round_no,
        step=row.step,
        radius_m=row.radius_m,
        sent_at=row.sent_at,
        friend_ids=tuple(UUID(bytes=ids[i : i + _ID_BYTES]) for i in range(0, len(ids), _ID_BYTES)),
        distances_m=tuple(int.from_bytes(far[i : i + _DISTANCE_BYTES]) for i in range(0, len(far), _DISTANCE_BYTES)),
        excluded=dict(row.excluded),
    )


async def last_wave_at(job_id: UUID) -> datetime | None:
    """Return when members were last asked about a job."""
    row = await models.Wave.filter(job_id=job_id).order_by("-sent_at").first()
    return row.sent_at if row else None
