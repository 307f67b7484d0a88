"""What the dispatch room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crowdcore.base.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveSent(Event):
    """Members were asked; `friend_accounts` are their accounts."""

    topic: ClassVar[str] = "dispatch.wave_sent"
    wave_id: UUID
    job_id: UUID
    asked: int
    friend_accounts: tuple[str, ...]

    def audience(self) -> tuple[UUID, ...]:
        """Everybody who was asked."""
        return tuple(UUID(account) for account in self.friend_accounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchProgress(Event):
    """For the customer: how far the search has got."""

    topic: ClassVar[str] = "dispatch.progress"
    job_id: UUID
    customer_id: UUID
    asked: int
    radius_m: int

    def audience(self) -> tuple[UUID, ...]:
        """The customer."""
        return (self.customer_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWasDeclined(Event):
    """A member said no to an offer."""

    topic: ClassVar[str] = "dispatch.declined"
    job_id: UUID
    friend_id: UUID
