"""What the escalation room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crowdcore.base.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent(Event):
    """Something about one case."""

    topic: ClassVar[str] = "escalation.changed"
    case_id: UUID
    job_id: UUID
    customer_id: UUID
    friend_account_id: UUID | None = None

    def audience(self) -> tuple[UUID, ...]:
        """The customer, and the Friend who handed over."""
        return tuple(a for a in (self.customer_id, self.friend_account_id) if a is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(CaseEvent):
    """The partner's support has a new case."""

    topic: ClassVar[str] = "escalation.opened"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAnswered(CaseEvent):
    """Support answered."""

    topic: ClassVar[str] = "escalation.answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTakenOver(CaseEvent):
    """Support works on it itself."""

    topic: ClassVar[str] = "escalation.taken_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(CaseEvent):
    """The case ended; `outcome` says how."""

    topic: ClassVar[str] = "escalation.closed"
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOverdue(CaseEvent):
    """Support has not answered within the promised time."""

    topic: ClassVar[str] = "escalation.overdue"
