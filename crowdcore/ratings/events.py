"""What the ratings room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crowdcore.base.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRated(Event):
    """A customer rated a job."""

    topic: ClassVar[str] = "job.rated"
    job_id: UUID
    stars: int
    low: bool
    friend_account_id: UUID | None = None

    def audience(self) -> tuple[UUID, ...]:
        """The Friend who did the work."""
        return (self.friend_account_id,) if self.friend_account_id else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingReplied(Event):
    """The Friend answered a rating."""

    topic: ClassVar[str] = "rating.replied"
    job_id: UUID
    customer_id: UUID

    def audience(self) -> tuple[UUID, ...]:
        """The customer who rated."""
        return (self.customer_id,)
