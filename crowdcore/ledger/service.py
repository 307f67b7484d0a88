"""Verb of the ledger room: the only writer of its lines."""

from __future__ import annotations

from uuid import UUID

from crowdcore.base import clock
from crowdcore.crowd import queries as crowd
from crowdcore.db.transaction import unit_of_work
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.ledger import models, queries
from crowdcore.ledger.rules import EARNS, Line, next_line
from crowdcore.partners.queries import portal


@unit_of_work
async def settle(*, job_id: UUID) -> Line | None:
    """Bring the ledger in step with a job; doing it twice writes nothing the second time.

    Raises:
        NotFound: no such job.
    """
    await jobs_service.lock(job_ids=[job_id])
    job = await jobs.job(job_id)
    if job.done_by_id is None or (await crowd.friend(job.done_by_id)).kind not in EARNS:
        return None
    known = await queries.lines_of_job(job_id)
    line = next_line(job, known, percent=portal().settings.platform_percent, now=clock.now())
    if line is None:
        return None
    await models.Line.create(
        friend_id=job.done_by_id,
        job_id=job_id,
        entry=len(known),
        kind=line.kind,
        price_cents=line.price.cents,
        fee_cents=line.fee.cents,
        currency=line.price.currency,
        percent=str(line.percent),
        at=line.at,
    )
    return line
