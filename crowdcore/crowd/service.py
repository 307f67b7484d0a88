"""Verbs of the crowd room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import F

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Account, Role
from crowdcore.base import clock
from crowdcore.base.geo import Point, snap
from crowdcore.crowd import models
from crowdcore.crowd.events import (
    CrowdImported,
    FriendChanged,
    FriendJoined,
    FriendPaused,
    FriendReinstated,
    FriendResumed,
    FriendSuspended,
    QualificationGranted,
    QualificationRevoked,
)
from crowdcore.crowd.queries import friend, friend_of_or_none
from crowdcore.crowd.rules import (
    ALWAYS,
    AlreadyMember,
    Friend,
    Import,
    Kind,
    Membership,
    QualificationState,
    Standing,
    check_break,
    check_membership,
    check_radius,
)
from crowdcore.db import outbox, timers
from crowdcore.db.transaction import unit_of_work

BREAK_ENDS = "crowd.break_ends"


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
    licences_claimed: Sequence[str] = (),
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
        licences_claimed=list(licences_claimed),
        joined_at=clock.now(),
    )
    await outbox.publish(FriendJoined(friend_id=row.id, account_id=account.id))
    return await friend(row.id)


@unit_of_work
async def enrol(*, account_id: UUID, name: str, membership: Membership, most_radius_m: int) -> Friend:
    """Let somebody who is signed in join the crowd by themselves.

    They stay the same person as in other partners' crowds, as far as their mailbox proves it.

    Raises:
        AlreadyMember, RadiusOutOfRange: as `join`.
        Rejected: no language or no hour was ticked.
    """
    check_membership(languages=membership.languages, hours=membership.hours)
    account = await accounts.introduce(
        account_id=account_id, name=name, roles=frozenset({Role.FRIEND}), phone=membership.phone
    )
    return await join(
        account=account,
        kind=Kind.FRIEND,
        home=membership.home,
        region=membership.region,
        place_label=membership.place_label,
        radius_m=membership.radius_m,
        most_radius_m=most_radius_m,
        languages=membership.languages,
        hours=membership.hours,
        licences_claimed=membership.licences_claimed,
    )


@unit_of_work
async def import_members(*, members: Sequence[Import], most_radius_m: int) -> list[UUID]:
    """Make many people members at once, as when a partner brings its crowd along; all of them or nobody.

    Returns:
        Their ids, in the same order.

    Raises:
        AlreadyMember: somebody is one, or comes twice.
        RadiusOutOfRange: somebody goes further than the partner allows.
        Rejected: somebody has no language or no hour.
        ValueError: no reason is given for somebody's qualifications.
    """
    accounts_of = {one.account.id for one in members}
    known = await models.Friend.filter(account_id__in=list(accounts_of)).count() if members else 0
    if known or len(accounts_of) < len(members):
        raise AlreadyMember
    friends = [_imported(one, most_radius_m=most_radius_m) for one in members]
    await models.Friend.bulk_create(friends)
    await models.Qualification.bulk_create(
        [
            models.Qualification(
                friend_id=row.id,
                skill=skill,
                state=QualificationState.ACTIVE,
                granted_at=row.joined_at,
                valid_until=until,
                reason=one.reason,
            )
            for row, one in zip(friends, members, strict=True)
            for skill, until in one.qualifications.items()
        ]
    )
    ids = [row.id for row in friends]
    await outbox.publish(CrowdImported(count=len(ids), friend_ids=tuple(str(friend_id) for friend_id in ids)))
    return ids


@unit_of_work
async def change(*, friend_id: UUID, name: str, membership: Membership, most_radius_m: int) -> Friend:
    """Write a member's profile anew; licences that were checked stay as they are.

    Raises:
        NotFound: no such member.
        RadiusOutOfRange: further than the partner allows.
        Rejected: no language or no hour was ticked.
    """
    check_membership(languages=membership.languages, hours=membership.hours)
    check_radius(membership.radius_m, most_m=most_radius_m)
    await lock(friend_ids=[friend_id])
    member, cell = await friend(friend_id), snap(membership.home)
    await accounts.introduce(account_id=member.account_id, name=name, roles=frozenset(), phone=membership.phone)
    await models.Friend.filter(id=friend_id).update(
        name=name.split(" ", maxsplit=1)[0],
        lat=cell.lat,
        lon=cell.lon,
        region=membership.region,
        place_label=membership.place_label,
        radius_m=membership.radius_m,
        hours=f"{membership.hours:042x}",
        languages=sorted(membership.languages),
        licences_claimed=list(membership.licences_claimed),
    )
    await outbox.publish(FriendChanged(friend_id=friend_id, account_id=member.account_id))
    return await friend(friend_id)


@unit_of_work
async def check_licences(*, friend_id: UUID, held: frozenset[str]) -> Friend:
    """Record which licences staff have seen; what was only claimed before is settled with that."""
    await lock(friend_ids=[friend_id])
    member = await friend(friend_id)
    await models.Friend.filter(id=friend_id).update(licences=sorted(held), licences_claimed=[])
    await outbox.publish(FriendChanged(friend_id=friend_id, account_id=member.account_id))
    return await friend(friend_id)


@unit_of_work
async def pause(*, friend_id: UUID, until: datetime | None = None) -> None:
    """Stop offers to a member until they resume, or until a moment; pausing twice is fine.

    Raises:
        BreakEnd: the moment has passed, or is more than a year away.
    """
    if until is not None:
        check_break(until, clock.now())
    await lock(friend_ids=[friend_id])
    member = await friend(friend_id)
    if member.standing is Standing.SUSPENDED:
        return
    await timers.cancel(subject_id=friend_id, kinds=(BREAK_ENDS,))
    if until is not None:
        await timers.start(kind=BREAK_ENDS, subject_id=friend_id, due_at=until)
    await models.Friend.filter(id=friend_id).update(standing=Standing.PAUSED, paused_until=until)
    if member.standing is Standing.ACTIVE:
        await outbox.publish(FriendPaused(friend_id=friend_id, account_id=member.account_id))


@unit_of_work
async def resume(*, friend_id: UUID) -> None:
    """Send offers to a paused member again; a suspended one stays suspended."""
    await lock(friend_ids=[friend_id])
    member = await friend(friend_id)
    await timers.cancel(subject_id=friend_id, kinds=(BREAK_ENDS,))
    rows = models.Friend.filter(id=friend_id, standing=Standing.PAUSED)
    if await rows.update(standing=Standing.ACTIVE, paused_until=None):
        await outbox.publish(FriendResumed(friend_id=friend_id, account_id=member.account_id))


@unit_of_work
async def suspend(*, friend_id: UUID) -> bool:
    """Stop a member's offers until staff say otherwise; False if they were stopped already.

    Raises:
        NotFound: no such member.
    """
    await lock(friend_ids=[friend_id])
    member = await friend(friend_id)
    await timers.cancel(subject_id=friend_id, kinds=(BREAK_ENDS,))
    rows = models.Friend.filter(id=friend_id).exclude(standing=Standing.SUSPENDED)
    if await rows.update(standing=Standing.SUSPENDED, paused_until=None) == 0:
        return False
    await outbox.publish(FriendSuspended(friend_id=friend_id, account_id=member.account_id))
    return True


@unit_of_work
async def reinstate(*, friend_id: UUID) -> bool:
    """End a suspension; False if there was none.

    Raises:
        NotFound: no such member.
    """
    await lock(friend_ids=[friend_id])
    member = await friend(friend_id)
    rows = models.Friend.filter(id=friend_id, standing=Standing.SUSPENDED)
    if await rows.update(standing=Standing.ACTIVE) == 0:
        return False
    await outbox.publish(FriendReinstated(friend_id=friend_id, account_id=member.account_id))
    return True


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


def _imported(one: Import, *, most_radius_m: int) -> models.Friend:
    about = one.membership
    check_membership(languages=about.languages, hours=about.hours)
    check_radius(about.radius_m, most_m=most_radius_m)
    if one.qualifications and not one.reason:
        message = "a qualification needs a passed attempt or a reason"
        raise ValueError(message)
    cell = snap(about.home)
    return models.Friend(
        account_id=one.account.id,
        person_id=one.account.person_id,
        kind=one.kind,
        standing=Standing.ACTIVE,
        name=one.account.name.split(" ")[0],
        lat=cell.lat,
        lon=cell.lon,
        region=about.region,
        place_label=about.place_label,
        radius_m=about.radius_m,
        hours=f"{about.hours:042x}",
        languages=sorted(about.languages),
        licences=sorted(one.licences),
        licences_claimed=list(about.licences_claimed),
        joined_at=clock.now(),
    )
