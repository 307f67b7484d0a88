"""Verbs of the offers room. Accepts of one process are committed in groups by one writer.

The first accept wins inside and across waves: the writer takes accepts in the order they came, holds the
jobs and members concerned in one fixed order, and answers losers only after the winner is durable.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from crowdcore.base.errors import Refusal
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.crowd.rules import Friend
from crowdcore.db import audit
from crowdcore.db.background import spawn
from crowdcore.db.commands import AlreadyDone
from crowdcore.db.scope import current_partner, partner_scope
from crowdcore.db.transaction import Rider, crashpoint, savepoint, take_riders, unit_of_work
from crowdcore.dispatch import queries, service as dispatch
from crowdcore.dispatch.rules import (
    DeclineReason,
    NotEligible,
    OfferDeclined,
    OfferGone,
    OfferState,
    OfferTaken,
    ReactionKind,
    refusal_for,
)
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.rules import Who

MOST_IN_A_GROUP = 100


@dataclass(frozen=True, slots=True)
class Accepted:
    """A job that is this member's now.

    Args:
        offer_id: the offer they accepted.
        job_id: the job.
        number: what people say on the phone.
        at: when it became theirs.
    """

    offer_id: str
    job_id: UUID
    number: str
    at: datetime


@dataclass(slots=True)
class _Entry:
    partner_id: str
    offer: queries.Offer
    friend: Friend
    actor: audit.Actor
    riders: list[Rider]
    answer: asyncio.Future[Accepted] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


async def accept(*, offer_id: str, friend: Friend) -> Accepted:
    """Take a job. A repeat by the winner gets the same answer.

    Raises:
        OfferUnknown: not an offer, or not theirs.
        OfferTaken: somebody else was faster.
        OfferGone: cancelled, handed over, or searched for anew.
        OfferDeclined: they said no before.
        QualificationExpired, JobsOverlap, NotEligible: a rule forbids it now.
    """
    offer = await queries.offer(offer_id, friend)
    if offer.state is OfferState.ACCEPTED:
        return await _won(offer, friend)
    _check_live(offer)
    denied = await dispatch.denied_by_partner(job=offer.job, friend=friend)
    if denied is not None:
        raise NotEligible(said=denied.reason, reason=denied.code)
    entry = _Entry(current_partner(), offer, friend, audit.actor(), take_riders())
    return await _writer().submit(entry)


@unit_of_work
async def see(*, offer: queries.Offer, friend_id: UUID) -> None:
    """Record that a member looked at an offer; looking twice is fine."""
    if offer.state is OfferState.PENDING:
        await dispatch.react(offer=offer, friend_id=friend_id, kind=ReactionKind.SEEN)


@unit_of_work
async def decline(*, offer_id: str, friend: Friend, reason: DeclineReason) -> queries.Offer:
    """Say no; it never counts against anybody. Declining twice is fine.

    Raises:
        OfferUnknown: not an offer, or not theirs.
        OfferTaken, OfferGone: the offer is over anyway; what was accepted is given back instead.
    """
    offer = await queries.offer(offer_id, friend)
    if offer.state is OfferState.ACCEPTED:
        raise OfferGone
    if offer.state is not OfferState.DECLINED:
        _check_live(offer)
        await dispatch.react(offer=offer, friend_id=friend.id, kind=ReactionKind.DECLINED, reason=reason)
    return await queries.offer(offer_id, friend)


def _check_live(offer: queries.Offer) -> None:
    match offer.state:
        case OfferState.SUPERSEDED:
            raise OfferTaken
        case OfferState.WITHDRAWN:
            raise OfferGone
        case OfferState.DECLINED:
            raise OfferDeclined
        case OfferState.PENDING | OfferState.SEEN | OfferState.ACCEPTED:
            return


async def _won(offer: queries.Offer, friend: Friend) -> Accepted:
    at = await jobs.assigned_at(offer.job.id, friend.id)
    return Accepted(offer.id, offer.job.id, offer.job.number, at)


class _Writer:
    """Collects accepts while a group is being committed, then commits them as the next group."""

    def __init__(self) -> None:
        self._waiting: deque[_Entry] = deque()
        self._busy = False

    async def submit(self, entry: _Entry) -> Accepted:
        self._waiting.append(entry)
        if not self._busy:
            self._busy = True
            spawn(self._drain(), name="accepts")
        return await asyncio.shield(entry.answer)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                partner_id = self._waiting[0].partner_id
                group: list[_Entry] = []
                while self._waiting and self._waiting[0].partner_id == partner_id and len(group) < MOST_IN_A_GROUP:
                    group.append(self._waiting.popleft())
                with partner_scope(partner_id):
                    await _answer(group)
        finally:
            self._busy = False


async def _answer(group: list[_Entry]) -> None:
    """Commit a group and answer it; if the whole group fails, each of its accepts is tried alone."""
    try:
        outcomes = await _commit(group)
    except Exception as error:  # noqa: BLE001 -- whatever it was, every waiting request must get an answer
        if len(group) == 1:
            _settle(group[0], error)
            return
        for entry in group:
            await _answer([entry])
        return
    for entry, outcome in zip(group, outcomes, strict=True):
        _settle(entry, outcome)


def _settle(entry: _Entry, outcome: Accepted | BaseException) -> None:
    if entry.answer.done():
        return
    if isinstance(outcome, BaseException):
        entry.answer.set_exception(outcome)
        entry.answer.exception()  # marks it as retrieved: the request may have gone away
    else:
        entry.answer.set_result(outcome)


@unit_of_work
async def _commit(group: list[_Entry]) -> list[Accepted | BaseException]:
    await jobs_service.lock(job_ids={entry.offer.job.id for entry in group})
    await crowd_service.lock(friend_ids={entry.friend.id for entry in group})
    outcomes: list[Accepted | BaseException] = []
    for entry in group:
        audit.acting_as(entry.actor)
        try:
            async with savepoint():
                for rider in entry.riders:
                    await rider.board()
                accepted = await _accept_one(entry)
                for rider in entry.riders:
                    await rider.leave(accepted)
        except (Refusal, AlreadyDone) as refusal:
            outcomes.append(refusal)
        else:
            outcomes.append(accepted)
        crashpoint("accept.in_group")
    return outcomes


async def _accept_one(entry: _Entry) -> Accepted:
    friend = await crowd.friend(entry.friend.id)
    offer = await queries.offer(entry.offer.id, friend)
    if offer.state is OfferState.ACCEPTED:
        return await _won(offer, friend)
    _check_live(offer)
    reason = await queries.why_not(offer.job, friend)
    if reason is not None:
        raise refusal_for(reason)
    await jobs_service.assign(
        job_id=offer.job.id,
        friend=friend,
        window=await queries.window_of(offer.job, friend),
        who=Who.FRIEND,
        wave_id=offer.wave.id,
    )
    return await _won(offer, friend)


_writers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Writer] = weakref.WeakKeyDictionary()


def _writer() -> _Writer:
    return _writers.setdefault(asyncio.get_running_loop(), _Writer())
