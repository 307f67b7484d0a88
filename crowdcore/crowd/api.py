"""The crowd room as JSON: who I am here, joining, a pause, and the members for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crowdcore.accounts import queries as accounts
from crowdcore.accounts.rules import STAFF, Account, Role
from crowdcore.base.errors import Rejected
from crowdcore.crowd import queries, service
from crowdcore.crowd.rules import (
    HOUR_CODES,
    MOST_LICENCES,
    AlreadyMember,
    BreakEnd,
    Friend,
    FriendUnknown,
    Kind,
    Membership,
    QualificationState,
    RadiusOutOfRange,
    Standing,
    hour_codes,
    read_hours,
)
from crowdcore.places.rules import PlaceUnknown
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, Moment, Output, Phone, line
from crowdcore.web.paging import PageQuery, read_mark, write_mark

EVERYBODY = frozenset(Role)
FRIENDS = frozenset({Role.FRIEND})
JOINING = EVERYBODY - FRIENDS

_MEMBERS = "friends"


class QualificationOut(Output):
    """A skill and until when it is proved."""

    skill: str
    state: QualificationState
    valid_until: datetime


class FriendOut(Output):
    """A member of the crowd."""

    id: UUID
    name: str = Field(description="First name, as customers see it.")
    kind: Kind
    standing: Standing
    place: str
    region: str
    radius_km: int
    hours: list[str] = Field(description="Parts of the week they are free from beginning to end.")
    languages: list[str]
    licences: list[str]
    licences_claimed: list[str] = Field(description="Not checked yet.")
    paused_until: datetime | None = Field(description="When a pause ends by itself.")
    qualifications: list[QualificationOut]
    rating_mean: float | None = Field(description="From five ratings on.")
    rating_count: int
    jobs_done: int


class Me(Output):
    """Your account here, and your membership if you are a Friend."""

    account_id: UUID
    name: str
    email: str
    phone: str
    language: str
    roles: list[Role]
    friend: FriendOut | None


class JoinCrowd(Input):
    """Who you are and where you help; also used to change it later."""

    name: Annotated[str, line(120)] = Field(description="Customers see the first name.")
    phone: Phone | None = Field(default=None, description="Where your customers reach you.")
    place: Annotated[str, line(80)] = Field(
        description="Where you live: an id of `GET /places`. Only its 2 km cell is kept."
    )
    radius_km: Annotated[int, Field(ge=1, le=200)]
    languages: Annotated[list[Literal["de", "fr", "en", "it"]], Field(max_length=4)]
    hours: Annotated[
        list[Annotated[str, Field(json_schema_extra={"enum": list(HOUR_CODES)})]], Field(max_length=28)
    ] = Field(
        description="Parts of the week you are free: `mon.morning` (6-12), `mon.afternoon` (12-18), `mon.evening` "
        "(18-22), `mon.night` (22-6) and so on."
    )
    licences: Annotated[list[Annotated[str, line(120)]], Field(max_length=MOST_LICENCES)] = Field(
        default=[], description="Licences you hold, in your words; they count once the partner has checked them."
    )


class ConsentingJoin(JoinCrowd):
    """Who you are, where you help, and that you agree to the duties of a Friend."""

    consent: Literal[True] = Field(description="You have read the duties on the page `/friends` and agree to them.")


class PauseUntil(Input):
    """How long."""

    until: Moment


class FriendList(Output):
    """Members, the newest first."""

    friends: list[FriendOut]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Page:
    members: list[Friend]
    next_cursor: str | None


async def _who(call: Call) -> tuple[Account, Friend | None]:
    account_id = call.visit.account_id
    return await accounts.account(account_id), await queries.friend_of_or_none(account_id)


async def _me(_call: Call, found: tuple[Account, Friend | None]) -> Me:
    account, friend = found
    return Me(
        account_id=account.id,
        name=account.name,
        email=account.email,
        phone=account.phone,
        language=account.language,
        roles=sorted(Role(role) for role in account.roles),
        friend=_friend(friend) if friend else None,
    )


async def _join(call: Call) -> None:
    sent = call.body(ConsentingJoin)
    await service.enrol(
        account_id=call.visit.account_id,
        name=sent.name,
        membership=_membership(sent),
        most_radius_m=queries.furthest_m(),
    )


async def _change(call: Call) -> None:
    sent, friend = call.body(JoinCrowd), await queries.friend_of(call.visit.account_id)
    await service.change(
        friend_id=friend.id, name=sent.name, membership=_membership(sent), most_radius_m=queries.furthest_m()
    )


def _membership(sent: JoinCrowd) -> Membership:
    home = queries.area(sent.place, sent.radius_km).place
    return Membership(
        home=home.point,
        region=home.region,
        place_label=home.label,
        radius_m=sent.radius_km * 1000,
        languages=frozenset(sent.languages),
        hours=read_hours(sent.hours),
        licences_claimed=tuple(sent.licences),
        phone=sent.phone or "",
    )


async def _pause_until(call: Call) -> None:
    friend = await queries.friend_of(call.visit.account_id)
    await service.pause(friend_id=friend.id, until=call.body(PauseUntil).until)


async def _pause(call: Call) -> None:
    await service.pause(friend_id=(await queries.friend_of(call.visit.account_id)).id)


async def _resume(call: Call) -> None:
    await service.resume(friend_id=(await queries.friend_of(call.visit.account_id)).id)


async def _my_membership(call: Call, _: None) -> FriendOut:
    return _friend(await queries.friend_of(call.visit.account_id))


async def _list(call: Call) -> _Page:
    asked = call.query(PageQuery)
    after = read_mark(_MEMBERS, asked.cursor)
    found = await queries.page_of_members(after=after, limit=asked.limit + 1)
    members = found[: asked.limit]
    if len(found) <= asked.limit:
        return _Page(members, None)
    last = members[-1].id
    return _Page(members, write_mark(_MEMBERS, await queries.joined_at(last), last))


async def _members(_call: Call, found: _Page) -> FriendList:
    return FriendList(friends=[_friend(one) for one in found.members], next_cursor=found.next_cursor)


def _friend(member: Friend) -> FriendOut:
    return FriendOut(
        id=member.id,
        name=member.name,
        kind=member.kind,
        standing=member.standing,
        place=member.place_label,
        region=member.region,
        radius_km=member.radius_m // 1000,
        hours=sorted(hour_codes(member.hours), key=HOUR_CODES.index),
        languages=sorted(member.languages),
        licences=sorted(member.licences),
        licences_claimed=list(member.licences_claimed),
        paused_until=member.paused_until,
        qualifications=[
            QualificationOut(skill=q.skill, state=q.state, valid_until=q.valid_until)
            for q in sorted(member.qualifications, key=lambda q: q.skill)
        ],
        rating_mean=member.rating_mean(),
        rating_count=member.rating_count,
        jobs_done=member.jobs_done,
    )


ROUTES = (
    ApiRoute(
        method="GET",
        path="/me",
        do=_who,
        show=_me,
        answer=Me,
        roles=EVERYBODY,
        summary="Show your account and membership",
    ),
    ApiRoute(
        method="POST",
        path="/me/pause",
        do=_pause,
        show=_my_membership,
        answer=FriendOut,
        roles=FRIENDS,
        refusals=(FriendUnknown,),
        summary="Get no offers until you resume",
    ),
    ApiRoute(
        method="POST",
        path="/me/pause-until",
        do=_pause_until,
        show=_my_membership,
        body=PauseUntil,
        answer=FriendOut,
        roles=FRIENDS,
        refusals=(FriendUnknown, BreakEnd),
        summary="Get no offers until a moment",
    ),
    ApiRoute(
        method="POST",
        path="/friends",
        do=_join,
        show=_my_membership,
        body=ConsentingJoin,
        answer=FriendOut,
        status=201,
        roles=JOINING,
        refusals=(AlreadyMember, PlaceUnknown, RadiusOutOfRange, Rejected),
        summary="Join the crowd",
    ),
    ApiRoute(
        method="POST",
        path="/me/profile",
        do=_change,
        show=_my_membership,
        body=JoinCrowd,
        answer=FriendOut,
        roles=FRIENDS,
        refusals=(FriendUnknown, PlaceUnknown, RadiusOutOfRange, Rejected),
        summary="Change where, how far and when you help",
    ),
    ApiRoute(
        method="POST",
        path="/me/resume",
        do=_resume,
        show=_my_membership,
        answer=FriendOut,
        roles=FRIENDS,
        refusals=(FriendUnknown,),
        summary="Get offers again",
    ),
    ApiRoute(
        method="GET",
        path="/friends",
        do=_list,
        show=_members,
        query=PageQuery,
        answer=FriendList,
        roles=STAFF,
        summary="List the members of the crowd",
    ),
)
