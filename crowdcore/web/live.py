"""Live events over server-sent events: what was committed, to those it concerns, a moment later.

One poller per process reads the outbox and hands each event to the open streams it is for. An event says
that something changed, not what a page should show: pages fetch that themselves, with their own rights.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from tortoise.exceptions import BaseORMException

from crowdcore.base.errors import Refusal
from crowdcore.base.events import JsonValue
from crowdcore.db import background, outbox
from crowdcore.db.config import is_postgres
from crowdcore.db.outbox import Stored
from crowdcore.settings import Settings
from crowdcore.web.context import Visit
from crowdcore.web.operation import MethodNotAllowed, check_accept
from crowdcore.web.rates import limit

_log = logging.getLogger(__name__)

MOST_PER_ACCOUNT = 4
BUFFER = 100
MOST_REPLAYED = 500
LONGEST_STREAM_S = 600.0
"""A stream ends after ten minutes; the browser comes back by itself and is asked again who it is."""

POLL_S = 1.0
"""Events of other processes are seen this late at most."""

_PAUSE_S = 0.05
_PAGE = 500
_HEARTBEAT_S = 15

#: PostgreSQL hands out numbers before commit: a lower number may become visible after a higher one.
_LATE_S = 5.0

#: What a payload may carry to a browser: ids, times, and words of our own vocabulary; never what people type.
_HARMLESS = re.compile(
    r"[a-z][a-z0-9_.-]{0,59}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)"
)


class TooManyStreams(Refusal):
    """One account listens from too many places."""

    code = "live.too_many"
    status = 429
    message = "At most %(max)s pages can be live at once. Close another one."


@dataclass(eq=False, slots=True)
class Stream:
    """One open connection.

    Args:
        partner_id: only events of this partner.
        account_id: events about this account.
        is_staff: all events of the partner.
        queue: what waits to be sent; None stands for "too much happened, load again".
    """

    partner_id: str
    account_id: UUID
    is_staff: bool
    queue: asyncio.Queue[Stored | None] = field(default_factory=lambda: asyncio.Queue(BUFFER))

    def concerns(self, event: Stored) -> bool:
        """Say whether this stream may see `event`."""
        if event.partner_id != self.partner_id:
            return False
        return self.is_staff or str(self.account_id) in event.audience

    def offer(self, event: Stored) -> None:
        """Put an event into the buffer; when it is full, its content is replaced by "load again"."""
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)


class Hub:
    """The open streams of this process and the poller that feeds them."""

    def __init__(self, settings: Settings) -> None:
        """Start with no streams."""
        self._streams: set[Stream] = set()
        self._late_s = _LATE_S if is_postgres(settings) else 0.0
        self._floor = 0
        self._seen: dict[int, float] = {}
        self._recent: deque[Stored] = deque(maxlen=1000)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to read the outbox, from now on."""
        self._floor = await outbox.last_seq()
        self._task = background.spawn(self._poll_for_ever(outbox.wake_up.listen()), name="live events")

    async def stop(self) -> None:
        """Stop reading; open streams are ended by the server's own shutdown."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def check_room(self, account_id: UUID) -> None:
        """Let an account open another stream.

        Raises:
            TooManyStreams: it has enough.
        """
        if sum(stream.account_id == account_id for stream in self._streams) >= MOST_PER_ACCOUNT:
            raise TooManyStreams(max=MOST_PER_ACCOUNT, retry_after_s=30)

    async def follow(self, stream: Stream, last_seq: int | None) -> AsyncIterator[ServerSentEvent]:
        """Yield what `stream` may see: what it missed since `last_seq`, then what happens.

        Args:
            stream: the connection.
            last_seq: number of the last event it got before, or None.
        """
        self._streams.add(stream)
        try:
            yield ServerSentEvent(comment="open", retry=3000)
            missed = await self._missed(stream, last_seq)
            if missed is None:
                yield _load_again()
            sent: set[int] = set()
            for event in missed or ():
                sent.add(event.seq)
                yield _message(event)
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_STREAM_S):
                    while True:
                        event_or_none = await stream.queue.get()
                        if event_or_none is None:
                            yield _load_again()
                        elif event_or_none.seq not in sent:
                            yield _message(event_or_none)
        finally:
            self._streams.discard(stream)

    async def _missed(self, stream: Stream, last_seq: int | None) -> list[Stored] | None:
        """Return what `stream` may see of what happened since `last_seq`; None if that is too much to look through."""
        if last_seq is None:
            return []
        recent = list(self._recent)
        numbers = [event.seq for event in recent]
        if last_seq in numbers:  # in the order they became visible, which the numbers alone do not tell
            missed = recent[numbers.index(last_seq) + 1 :]
        else:
            missed = await outbox.since(last_seq, limit=MOST_REPLAYED + 1)
            if len(missed) > MOST_REPLAYED:
                return None
        return [event for event in missed if stream.concerns(event)]

    async def _poll_for_ever(self, news: asyncio.Event) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await news.wait()
            news.clear()
            try:
                await self._poll()
            except (BaseORMException, OSError):
                _log.exception("live events: the outbox cannot be read; trying again")
            await asyncio.sleep(_PAUSE_S)

    async def _poll(self) -> None:
        """Hand out every event not seen before; read the last seconds again for late ones."""
        cursor = self._floor
        while page := await outbox.since(cursor, limit=_PAGE):
            cursor = page[-1].seq
            for event in page:
                if event.seq not in self._seen:
                    self._hand_out(event)
            if len(page) < _PAGE:
                break
        self._raise_floor()

    def _hand_out(self, event: Stored) -> None:
        self._seen[event.seq] = time.monotonic()
        self._recent.append(event)
        for stream in self._streams:
            if stream.concerns(event):
                stream.offer(event)

    def _raise_floor(self) -> None:
        settled = time.monotonic() - self._late_s
        for seq in [seq for seq, at in self._seen.items() if at <= settled]:
            self._floor = max(self._floor, seq)
        for seq in [seq for seq in self._seen if seq <= self._floor]:
            del self._seen[seq]


class LivePath:
    """ASGI endpoint of the stream."""

    def __init__(self, hub: Hub) -> None:
        """Serve the events of `hub`."""
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Open one stream.

        Raises:
            SignInNeeded, TooManyStreams, RateLimited, NotAcceptable, MethodNotAllowed: as their names say.
        """
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodNotAllowed(allowed="GET, HEAD")
        request, visit = Request(scope, receive), scope["visit"]
        check_accept(request, "text/event-stream")
        stream = _stream_of(visit)
        await limit(visit, "live")
        self._hub.check_room(stream.account_id)
        if scope["method"] == "HEAD":  # nobody would read the stream
            await Response(media_type="text/event-stream")(scope, receive, send)
            return
        events = self._hub.follow(stream, _last_seq(request))
        await EventSourceResponse(events, ping=_HEARTBEAT_S)(scope, receive, send)


def _stream_of(visit: Visit) -> Stream:
    viewer = visit.signed_in
    return Stream(visit.portal.id, viewer.account_id, viewer.is_staff)


def _last_seq(request: Request) -> int | None:
    sent = request.headers.get("last-event-id", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 19 else None  # noqa: PLR2004 -- fits 63 bits


def _message(event: Stored) -> ServerSentEvent:
    data = {"type": event.topic, "at": event.at.isoformat(), "payload": harmless(event.payload)}
    return ServerSentEvent(json.dumps(data, ensure_ascii=False), id=str(event.seq))


def _load_again() -> ServerSentEvent:
    return ServerSentEvent(json.dumps({"type": "reload"}))


def harmless(payload: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the ids, numbers, times and words of a payload, without anything a person may have typed."""
    return {
        name: value
        for name, value in payload.items()
        if value is None
        or isinstance(value, bool | int | float)
        or (isinstance(value, str) and _HARMLESS.fullmatch(value) is not None)
    }
