"""Verbs of the escalation room; each moves the job and its case in one unit of work."""

from __future__ import annotations

from uuid import UUID

from tortoise.exceptions import IntegrityError

from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.base.ids import new_id
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend
from crowdcore.db import outbox
from crowdcore.db.timers import Due
from crowdcore.db.transaction import unit_of_work
from crowdcore.dispatch import service as dispatch
from crowdcore.escalation import events, models, queries
from crowdcore.escalation.rules import (
    REASON_OF,
    Case,
    CaseState,
    CaseTaken,
    HandBackRefused,
    HandBackUnknown,
    NoFriendToReturnTo,
    NoteMissing,
    ReasonUnknown,
    check_open,
    check_outcome,
    check_take_over,
    hand_over_action,
    message_key,
)
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.events import JobDone
from crowdcore.jobs.rules import Action, Job, JobStateConflict, State, Who
from crowdcore.partners.queries import portal
from crowdcore.plugin import HandBack, InboundMessage, Receipt
from crowdcore.plugin.facts import Outcome

MOST_NOTE = 4_000


@unit_of_work
async def hand_over(*, job_id: UUID, who: Who, reason: str, note: str, friend_id: UUID | None) -> Case:
    """Give a job that is too hard to the partner's support.

    Args:
        job_id: the job.
        who: the Friend on it, its customer, or support itself.
        reason: one of the partner's reason ids.
        note: what was found and tried.
        friend_id: the Friend who hands over, None for others; the job must be theirs.

    Raises:
        NotFound: the job is another Friend's by now.
        ReasonUnknown: not a reason of this partner.
        NoteMissing: no note.
        NotYours, JobStateConflict
    """
    if reason not in portal().settings.escalation:
        raise ReasonUnknown
    if not note.strip():
        raise NoteMissing
    job = await jobs.job(job_id)
    action = hand_over_action(searching=job.state is State.OPEN, who=who)
    return await _open(job, action=action, who=who, reason=reason, note=note, holder=friend_id)


@unit_of_work
async def give_back(*, job_id: UUID, friend: Friend, reason: str) -> Job:
    """Give a job back before the work began: a new search, or the support desk if it happens too often.

    Raises:
        NotYours, JobStateConflict
    """
    policy = portal().settings.dispatch
    job = await jobs.job(job_id)
    if job.releases >= policy.max_releases:  # given back too often for another search
        why = REASON_OF[Action.GIVE_UP]
        await _open(job, action=Action.GIVE_UP, who=Who.FRIEND, reason=why, note=reason, holder=friend.id)
        return await jobs.job(job_id)
    return await jobs_service.release(
        job_id=job_id,
        who=Who.FRIEND,
        friend_account_id=friend.account_id,
        reason=reason,
        fallback_at=policy.fallback_at,
        holder=friend.id,
    )


@unit_of_work
async def answer(*, case_id: UUID, author: str, text: str, message_id: str | None = None) -> Case:
    """Put an answer on a case; Friend and customer can read it, support keeps the job.

    Raises:
        CaseUnknown, CaseClosed
    """
    case = await _held(case_id)
    check_open(case)
    await _note(case, author=author, outcome="answer", text=text, message_id=message_id)
    await _announce(case, events.CaseAnswered)
    return await queries.case(case_id)


@unit_of_work
async def take_over(
    *, case_id: UUID, agent_id: UUID | None, author: str, text: str = "", message_id: str | None = None
) -> Case:
    """Work on a case oneself; the Friend who had the job is free.

    Raises:
        CaseUnknown, CaseClosed
        CaseTaken: a colleague works on it.
    """
    case = await _held(case_id)
    check_take_over(case, agent_id)
    rows = models.Case.filter(id=case_id, state=case.state, taken_by=case.taken_by)
    if await rows.update(state=CaseState.TAKEN_OVER, taken_by=agent_id) == 0:
        raise CaseTaken  # a colleague was a moment faster
    await _note(case, author=author, outcome="take_over", text=text, message_id=message_id)
    if case.state is CaseState.WAITING:
        await _announce(case, events.CaseTakenOver)
    return await queries.case(case_id)


