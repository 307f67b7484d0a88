"""What must always be true of the data: one SQL query each; a row it returns is a violation.

The numbers are those of the design's reliability page, section 3.3. They run after every rule of the model
test, after every kill of the crash test, and on a live database with ``crowdcore check``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crowdcore.base import clock
from crowdcore.db import audit
from crowdcore.db.scope import everywhere
from crowdcore.db.sql import rows
from crowdcore.jobs.rules import TRANSITIONS, Action

LATE = timedelta(seconds=45)
"""Lease (30 s), poll (1 s) and some room: what is due longer than this ago was forgotten."""


class When(StrEnum):
    """When an invariant holds."""

    ALWAYS = "always"
    QUIET = "quiet"
    EVENTUALLY = "eventually"


@dataclass(frozen=True, slots=True)
class Invariant:
    """One law.

    Args:
        id: number in the design, or a word where the design has none.
        when: after every commit, once nothing is due any more, or after a while.
        law: what must be true.
        violations: query that returns the rows that break it.
        uses_now: the query has one placeholder for a moment `LATE` ago.
    """

    id: str
    when: When
    law: str
    violations: str
    uses_now: bool = False


_LIVE_STATES = "('draft', 'open', 'assigned', 'under_way', 'done', 'confirmed', 'escalated', 'disputed')"
_LIVE_TIMER = "t.state IN ('pending', 'claimed')"
_ON_JOB = (
    "t.kind IN ('dispatch.step', 'job.draft', 'job.fallback', 'job.no_show', 'job.overrun', 'job.confirm', "
    "'job.settle', 'job.desk', 'job.dispute')"
)

_MOVES = " OR ".join(
    f"(a.action = '{t.action.value}' AND a.from_state IN ({', '.join(repr(s.value) for s in sorted(t.sources))})"
    f" AND {f'a.to_state = {t.target.value!r}' if t.target else 'a.to_state = a.from_state'})"
    for t in TRANSITIONS.values()
)

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "I1", When.ALWAYS, "a job has at most one live assignment",
        "SELECT job_id FROM jobs_assignment WHERE ended_at IS NULL GROUP BY partner_id, job_id HAVING COUNT(*) > 1",
    ),
    Invariant(
        "I2", When.ALWAYS, "every job that is not over has a live timer",
        f"SELECT j.id FROM jobs_job j WHERE j.state IN {_LIVE_STATES} AND NOT EXISTS (SELECT 1 FROM timer t "
        f"WHERE t.subject_id = j.id AND t.partner_id = j.partner_id AND {_LIVE_TIMER})",
    ),
    Invariant(
        "I3", When.ALWAYS, "no live timer belongs to a job that is over",
        f"SELECT t.id FROM timer t JOIN jobs_job j ON j.id = t.subject_id AND j.partner_id = t.partner_id "
        f"WHERE {_LIVE_TIMER} AND {_ON_JOB} AND j.state NOT IN {_LIVE_STATES}",
    ),
    Invariant(
        "I4", When.ALWAYS, "an assignee is set exactly while a Friend holds the job",
        "SELECT id FROM jobs_job WHERE (state IN ('assigned', 'under_way') AND assignee_id IS NULL) "
        "OR (assignee_id IS NOT NULL AND state NOT IN ('assigned', 'under_way', 'done'))",
    ),
    Invariant(
        "I6", When.ALWAYS, "the live assignment is the assignee's",
        "SELECT j.id FROM jobs_job j LEFT JOIN jobs_assignment a ON a.job_id = j.id AND a.partner_id = j.partner_id "
        "AND a.ended_at IS NULL WHERE (j.assignee_id IS NULL) <> (a.id IS NULL) OR j.assignee_id <> a.friend_id",
    ),
    Invariant(
        "I6a", When.ALWAYS, "who accepted had been asked by that wave, for that job",
        "SELECT a.id FROM jobs_assignment a JOIN dispatch_wave w ON w.id = a.wave_id AND w.partner_id = a.partner_id "
        "WHERE w.job_id <> a.job_id",
    ),
    Invariant(
        "I7", When.ALWAYS, "who accepted had proved the skill the job asks for",
        "SELECT a.id FROM jobs_assignment a JOIN jobs_job j ON j.id = a.job_id AND j.partner_id = a.partner_id "
        "WHERE a.how = 'accept' AND j.skill IS NOT NULL AND NOT EXISTS (SELECT 1 FROM crowd_qualification q WHERE "
        "q.friend_id = a.friend_id AND q.partner_id = a.partner_id AND q.skill = j.skill "
        "AND q.valid_until > a.assigned_at)",
    ),
    Invariant(
        "I9", When.ALWAYS, "nobody holds two jobs at the same time",
        "SELECT a.id FROM jobs_job a JOIN jobs_job b ON a.assignee_id = b.assignee_id AND a.partner_id = b.partner_id "
        "AND a.id < b.id WHERE a.state IN ('assigned', 'under_way') AND b.state IN ('assigned', 'under_way') "
        "AND a.window_start < b.window_end AND b.window_start < a.window_end",
    ),
    Invariant(
        "I17", When.ALWAYS, "a job has one line of history per version, without a hole",
        "SELECT j.id FROM jobs_job j LEFT JOIN audit_record a ON a.object_id = j.id AND a.partner_id = j.partner_id "
        "AND a.object_kind = 'job' GROUP BY j.id, j.version "
        "HAVING COUNT(a.id) <> j.version OR MAX(a.version) <> j.version",
    ),
    Invariant(
        "I17a", When.ALWAYS, "the last line of the history tells the job's state",
        "SELECT j.id FROM jobs_job j JOIN audit_record a ON a.object_id = j.id AND a.partner_id = j.partner_id "
        "AND a.version = j.version WHERE a.object_kind = 'job' AND a.to_state <> j.state",
    ),
    Invariant(
        "I18", When.ALWAYS, "a stored command has its answer",
        "SELECT id FROM idempotency_key WHERE answer IS NULL",
    ),
    Invariant(
        "I21", When.ALWAYS, "only the moves of the table are in the history",
        f"SELECT a.id FROM audit_record a WHERE a.object_kind = 'job' AND a.action <> '{Action.SAVE_DRAFT.value}' "
        f"AND NOT ({_MOVES})",
    ),
    Invariant(
        "I23", When.ALWAYS, "a qualification rests on a passed attempt or on a reason",
        "SELECT q.id FROM crowd_qualification q LEFT JOIN exams_attempt e ON e.id = q.attempt_id "
        "AND e.partner_id = q.partner_id WHERE q.state = 'active' AND q.reason IS NULL "
        "AND (e.id IS NULL OR NOT COALESCE(e.passed, FALSE))",
    ),
    Invariant(
        "I24", When.ALWAYS, "a message that was sent has a reference",
        "SELECT id FROM notifications_message WHERE sent_at IS NOT NULL AND reference IS NULL",
    ),
    Invariant(
        "HOLDER", When.ALWAYS, "a job that support holds has exactly one open case",
        "SELECT j.id FROM jobs_job j WHERE j.state = 'escalated' AND (SELECT COUNT(*) FROM escalation_case c "
        "WHERE c.job_id = j.id AND c.partner_id = j.partner_id AND c.state <> 'closed') <> 1",
    ),
    Invariant(
        "HOLDER_Q", When.QUIET, "an open case belongs to a job that support holds",
        "SELECT c.id FROM escalation_case c JOIN jobs_job j ON j.id = c.job_id AND j.partner_id = c.partner_id "
        "WHERE c.state <> 'closed' AND j.state <> 'escalated'",
    ),
    Invariant(
        "I25", When.QUIET, "nothing that is due waits",
        "SELECT id FROM timer WHERE state IN ('pending', 'claimed') AND due_at < ?", uses_now=True,
    ),
    Invariant(
        "I25a", When.QUIET, "no event and no delivery waits",
        "SELECT id FROM outbox_delivery WHERE state IN ('pending', 'claimed') AND run_at < ?", uses_now=True,
    ),
    Invariant(
        "DEAD", When.EVENTUALLY, "no timer is dead",
        "SELECT id FROM timer WHERE state = 'dead'",
    ),
    Invariant(
        "I27", When.EVENTUALLY, "no delivery is parked",
        "SELECT id FROM outbox_delivery WHERE state = 'parked'",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Violation:
    """A law that is broken, and where."""

    invariant: Invariant
    ids: tuple[str, ...]


async def violations(*, quiet: bool = False, now: datetime | None = None) -> list[Violation]:
    """Check the open database.

    Args:
        quiet: nothing should be due any more, so also check the laws of quiet.
        now: the present moment; the clock's by default.
    """
    found: list[Violation] = []
    moment = (now or clock.now()) - LATE
    for invariant in INVARIANTS:
        if invariant.when is When.QUIET and not quiet:
            continue
        broken = await rows(invariant.violations, *([moment] if invariant.uses_now else []))
        if broken:
            found.append(Violation(invariant, tuple(str(next(iter(row.values()))) for row in broken)))
    with everywhere(reason="the chain of histories is checked for all partners"):
        torn = await audit.broken_links(object_kind="job")
    if torn:
        chain = Invariant("I17b", When.ALWAYS, "the lines of a history are linked by their hashes", "")
        found.append(Violation(chain, tuple(torn)))
    return found
