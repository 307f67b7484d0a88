"""The board room as JSON: what needs somebody now, every open job, and deliveries that were given up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crowdcore.accounts.rules import STAFF, Role
from crowdcore.board import queries, service
from crowdcore.board.queries import Board
from crowdcore.board.rules import Column, DeliveryUnknown, Kind
from crowdcore.db import outbox
from crowdcore.jobs.rules import State
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, Output

ADMINS = frozenset({Role.ADMIN})


class BoardQuery(Input):
    """Which jobs."""

    region: Annotated[str, Field(max_length=10, description="ISO 3166-2; empty for all.")] = ""


class NeedOut(Output):
    """One thing to do."""

    kind: Kind
    number: str = Field(description="Of the job; empty if it is about none.")
    title: str
    place: str
    since: datetime
    due_at: datetime
    reason: str = Field(description="Id of a case's reason, or empty.")
    amount: int = Field(description="Stars of a rating, or how many deliveries failed; else 0.")


class CardOut(Output):
    """An open job."""

    id: UUID
    number: str
    service: str
    title: str
    place: str
    state: State
    column: Column
    since: datetime
    starts_at: datetime
    late: bool


class BoardOut(Output):
    """Everything that is open, and what needs somebody, the most urgent first."""

    needs: list[NeedOut]
    jobs: list[CardOut]


class FailureOut(Output):
    """A delivery that was given up after many tries."""

    id: UUID
    topic: str
    reaction: str
    error: str
    at: datetime


class FailureList(Output):
    """Deliveries that were given up, the newest first."""

    failures: list[FailureOut]


async def _board(call: Call) -> Board:
    region, may_retry = call.query(BoardQuery).region, call.visit.has_role(Role.ADMIN)
    return await queries.board(language=call.visit.language, region=region, may_retry=may_retry)


async def _shown(_call: Call, found: Board) -> BoardOut:
    late = queries.late(found)
    return BoardOut(
        needs=[
            NeedOut(
                kind=need.kind,
                number=need.number,
                title=need.title,
                place=need.locality,
                since=need.since,
                due_at=need.due_at,
                reason=need.reason,
                amount=need.amount,
            )
            for need in found.needs
        ],
        jobs=[
            CardOut(
                id=card.id,
                number=card.number,
                service=card.service,
                title=card.title,
                place=card.locality,
                state=card.state,
                column=card.column,
                since=card.since,
                starts_at=card.starts_at,
                late=card.id in late,
            )
            for card in found.cards
        ],
    )


async def _nothing(_call: Call) -> None:
    """Do nothing: the answer is read when it is shown."""


async def _try_again(call: Call) -> None:
    await service.try_again(delivery_id=call.id("delivery_id"))


async def _failures(_call: Call, _: None) -> FailureList:
    return FailureList(
        failures=[
            FailureOut(id=one.id, topic=one.topic, reaction=one.reaction, error=one.error, at=one.at)
            for one in await outbox.parked()
        ]
    )


ROUTES = (
    ApiRoute(
        method="GET",
        path="/board",
        do=_board,
        show=_shown,
        query=BoardQuery,
        answer=BoardOut,
        roles=STAFF,
        summary="Show open jobs and what needs somebody",
    ),
    ApiRoute(
        method="GET",
        path="/failures",
        do=_nothing,
        show=_failures,
        answer=FailureList,
        roles=ADMINS,
        summary="List deliveries that were given up",
    ),
    ApiRoute(
        method="POST",
        path="/failures/{delivery_id}/retry",
        do=_try_again,
        show=_failures,
        answer=FailureList,
        roles=ADMINS,
        absent=DeliveryUnknown,
        summary="Try a delivery again",
    ),
)
