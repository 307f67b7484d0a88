"""Verbs of the agreements room: milestones, and a price both sides say yes to."""

from __future__ import annotations

from uuid import UUID

from crowdcore.agreements.rules import check_answer, check_milestone, check_proposal
from crowdcore.base import clock
from crowdcore.base.money import Money
from crowdcore.db.transaction import unit_of_work
from crowdcore.jobs import events
from crowdcore.jobs.rules import Action, Job, Milestone, Who, Window
from crowdcore.jobs.service import change


@unit_of_work
async def reach(*, job_id: UUID, milestone: Milestone, window: Window | None = None) -> Job:
    """Record a step between accept and start; an appointment may set the window.

    Raises:
        MilestoneOrder: it or a later one is on record.
        JobStateConflict: the job is not the Friend's any more.
    """

    def changes(job: Job) -> dict[str, object]:
        check_milestone(job, milestone)
        reached = {**job.milestones, milestone: clock.now()}
        values: dict[str, object] = {"milestones": {k.value: v.isoformat() for k, v in reached.items()}}
        if window is not None:
            values |= {"window_start": window.start, "window_end": window.end}
        return values

    return await change(
        job_id,
        Action.MILESTONE,
        Who.FRIEND,
        event=events.MilestoneReached,
        reason=milestone.value,
        changes=changes,
    )


@unit_of_work
async def propose_price(*, job_id: UUID, who: Who, amount: Money, reason: str) -> Job:
    """Propose a price to the other side; an older proposal is replaced.

    Raises:
        PriceCurrency, PriceOutOfRange, PriceNeedsReason, NotYours, JobStateConflict
    """

    def changes(job: Job) -> dict[str, object]:
        check_proposal(job, amount=amount, reason=reason)
        at = clock.now().isoformat()
        return {"proposal": {"cents": amount.cents, "reason": reason, "by": who.value, "at": at}}

    return await change(
        job_id, Action.PROPOSE_PRICE, who, event=events.PriceProposed, reason=reason[:200], changes=changes
    )


@unit_of_work
async def answer_price(*, job_id: UUID, who: Who, amount: Money, agree: bool) -> Job:
    """Say yes or no to a proposed price; `amount` is what the person saw.

    Raises:
        NothingProposed, PriceChanged, NotYours, JobStateConflict
    """

    def changes(job: Job) -> dict[str, object]:
        check_answer(job, who=who, amount=amount)
        return {"proposal": None, **({"agreed_cents": amount.cents} if agree else {})}

    action, event = (
        (Action.AGREE_PRICE, events.PriceAgreed) if agree else (Action.DECLINE_PRICE, events.PriceDeclined)
    )
    return await change(job_id, action, who, event=event, changes=changes)
