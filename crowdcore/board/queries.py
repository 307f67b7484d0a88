"""Reads of the board room: all open jobs and what needs somebody, in SQL that both databases answer alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crowdcore.base import clock
from crowdcore.base.text import Language
from crowdcore.board.rules import ON_BOARD, Card, Kind, Limits, Need, by_urgency, is_late, needs_of_cards
from crowdcore.bookings.rules import CALL_BACK
from crowdcore.db import outbox, sql
from crowdcore.db.scope import current_partner
from crowdcore.escalation import queries as escalation
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Action, State
from crowdcore.partners.queries import portal
from crowdcore.ratings.rules import LOW_STARS

_CARDS = f"""
SELECT j.id, j.number, j.service_id, j.service, j.locality, j.state, j.milestones, j.urgent, j.opened_at,
  j.window_start, c.due_at, c.opened_at AS handed_at,
  (SELECT MIN(w.sent_at) FROM dispatch_wave w
    WHERE w.partner_id = j.partner_id AND w.job_id = j.id AND w.round_no = j.round_no) AS asked_at,
  (SELECT MAX(a.assigned_at) FROM jobs_assignment a
    WHERE a.partner_id = j.partner_id AND a.job_id = j.id AND a.ended_at IS NULL) AS assigned_at,
  CASE WHEN j.state = ? THEN (SELECT MAX(r.at) FROM audit_record r
    WHERE r.partner_id = j.partner_id AND r.object_kind = 'job' AND r.object_id = j.id AND r.action = ?)
  END AS disputed_at
FROM jobs_job j
LEFT JOIN escalation_case c ON c.partner_id = j.partner_id AND c.job_id = j.id AND c.state <> 'closed'
WHERE j.partner_id = ? AND j.state IN ({", ".join("?" for _ in ON_BOARD)}) AND (j.region = ? OR ? = '')
ORDER BY j.opened_at, j.id
"""  # noqa: S608 -- placeholders only

_LOW_RATINGS = """
SELECT t.job_id, t.stars, t.at, j.number, j.service, j.locality FROM ratings_rating t
JOIN jobs_job j ON j.partner_id = t.partner_id AND j.id = t.job_id
WHERE t.partner_id = ? AND t.at >= ? AND t.stars <= ? AND (j.region = ? OR ? = '')
ORDER BY t.at, t.id
"""

CALL_BACK_WITHIN = timedelta(days=1)
"""How long after a low rating a call back helps; the board reminds for so long."""

MOST_CASES = 100
MOST_DRAFTS = 500


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that is open.

    Args:
        cards: open jobs.
        needs: what needs somebody, the most urgent first.
        limits: when the partner's patience ends.
    """

    cards: tuple[Card, ...]
    needs: tuple[Need, ...]
    limits: Limits


async def board(*, language: Language, region: str = "", may_retry: bool = False) -> Board:
    """Return the open jobs and what needs somebody.

    Args:
        language: of the reader.
        region: ISO 3166-2, or empty for all.
        may_retry: the reader may put what could not be delivered back to work, and hears of it.
    """
    now = clock.now()
    policy = portal().settings.dispatch
    limits = Limits(policy.notice_at, policy.fallback_at)
    cards = await _cards(language, region)
    needs = [
        *needs_of_cards(cards, now, limits),
        *await _cases(language, region, now),
        *await _calls(language, region),
        *await _ratings(language, region, now),
        *(await _failed(now) if may_retry else ()),
    ]
    return Board(tuple(cards), tuple(by_urgency(needs, now)), limits)


def late(found: Board) -> frozenset[UUID]:
    """Return the jobs on the board that somebody should look at."""
    now = clock.now()
    return frozenset(card.id for card in found.cards if is_late(card, now, found.limits))


async def _cards(language: Language, region: str) -> list[Card]:
    states = sorted(state.value for state in ON_BOARD)
    rows = await sql.rows(
        _CARDS, State.DISPUTED.value, Action.DISPUTE.value, current_partner(), *states, region, region
    )
    return [_card(row, language) for row in rows]


def _card(row: Mapping[str, Any], language: Language) -> Card:
    state, opened_at = State(row["state"]), _moment(row["opened_at"])
    since = {
        State.OPEN: row["asked_at"],
        State.ESCALATED: row["handed_at"],
        State.DISPUTED: row["disputed_at"],
    }.get(state, row["assigned_at"])
    return Card(
        id=UUID(str(row["id"])),
        number=row["number"],
        service=row["service_id"],
        title=_title(row["service"], language),
        locality=row["locality"],
        state=state,
        milestones=frozenset(_json(row["milestones"])),
        opened_at=opened_at,
        starts_at=_moment(row["window_start"]),
        is_urgent=bool(row["urgent"]) and "appointment" not in _json(row["milestones"]),
        since=_moment(since) if since else opened_at,
        due_at=_moment(row["due_at"]) if row["due_at"] else None,
    )


async def _cases(language: Language, region: str, now: datetime) -> list[Need]:
    found = await escalation.inbox(limit=MOST_CASES)
    known = await jobs.jobs_by_id({case.job_id for case in found})
    return [
        Need(
            kind=Kind.CASE,
            due_at=case.due_at,
            since=case.opened_at,
            number=job.number,
            title=job.service.title.in_(language),
            locality=job.place.locality,
            path=f"/console/cases/{case.id}",
            reason=case.reason,
            is_taken=case.taken_by is not None,
        )
        for case in found
        if (job := known[case.job_id]).place.region == region or not region
        if case.taken_by is None or case.due_at <= now
    ]


async def _calls(language: Language, region: str) -> list[Need]:
    """Return the drafts of customers who wait for a call."""
    reply_within = portal().settings.support.reply_within
    return [
        Need(
            kind=Kind.CALL,
            due_at=job.created_at + reply_within,
            since=job.created_at,
            number=job.number,
            title=job.service.title.in_(language),
            locality=job.place.locality,
            path=f"/console/jobs/{job.id}",
        )
        for job in await jobs.jobs(states=[State.DRAFT], limit=MOST_DRAFTS)
        if job.channel == CALL_BACK and region in {"", job.place.region}
    ]


async def _ratings(language: Language, region: str, now: datetime) -> list[Need]:
    rows = await sql.rows(_LOW_RATINGS, current_partner(), now - CALL_BACK_WITHIN, LOW_STARS, region, region)
    return [
        Need(
            kind=Kind.RATING,
            due_at=_moment(row["at"]) + CALL_BACK_WITHIN,
            since=_moment(row["at"]),
            number=row["number"],
            title=_title(row["service"], language),
            locality=row["locality"],
            path=f"/console/jobs/{row['job_id']}",
            amount=row["stars"],
        )
        for row in rows
    ]


async def _failed(now: datetime) -> list[Need]:
    found = await outbox.parked()
    if not found:
        return []
    first = found[-1].at
    return [
        Need(
            kind=Kind.FAILED, due_at=now, since=first, number="", title="", locality="",
            path="/console/failures", amount=len(found),
        )
    ]  # fmt: skip


def _title(service: str | Mapping[str, Any], language: Language) -> str:
    return str(_json(service)["title"][language.value])


def _json(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 -- text on SQLite, read already on PostgreSQL
    return dict(json.loads(value)) if isinstance(value, str) else dict(value)


def _moment(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
