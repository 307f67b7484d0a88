"""Which timers the exams room answers."""

from __future__ import annotations

from crowdcore.db.timers import Due
from crowdcore.exams import service


async def deadline(due: Due) -> None:
    """The time of an attempt is over."""
    await service.time_out(attempt_id=due.subject_id)


TIMERS = {service.DEADLINE: deadline}
