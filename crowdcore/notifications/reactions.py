"""Which news people hear about: one line per topic, all through the same verb."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from crowdcore.base.events import JsonValue
from crowdcore.notifications import service
from crowdcore.notifications.rules import LETTERS

Payload = dict[str, JsonValue]


def _telling(topic: str) -> Callable[[Payload], Awaitable[None]]:
    async def tell(payload: Payload) -> None:
        await service.tell(topic=topic, payload=payload)

    return tell


REACTIONS: dict[str, dict[str, Callable[[Payload], Awaitable[None]]]] = {
    **{topic: {"notifications.tell": _telling(topic)} for topic in LETTERS},
    "account.sign_in_requested": {"notifications.sign_in": service.tell_sign_in},
    "waiting.region_opened": {"notifications.waiting": service.tell_waiting},
}
