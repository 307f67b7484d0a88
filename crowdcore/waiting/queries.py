"""Reads of the waiting room."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from crowdcore.waiting import models
from crowdcore.waiting.rules import Waiting


async def entry(entry_id: UUID) -> Waiting | None:
    """Return somebody on the list, None once they are forgotten."""
    row = await models.Entry.get_or_none(id=entry_id)
    return None if row is None else Waiting(row.email, row.language, row.region, row.place, row.service_id)


async def counts() -> dict[str, int]:
    """Return how many people wait for each region (ISO 3166-2), the most wanted first."""
    rows = await models.Entry.filter(told_at=None).values_list("region", flat=True)
    return dict(Counter(str(region) for region in rows).most_common())
