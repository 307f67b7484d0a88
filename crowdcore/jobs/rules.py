"""The life of a job: states, who may move it where, and what a job is to the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from crowdcore.base.errors import Conflict, Refusal, Word
from crowdcore.base.geo import Point
from crowdcore.base.money import Money
from crowdcore.base.text import Text
from crowdcore.i18n.translations import mark as _
from crowdcore.plugin.facts import Guide


class State(StrEnum):
    """Where a job stands."""

    DRAFT = "draft"
    OPEN = "open"
    ASSIGNED = "assigned"
    UNDER_WAY = "under_way"
    DONE = "done"
    CONFIRMED = "confirmed"
    SETTLED = "settled"
    ESCALATED = "escalated"
    DISPUTED = "disputed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def word(self) -> Word:
        """The state and what people call it."""
        return Word(self.value, _STATE_NAMES[self])


_STATE_NAMES = {
    State.DRAFT: _("not sent yet"), State.OPEN: _("searching"), State.ASSIGNED: _("accepted"),
    State.UNDER_WAY: _("under way"), State.DONE: _("reported as done"), State.CONFIRMED: _("confirmed"),
    State.SETTLED: _("closed"), State.ESCALATED: _("with support"), State.DISPUTED: _("objection"),
    State.CANCELLED: _("cancelled"), State.EXPIRED: _("lapsed"),
}  # fmt: skip

TERMINAL = frozenset({State.SETTLED, State.CANCELLED, State.EXPIRED})
WITH_ASSIGNEE = frozenset({State.ASSIGNED, State.UNDER_WAY, State.DONE})
"""States in which exactly one Friend holds the job; who did it stays on record in `done_by_id`."""


class Who(StrEnum):
    """The kinds of actors of a transition."""

    CUSTOMER = "customer"
    FRIEND = "friend"
    SUPPORT = "support"
    TIMER = "timer"


class Action(StrEnum):
    """Every way a job can move; the value is also the audit record's action."""

    SAVE_DRAFT = "save_draft"
    SUBMIT = "submit"
    WIDEN = "widen"
    ACCEPT = "accept"
    FALL_BACK = "fall_back"
    HAND_UP = "hand_up"
    ASSIGN = "assign"
    REBROADCAST = "rebroadcast"
    REMIND = "remind"
    CANCEL = "cancel"
    RELEASE = "release"
    NO_SHOW = "no_show"
    GIVE_UP = "give_up"
    START = "start"
    REPORT = "report"
    HAND_OVER = "hand_over"
    OVERRUN = "overrun"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    UPHOLD = "uphold"
    WITHDRAW = "withdraw"
    SETTLE = "settle"
    EXPIRE = "expire"
    HAND_BACK = "hand_back"
    SOLVE = "solve"
    MILESTONE = "milestone"
    PROPOSE_PRICE = "propose_price"
    AGREE_PRICE = "agree_price"
    DECLINE_PRICE = "decline_price"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed move."""

    action: Action
    sources: frozenset[State]
    target: State | None
    who: frozenset[Who]


_C, _F, _S, _T = Who.CUSTOMER, Who.FRIEND, Who.SUPPORT, Who.TIMER
_ON_THE_JOB = frozenset({State.ASSIGNED, State.UNDER_WAY})
_CANCELLABLE = frozenset({State.DRAFT, State.OPEN, State.ESCALATED, State.ASSIGNED})


def _t(action: Action, sources: frozenset[State], target: State | None, *who: Who) -> Transition:
    return Transition(action, sources, target, frozenset(who))


#: Section 3.2 of the design's reliability page; `target` None means "stays where it is". Added there: a case
#: that support solves itself (`solve`) or gives back to the Friend who was on it (`hand_back`).
TRANSITIONS: dict[Action, Transition] = {
    t.action: t
    for t in (
        _t(Action.SUBMIT, frozenset({State.DRAFT}), State.OPEN, _C, _S),
        _t(Action.WIDEN, frozenset({State.OPEN}), None, _T),
        _t(Action.NOTICE, frozenset({State.OPEN}), None, _T),
        _t(Action.ACCEPT, frozenset({State.OPEN}), State.ASSIGNED, _F),
        _t(Action.FALL_BACK, frozenset({State.OPEN}), State.ESCALATED, _T),
        _t(Action.HAND_UP, frozenset({State.OPEN}), State.ESCALATED, _S),
        _t(Action.ASSIGN, frozenset({State.ESCALATED, State.OPEN}), State.ASSIGNED, _S),
        _t(Action.REBROADCAST, frozenset({State.ESCALATED}), State.OPEN, _S),
        _t(Action.REMIND, frozenset({State.ESCALATED, State.DISPUTED}), None, _T),
        _t(Action.CANCEL, _CANCELLABLE, State.CANCELLED, _C, _S),
        _t(Action.RELEASE, frozenset({State.ASSIGNED}), State.OPEN, _F, _S),
        _t(Action.GIVE_UP, frozenset({State.ASSIGNED}), State.ESCALATED, _F, _S),
        _t(Action.NO_SHOW, frozenset({State.ASSIGNED}), State.ESCALATED, _T, _C, _S),
        _t(Action.START, frozenset({State.ASSIGNED}), State.UNDER_WAY, _F),
        _t(Action.REPORT, frozenset({State.UNDER_WAY}), State.DONE, _F),
        _t(Action.HAND_OVER, _ON_THE_JOB, State.ESCALATED, _F, _C, _S),
        _t(Action.OVERRUN, frozenset({State.UNDER_WAY}), State.ESCALATED, _T),
        _t(Action.HAND_BACK, frozenset({State.ESCALATED}), State.ASSIGNED, _S),
        _t(Action.SOLVE, frozenset({State.ESCALATED}), State.DONE, _S),
        _t(Action.CONFIRM, frozenset({State.DONE}), State.CONFIRMED, _C, _S, _T),
        _t(Action.DISPUTE, frozenset({State.DONE, State.CONFIRMED}), State.DISPUTED, _C, _S),
        _t(Action.UPHOLD, frozenset({State.DISPUTED}), State.CONFIRMED, _S),
        _t(Action.WITHDRAW, frozenset({State.DISPUTED}), State.CANCELLED, _S),
        _t(Action.SETTLE, frozenset({State.CONFIRMED}), State.SETTLED, _T),
        _t(Action.EXPIRE, frozenset({State.DRAFT}), State.EXPIRED, _T),
        _t(Action.MILESTONE, _ON_THE_JOB, None, _F),
        _t(Action.PROPOSE_PRICE, _ON_THE_JOB, None, _F, _C),
        _t(Action.AGREE_PRICE, _ON_THE_JOB | {State.DONE}, None, _C, _F),
        _t(Action.DECLINE_PRICE, _ON_THE_JOB | {State.DONE}, None, _C, _F),
    )
}

DRAFT_LIFE = timedelta(hours=24)
OBJECTIONS = timedelta(days=14)  # after confirmation a customer may object; the job is settled when it is over
DESK_REMINDER = timedelta(hours=1)
DISPUTE_REMINDER = timedelta(days=1)
START_TOLERANCE = timedelta(minutes=60)  # so long before the window a Friend may start
NO_SHOW_GRACE = timedelta(minutes=30)
OVERRUN_FACTOR = 3


class Milestone(StrEnum):
    """What happens between accept and start, recorded without being states."""

    CONTACTED = "contacted"
    APPOINTMENT = "appointment"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, in UTC."""

    start: datetime
    end: datetime

    def overlaps(self, other: Window) -> bool:
        """Say whether both share a moment; touching ends do not count."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Proposal:
    """An agreed-price proposal that waits for the other side."""

    amount: Money
    reason: str
    by: Who
    at: datetime


@dataclass(frozen=True, slots=True)
class ServiceCopy:
    """The service as it was when the job was booked; a later catalogue changes nothing here."""

    id: str
    title: Text
    family: str
    kind: str
    exam: str | None
    skill: str | None
    licence: str | None
    safety: frozenset[str]
    minutes: int
    minutes_max: int
    steps: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where, as the crowd may see it: never closer than the 2 km cell."""

    id: str
    country: str
    region: str
    postcode: str
    locality: str
    cell: Point

    @property
    def label(self) -> str:
        """Postcode and locality."""
        return f"{self.postcode} {self.locality}"


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the rules and other rooms see it; no name, no street, no phone number.

    Args:
        id: identity inside the platform.
        number: what people say on the phone (``SW-4F7K2Q``).
        state: where it stands.
        version: rises with every change.
        customer_id: the customer's account.
        service: copied at booking.
        place: where, on the grid.
        urgent: wanted now rather than at a wish.
        wishes: one to three windows, the first is the favourite.
        window: the window in force: the favourite wish, or the one the Friend agreed on.
        language: of the customer.
        channel: how it was booked (web, api, call_centre, ...).
        guide: price orientation copied at booking.
        agreed: agreed price, once both sides said yes.
        proposal: a price that waits for an answer.
        assignee_id: the Friend who has it now.
        suspended_id: the Friend who had it when it was handed over; support may hand it back to them.
        done_by_id: the Friend who reported it done.
        preferred_id: the Friend the customer asked for.
        round_no: how often it was broadcast from the start.
        releases: how often a Friend gave it back.
        rebroadcasts: how often support sent it out again.
        milestones: moment of each milestone reached.
        quoted_at: when the guide price was asked for.
        opened_at: when it was submitted.
        done_at: when the work was reported done.
        confirmed_at: when the customer (or time) confirmed it.
        created_at: when it was first saved.
    """

    id: UUID
    number: str
    state: State
    version: int
    customer_id: UUID
    service: ServiceCopy
    place: Place
    urgent: bool
    wishes: tuple[Window, ...]
    window: Window
    language: str
    channel: str
    guide: Guide
    agreed: Money | None
    proposal: Proposal | None
    assignee_id: UUID | None
    suspended_id: UUID | None
    done_by_id: UUID | None
    preferred_id: UUID | None
    round_no: int
    releases: int
    rebroadcasts: int
    milestones: dict[Milestone, datetime]
    quoted_at: datetime
    opened_at: datetime | None
    done_at: datetime | None
    confirmed_at: datetime | None
    created_at: datetime

    @property
    def price(self) -> Money:
        """What is owed as things stand: the agreed price, else the guide price."""
        return self.agreed or self.guide.amount


class JobStateConflict(Conflict):
    """The job is not in a state that allows this."""

    code = "job.state_conflict"
    message = "This is not possible now: the job is “%(state)s”."


class NotYours(Refusal):
    """The job belongs to somebody else's part of the work."""

    code = "job.not_allowed"
    status = 403
    message = "This step belongs to somebody else."


