"""What each side may do with a job at this moment; the same words as the addresses of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crowdcore.agreements.rules import MILESTONE_ORDER
from crowdcore.base.errors import Refusal
from crowdcore.completion.rules import DisputeTooLate, check_dispute
from crowdcore.jobs.rules import Action, Job, Milestone, StartTooEarly, Who, check_start, permitted
from crowdcore.ratings.rules import NotRateable, check_rateable

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
