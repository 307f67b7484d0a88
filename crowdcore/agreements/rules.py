"""What Friend and customer settle between themselves: steps on the way, and the price."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crowdcore.base.errors import Refusal, Rejected
from crowdcore.base.money import CASH_STEP, Money
from crowdcore.jobs.rules import Job, Milestone, State, Who, Window

MILESTONE_ORDER = (Milestone.CONTACTED, Milestone.APPOINTMENT, Milestone.ON_THE_WAY, Milestone.ARRIVED)

MOVED = "appointment_moved"
"""Said of an appointment that replaces an earlier one, in the history and in the news."""

PRICE_TALK_PERCENT = 120
"""Above this share of the guide price a proposal must say why (product.md S41)."""

MOST_TIMES_GUIDE = 5

FURTHEST = timedelta(days=60)
"""How far ahead an appointment may lie, as for a booking."""


class MilestoneOrder(Refusal):
    """A step that has been passed already."""

    code = "job.milestone_passed"
    status = 409
    message = "This step has been recorded already."


class PriceOutOfRange(Rejected):
    """A price that cannot be meant."""

    code = "money.range"
    message = "The price must be between %(least)s and %(most)s."


class PriceCurrency(Rejected):
    """A price in another currency than the job's."""

    code = "money.currency"
    message = "This job is paid in %(currency)s."


class PriceNeedsReason(Rejected):
    """A price well above the guide price without a reason."""

    code = "price.reason_required"
    message = "This is more than %(percent)s %% of the guide price. Please say why."


class NothingProposed(Refusal):
    """There is no proposal to answer, or it is one's own."""

    code = "price.nothing_proposed"
    status = 409
    message = "There is no price waiting for your answer."


class PriceChanged(Refusal):
    """The proposal was replaced while somebody looked at the old one."""

    code = "price.changed"
    status = 409
    message = "The price has changed in the meantime. Please look at it again."


class AppointmentOrder(Rejected):
    """An appointment that ends before it starts."""

    code = "window.order"
    message = "The end must be after the start."


class AppointmentPast(Rejected):
    """An appointment in the past."""

    code = "when.past"
    message = "This time has passed. Choose a later one."


class AppointmentTooFar(Rejected):
    """An appointment too far ahead."""

    code = "when.too_far"
    message = "Please choose a time within the next %(days)s days."


class AppointmentOverlaps(Refusal):
    """The Friend has another job at that time."""

    code = "job.overlap"
    status = 409
    message = "You have another job at that time."


def check_appointment(window: Window, *, now: datetime, busy: Iterable[Window]) -> None:
    """Refuse an appointment that cannot be kept.

    Args:
        window: what Friend and customer agreed on.
        now: the present moment.
        busy: windows of the Friend's other unfinished jobs.

    Raises:
        AppointmentOrder, AppointmentPast, AppointmentTooFar, AppointmentOverlaps
    """
    if window.end <= window.start:
        raise AppointmentOrder
    if window.end <= now:
        raise AppointmentPast
    if window.end > now + FURTHEST:
        raise AppointmentTooFar(days=FURTHEST.days)
    if any(window.overlaps(other) for other in busy):
        raise AppointmentOverlaps


def check_milestone(job: Job, milestone: Milestone) -> None:
    """Refuse a milestone that has been passed; an appointment may be moved until the work begins.

    Raises:
        MilestoneOrder: it, or a later one, is on record.
    """
    if milestone is Milestone.APPOINTMENT and may_move(job):
        return
    index = MILESTONE_ORDER.index(milestone)
    if any(later in job.milestones for later in MILESTONE_ORDER[index:]):
        raise MilestoneOrder


def may_move(job: Job) -> bool:
    """Say whether there is an appointment that can be replaced by another."""
    return job.state is State.ASSIGNED and Milestone.APPOINTMENT in job.milestones


def reached(job: Job, milestone: Milestone, now: datetime) -> dict[Milestone, datetime]:
    """Return the milestones on record after a step; whoever moves the appointment is not on the way any more."""
    index = MILESTONE_ORDER.index(milestone)
    return {**{one: at for one, at in job.milestones.items() if MILESTONE_ORDER.index(one) < index}, milestone: now}


def check_proposal(job: Job, *, amount: Money, reason: str) -> None:
    """Refuse a price that cannot be meant, or a high one without a reason.

    Raises:
        PriceCurrency, PriceOutOfRange, PriceNeedsReason
    """
    _check_currency(job, amount)
    currency = job.guide.amount.currency
    least = Money(CASH_STEP[currency], currency)
    most = Money(job.guide.high.cents * MOST_TIMES_GUIDE, currency)
    if not least <= amount <= most or amount != amount.rounded():
        raise PriceOutOfRange(least=least, most=most)
    if amount.cents * 100 > job.guide.amount.cents * PRICE_TALK_PERCENT and not reason:
        raise PriceNeedsReason(percent=PRICE_TALK_PERCENT)


def check_answer(job: Job, *, who: Who, amount: Money) -> None:
    """Refuse an answer to a price that was not asked of this side.

    Raises:
        PriceCurrency: not the job's currency.
        NothingProposed: no proposal, or one's own.
        PriceChanged: another amount is proposed by now.
    """
    _check_currency(job, amount)
    if job.proposal is None or job.proposal.by is who:
        raise NothingProposed
    if job.proposal.amount != amount:
        raise PriceChanged


def _check_currency(job: Job, amount: Money) -> None:
    if amount.currency is not job.guide.amount.currency:
        raise PriceCurrency(currency=job.guide.amount.currency)


@dataclass(frozen=True, slots=True)
class DoorWords:
    """What is said at the door, so that each side knows the other is the right one.

    Args:
        asks: what the Friend says.
        answers: what the customer answers.
    """

    asks: str
    answers: str


def door_words(job: Job, words: Sequence[str], *, key: bytes) -> DoorWords | None:
    """Return the two words of a job, None unless somebody holds it and the work is not done yet.

    They are derived and stored nowhere; who takes the job over gets other words than the one before.

    Args:
        job: the job.
        words: in the customer's language, two at least.
        key: the installation's.
    """
    if job.state not in {State.ASSIGNED, State.UNDER_WAY} or job.assignee_id is None:
        return None
    seal = hmac.new(key, b"door" + job.id.bytes + job.assignee_id.bytes, hashlib.sha256).digest()
    first = int.from_bytes(seal[:8]) % len(words)
    second = int.from_bytes(seal[8:16]) % (len(words) - 1)
    return DoorWords(words[first], words[second if second < first else second + 1])
