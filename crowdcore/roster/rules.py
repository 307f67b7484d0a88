"""What staff may decide about a member, always with a reason, and what a member's activity is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from crowdcore.base.errors import Refusal, Rejected
from crowdcore.i18n.translations import mark as _

LOOKED_BACK = timedelta(days=28)
"""Activity is that of the last four weeks."""

MOST_REASON = 200
_ID_BYTES = 16


class Decision(StrEnum):
    """What staff decide about a member; the value is also the action of the line of history."""

    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    GRANT = "grant"
    REVOKE = "revoke"
    LICENCES = "licences"


DECISIONS = {
    Decision.SUSPEND: _("Suspended"),
    Decision.REINSTATE: _("Suspension ended"),
    Decision.GRANT: _("Qualification granted"),
    Decision.REVOKE: _("Qualification withdrawn"),
    Decision.LICENCES: _("Licences checked"),
}


class Sort(StrEnum):
    """In which order members are listed."""

    NEWEST = "newest"
    BUSIEST = "busiest"
    LOWEST_RATED = "lowest_rated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which members are listed; what is empty does not matter.

    Args:
        region: ISO 3166-2.
        skill: they hold it at present.
        standing: active, paused or suspended.
        kind: friend, profi or internal.
        search: first name as it is written, or e-mail address.
        sort: the order.
    """

    region: str = ""
    skill: str = ""
    standing: str = ""
    kind: str = ""
    search: str = ""
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True, slots=True)
class Activity:
    """What a member did in the last four weeks.

    Args:
        asked: for how many jobs they were asked.
        accepted: how many they took.
        declined: how many they said no to.
        gave_back: how many they took and gave back.
    """

    asked: int = 0
    accepted: int = 0
    declined: int = 0
    gave_back: int = 0


class NothingChanged(Refusal):
    """It is so already."""

    code = "roster.unchanged"
    status = 409
    message = "Somebody has decided this already. The page shows how it is now."


class SkillUnknown(Rejected):
    """No exam of this portal proves it."""

    code = "roster.skill_unknown"
    message = "Choose one of the listed qualifications."


class LicenceUnknown(Rejected):
    """No service of this portal asks for it."""

    code = "roster.licence_unknown"
    message = "Choose from the listed licences."


def asked(waves: Iterable[tuple[UUID, bytes]], members: Collection[UUID]) -> dict[UUID, int]:
    """Return for how many jobs each member was asked.

    Args:
        waves: (job, packed ids of the members that were asked), as the dispatch room stores them.
        members: who is looked for.
    """
    wanted = {member.bytes for member in members}
    jobs: dict[bytes, set[UUID]] = {one: set() for one in wanted}
    for job_id, packed in waves:
        found = wanted.intersection(packed[at : at + _ID_BYTES] for at in range(0, len(packed), _ID_BYTES))
        for one in found:
            jobs[one].add(job_id)
    return {UUID(bytes=one): len(found) for one, found in jobs.items()}


def valid_until(granted_at: datetime, months: int) -> datetime:
    """Return until when a qualification given by hand counts: as long as a passed exam, in months of 30 days."""
    return granted_at + timedelta(days=30 * months)
