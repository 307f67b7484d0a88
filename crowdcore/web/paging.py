"""Lists in pages: how many, from where on; cursors that only this portal can write."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crowdcore.base.errors import Refusal
from crowdcore.db.scope import current_partner
from crowdcore.settings import secret_key
from crowdcore.web.fields import Input

MOST_PER_PAGE = 200
_SEAL_BYTES = 12


class PageLimit(Refusal):
    """Not a number of entries."""

    code = "page.limit"
    status = 400
    message = "limit is a whole number from 1 to %(max)s."


class PageCursor(Refusal):
    """A cursor this portal did not write for this list."""

    code = "page.cursor"
    status = 400
    message = "This cursor does not belong to this list. Start again without one."


class SortUnknown(Refusal):
    """An order this list does not have."""

    code = "sort.unknown"
    status = 400
    message = "This list has one order, the newest first; it cannot be sorted otherwise."


class PageQuery(Input):
    """Query of a list; rooms add their filters."""

    limit: Annotated[int, Field(ge=1, le=MOST_PER_PAGE, description="Entries per page.")] = 50
    cursor: Annotated[str | None, Field(max_length=500, description="`next_cursor` of the page before.")] = None


def write_cursor(name: str, *values: str) -> str:
    """Return a cursor that continues list `name` after the entry with these sort values."""
    content = json.dumps(values, ensure_ascii=True).encode()
    return base64.urlsafe_b64encode(_seal(name, content) + content).decode().rstrip("=")


def read_cursor(name: str, cursor: str) -> tuple[str, ...]:
    """Return the sort values in a cursor of list `name`.

    Raises:
        PageCursor: forged, cut, or of another list or partner.
    """
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise PageCursor from error
    seal, content = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(name, content)):
        raise PageCursor
    return tuple(json.loads(content))


def write_mark(name: str, at: datetime, entry_id: UUID) -> str:
    """Return a cursor for a list in order of time: moment and id of the last entry of a page."""
    return write_cursor(name, at.isoformat(), str(entry_id))


def read_mark(name: str, cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return moment and id in a cursor of `write_mark`; None without a cursor.

    Raises:
        PageCursor: forged, cut, or of another list or partner.
    """
    if cursor is None:
        return None
    at, entry_id = read_cursor(name, cursor)
    return datetime.fromisoformat(at), UUID(entry_id)


def _seal(name: str, content: bytes) -> bytes:
    place = f"cursor:{current_partner()}:{name}:".encode()
    return hmac.new(secret_key(), place + content, hashlib.sha256).digest()[:_SEAL_BYTES]
