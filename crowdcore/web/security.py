"""Protection in the browser: headers, cookies, and that forms come from our own pages."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import Response

from crowdcore.base.errors import Refusal
from crowdcore.settings import settings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""One policy for all portals and pages: nothing inline, nothing from elsewhere."""

_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_HSTS = {"strict-transport-security": "max-age=31536000"}

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_YEAR_S = 365 * 24 * 3600
_MONTH_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was not taken, to be shown again.

    Args:
        page: path of the page with the form, without language, with its query.
        typed: field name -> everything typed under it; no tokens.
    """

    page: str
    typed: Mapping[str, tuple[str, ...]]


class CsrfFailed(Refusal):
    """A form that was not sent from a page of this portal, or from an old one."""

    code = "csrf.failed"
    status = 403
    message = "This form is too old or came from elsewhere. Please open the page again and send it from there."

    def __init__(self, kept: Kept | None = None) -> None:
        """Refuse it; `kept` is what was typed, if the browser may have it back."""
        super().__init__()
        self.kept = kept


def security_headers() -> Mapping[str, str]:
    """Return the headers of every answer."""
    return {**_HEADERS, **_HSTS} if _secure() else _HEADERS


def check_sender(headers: Headers) -> None:
    """Let a changing request of a browser pass only if its own words say it came from this host.

    Browsers send ``Sec-Fetch-Site`` and ``Origin`` and pages cannot forge them. Old ones send neither;
    then the form's token alone decides.

    Raises:
        CsrfFailed: another site, a subdomain, or an opaque origin sent it.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise CsrfFailed
    origin = headers.get("origin")
    own = f"{settings().public_scheme}://{headers.get('host', '')}"
    if origin is not None and origin.lower() != own.lower():
        raise CsrfFailed


def csrf_token(partner_id: str, secret: str) -> str:
    """Return the token of forms for one browser: derived from its session or visitor cookie."""
    return hashlib.sha256(f"csrf:{partner_id}:{secret}".encode()).hexdigest()


def check_token(expected: str, sent: str) -> None:
    """Compare the token of a form in constant time.

    Raises:
        CsrfFailed: it is missing or another browser's.
    """
    if not hmac.compare_digest(expected.encode(), sent.encode("utf-8", "replace")):
        raise CsrfFailed


def session_cookie() -> str:
    """Return the name of the session cookie."""
    return "__Host-s" if _secure() else "s"


def visitor_cookie() -> str:
    """Return the name of the cookie of browsers that are not signed in."""
    return "__Host-v" if _secure() else "v"


LANGUAGE_COOKIE = "lang"


def start_session(response: Response, secret: str) -> None:
    """Give the browser its session; the server decides when it ends."""
    _set_cookie(response, session_cookie(), secret, max_age_s=_MONTH_S)


def end_session(response: Response) -> None:
    """Take the session cookie away."""
    _set_cookie(response, session_cookie(), "", max_age_s=0)


def know_visitor(response: Response, secret: str) -> None:
    """Give a browser that is not signed in an id of its own, for as long as it is open."""
    _set_cookie(response, visitor_cookie(), secret, max_age_s=None)


def remember_language(response: Response, language: str) -> None:
    """Keep the language of the page for the next visit to ``/``."""
    _set_cookie(response, LANGUAGE_COOKIE, language, max_age_s=_YEAR_S)


def _set_cookie(response: Response, name: str, value: str, *, max_age_s: int | None) -> None:
    response.set_cookie(name, value, max_age=max_age_s, path="/", secure=_secure(), httponly=True, samesite="lax")


def _secure() -> bool:
    return settings().public_scheme == "https"
