"""What the exams room announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crowdcore.base.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamPassed(Event):
    """Somebody passed; the skill was granted in the same breath.

    Args:
        attempt_id: the attempt.
        exam_id: the exam, as the partner's files name it.
        friend_id: who took it.
        account_id: their account.
        timed_out: the time ran out before it was handed in.
        valid_until: how long the pass counts.
    """

    topic: ClassVar[str] = "exam.passed"
    attempt_id: UUID
    exam_id: str
    friend_id: UUID
    account_id: UUID
    timed_out: bool
    valid_until: datetime

    def audience(self) -> tuple[UUID, ...]:
        """The Friend who took it."""
        return (self.account_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamFailed(Event):
    """Somebody did not pass; fields as in `ExamPassed`."""

    topic: ClassVar[str] = "exam.failed"
    attempt_id: UUID
    exam_id: str
    friend_id: UUID
    account_id: UUID
    timed_out: bool

    def audience(self) -> tuple[UUID, ...]:
        """The Friend who took it."""
        return (self.account_id,)
