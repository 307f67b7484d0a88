"""When a rating is possible, what it may say, and what may be shown of many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crowdcore.base.errors import Refusal, Rejected
from crowdcore.jobs.rules import Job, State

RATEABLE = frozenset({State.DONE, State.CONFIRMED, State.SETTLED})
RATE_WITHIN = timedelta(days=60)
MOST_STARS = 5
MOST_WORDS = 1_000
MOST_REPLY = 600
LOW_STARS = 3
"""Up to here somebody of the partner calls back within a working day (product.md S53)."""


@dataclass(frozen=True, slots=True)
class Rating:
    """One customer's word on one job."""

    job_id: UUID
    friend_id: UUID | None
    stars: int
    book_again: bool
    comment: str
    at: datetime
    reply: str = ""
    replied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """Many ratings: how many, their mean, and the share who would book again; None below five."""

    count: int
    mean: float | None
    book_again: float | None


class StarsRange(Rejected):
    """Not a number from one to five."""

    code = "rating.stars"
    message = "Give a rating from 1 to 5."


class AlreadyRated(Refusal):
    """One job, one rating."""

    code = "rating.already"
    status = 409
    message = "You have already rated this job. Thank you."


class AlreadyReplied(Refusal):
    """One rating, one reply."""

    code = "rating.already_replied"
    status = 409
    message = "You have replied to this rating already. A reply cannot be changed."


class NotRateable(Refusal):
    """The work is not done yet, or it was long ago."""

    code = "rating.not_now"
    status = 409
    message = "You can rate a job once it is done, within %(days)s days."


def check_rateable(job: Job, now: datetime) -> None:
    """Refuse a rating at the wrong time.

    Raises:
        NotRateable: not done yet, or more than 60 days ago.
    """
    if job.state not in RATEABLE or job.done_at is None or now > job.done_at + RATE_WITHIN:
        raise NotRateable(days=RATE_WITHIN.days)


def check_stars(stars: int) -> None:
    """Refuse anything but 1 to 5.

    Raises:
        StarsRange: it is not.
    """
    if not 1 <= stars <= MOST_STARS:
        raise StarsRange


def summary(*, count: int, stars: int, again: int, shown_from: int) -> Summary:
    """Return what may be shown of many ratings; figures only from `shown_from` on (product.md S22)."""
    if count < shown_from:
        return Summary(count, None, None)
    return Summary(count, stars / count, again / count)
