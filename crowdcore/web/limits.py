"""Bounds of a request, checked before anything reads it: address, headers, body, time.

A pure ASGI layer; it raises refusals that the layer outside it turns into an answer.
"""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crowdcore.base.errors import NotFound, Refusal

MOST_BODY = 1024 * 1024
MOST_HEADERS = 64
MOST_HEADER_BYTES = 16 * 1024
LONGEST_URL = 4 * 1024
BODY_DEADLINE_S = 20.0

_MOST_DIGITS = 18

#: Encoded slashes and backslashes hide a second meaning of a path from whoever checks the first.
_HIDDEN = (b"%2f", b"%5c", b"\\")


class BodyTooLarge(Refusal):
    """The body is larger than a request may be."""

    code = "body.too_large"
    status = 413
    message = "The request is too large; at most %(max)s KiB are accepted."


class BodyTooSlow(Refusal):
    """The body did not arrive in time."""

    code = "body.too_slow"
    status = 408
    message = "The request did not arrive completely within %(max)s seconds."


class UrlTooLong(Refusal):
    """The address is longer than any of ours."""

    code = "url.too_long"
    status = 414
    message = "The address is too long; at most %(max)s characters are accepted."


class HeadersTooLarge(Refusal):
    """Too many headers, or too much in them."""

    code = "headers.too_large"
    status = 431
    message = "The request has too many or too large headers. Deleting the cookies of this site helps."


class PathInvalid(Refusal):
    """A path or query with a NUL character, which PostgreSQL takes nowhere."""

    code = "path.invalid"
    status = 400
    message = "This address contains a character that no address has."


class FramingInvalid(Refusal):
    """Two statements about where the body ends."""

    code = "request.framing"
    status = 400
    message = "Content-Length and Transfer-Encoding must not be sent together, and each only once."


class Limits:
    """ASGI layer: refuses what is out of bounds and counts the body while it is read."""

    def __init__(self, app: ASGIApp) -> None:
        """Guard `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on within bounds.

        Raises:
            Refusal: one of those above.
        """
        if scope["type"] == "http":
            check_head(scope)
            receive = _Bounded(receive)
        await self._app(scope, receive, send)


def check_head(scope: Scope) -> None:
    """Check everything that is known before the body.

    Raises:
        UrlTooLong, HeadersTooLarge, PathInvalid, NotFound, FramingInvalid, BodyTooLarge: as their names say.
    """
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    if len(raw_path) + len(query) > LONGEST_URL:
        raise UrlTooLong(max=LONGEST_URL)
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(n) + len(v) for n, v in headers) > MOST_HEADER_BYTES:
        raise HeadersTooLarge
    _check_path(raw_path, scope["path"])
    if b"%00" in query or b"\0" in query:
        raise PathInvalid
    _check_framing(headers)


def _check_path(raw_path: bytes, path: str) -> None:
    if "\0" in path or b"%00" in raw_path or b"\0" in raw_path:
        raise PathInvalid
    lower = raw_path.lower()
    if any(hidden in lower for hidden in _HIDDEN) or ".." in path.split("/"):
        raise NotFound


def _check_framing(headers: list[tuple[bytes, bytes]]) -> None:
    lengths = [value for name, value in headers if name == b"content-length"]
    encodings = [value for name, value in headers if name == b"transfer-encoding"]
    if len(lengths) + len(encodings) > 1:
        raise FramingInvalid
    if lengths and not (lengths[0].isdigit() and len(lengths[0]) <= _MOST_DIGITS):
        raise FramingInvalid
    if lengths and int(lengths[0]) > MOST_BODY:
        raise BodyTooLarge(max=MOST_BODY // 1024)


class _Bounded:
    """`receive` of a request that ends after too much or too long."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0
        self._deadline: float | None = None
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:
            return await self._receive()
        loop = asyncio.get_running_loop()
        if self._deadline is None:
            self._deadline = loop.time() + BODY_DEADLINE_S
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError as error:
            raise BodyTooSlow(max=int(BODY_DEADLINE_S)) from error
        self._size += len(message.get("body", b""))
        if self._size > MOST_BODY:
            raise BodyTooLarge(max=MOST_BODY // 1024)
        self._complete = not message.get("more_body", False)
        return message
