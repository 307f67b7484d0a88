"""The coverage room as JSON: each region with its stage, its Friends and who waits for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from crowdcore.accounts.rules import STAFF
from crowdcore.coverage import queries
from crowdcore.coverage.queries import Coverage
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, Output


class CoverageQuery(Input):
    """Which Friends count."""

    skill: Annotated[str, Field(max_length=40, description="Only those who hold it; empty for any skill.")] = ""


class RegionOut(Output):
    """One region."""

    code: str = Field(description="ISO 3166-2.")
    stage: str = Field(description="live, pilot, planned or closed; empty for one the partner does not name.")
    friends: int
    requests: int = Field(description="Of the last 28 days.")
    within_hour: float | None
    waiting: int = Field(description="People on the waiting list.")


class CoverageOut(Output):
    """Where the crowd can keep its promise."""

    friends: int
    well_served: float | None = Field(description="Share of requests from a well covered area.")
    regions: list[RegionOut]


async def _coverage(call: Call) -> Coverage:
    return await queries.coverage(skill=call.query(CoverageQuery).skill)


async def _shown(_call: Call, found: Coverage) -> CoverageOut:
    return CoverageOut(
        friends=found.friends,
        well_served=found.well_served,
        regions=[
            RegionOut(
                code=one.code,
                stage=one.stage,
                friends=one.friends,
                requests=one.requests,
                within_hour=one.within_hour,
                waiting=one.waiting,
            )
            for one in found.regions
        ],
    )


ROUTES = (
    ApiRoute(
        method="GET",
        path="/coverage",
        do=_coverage,
        show=_shown,
        query=CoverageQuery,
        answer=CoverageOut,
        roles=STAFF,
        summary="Show where the crowd can keep its promise",
    ),
)
