"""Who may be asked and why not, who is asked when, and what an offer is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from crowdcore.base.errors import NotFound, Refusal, Word
from crowdcore.base.geo import distance_m
from crowdcore.bookings.rules import free_in
from crowdcore.crowd.rules import Friend, Standing
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs.rules import TERMINAL, Job, State, Window
from crowdcore.plugin.content_partner import DispatchPolicy, WavePolicy


class Exclusion(StrEnum):
    """Why a member is not asked; a stable code, shown to them under 'why did I get no offer?'."""

    NOT_ACTIVE = "not_active"
    OWN_JOB = "own_job"
    WRONG_KIND = "wrong_kind"
    TOO_FAR = "too_far"
    NOT_QUALIFIED = "not_qualified"
    NO_LICENCE = "no_licence"
    NOT_AVAILABLE = "not_available"
    LANGUAGE = "language"
    OVERLAP = "overlap"
    GAVE_BACK = "gave_back"
    ASKED_BEFORE = "asked_before"
    DECLINED = "declined"
    PARTNER_RULE = "partner_rule"

    @property
    def word(self) -> Word:
        """The code, and how it ends the sentence “You cannot take this job now: …”."""
        return Word(self.value, _EXCLUSIONS[self])


_EXCLUSIONS = {
    Exclusion.NOT_ACTIVE: _("you are not taking jobs at the moment"),
    Exclusion.OWN_JOB: _("you booked it yourself"),
    Exclusion.WRONG_KIND: _("other members are being asked"),
    Exclusion.TOO_FAR: _("it is too far away"),
    Exclusion.NOT_QUALIFIED: _("the exam for this work is missing"),
    Exclusion.NO_LICENCE: _("the licence for this work is missing"),
    Exclusion.NOT_AVAILABLE: _("it is outside your hours"),
    Exclusion.LANGUAGE: _("the customer speaks another language"),
    Exclusion.OVERLAP: _("you have another job at that time"),
    Exclusion.GAVE_BACK: _("you gave it back before"),
    Exclusion.ASKED_BEFORE: _("you were asked before"),
    Exclusion.DECLINED: _("you declined it before"),
    Exclusion.PARTNER_RULE: _("a rule of this portal does not allow it"),
}


class ReactionKind(StrEnum):
    """What somebody did with an offer."""

    SEEN = "seen"
    DECLINED = "declined"


class OfferState(StrEnum):
    """Where an offer stands, read from wave, reactions and job."""

    PENDING = "pending"
    SEEN = "seen"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


_ID_BYTES = 16

LIVE_OFFERS = frozenset({OfferState.PENDING, OfferState.SEEN})


class DeclineReason(StrEnum):
    """Why somebody declined; no reason ever counts against them."""

    NO_TIME = "no_time"
    TOO_FAR = "too_far"
    NOT_MY_WORK = "not_my_work"
    PRICE = "price"
    OTHER = "other"


class StepKind(StrEnum):
    """What a step of the search does."""

    PREFERRED = "preferred"
    WAVE = "wave"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a search.

    Args:
        kind: what it does.
        after: time since the search began.
        radius_m: how far it asks, in metres.
        kinds: which members it asks.
        again: it also asks those who were asked before and have not declined.
    """

    kind: StepKind
    after: timedelta
    radius_m: int = 0
    kinds: frozenset[str] = frozenset()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Wave:
    """One round of requests, as it was sent.

    Args:
        id: identity.
        job_id: the job.
        round_no: which search of the job.
        step: index of the step in the plan.
        radius_m: how far it asked.
        sent_at: when.
        friend_ids: who was asked, best first.
        distances_m: their snapped distances, in the same order.
        excluded: how many members of the box were left out, by reason.
    """

    id: UUID
    job_id: UUID
    round_no: int
    step: int
    radius_m: int
    sent_at: datetime
    friend_ids: tuple[UUID, ...]
    distances_m: tuple[int, ...]
    excluded: Mapping[str, int]

    def distance_of(self, friend_id: UUID) -> int:
        """Return a member's snapped distance in metres.

        Raises:
            ValueError: they were not asked.
        """
        return self.distances_m[self.friend_ids.index(friend_id)]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member who may be asked."""

    friend: Friend
    distance_m: int


class OfferUnknown(NotFound):
    """No such offer, or somebody else's."""

    code = "offer.unknown"
    message = "This offer does not exist."


class OfferTaken(Refusal):
    """Somebody else was faster."""

    code = "offer.taken"
    status = 409
    message = "Somebody else was a moment faster. There will be another job."


class OfferGone(Refusal):
    """The job was cancelled, handed over, or is searched for anew."""

    code = "offer.gone"
    status = 409
    message = "This offer is no longer open."


class OfferDeclined(Refusal):
    """Who declined cannot accept any more."""

    code = "offer.declined"
    status = 409
    message = "You have declined this offer."


class QualificationExpired(Refusal):
    """The exam is no longer valid, or was never passed."""

    code = "qualification.expired"
    status = 403
    message = "Your qualification for this work is not valid any more. Take the exam again."


class NotEligible(Refusal):
    """A rule excludes this member now."""

    code = "offer.not_eligible"
    status = 403
    message = "You cannot take this job now: %(reason)s."


class JobsOverlap(Refusal):
    """The member has another job at that time."""

    code = "offer.overlap"
    status = 409
    message = "You have another job at that time."


