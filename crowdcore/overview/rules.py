"""What each side may do with a job at this moment, what happened to it, and what comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from crowdcore.agreements.rules import MILESTONE_ORDER, MOVED, may_move
from crowdcore.base.errors import Refusal
from crowdcore.completion.rules import DisputeTooLate, check_dispute
from crowdcore.dispatch.rules import StepKind, Wave, plan
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs.rules import Action, Job, Milestone, StartTooEarly, State, Who, check_start, permitted
from crowdcore.plugin.content_partner import DispatchPolicy
from crowdcore.ratings.rules import NotRateable, check_rateable

if TYPE_CHECKING:
    from crowdcore.db.audit import Line

#: Moves with a word of their own; what is not here is done by timers, or on a case.
_WORDS = {
    Action.SUBMIT: "submit",
    Action.CANCEL: "cancel",
    Action.START: "start",
    Action.REPORT: "report",
    Action.HAND_OVER: "hand-over",
    Action.HAND_UP: "hand-over",
    Action.CONFIRM: "confirm",
    Action.DISPUTE: "dispute",
    Action.UPHOLD: "decide",
    Action.ASSIGN: "assign",
    Action.PROPOSE_PRICE: "price",
    Action.AGREE_PRICE: "price/accept",
    Action.DECLINE_PRICE: "price/decline",
}
_STEPS = {
    Milestone.CONTACTED: "contact",
    Milestone.APPOINTMENT: "contact",
    Milestone.ON_THE_WAY: "on-the-way",
    Milestone.ARRIVED: "arrive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Who looks at a job, and when.

    Args:
        who: on which side.
        friend_id: the member they are, on the Friend's side.
        now: the present moment.
        rated: the job has its rating.
    """

    who: Who
    friend_id: UUID | None
    now: datetime
    rated: bool


def actions(job: Job, sight: Sight) -> tuple[str, ...]:
    """Return what whoever looks may do now, as the last part of the address of each operation."""
    if sight.who is Who.FRIEND and job.assignee_id != sight.friend_id:
        return ()
    return tuple(dict.fromkeys(_possible(job, sight)))


def _possible(job: Job, sight: Sight) -> Iterator[str]:
    allowed = permitted(job.state, sight.who)
    for action, word in _WORDS.items():
        if action in allowed and _makes_sense(job, action, sight):
            yield word
    if Action.MILESTONE in allowed:
        yield from _steps(job)
    if Action.RELEASE in allowed and sight.who is Who.FRIEND:
        yield "give-back"
    if sight.who is Who.CUSTOMER and not sight.rated and _is_rateable(job, sight.now):
        yield "rating"


def _makes_sense(job: Job, action: Action, sight: Sight) -> bool:
    match action:
        case Action.START:
            return _passes(StartTooEarly, lambda: check_start(job, sight.now))
        case Action.DISPUTE:
            return _passes(DisputeTooLate, lambda: check_dispute(job, sight.now))
        case Action.AGREE_PRICE | Action.DECLINE_PRICE:
            return job.proposal is not None and job.proposal.by is not sight.who
        case _:
            return True


def _steps(job: Job) -> Iterator[str]:
    passed = [index for index, step in enumerate(MILESTONE_ORDER) if step in job.milestones]
    if may_move(job):
        yield _STEPS[Milestone.APPOINTMENT]
    for step in MILESTONE_ORDER[max(passed, default=-1) + 1 :]:
        yield _STEPS[step]


def _is_rateable(job: Job, now: datetime) -> bool:
    return _passes(NotRateable, lambda: check_rateable(job, now))


def _passes(refusal: type[Refusal], check: Callable[[], None]) -> bool:
    try:
        check()
    except refusal:
        return False
    return True


class StepState(StrEnum):
    """How a step of a timeline is drawn."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to a job, or comes next.

    Args:
        title: English msgid, said without naming anybody, so that all sides may read it.
        state: whether it is past, the latest, to come, or was taken back.
        at: when; None for what is to come.
        note: somebody's own words about it, or empty.
    """

    title: str
    state: StepState
    at: datetime | None = None
    note: str = ""


