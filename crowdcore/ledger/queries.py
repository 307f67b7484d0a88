"""Reads of the ledger room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from crowdcore.base import clock
from crowdcore.base.money import Currency, Money
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job
from crowdcore.ledger import models
from crowdcore.ledger.rules import Entry, Line, Month, Sum, month_of, sums
from crowdcore.partners.queries import portal


@dataclass(frozen=True, slots=True)
class Row:
    """A line with the job it is about."""

    line: Line
    job: Job


async def lines(friend_id: UUID, *, month: Month | None = None, since: datetime | None = None) -> list[Line]:
    """Return a member's lines, the newest first: all, those of one month, or those since a moment."""
    rows = models.Line.filter(friend_id=friend_id)
    if month is not None:
        begin, end = month.bounds(_zone())
        rows = rows.filter(at__gte=begin, at__lt=end)
    if since is not None:
        rows = rows.filter(at__gte=since)
    return [_facts(row) for row in await rows.order_by("-at", "-entry", "id")]


async def lines_of_job(job_id: UUID) -> list[Line]:
    """Return a job's lines, the oldest first."""
    return [_facts(row) for row in await models.Line.filter(job_id=job_id).order_by("entry")]


async def rows(friend_id: UUID, month: Month) -> list[Row]:
    """Return a member's lines of one month with their jobs, the newest first."""
    found = await lines(friend_id, month=month)
    known = await jobs.jobs_by_id({line.job_id for line in found})
    return [Row(line, known[line.job_id]) for line in found]


async def months(friend_id: UUID) -> list[tuple[Month, tuple[Sum, ...]]]:
    """Return every month with lines and what it brought, the newest first."""
    zone = _zone()
    found: dict[Month, list[Line]] = {}
    for line in await lines(friend_id):
        found.setdefault(month_of(line.at, zone), []).append(line)
    return [(month, sums(found[month])) for month in sorted(found, reverse=True)]


async def earned_since(friend_id: UUID, since: datetime) -> tuple[Sum, ...]:
    """Return what a member earned since a moment, per currency."""
    return sums(await lines(friend_id, since=since))


def this_month() -> Month:
    """Return the present month where the partner is."""
    return month_of(clock.now(), _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(portal().settings.time_zone)


def _facts(row: models.Line) -> Line:
    currency = Currency(row.currency)
    return Line(
        row.job_id,
        Entry(row.kind),
        Money(row.price_cents, currency),
        Money(row.fee_cents, currency),
        Decimal(row.percent),
        row.at,
    )
