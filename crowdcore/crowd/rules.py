"""Who helps: kinds, standing, hours, qualifications; and what may be said about a rating."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from crowdcore.base.errors import Refusal
from crowdcore.base.geo import Point

HOURS_A_WEEK = 7 * 24

ALWAYS = (1 << HOURS_A_WEEK) - 1
"""Availability around the clock: one bit per hour, Monday 00:00 is bit 0."""

LEAST_RADIUS_M = 1_000

RATINGS_SHOWN_FROM = 5
"""No mean is shown or used below five ratings (product.md S22)."""


class Kind(StrEnum):
    """What sort of member somebody is."""

    FRIEND = "friend"
    PROFI = "profi"
    INTERNAL = "internal"


class Standing(StrEnum):
    """Whether somebody gets offers."""

    ACTIVE = "active"
    PAUSED = "paused"
    SUSPENDED = "suspended"


class QualificationState(StrEnum):
    """The life of a qualification."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Qualification:
    """A skill somebody has proved, until a day."""

    skill: str
    state: QualificationState
    valid_until: datetime

    def holds(self, at: datetime) -> bool:
        """Say whether it counts at this moment."""
        return self.state is QualificationState.ACTIVE and at < self.valid_until


@dataclass(frozen=True, slots=True)
class Friend:
    """A member of one partner's crowd, as the rules see them.

    Args:
        id: the membership.
        account_id: their account with the partner.
        person_id: the person behind it, across partners.
        kind: friend, profi or internal.
        standing: whether they get offers.
        name: first name, as customers see it.
        home: centre of their 2 km cell; their exact home is not known here.
        region: ISO 3166-2.
        radius_m: how far they go, in metres.
        hours: availability, one bit per hour of the week in local time.
        languages: languages they speak with customers.
        licences: licence ids they hold.
        qualifications: by skill.
        rating_count: how many customers rated them.
        rating_sum: sum of the stars.
        jobs_done: finished jobs.
    """

    id: UUID
    account_id: UUID
    person_id: UUID
    kind: Kind
    standing: Standing
    name: str
    home: Point
    region: str
    place_label: str
    radius_m: int
    hours: int
    languages: frozenset[str]
    licences: frozenset[str]
    qualifications: tuple[Qualification, ...] = field(default=())
    rating_count: int = 0
    rating_sum: int = 0
    jobs_done: int = 0

    def is_qualified(self, skill: str, at: datetime) -> bool:
        """Say whether they hold `skill` at this moment."""
        return any(q.skill == skill and q.holds(at) for q in self.qualifications)

    def skills(self, at: datetime) -> frozenset[str]:
        """Return the skills they hold at this moment."""
        return frozenset(q.skill for q in self.qualifications if q.holds(at))

    def rating_mean(self) -> float | None:
        """Return the mean of their stars, or None while there are too few to say."""
        if self.rating_count < RATINGS_SHOWN_FROM:
            return None
        return self.rating_sum / self.rating_count


class FriendUnknown(Refusal):
    """Whoever asks is not a member of this crowd."""

    code = "friend.unknown"
    status = 403
    message = "This page is for Friends. You are not a member of this group yet."


class RadiusOutOfRange(Refusal):
    """A radius no member may choose."""

    code = "radius.range"
    status = 422
    message = "Choose a radius from 1 to %(most)s km."


class AlreadyMember(Refusal):
    """Somebody joined twice."""

    code = "friend.already_member"
    status = 409
    message = "You are already a member of this group."


def is_available(hours: int, *, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Say whether every hour that the window touches is free in the weekly pattern.

    Args:
        hours: one bit per hour of the week, Monday 00:00 local time is bit 0.
        start: begin of the window (UTC).
        end: its end (UTC), after `start`.
        zone: the partner's time zone.
    """
    moment = start
    while moment < end:
        local = moment.astimezone(zone)
        if not hours >> (local.weekday() * 24 + local.hour) & 1:
            return False
        moment += timedelta(hours=1) - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
    return True


def check_radius(radius_m: int, *, most_m: int) -> None:
    """Refuse a radius outside 1 km to the partner's limit.

    Raises:
        RadiusOutOfRange: it is.
    """
    if not LEAST_RADIUS_M <= radius_m <= most_m:
        raise RadiusOutOfRange(most=most_m // 1_000)
