"""The ratings room as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crowdcore.accounts.rules import Role
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import FriendUnknown
from crowdcore.ratings import queries, service
from crowdcore.ratings.rules import (
    MOST_REPLY,
    MOST_WORDS,
    AlreadyRated,
    AlreadyReplied,
    NotRateable,
    Rating,
    StarsRange,
    Summary,
)
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, Output, paragraph

CUSTOMERS = frozenset({Role.CUSTOMER})
FRIENDS = frozenset({Role.FRIEND})


class RateJob(Input):
    """How it was."""

    stars: int = Field(description="1 to 5.", json_schema_extra={"minimum": 1, "maximum": 5})
    book_again: bool
    comment: Annotated[str, paragraph(MOST_WORDS)] | None = None


class RatingOut(Output):
    """A rating as it was stored."""

    job_id: UUID
    stars: int
    book_again: bool
    comment: str
    at: datetime
    reply: str = Field(description="The Friend's public answer, or empty.")


class ReplyToRating(Input):
    """What everybody may read below the rating."""

    text: Annotated[str, paragraph(MOST_REPLY)]


class MyRatings(Output):
    """What customers said about you, the newest first, at most fifty."""

    ratings: Annotated[list[RatingOut], Field(max_length=50)]


class RatingSummary(Output):
    """All ratings of the portal; figures only from five ratings on."""

    count: int
    mean: float | None
    book_again: float | None = Field(description="Share of those who would book again, 0 to 1.")


async def _rate(call: Call) -> Rating:
    sent = call.body(RateJob)
    return await service.rate(
        job_id=call.id("job_id"),
        customer_id=call.visit.account_id,
        stars=sent.stars,
        book_again=sent.book_again,
        comment=sent.comment or "",
    )


async def _rated(_call: Call, rating: Rating) -> RatingOut:
    return RatingOut(
        job_id=rating.job_id,
        stars=rating.stars,
        book_again=rating.book_again,
        comment=rating.comment,
        at=rating.at,
        reply=rating.reply,
    )


async def _mine(call: Call) -> list[Rating]:
    return await queries.ratings_of_friend((await friend_of(call.visit.account_id)).id)


async def _all(call: Call, found: list[Rating]) -> MyRatings:
    return MyRatings(ratings=[await _rated(call, rating) for rating in found])


async def _reply(call: Call) -> Rating:
    friend = await friend_of(call.visit.account_id)
    return await service.reply(job_id=call.id("job_id"), friend_id=friend.id, text=call.body(ReplyToRating).text)


async def _overall(_call: Call) -> Summary:
    return await queries.overall()


async def _summary(_call: Call, found: Summary) -> RatingSummary:
    return RatingSummary(count=found.count, mean=found.mean, book_again=found.book_again)


ROUTES = (
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/rating",
        do=_rate,
        show=_rated,
        body=RateJob,
        answer=RatingOut,
        status=201,
        roles=CUSTOMERS,
        refusals=(StarsRange, NotRateable, AlreadyRated),
        summary="Say how it was",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/rating/reply",
        do=_reply,
        show=_rated,
        body=ReplyToRating,
        answer=RatingOut,
        roles=FRIENDS,
        refusals=(FriendUnknown, AlreadyReplied),
        summary="Answer a rating in public, once",
    ),
    ApiRoute(
        method="GET",
        path="/me/ratings",
        do=_mine,
        show=_all,
        answer=MyRatings,
        roles=FRIENDS,
        refusals=(FriendUnknown,),
        summary="List what customers said about you",
    ),
    ApiRoute(
        method="GET",
        path="/ratings/summary",
        do=_overall,
        show=_summary,
        answer=RatingSummary,
        public=True,
        summary="Show what customers say, in figures",
    ),
)
