"""Which news of others, and which timers, make the escalation room do something."""

from __future__ import annotations

from uuid import UUID

from crowdcore.base.events import JsonValue
from crowdcore.db.timers import Due
from crowdcore.escalation import service
from crowdcore.jobs.rules import Action

Payload = dict[str, JsonValue]


async def _deliver(payload: Payload) -> None:
    await service.deliver(case_id=UUID(str(payload["case_id"])))


async def _close_cancelled(payload: Payload) -> None:
    await service.close_cancelled(job_id=UUID(str(payload["job_id"])))


async def _fallback(due: Due) -> None:
    await service.on_job_timer(due, action=Action.FALL_BACK)


async def _no_show(due: Due) -> None:
    await service.on_job_timer(due, action=Action.NO_SHOW)


async def _overrun(due: Due) -> None:
    await service.on_job_timer(due, action=Action.OVERRUN)


async def _desk(due: Due) -> None:
    await service.on_desk_timer(job_id=due.subject_id)


REACTIONS = {
    "escalation.opened": {"escalation.deliver": _deliver},
    "job.cancelled": {"escalation.close_cancelled": _close_cancelled},
}

TIMERS = {"job.fallback": _fallback, "job.no_show": _no_show, "job.overrun": _overrun, "job.desk": _desk}
