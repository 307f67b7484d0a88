"""A job, a Friend, a case - as plain facts, for the tests of rules; nothing here touches a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from crowdcore.base.geo import Point, snap
from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Text
from crowdcore.crowd.rules import ALWAYS, Friend, Kind, Qualification, QualificationState, Standing
from crowdcore.jobs.rules import Job, Place, Proposal, ServiceCopy, State, Who, Window
from crowdcore.plugin.facts import Guide

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday, 10:00 in Zurich."""

ZURICH = ZoneInfo("Europe/Zurich")
CELL = snap(Point(47.37, 8.54))

CUSTOMER, FRIEND, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


def chf(cents: int) -> Money:
    return Money(cents, Currency.CHF)


def eur(cents: int) -> Money:
    return Money(cents, Currency.EUR)


def hours(start: float, end: float) -> Window:
    """Return a window that begins and ends so many hours from `NOW`."""
    return Window(NOW + timedelta(hours=start), NOW + timedelta(hours=end))


SERVICE = ServiceCopy(
    id="tv-setup",
    title=Text.neutral("TV"),
    family="tv",
    kind="install",
    exam="tv",
    skill="tv",
    licence=None,
    safety=frozenset(),
    minutes=45,
    minutes_max=90,
    steps=(),
)

JOB = Job(
    id=UUID(int=100),
    number="SW-2345678",
    state=State.OPEN,
    version=3,
    customer_id=CUSTOMER,
    service=SERVICE,
    place=Place("CH-8001-zurich", "CH", "CH-ZH", "8001", "Zürich", CELL),
    urgent=False,
    wishes=(hours(24, 26),),
    window=hours(24, 26),
    language="de",
    channel="web",
    guide=Guide(chf(5900), chf(4900), chf(7900)),
    agreed=None,
    proposal=None,
    assignee_id=None,
    suspended_id=None,
    done_by_id=None,
    preferred_id=None,
    round_no=0,
    releases=0,
    rebroadcasts=0,
    milestones={},
    quoted_at=NOW,
    opened_at=NOW,
    done_at=None,
    confirmed_at=None,
    created_at=NOW,
)

HELPER = Friend(
    id=FRIEND,
    account_id=UUID(int=20),
    person_id=UUID(int=200),
    kind=Kind.FRIEND,
    standing=Standing.ACTIVE,
    name="Anna",
    home=CELL,
    region="CH-ZH",
    place_label="8001 Zürich",
    radius_m=30_000,
    hours=ALWAYS,
    languages=frozenset({"de", "fr"}),
    licences=frozenset(),
    qualifications=(Qualification("tv", QualificationState.ACTIVE, NOW + timedelta(days=365)),),
)


def job(**changes) -> Job:
    return replace(JOB, **changes)


def friend(**changes) -> Friend:
    return replace(HELPER, **changes)


def proposal(cents: int, by: Who = Who.FRIEND) -> Proposal:
    return Proposal(chf(cents), "", by, NOW)
