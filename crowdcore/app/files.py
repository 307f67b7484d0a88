"""Files of a portal: static ones and its look, kept by browsers for ever; icons, manifest, worker, robots.txt."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from crowdcore.app.pages import only_get
from crowdcore.base.errors import NotFound
from crowdcore.plugin.content_partner import PortalStatus
from crowdcore.theming.theme import ICONS
from crowdcore.web.context import Visit
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


class Icons:
    """``/_t/<version>/icon-512.png`` and ``/apple-touch-icon.png``: the mark for home screens."""

    def __init__(self, name: str = "") -> None:
        """Serve one of the icons, or the one that the address names; each is drawn once per portal."""
        self._name = name
        self._drawn: dict[tuple[str, str, str], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            NotFound: no such icon, or an older version.
        """
        only_get(scope)
        portal, wanted = _portal(scope), scope["path_params"]
        name = self._name or f"icon-{wanted['icon']}.png"
        if name not in ICONS or wanted.get("version", portal.theme.version) != portal.theme.version:
            raise NotFound
        key = (portal.id, portal.theme.version, name)
        if key not in self._drawn:
            self._drawn[key] = await asyncio.to_thread(portal.theme.icon_png, name)
        headers = _FOR_A_DAY if self._name else _FOR_EVER
        await Response(self._drawn[key], media_type="image/png", headers=headers)(scope, receive, send)


class Manifest:
    """``/de/manifest.webmanifest``: how the portal looks and is called once it is on a home screen.

    Friends get one of their own, which opens at their offers.
    """

    def __init__(self, *, friend: bool = False) -> None:
        """Describe the site, or what Friends use."""
        self._start = "/friend/offers" if friend else "/"
        self._id = "/friend" if friend else "/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            NotFound: it is no language of this portal.
        """
        only_get(scope)
        visit: Visit = scope["visit"]
        if scope["path_params"].get("lang", visit.language.value) != visit.language.value:
            raise NotFound
        look, name = visit.portal.theme, visit.portal.settings.name
        about = {
            "id": self._id,
            "name": name.brand,
            "short_name": name.brand,
            "lang": visit.language.value,
            "dir": "ltr",
            "start_url": visit.href(self._start),
            "scope": "/",
            "display": "standalone",
            "background_color": look.light["page"],
            "theme_color": look.light["page"],
            "icons": [
                {"src": look.url("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
                *(
                    {"src": look.url(file), "sizes": f"{i.size}x{i.size}", "type": "image/png", "purpose": i.purpose}
                    for file, i in ICONS.items()
                    if i.purpose
                ),
            ],
        }
        text = json.dumps(about, ensure_ascii=False)
        headers = {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Language, Cookie"}
        await Response(text, media_type="application/manifest+json", headers=headers)(scope, receive, send)


class ServiceWorker:
    """``/sw.js``: keeps the shell, an offline page and a Friend's jobs of today; the same text on every portal."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; browsers ask anew each time, so that a repaired worker is in force at once."""
        only_get(scope)
        path = _portal(scope).static.path_of(_portal(scope).static.url("sw.js"))
        if path is None:
            raise NotFound
        response = Response(path.read_bytes(), media_type=_TYPES[".js"], headers={"Cache-Control": "no-cache"})
        await response(scope, receive, send)


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
