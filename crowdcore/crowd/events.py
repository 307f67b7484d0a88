"""What the crowd room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crowdcore.base.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendEvent(Event):
    """Something about one member."""

    topic: ClassVar[str] = "friend.changed"
    friend_id: UUID
    account_id: UUID

    def audience(self) -> tuple[UUID, ...]:
        """The member."""
        return (self.account_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendJoined(FriendEvent):
    """Somebody joined the crowd."""

    topic: ClassVar[str] = "friend.joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendChanged(FriendEvent):
    """A profile was changed: where, how far, when, which languages or licences."""

    topic: ClassVar[str] = "friend.profile_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendPaused(FriendEvent):
    """Somebody wants no offers for a while."""

    topic: ClassVar[str] = "friend.paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendResumed(FriendEvent):
    """Somebody wants offers again."""

    topic: ClassVar[str] = "friend.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendSuspended(FriendEvent):
    """Staff have stopped somebody's offers."""

    topic: ClassVar[str] = "friend.suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendReinstated(FriendEvent):
    """Staff have ended a suspension."""

    topic: ClassVar[str] = "friend.reinstated"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationGranted(FriendEvent):
    """Somebody may do a kind of work now."""

    topic: ClassVar[str] = "qualification.granted"
    skill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationRevoked(FriendEvent):
    """Somebody may no longer do a kind of work."""

    topic: ClassVar[str] = "qualification.revoked"
    skill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdImported(Event):
    """A partner brought many members along at once; there is no `FriendJoined` for each of them."""

    topic: ClassVar[str] = "crowd.imported"
    count: int
    friend_ids: tuple[str, ...]
