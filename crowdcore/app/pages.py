"""Addresses that belong to no room: the way to the reader's language, and the description of the API."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from crowdcore.base.errors import NotFound
from crowdcore.web.api import ApiRoute
from crowdcore.web.context import Visit
from crowdcore.web.openapi import openapi_json
from crowdcore.web.operation import JSON, MethodNotAllowed, check_accept
from crowdcore.web.rates import limit


def only_get(scope: Scope) -> None:
    """Let only reading methods pass.

    Raises:
        MethodNotAllowed: another one.
    """
    if scope["method"] not in {"GET", "HEAD"}:
        raise MethodNotAllowed(allowed="GET, HEAD")


class Home:
    """``/``: sends everybody to the page in their language; never kept by a cache for somebody else."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        only_get(scope)
        visit: Visit = scope["visit"]
        response = RedirectResponse(
            visit.href("/"),
            status_code=302,
            headers={"Vary": "Accept-Language, Cookie", "Cache-Control": "private, no-store"},
        )
        await response(scope, receive, send)


class Lobby:
    """``/de``: the same page as ``/de/``; an unknown word is not found."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            NotFound: it is no language of this portal.
        """
        only_get(scope)
        visit: Visit = scope["visit"]
        if scope["path_params"]["lang"] != visit.language.value:
            raise NotFound
        await RedirectResponse(visit.href("/"), status_code=308)(scope, receive, send)


class ApiDescription:
    """The OpenAPI document, under the portal's own name."""

    def __init__(self, routes: Sequence[ApiRoute]) -> None:
        """Describe `routes`; the text is made once per portal."""
        self._routes = routes
        self._made: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        only_get(scope)
        visit: Visit = scope["visit"]
        check_accept(Request(scope), JSON)
        await limit(visit, "api")
        body = self._made.get(visit.portal.id)
        if body is None:
            body = self._made[visit.portal.id] = openapi_json(visit.portal.settings.name.brand, self._routes)
        await Response(body, media_type=JSON)(scope, receive, send)
