"""The waiting room as JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from crowdcore.accounts.rules import STAFF
from crowdcore.base.text import Language
from crowdcore.places.rules import Place, PlaceUnknown
from crowdcore.waiting import queries, service
from crowdcore.waiting.rules import ConsentMissing, OpenAlready
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Email, Input, Output, line
from crowdcore.web.paging import MOST_PER_PAGE
from crowdcore.web.rates import RateLimited, limit


class WaitFor(Input):
    """A place where the portal is not open yet, and whom to write to when it is."""

    place: Annotated[str, line(80)] = Field(description="`id` of a place.")
    service: Annotated[str, line(60)] | None = Field(default=None, description="What is wanted there.")
    email: Email
    language: Language | None = Field(default=None, description="Of the mail.")
    consent: bool = Field(description="The person said that we may write to them once.")


class WaitingFor(Output):
    """What is waited for."""

    place: str
    region: str = Field(description="ISO 3166-2, such as CH-GR.")


class RegionCount(Output):
    """How many people wait for one region."""

    region: str = Field(description="ISO 3166-2, such as CH-GR.")
    waiting: int


class WaitingCounts(Output):
    """Regions people wait for, the most wanted first."""

    regions: Annotated[list[RegionCount], Field(max_length=MOST_PER_PAGE)]


async def _wait(call: Call) -> Place:
    sent = call.body(WaitFor)
    await limit(call.visit, "signin", actor=sent.email)
    return await service.wait(
        email=sent.email,
        language=(sent.language or call.visit.language).value,
        place_id=sent.place,
        service_id=sent.service if sent.service and sent.service in call.visit.portal.catalog.services else "",
        consent=sent.consent,
    )


async def _waiting(_call: Call, place: Place) -> WaitingFor:
    return WaitingFor(place=place.label, region=place.region)


async def _count(_call: Call) -> dict[str, int]:
    return await queries.counts()


async def _counts(_call: Call, found: dict[str, int]) -> WaitingCounts:
    most_wanted = list(found.items())[:MOST_PER_PAGE]
    return WaitingCounts(regions=[RegionCount(region=region, waiting=count) for region, count in most_wanted])


ROUTES = (
    ApiRoute(
        method="POST",
        path="/waiting-list",
        do=_wait,
        show=_waiting,
        body=WaitFor,
        answer=WaitingFor,
        status=201,
        public=True,
        refusals=(ConsentMissing, PlaceUnknown, OpenAlready, RateLimited),
        summary="Be written to once, when a region opens",
    ),
    ApiRoute(
        method="GET",
        path="/waiting-list",
        do=_count,
        show=_counts,
        answer=WaitingCounts,
        roles=STAFF,
        summary="Count who waits for which region",
    ),
)
