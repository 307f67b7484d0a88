"""Reads of the completion room."""

from __future__ import annotations

from uuid import UUID

from crowdcore.completion import models


async def report(job_id: UUID) -> str | None:
    """Return what the Friend wrote when the work was done, the latest if there are several."""
    row = await models.Report.filter(job_id=job_id).order_by("-at").first()
    return row.text if row else None


async def ticked(job_id: UUID, friend_id: UUID) -> frozenset[int]:
    """Return the steps of a job that a member has ticked off, counted from 0."""
    rows = await models.Tick.filter(job_id=job_id, friend_id=friend_id)
    return frozenset(row.step for row in rows)
