"""How a valid request to a route is made, out of a town's people and things."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx2

from crowdcore.base.ids import new_id, new_secret
from crowdcore.web.security import csrf_token
from tests.kit import World
from tests.routes.town import TAG, Someone, Town
from tests.routes.watch import Eyes, everything

Made = Callable[[Town], dict[str, Any]]

NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One valid request to a route.

    Args:
        who: key of the person who sends it; NOBODY where no one needs to be known.
        path: parameter of the path -> name of a thing of the town.
        query: makes the query.
        body: makes the body, or the fields of the form.
        status: what it is answered with; None for what the route promises.
    """

    who: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Made | None = None
    body: Made | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The valid requests to one route: one for each role that may call it, the most usual first.

    Args:
        asks: the requests.
        strangers: people with the right role who have nothing to do with the things in the path.
    """

    asks: tuple[Ask, ...]
    strangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer, and what of it the client had said itself."""

    response: httpx2.Response
    said: tuple[str, ...]

    @property
    def status(self) -> int:
        return self.response.status_code


@dataclass(frozen=True, slots=True)
class Client:
    """Sends requests to the portals and looks at every answer with the eyes of whoever gets it."""

    http: httpx2.AsyncClient
    towns: tuple[Town, Town]

    @classmethod
    async def open(cls, world: World, here: Town, there: Town) -> Client:
        transport = httpx2.ASGITransport(world.app, raise_app_exceptions=True)
        client = httpx2.AsyncClient(transport=transport, base_url="http://nobody.example")
        return cls(await world.stack.enter_async_context(client), (here, there))

    async def send(
        self,
        method: str,
        path: str,
        *,
        host: str,
        eyes: Someone | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        said: tuple[str, ...] = (),
    ) -> Sent:
        """Send one request, and check that the answer holds nothing that is not for `eyes`."""
        self.http.cookies.clear()
        response = await self.http.request(method, f"http://{host}{path}", headers=dict(headers or {}), content=content)
        for town, other in (self.towns, self.towns[::-1]):
            if host == town.host:
                seen = Eyes(town, other, eyes)
                seen.check(everything(response), where=f"{method} {path} {response.status_code}", sent=said)
        assert response.headers["content-security-policy"]
        if response.headers.get("content-type", "").startswith("text/html"):
            assert TAG not in response.text, f"{method} {path}: what somebody typed has become markup"
        return Sent(response, said)


def filled(template: str, ask: Ask, town: Town, *, instead: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Return the path with the town's things in it, and those things; `instead` takes the place of all."""
    path, said = template, []
    for name, thing in ask.path.items():
        value = town.ids[thing] if instead is None else instead
        assert f"{{{name}}}" in path, f"{template} has no {name}"
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
        said += [value, quote(value, safe="")]
    assert "{" not in path, f"the recipe for {template} leaves out a parameter"
    return path, tuple(said)


def api_headers(token: str | None, *, key: str | None = "fresh", **more: str) -> dict[str, str]:
    """Return what a program sends; `key` "fresh" makes a new one, None leaves it out."""
    headers = {"accept-language": "en", **{name.replace("_", "-"): value for name, value in more.items()}}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    if key is not None:
        headers["idempotency-key"] = str(new_id()) if key == "fresh" else key
    return headers


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser: its cookies, the token of its forms at one portal, and who really sits before it."""

    partner: str
    who: Someone | None = None
    session: str | None = None
    visitor: str = field(default_factory=lambda: new_secret("v"))

    @property
    def csrf(self) -> str:
        return csrf_token(self.partner, self.session or self.visitor)

    @property
    def headers(self) -> dict[str, str]:
        cookie = f"v={self.visitor}" + (f"; s={self.session}" if self.session else "")
        return {"cookie": cookie, "accept-language": "en"}


def encoded(value: dict[str, Any] | None) -> bytes | None:
    return None if value is None else json.dumps(value).encode()


def form(fields: dict[str, Any], *, csrf: str, key: str = "") -> bytes:
    """Return the fields of a form as a browser sends them, with its two hidden ones."""
    return urlencode({**fields, "_csrf": csrf, "_key": key or new_secret("f")}, doseq=True).encode()
