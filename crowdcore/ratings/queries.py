"""Reads of the ratings room."""

from __future__ import annotations

from uuid import UUID

from crowdcore.crowd.rules import RATINGS_SHOWN_FROM
from crowdcore.ratings import models
from crowdcore.ratings.rules import Rating, Summary, summary


async def rating_of(job_id: UUID) -> Rating | None:
    """Return the rating of a job, or None."""
    row = await models.Rating.get_or_none(job_id=job_id)
    return _facts(row) if row else None


async def ratings_of_friend(friend_id: UUID, *, limit: int = 50) -> list[Rating]:
    """Return what customers said about a member, newest first."""
    rows = await models.Rating.filter(friend_id=friend_id).order_by("-at").limit(limit)
    return [_facts(row) for row in rows]


async def overall() -> Summary:
    """Return all ratings of the partner in one figure."""
    rows = await models.Rating.all().values("stars", "book_again")
    return summary(
        count=len(rows),
        stars=sum(row["stars"] for row in rows),
        again=sum(bool(row["book_again"]) for row in rows),
        shown_from=RATINGS_SHOWN_FROM,
    )


def _facts(row: models.Rating) -> Rating:
    return Rating(row.job_id, row.friend_id, row.stars, row.book_again, row.comment, row.at)
