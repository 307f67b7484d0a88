"""What the partner's support does: take jobs, assign, answer, hand back, decide; and what hands jobs to it."""

from datetime import timedelta
from uuid import uuid4

from crowdcore.completion import service as completion
from crowdcore.escalation import service as escalation
from crowdcore.escalation.rules import (
    CaseClosed,
    CaseTaken,
    CaseUnknown,
    NoFriendToReturnTo,
    NoteMissing,
    ReasonUnknown,
)
from crowdcore.jobs.rules import JobStateConflict, NotYours, State, TooManyRebroadcasts, Who, Window
from crowdcore.plugin import HandBack
from tests.model.hand import Hand, move
from tests.model.moves_customer import CASTING
from tests.model.plain import AUTO_CONFIRM, HELD, MOST_REBROADCASTS, OBJECTIONS, PlainJob

NOT_FOUND = "not_found"
OUTCOMES = ("back_to_friend", "to_crowd", "solved", "closed")
A_DAY = timedelta(hours=24)


@move(State.OPEN, *HELD)
async def hand_over(hand: Hand, job: PlainJob) -> None:
    who = hand.pick("who", (Who.FRIEND, Who.FRIEND, Who.SUPPORT, Who.CUSTOMER, Who.TIMER))
    reason = hand.mostly("reason", job.cast.reason, ("no such reason",))
    note = hand.mostly("note", job.cast.canary, (" ",))
    friend = None
    if who is Who.FRIEND:
        friend = hand.mostly("friend", job.assignee, (m.id for m in job.cast.members)) or job.cast.members[0].id
    pulled = job.state is State.OPEN and who is Who.SUPPORT
    code = None
    if reason != job.cast.reason:
        code = ReasonUnknown.code
    elif note == " ":
        code = NoteMissing.code
    elif who is Who.TIMER:
        code = NotYours.code
    elif job.state not in HELD and not pulled:
        code = JobStateConflict.code
    elif friend is not None and friend != job.assignee:
        code = NOT_FOUND
    done = await hand.expect(
        job.partner, code,
        lambda: escalation.hand_over(job_id=job.id, who=who, reason=reason, note=note, friend_id=friend),
    )  # fmt: skip
    if done:
        job.version += 1
        job.hand_up(keep=not pulled)


@move(State.OPEN, State.ESCALATED)
async def assign(hand: Hand, job: PlainJob) -> None:
    stranger = hand.world.casts[CASTING[job.partner]].members[0].id
    member = hand.pick("member", (*(m.id for m in job.cast.members), stranger))
    if member == stranger:
        code = NOT_FOUND
    else:
        code = hand.plain.exclusion(job, member, hand.now)
        if code is None and job.state not in {State.OPEN, State.ESCALATED}:
            code = JobStateConflict.code
    done = await hand.expect(
        job.partner, code, lambda: escalation.assign(job_id=job.id, friend_id=member, author=job.cast.canary)
    )
    if done:
        job.version += 1
        job.give(member, hand.now)
        job.end_case()


@move(State.DISPUTED)
async def decide(hand: Hand, job: PlainJob) -> None:
    uphold = hand.pick("uphold", (True, False))
    code = None if job.state is State.DISPUTED else JobStateConflict.code
    done = await hand.expect(
        job.partner, code, lambda: completion.decide(job_id=job.id, uphold=uphold, reason=job.cast.canary)
    )
    if not done:
        return
    job.version += 1
    if not uphold:
        job.end(State.CANCELLED)
        return
    if job.confirmed_at is None:
        hand.plain.count_done(job)
    job.state, job.confirmed_at = State.CONFIRMED, job.confirmed_at or hand.now
    job.deadline = hand.now + OBJECTIONS


@move(State.ESCALATED)
async def answer(hand: Hand, job: PlainJob) -> None:
    case_id = job.case.id if job.case else uuid4()
    await hand.expect(
        job.partner, _closed(job),
        lambda: escalation.answer(case_id=case_id, author=job.cast.canary, text=job.cast.canary),
    )  # fmt: skip


