"""Files of a portal: static ones and its look, kept by browsers for ever; icon and robots.txt."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from crowdcore.app.pages import only_get
from crowdcore.base.errors import NotFound
from crowdcore.plugin.content_partner import PortalStatus
from crowdcore.web.portal import Portal

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".jpg": "image/jpeg",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


class Static:
    """``/_s/<hash>/base.css``: a shared file, or one of the partner's own."""

    def __init__(self) -> None:
        """Start with nothing read; a file is read when it is first asked for."""
        self._contents: dict[Path, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            NotFound: no such file, or an address of an older version.
        """
        only_get(scope)
        path = _portal(scope).static.path_of(scope["path"])
        if path is None or path.suffix not in _TYPES:
            raise NotFound
        if path not in self._contents:
            self._contents[path] = path.read_bytes()
        response = Response(self._contents[path], media_type=_TYPES[path.suffix], headers=_FOR_EVER)
        await response(scope, receive, send)


class Look:
    """``/_t/<version>/theme.css``: the partner's colours and measures, its logos."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            NotFound: no such file, or an older version.
        """
        only_get(scope)
        theme, wanted = _portal(scope).theme, scope["path_params"]
        found = theme.files.get(wanted["name"])
        if found is None or wanted["version"] != theme.version:
            raise NotFound
        content_type, text = found
        await Response(text, media_type=content_type, headers=_FOR_EVER)(scope, receive, send)


class Favicon:
    """``/favicon.ico``: the mark of the portal, for browsers that do not read the page's own link."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        only_get(scope)
        content_type, text = _portal(scope).theme.files["icon.svg"]
        await Response(text, media_type=content_type, headers=_FOR_A_DAY)(scope, receive, send)


class Robots:
    """``/robots.txt``: a live portal may be found, others not yet."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        only_get(scope)
        portal = _portal(scope)
        closed = "/" if portal.settings.status is not PortalStatus.LIVE else "/api/"
        text = f"User-agent: *\nDisallow: {closed}\n# {portal.origin}/\n"
        await PlainTextResponse(text, headers=_FOR_A_DAY)(scope, receive, send)


def _portal(scope: Scope) -> Portal:
    portal: Portal = scope["visit"].portal
    return portal
