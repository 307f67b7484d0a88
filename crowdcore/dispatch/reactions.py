"""Which news of others, and which timers, make the dispatch room do something."""

from __future__ import annotations

from uuid import UUID

from crowdcore.base.events import JsonValue
from crowdcore.dispatch import service


async def _ask_newcomer(payload: dict[str, JsonValue]) -> None:
    await service.ask_newcomer(friend_id=UUID(str(payload["friend_id"])))


REACTIONS = {
    "qualification.granted": {"dispatch.ask_newcomer": _ask_newcomer},
    "friend.resumed": {"dispatch.ask_newcomer": _ask_newcomer},
}

TIMERS = {"dispatch.step": service.run_step}