_ACCEPTED = _("Accepted")
_TITLES: dict[str, str] = {
    Action.SUBMIT: _("Requested"),
    Action.ACCEPT: _ACCEPTED,
    Action.ASSIGN: _("Assigned by support"),
    Action.NOTICE: _("Nobody has accepted yet"),
    Action.RELEASE: _("Given back; others are asked"),
    Action.GIVE_UP: _("Given back; support takes care of it"),
    Action.NO_SHOW: _("Nobody came; support takes care of it"),
    Action.FALL_BACK: _("Nobody was free in time; support takes care of it"),
    Action.HAND_UP: _("Handed over to support"),
    Action.HAND_OVER: _("Handed over to support"),
    Action.OVERRUN: _("It is taking too long; support takes care of it"),
    Action.REBROADCAST: _("The neighbourhood is asked again"),
    Action.HAND_BACK: _("Back with the Friend"),
    Action.SOLVE: _("Solved by support"),
    Action.PROPOSE_PRICE: _("Price proposed"),
    Action.AGREE_PRICE: _("Price agreed"),
    Action.DECLINE_PRICE: _("Price declined"),
    Action.START: _("Work has begun"),
    Action.REPORT: _("Reported as done"),
    Action.CONFIRM: _("Confirmed"),
    Action.DISPUTE: _("Objection"),
    Action.UPHOLD: _("Objection settled: the work counts"),
    Action.WITHDRAW: _("Objection settled: the job is withdrawn"),
    Action.SETTLE: _("Closed"),
    Action.CANCEL: _("Cancelled"),
}
_MILESTONES: dict[str, str] = {
    Milestone.CONTACTED: _("Spoken on the phone"),
    Milestone.APPOINTMENT: _("Appointment confirmed"),
    MOVED: _("Appointment moved"),
    Milestone.ON_THE_WAY: _("On the way"),
    Milestone.ARRIVED: _("Arrived"),
}
_QUIET: dict[str, str] = {
    Action.SAVE_DRAFT: _("Saved, not sent yet"),
    Action.WIDEN: _("More members asked"),
    Action.REMIND: _("Support reminded"),
    Action.EXPIRE: _("Lapsed"),
}
"""Lines that only staff see."""
_AHEAD = {
    State.OPEN: (_("Somebody accepts"), _("The Friend comes"), _("Done and confirmed")),
    State.ASSIGNED: (_("The work begins"), _("Done and confirmed")),
    State.UNDER_WAY: (_("Done and confirmed"),),
    State.DONE: (_("Confirmed by the customer"),),
    State.ESCALATED: (_("Support answers"),),
    State.DISPUTED: (_("Support decides"),),
}
_TAKES_BACK = {Action.RELEASE, Action.GIVE_UP, Action.NO_SHOW, Action.REBROADCAST}
_SAYS_WHY = {
    Action.RELEASE,
    Action.CANCEL,
    Action.DISPUTE,
    Action.UPHOLD,
    Action.WITHDRAW,
    Action.PROPOSE_PRICE,
}


def timeline(lines: Sequence[Line], state: State) -> tuple[Step, ...]:
    """Return what happened to a job, oldest first, and what comes.

    Args:
        lines: its history.
        state: where it stands now.
    """
    past: list[Step] = []
    for line in lines:
        title = _title(line)
        if title is None:
            continue
        if line.action in _TAKES_BACK:
            past = [_taken_back(step) for step in past]
        note = line.reason or "" if line.action in _SAYS_WHY else ""
        past.append(Step(title, StepState.DONE, line.at, note))
    ahead = [Step(title, StepState.NEXT) for title in _AHEAD.get(state, ())]
    if past and ahead:
        past[-1] = replace(past[-1], state=StepState.NOW)
    return (*past, *ahead)


