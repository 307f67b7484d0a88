"""Pages for Friends: what they earned, month by month, and the same as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base.errors import NotFound
from crowdcore.base.money import Money
from crowdcore.crowd.queries import friend_of
from crowdcore.i18n.translations import mark as _
from crowdcore.ledger import queries
from crowdcore.ledger.queries import Row
from crowdcore.ledger.rules import Entry, Month, MonthUnknown, read_month, sums
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import download as file, page

FRIENDS = frozenset({Role.FRIEND})

LEDGER = "/friend/ledger"

_COLUMNS = (_("Date"), _("Job"), _("Service"), _("Currency"), _("Price"), _("Platform fee"), _("For you"))


async def show_ledger(_request: Request, visit: Visit) -> Response:
    """One month by job, and the other months; the present one unless the address names another."""
    friend = await friend_of(visit.account_id)
    month, rows = await _rows(visit)
    return page(
        visit,
        "ledger/month.html",
        month=month,
        is_present=month == queries.this_month(),
        rows=rows,
        sums=sums(row.line for row in rows),
        older=[(one, total) for one, total in await queries.months(friend.id) if one != month],
        percent=visit.portal.settings.platform_percent,
        invoice_text=visit.portal.settings.invoice_text,
    )


async def download(_request: Request, visit: Visit) -> Response:
    """One month as a table for a spreadsheet: UTF-8 with a mark, because some programs ask for it."""
    month, rows = await _rows(visit)
    table = ("\ufeff" + _table(visit, rows)).encode()
    return file(table, name=f"{month.code}.csv", content_type="text/csv; charset=utf-8")


async def _rows(visit: Visit) -> tuple[Month, list[Row]]:
    """Return the month that the address names, and its lines.

    Raises:
        NotFound: it names none.
    """
    friend = await friend_of(visit.account_id)
    try:
        month = read_month(visit.query["month"]) if "month" in visit.query else queries.this_month()
    except MonthUnknown as error:
        raise NotFound from error
    return month, await queries.rows(friend.id, month)


def _table(visit: Visit, rows: Sequence[Row]) -> str:
    said = visit.translator.gettext
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([said(column) for column in _COLUMNS])
    for row in reversed(rows):
        local = visit.formats.local(row.line.at)
        title = row.job.service.title.in_(visit.language)
        note = f" ({said(_('Correction'))})" if row.line.kind is Entry.ADJUSTED else ""
        amounts = (row.line.price, row.line.fee, row.line.net)
        table.writerow(
            (
                local.date().isoformat(),
                row.job.number,
                f"{title}{note}",
                row.line.price.currency.value,
                *(_plain(amount) for amount in amounts),
            )
        )
    return out.getvalue()


def _plain(amount: Money) -> str:
    """Return an amount as a spreadsheet reads it: ``-12.05``."""
    units, cents = divmod(abs(amount.cents), 100)
    return f"{'-' if amount.cents < 0 else ''}{units}.{cents:02d}"


ROUTES = (
    PageRoute(method="GET", path=LEDGER, handler=show_ledger, roles=FRIENDS),
    PageRoute(method="GET", path=f"{LEDGER}/export", handler=download, roles=FRIENDS),
)
