"""Who helps: kinds, standing, hours, qualifications; and what may be said about a rating."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from crowdcore.accounts.rules import Account
from crowdcore.base.errors import FieldProblem, Refusal, Rejected
from crowdcore.base.geo import Point
from crowdcore.i18n.translations import mark as _

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


class Part(StrEnum):
    """A part of a day, as Friends tick it."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: Hours counted from midnight of the day; the night reaches into the next one.
PART_HOURS = {
    Part.MORNING: range(6, 12),
    Part.AFTERNOON: range(12, 18),
    Part.EVENING: range(18, 22),
    Part.NIGHT: range(22, 30),
}

HOUR_CODES = tuple(f"{day}.{part.value}" for day in DAYS for part in Part)
"""Every tick of a week, ``mon.morning`` to ``sun.night``."""

MOST_LICENCES = 10

BREAKS_DAYS = (1, 3, 7, 14, 30)
"""How many days a pause may last that ends by itself."""

BACK_AT = time(7)
"""At this local time such a pause ends."""

LONGEST_BREAK = timedelta(days=366)


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
        licences_claimed: licences they say they hold, in their words, not yet checked; they open no job.
        paused_until: when their pause ends by itself; None if it does not, or there is none.
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
    licences_claimed: tuple[str, ...] = ()
    paused_until: datetime | None = None

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What somebody says about themselves when they join, or change later.

    Args:
        home: where they live; only its 2 km cell is kept.
        region: ISO 3166-2.
        place_label: postcode and town, as they read it.
        radius_m: how far they go, in metres.
        languages: languages they speak with customers.
        hours: one bit per hour of the week.
        licences_claimed: licences they say they hold, for the partner to check.
        phone: where their customers reach them, in international form, or empty.
    """

    home: Point
    region: str
    place_label: str
    radius_m: int
    languages: frozenset[str]
    hours: int
    licences_claimed: tuple[str, ...] = ()
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A member a partner brings along, with what they proved elsewhere.

    Args:
        account: opened before.
        kind: friend, profi or internal.
        membership: as if they had joined by themselves.
        licences: licence ids that somebody has seen.
        qualifications: skill -> until when it counts.
        reason: why these skills count without an exam here.
    """

    account: Account
    kind: Kind
    membership: Membership
    licences: frozenset[str]
    qualifications: Mapping[str, datetime]
    reason: str


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


class BreakEnd(Refusal):
    """A pause that ends in the past, or never comes to an end."""

    code = "pause.end"
    status = 422
    message = "Choose an end date between now and a year from now."


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


def read_hours(codes: Iterable[str]) -> int:
    """Return the availability that ticks stand for; words that are no tick are left out."""
    hours = 0
    for code in set(codes).intersection(HOUR_CODES):
        day, _dot, part = code.partition(".")
        for hour in PART_HOURS[Part(part)]:
            hours |= 1 << (DAYS.index(day) * 24 + hour) % HOURS_A_WEEK
    return hours


def hour_codes(hours: int) -> frozenset[str]:
    """Return the ticks of an availability: the parts of days that are free from beginning to end."""
    return frozenset(code for code in HOUR_CODES if (part := read_hours((code,))) & hours == part)


def break_end(now: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the end of a pause of so many days: 7 o'clock in the morning where the partner is."""
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, BACK_AT, zone).astimezone(UTC)


def check_break(until: datetime, now: datetime) -> None:
    """Refuse an end of a pause that has passed, or is more than a year away.

    Raises:
        BreakEnd: it has, or it is.
    """
    if not now < until <= now + LONGEST_BREAK:
        raise BreakEnd


def read_licences(text: str) -> tuple[str, ...]:
    """Return the licences somebody wrote down, one per line.

    Raises:
        Rejected: more than ten.
    """
    found = tuple(dict.fromkeys(line.strip()[:120] for line in text.splitlines() if line.strip()))
    if len(found) > MOST_LICENCES:
        message = _("At most %(count)s licences, please.")
        raise Rejected(fields=(FieldProblem("/licences", "licences.count", message, (("count", MOST_LICENCES),)),))
    return found


def check_membership(*, languages: frozenset[str], hours: int) -> None:
    """Refuse a profile with which nobody could ever be asked.

    Raises:
        Rejected: no language, or no hour of the week.
    """
    problems = []
    if not languages:
        problems.append(FieldProblem("/languages", "languages.missing", _("Tick at least one language.")))
    if not hours:
        problems.append(FieldProblem("/hours", "hours.missing", _("Tick at least one part of a day.")))
    if problems:
        raise Rejected(fields=tuple(problems))


def check_radius(radius_m: int, *, most_m: int) -> None:
    """Refuse a radius outside 1 km to the partner's limit.

    Raises:
        RadiusOutOfRange: it is.
    """
    if not LEAST_RADIUS_M <= radius_m <= most_m:
        raise RadiusOutOfRange(most=most_m // 1_000)
