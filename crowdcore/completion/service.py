"""Verbs of the completion room."""

from __future__ import annotations

from uuid import UUID

from crowdcore.base import clock
from crowdcore.base.errors import NotFound
from crowdcore.completion import models, queries
from crowdcore.completion.rules import check_dispute
from crowdcore.crowd import service as crowd
from crowdcore.db.transaction import unit_of_work
from crowdcore.jobs import events, queries as jobs, service as jobs_service
from crowdcore.jobs.rules import Action, Job, Who, check
from crowdcore.jobs.service import change


@unit_of_work
async def report(*, job_id: UUID, friend_id: UUID, text: str) -> Job:
    """Say that the work is done; the customer confirms, or 72 hours do.

    Raises:
        NotFound: the job is another Friend's by now.
        JobStateConflict: not under way.
    """
    job = await change(
        job_id,
        Action.REPORT,
        Who.FRIEND,
        event=events.JobDone,
        changes=lambda _: {"done_at": clock.now(), "done_by_id": friend_id},
        holder=friend_id,
    )
    await models.Report.create(job_id=job_id, friend_id=friend_id, text=text, at=clock.now())
    return job


@unit_of_work
async def tick(*, job_id: UUID, friend_id: UUID, done: frozenset[int]) -> frozenset[int]:
    """Say which steps of the work are done; steps that are not named are open again.

    Args:
        job_id: the job, which the Friend holds.
        friend_id: the Friend.
        done: steps counted from 0; what is no step of this job is left out.

    Raises:
        NotFound: the job is another Friend's by now.
        JobStateConflict: there is nothing to do any more, or not yet.
    """
    await jobs_service.lock(job_ids=[job_id])
    job = await jobs.job(job_id)
    check(job, Action.MILESTONE, Who.FRIEND)
    if job.assignee_id != friend_id:
        raise NotFound
    wanted = done.intersection(range(len(job.service.steps)))
    known = await queries.ticked(job_id, friend_id)
    await models.Tick.filter(job_id=job_id, friend_id=friend_id, step__not_in=[*wanted, -1]).delete()
    for step in sorted(wanted - known):
        await models.Tick.create(job_id=job_id, friend_id=friend_id, step=step, at=clock.now())
    return wanted


@unit_of_work
async def confirm(*, job_id: UUID, who: Who) -> Job:
    """Agree that the work is done.

    Raises:
        NotYours, JobStateConflict
    """
    job = await change(
        job_id,
        Action.CONFIRM,
        who,
        event=events.JobConfirmed,
        changes=lambda _: {"confirmed_at": clock.now(), "assignee_id": None, "proposal": None},
    )
    if job.done_by_id is not None:
        await crowd.record_job_done(friend_id=job.done_by_id)
    return job


@unit_of_work
async def dispute(*, job_id: UUID, who: Who, reason: str) -> Job:
    """Object to work that was reported done.

    Raises:
        DisputeTooLate: more than 14 days after confirmation.
        NotYours, JobStateConflict
    """

    def changes(job: Job) -> dict[str, object]:
        check_dispute(job, clock.now())
        return {"assignee_id": None, "proposal": None}

    return await change(job_id, Action.DISPUTE, who, event=events.JobDisputed, reason=reason[:200], changes=changes)


@unit_of_work
async def decide(*, job_id: UUID, uphold: bool, reason: str) -> Job:
    """End a dispute: the work counts as done, or the job is withdrawn.

    Raises:
        JobStateConflict: there is no dispute.
    """
    if not uphold:
        return await change(job_id, Action.WITHDRAW, Who.SUPPORT, event=events.JobCancelled, reason=reason[:200])
    counted = (await jobs.job(job_id)).confirmed_at is not None
    job = await change(
        job_id,
        Action.UPHOLD,
        Who.SUPPORT,
        event=events.JobConfirmed,
        reason=reason[:200],
        changes=lambda j: {"confirmed_at": j.confirmed_at or clock.now()},
    )
    if job.done_by_id is not None and not counted:
        await crowd.record_job_done(friend_id=job.done_by_id)
    return job


@unit_of_work
async def on_settle_timer(*, job_id: UUID) -> None:
    """Close a confirmed job when the time for objections is over."""
    await change(job_id, Action.SETTLE, Who.TIMER, event=events.JobSettled)
