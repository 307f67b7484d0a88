"""The offers room as JSON: look, decline, accept. An offer never shows more than the place's 2 km cell."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crowdcore.accounts.rules import Role
from crowdcore.crowd.queries import friend_of, furthest_m
from crowdcore.crowd.rules import FriendUnknown
from crowdcore.dispatch import queries
from crowdcore.dispatch.queries import Offer
from crowdcore.dispatch.rules import (
    DeclineReason,
    Exclusion,
    JobsOverlap,
    NotEligible,
    OfferDeclined,
    OfferGone,
    OfferState,
    OfferTaken,
    OfferUnknown,
    QualificationExpired,
    band_km,
)
from crowdcore.jobs.rules import JobStateConflict
from crowdcore.offers import queries as own, service
from crowdcore.offers.rules import Considered, pay, ways_out
from crowdcore.offers.service import Accepted
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.context import Visit
from crowdcore.web.fields import GuideOut, Input, MoneyOut, Output, SpanOut
from crowdcore.web.paging import MOST_PER_PAGE
from crowdcore.web.rates import limit

FRIENDS = frozenset({Role.FRIEND})


class OfferQuery(Input):
    """Which offers."""

    all: bool = Field(default=False, description="Those of the last 24 hours too that are over.")


class DeclineOffer(Input):
    """Say no; no reason ever counts against anybody."""

    reason: DeclineReason = DeclineReason.OTHER


class DistanceBand(Output):
    """How far it is, never exactly."""

    from_km: int
    to_km: int


class OfferOut(Output):
    """A request to do a job, as a Friend sees it before accepting."""

    id: str
    state: OfferState
    job_id: UUID
    number: str
    service: str
    title: str
    steps: list[str]
    minutes: int
    place: str = Field(description="Postcode and town.")
    distance: DistanceBand
    urgent: bool
    window: SpanOut
    wishes: list[SpanOut] = Field(description="All times the customer wished, the favourite first; none for at once.")
    guide: GuideOut
    fee: MoneyOut = Field(description="The platform's share of the price as things stand.")
    net: MoneyOut = Field(description="What is left for you.")
    language: str = Field(description="What the customer speaks.")
    sent_at: datetime


class OfferList(Output):
    """A Friend's offers, the newest first; older ones than these are left out."""

    offers: Annotated[list[OfferOut], Field(max_length=MOST_PER_PAGE)]


class ConsideredJob(Output):
    """A job nearby, and why you were asked or not."""

    title: str
    place: str
    distance: DistanceBand
    opened_at: datetime
    asked: bool
    reason: Exclusion | None = Field(description="What would keep you out today; null if nothing would.")


class WayOut(Output):
    """What keeps you from being asked, and for how many of these jobs."""

    reason: Exclusion
    jobs: int


class WhyAnswer(Output):
    """The jobs of the last seven days around your home, the newest first, at most twenty."""

    jobs: Annotated[list[ConsideredJob], Field(max_length=own.MOST_SHOWN)]
    ways_out: Annotated[list[WayOut], Field(max_length=len(Exclusion))]


class OfferAccepted(Output):
    """A job that is yours now; a repeated accept gets the same answer."""

    offer_id: str
    job_id: UUID
    number: str
    state: Literal[OfferState.ACCEPTED]
    at: datetime


async def _list(call: Call) -> list[Offer]:
    friend = await friend_of(call.visit.account_id)
    found = await queries.offers_of(friend, live_only=not call.query(OfferQuery).all)
    return found[:MOST_PER_PAGE]


async def _offers(call: Call, found: list[Offer]) -> OfferList:
    return OfferList(offers=[_shown(call.visit, offer) for offer in found])


async def _find(call: Call) -> Offer:
    return await queries.offer(call.name("offer"), await friend_of(call.visit.account_id))


async def _offer(call: Call, offer: Offer) -> OfferOut:
    return _shown(call.visit, offer)


async def _why(call: Call) -> list[Considered]:
    friend = await friend_of(call.visit.account_id)
    return await own.considered(friend, most_m=max(furthest_m(), friend.radius_m))


async def _reasons(call: Call, found: list[Considered]) -> WhyAnswer:
    return WhyAnswer(
        jobs=[_considered(call.visit, one) for one in found],
        ways_out=[WayOut(reason=reason, jobs=count) for reason, count in ways_out(found)],
    )


