"""Every page, mail and refusal in a language that nobody speaks: no sentence was forgotten."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import httpx2
import pytest

from crowdcore.app.routes import PAGES
from crowdcore.base.ids import new_id
from crowdcore.base.text import Language
from crowdcore.crowd.queries import friend_of
from crowdcore.db.config import open_database
from crowdcore.db.scope import partner_scope
from crowdcore.jobs.queries import job
from crowdcore.notifications import service
from crowdcore.notifications.rules import LETTERS
from crowdcore.partners.service import opened
from crowdcore.web.openapi import PREFIX
from tests.brand import canary
from tests.brand.pseudo import hard_coded, pseudo, read, speaking_pseudo
from tests.brand.visits import NOWHERE, application, seeds, visitor
from tests.conftest import ROOT
from tests.routes.recipe import Browser, filled, form
from tests.routes.recipes_api import RECIPES as API_RECIPES
from tests.routes.recipes_pages import RECIPES as PAGE_RECIPES
from tests.routes.town import Town

pytestmark = pytest.mark.slow

LANGUAGE = "fr"
"""Of the paths; what is English on such a page has been forgotten."""

DOOR_WORDS = ROOT / "locales/door_words.toml"
EXONYMS = ROOT / "crowdcore/places/exonyms.toml"
PLACES = ROOT / "tests/floors/places/places.jsonl"

NAMES = (
    r"(?:DE|FR|EN)?(?:Deutsch|Français|English)|(?:DE|FR|EN)(?![a-zà-ý])|/(?:de|fr|en)/",  # languages name themselves
    r"#[0-9A-Fa-f]{3,8}\b|-?\d[\d.]*(?:px|r?em|ms)\b|\bAa\b|\bsystem-ui, sans-serif",  # values of a look
    rf"{canary.BRAND}(?: AG| API)?|\bFriends?\b",  # the partner's own names
    r"[\w.+-]+@[\w.-]+|https?://\S+|\bw+\.\S+|\b[\w-]+\.(?:org|ch|example)\b",
    r"\b\d{4,5} [A-ZÄÖÜ]\w+(?:[ -]\w+)*|\bZürich\b|\bCH-[A-Z]{2}\b",  # places
    r"\b[A-Z]{2}-[A-Z0-9]{6,8}\b",  # numbers of jobs
    r"\b(?:CHF|EUR|km|min|h)\b",
    r"\b[0-9a-f]{16}\b",  # references
)
"""What is written alike in every language."""


@pytest.fixture(scope="module")
def town(towns) -> Iterator[Town]:
    with speaking_pseudo():
        yield towns.of[canary.ID]


@pytest.fixture
async def app(towns, town):
    async with open_database(towns.settings):
        yield application(towns)


def known_of(town: Town) -> re.Pattern[str]:
    """Return the pattern of names and of what people of the town have typed."""
    typed = rf"\S*{town.word}(?: says .*?&amp;|\S*)"
    everybody = "|".join(map(str.title, (*town.people, "customer", "friend")))
    places = [json.loads(line)["city"] for line in PLACES.read_text(encoding="utf-8").splitlines()]
    look = opened()[town.partner].theme
    values = [*look.light, *look.tokens.values()]
    for file in (EXONYMS, DOOR_WORDS):
        places += re.findall(r'"([^"]+)"', file.read_text(encoding="utf-8"))
    titles = [one.title.fr for one in opened()[town.partner].catalog.services.values()]
    own = "|".join(re.escape(name) for name in sorted({*places, *titles, *values}, key=len, reverse=True))
    return re.compile("|".join((typed, rf"\b(?:{everybody})\b", rf"(?<!\w)(?:{own})(?!\w)", *NAMES)))


async def _pages(app, town: Town) -> AsyncIterator[tuple[str, httpx2.Response]]:
    """Yield every page as everybody who may open it sees it."""
    for who in town.people:
        async with visitor(app, town.partner, town=town, who=who) as client:
            for path in seeds(town, who, LANGUAGE):
                if "/legal/" not in path:  # the partner's own long texts
                    yield f"GET {path} as {who}", await client.get(path)
    async with visitor(app, town.partner) as client:
        for path in (*(one.replace("{lang}", LANGUAGE) for one in NOWHERE), f"/{LANGUAGE}/", f"/{LANGUAGE}/services"):
            yield f"GET {path}", await client.get(path)
        for method, path in (("DELETE", f"/{LANGUAGE}/"), ("POST", f"/{LANGUAGE}/sign-in")):
            yield f"{method} {path}", await client.request(method, path)


async def _forms(app, town: Town) -> AsyncIterator[tuple[str, httpx2.Response]]:
    """Yield what every form answers that was sent empty."""
    async with visitor(app, town.partner) as client:
        for route in PAGES:
            if route.method == "POST" and f"POST {route.path}" in PAGE_RECIPES:
                ask = PAGE_RECIPES[f"POST {route.path}"].asks[0]
                someone = town.people.get(ask.who)
                sender = Browser(town.partner, someone, someone.session) if someone else Browser(town.partner)
                path, _ = filled(route.path, ask, town)
                headers = {**sender.headers, "content-type": "application/x-www-form-urlencoded"}
                client.cookies.clear()
                yield (
                    f"POST {path}",
                    await client.post(f"/{LANGUAGE}{path}", headers=headers, content=form({}, csrf=sender.csrf)),
                )


async def test_no_page_holds_a_sentence_of_its_own(app, town):
    known, found, seen = known_of(town), set(), 0
    for visits in (_pages(app, town), _forms(app, town)):
        async for where, response in visits:
            if response.headers.get("content-type", "").startswith("text/html"):
                seen += 1
                shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{40,}", "*", where)
                found |= {(text[:120], shape) for text in hard_coded(read(response.text), known)}
                found |= {("it broke", shape)} if response.status_code == httpx2.codes.INTERNAL_SERVER_ERROR else set()
    assert not found, "\n".join(f"{text!r} on {where}" for text, where in sorted(found))
    assert seen > 80


async def _problems(app, town: Town) -> AsyncIterator[tuple[str, httpx2.Response]]:
    """Yield what every operation of the API answers to wrong bodies: with and without a token."""
    async with visitor(app, town.partner) as client:
        for name, recipe in API_RECIPES.items():
            method, _, template = name.partition(" ")
            ask = recipe.asks[0]
            path, _ = filled(PREFIX + template, ask, town)
            tokens = {"", f"Bearer {town.people[ask.who].token}" if ask.who in town.people else ""}
            for token, body in itertools.product(sorted(tokens), (b"{}", b"[]")):
                key = str(new_id())
                headers = {"authorization": token, "content-type": "application/json", "idempotency-key": key}
                yield name, await client.request(method, path, headers=headers, content=body)


async def test_no_refusal_of_the_api_holds_a_sentence_of_its_own(app, town):
    known, found, seen = known_of(town), set(), 0
    async for name, answer in _problems(app, town):
        if answer.headers.get("content-type") == "application/problem+json":
            seen += 1
            said = json.loads(answer.text)
            texts = [said["detail"], *(one["message"] for one in said["errors"])]
            found |= {(text, name) for text in hard_coded(texts, known)}
    assert seen > 50
    assert not found, "\n".join(f"{text!r} at {name}" for text, name in sorted(found))


async def test_no_mail_holds_a_sentence_of_its_own(app, town):
    known, portal = known_of(town), opened()[town.partner]
    with partner_scope(town.partner):
        one = await job(UUID(town.ids["job:assigned"]))
        account = UUID(town.people["anna"].account_id)
        assert await friend_of(account)
        payload = {"friend_account_id": str(account), "event_id": "1"}
        recipient = service.Recipient(account, "anna@example.ch", Language.EN)
        for letter in (letter for letters in LETTERS.values() for letter in letters):
            words = await service._job_words(letter, one, payload, recipient)
            message = service._rendered("1", recipient, words)
            for texts in ([message.subject], message.text.splitlines(), read(message.html)):
                assert list(hard_coded(texts, known)) == [], letter.kind
    assert portal.settings.name.brand == canary.BRAND


def test_the_language_that_nobody_speaks_is_longer_and_keeps_its_gaps():
    text = "Job %(number)s is <b>done</b>"
    assert pseudo(text).startswith("⟦Jób %(number)s íš <b>dóñé</b>·")
    assert len(pseudo(text)) >= 1.3 * len(text)


def test_a_forgotten_sentence_is_found():
    page = "<main><h1>⟦Ýóúr jób ⟦TV⟧··⟧</h1><p>Zyxqa, CHF 59</p><p>Forgotten here</p><img alt='A picture'></main>"
    assert list(hard_coded(read(page), re.compile("|".join(NAMES)))) == ["Forgotten here", "A picture"]
