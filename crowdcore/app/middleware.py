"""The way in: reference, bounds, portal, language, viewer, protection - then exactly one handler."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crowdcore.app import errors, neutral
from crowdcore.app.pages import only_get
from crowdcore.base.ids import new_secret
from crowdcore.db import audit
from crowdcore.db.audit import Actor
from crowdcore.db.scope import partner_scope
from crowdcore.partners import queries as partners
from crowdcore.partners.rules import HostMalformed, PortalClosed, UnknownHost, read_host
from crowdcore.plugin.content_partner import PortalStatus
from crowdcore.settings import Settings
from crowdcore.web import security
from crowdcore.web.arrival import API, CALLBACKS, bearer_of, client_network, networks, read_visit
from crowdcore.web.context import Viewer, Visit
from crowdcore.web.portal import Portal

_log = logging.getLogger("crowdcore.requests")

HEALTH = "/healthz"
EVENTS = "/api/v1/events"
"""The one address of the API that a browser's session opens: an EventSource cannot send a token."""

FindViewer = Callable[[str | None, str | None], Awaitable[Viewer | None]]
"""``await find_viewer(session_secret, bearer)``: one of them is given; a bad bearer token is refused."""

_ROLES = ("admin", "agent", "friend", "customer")


class Front:
    """Outermost layer: reference, security headers, log line, and an answer to every failure."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand in front of `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = secrets.token_hex(8)
        started = time.perf_counter()
        out = _Out(send, scope)
        try:
            await self._app(scope, receive, out)
        except ClientDisconnect:
            _log.info("%s went away", scope["request_id"])
        except Exception as error:
            if out.status:
                raise
            await errors.answer(scope, error)(scope, receive, out)
        finally:
            _log_line(scope, out.status, time.perf_counter() - started)


class _Out:
    """`send` that adds what every answer carries; an answer to HEAD loses its body here."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._scope = scope
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=message["headers"])
            for name, value in security.security_headers().items():
                headers.setdefault(name, value)
            headers["x-request-id"] = self._scope["request_id"]
            message["headers"] = headers.raw
        elif self._scope["method"] == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)


def _log_line(scope: Scope, status: int, seconds: float) -> None:
    visit: Visit | None = scope.get("visit")
    partner = visit.portal.id if visit else "-"
    _log.info(
        "%s %s %s %s %d %.1fms",
        scope["request_id"], partner, scope["method"], errors.logged_path(scope), status, seconds * 1000,
    )  # fmt: skip


class Doorway:
    """Inner layer: finds the portal, the language and the viewer, and enters the partner's scope."""

    def __init__(self, app: ASGIApp, settings: Settings, find_viewer: FindViewer) -> None:
        """Lead to `app`.

        Args:
            app: the map of all URLs.
            settings: which proxies are believed, whether drafts are shown.
            find_viewer: who a session or a token belongs to.
        """
        self._app = app
        self._find_viewer = find_viewer
        self._proxies = networks(settings.trusted_proxies)
        self._shows_drafts = settings.demo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on.

        Raises:
            Refusal: an unknown host, a bad token, a form from elsewhere.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == HEALTH:
            only_get(scope)
            await (await neutral.health())(scope, receive, send)
            return
        headers = Headers(scope=scope)
        portal = self._portal(headers)
        elsewhere = _to_primary_host(portal, headers, scope)
        if elsewhere is not None:
            await elsewhere(scope, receive, send)
            return
        with partner_scope(portal.id):
            await self._enter(portal, scope, receive, send)

    def _portal(self, headers: Headers) -> Portal:
        sent = headers.getlist("host")
        if len(sent) != 1:
            raise HostMalformed
        portal = partners.portal_for_host(sent[0])
        if portal.settings.status is PortalStatus.DRAFT and not self._shows_drafts:
            raise UnknownHost
        return portal

    async def _enter(self, portal: Portal, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        known = cookies.get(security.visitor_cookie())
        visitor = known or new_secret("v")
        read = partial(
            read_visit,
            portal,
            scope,
            cookies=cookies,
            network=client_network(scope, self._proxies),
            visitor=visitor,
        )
        visit = scope["visit"] = read()
        if portal.settings.status is PortalStatus.CLOSED:
            raise PortalClosed
        bearer, session = _secrets(visit, headers, cookies)
        if bearer or session:
            viewer = await self._find_viewer(session, bearer)
            visit = scope["visit"] = read(viewer=viewer, session=session if viewer else None)
        audit.acting_as(_actor(visit))
        if scope["method"] not in security.SAFE_METHODS and not scope["path"].startswith((API, CALLBACKS)):
            security.check_sender(headers)
        page = _Page(send, visit, fresh_visitor=None if known else visitor, cookies=cookies)
        await self._app(scope, receive, page if visit.via == "web" else send)


def _secrets(visit: Visit, headers: Headers, cookies: dict[str, str]) -> tuple[str | None, str | None]:
    """Return bearer token and session secret, whichever counts here; never both."""
    bearer = bearer_of(headers) if visit.via == "api" else None
    if visit.via == "web" or (visit.path == EVENTS and bearer is None):
        return None, cookies.get(security.session_cookie())
    return bearer, None


class _Page:
    """`send` that completes the headers of HTML pages: language, privacy, the cookies of this browser."""

    def __init__(self, send: Send, visit: Visit, *, fresh_visitor: str | None, cookies: dict[str, str]) -> None:
        self._send = send
        self._visit = visit
        self._fresh_visitor = fresh_visitor
        self._cookies = cookies

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            if headers.get("content-type", "").startswith("text/html"):
                self._complete(headers)
            message["headers"] = headers.raw
        await self._send(message)

    def _complete(self, headers: MutableHeaders) -> None:
        headers.setdefault("content-language", self._visit.language.value)
        # A page holds this browser's form token: no shared cache may keep it.
        headers.setdefault("cache-control", "private, no-store" if self._visit.viewer else "private, no-cache")
        jar = Response()
        if self._fresh_visitor is not None:
            security.know_visitor(jar, self._fresh_visitor)
        if self._cookies.get(security.LANGUAGE_COOKIE) != self._visit.language.value:
            security.remember_language(jar, self._visit.language.value)
        for cookie in jar.headers.getlist("set-cookie"):
            headers.append("set-cookie", cookie)


def _to_primary_host(portal: Portal, headers: Headers, scope: Scope) -> Response | None:
    host = read_host(headers["host"])
    if not any(domain.redirect_to_primary and domain.host == host for domain in portal.settings.domains):
        return None
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    rest = (raw_path + (b"?" + query if query else b"")).decode("ascii", "replace")
    return RedirectResponse(portal.origin + rest, status_code=308)


def _actor(visit: Visit) -> Actor:
    if visit.viewer is None:
        return Actor(kind="customer", via=visit.via)
    kind = next((role for role in _ROLES if role in visit.viewer.roles), "customer")
    return Actor(kind=kind, via=visit.via, id=visit.viewer.account_id)
