"""What the accounts room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crowdcore.base.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened(Event):
    """Somebody has an account with this partner now."""

    topic: ClassVar[str] = "account.opened"
    account_id: UUID

    def audience(self) -> tuple[UUID, ...]:
        """The person themself."""
        return (self.account_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRequested(Event):
    """Somebody asked for a sign-in mail; link and code are derived when it is written."""

    topic: ClassVar[str] = "account.sign_in_requested"
    challenge_id: UUID
