"""Reads of the crowd room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from crowdcore.base.errors import NotFound
from crowdcore.base.geo import Box, Point
from crowdcore.crowd import models
from crowdcore.crowd.rules import Friend, FriendUnknown, Kind, Qualification, QualificationState, Standing


async def friend(friend_id: UUID) -> Friend:
    """Return one member.

    Raises:
        NotFound: no such member with this partner.
    """
    row = await models.Friend.get_or_none(id=friend_id)
    if row is None:
        raise NotFound
    return (await _with_qualifications([row]))[0]


async def friend_of(account_id: UUID) -> Friend:
    """Return the member behind an account.

    Raises:
        FriendUnknown: this account is not a member.
    """
    found = await friend_of_or_none(account_id)
    if found is None:
        raise FriendUnknown
    return found


async def friend_of_or_none(account_id: UUID) -> Friend | None:
    """Return the member behind an account, or None."""
    row = await models.Friend.get_or_none(account_id=account_id)
    return (await _with_qualifications([row]))[0] if row else None


async def friends(friend_ids: Iterable[UUID]) -> dict[UUID, Friend]:
    """Return several members by id; unknown ids are left out."""
    rows = await models.Friend.filter(id__in=list(friend_ids))
    return {f.id: f for f in await _with_qualifications(rows)}


async def members_in(box: Box) -> list[Friend]:
    """Return every member whose home cell lies in `box`, whatever their standing."""
    rows = await models.Friend.filter(lat__gte=box.south, lat__lte=box.north, lon__gte=box.west, lon__lte=box.east)
    return await _with_qualifications(rows)


async def crowd(*, limit: int = 200) -> list[Friend]:
    """Return members, the newest first, for the console."""
    rows = await models.Friend.all().order_by("-joined_at", "id").limit(limit)
    return await _with_qualifications(rows)


async def page_of_members(*, after: tuple[datetime, UUID] | None, limit: int) -> list[Friend]:
    """Return members, the newest first.

    Args:
        after: moment of joining and id of the last member of the page before.
        limit: most members.
    """
    rows = models.Friend.all()
    if after is not None:
        at, friend_id = after
        rows = rows.filter(Q(joined_at__lt=at) | Q(joined_at=at, id__gt=friend_id))
    return await _with_qualifications(await rows.order_by("-joined_at", "id").limit(limit))


async def joined_at(friend_id: UUID) -> datetime:
    """Return when a member joined.

    Raises:
        NotFound: no such member with this partner.
    """
    row = await models.Friend.get_or_none(id=friend_id)
    if row is None:
        raise NotFound
    return row.joined_at


async def size() -> int:
    """Return how many members this crowd has."""
    return await models.Friend.all().count()


async def _with_qualifications(rows: Sequence[models.Friend]) -> list[Friend]:
    held: dict[UUID, list[Qualification]] = {}
    ids = [row.id for row in rows]
    for q in await models.Qualification.filter(friend_id__in=ids) if ids else []:
        held.setdefault(q.friend_id, []).append(Qualification(q.skill, QualificationState(q.state), q.valid_until))
    return [_facts(row, tuple(held.get(row.id, ()))) for row in rows]


def _facts(row: models.Friend, qualifications: tuple[Qualification, ...]) -> Friend:
    return Friend(
        id=row.id,
        account_id=row.account_id,
        person_id=row.person_id,
        kind=Kind(row.kind),
        standing=Standing(row.standing),
        name=row.name,
        home=Point(row.lat, row.lon),
        region=row.region,
        place_label=row.place_label,
        radius_m=row.radius_m,
        hours=int(row.hours, 16),
        languages=frozenset(row.languages),
        licences=frozenset(row.licences),
        qualifications=qualifications,
        rating_count=row.rating_count,
        rating_sum=row.rating_sum,
        jobs_done=row.jobs_done,
    )