class VersionConflict(Refusal):
    """Somebody else changed the job since the caller read it."""

    code = "version.conflict"
    status = 412
    message = "The job has changed since you read it. Load it again."


class StartTooEarly(Refusal):
    """The window has not come yet."""

    code = "job.too_early"
    message = "It is too early. You can start from %(earliest)s."


class TooManyRebroadcasts(Refusal):
    """The job has been sent out often enough."""

    code = "job.rebroadcast_limit"
    message = "This job has been sent out as often as is allowed. Assign it by hand or call the customer."


def check(job: Job, action: Action, who: Who) -> State:
    """Return the state after `action`, or refuse.

    Raises:
        NotYours: this kind of actor never does that.
        JobStateConflict: not in this state; `allowed` names what this actor could do now.
    """
    move = TRANSITIONS[action]
    if who not in move.who:
        raise NotYours
    if job.state not in move.sources:
        raise JobStateConflict(state=job.state.word, allowed=", ".join(sorted(permitted(job.state, who))))
    return move.target or job.state


def permitted(state: State, who: Who) -> set[Action]:
    """Return what this kind of actor may do in `state`."""
    return {t.action for t in TRANSITIONS.values() if state in t.sources and who in t.who}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Who and where exactly; only the customer, staff and - while it lasts - the assignee may see it."""

    name: str
    street: str
    phone: str
    email: str
    note: str


def next_timer(job: Job, now: datetime, *, auto_confirm: timedelta) -> tuple[str, datetime] | None:
    """Return kind and moment of the timer that guards a job in its state; None for the search and the end.

    The search has timers of its own. After `auto_confirm` reported work counts as confirmed.
    """
    match job.state:
        case State.DRAFT:
            return "job.draft", now + DRAFT_LIFE
        case State.ASSIGNED:
            return "job.no_show", max(job.window.end, now) + NO_SHOW_GRACE
        case State.UNDER_WAY:
            return "job.overrun", now + timedelta(minutes=job.service.minutes_max * OVERRUN_FACTOR)
        case State.DONE:
            return "job.confirm", now + auto_confirm
        case State.CONFIRMED:
            return "job.settle", now + OBJECTIONS
        case State.ESCALATED:
            return "job.desk", now + DESK_REMINDER
        case State.DISPUTED:
            return "job.dispute", now + DISPUTE_REMINDER
        case State.OPEN | State.SETTLED | State.CANCELLED | State.EXPIRED:  # pragma: no branch -- the rest
            return None


def check_start(job: Job, now: datetime) -> None:
    """Refuse a start long before the window.

    Raises:
        StartTooEarly: with the earliest moment.
    """
    if now < (earliest := job.window.start - START_TOLERANCE):
        raise StartTooEarly(earliest=earliest)


def stretched(window: Window, *, until: datetime, busy: Iterable[Window]) -> datetime:
    """Return a later end for a window: `until`, or the start of the next job in `busy` if that comes first."""
    return max(window.end, min([until, *(other.start for other in busy if other.start >= window.end)]))
