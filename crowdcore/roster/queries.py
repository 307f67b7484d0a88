"""Reads of the roster room: members by what staff look for, and their activity, in SQL for both databases."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crowdcore.accounts import queries as accounts
from crowdcore.accounts.rules import Account
from crowdcore.base import clock
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend
from crowdcore.db import audit, sql
from crowdcore.db.audit import Line
from crowdcore.db.scope import current_partner
from crowdcore.dispatch.rules import ReactionKind
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import WITH_ASSIGNEE, Action, Job
from crowdcore.partners.queries import portal
from crowdcore.ratings import queries as ratings
from crowdcore.ratings.rules import Rating
from crowdcore.roster.rules import LOOKED_BACK, Activity, Sort, Wanted, asked

PER_PAGE = 25

_ORDERS = {
    Sort.NEWEST: "f.joined_at DESC, f.id",
    Sort.BUSIEST: "f.jobs_done DESC, f.id",
    Sort.LOWEST_RATED: "CASE WHEN f.rating_count = 0 THEN 9.0 ELSE 1.0 * f.rating_sum / f.rating_count END, f.id",
}
_FOUND = """
FROM crowd_friend f LEFT JOIN accounts_account a ON a.partner_id = f.partner_id AND a.id = f.account_id
WHERE f.partner_id = ? AND (f.region = ? OR ? = '') AND (f.standing = ? OR ? = '') AND (f.kind = ? OR ? = '')
  AND (? = '' OR f.name = ? OR a.email = ?)
  AND (? = '' OR EXISTS (SELECT 1 FROM crowd_qualification q WHERE q.partner_id = f.partner_id
    AND q.friend_id = f.id AND q.skill = ? AND q.state = 'active' AND q.valid_until > ?))
"""
_WAVES = """
SELECT w.job_id, w.friends FROM dispatch_wave w WHERE w.partner_id = ? AND w.sent_at >= ?
"""
_TAKEN = """
SELECT s.friend_id, COUNT(*) AS accepted, SUM(CASE WHEN s.end_reason = ? THEN 1 ELSE 0 END) AS gave_back
FROM jobs_assignment s WHERE s.partner_id = ? AND s.how = ? AND s.assigned_at >= ? AND s.friend_id IN ({})
GROUP BY s.friend_id
"""
_DECLINED = """
SELECT r.friend_id, COUNT(DISTINCT r.job_id) AS declined FROM dispatch_reaction r
WHERE r.partner_id = ? AND r.kind = ? AND r.at >= ? AND r.friend_id IN ({}) GROUP BY r.friend_id
"""


@dataclass(frozen=True, slots=True)
class Members:
    """A page of members.

    Args:
        members: with what each did in the last four weeks.
        count: how many fit in all.
    """

    members: tuple[tuple[Friend, Activity], ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member with everything staff need to decide.

    Args:
        friend: the member.
        account: how to reach them.
        joined_at: since when.
        activity: of the last four weeks.
        jobs: their latest jobs.
        held: how many they hold at present.
        ratings: what customers said, newest first.
        history: what staff decided, newest first.
    """

    friend: Friend
    account: Account
    joined_at: datetime
    activity: Activity
    jobs: tuple[Job, ...]
    held: int
    ratings: tuple[Rating, ...]
    history: tuple[Line, ...]


async def members(wanted: Wanted, *, page: int = 1, limit: int = PER_PAGE) -> Members:
    """Return the members that fit, a page of them with their activity.

    Args:
        wanted: who.
        page: counted from 1.
        limit: members per page.
    """
    values = (
        current_partner(), wanted.region, wanted.region, wanted.standing, wanted.standing, wanted.kind, wanted.kind,
        wanted.search, wanted.search, wanted.search.lower(), wanted.skill, wanted.skill, clock.now(),
    )  # fmt: skip
    count = (await sql.rows(f"SELECT COUNT(*) AS members {_FOUND}", *values))[0]["members"]
    query = f"SELECT f.id {_FOUND} ORDER BY {_ORDERS[wanted.sort]} LIMIT ? OFFSET ?"
    found = [UUID(str(row["id"])) for row in await sql.rows(query, *values, limit, (page - 1) * limit)]
    known, done = await crowd.friends(found), await activity(found)
    return Members(tuple((known[one], done[one]) for one in found), count)


async def member(friend_id: UUID) -> Member:
    """Return one member.

    Raises:
        NotFound: no such member with this partner.
    """
    friend = await crowd.friend(friend_id)
    latest = await jobs.jobs_of_friend(friend_id, limit=10)
    lines = await audit.history(object_kind="friend", object_id=friend_id)
    return Member(
        friend=friend,
        account=await accounts.account(friend.account_id),
        joined_at=await crowd.joined_at(friend_id),
        activity=(await activity([friend_id]))[friend_id],
        jobs=tuple(latest),
        held=sum(job.assignee_id == friend_id and job.state in WITH_ASSIGNEE for job in latest),
        ratings=tuple(await ratings.ratings_of_friend(friend_id, limit=8)),
        history=tuple(reversed(lines)),
    )


async def activity(friend_ids: Collection[UUID]) -> dict[UUID, Activity]:
    """Return what these members did in the last four weeks."""
    if not friend_ids:
        return {}
    partner_id, since, ids = current_partner(), clock.now() - LOOKED_BACK, list(friend_ids)
    marks = ", ".join("?" for _ in ids)
    waves = await sql.rows(_WAVES, partner_id, since)
    taken = await sql.rows(_TAKEN.format(marks), Action.RELEASE.value, partner_id, Action.ACCEPT.value, since, *ids)
    declined = await sql.rows(_DECLINED.format(marks), partner_id, ReactionKind.DECLINED.value, since, *ids)
    was_asked = asked(((UUID(str(row["job_id"])), bytes(row["friends"])) for row in waves), ids)
    by_taken, by_declined = _by_friend(taken), _by_friend(declined)
    return {
        one: Activity(
            was_asked[one],
            by_taken.get(one, {}).get("accepted", 0),
            by_declined.get(one, {}).get("declined", 0),
            int(by_taken.get(one, {}).get("gave_back", 0)),
        )
        for one in ids
    }


async def holds(friend_id: UUID, skill: str) -> bool:
    """Say whether a member holds a skill at present.

    Raises:
        NotFound: no such member.
    """
    return (await crowd.friend(friend_id)).is_qualified(skill, clock.now())


def licences() -> frozenset[str]:
    """Return the licences that services of this portal ask for."""
    return frozenset(one.licence for one in portal().catalog.services.values() if one.licence)


def _by_friend(rows: list[dict[str, Any]]) -> dict[UUID, dict[str, Any]]:
    return {UUID(str(row["friend_id"])): row for row in rows}
