"""Verbs of the agreements room: milestones, and a price both sides say yes to."""

from __future__ import annotations

from uuid import UUID

from crowdcore.agreements.rules import (
    MOVED,
    check_answer,
    check_appointment,
    check_milestone,
    check_proposal,
    may_move,
    reached,
)
from crowdcore.base import clock
from crowdcore.base.money import Money
from crowdcore.crowd import service as crowd
from crowdcore.db.transaction import unit_of_work
from crowdcore.jobs import events, queries as jobs
from crowdcore.jobs.rules import Action, Job, Milestone, Who, Window
from crowdcore.jobs.service import change, lock


@unit_of_work
async def contact(*, job_id: UUID, friend_id: UUID, appointment: Window | None) -> Job:
    """Record that the Friend has spoken with the customer, and the time they agreed on - again, if it moved.

    Args:
        job_id: the job.
        friend_id: the Friend who holds it.
        appointment: the window in force from now on; None if it stays as it is.

    Raises:
        NotFound: the job is another Friend's by now.
        AppointmentOrder, AppointmentPast, AppointmentTooFar, AppointmentOverlaps
        MilestoneOrder, JobStateConflict
    """
    job = await jobs.job(job_id)
    if appointment is None or Milestone.CONTACTED not in job.milestones:
        job = await reach(job_id=job_id, milestone=Milestone.CONTACTED, friend_id=friend_id)
    if appointment is None:
        return job
    await lock(job_ids=[job_id])
    await crowd.lock(friend_ids=[friend_id])
    moved = may_move(await jobs.job(job_id))
    busy = await jobs.windows_of_friend(friend_id)
    busy.pop(job_id, None)
    check_appointment(appointment, now=clock.now(), busy=busy.values())
    return await reach(
        job_id=job_id,
        milestone=Milestone.APPOINTMENT,
        friend_id=friend_id,
        window=appointment,
        reason=MOVED if moved else "",
    )


@unit_of_work
async def reach(
    *, job_id: UUID, milestone: Milestone, friend_id: UUID, window: Window | None = None, reason: str = ""
) -> Job:
    """Record a step between accept and start; an appointment may set the window.

    Args:
        job_id: the job.
        milestone: the step.
        friend_id: the Friend who acts; the job must be theirs.
        window: the window in force from now on.
        reason: what the history calls it, if not like the step.

    Raises:
        NotFound: the job is another Friend's by now.
        MilestoneOrder: it or a later one is on record.
        JobStateConflict: the job is not the Friend's any more.
    """

    def changes(job: Job) -> dict[str, object]:
        check_milestone(job, milestone)
        passed = reached(job, milestone, clock.now())
        values: dict[str, object] = {"milestones": {k.value: v.isoformat() for k, v in passed.items()}}
        if window is not None:
            values |= {"window_start": window.start, "window_end": window.end}
        return values

    return await change(
        job_id,
        Action.MILESTONE,
        Who.FRIEND,
        event=events.MilestoneReached,
        reason=reason or milestone.value,
        changes=changes,
        holder=friend_id,
    )


@unit_of_work
async def propose_price(*, job_id: UUID, who: Who, amount: Money, reason: str, friend_id: UUID | None) -> Job:
    """Propose a price to the other side; an older proposal is replaced.

    Args:
        job_id: the job.
        who: Friend or customer.
        amount: in the job's currency.
        reason: why, in their words; needed well above the guide price.
        friend_id: the Friend who acts, None for the customer; the job must be theirs.

    Raises:
        NotFound: the job is another Friend's by now.
        PriceCurrency, PriceOutOfRange, PriceNeedsReason, NotYours, JobStateConflict
    """

    def changes(job: Job) -> dict[str, object]:
        check_proposal(job, amount=amount, reason=reason)
        at = clock.now().isoformat()
        return {"proposal": {"cents": amount.cents, "reason": reason, "by": who.value, "at": at}}

    return await change(
        job_id,
        Action.PROPOSE_PRICE,
        who,
        event=events.PriceProposed,
        reason=reason[:200],
        changes=changes,
        holder=friend_id,
    )


@unit_of_work
async def answer_price(*, job_id: UUID, who: Who, amount: Money, agree: bool, friend_id: UUID | None) -> Job:
    """Say yes or no to a proposed price.

    Args:
        job_id: the job.
        who: Friend or customer.
        amount: what the person saw.
        agree: yes or no.
        friend_id: the Friend who acts, None for the customer; the job must be theirs.

    Raises:
        NotFound: the job is another Friend's by now.
        PriceCurrency, NothingProposed, PriceChanged, NotYours, JobStateConflict
    """

    def changes(job: Job) -> dict[str, object]:
        check_answer(job, who=who, amount=amount)
        return {"proposal": None, **({"agreed_cents": amount.cents} if agree else {})}

    action, event = (Action.AGREE_PRICE, events.PriceAgreed) if agree else (Action.DECLINE_PRICE, events.PriceDeclined)
    return await change(job_id, action, who, event=event, changes=changes, holder=friend_id)
