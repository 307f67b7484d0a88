"""Which timers make the crowd room do something."""

from __future__ import annotations

from crowdcore.crowd import service
from crowdcore.db.timers import Due


async def _break_ends(due: Due) -> None:
    await service.resume(friend_id=due.subject_id)


TIMERS = {service.BREAK_ENDS: _break_ends}
