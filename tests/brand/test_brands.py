"""Nothing of one partner is ever found on the portal of another, and nothing of the project on any."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Mapping
from email import message_from_bytes, policy

import pytest

from crowdcore.db.config import open_database
from crowdcore.partners.service import opened
from crowdcore.web.portal import Portal
from tests.brand import canary
from tests.brand.crawl import Allowed, Report, Scanner, crawl_mails
from tests.brand.marks import marks
from tests.brand.plants import Plant, letters, mail_plants, planted, plants
from tests.brand.towns import WORDS, Towns
from tests.brand.visits import IN_FULL, ROLES, application, walk

FOREIGN = {"word": "Steckplatz", "host": "electronics.localhost", "colour": "#B8330A"}
PLANTS = list(plants(partner="electronics", **FOREIGN))
MAIL_PLANTS = list(mail_plants(**FOREIGN))

LANGUAGES = ("de", "fr", "en")

pytestmark = pytest.mark.slow


def named_processors(portals: Mapping[str, Portal]) -> tuple[Allowed, ...]:
    """Return where partners name who runs the portal: partner.toml says on which legal pages."""
    return tuple(
        Allowed(re.compile(rf"/legal/{name}$"), "crowdcore", "the law wants the processor named to whom it concerns")
        for name in sorted({name for one in portals.values() for name in one.settings.legal.processor_named_on})
    )


def walks(towns: Towns) -> list[tuple[str, str, str]]:
    """Return (partner, role, language) of the walks; in short, every role and every language once per portal."""
    full = list(itertools.product(opened(), ROLES, LANGUAGES))
    if IN_FULL:
        return full
    turns = {role: LANGUAGES[number % 3] for number, role in enumerate(ROLES)}
    return [
        (partner, role, language)
        for partner, role, language in full
        if language == turns[role] and (partner in towns.of or role == "anonymous")
    ]


async def test_nothing_of_others_is_on_any_portal(towns):
    report = Report()
    portals = opened()
    scanner = Scanner(portals, marks(portals, WORDS), named_processors(portals), report)
    async with open_database(towns.settings):
        app = application(towns)
        for partner, role, language in walks(towns):
            await walk(scanner, app, partner=partner, town=towns.of.get(partner), role=role, language=language)
    crawl_mails(scanner, towns.mails)
    assert not report.leaks, f"\n{report}"
    assert report.answers[canary.ID] > 300
    assert report.answers[f"{canary.ID} mails"] > 50
    if IN_FULL:
        assert set(scanner.allowed) == report.used, "an exception that nobody needs may go"


@pytest.fixture(scope="module")
def found(towns) -> Report:
    """What the crawler reports when every leak is planted at once on the canary's portal."""
    report, portals = Report(), opened()
    scanner = Scanner(portals, marks(portals, WORDS), named_processors(portals), report)
    town = towns.of[canary.ID]

    async def crawl() -> None:
        async with open_database(towns.settings):
            app = planted(application(towns), PLANTS)
            for role in ("anonymous", "customer", "friend"):
                await walk(scanner, app, partner=canary.ID, town=town, role=role, language="en")

    asyncio.run(crawl())
    mails = letters(towns.mails / canary.ID)
    for number, plant in enumerate(MAIL_PLANTS):
        mail = mails[0]
        copy = message_from_bytes(mail.as_bytes(), policy=policy.default)
        plant.change(copy)
        scanner.mail(canary.ID, f"planted mail {number}", copy)
    return report


def test_thirty_leaks_are_planted_each_on_a_surface_of_its_own():
    assert len(PLANTS) + len(MAIL_PLANTS) >= 30
    assert len({(plant.surface, plant.what, plant.at) for plant in PLANTS}) == len(PLANTS)


def _where(plant: Plant) -> re.Pattern[str]:
    """Return what the report calls the place of a plant: its method and path, without the status."""
    return re.compile(re.sub(r" \d{3}\$?$", "", plant.at.pattern))


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.surface} at {plant.at.pattern}")
def test_a_leak_is_found(found, plant):
    wanted = [leak for leak in found.leaks if leak.surface == plant.surface and leak.what == plant.what]
    assert any(_where(plant).search(leak.where) for leak in wanted), f"not reported; reported are\n{found}"


@pytest.mark.parametrize(("number", "plant"), list(enumerate(MAIL_PLANTS)), ids=lambda one: getattr(one, "surface", ""))
def test_a_leak_in_a_mail_is_found(found, number, plant):
    wanted = {(leak.surface, leak.what) for leak in found.leaks if leak.where == f"planted mail {number}"}
    assert (plant.surface, plant.what) in wanted


def test_nothing_else_is_reported(found):
    """Every report stands where something was planted."""
    places = [_where(plant) for plant in PLANTS] + [re.compile("^planted mail"), re.compile("^GET / at .*nobody")]
    strange = [leak for leak in found.leaks if not any(place.search(leak.where) for place in places)]
    assert not strange
