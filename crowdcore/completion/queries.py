"""Reads of the completion room."""

from __future__ import annotations

from uuid import UUID

from crowdcore.completion import models


async def report(job_id: UUID) -> str | None:
    """Return what the Friend wrote when the work was done, the latest if there are several."""
    row = await models.Report.filter(job_id=job_id).order_by("-at").first()
    return row.text if row else None
