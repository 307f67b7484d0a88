"""Which events make the ledger room do something."""

from __future__ import annotations

from uuid import UUID

from crowdcore.base.events import JsonValue
from crowdcore.ledger import service


async def _settle(event: dict[str, JsonValue]) -> None:
    await service.settle(job_id=UUID(str(event["job_id"])))


REACTIONS = {
    "job.confirmed": {"ledger.settle": _settle},
    "job.cancelled": {"ledger.settle": _settle},
}