@unit_of_work
async def hand_back(*, case_id: UUID, outcome: Outcome, author: str, text: str, message_id: str | None = None) -> Case:
    """End a case: back to the Friend, to the crowd, solved by support, or closed without the work.

    Raises:
        CaseUnknown, CaseClosed
        NoFriendToReturnTo: nobody was on the job before.
        QualificationExpired, JobsOverlap, NotEligible: the Friend may not, or cannot, go on with it.
        TooManyRebroadcasts: the partner's limit is reached.
        JobStateConflict: the job was called off.
    """
    case = await _held(case_id)
    check_outcome(case, outcome)
    policy = portal().settings.dispatch
    match outcome:
        case "back_to_friend":
            friend = await dispatch.check_by_hand(job_id=case.job_id, friend_id=_friend_of(case), had_it=True)
            await jobs_service.hand_back(job_id=case.job_id, friend_id=friend.id, friend_account_id=friend.account_id)
        case "to_crowd":
            await jobs_service.rebroadcast(
                job_id=case.job_id, most=policy.max_rebroadcasts, fallback_at=policy.fallback_at
            )
        case "solved":
            await _solve(case.job_id, text)
        case "closed":
            await jobs_service.cancel(job_id=case.job_id, who=Who.SUPPORT, reason=text)
        case "answer" | "take_over":
            return await _go_on(case, outcome, author=author, text=text, message_id=message_id)
    await _note(case, author=author, outcome=outcome, text=text, message_id=message_id)
    return await _close(case, outcome)


@unit_of_work
async def assign(*, job_id: UUID, friend_id: UUID, author: str) -> Job:
    """Give a job to a Friend by hand, out of a search or out of a case.

    Raises:
        NotFound, QualificationExpired, JobsOverlap, NotEligible, JobStateConflict
    """
    job = await dispatch.assign_by_hand(job_id=job_id, friend_id=friend_id)
    case = await queries.open_case_of(job_id)
    if case is not None:
        await _note(case, author=author, outcome="assigned", text="", message_id=None)
        await _close(case, "assigned")
    return job


async def receive(*, plugin_id: str, message: InboundMessage) -> Case:
    """Take in a message of the partner's own system; a repeated one changes nothing.

    Raises:
        HandBackUnknown: this portal has no such plugin.
        HandBackRefused: no plugin could verify and read it.
        CaseUnknown, CaseClosed, NoFriendToReturnTo, TooManyRebroadcasts
    """
    here = portal()
    if plugin_id not in here.settings.plugins:
        raise HandBackUnknown
    try:
        read = await here.hooks.parse_hand_back(message=message)
    except Exception as error:
        raise HandBackRefused from error
    if read is None:
        raise HandBackRefused
    try:
        return await _receive(plugin_id, read)
    except (IntegrityError, Refusal):
        if await queries.has_message(read.case_id, message_key(read.message_id)):
            return await queries.case(read.case_id)  # the same message arrived twice at one moment
        raise


async def deliver(*, case_id: UUID) -> None:
    """Hand a case to the partner's system and keep its reference; done before, it does nothing.

    Raises:
        HookUnavailable: the system does not answer; the worker tries again later.
    """
    case = await queries.case(case_id)
    if case.ticket_ref is not None or case.state is CaseState.CLOSED:
        return
    receipt = await portal().hooks.deliver_escalation(case=await queries.view(case))
    if receipt is not None:
        await _delivered(case_id, receipt)


async def on_job_timer(due: Due, *, action: Action) -> None:
    """Do what a job's own timer says: nobody found, nobody came, or work without end."""
    await _on_job_timer(due.subject_id, action)


@unit_of_work
async def on_desk_timer(*, job_id: UUID) -> None:
    """Remind support of a case, louder once the promised time is over."""
    case = await queries.open_case_of(job_id)
    late = case is not None and clock.now() >= case.due_at
    await jobs_service.on_reminder_timer(job_id=job_id)
    if case is not None and late:
        await _announce(case, events.CaseOverdue)


