"""Reads of the ratings room."""

from __future__ import annotations

from uuid import UUID

from crowdcore.base.errors import NotFound
from crowdcore.crowd.rules import RATINGS_SHOWN_FROM
from crowdcore.db import sql
from crowdcore.db.scope import current_partner
from crowdcore.ratings import models
from crowdcore.ratings.rules import Rating, Summary, summary

_OVERALL = """
  SELECT COUNT(*) AS number, SUM(stars) AS stars, SUM(CASE WHEN book_again THEN 1 ELSE 0 END) AS again
  FROM ratings_rating WHERE partner_id = ?"""


async def rating_of(job_id: UUID) -> Rating | None:
    """Return the rating of a job, or None."""
    row = await models.Rating.get_or_none(job_id=job_id)
    return _facts(row) if row else None


async def ratings_of_friend(friend_id: UUID, *, limit: int = 50) -> list[Rating]:
    """Return what customers said about a member, newest first."""
    rows = await models.Rating.filter(friend_id=friend_id).order_by("-at").limit(limit)
    return [_facts(row) for row in rows]


async def rating_for(job_id: UUID, friend_id: UUID) -> Rating:
    """Return what a customer said about a member's work on one job.

    Raises:
        NotFound: nothing, or about somebody else.
    """
    row = await models.Rating.get_or_none(job_id=job_id, friend_id=friend_id)
    if row is None:
        raise NotFound
    return _facts(row)


async def overall() -> Summary:
    """Return all ratings of the partner in one figure."""
    (found,) = await sql.rows(_OVERALL, current_partner())
    return summary(
        count=int(found["number"]),
        stars=int(found["stars"] or 0),
        again=int(found["again"] or 0),
        shown_from=RATINGS_SHOWN_FROM,
    )


def _facts(row: models.Rating) -> Rating:
    return Rating(row.job_id, row.friend_id, row.stars, row.book_again, row.comment, row.at, row.reply, row.replied_at)
