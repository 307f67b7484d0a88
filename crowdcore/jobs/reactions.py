"""Which timers make the jobs room do something."""

from __future__ import annotations

from crowdcore.db.timers import Due
from crowdcore.jobs import service


async def _draft(due: Due) -> None:
    await service.on_draft_timer(job_id=due.subject_id)


async def _dispute(due: Due) -> None:
    await service.on_reminder_timer(job_id=due.subject_id)


TIMERS = {"job.draft": _draft, "job.dispute": _dispute}