@unit_of_work
async def close_cancelled(*, job_id: UUID) -> None:
    """Close the case of a job that its customer called off."""
    case = await queries.open_case_of(job_id)
    job = await jobs.job(job_id)
    if case is not None and job.state is not State.ESCALATED:
        await _close(case, "cancelled")


@unit_of_work
async def _on_job_timer(job_id: UUID, action: Action) -> None:
    job = await jobs.job(job_id)
    try:
        await _open(job, action=action, who=Who.TIMER, reason=REASON_OF[action], note="")
    except JobStateConflict:
        return  # the job moved on in the same moment; its new state has its own timer


async def _open(job: Job, *, action: Action, who: Who, reason: str, note: str, holder: UUID | None = None) -> Case:
    moved = await jobs_service.escalate(job_id=job.id, action=action, who=who, reason=reason, holder=holder)
    now = clock.now()
    row = await models.Case.create(
        job_id=job.id,
        state=CaseState.WAITING,
        reason=reason,
        summary=note[:MOST_NOTE],
        opened_by=who.value,
        friend_id=moved.suspended_id,
        due_at=now + portal().settings.support.reply_within,
        opened_at=now,
    )
    case = await queries.case(row.id)
    await _announce(case, events.CaseOpened, reason=reason)
    return case


async def _solve(job_id: UUID, text: str) -> None:
    """Report a job done that support solved itself."""
    await jobs_service.change(
        job_id,
        Action.SOLVE,
        Who.SUPPORT,
        event=JobDone,
        reason=text[:200],
        changes=lambda _: {"done_at": clock.now(), "suspended_id": None},
    )


async def _close(case: Case, outcome: str) -> Case:
    await models.Case.filter(id=case.id).update(state=CaseState.CLOSED, outcome=outcome, closed_at=clock.now())
    await _announce(case, events.CaseClosed, outcome=outcome)
    return await queries.case(case.id)


async def _go_on(case: Case, outcome: Outcome, *, author: str, text: str, message_id: str | None) -> Case:
    if outcome == "answer":
        return await answer(case_id=case.id, author=author, text=text, message_id=message_id)
    return await take_over(case_id=case.id, agent_id=None, author=author, text=text, message_id=message_id)


async def _note(case: Case, *, author: str, outcome: str, text: str, message_id: str | None) -> None:
    await models.CaseMessage.create(
        case_id=case.id,
        message_id=message_id or str(new_id()),
        author=author,
        outcome=outcome,
        text=text[:MOST_NOTE],
        at=clock.now(),
    )


async def _announce(case: Case, event: type[events.CaseEvent], **more: str) -> None:
    job = await jobs.job(case.job_id)
    friend = await crowd.friends([case.friend_id]) if case.friend_id else {}
    account = next((f.account_id for f in friend.values()), None)
    await outbox.publish(
        event(case_id=case.id, job_id=job.id, customer_id=job.customer_id, friend_account_id=account, **more)
    )


@unit_of_work
async def _receive(plugin_id: str, read: HandBack) -> Case:
    case = await _held(read.case_id)
    key = message_key(read.message_id)
    if await queries.has_message(case.id, key):
        return case
    return await hand_back(case_id=case.id, outcome=read.outcome, author=plugin_id, text=read.note, message_id=key)


async def _held(case_id: UUID) -> Case:
    """Return a case while its job is held: whatever else happens to either waits until this unit is done."""
    job_id = (await queries.case(case_id)).job_id
    await jobs_service.lock(job_ids=[job_id])
    return await queries.case(case_id)


def _friend_of(case: Case) -> UUID:
    if case.friend_id is None:
        raise NoFriendToReturnTo
    return case.friend_id


@unit_of_work
async def _delivered(case_id: UUID, receipt: Receipt) -> None:
    await models.Case.filter(id=case_id, ticket_ref=None).update(ticket_ref=receipt.ref[:200])