def plan(policy: DispatchPolicy, *, preferred: bool) -> tuple[Step, ...]:
    """Return the steps of a search in order of time.

    A preferred Friend has some time alone; everything else shifts by it. A wave that reaches no further
    than the one before it, or asks more kinds, is a second call: it asks the silent ones again.
    """
    shift = policy.preferred_wait if preferred else timedelta(0)
    steps = [Step(StepKind.PREFERRED, timedelta(0))] if preferred else []
    for index, wave in enumerate(policy.waves):
        steps.append(
            Step(
                StepKind.WAVE,
                wave.at + shift,
                wave.radius_km * 1000,
                wave.kinds,
                _is_second_call(policy, index),
            )
        )
    steps.append(Step(StepKind.NOTICE, policy.notice_at + shift))
    return tuple(sorted(steps, key=lambda step: step.after))


def exclusion(
    friend: Friend,
    job: Job,
    *,
    radius_m: int | None,
    kinds: AbstractSet[str] | None,
    now: datetime,
    zone: ZoneInfo,
    busy: Sequence[Window],
    gave_back: AbstractSet[UUID],
) -> Exclusion | None:
    """Return why a member may not do a job, or None; hard rules in a fixed order, cheapest first.

    Args:
        friend: the member.
        job: the job.
        radius_m: how far the wave asks; None at accept and for a job given by hand.
        kinds: which members the wave asks; None for all.
        now: the present moment.
        zone: the partner's time zone.
        busy: windows of the member's other unfinished jobs.
        gave_back: members who had this job and gave it back.
    """
    if friend.standing is not Standing.ACTIVE:
        return Exclusion.NOT_ACTIVE
    if friend.account_id == job.customer_id:
        return Exclusion.OWN_JOB
    if kinds is not None and friend.kind not in kinds:
        return Exclusion.WRONG_KIND
    if radius_m is not None and distance_m(friend.home, job.place.cell) > min(radius_m, friend.radius_m):
        return Exclusion.TOO_FAR
    if friend.id in gave_back:
        return Exclusion.GAVE_BACK
    return _skill_exclusion(friend, job, now) or _time_exclusion(friend, job, now, zone, busy)


def window_for(friend: Friend, job: Job, now: datetime, zone: ZoneInfo, *, busy: Sequence[Window]) -> Window | None:
    """Return the first window of a job that a member has free; None if there is none.

    While no other time was agreed on, any wish that still lies ahead will do.
    """
    is_wished = job.window in job.wishes
    ahead = tuple(wish for wish in job.wishes if wish.end > now) if is_wished else ()
    calendar = [(friend.hours, busy)]
    return next((window for window in ahead or (job.window,) if free_in(window, calendar, zone)), None)


def refusal_for(reason: Exclusion) -> Refusal:
    """Return what a member is told who tries to accept all the same."""
    if reason is Exclusion.NOT_QUALIFIED:
        return QualificationExpired()
    if reason is Exclusion.OVERLAP:
        return JobsOverlap()
    return NotEligible(reason=reason.word)


def offer_state(job: Job, wave: Wave, *, reactions: AbstractSet[ReactionKind], won_by_wave: bool) -> OfferState:
    """Return where the offer (wave, member) stands.

    Args:
        job: the job.
        wave: the wave that asked.
        reactions: what the member did with it.
        won_by_wave: they hold, or finished, the job through this wave.
    """
    if won_by_wave:
        return OfferState.ACCEPTED
    if ReactionKind.DECLINED in reactions:
        return OfferState.DECLINED
    if job.state is not State.OPEN:
        lost = job.state in TERMINAL or job.state is State.ESCALATED
        return OfferState.WITHDRAWN if lost else OfferState.SUPERSEDED
    if wave.round_no != job.round_no:
        return OfferState.WITHDRAWN
    return OfferState.SEEN if ReactionKind.SEEN in reactions else OfferState.PENDING


def band_km(metres: int) -> tuple[int, int]:
    """Return the band a distance is shown as, in km: (0, 2), (2, 5), (5, 10), (10, 20), (20, 30), (30, 50).

    The exact figure would let a Friend who moves find the customer's door.
    """
    edges = (0, 2, 5, 10, 20, 30, 50)
    for low, high in pairwise(edges):
        if metres < high * 1000:
            return low, high
    return 50, 100


def offer_id(wave_id: UUID, friend_id: UUID) -> str:
    """Return the id an offer has for the outside."""
    return base64.urlsafe_b64encode(wave_id.bytes + friend_id.bytes).decode().rstrip("=")


def read_offer_id(text: str) -> tuple[UUID, UUID]:
    """Return (wave, member) of an offer id.

    Raises:
        OfferUnknown: not an offer id.
    """
    try:
        raw = base64.b64decode(text + "=", altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise OfferUnknown from error
    if len(raw) != 2 * _ID_BYTES:
        raise OfferUnknown
    wave, friend = UUID(bytes=raw[:16]), UUID(bytes=raw[16:])
    if offer_id(wave, friend) != text:
        raise OfferUnknown
    return wave, friend


def _is_second_call(policy: DispatchPolicy, index: int) -> bool:
    earlier: Sequence[WavePolicy] = policy.waves[:index]
    return any(
        wave.kinds < policy.waves[index].kinds or wave.radius_km >= policy.waves[index].radius_km for wave in earlier
    )


def _skill_exclusion(friend: Friend, job: Job, now: datetime) -> Exclusion | None:
    if job.service.skill is not None and not friend.is_qualified(job.service.skill, now):
        return Exclusion.NOT_QUALIFIED
    if job.service.licence is not None and job.service.licence not in friend.licences:
        return Exclusion.NO_LICENCE
    if job.language not in friend.languages:
        return Exclusion.LANGUAGE
    return None


def _time_exclusion(
    friend: Friend, job: Job, now: datetime, zone: ZoneInfo, busy: Sequence[Window]
) -> Exclusion | None:
    if window_for(friend, job, now, zone, busy=()) is None:
        return Exclusion.NOT_AVAILABLE
    return Exclusion.OVERLAP if window_for(friend, job, now, zone, busy=busy) is None else None