@move(State.ESCALATED)
async def take_over(hand: Hand, job: PlainJob) -> None:
    agent = hand.pick("agent", job.cast.agents)
    case_id = job.case.id if job.case else uuid4()
    code = _closed(job)
    if code is None and job.case.state == "taken_over" and job.case.agent != agent:
        code = CaseTaken.code
    done = await hand.expect(
        job.partner, code,
        lambda: escalation.take_over(case_id=case_id, agent_id=agent, author=job.cast.canary),
    )  # fmt: skip
    if done:
        job.case.state, job.case.agent = "taken_over", agent


@move(State.ESCALATED)
async def hand_back(hand: Hand, job: PlainJob) -> None:
    outcome = hand.pick("outcome", OUTCOMES)
    case_id = job.case.id if job.case else uuid4()
    done = await hand.expect(
        job.partner, _hand_back_refusal(hand, job, outcome),
        lambda: escalation.hand_back(
            case_id=case_id, outcome=outcome, author=job.cast.canary, text=job.cast.canary
        ),
    )  # fmt: skip
    if done:
        _handed_back(hand, job, outcome)


@move(State.ESCALATED)
async def receive(hand: Hand, job: PlainJob) -> None:
    """A message of the partner's ticket system; a repeated one changes nothing."""
    outcome = hand.pick("outcome", (*OUTCOMES, "answer", "take_over"))
    message_id = hand.pick("message", ("m-1", "m-2"))
    case_id = job.case.id if job.case else uuid4()
    known = job.case is not None and message_id in job.case.messages
    if known:
        code = None
    elif outcome == "take_over":
        code = _closed(job)
        if code is None and job.case.state == "taken_over" and job.case.agent is not None:
            code = CaseTaken.code
    else:
        code = _hand_back_refusal(hand, job, outcome)
    message = HandBack(case_id, message_id, outcome, job.cast.canary)
    done = await hand.expect(job.partner, code, lambda: escalation._receive("desk", message))
    if not done or known:
        return
    job.case.messages.add(message_id)
    if outcome == "take_over":
        job.case.state = "taken_over"
    elif outcome != "answer":
        _handed_back(hand, job, outcome)


def _closed(job: PlainJob) -> str | None:
    if job.case is None:
        return CaseUnknown.code
    return CaseClosed.code if job.case.is_closed else None


def _hand_back_refusal(hand: Hand, job: PlainJob, outcome: str) -> str | None:
    closed = _closed(job)
    if closed or outcome == "answer":
        return closed
    if outcome == "back_to_friend":
        if job.case.friend is None:
            return NoFriendToReturnTo.code
        excluded = hand.plain.exclusion(job, job.case.friend, hand.now)
        if excluded:
            return excluded
    if job.state is not State.ESCALATED:
        return JobStateConflict.code
    if outcome == "to_crowd" and job.rebroadcasts >= MOST_REBROADCASTS:
        return TooManyRebroadcasts.code
    return None


def _handed_back(hand: Hand, job: PlainJob, outcome: str) -> None:
    job.version += 1
    until = max(job.window.end, hand.now + A_DAY)
    match outcome:
        case "back_to_friend":
            reached, friend = job.milestones, job.case.friend
            starts = [o.window.start for o in hand.plain.jobs if o.assignee == friend and o.state in HELD]
            free_until = min((s for s in starts if s >= job.window.end), default=until)
            job.window = Window(job.window.start, min(until, max(free_until, job.window.end)))
            job.give(friend, hand.now)
            job.milestones = reached
        case "to_crowd":
            job.rebroadcasts += 1
            job.suspended = None
            job.window = Window(job.window.start, until)
            job.search_again(hand.now)
        case "solved":
            job.state, job.suspended, job.done_at = State.DONE, None, hand.now
            job.deadline = hand.now + AUTO_CONFIRM
        case "closed":
            job.suspended = None
            job.end(State.CANCELLED)
    job.end_case()
