"""The plain model: what a job should look like, in a few fields and without a database.

It is written from the design's table of transitions, not from the code: times are spelled out again here.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from crowdcore.jobs.rules import State, Window
from tests.model.cast import LONG_VALID, Cast, Member

DRAFT_LIFE = timedelta(hours=24)
FALL_BACK = timedelta(minutes=180)
GRACE = timedelta(minutes=30)
AUTO_CONFIRM = timedelta(hours=72)
OBJECTIONS = timedelta(days=14)
RATE_WITHIN = timedelta(days=60)

#: (after, radius in metres, kinds, second call) of the three waves, as both partners' files say.
_NEAR = frozenset({"friend", "internal"})
_ALL = frozenset({"friend", "profi", "internal"})
WAVES = {
    "swisscom": (
        (timedelta(0), 10_000, _NEAR, False),
        (timedelta(seconds=30), 30_000, _NEAR, False),
        (timedelta(minutes=10), 35_000, _ALL, True),
    ),
    "energy": (
        (timedelta(0), 10_000, _ALL, False),
        (timedelta(seconds=30), 30_000, _ALL, False),
        (timedelta(minutes=10), 40_000, _ALL, False),
    ),
}
PREFERRED_WAIT = timedelta(seconds=60)
PUT_OFF = timedelta(seconds=30)
MINUTES = {"swisscom": (45, 90), "energy": (40, 75)}
MOST_RELEASES = 2
MOST_REBROADCASTS = 3

OVER = frozenset({State.SETTLED, State.CANCELLED, State.EXPIRED})
HELD = frozenset({State.ASSIGNED, State.UNDER_WAY})


@dataclass
class PlainCase:
    """A case of support."""

    friend: UUID | None
    id: UUID | None = None
    state: str = "waiting"
    agent: UUID | None = None
    messages: set[str] = field(default_factory=set)

    @property
    def is_closed(self) -> bool:
        return self.state == "closed"


@dataclass
class PlainWave:
    """Who was asked, in which search."""

    id: UUID
    round_no: int
    members: tuple[UUID, ...]


@dataclass
class PlainJob:
    """What a job should look like now."""

    id: UUID
    cast: Cast
    customer: UUID
    guide: int
    quoted_at: datetime
    urgent: bool
    wish: Window | None
    window: Window
    state: State = State.DRAFT
    version: int = 1
    preferred: UUID | None = None
    agreed: int | None = None
    proposal: tuple[int, str] | None = None
    assignee: UUID | None = None
    suspended: UUID | None = None
    done_by: UUID | None = None
    through: dict[UUID, UUID | None] = field(default_factory=dict)
    round_no: int = 1
    releases: int = 0
    rebroadcasts: int = 0
    milestones: list[str] = field(default_factory=list)
    declined: set[UUID] = field(default_factory=set)
    gave_back: set[UUID] = field(default_factory=set)
    waves: list[PlainWave] = field(default_factory=list)
    began: datetime | None = None
    deadline: datetime | None = None
    done_at: datetime | None = None
    confirmed_at: datetime | None = None
    rated: bool = False
    case: PlainCase | None = None

    @property
    def partner(self) -> str:
        return self.cast.partner

    def asked(self) -> set[UUID]:
        """Who was asked in the present search."""
        return {m for w in self.waves if w.round_no == self.round_no for m in w.members}

    def live_offers(self) -> set[UUID]:
        """Who may still say yes."""
        return self.asked() - self.declined if self.state is State.OPEN else set()

    def waves_of(self, member: UUID) -> list[PlainWave]:
        return [w for w in self.waves if member in w.members]

    # What a transition does to the model; `now` is the moment of the change.

    def search(self, now: datetime) -> None:
        self.state, self.began, self.deadline = State.OPEN, now, now + FALL_BACK

    def give(self, member: UUID, now: datetime, wave: UUID | None = None) -> None:
        """The job is this member's now."""
        if member != self.suspended:
            self.agreed = None
        self.state, self.assignee, self.suspended = State.ASSIGNED, member, None
        self.through[member] = wave
        self.milestones = []
        self.deadline = max(self.window.end, now) + GRACE

    def has_won(self, member: UUID, wave: UUID) -> bool:
        """Whether a member holds, or finished, the job because of this wave."""
        return member in {self.assignee, self.done_by} and self.through.get(member) == wave

    def take(self, *, keep: bool = False) -> None:
        """The member no longer has it."""
        if self.assignee is not None:
            self.gave_back.add(self.assignee)
        self.suspended = self.assignee if keep else None
        self.assignee = self.proposal = None

    def search_again(self, now: datetime) -> None:
        self.agreed, self.milestones = None, []
        self.round_no += 1
        self.search(now)

    def hand_up(self, *, keep: bool = False) -> None:
        """Support has it now, with a case of its own."""
        self.take(keep=keep)
        self.state, self.deadline = State.ESCALATED, None
        self.case = PlainCase(self.suspended)

    def end_case(self) -> None:
        if self.case is not None:
            self.case.state = "closed"

    def confirm(self, now: datetime) -> None:
        self.take()
        self.state, self.confirmed_at = State.CONFIRMED, now
        self.deadline = now + OBJECTIONS

    def end(self, state: State) -> None:
        self.state, self.deadline = state, None


