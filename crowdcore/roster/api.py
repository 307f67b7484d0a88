"""The roster room as JSON: members with their activity, and what admins decide about them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crowdcore.accounts.rules import STAFF, Role
from crowdcore.crowd.rules import Friend, Kind, Standing
from crowdcore.roster import queries, service
from crowdcore.roster.queries import Member, Members
from crowdcore.roster.rules import (
    MOST_REASON,
    Activity,
    LicenceUnknown,
    NothingChanged,
    SkillUnknown,
    Sort,
    Wanted,
)
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, Output, line

ADMINS = frozenset({Role.ADMIN})


class RosterQuery(Input):
    """Which members, in which order."""

    region: Annotated[str, Field(max_length=10, description="ISO 3166-2.")] = ""
    skill: Annotated[str, Field(max_length=40)] = ""
    standing: Standing | None = None
    kind: Kind | None = None
    search: Annotated[str, Field(max_length=120, description="First name as written, or e-mail address.")] = ""
    sort: Sort = Sort.NEWEST
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


class ActivityOut(Output):
    """What a member did in the last 28 days."""

    asked: int
    accepted: int
    declined: int
    gave_back: int


class RosterEntry(Output):
    """A member in the list."""

    id: UUID
    name: str
    kind: Kind
    standing: Standing
    place: str
    region: str
    jobs_done: int
    rating_mean: float | None = Field(description="From five ratings on.")
    activity: ActivityOut


class Roster(Output):
    """A page of members."""

    count: int = Field(description="How many fit in all.")
    members: list[RosterEntry]


class DecisionOut(Output):
    """A decision about a member."""

    action: str
    reason: str
    at: datetime


class MemberOut(Output):
    """One member."""

    member: RosterEntry
    licences: list[str]
    held: int = Field(description="Jobs they hold at present.")
    decisions: list[DecisionOut]


class Reason(Input):
    """Why."""

    reason: Annotated[str, line(MOST_REASON)]


class SkillChange(Input):
    """A qualification by hand, and why."""

    skill: Annotated[str, line(40)]
    what: Literal["grant", "revoke"]
    reason: Annotated[str, line(MOST_REASON)]


class LicencesSeen(Input):
    """Every licence that staff have seen; those not named are taken away."""

    licences: Annotated[tuple[Annotated[str, line(60)], ...], Field(max_length=30)]


async def _list(call: Call) -> Members:
    asked = call.query(RosterQuery)
    wanted = Wanted(
        region=asked.region,
        skill=asked.skill,
        standing=asked.standing.value if asked.standing else "",
        kind=asked.kind.value if asked.kind else "",
        search=asked.search.strip(),
        sort=asked.sort,
    )
    return await queries.members(wanted, page=asked.page)


async def _roster(_call: Call, found: Members) -> Roster:
    return Roster(count=found.count, members=[_entry(*one) for one in found.members])


async def _one(call: Call) -> None:
    await queries.member(call.id("friend_id"))


async def _suspend(call: Call) -> None:
    await service.suspend(friend_id=call.id("friend_id"), reason=call.body(Reason).reason)


async def _reinstate(call: Call) -> None:
    await service.reinstate(friend_id=call.id("friend_id"), reason=call.body(Reason).reason)


async def _change_skill(call: Call) -> None:
    sent = call.body(SkillChange)
    verb = service.grant if sent.what == "grant" else service.revoke
    await verb(friend_id=call.id("friend_id"), skill=sent.skill, reason=sent.reason)


async def _check_licences(call: Call) -> None:
    held = frozenset(call.body(LicencesSeen).licences)
    await service.check_licences(friend_id=call.id("friend_id"), held=held)


async def _member(call: Call, _: None) -> MemberOut:
    found: Member = await queries.member(call.id("friend_id"))
    return MemberOut(
        member=_entry(found.friend, found.activity),
        licences=sorted(found.friend.licences),
        held=found.held,
        decisions=[DecisionOut(action=line.action, reason=line.reason or "", at=line.at) for line in found.history],
    )


def _entry(friend: Friend, activity: Activity) -> RosterEntry:
    return RosterEntry(
        id=friend.id,
        name=friend.name,
        kind=friend.kind,
        standing=friend.standing,
        place=friend.place_label,
        region=friend.region,
        jobs_done=friend.jobs_done,
        rating_mean=friend.rating_mean(),
        activity=ActivityOut(
            asked=activity.asked,
            accepted=activity.accepted,
            declined=activity.declined,
            gave_back=activity.gave_back,
        ),
    )


ROUTES = (
    ApiRoute(
        method="GET",
        path="/roster",
        do=_list,
        show=_roster,
        query=RosterQuery,
        answer=Roster,
        roles=STAFF,
        summary="List members with their activity",
    ),
    ApiRoute(
        method="GET",
        path="/roster/{friend_id}",
        do=_one,
        show=_member,
        answer=MemberOut,
        roles=STAFF,
        summary="Show a member",
    ),
    ApiRoute(
        method="POST",
        path="/roster/{friend_id}/suspend",
        do=_suspend,
        show=_member,
        body=Reason,
        answer=MemberOut,
        roles=ADMINS,
        refusals=(NothingChanged,),
        summary="Stop a member's offers",
    ),
    ApiRoute(
        method="POST",
        path="/roster/{friend_id}/reinstate",
        do=_reinstate,
        show=_member,
        body=Reason,
        answer=MemberOut,
        roles=ADMINS,
        refusals=(NothingChanged,),
        summary="End a suspension",
    ),
    ApiRoute(
        method="POST",
        path="/roster/{friend_id}/qualification",
        do=_change_skill,
        show=_member,
        body=SkillChange,
        answer=MemberOut,
        roles=ADMINS,
        refusals=(SkillUnknown,),
        summary="Grant or withdraw a qualification by hand",
    ),
    ApiRoute(
        method="POST",
        path="/roster/{friend_id}/licences",
        do=_check_licences,
        show=_member,
        body=LicencesSeen,
        answer=MemberOut,
        roles=ADMINS,
        refusals=(LicenceUnknown,),
        summary="Record the licences that were seen",
    ),
)
