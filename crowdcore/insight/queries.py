"""Reads of the insight room: requests of a period with their waits, in SQL that both databases answer alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from crowdcore.base import clock
from crowdcore.db import sql
from crowdcore.db.scope import current_partner
from crowdcore.exams.queries import GRADE
from crowdcore.exams.rules import State as Attempt
from crowdcore.insight.rules import (
    Curve,
    Daypart,
    ExamFigure,
    Figure,
    Record,
    Sheet,
    curve,
    daypart,
    exam_figure,
    figure,
    grouped,
    wait_of,
)
from crowdcore.jobs.rules import Action, State
from crowdcore.partners.queries import portal

_REQUESTS = """
SELECT j.region, j.service_id, j.state, j.opened_at, t.stars, t.book_again,
  (SELECT MIN(w.sent_at) FROM dispatch_wave w
    WHERE w.partner_id = j.partner_id AND w.job_id = j.id) AS asked_at,
  (SELECT MIN(a.assigned_at) FROM jobs_assignment a
    WHERE a.partner_id = j.partner_id AND a.job_id = j.id AND a.how = ?) AS accepted_at,
  CASE WHEN j.state = ? THEN (SELECT MAX(r.at) FROM audit_record r
    WHERE r.partner_id = j.partner_id AND r.object_kind = 'job' AND r.object_id = j.id AND r.action = ?)
  END AS cancelled_at,
  (SELECT COUNT(*) FROM escalation_case c
    WHERE c.partner_id = j.partner_id AND c.job_id = j.id) AS cases
FROM jobs_job j
LEFT JOIN ratings_rating t ON t.partner_id = j.partner_id AND t.job_id = j.id
WHERE j.partner_id = ? AND j.opened_at >= ? AND j.opened_at < ? AND (j.region = ? OR ? = '')
ORDER BY j.opened_at, j.id
"""

_EXAMS = """
SELECT a.exam_id, COUNT(*) AS taken, SUM(CASE WHEN a.passed THEN 1 ELSE 0 END) AS passed,
  SUM(a.score) AS score, SUM(a.max_score) AS most
FROM exams_attempt a WHERE a.partner_id = ? AND a.state = ? GROUP BY a.exam_id ORDER BY a.exam_id
"""
_SHEETS = """
SELECT a.paper, a.result FROM exams_attempt a
WHERE a.partner_id = ? AND a.exam_id = ? AND a.state = ? ORDER BY a.graded_at DESC, a.id LIMIT ?
"""

MOST_SHEETS = 1000
"""So many of the latest attempts are enough to see which question is hard."""

_DONE = frozenset({State.DONE, State.CONFIRMED, State.SETTLED})


class Period(StrEnum):
    """Which requests are looked at."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"


_DAYS = {Period.WEEK: 7, Period.MONTH: 28}


def span(period: Period) -> tuple[datetime, datetime]:
    """Return begin and end of a period in UTC; today begins at midnight of the portal's zone."""
    now = clock.now()
    if period is Period.TODAY:
        return now.astimezone(zone()).replace(hour=0, minute=0, second=0, microsecond=0), now
    return now - timedelta(days=_DAYS[period]), now


async def records(*, since: datetime, until: datetime, region: str = "") -> list[Record]:
    """Return every request that was sent out in a period, the oldest first.

    Args:
        since: begin, included.
        until: end, not included.
        region: ISO 3166-2, or empty for all.
    """
    found = await sql.rows(
        _REQUESTS, Action.ACCEPT.value, State.CANCELLED.value, Action.CANCEL.value,
        current_partner(), since, until, region, region,
    )  # fmt: skip
    local = zone()
    return [_record(row, until, local) for row in found]


async def acceptance(*, since: datetime, until: datetime, region: str = "") -> Curve:
    """Return the acceptance curve of a period."""
    return curve(one.wait for one in await records(since=since, until=until, region=region))


async def by_region(*, since: datetime, until: datetime) -> tuple[Figure, ...]:
    """Return one figure for each region with requests."""
    return grouped(await records(since=since, until=until), lambda one: one.region)


def figures(found: Sequence[Record]) -> dict[str, tuple[Figure, ...]]:
    """Return the figures of these requests: ``all``, and by ``region``, ``service`` and ``daypart``."""
    order = list(Daypart)
    parts = grouped(found, lambda one: one.part.value)
    return {
        "all": (figure("", found),),
        "region": grouped(found, lambda one: one.region),
        "service": grouped(found, lambda one: one.service),
        "daypart": tuple(sorted(parts, key=lambda one: order.index(Daypart(one.key)))),
    }


@dataclass(frozen=True, slots=True)
class ExamSum:
    """Graded attempts at one exam: how many, how many passed, and the share of the points reached."""

    taken: int
    passed: int
    score: float


async def exams() -> dict[str, ExamSum]:
    """Return how each exam goes, by exam id; without those nobody has taken."""
    found = await sql.rows(_EXAMS, current_partner(), Attempt.GRADED.value)
    return {
        row["exam_id"]: ExamSum(row["taken"], int(row["passed"]), float(row["score"]) / (float(row["most"]) or 1))
        for row in found
    }


async def exam(exam_id: str) -> ExamFigure:
    """Return how the latest attempts at one exam went, by topic and question."""
    found = await sql.rows(_SHEETS, current_partner(), exam_id, Attempt.GRADED.value, MOST_SHEETS)
    return exam_figure([_sheet(row) for row in found])


def _sheet(row: dict[str, Any]) -> Sheet:
    paper, result = (_json(row[name]) for name in ("paper", "result"))
    return Sheet(tuple(item["question_id"] for item in paper["items"]), GRADE.validate_python(result))


def _json(value: Any) -> Any:  # noqa: ANN401 -- text on SQLite, read already on PostgreSQL
    return json.loads(value) if isinstance(value, str) else value


def zone() -> ZoneInfo:
    """Return the zone in which the portal's days begin."""
    return ZoneInfo(portal().settings.time_zone)


def _record(row: dict[str, Any], until: datetime, local: ZoneInfo) -> Record:
    state, opened_at = State(row["state"]), _moment(row["opened_at"])
    assert opened_at is not None  # noqa: S101 -- the query asks for it
    asked_at = _moment(row["asked_at"]) or opened_at
    left_at = until if state is State.OPEN else _moment(row["cancelled_at"])
    return Record(
        region=row["region"],
        service=row["service_id"],
        part=daypart(opened_at.astimezone(local)),
        wait=wait_of(asked_at=asked_at, accepted_at=_moment(row["accepted_at"]), left_at=left_at),
        is_done=state in _DONE,
        is_cancelled=state is State.CANCELLED,
        cases=row["cases"],
        stars=row["stars"],
        again=None if row["book_again"] is None else bool(row["book_again"]),
    )


def _moment(value: datetime | str | None) -> datetime | None:
    """Return a moment as the database gives it: text on SQLite."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
