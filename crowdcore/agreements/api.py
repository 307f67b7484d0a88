"""The agreements room as JSON: steps on the way, and a price both sides say yes to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from crowdcore.accounts.rules import Role
from crowdcore.agreements import service
from crowdcore.agreements.rules import (
    AppointmentOrder,
    AppointmentOverlaps,
    AppointmentPast,
    AppointmentTooFar,
    MilestoneOrder,
    NothingProposed,
    PriceChanged,
    PriceCurrency,
    PriceNeedsReason,
    PriceOutOfRange,
)
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import FriendUnknown
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job, JobStateConflict, Milestone, NotYours, State, Who, Window
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, MoneyIn, MoneyOut, Output, SpanIn, SpanOut, line

FRIENDS = frozenset({Role.FRIEND})
BOTH_SIDES = frozenset({Role.FRIEND, Role.CUSTOMER})


class CustomerContacted(Input):
    """The Friend has spoken with the customer."""

    appointment: SpanIn | None = None


class ProposePrice(MoneyIn):
    """A price for the other side to agree on."""

    reason: Annotated[str, line(200)] | None = None


class AnswerPrice(MoneyIn):
    """Yes or no to the amount that was shown."""


class PriceProposal(Output):
    """A price that waits for the other side."""

    amount: MoneyOut
    reason: str
    by: Who
    at: datetime


class Agreement(Output):
    """What Friend and customer have settled so far."""

    id: UUID
    number: str
    state: State
    version: int
    window: SpanOut
    milestones: dict[Milestone, datetime]
    agreed: MoneyOut | None
    proposal: PriceProposal | None


async def _contact(call: Call) -> Job:
    friend_id, job = await _held(call)
    wish = call.body(CustomerContacted).appointment
    appointment = Window(wish.start, wish.end) if wish else None
    return await service.contact(job_id=job.id, friend_id=friend_id, appointment=appointment)


async def _on_the_way(call: Call) -> Job:
    friend_id, job = await _held(call)
    return await service.reach(job_id=job.id, milestone=Milestone.ON_THE_WAY, friend_id=friend_id)


async def _arrive(call: Call) -> Job:
    friend_id, job = await _held(call)
    return await service.reach(job_id=job.id, milestone=Milestone.ARRIVED, friend_id=friend_id)


async def _held(call: Call) -> tuple[UUID, Job]:
    friend = await friend_of(call.visit.account_id)
    return friend.id, await jobs.job_of_friend(call.id("job_id"), friend.id)


async def _propose(call: Call) -> Job:
    side = await jobs.side_of(call.visit.signed_in, call.id("job_id"))
    sent = call.body(ProposePrice)
    return await service.propose_price(
        job_id=side.job.id,
        who=side.who,
        amount=sent.money,
        reason=sent.reason or "",
        friend_id=side.friend.id if side.friend else None,
    )


async def _accept(call: Call) -> Job:
    return await _answer(call, agree=True)


async def _decline(call: Call) -> Job:
    return await _answer(call, agree=False)


async def _answer(call: Call, *, agree: bool) -> Job:
    side = await jobs.side_of(call.visit.signed_in, call.id("job_id"))
    return await service.answer_price(
        job_id=side.job.id,
        who=side.who,
        amount=call.body(AnswerPrice).money,
        agree=agree,
        friend_id=side.friend.id if side.friend else None,
    )


async def _agreement(_call: Call, job: Job) -> Agreement:
    return Agreement(
        id=job.id,
        number=job.number,
        state=job.state,
        version=job.version,
        window=SpanOut(start=job.window.start, end=job.window.end),
        milestones=job.milestones,
        agreed=MoneyOut.of(job.agreed) if job.agreed else None,
        proposal=_proposal(job),
    )


def _proposal(job: Job) -> PriceProposal | None:
    if job.proposal is None:
        return None
    open_ = job.proposal
    return PriceProposal(amount=MoneyOut.of(open_.amount), reason=open_.reason, by=open_.by, at=open_.at)


_STEP = (FriendUnknown, MilestoneOrder, JobStateConflict)
_ANSWERED = (PriceCurrency, NothingProposed, PriceChanged, NotYours, JobStateConflict)

ROUTES = (
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/contact",
        do=_contact,
        show=_agreement,
        body=CustomerContacted,
        answer=Agreement,
        roles=FRIENDS,
        refusals=(*_STEP, AppointmentOrder, AppointmentPast, AppointmentTooFar, AppointmentOverlaps),
        summary="Record that you have spoken with the customer, and when you will come",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/on-the-way",
        do=_on_the_way,
        show=_agreement,
        answer=Agreement,
        roles=FRIENDS,
        refusals=_STEP,
        summary="Say that you are on the way",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/arrive",
        do=_arrive,
        show=_agreement,
        answer=Agreement,
        roles=FRIENDS,
        refusals=_STEP,
        summary="Say that you have arrived",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/price",
        do=_propose,
        show=_agreement,
        body=ProposePrice,
        answer=Agreement,
        roles=BOTH_SIDES,
        refusals=(PriceCurrency, PriceOutOfRange, PriceNeedsReason, NotYours, JobStateConflict),
        summary="Propose a price to the other side",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/price/accept",
        do=_accept,
        show=_agreement,
        body=AnswerPrice,
        answer=Agreement,
        roles=BOTH_SIDES,
        refusals=_ANSWERED,
        summary="Agree to the proposed price",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/price/decline",
        do=_decline,
        show=_agreement,
        body=AnswerPrice,
        answer=Agreement,
        roles=BOTH_SIDES,
        refusals=_ANSWERED,
        summary="Keep the price as it is",
    ),
)
