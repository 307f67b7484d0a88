"""What somebody typed outlives a change of language and the end of a session.

The language switch of a page with a form is a button of that form: the form comes to the address of the page in
the other language with the field ``_language``, and the page is shown again with everything in it. A form that
comes when the session is over, or with an old token, does nothing; what it holds goes into a sealed cookie of this
browser, and the page shows it when it is next opened. Nothing of it is in an address, in a log or on the server.
"""

from __future__ import annotations

import hmac
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.settings import secret_key, settings
from crowdcore.web.context import SignInNeeded, Visit
from crowdcore.web.respond import is_local
from crowdcore.web.security import CsrfFailed, Kept

SWITCH_FIELD = "_language"
"""Name of the buttons of the language switch on a page with a form."""

LIFE_S = 1800
_COOKIE = "kept"
_WAY_IN = "/sign-in"
_CHUNK = 3800  # a browser keeps 4096 bytes of a cookie, name and attributes included
_MOST_CHUNKS = 4
_MOST_CHARACTERS = 100_000

Typed = Mapping[str, tuple[str, ...]]


class SessionOver(SignInNeeded):
    """A form came after the session had ended."""

    code = "session.expired"
    message = "Your session has ended. Sign in again; what you typed is kept."

    def __init__(self, kept: Kept) -> None:
        """Remember what was typed."""
        super().__init__()
        self.kept = kept


def kept_of(refusal: Refusal) -> Kept | None:
    """Return what a refused form held, if it is to be kept."""
    return refusal.kept if isinstance(refusal, SessionOver | CsrfFailed) else None


def kept_from(request: Request, visit: Visit, fields: FormData) -> Kept:
    """Return a posted form with the page it was sent from.

    Args:
        request: names the page, as browsers do within one site; without it the form's own address counts.
        visit: the reader's portal and language.
        fields: the form's fields.
    """
    page = visit.path
    sent_from = urlsplit(request.headers.get("referer", ""))
    _, slash, rest = sent_from.path[1:].partition("/")
    language = sent_from.path[1:].partition("/")[0]
    if sent_from.netloc == request.headers.get("host") and language in visit.portal.settings.languages.offered:
        page = f"/{rest}" if slash else "/"
        page += f"?{sent_from.query}" if sent_from.query else ""
    return Kept(page if is_local(page) else "/", typed_of(fields))


def typed_of(fields: FormData) -> Typed:
    """Return what was typed in a form: every field but those that belong to the way it is sent."""
    typed: dict[str, tuple[str, ...]] = {}
    for name, value in fields.multi_items():
        if isinstance(value, str) and not name.startswith("_"):
            typed[name] = (*typed.get(name, ()), value)
    return typed


def keep(response: Response, kept: Kept, visit: Visit) -> bool:
    """Give the browser what it typed, sealed; say whether that was possible (a very long form is not kept)."""
    said = json.dumps([int(clock.now().timestamp()), kept.page, {name: list(one) for name, one in kept.typed.items()}])
    packed = urlsafe_b64encode(zlib.compress(said.encode(), 9)).decode()
    sealed = f"{_seal(packed, visit)}.{packed}"
    chunks = [sealed[start : start + _CHUNK] for start in range(0, len(sealed), _CHUNK)]
    if len(chunks) > _MOST_CHUNKS or len(said) > _MOST_CHARACTERS:
        return False
    for number in range(_MOST_CHUNKS):
        _set(response, number, chunks[number] if number < len(chunks) else "")
    return True


def restored(request: Request, visit: Visit) -> Typed:
    """Return what was typed on this very page before the form was not taken; nothing if nothing was."""
    sealed = "".join(request.cookies.get(f"{_COOKIE}{number}", "") for number in range(_MOST_CHUNKS))
    seal, _, packed = sealed.partition(".")
    if not packed or not hmac.compare_digest(seal, _seal(packed, visit)):
        return {}
    try:
        said = zlib.decompressobj().decompress(urlsafe_b64decode(packed), _MOST_CHARACTERS * 4)
        at, page, typed = json.loads(said)
    except (ValueError, Error, zlib.error):  # pragma: no cover -- it has our seal
        return {}
    if page.partition("?")[0] != visit.path or clock.now().timestamp() - at > LIFE_S:
        return {}
    return {name: tuple(one) for name, one in typed.items()}


def forget(request: Request, response: Response, visit: Visit) -> None:
    """Take the cookies away again once a form was taken; who signs in is still on the way to it."""
    if visit.path.startswith(_WAY_IN):
        return
    for number in range(_MOST_CHUNKS):
        if f"{_COOKIE}{number}" in request.cookies:
            _set(response, number, "")


def _set(response: Response, number: int, value: str) -> None:
    response.set_cookie(
        f"{_COOKIE}{number}",
        value,
        max_age=LIFE_S if value else 0,
        path="/",
        secure=settings().public_scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _seal(packed: str, visit: Visit) -> str:
    """Bind it to this installation, portal and browser."""
    sealed = f"kept:{visit.portal.id}:{visit.visitor}:{packed}"
    return hmac.new(secret_key(), sealed.encode(), "sha256").hexdigest()
