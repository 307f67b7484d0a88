"""Which timers make the waiting room do something."""

from __future__ import annotations

from crowdcore.db.timers import Due
from crowdcore.waiting import service


async def _look(due: Due) -> None:
    await service.look(entry_id=due.subject_id)


TIMERS = {service.TIMER: _look}
