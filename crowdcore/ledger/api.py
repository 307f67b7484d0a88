"""The ledger room as JSON: what a Friend earned in a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crowdcore.accounts.rules import Role
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import FriendUnknown
from crowdcore.ledger import queries
from crowdcore.ledger.queries import Row
from crowdcore.ledger.rules import Entry, Month, MonthUnknown, Sum, read_month, sums
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, MoneyOut, Output

FRIENDS = frozenset({Role.FRIEND})


class LedgerQuery(Input):
    """Which month."""

    month: Annotated[str, Field(max_length=7, description="`2026-11`; the present month if left out.")] | None = None


class LedgerLine(Output):
    """What one job brought, or how that changed."""

    job_id: UUID
    number: str
    title: str
    kind: Entry
    at: datetime
    price: MoneyOut = Field(description="What was agreed with the customer, who pays it to you.")
    fee: MoneyOut = Field(description="The platform's share, billed at the end of the month.")
    net: MoneyOut


class LedgerSum(Output):
    """A month in one currency."""

    jobs: int
    price: MoneyOut
    fee: MoneyOut
    net: MoneyOut


class LedgerMonth(Output):
    """One month's lines, the newest first, and the months that have any."""

    month: str
    sums: list[LedgerSum]
    lines: list[LedgerLine]
    months: list[str]


@dataclass(frozen=True, slots=True)
class _Found:
    month: Month
    rows: list[Row]
    months: list[str]


async def _read(call: Call) -> _Found:
    friend = await friend_of(call.visit.account_id)
    asked = call.query(LedgerQuery).month
    month = read_month(asked) if asked is not None else queries.this_month()
    return _Found(month, await queries.rows(friend.id, month), [one.code for one, _ in await queries.months(friend.id)])


async def _shown(call: Call, found: _Found) -> LedgerMonth:
    return LedgerMonth(
        month=found.month.code,
        sums=[_sum(one) for one in sums(row.line for row in found.rows)],
        lines=[
            LedgerLine(
                job_id=row.job.id,
                number=row.job.number,
                title=row.job.service.title.in_(call.visit.language),
                kind=row.line.kind,
                at=row.line.at,
                price=MoneyOut.of(row.line.price),
                fee=MoneyOut.of(row.line.fee),
                net=MoneyOut.of(row.line.net),
            )
            for row in found.rows
        ],
        months=found.months,
    )


def _sum(one: Sum) -> LedgerSum:
    return LedgerSum(jobs=one.jobs, price=MoneyOut.of(one.price), fee=MoneyOut.of(one.fee), net=MoneyOut.of(one.net))


ROUTES = (
    ApiRoute(
        method="GET",
        path="/ledger",
        do=_read,
        show=_shown,
        query=LedgerQuery,
        answer=LedgerMonth,
        roles=FRIENDS,
        refusals=(FriendUnknown, MonthUnknown),
        summary="Show what you earned in a month",
    ),
)
