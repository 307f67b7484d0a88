"""The crowd room as JSON: who I am here, a pause, and the members for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import Field

from crowdcore.accounts import queries as accounts
from crowdcore.accounts.rules import STAFF, Account, Role
from crowdcore.crowd import queries, service
from crowdcore.crowd.rules import Friend, FriendUnknown, Kind, QualificationState, Standing
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Output
from crowdcore.web.paging import PageQuery, read_mark, write_mark

EVERYBODY = frozenset(Role)
FRIENDS = frozenset({Role.FRIEND})

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
    languages: list[str]
    licences: list[str]
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
        languages=sorted(member.languages),
        licences=sorted(member.licences),
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
