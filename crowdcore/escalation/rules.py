"""Cases: who holds them, what may happen to them, and the reasons the kernel itself has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from crowdcore.base.errors import NotFound, Refusal, Rejected
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs.rules import Action, Who
from crowdcore.plugin.facts import Outcome

LONGEST_KEY = 200
"""Longest message id that is stored as it came."""


class CaseState(StrEnum):
    """Where a case stands."""

    WAITING = "waiting"
    TAKEN_OVER = "taken_over"
    CLOSED = "closed"


class KernelReason(StrEnum):
    """Reasons for a case that no person chose."""

    NOBODY_FOUND = "nobody_found"
    NO_SHOW = "no_show"
    OVERRUN = "overrun"
    GIVEN_BACK = "given_back"
    CALLED_IN = "called_in"


REASON_NAMES: dict[str, str] = {
    KernelReason.NOBODY_FOUND: _("Nobody nearby could take the job in time"),
    KernelReason.NO_SHOW: _("The Friend did not come"),
    KernelReason.OVERRUN: _("The work is taking much longer than planned"),
    KernelReason.GIVEN_BACK: _("Given back several times"),
    KernelReason.CALLED_IN: _("Taken over by support"),
}
"""English msgids; the partner's own reasons bring their texts in partner.toml."""

REASON_OF = {
    Action.FALL_BACK: KernelReason.NOBODY_FOUND,
    Action.NO_SHOW: KernelReason.NO_SHOW,
    Action.OVERRUN: KernelReason.OVERRUN,
    Action.GIVE_UP: KernelReason.GIVEN_BACK,
    Action.HAND_UP: KernelReason.CALLED_IN,
}


@dataclass(frozen=True, slots=True)
class Case:
    """A job in the hands of the partner's support.

    Args:
        id: identity; also the idempotency key towards the partner's system.
        job_id: the job.
        state: where it stands.
        reason: reason id, the partner's or the kernel's.
        summary: what was found and tried, in the words of whoever handed over.
        opened_by: kind of actor who handed over.
        friend_id: the Friend who had the job then.
        due_at: when support promised to have answered.
        ticket_ref: reference in the partner's system, once it has been delivered.
        taken_by: the agent who took it over.
        outcome: how it ended.
        opened_at: when it was opened.
        closed_at: when it ended.
    """

    id: UUID
    job_id: UUID
    state: CaseState
    reason: str
    summary: str
    opened_by: str
    friend_id: UUID | None
    due_at: datetime
    ticket_ref: str | None
    taken_by: UUID | None
    outcome: str | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """One answer or note on a case."""

    author: str
    outcome: str
    text: str
    at: datetime


class CaseUnknown(NotFound):
    """No such case with this partner."""

    code = "case.unknown"
    message = "This case does not exist."


class CaseClosed(Refusal):
    """The case has ended."""

    code = "case.closed"
    status = 409
    message = "This case is already closed."


class CaseTaken(Refusal):
    """Another agent works on it."""

    code = "case.taken"
    status = 409
    message = "A colleague has taken this case over."


class NoFriendToReturnTo(Refusal):
    """There was no Friend on the job when it was handed over."""

    code = "case.no_friend"
    status = 409
    message = "Nobody has been on this job yet. Send it to the crowd, or assign it by hand."


class ReasonUnknown(Rejected):
    """Not a reason of this partner."""

    code = "escalation.reason_unknown"
    message = "Choose one of the listed reasons."


class NoteMissing(Rejected):
    """Whoever takes over must not have to ask everything again."""

    code = "escalation.note_required"
    message = "Please say in a sentence what you found."


class HandBackRefused(Refusal):
    """A message from the partner's system that cannot be trusted or read."""

    code = "hand_back.refused"
    status = 400
    message = "This message could not be verified. Sign it with the agreed key and send it again."


class HandBackUnknown(Refusal):
    """No plugin of this portal takes messages under that address."""

    code = "hand_back.unknown"
    status = 404
    message = "No plugin of this portal listens here."


def check_open(case: Case) -> None:
    """Refuse to touch a case that has ended.

    Raises:
        CaseClosed: it has.
    """
    if case.state is CaseState.CLOSED:
        raise CaseClosed


def check_take_over(case: Case, agent: UUID | None) -> None:
    """Refuse to take over what a colleague works on; taking one's own again is fine.

    Raises:
        CaseClosed, CaseTaken
    """
    check_open(case)
    if case.state is CaseState.TAKEN_OVER and case.taken_by != agent:
        raise CaseTaken


def check_outcome(case: Case, outcome: Outcome) -> None:
    """Refuse an end that does not fit.

    Raises:
        CaseClosed: the case has ended.
        NoFriendToReturnTo: `back_to_friend` without a Friend.
    """
    check_open(case)
    if outcome == "back_to_friend" and case.friend_id is None:
        raise NoFriendToReturnTo


def hand_over_action(*, searching: bool, who: Who) -> Action:
    """Return how the job moves: support may pull it out of the search, others hand over work in hand."""
    return Action.HAND_UP if searching and who is Who.SUPPORT else Action.HAND_OVER


def message_key(message_id: str) -> str:
    """Return what is stored of a partner's message id: itself, or its digest if it is long."""
    return message_id if len(message_id) <= LONGEST_KEY else hashlib.sha256(message_id.encode()).hexdigest()