def action_title(line: Line) -> str:
    """Return what a line of a history is called (English msgid), for staff, who see every line."""
    return _title(line) or _QUIET.get(line.action, line.action)


def _title(line: Line) -> str | None:
    if line.action == Action.MILESTONE:
        return _MILESTONES.get(line.reason or "")
    return _TITLES.get(line.action)


def _taken_back(step: Step) -> Step:
    """Mark that somebody had accepted, and everything since, as no longer true."""
    undone = {_ACCEPTED, _TITLES[Action.ASSIGN], *_MILESTONES.values()}
    return replace(step, state=StepState.UNDONE) if step.title in undone else step


@dataclass(frozen=True, slots=True)
class Circle:
    """One wave of a search as a customer sees it.

    Args:
        radius_m: how far it asks.
        with_pros: it asks Profis for the first time.
        at: when it goes out, or went.
        asked: how many were asked; None while it has not gone out.
    """

    radius_m: int
    with_pros: bool
    at: datetime
    asked: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a search goes on.

    Args:
        circles: its waves in order.
        notice_at: when the customer is written to, if nobody has accepted by then.
        fallback_at: when support takes over.
    """

    circles: tuple[Circle, ...]
    notice_at: datetime
    fallback_at: datetime


def outlook(job: Job, policy: DispatchPolicy, waves: Sequence[Wave], began: datetime) -> Outlook:
    """Return what was done and what comes, with clock times.

    Args:
        job: an open job.
        policy: the partner's.
        waves: those of the job, of all searches.
        began: when the present search began.
    """
    preferred = job.preferred_id is not None and job.round_no == 1
    sent = {wave.step: wave for wave in waves if wave.round_no == job.round_no}
    circles: list[Circle] = []
    kinds: frozenset[str] = frozenset()
    for index, step in enumerate(plan(policy, preferred=preferred)):
        if step.kind is not StepKind.WAVE:
            continue
        wave = sent.get(index)
        pros = "profi" in step.kinds and "profi" not in kinds
        kinds |= step.kinds
        at = wave.sent_at if wave else began + step.after
        circles.append(Circle(step.radius_m, pros, at, len(wave.friend_ids) if wave else None))
    shift = policy.preferred_wait if preferred else timedelta(0)
    return Outlook(tuple(circles), began + policy.notice_at + shift, began + policy.fallback_at)


def search_began(lines: Sequence[Line]) -> datetime | None:
    """Return when the present search of a job began; None if there never was one."""
    starts = [line.at for line in lines if line.action in {Action.SUBMIT, Action.RELEASE, Action.REBROADCAST}]
    return starts[-1] if starts else None


LATE_AFTER = timedelta(minutes=15)
"""So long after an agreed time the page says that somebody is late (product.md 5.1, step 9)."""

#: What sent a job to support, or out again; the page says it in words of its own.
_TURNS = frozenset(
    {
        *(Action.SUBMIT, Action.ACCEPT, Action.ASSIGN, Action.RELEASE, Action.REBROADCAST, Action.HAND_BACK),
        *(Action.FALL_BACK, Action.NO_SHOW, Action.GIVE_UP, Action.HAND_OVER, Action.HAND_UP, Action.OVERRUN),
    }
)


def turn(lines: Sequence[Line]) -> str:
    """Return the action that last changed whose turn it is, empty if there was none."""
    return next((line.action for line in reversed(lines) if line.action in _TURNS), "")


def late_since(job: Job, now: datetime) -> datetime | None:
    """Return when the Friend should have been there, if that is a while ago and nobody has arrived.

    With an appointment its beginning counts, without one the end of the time that was wished for.
    """
    if job.state is not State.ASSIGNED or Milestone.ARRIVED in job.milestones:
        return None
    due = job.window.start if Milestone.APPOINTMENT in job.milestones else job.window.end
    return due if now >= due + LATE_AFTER else None
