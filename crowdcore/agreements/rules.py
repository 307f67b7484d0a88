"""What Friend and customer settle between themselves: steps on the way, and the price."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from crowdcore.base.errors import Refusal, Rejected
from crowdcore.base.money import Money
from crowdcore.jobs.rules import Job, Milestone, Who, Window

MILESTONE_ORDER = (Milestone.CONTACTED, Milestone.APPOINTMENT, Milestone.ON_THE_WAY, Milestone.ARRIVED)

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
    message = "The price must be between 0.05 and %(most)s."


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
    message = "The price has changed meanwhile. Please look at it again."


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
    """Refuse a milestone that has been passed.

    Raises:
        MilestoneOrder: it, or a later one, is on record.
    """
    index = MILESTONE_ORDER.index(milestone)
    if any(later in job.milestones for later in MILESTONE_ORDER[index:]):
        raise MilestoneOrder


def check_proposal(job: Job, *, amount: Money, reason: str) -> None:
    """Refuse a price that cannot be meant, or a high one without a reason.

    Raises:
        PriceCurrency, PriceOutOfRange, PriceNeedsReason
    """
    if amount.currency is not job.guide.amount.currency:
        raise PriceCurrency(currency=job.guide.amount.currency)
    most = job.guide.high.cents * MOST_TIMES_GUIDE
    if not 0 < amount.cents <= most or amount != amount.rounded():
        raise PriceOutOfRange(most=f"{most // 100}.{most % 100:02d}")
    if amount.cents * 100 > job.guide.amount.cents * PRICE_TALK_PERCENT and not reason:
        raise PriceNeedsReason(percent=PRICE_TALK_PERCENT)


def check_answer(job: Job, *, who: Who, amount: Money) -> None:
    """Refuse an answer to a price that was not asked of this side.

    Raises:
        NothingProposed: no proposal, or one's own.
        PriceChanged: another amount is proposed by now.
    """
    if job.proposal is None or job.proposal.by is who:
        raise NothingProposed
    if job.proposal.amount != amount:
        raise PriceChanged
