"""How a Visit is read from a request: language, kind of client, network, secrets it brings."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network

from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from crowdcore.base.errors import Fault
from crowdcore.i18n.locale import Signs, choose
from crowdcore.web.context import Via, Viewer, Visit
from crowdcore.web.portal import Portal
from crowdcore.web.security import LANGUAGE_COOKIE, csrf_token

API = "/api/"
CALLBACKS = "/-/"
"""Prefix of addresses that partners' systems call; they sign their messages and have no cookies."""

Network = IPv4Network | IPv6Network


def read_visit(
    portal: Portal,
    scope: Scope,
    *,
    cookies: dict[str, str],
    network: str,
    visitor: str,
    viewer: Viewer | None = None,
    session: str | None = None,
) -> Visit:
    """Return the visit of one request; no secret gets into it.

    Args:
        portal: the portal of the host.
        scope: the ASGI request.
        cookies: what the browser sent.
        network: the client's network.
        visitor: secret of the visitor cookie.
        viewer: who is signed in.
        session: secret of the viewer's session, if there is one.
    """
    headers = Headers(scope=scope)
    via: Via = "api" if scope["path"].startswith(API) else "web"
    prefix, path = _split(scope["path"], portal)
    signs = Signs(
        path=prefix,
        cookie=cookies.get(LANGUAGE_COOKIE) if via == "web" else None,
        account=viewer.language if viewer is not None and via == "web" else None,
        header=headers.get("accept-language", ""),
        domain=_domain_language(portal, headers["host"]),
    )
    languages = portal.settings.languages
    language = choose(signs, languages.offered, languages.default)
    return Visit(
        portal=portal,
        language=language,
        translator=portal.translators[language],
        viewer=viewer,
        via=via,
        request_id=scope["request_id"],
        network=network,
        path=path,
        query=dict(QueryParams(scope.get("query_string", b""))),
        csrf=csrf_token(portal.id, session or visitor),
        visitor=sha256(visitor.encode()).hexdigest()[:32] if via == "web" else "",
    )


def bearer_of(headers: Headers) -> str | None:
    """Return the token in the Authorization header, or None."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None


def networks(listed: str) -> tuple[Network, ...]:
    """Return the networks of a comma separated list of addresses and networks.

    Raises:
        Fault: an entry is neither.
    """
    parts = [part.strip() for part in listed.split(",") if part.strip()]
    try:
        return tuple(ipaddress.ip_network(part) for part in parts)
    except ValueError as error:
        raise Fault(f"CROWDCORE_TRUSTED_PROXIES: {error}; write addresses such as 10.0.0.0/8") from error


def client_network(scope: Scope, proxies: Sequence[Network]) -> str:
    """Return the client's network: IPv4 /24, IPv6 /56; the whole text for anything else (a test client).

    A proxy's word about who it speaks for counts only if the settings name the proxy.
    """
    peer: str = (scope.get("client") or ("local", 0))[0]
    forwarded = Headers(scope=scope).get("x-forwarded-for", "")
    hops = [part.strip() for part in forwarded.split(",") if part.strip()]
    while hops and _within(peer, proxies):
        peer = hops.pop()
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer[:45]
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 56), strict=False))  # noqa: PLR2004 -- IPv4


def _within(peer: str, proxies: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in proxies)


def _split(path: str, portal: Portal) -> tuple[str | None, str]:
    """Return language prefix and rest of a path: ``/fr/jobs`` -> ``fr``, ``/jobs``."""
    first, slash, rest = path[1:].partition("/")
    if first in portal.settings.languages.offered:
        return first, f"/{rest}" if slash else "/"
    return None, path


def _domain_language(portal: Portal, host_header: str) -> str | None:
    host = host_header.lower().partition(":")[0].removesuffix(".")
    return next((domain.language for domain in portal.settings.domains if domain.host == host), None)
