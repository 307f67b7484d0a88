"""The demo's small world, and what every demo world has: staff, scripts' Friends, tokens and sign-in links."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Account, Role
from crowdcore.app.demo.crowd import Member, Recruit, bring_along
from crowdcore.app.demo.people import MADE_UP, Person
from crowdcore.app.demo.towns import Town
from crowdcore.base import clock
from crowdcore.base.geo import Point
from crowdcore.crowd import queries as crowd_queries
from crowdcore.crowd.rules import ALWAYS, Kind
from crowdcore.db.scope import partner_scope
from crowdcore.db.transaction import unit_of_work
from crowdcore.partners.queries import portals
from crowdcore.places.gazetteer import gazetteer
from crowdcore.places.rules import Found, Place
from crowdcore.web.portal import Portal

HOME = "8001 Zürich"
"""The place the scripts' Friends live around; credentials name it, so that a script can book there."""

FRIENDS = 220
PROFIS = 6
NEIGHBOURS = ("Agnes Frei", "Beat Moser", "Carla Wyss", "Daniel Roth", "Eva Lang")
"""Friends of the small world whom the demo can play (`--crowd`)."""

SPREAD_DEGREES = 0.06
"""About 6 km: every Friend is within the first wave of a job at `HOME`."""

SEED = "2017-02-01"

Progress = Callable[[str, int, int], None]

NAMES = {
    Role.CUSTOMER: "Nora Keller",
    Role.FRIEND: "Marco Suter",
    Role.AGENT: "Petra Lang",
    Role.ADMIN: "Reto Hug",
}
"""The people behind the printed sign-ins."""

