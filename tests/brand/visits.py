"""Where the crawler begins, for every kind of visitor, and the requests that are refused."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from unittest import mock
from urllib.parse import urlencode

import httpx2
from starlette.types import ASGIApp

from crowdcore.app.main import assemble
from crowdcore.app.routes import API, PAGES
from crowdcore.app.viewers import Viewers
from crowdcore.db.transaction import StorageBusy
from crowdcore.web import respond
from crowdcore.web.live import Hub
from crowdcore.web.openapi import PREFIX
from crowdcore.web.security import session_cookie
from tests.brand.crawl import Scanner, Walk
from tests.routes.recipe import NOBODY, filled
from tests.routes.recipes_api import RECIPES as API_RECIPES
from tests.routes.recipes_pages import RECIPES as PAGE_RECIPES
from tests.routes.town import Town

IN_FULL = os.environ.get("CROWDCORE_CRAWL") == "full"
"""`make crawl`: every role in every language of every portal."""

ROLES = {
    "anonymous": (NOBODY,),
    "customer": ("cora",),
    "friend": ("anna", "lara", "nico", "fritz", "beat"),
    "agent": ("agent",),
    "admin": ("admin",),
}
"""Role -> people of the town; the first one walks, the others only open what the recipes name them for."""

FILES = (
    "/",
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/robots.txt",
    "/sitemap.xml",
    "/.well-known/security.txt",
    "/manifest.webmanifest",
    "/sw.js",
    "/healthz",
    f"{PREFIX}/openapi.json",
)
NOWHERE = ("/nothing", "/{lang}/nothing", "/{lang}/s/nothing", "/{lang}/jobs/nothing/at/all", "/it/", "/_s/0/x.css")
"""Addresses that lead nowhere, at three depths and with a language that no portal has."""

STREAM = f"{PREFIX}/events"


def application(towns) -> ASGIApp:
    """Return the application as it is served."""
    settings = towns.settings
    return assemble(settings, hub=Hub(settings), api=API, pages=PAGES, find_viewer=Viewers().find)


@asynccontextmanager
async def visitor(
    app: ASGIApp, partner: str, *, town: Town | None = None, who: str = NOBODY, language: str = "en"
) -> AsyncIterator[httpx2.AsyncClient]:
    """Open a browser on a portal; signed in as `who` if the town has such a person."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, raise_app_exceptions=False),
        base_url=f"http://{partner}.localhost",
        headers={"accept-language": language},
    ) as client:
        someone = town.people.get(who) if town else None
        if someone is not None:
            client.cookies.set(session_cookie(), someone.session, domain=f"{partner}.localhost")
        yield client


def everybodys(language: str) -> Iterator[str]:
    """Yield what everybody may open: files, the first page, and addresses that lead nowhere."""
    yield from FILES
    yield f"/{language}/"
    yield from (path.replace("{lang}", language) for path in NOWHERE)


def seeds(town: Town, who: str, language: str) -> Iterator[str]:
    """Yield every page that a recipe names this person for; nobody tries them all."""
    for name, recipe in PAGE_RECIPES.items():
        method, _, template = name.partition(" ")
        for ask in recipe.asks if method == "GET" else ():
            if who in (ask.who, NOBODY):
                path, _ = filled(template, ask, town)
                query = f"?{urlencode(ask.query(town), doseq=True)}" if ask.query else ""
                yield f"/{language}{path}{query}"


async def operations(scanner: Scanner, client: httpx2.AsyncClient, town: Town, who: str) -> None:
    """Ask every operation of the API that reads: as the person with their token, and as nobody."""
    token = {"authorization": f"Bearer {town.people[who].token}"} if who in town.people else {}
    for name, recipe in API_RECIPES.items():
        method, _, template = name.partition(" ")
        for ask in recipe.asks if method == "GET" and PREFIX + template != STREAM else ():
            if ask.who == who or (who == NOBODY and ask is recipe.asks[0]):
                path, _ = filled(PREFIX + template, ask, town)
                query = f"?{urlencode(ask.query(town), doseq=True)}" if ask.query else ""
                scanner.answer(town.partner, f"GET {path}", await client.get(path + query, headers=token))
    for body, kind in ((b"{", "application/json"), (b"{}", "application/json"), (b"x", "text/plain")):
        headers = {**token, "content-type": kind, "idempotency-key": "brand"}
        path = f"{PREFIX}/jobs"
        scanner.answer(town.partner, f"POST {path}", await client.post(path, content=body, headers=headers))


async def refusals(scanner: Scanner, client: httpx2.AsyncClient, partner: str, language: str) -> None:
    """Ask for what is refused before anything is looked up: wrong methods, forms from elsewhere, unknown hosts."""
    for method, path in (("DELETE", f"/{language}/"), ("POST", "/"), ("POST", f"/{language}/sign-in")):
        scanner.answer(partner, f"{method} {path}", await client.request(method, path))
    for host in ("nobody.example", "zyxqa.nobody.example", "_", f"{partner}.localhost.nobody.example"):
        for path in ("/", f"/{language}/jobs", f"{PREFIX}/jobs"):
            answer = await client.get(path, headers={"host": host})
            names_nobody(scanner, f"GET {path} at {host}", answer)


async def failures(scanner: Scanner, client: httpx2.AsyncClient, partner: str, language: str) -> None:
    """Let a page fail: the database is too busy, and something is broken."""
    path, rendered = f"/{language}/friends", respond._rendered
    for error, status in ((StorageBusy(), 503), (RuntimeError("broken on purpose"), 500)):
        once = iter([error])

        def fail_once(*args: object, once=once) -> str:
            for error in once:
                raise error
            return rendered(*args)

        with mock.patch.object(respond, "_rendered", fail_once):
            answer = await client.get(path)
        assert answer.status_code == status
        scanner.answer(partner, f"GET {path} that fails with {status}", answer)


def names_nobody(scanner: Scanner, where: str, answer: httpx2.Response) -> None:
    """An answer without a portal belongs to nobody: no mark of anybody may stand in it."""
    headers = [(f"header {name}", value) for name, value in answer.headers.items()]
    scanner.look("no portal", where, [*headers, ("text", answer.text)])


async def walk(scanner: Scanner, app: ASGIApp, *, partner: str, town: Town | None, role: str, language: str) -> None:
    """Walk through one portal in one role and language."""
    for number, who in enumerate(ROLES[role]):
        async with visitor(app, partner, town=town, who=who, language=language) as client:
            one = Walk(scanner, client, partner, language, most=3 if IN_FULL else 1)
            if number:
                one.leads = lambda _path: False
            own = list(seeds(town, who, language)) if town else []
            await one.go([*own, *([] if number else everybodys(language))])
            if town is not None:
                await operations(scanner, client, town, who)
            if role == "anonymous":
                await refusals(scanner, client, partner, language)
                await failures(scanner, client, partner, language)