def _considered(visit: Visit, one: Considered) -> ConsideredJob:
    near, far = band_km(one.distance_m)
    return ConsideredJob(
        title=visit.translator.text(one.job.service.title),
        place=one.job.place.label,
        distance=DistanceBand(from_km=near, to_km=far),
        opened_at=one.job.opened_at or one.job.created_at,
        asked=one.was_asked,
        reason=one.reason,
    )


async def _see(call: Call) -> None:
    offer = await _find(call)
    await service.see(offer=offer, friend_id=(await friend_of(call.visit.account_id)).id)


async def _seen(call: Call, _: None) -> OfferOut:
    return _shown(call.visit, await _find(call))


async def _accept(call: Call) -> Accepted:
    friend = await friend_of(call.visit.account_id)
    await limit(call.visit, "accept")
    return await service.accept(offer_id=call.name("offer"), friend=friend)


async def _accepted(_call: Call, won: Accepted) -> OfferAccepted:
    return OfferAccepted(
        offer_id=won.offer_id, job_id=won.job_id, number=won.number, state=OfferState.ACCEPTED, at=won.at
    )


async def _decline(call: Call) -> Offer:
    friend = await friend_of(call.visit.account_id)
    return await service.decline(offer_id=call.name("offer"), friend=friend, reason=call.body(DeclineOffer).reason)


def _shown(visit: Visit, offer: Offer) -> OfferOut:
    job, text = offer.job, visit.translator.text
    money = pay(job, visit.portal.settings.platform_percent)
    near, far = band_km(offer.distance_m)
    return OfferOut(
        id=offer.id,
        state=offer.state,
        job_id=job.id,
        number=job.number,
        service=job.service.id,
        title=text(job.service.title),
        steps=[text(step) for step in job.service.steps],
        minutes=job.service.minutes,
        place=job.place.label,
        distance=DistanceBand(from_km=near, to_km=far),
        urgent=job.urgent,
        window=SpanOut(start=job.window.start, end=job.window.end),
        wishes=[SpanOut(start=wish.start, end=wish.end) for wish in job.wishes],
        guide=GuideOut.of(job.guide, visit.language),
        fee=MoneyOut.of(money.fee),
        net=MoneyOut.of(money.net),
        language=job.language,
        sent_at=offer.wave.sent_at,
    )


_OVER = (OfferTaken, OfferGone)

ROUTES = (
    ApiRoute(
        method="GET",
        path="/me/why",
        do=_why,
        show=_reasons,
        answer=WhyAnswer,
        roles=FRIENDS,
        refusals=(FriendUnknown,),
        summary="Show why you were asked or not",
    ),
    ApiRoute(
        method="GET",
        path="/offers",
        do=_list,
        show=_offers,
        query=OfferQuery,
        answer=OfferList,
        roles=FRIENDS,
        refusals=(FriendUnknown,),
        summary="List the jobs you are asked about",
    ),
    ApiRoute(
        method="GET",
        path="/offers/{offer}",
        do=_find,
        show=_offer,
        answer=OfferOut,
        roles=FRIENDS,
        absent=OfferUnknown,
        refusals=(FriendUnknown,),
        summary="Show one offer",
    ),
    ApiRoute(
        method="POST",
        path="/offers/{offer}/see",
        do=_see,
        show=_seen,
        answer=OfferOut,
        roles=FRIENDS,
        absent=OfferUnknown,
        refusals=(FriendUnknown,),
        summary="Say that you have looked at an offer",
    ),
    ApiRoute(
        method="POST",
        path="/offers/{offer}/accept",
        do=_accept,
        show=_accepted,
        answer=OfferAccepted,
        roles=FRIENDS,
        absent=OfferUnknown,
        refusals=(
            FriendUnknown,
            *_OVER,
            OfferDeclined,
            QualificationExpired,
            NotEligible,
            JobsOverlap,
            JobStateConflict,
        ),
        summary="Take the job; the first to accept has it",
    ),
    ApiRoute(
        method="POST",
        path="/offers/{offer}/decline",
        do=_decline,
        show=_offer,
        body=DeclineOffer,
        answer=OfferOut,
        roles=FRIENDS,
        absent=OfferUnknown,
        refusals=(FriendUnknown, *_OVER),
        summary="Say no",
    ),
)