_FIRST_NAMES = (
    "Alma", "Bruno", "Carla", "Dario", "Elin", "Fabio", "Gianna", "Henri", "Ilaria", "Jonas", "Kim", "Leonie",
    "Marco", "Nina", "Oskar", "Paula", "Quentin", "Rahel", "Sandro", "Tabea", "Urs", "Vera", "Walo", "Xenia",
    "Yannick", "Zoe",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a script needs to act on one portal.

    Args:
        place_id: gazetteer id of a place with many qualified Friends around it.
        service_id: a service all of them may do.
        tokens: role -> bearer token (customer, agent, admin).
        friends: bearer tokens of qualified Friends.
    """

    place_id: str
    service_id: str
    tokens: Mapping[str, str]
    friends: Sequence[str]


@dataclass(frozen=True, slots=True)
class Residents:
    """Who lives in every world of one portal.

    Args:
        accounts: the printed sign-ins by role.
        friend: the membership behind the printed Friend.
        helpers: Friends around `HOME` who may do everything and always have time; only scripts move them.
    """

    accounts: Mapping[Role, Account]
    friend: Member
    helpers: Sequence[Member]


async def is_empty() -> bool:
    """Say whether no portal has any members yet."""
    for partner_id in portals():
        with partner_scope(partner_id):
            if await crowd_queries.size():
                return False
    return True


async def build_small(progress: Progress) -> dict[str, Credentials]:
    """Make the small world: a crowd in Zurich and nothing that has happened; credentials by partner id.

    Args:
        progress: told (what, done, total).
    """
    found: dict[str, Credentials] = {}
    valid_until = clock.now() + timedelta(days=365)
    for partner_id, here in portals().items():
        with partner_scope(partner_id):
            chance = random.Random(f"{SEED}:{partner_id}")  # noqa: S311 -- a fixed seed is the point
            moved_in = await move_in(here, chance, friends=FRIENDS, profis=PROFIS, valid_until=valid_until)
            skills = moved_in.friend.recruit.skills
            neighbours = [
                _resident(here, home_place(), name, f"{name.split()[0].lower()}@{MADE_UP}", chance, skills)
                for name in NEIGHBOURS
            ]
            await bring_along(neighbours, chance)
            found[partner_id] = await credentials(here, moved_in)
        progress(partner_id, FRIENDS + PROFIS, FRIENDS + PROFIS)
    return found


@unit_of_work
async def move_in(
    here: Portal, chance: random.Random, *, friends: int, profis: int, valid_until: datetime
) -> Residents:
    """Open the accounts of the printed sign-ins and of the scripts' Friends.

    Args:
        here: the portal.
        chance: where they live is drawn from it.
        friends: how many Friends, the printed one included.
        profis: how many Profis.
        valid_until: until when their skills count.
    """
    place = home_place()
    known: dict[Role, Account] = {}
    for role in (Role.CUSTOMER, Role.AGENT, Role.ADMIN):
        known[role] = await accounts.open_account(
            email=address(role, here.id), name=NAMES[role], language="de", roles=frozenset({role}), phone="+41790000000"
        )
    skills = {exam.skill: valid_until for exam in here.exams.values()}
    recruits = [_resident(here, place, NAMES[Role.FRIEND], address(Role.FRIEND, here.id), chance, skills)]
    for number in range(1, friends + profis):
        name = _FIRST_NAMES[number % len(_FIRST_NAMES)]
        email, kind = f"friend{number}@{here.id}.example", Kind.PROFI if number >= friends else Kind.FRIEND
        recruits.append(_resident(here, place, name, email, chance, skills, kind=kind))
    members = await bring_along(recruits, chance)
    known[Role.FRIEND] = members[0].account
    return Residents(known, members[0], [one for one in members[1:] if one.recruit.kind is Kind.FRIEND])


@unit_of_work
async def credentials(here: Portal, residents: Residents) -> Credentials:
    """Return what scripts need: fresh tokens for everybody who lives in every world."""
    tokens = {
        role.value: await accounts.issue_token(account_id=account.id, role=role, label="demo")
        for role, account in residents.accounts.items()
    }
    friends = [tokens.pop(Role.FRIEND.value)]
    friends += [
        await accounts.issue_token(account_id=one.account.id, role=Role.FRIEND, label="demo")
        for one in residents.helpers
    ]
    return Credentials(home_place().id, common_services(here)[0], tokens, friends)


async def sign_in_links() -> dict[str, dict[str, str]]:
    """Return fresh one-click sign-in secrets by partner and role."""
    found: dict[str, dict[str, str]] = {}
    for partner_id in portals():
        with partner_scope(partner_id):
            found[partner_id] = await _links(partner_id)
    return found


def home_place() -> Place:
    """Return the place behind `HOME`."""
    answer = gazetteer().search(HOME)
    assert isinstance(answer, Found)  # noqa: S101 -- the gazetteer knows it
    return answer.place


def common_services(here: Portal) -> list[str]:
    """Return ids of services that Friends do at once, and that need no licence; the first is the scripts'."""
    return [
        service.id
        for service in here.catalog.bookable()
        if "friend" in service.channels and service.on_demand.allowed and service.licence is None
    ]


def address(role: Role, partner_id: str) -> str:
    """Return the address of a printed sign-in."""
    return f"{role.value}@{partner_id}.example"


@unit_of_work
async def _links(partner_id: str) -> dict[str, str]:
    links: dict[str, str] = {}
    for role in Role:
        account = await accounts.open_account(
            email=address(role, partner_id), name=NAMES[role], language="de", roles=frozenset({role})
        )
        links[role.value] = await accounts.issue_demo_link(account_id=account.id)
    return links


def _resident(
    here: Portal,
    place: Place,
    name: str,
    email: str,
    chance: random.Random,
    skills: Mapping[str, datetime],
    *,
    kind: Kind = Kind.FRIEND,
) -> Recruit:
    home = Point(
        place.point.lat + chance.uniform(-SPREAD_DEGREES, SPREAD_DEGREES) * 0.7,
        place.point.lon + chance.uniform(-SPREAD_DEGREES, SPREAD_DEGREES),
    )
    licences = frozenset(s.licence for s in here.catalog.services.values() if s.licence)
    reads = chance.choice(("de", "de", "fr", "en"))
    return Recruit(
        person=Person(
            name=name,
            email=email,
            phone="",
            language="de" if name == NAMES[Role.FRIEND] else reads,  # as the printed sign-ins
            street="",
            town=Town(place.locality, "de", (place,), 1.0, 1.0),
            place=place,
            home=home,
        ),
        kind=kind,
        radius_km=here.settings.dispatch.radius_km,
        hours=ALWAYS,
        languages=frozenset(language.value for language in here.settings.languages.offered),
        licences=licences if kind is Kind.PROFI else frozenset(),
        skills=skills,
        eagerness=0.01,
    )
