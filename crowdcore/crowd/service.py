"""Verbs of the crowd room."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import F

from crowdcore.accounts.rules import Account
from crowdcore.base import clock
from crowdcore.base.geo import Point, snap
from crowdcore.crowd import models
from crowdcore.crowd.events import (
    FriendJoined,
    FriendPaused,
    FriendResumed,
    QualificationGranted,
    QualificationRevoked,
)
from crowdcore.crowd.queries import friend, friend_of_or_none
from crowdcore.crowd.rules import (
    ALWAYS,
    AlreadyMember,
    Friend,
    Kind,
    QualificationState,
    Standing,
    check_radius,
)
from crowdcore.db import outbox
from crowdcore.db.transaction import unit_of_work


@unit_of_work
async def join(
    *,
    account: Account,
    kind: Kind,
    home: Point,
    region: str,
    place_label: str,
    radius_m: int,
    most_radius_m: int,
    languages: frozenset[str],
    licences: frozenset[str] = frozenset(),
    hours: int = ALWAYS,
) -> Friend:
    """Make somebody a member; only the 2 km cell of their home is kept.

    Raises:
        AlreadyMember: this account is one.
        RadiusOutOfRange: further than the partner allows.
    """
    check_radius(radius_m, most_m=most_radius_m)
    if await friend_of_or_none(account.id) is not None:
        raise AlreadyMember
    cell = snap(home)
    row = await models.Friend.create(
        account_id=account.id,
        person_id=account.person_id,
        kind=kind,
        standing=Standing.ACTIVE,
        name=account.name.split(" ")[0],
        lat=cell.lat,
        lon=cell.lon,
        region=region,
        place_label=place_label,
        radius_m=radius_m,
        hours=f"{hours:042x}",
        languages=sorted(languages),
        licences=sorted(licences),
        joined_at=clock.now(),
    )
    await outbox.publish(FriendJoined(friend_id=row.id, account_id=account.id))
    return await friend(row.id)


@unit_of_work
async def pause(*, friend_id: UUID) -> None:
    """Stop offers to a member until they resume; pausing twice is fine."""
    await lock(friend_ids=[friend_id])
    member = await friend(friend_id)
    rows = models.Friend.filter(id=friend_id, standing=Standing.ACTIVE)
    if await rows.update(standing=Standing.PAUSED):
        await outbox.publish(FriendPaused(friend_id=friend_id, account_id=member.account_id))


@unit_of_work
async def resume(*, friend_id: UUID) -> None:
    """Send offers to a paused member again; a suspended one stays suspended."""
    member = await friend(friend_id)
    rows = models.Friend.filter(id=friend_id, standing=Standing.PAUSED)
    if await rows.update(standing=Standing.ACTIVE):
        await outbox.publish(FriendResumed(friend_id=friend_id, account_id=member.account_id))


@unit_of_work
async def grant_qualification(
    *,
    friend_id: UUID,
    skill: str,
    valid_until: datetime,
    attempt_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Let a member do a kind of work, because of a passed exam or by hand with a reason.

    Raises:
        ValueError: neither an attempt nor a reason is given.
    """
    if attempt_id is None and not reason:
        message = "a qualification needs a passed attempt or a reason"
        raise ValueError(message)
    await lock(friend_ids=[friend_id])
    member = await friend(friend_id)
    values: dict[str, Any] = {
        "state": QualificationState.ACTIVE,
        "granted_at": clock.now(),
        "valid_until": valid_until,
        "attempt_id": attempt_id,
        "reason": reason,
    }
    if await models.Qualification.filter(friend_id=friend_id, skill=skill).update(**values) == 0:
        await models.Qualification.create(friend_id=friend_id, skill=skill, **values)
    await outbox.publish(QualificationGranted(friend_id=friend_id, account_id=member.account_id, skill=skill))


@unit_of_work
async def revoke_qualification(*, friend_id: UUID, skill: str, reason: str) -> None:
    """Take a skill away; once this returns, no accept of the member wins a job that needs it."""
    await lock(friend_ids=[friend_id])
    member = await friend(friend_id)
    rows = models.Qualification.filter(friend_id=friend_id, skill=skill, state=QualificationState.ACTIVE)
    if await rows.update(state=QualificationState.REVOKED, reason=reason):
        await outbox.publish(QualificationRevoked(friend_id=friend_id, account_id=member.account_id, skill=skill))


@unit_of_work
async def record_rating(*, friend_id: UUID, stars: int) -> None:
    """Add a customer's stars (1-5) to a member's record."""
    await models.Friend.filter(id=friend_id).update(
        rating_count=F("rating_count") + 1, rating_sum=F("rating_sum") + stars
    )


@unit_of_work
async def record_job_done(*, friend_id: UUID) -> None:
    """Count a finished job for a member."""
    await models.Friend.filter(id=friend_id).update(jobs_done=F("jobs_done") + 1)


@unit_of_work
async def lock(*, friend_ids: Collection[UUID]) -> None:
    """Hold these members until the unit of work ends, in one fixed order so that nobody deadlocks.

    Whoever assigns a job or takes a qualification away holds the member first, so neither can slip
    between the other's check and its change.
    """
    await models.Friend.filter(id__in=list(friend_ids)).order_by("id").select_for_update().only("id")