@dataclass
class PlainMember:
    """What a member should look like now."""

    facts: Member
    valid_until: datetime | None
    active: bool = True
    done: int = 0
    stars: int = 0

    def is_qualified(self, now: datetime) -> bool:
        return self.valid_until is not None and now < self.valid_until


@dataclass
class Plain:
    """Everything the model knows."""

    jobs: list[PlainJob] = field(default_factory=list)
    members: dict[UUID, PlainMember] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    looks: int = 0
    mended_at: datetime | None = None

    @classmethod
    def of(cls, casts, now: datetime) -> "Plain":
        return cls(
            members={
                m.id: PlainMember(m, now + LONG_VALID if m.qualified else None)
                for c in casts.values()
                for m in c.members
            }
        )

    def of_partner(self, partner: str) -> list[PlainJob]:
        return [job for job in self.jobs if job.partner == partner]

    def count_done(self, job: PlainJob) -> None:
        if job.done_by is not None:
            self.members[job.done_by].done += 1

    def busy(self, member: UUID, but: PlainJob) -> bool:
        """Whether a member has another job in the window of this one."""
        return any(
            job.assignee == member and job.state in HELD and job is not but and job.window.overlaps(but.window)
            for job in self.jobs
        )

    def exclusion(self, job: PlainJob, member_id: UUID, now: datetime) -> str | None:
        """Why a member may not have a job, wherever they live; the code of the refusal."""
        member = self.members[member_id]
        if not member.active or member.facts.account_id == job.customer:
            return "offer.not_eligible"
        if not member.is_qualified(now):
            return "qualification.expired"
        if self.busy(member_id, job):
            return "offer.overlap"
        return None

    def in_reach(self, job: PlainJob, step: int) -> set[UUID]:
        """Who lives near enough, and is of the right kind, for a wave; the preferred Friend for theirs."""
        first = 0 if job.preferred is None or job.round_no > 1 else 1
        if step < first:
            return {job.preferred} if job.preferred else set()
        _, radius_m, kinds, _ = WAVES[job.partner][step - first]
        return {m.id for m in job.cast.members if m.kind in kinds and m.distance_m <= min(radius_m, m.radius_m)}

    def heal(self, now: datetime) -> None:
        if "friend_eligibility" in self.broken:
            self.mended_at = now
        self.broken.clear()

    def steps_due(self, job: PlainJob, now: datetime) -> int:
        """How many waves must have gone out by now; those whose rules could not be asked are put off."""
        if "friend_eligibility" in self.broken or (self.mended_at and now < self.mended_at + PUT_OFF):
            return 0
        asks_preferred = job.preferred is not None and job.round_no == 1
        shift = PREFERRED_WAIT if asks_preferred else timedelta(0)
        due = sum(job.began + after + shift <= now for after, *_ in WAVES[job.partner])
        return due + asks_preferred
