"""Which news of others, and which timers, make the dispatch room do something."""

from __future__ import annotations

from uuid import UUID

from crowdcore.base.events import JsonValue
from crowdcore.dispatch import service


async def _ask_newcomer(payload: dict[str, JsonValue]) -> None:
    await service.ask_newcomers(friend_ids=[UUID(str(payload["friend_id"]))])


async def _ask_newcomers(payload: dict[str, JsonValue]) -> None:
    ids = payload["friend_ids"]
    await service.ask_newcomers(friend_ids=[UUID(str(one)) for one in ids] if isinstance(ids, list) else [])


REACTIONS = {
    "qualification.granted": {"dispatch.ask_newcomer": _ask_newcomer},
    "friend.resumed": {"dispatch.ask_newcomer": _ask_newcomer},
    "crowd.imported": {"dispatch.ask_newcomers": _ask_newcomers},
}

TIMERS = {"dispatch.step": service.run_step}
