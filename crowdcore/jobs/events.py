"""What the jobs room announces; ids and words of the state machine only, never personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crowdcore.base.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent(Event):
    """Something about one job.

    Args:
        job_id: the job.
        state: where it stands now.
        version: its version after the change.
        customer_id: the customer's account.
        friend_id: the Friend concerned, if any.
        friend_account_id: that Friend's account.
        reason: why, in a word or a sentence of whoever acted.
    """

    topic: ClassVar[str] = "job.changed"
    job_id: UUID
    state: str
    version: int
    customer_id: UUID
    friend_id: UUID | None = None
    friend_account_id: UUID | None = None
    reason: str = ""

    def audience(self) -> tuple[UUID, ...]:
        """The customer and the Friend concerned."""
        return tuple(a for a in (self.customer_id, self.friend_account_id) if a is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOpened(JobEvent):
    """A job was booked and the search begins."""

    topic: ClassVar[str] = "job.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyYet(JobEvent):
    """An hour (or what the partner chose) has passed and nobody accepted."""

    topic: ClassVar[str] = "job.nobody_yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAssigned(JobEvent):
    """A Friend has the job now."""

    topic: ClassVar[str] = "job.assigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReleased(JobEvent):
    """A Friend gave the job back and the search begins again."""

    topic: ClassVar[str] = "job.released"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReopened(JobEvent):
    """Support sent the job out again."""

    topic: ClassVar[str] = "job.reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneReached(JobEvent):
    """A step between accept and start; `reason` names it."""

    topic: ClassVar[str] = "job.milestone"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStarted(JobEvent):
    """The Friend is at work."""

    topic: ClassVar[str] = "job.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDone(JobEvent):
    """The work was reported done and waits for the customer's word."""

    topic: ClassVar[str] = "job.done"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobConfirmed(JobEvent):
    """The customer, or time, says it is done."""

    topic: ClassVar[str] = "job.confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDisputed(JobEvent):
    """The customer objects."""

    topic: ClassVar[str] = "job.disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSettled(JobEvent):
    """Nothing is open any more."""

    topic: ClassVar[str] = "job.settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCancelled(JobEvent):
    """The job will not be done."""

    topic: ClassVar[str] = "job.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobExpired(JobEvent):
    """A draft nobody submitted is gone."""

    topic: ClassVar[str] = "job.expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEscalated(JobEvent):
    """The partner's support has the job now."""

    topic: ClassVar[str] = "job.escalated"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceProposed(JobEvent):
    """One side proposes a price; `reason` says why."""

    topic: ClassVar[str] = "job.price_proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAgreed(JobEvent):
    """Both sides agreed on a price."""

    topic: ClassVar[str] = "job.price_agreed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceDeclined(JobEvent):
    """The other side keeps the price as it was."""

    topic: ClassVar[str] = "job.price_declined"
