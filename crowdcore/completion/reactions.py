"""Which timers make the completion room do something."""

from __future__ import annotations

from crowdcore.completion import service
from crowdcore.db.timers import Due
from crowdcore.jobs.rules import Who


async def _confirm(due: Due) -> None:
    await service.confirm(job_id=due.subject_id, who=Who.TIMER)


async def _settle(due: Due) -> None:
    await service.on_settle_timer(job_id=due.subject_id)


TIMERS = {"job.confirm": _confirm, "job.settle": _settle}
