"""The made-up crowd of one portal: who lives where, can do what, and when; moved in through the services."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Account, Newcomer, Role
from crowdcore.app.demo.people import Person, Registry, saying
from crowdcore.app.demo.towns import Town, all_towns, draw
from crowdcore.crowd import service as crowd
from crowdcore.crowd.rules import ALWAYS, Import, Kind, Membership
from crowdcore.db.transaction import unit_of_work
from crowdcore.partners.queries import portal
from crowdcore.web.portal import Portal

_DAYS = 7


@dataclass(frozen=True, slots=True)
class Recruit:
    """Somebody about to join.

    Args:
        person: who.
        kind: friend or profi.
        radius_km: how far they go.
        hours: one bit per hour of the week.
        languages: what they speak with customers.
        licences: licence ids.
        skills: skill -> until when it counts.
        eagerness: how likely they take a job, compared with others.
        person_id: the platform's person, if another portal's crowd has them too.
    """

    person: Person
    kind: Kind
    radius_km: int
    hours: int
    languages: frozenset[str]
    licences: frozenset[str]
    skills: Mapping[str, datetime]
    eagerness: float
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who has joined."""

    friend_id: UUID
    account: Account
    recruit: Recruit


def served_towns(here: Portal) -> tuple[Town, ...]:
    """Return the towns whose region is open for bookings."""
    return tuple(town for town in all_towns() if here.settings.regions.is_open(town.region))


class Recruiter:
    """Draws the crowd of one portal."""

    def __init__(self, here: Portal, registry: Registry, chance: random.Random, now: datetime) -> None:
        """Draw people from `registry` and everything else from `chance`; skills count from `now` on."""
        self._portal, self._registry, self._chance, self._now = here, registry, chance, now
        self._towns = served_towns(here)
        self._licences = frozenset(s.licence for s in here.catalog.services.values() if s.licence)

    def some(self, count: int, kind: Kind) -> Iterator[Recruit]:
        """Draw `count` people who are in no other crowd."""
        for _ in range(count):
            town, place = draw(self._towns, self._chance)
            yield self.recruit(self._registry.person(town, place), kind)

    def again(self, member: Member) -> Recruit:
        """Draw how somebody of another portal's crowd joins this one too."""
        return self.recruit(member.recruit.person, member.recruit.kind, member.account.person_id)

    def serves(self, member: Member) -> bool:
        """Say whether the portal is open where they live."""
        return self._portal.settings.regions.is_open(member.recruit.person.place.region)

    def recruit(self, person: Person, kind: Kind, person_id: UUID | None = None) -> Recruit:
        """Draw what somebody can do, and when."""
        chance, is_profi = self._chance, kind is Kind.PROFI
        most = self._portal.settings.dispatch.radius_km
        return Recruit(
            person=person,
            kind=kind,
            radius_km=most if is_profi else min(most, chance.choice((8, 10, 15, 20, 25, 30, 30, 30))),
            hours=_hours(chance, is_profi=is_profi),
            languages=_spoken(person, chance),
            licences=self._licences if is_profi and person.place.country == "CH" else frozenset(),
            skills=self._skills(all_of_them=is_profi),
            eagerness=chance.paretovariate(1.1) if chance.random() < 0.4 else 0.05,  # noqa: PLR2004 -- 60 % are quiet
            person_id=person_id,
        )

    def _skills(self, *, all_of_them: bool) -> dict[str, datetime]:
        """Draw who may do what, and until when."""
        chance = self._chance
        skills = [exam.skill for exam in self._portal.exams.values()]
        held = [skill for skill in skills if all_of_them or chance.random() < 0.55]  # noqa: PLR2004 -- a draw
        return {skill: self._now + timedelta(days=self._valid_for()) for skill in held or [chance.choice(skills)]}

    def _valid_for(self) -> int:
        """Draw for how many more days something counts; one in forty has expired."""
        return self._chance.choices((self._chance.randint(-10, 0), self._chance.randint(20, 360)), (1, 39))[0]


@unit_of_work
async def bring_along(recruits: Sequence[Recruit], chance: random.Random) -> list[Member]:
    """Open accounts and memberships for everybody, in one go, as when a partner brings its crowd along."""
    here = portal()
    opened = await accounts.import_accounts(
        newcomers=[
            Newcomer(
                email=one.person.email,
                name=one.person.name,
                language=one.person.language,
                phone=one.person.phone,
                person_id=one.person_id,
            )
            for one in recruits
        ],
        roles=frozenset({Role.FRIEND}),
    )
    ids = await crowd.import_members(
        members=[
            _import(one, account, saying("licence", one.person.language, chance))
            for one, account in zip(recruits, opened, strict=True)
        ],
        most_radius_m=max(wave.radius_km for wave in here.settings.dispatch.waves) * 1000,
    )
    return [Member(i, account, one) for i, account, one in zip(ids, opened, recruits, strict=True)]


def _import(one: Recruit, account: Account, reason: str) -> Import:
    return Import(
        account=account,
        kind=one.kind,
        membership=Membership(
            home=one.person.home,
            region=one.person.place.region,
            place_label=one.person.place.label,
            radius_m=one.radius_km * 1000,
            languages=one.languages,
            hours=one.hours,
        ),
        licences=one.licences,
        qualifications=one.skills,
        reason=reason,
    )


def _spoken(person: Person, chance: random.Random) -> frozenset[str]:
    """Draw the languages somebody speaks with customers: their own, and often others."""
    own = {"it": "de", "fr": "fr"}.get(person.town.language, "de")
    others = {"de": 0.75, "fr": 0.45, "en": 0.65}
    return frozenset({own, person.language, *(code for code, share in others.items() if chance.random() < share)})


def _hours(chance: random.Random, *, is_profi: bool) -> int:
    """Draw a weekly pattern: evenings and weekends, all day, office hours, or always."""
    if is_profi:
        return week(workdays=range(7, 21), weekend=range(8, 18))
    patterns = (
        week(workdays=range(17, 22), weekend=range(8, 21)),
        week(workdays=range(8, 21), weekend=range(8, 21)),
        week(workdays=range(8, 18), weekend=range(0)),
        week(workdays=range(0), weekend=range(8, 22)),
        ALWAYS,
    )
    return chance.choices(patterns, (27, 41, 7, 3, 22))[0]


def week(*, workdays: range, weekend: range) -> int:
    """Return the bits of a week: these hours from Monday to Friday, those on Saturday and Sunday."""
    hours = [day * 24 + hour for day in range(_DAYS) for hour in (workdays if day < _DAYS - 2 else weekend)]
    return sum(1 << hour for hour in hours)
