"""What a job brings its Friend: price, the platform's share, what is left; and sums by month."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from crowdcore.base.errors import Refusal
from crowdcore.base.money import CASH_STEP, Currency, Money
from crowdcore.crowd.rules import Kind
from crowdcore.jobs.rules import Job, State

EARNS = frozenset({Kind.FRIEND, Kind.PROFI})
"""Members who are paid by the customer; internal staff have a salary."""

_COUNTS = frozenset({State.CONFIRMED, State.SETTLED})
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2000, 2199


class Entry(StrEnum):
    """What a line says."""

    EARNED = "earned"
    ADJUSTED = "adjusted"


@dataclass(frozen=True, slots=True)
class Line:
    """What one job brought, or how that changed.

    Args:
        job_id: the job.
        kind: the first line of a job, or a later correction.
        price: what was agreed with the customer; negative when it is taken back.
        fee: the platform's share of it.
        percent: from which the fee was worked out.
        at: when the job was confirmed, or the correction made.
    """

    job_id: UUID
    kind: Entry
    price: Money
    fee: Money
    percent: Decimal
    at: datetime

    @property
    def net(self) -> Money:
        """What is left for the Friend."""
        return self.price - self.fee


@dataclass(frozen=True, slots=True)
class Sum:
    """Many lines in one currency.

    Args:
        jobs: how many jobs they are about.
        price: sum of what was agreed.
        fee: sum of the platform's shares.
    """

    jobs: int
    price: Money
    fee: Money

    @property
    def net(self) -> Money:
        """What is left for the Friend."""
        return self.price - self.fee


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    month: int

    @property
    def code(self) -> str:
        """Return it as addresses write it, ``2026-11``."""
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first(self) -> date:
        """Return its first day."""
        return date(self.year, self.month, 1)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return its first moment and the first moment after it, in UTC."""
        following = Month(self.year + self.month // 12, self.month % 12 + 1)
        return self._begin(zone), following._begin(zone)

    def _begin(self, zone: ZoneInfo) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=zone).astimezone(UTC)


class MonthUnknown(Refusal):
    """Not a month."""

    code = "ledger.month"
    status = 422
    message = "Give the month as year and month, for example 2026-11."


def fee(amount: Money, percent: Decimal) -> Money:
    """Return the platform's share of an amount, rounded half up to what can be paid (5 Rappen in CHF)."""
    step = CASH_STEP[amount.currency]
    steps = (Decimal(amount.cents) * percent / 100 / step).to_integral_value(ROUND_HALF_UP)
    return Money(int(steps) * step, amount.currency)


def net(amount: Money, percent: Decimal) -> Money:
    """Return what is left of an amount for the Friend."""
    return amount - fee(amount, percent)


def owed(job: Job) -> Money:
    """Return what a job is worth as it stands: its price once it is confirmed, nothing if it was withdrawn.

    While an objection is open the job keeps its price: what counts is how it ends.
    """
    if job.state in _COUNTS or (job.state is State.DISPUTED and job.confirmed_at is not None):
        return job.price
    return Money(0, job.price.currency)


def next_line(job: Job, known: Iterable[Line], *, percent: Decimal, now: datetime) -> Line | None:
    """Return the line that brings the ledger in step with a job, None if it is.

    Args:
        job: as it stands.
        known: its lines so far, the oldest first.
        percent: the platform's share today; a job keeps the share of its first line.
        now: the moment of a correction.
    """
    lines, price = list(known), owed(job)
    if not lines:
        return (
            Line(job.id, Entry.EARNED, price, fee(price, percent), percent, job.confirmed_at or now)
            if price.cents
            else None
        )
    rate = lines[0].percent
    booked = Money(sum(line.price.cents for line in lines), price.currency)
    charged = Money(sum(line.fee.cents for line in lines), price.currency)
    if booked == price:
        return None
    return Line(job.id, Entry.ADJUSTED, price - booked, fee(price, rate) - charged, rate, now)


def sums(lines: Iterable[Line]) -> tuple[Sum, ...]:
    """Return one sum per currency, in the order of their names."""
    found: dict[Currency, list[Line]] = {}
    for line in lines:
        found.setdefault(line.price.currency, []).append(line)
    return tuple(
        Sum(
            len({line.job_id for line in found[currency]}),
            Money(sum(line.price.cents for line in found[currency]), currency),
            Money(sum(line.fee.cents for line in found[currency]), currency),
        )
        for currency in sorted(found)
    )


def month_of(moment: datetime, zone: ZoneInfo) -> Month:
    """Return the month a moment falls into where the partner is."""
    local = moment.astimezone(zone)
    return Month(local.year, local.month)


def read_month(text: str) -> Month:
    """Return the month that an address names.

    Raises:
        MonthUnknown: it names none.
    """
    found = _MONTH.fullmatch(text)
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        raise MonthUnknown
    return Month(int(found[1]), int(found[2]))
