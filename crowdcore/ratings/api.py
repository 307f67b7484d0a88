"""The ratings room as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crowdcore.accounts.rules import Role
from crowdcore.ratings import queries, service
from crowdcore.ratings.rules import MOST_WORDS, AlreadyRated, NotRateable, Rating, StarsRange, Summary
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, Output, paragraph

CUSTOMERS = frozenset({Role.CUSTOMER})


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
    )


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
        method="GET",
        path="/ratings/summary",
        do=_overall,
        show=_summary,
        answer=RatingSummary,
        public=True,
        summary="Show what customers say, in figures",
    ),
)
