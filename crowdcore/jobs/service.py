"""Verbs of the jobs room: the only writer of jobs.

Every verb is one compare-and-set on (state, version) with timers, audit line and event. Rooms above add rows to it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from datetime import timedelta
from uuid import UUID

from crowdcore.base import clock
from crowdcore.base.errors import Fault, NotFound
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend
from crowdcore.db import audit, outbox, timers
from crowdcore.db.transaction import StorageBusy, crashpoint, unit_of_work
from crowdcore.jobs import events, models, queries
from crowdcore.jobs.rules import (
    Action,
    Contact,
    Job,
    State,
    TooManyRebroadcasts,
    VersionConflict,
    Who,
    Window,
    check,
    check_start,
    next_timer,
    stretched,
)
from crowdcore.partners.queries import portal

Changes = Callable[[Job], dict[str, object]]

#: Enough for any burst of harmless changes (a wave, a milestone) between reading a job and changing it.
_TRIES = 8


@unit_of_work
async def save_draft(*, job: Job, contact: Contact) -> Job:
    """Store a job nobody searches for yet; it lapses after 24 hours.

    Args:
        job: the whole job in state draft, version 1.
        contact: who and where exactly.
    """
    await models.Job.create(**queries.columns(job))
    await models.Contact.create(job_id=job.id, **dataclasses.asdict(contact))
    await audit.record(
        object_kind="job", object_id=job.id, version=1, action=Action.SAVE_DRAFT.value, to_state=job.state
    )
    await _start_timer(job)
    return job


@unit_of_work
async def submit(*, job_id: UUID, who: Who, values: dict[str, object], fallback_at: timedelta) -> Job:
    """Open a draft: the price is frozen and the search begins.

    Args:
        job_id: the draft.
        who: customer or support.
        values: columns quoted anew (price, window).
        fallback_at: the partner's time until the fallback.

    Raises:
        NotYours, JobStateConflict
    """
    job = await change(
        job_id,
        Action.SUBMIT,
        who,
        event=events.JobOpened,
        changes=lambda _: {**values, "opened_at": clock.now()},
    )
    await _search(job, fallback_at=fallback_at)
    return job


@unit_of_work
async def lock(*, job_ids: Collection[UUID]) -> None:
    """Hold these jobs until the unit of work ends, in one fixed order so that nobody deadlocks."""
    await models.Job.filter(id__in=list(job_ids)).order_by("id").select_for_update().only("id")


@unit_of_work
async def assign(*, job_id: UUID, friend: Friend, window: Window, who: Who, wave_id: UUID | None = None) -> Job:
    """Give the job to a Friend, who accepted it or was chosen by support, for one of its windows.

    The caller has checked that this Friend may do it then, in the same unit of work.

    Raises:
        JobStateConflict: the job is no longer open (for support: open or handed over).
    """
    action = Action.ACCEPT if who is Who.FRIEND else Action.ASSIGN
    job = await change(
        job_id,
        action,
        who,
        event=events.JobAssigned,
        friend=(friend.id, friend.account_id),
        changes=lambda j: {
            "assignee_id": friend.id,
            "suspended_id": None,
            "agreed_cents": j.agreed.cents if j.agreed and j.suspended_id == friend.id else None,
            "window_start": window.start,
            "window_end": window.end,
            "milestones": {},
        },
    )
    await _begin_assignment(job, action=action, wave_id=wave_id)
    return job


@unit_of_work
async def release(
    *,
    job_id: UUID,
    who: Who,
    friend_account_id: UUID,
    reason: str,
    fallback_at: timedelta,
    holder: UUID | None = None,
) -> Job:
    """Take the job from its Friend and search again from the start.

    Args:
        job_id: the job.
        who: the Friend, or support.
        friend_account_id: account of the Friend who had it.
        holder: the Friend who gives it back; it must be theirs.
        reason: why, in their words or a word of the list.
        fallback_at: the partner's time until the fallback.

    Raises:
        NotYours, JobStateConflict
    """
    job = await change(
        job_id,
        Action.RELEASE,
        who,
        event=events.JobReleased,
        friend=(None, friend_account_id),
        holder=holder,
        reason=reason,
        changes=lambda j: {
            "assignee_id": None,
            "agreed_cents": None,
            "proposal": None,
            "milestones": {},
            "releases": j.releases + 1,
            "round_no": j.round_no + 1,
        },
    )
    await _search(job, fallback_at=fallback_at)
    return job


@unit_of_work
async def rebroadcast(*, job_id: UUID, most: int, fallback_at: timedelta) -> Job:
    """Send a job that support holds to the crowd again.

    Raises:
        TooManyRebroadcasts: the partner's limit is reached.
        JobStateConflict: support does not hold it.
    """

    def changes(job: Job) -> dict[str, object]:
        if job.rebroadcasts >= most:
            raise TooManyRebroadcasts(count=job.rebroadcasts)
        return {
            "suspended_id": None,
            "agreed_cents": None,
            "proposal": None,
            "milestones": {},
            "rebroadcasts": job.rebroadcasts + 1,
            "round_no": job.round_no + 1,
            "window_end": max(job.window.end, clock.now() + timedelta(hours=24)),
        }

    job = await change(job_id, Action.REBROADCAST, Who.SUPPORT, event=events.JobReopened, changes=changes)
    await _search(job, fallback_at=fallback_at)
    return job


@unit_of_work
async def escalate(*, job_id: UUID, action: Action, who: Who, reason: str, holder: UUID | None = None) -> Job:
    """Hand the job to the partner's support; called by the escalation room, which opens the case.

    The Friend who has it is remembered, so that support can hand it back.

    Raises:
        NotYours, JobStateConflict
    """
    keep = action in {Action.HAND_OVER, Action.OVERRUN}
    return await change(
        job_id,
        action,
        who,
        event=events.JobEscalated,
        holder=holder,
        reason=reason,
        changes=lambda j: {
            "assignee_id": None,
            "suspended_id": j.assignee_id if keep else None,
            "proposal": None,
            "releases": j.releases + (1 if action is Action.GIVE_UP else 0),
        },
    )


@unit_of_work
async def hand_back(*, job_id: UUID, friend_id: UUID, friend_account_id: UUID) -> Job:
    """Give a handed-over job back to the Friend who had it; there is a day's time, or until their next job.

    The caller has checked that this Friend may do it, in the same unit of work.

    Raises:
        JobStateConflict: support does not hold it.
    """
    busy = (await queries.windows_of_friend(friend_id)).values()
    job = await change(
        job_id,
        Action.HAND_BACK,
        Who.SUPPORT,
        event=events.JobAssigned,
        friend=(friend_id, friend_account_id),
        changes=lambda j: {
            "assignee_id": friend_id,
            "suspended_id": None,
            "window_end": stretched(j.window, until=clock.now() + timedelta(hours=24), busy=busy),
        },
    )
    await _begin_assignment(job, action=Action.HAND_BACK)
    return job


@unit_of_work
async def start(*, job_id: UUID, friend_id: UUID) -> Job:
    """Begin the work; the job must be `friend_id`'s.

    Raises:
        NotFound, StartTooEarly, JobStateConflict
    """

    def changes(job: Job) -> dict[str, object]:
        check_start(job, clock.now())
        return {}

    return await change(job_id, Action.START, Who.FRIEND, event=events.JobStarted, changes=changes, holder=friend_id)


@unit_of_work
async def cancel(*, job_id: UUID, who: Who, reason: str, expected_version: int | None = None) -> Job:
    """Call the job off, before work has begun.

    Raises:
        VersionConflict, NotYours, JobStateConflict
    """
    return await change(
        job_id,
        Action.CANCEL,
        who,
        event=events.JobCancelled,
        reason=reason[:200],
        changes=lambda _: {"assignee_id": None, "suspended_id": None, "proposal": None},
        expected_version=expected_version,
    )


@unit_of_work
async def on_draft_timer(*, job_id: UUID) -> None:
    """Let a draft go that nobody submitted; what was typed goes with it."""
    await change(job_id, Action.EXPIRE, Who.TIMER, event=events.JobExpired)
    await models.Contact.filter(job_id=job_id).update(name="", street="", phone="", email="", note="")


@unit_of_work
async def on_reminder_timer(*, job_id: UUID, event: type[events.JobEvent] | None = None) -> None:
    """Record another reminder for a job that waits for a person, and set the next one."""
    job = await change(job_id, Action.REMIND, Who.TIMER, event=event)
    await _start_timer(job)


@unit_of_work
async def change(
    job_id: UUID,
    action: Action,
    who: Who,
    *,
    event: type[events.JobEvent] | None,
    changes: Changes = lambda _: {},
    reason: str = "",
    friend: tuple[UUID | None, UUID | None] | None = None,
    expected_version: int | None = None,
    holder: UUID | None = None,
) -> Job:
    """Move a job, or change it where it stands: the one compare-and-set behind every verb.

    Args:
        job_id: the job.
        action: what happens.
        who: who does it.
        event: announced afterwards; None for nothing.
        changes: column values from the job as it is now; may refuse.
        reason: for the history and the event.
        friend: (Friend, their account) the event is about; by default the one who had the job.
        expected_version: the version the caller read, if it insists.
        holder: the Friend who acts; they must hold the job at this very moment.

    Raises:
        NotFound: the job is another Friend's by now.
        StorageBusy: others kept changing the job.
        Fault: a Friend acts, and nobody said which one.
        VersionConflict, NotYours, JobStateConflict, and what `changes` refuses with.
    """
    if who is Who.FRIEND and holder is None and action is not Action.ACCEPT:
        raise Fault(f"job {job_id}: {action.value} by a Friend without their id; pass `holder`")
    for _ in range(_TRIES):
        before = await queries.job(job_id)
        if expected_version is not None and before.version != expected_version:
            raise VersionConflict(current=before.version)
        target = check(before, action, who)
        if holder is not None and before.assignee_id != holder:
            raise NotFound
        values = {**changes(before), "state": target, "version": before.version + 1}
        rows = models.Job.filter(id=job_id, state=before.state, version=before.version)
        if await rows.update(**values):
            crashpoint("move.after_cas")
            return await _announce(await queries.job(job_id), before, action, event, reason, friend)
    raise StorageBusy(retry_after_s=1)  # not a conflict: for a timer that would be the end of it


async def _announce(
    job: Job,
    before: Job,
    action: Action,
    event: type[events.JobEvent] | None,
    reason: str,
    friend: tuple[UUID | None, UUID | None] | None,
) -> Job:
    await audit.record(
        object_kind="job",
        object_id=job.id,
        version=job.version,
        action=action.value,
        from_state=before.state,
        to_state=job.state,
        reason=reason[:200] or None,
    )
    if before.assignee_id is not None and job.assignee_id is None:
        held = models.Assignment.filter(job_id=job.id, ended_at=None)
        await held.update(ended_at=clock.now(), end_reason=action.value)
    if job.state is not before.state:
        await timers.cancel(subject_id=job.id)
        await _start_timer(job)
    elif job.state is State.ASSIGNED and job.window != before.window:
        await _start_timer(job)  # with the appointment moves the moment at which nobody has come
    if event is not None:
        friend_id, friend_account = friend or await _friend_concerned(before)
        await outbox.publish(
            event(
                job_id=job.id,
                state=job.state,
                version=job.version,
                customer_id=job.customer_id,
                friend_id=friend_id,
                friend_account_id=friend_account,
                reason=reason,
            )
        )
    crashpoint("move.after_event")
    return job


async def _start_timer(job: Job) -> None:
    auto_confirm = portal().settings.booking.auto_confirm
    if (timer := next_timer(job, clock.now(), auto_confirm=auto_confirm)) is not None:
        await timers.start(kind=timer[0], subject_id=job.id, due_at=timer[1])


async def _search(job: Job, *, fallback_at: timedelta) -> None:
    began = {"round": job.round_no, "step": 0}
    await timers.start(kind="dispatch.step", subject_id=job.id, due_at=clock.now(), payload=began)
    await timers.start(kind="job.fallback", subject_id=job.id, due_at=clock.now() + fallback_at)


async def _begin_assignment(job: Job, *, action: Action, wave_id: UUID | None = None) -> None:
    await models.Assignment.create(
        job_id=job.id, friend_id=job.assignee_id, wave_id=wave_id, how=action.value, assigned_at=clock.now()
    )
    crashpoint("accept.after_assignment")


async def _friend_concerned(before: Job) -> tuple[UUID | None, UUID | None]:
    friend_id = before.assignee_id or before.suspended_id
    return friend_id, (await crowd.friend(friend_id)).account_id if friend_id else None
