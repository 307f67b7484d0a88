"""The demo's small world, made through the services: staff, customers and a crowd for every partner."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Account, Role
from crowdcore.base import clock
from crowdcore.base.geo import Point
from crowdcore.crowd import queries as crowd_queries, service as crowd
from crowdcore.crowd.rules import Kind
from crowdcore.db.scope import partner_scope
from crowdcore.db.transaction import unit_of_work
from crowdcore.partners.queries import portals
from crowdcore.places.gazetteer import gazetteer
from crowdcore.places.rules import Found, Place
from crowdcore.web.portal import Portal

HOME = "8001 Zürich"
"""The place the demo's crowd lives around; credentials name it, so that a script can book there."""

FRIENDS = 220
PROFIS = 6
AT_ONCE = 20
SPREAD_DEGREES = 0.06
"""About 6 km: every Friend is within the first wave of a job at `HOME`."""

SEED = 20_170_201

Progress = Callable[[str, int, int], None]

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
        links: role -> secret of a sign-in link.
    """

    place_id: str
    service_id: str
    tokens: Mapping[str, str]
    friends: Sequence[str]
    links: Mapping[str, str]


async def is_empty() -> bool:
    """Say whether no portal has any members yet."""
    for partner_id in portals():
        with partner_scope(partner_id):
            if await crowd_queries.size():
                return False
    return True


async def build(progress: Progress) -> dict[str, Credentials]:
    """Make the world; returns the credentials by partner id.

    Args:
        progress: told (what, done, total).
    """
    found: dict[str, Credentials] = {}
    for partner_id, portal in portals().items():
        with partner_scope(partner_id):
            found[partner_id] = await _build_partner(portal, progress)
    return found


async def sign_in_links() -> dict[str, dict[str, str]]:
    """Return fresh one-click sign-in secrets by partner and role."""
    found: dict[str, dict[str, str]] = {}
    for partner_id in portals():
        with partner_scope(partner_id):
            found[partner_id] = await _links(partner_id)
    return found


@unit_of_work
async def _links(partner_id: str) -> dict[str, str]:
    links: dict[str, str] = {}
    for role in Role:
        account = await accounts.open_account(
            email=_address(role, partner_id), name=role.value.title(), language="de", roles=frozenset({role})
        )
        links[role.value] = await accounts.issue_demo_link(account_id=account.id)
    return links


async def _build_partner(portal: Portal, progress: Progress) -> Credentials:
    chance = random.Random(f"{SEED}:{portal.id}")  # noqa: S311 -- a fixed seed is the point
    answer = gazetteer().search(HOME)
    assert isinstance(answer, Found)  # noqa: S101 -- the gazetteer was just built
    tokens = await _staff(portal)
    friends = [tokens.pop("friend")]
    total = FRIENDS + PROFIS
    for start in range(1, total, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, total))
        friends += await _members(portal, answer.place, numbers, chance)
        progress(portal.id, numbers.stop, total)
    return Credentials(
        place_id=answer.place.id,
        service_id=_common_service(portal),
        tokens=tokens,
        friends=friends[:FRIENDS],
        links=await _links(portal.id),
    )


@unit_of_work
async def _staff(portal: Portal) -> dict[str, str]:
    tokens: dict[str, str] = {}
    answer = gazetteer().search(HOME)
    for role in Role:
        account = await accounts.open_account(
            email=_address(role, portal.id), name=role.value.title(), language="de", roles=frozenset({role})
        )
        if role is Role.FRIEND and isinstance(answer, Found):
            await _join(portal, account, answer.place, answer.place.point, Kind.FRIEND)
        tokens[role.value] = await accounts.issue_token(account_id=account.id, role=role, label="demo")
    return tokens


@unit_of_work
async def _members(portal: Portal, place: Place, numbers: range, chance: random.Random) -> list[str]:
    tokens: list[str] = []
    for number in numbers:
        name = f"{_FIRST_NAMES[number % len(_FIRST_NAMES)]}"
        account = await accounts.open_account(
            email=f"friend{number}@{portal.id}.example",
            name=name,
            language=("de", "fr", "en")[number % 3],
            roles=frozenset({Role.FRIEND}),
        )
        kind = Kind.PROFI if number >= FRIENDS else Kind.FRIEND
        home = Point(
            place.point.lat + chance.uniform(-SPREAD_DEGREES, SPREAD_DEGREES) * 0.7,
            place.point.lon + chance.uniform(-SPREAD_DEGREES, SPREAD_DEGREES),
        )
        await _join(portal, account, place, home, kind)
        tokens.append(await accounts.issue_token(account_id=account.id, role=Role.FRIEND, label="demo"))
    return tokens


async def _join(portal: Portal, account: Account, place: Place, home: Point, kind: Kind) -> None:
    licences = frozenset(s.licence for s in portal.catalog.services.values() if s.licence)
    member = await crowd.join(
        account=account,
        kind=kind,
        home=home,
        region=place.region,
        place_label=place.label,
        radius_m=portal.settings.dispatch.radius_km * 1000,
        most_radius_m=max(wave.radius_km for wave in portal.settings.dispatch.waves) * 1000,
        languages=frozenset(language.value for language in portal.settings.languages.offered),
        licences=licences if kind is Kind.PROFI else frozenset(),
    )
    until = clock.now() + timedelta(days=365)
    for exam in portal.exams.values():
        await crowd.grant_qualification(
            friend_id=member.id, skill=exam.skill, valid_until=until, reason="part of the demo's crowd"
        )


def _common_service(portal: Portal) -> str:
    return next(
        service.id
        for service in portal.catalog.bookable()
        if "friend" in service.channels and service.on_demand.allowed and service.licence is None
    )


def _address(role: Role, partner_id: str) -> str:
    return f"{role.value}@{partner_id}.example"
