"""Verbs of the roster room: what staff decide about a member, with a reason that stays on record."""

from __future__ import annotations

from uuid import UUID

from crowdcore.base import clock
from crowdcore.crowd import service as crowd
from crowdcore.db import audit
from crowdcore.db.transaction import unit_of_work
from crowdcore.partners.queries import portal
from crowdcore.roster import queries
from crowdcore.roster.rules import Decision, LicenceUnknown, NothingChanged, SkillUnknown, valid_until


@unit_of_work
async def suspend(*, friend_id: UUID, reason: str) -> None:
    """Stop a member's offers; jobs they hold stay theirs until somebody gives them to others.

    Raises:
        NotFound: no such member.
        NothingChanged: they were stopped already.
    """
    if not await crowd.suspend(friend_id=friend_id):
        raise NothingChanged
    await _record(friend_id, Decision.SUSPEND, reason)


@unit_of_work
async def reinstate(*, friend_id: UUID, reason: str) -> None:
    """Let a member have offers again.

    Raises:
        NotFound: no such member.
        NothingChanged: they were not stopped.
    """
    if not await crowd.reinstate(friend_id=friend_id):
        raise NothingChanged
    await _record(friend_id, Decision.REINSTATE, reason)


@unit_of_work
async def grant(*, friend_id: UUID, skill: str, reason: str) -> None:
    """Let a member do a kind of work without the exam.

    Raises:
        NotFound: no such member.
        SkillUnknown: no exam of this portal proves it.
    """
    exam = next((exam for exam in portal().exams.values() if exam.skill == skill), None)
    if exam is None:
        raise SkillUnknown
    until = valid_until(clock.now(), exam.valid_months)
    await crowd.grant_qualification(friend_id=friend_id, skill=skill, valid_until=until, reason=reason)
    await _record(friend_id, Decision.GRANT, f"{skill}: {reason}")


@unit_of_work
async def revoke(*, friend_id: UUID, skill: str, reason: str) -> None:
    """Take a qualification away.

    Raises:
        NotFound: no such member.
        SkillUnknown: they do not hold it.
    """
    if not await queries.holds(friend_id, skill):
        raise SkillUnknown
    await crowd.revoke_qualification(friend_id=friend_id, skill=skill, reason=reason)
    await _record(friend_id, Decision.REVOKE, f"{skill}: {reason}")


@unit_of_work
async def check_licences(*, friend_id: UUID, held: frozenset[str]) -> None:
    """Record which licences staff have seen on paper.

    Raises:
        NotFound: no such member.
        LicenceUnknown: no service of this portal asks for one of them.
    """
    if held - queries.licences():
        raise LicenceUnknown
    await crowd.check_licences(friend_id=friend_id, held=held)
    await _record(friend_id, Decision.LICENCES, ", ".join(sorted(held)) or "-")


async def _record(friend_id: UUID, decision: Decision, reason: str) -> None:
    """Add a line to the member's history; the crowd's verb before has locked the member."""
    lines = await audit.history(object_kind="friend", object_id=friend_id)
    await audit.record(
        object_kind="friend", object_id=friend_id, version=len(lines) + 1, action=decision, reason=reason[:200]
    )
