"""Inputs of section 6.2 of the design's reliability page, against the real routes: what is sent, what is said.

A row whose code is a field's (`field=True`) is answered 422 `input.invalid` with that code at `pointer`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.kit import ZURICH
from tests.routes.town import Town

BODY = b'{"reason": "no more"}'

Path = Callable[[Town], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One bad input.

    Args:
        id: of the design's table.
        what: in words.
        method: GET or POST.
        path: below /api/v1.
        who: key of the person whose token is sent; empty for none.
        body: bytes, or a value to be sent as JSON.
        headers: further ones; None takes one away.
        status: of the answer.
        code: of the problem, or of the field.
        pointer: of the wrong field; empty if the whole request is refused.
        has: members that the problem document must have.
        answered: headers that the answer must have.
    """

    id: str
    what: str
    status: int
    code: str
    method: str = "POST"
    path: Path = lambda town: f"/jobs/{town.ids['job:open']}/cancel"
    who: str = "cora"
    body: Any = BODY
    headers: dict[str, str | None] = field(default_factory=dict)
    pointer: str = ""
    has: dict[str, Any] = field(default_factory=dict)
    answered: tuple[str, ...] = ()

    @property
    def content(self) -> bytes | None:
        """The body as it is sent."""
        if self.method == "GET":
            return None
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    def __str__(self) -> str:
        return f"{self.id} {self.what}"


SKIPPED = {
    "A15": "no operation takes coordinates; places are ids of the gazetteer",
    "A38": "there are no webhooks and no other addresses that a client may give",
}
"""Rows of the table that have nothing to be tried on, and why."""

ELSEWHERE = {
    "A22": "test_a_body_without_end",
    "A29": "test_a_key_for_something_else",
    "A30": "test_a_key_that_is_still_at_work",
    "A32": "test_a_stale_version",
    "A35": "test_api_routes.py: test_a_cursor_is_good_at_its_own_portal_only",
    "A39": "test_the_eleventh_request_in_a_second",
}
"""Rows that take more than one request, and the tests that send them."""


def _jobs(town: Town) -> str:
    return "/jobs"


def _price(town: Town) -> str:
    return f"/jobs/{town.ids['job:assigned']}/price"


def _wish(**more: Any) -> dict[str, Any]:
    return {"service": "tv-box-setup", "place": ZURICH, "street": "Street 1", "urgent": True, **more}


def _times(start: str) -> dict[str, Any]:
    return _wish(urgent=False, wishes=[{"start": start, "end": "2026-11-25T12:00:00Z"}])


def _get(path: str) -> dict[str, Any]:
    return {"method": "GET", "path": lambda town: path}


def _field(pointer: str, code: str) -> dict[str, Any]:
    return {"status": 422, "pointer": pointer, "code": code}


def _json(text: bytes) -> dict[str, Any]:
    return {"path": _price, "body": text}


_WHO = (
    Row(id="A01", what="no Authorization", **_get("/jobs"), who="", status=401, code="auth.missing",
        answered=("www-authenticate",)),
    Row(id="A01", what="another scheme", **_get("/jobs"), who="", headers={"authorization": "Basic YTpi"}, status=401,
        code="auth.missing"),
    Row(id="A02", what="token of the other partner", **_get("/jobs"), who="there:cora", status=401,
        code="auth.invalid", answered=("www-authenticate",)),
    Row(id="A03", what="revoked token", **_get("/jobs"), who="token:revoked", status=401, code="auth.revoked"),
    Row(id="A03", what="expired token", **_get("/jobs"), who="token:expired", status=401, code="auth.expired"),
    Row(id="A04", what="customer asks for cases", **_get("/cases"), status=403, code="auth.scope",
        has={"needed": ["admin", "agent"]}),
    Row(id="A04", what="Friend cancels", who="anna", status=403, code="auth.scope",
        has={"needed": ["admin", "agent", "customer"]}),
)  # fmt: skip
_JSON = (
    Row(id="A05", what="broken", **_json(b'{"a":'), status=400, code="json.syntax", has={"line": 1, "column": 6}),
    Row(id="A05", what="empty", **_json(b""), status=400, code="json.syntax"),
    Row(id="A05", what="a text without end", **_json(b'{"a": "' + b'\\"' * 400_000), status=400, code="json.syntax"),
    Row(id="A06", what="a key twice", **_json(b'{"amount": 1, "amount": 2}'), status=400, code="json.duplicate_key"),
    Row(id="A07", what="NaN", **_json(b'{"amount": NaN}'), status=400, code="json.number"),
    Row(id="A07", what="-Infinity", **_json(b'{"amount": -Infinity}'), status=400, code="json.number"),
    Row(id="A07", what="1e400", **_json(b'{"amount": 1e400}'), status=400, code="json.number"),
    Row(id="A07", what="5000 digits", **_json(b'{"amount": ' + b"9" * 5000 + b"}"), status=400, code="json.number"),
    Row(id="A08", what="1000 levels", **_json(b"[" * 1000 + b"]" * 1000), status=400, code="json.too_deep",
        has={"max": 32}),
    Row(id="A09", what="array", **_json(b"[]"), **_field("/", "schema.type")),
    Row(id="A09", what="null", **_json(b"null"), **_field("/", "schema.type")),
    Row(id="A18", what="half a character", **_json(b'{"reason": "\\ud800"}'), status=400, code="json.encoding"),
    Row(id="A19", what="UTF-16", body='{"reason": "x"}'.encode("utf-16"), status=400, code="json.encoding"),
    Row(id="A19", what="UTF-16 without a mark", body='{"a": 1}'.encode("utf-16-le"), status=400, code="json.encoding"),
    Row(id="A19", what="invalid UTF-8", body=b'{"reason": "\xff"}', status=400, code="json.encoding"),
    Row(id="A19", what="byte order mark", body=b"\xef\xbb\xbf{}", status=400, code="json.encoding"),
    Row(id="A19", what="announced as UTF-16", headers={"content-type": "application/json; charset=utf-16"}, status=415,
        code="content_type"),
    Row(id="A20", what="text/plain", headers={"content-type": "text/plain"}, status=415, code="content_type",
        has={"expected": "application/json"}),
    Row(id="A20", what="a form", headers={"content-type": "application/x-www-form-urlencoded"}, status=415,
        code="content_type"),
    Row(id="A20", what="no type", headers={"content-type": None}, status=415, code="content_type"),
    Row(id="A20", what="compressed", headers={"content-encoding": "gzip"}, status=415, code="content_type"),
    Row(id="A21", what="2 MiB", body=b'{"reason": "' + b"x" * 2**21 + b'"}', status=413, code="body.too_large",
        has={"max": 1024}, answered=("connection",)),
    Row(id="A21", what="2 TiB announced", headers={"content-length": str(2**41)}, status=413, code="body.too_large"),
    Row(id="A23", what="two lengths", headers={"content-length": "21", "transfer-encoding": "chunked"}, status=400,
        code="request.framing"),
)  # fmt: skip
_FIELDS = (
    Row(id="A10", what="unknown field", path=_price, body={"amout": 1, "amount": 1, "currency": "CHF"},
        **_field("/amout", "schema.unknown_field")),
    Row(id="A10", what="a hundred thousand fields", path=_price, body={f"k{n}": 1 for n in range(80_000)},
        **_field("/k0", "schema.unknown_field")),
    Row(id="A10", what="a field with a name of 900 kB", path=_price, body={"k" * 900_000: 1},
        **_field("/" + "k" * 80, "schema.unknown_field")),
    Row(id="A11", what="partner_id", path=_jobs, body=_wish(partner_id="energy"),
        **_field("/partner_id", "schema.read_only")),
    Row(id="A11", what="state", path=_jobs, body=_wish(state="done"), **_field("/state", "schema.read_only")),
    Row(id="A12", what="number as text", path=_price, body={"amount": "4900", "currency": "CHF"},
        **_field("/amount", "schema.type")),
    Row(id="A12", what="switch as text", path=_jobs, body=_wish(urgent="yes"), **_field("/urgent", "schema.type")),
    Row(id="A13", what="fraction of a cent", path=_price, body={"amount": 49.999, "currency": "CHF"},
        **_field("/amount", "money.precision")),
    Row(id="A13", what="negative", path=_price, body={"amount": -1, "currency": "CHF"},
        **_field("/amount", "money.range")),
    Row(id="A13", what="a trillion", path=_price, body={"amount": 10**18, "currency": "CHF"},
        **_field("/amount", "money.range")),
    Row(id="A13", what="many times the guide price", path=_price, body={"amount": 90_000_000, "currency": "CHF"},
        status=422, code="money.range"),
    Row(id="A14", what="CHFF", path=_price, body={"amount": 5000, "currency": "CHFF"},
        **_field("/currency", "money.currency")),
    Row(id="A14", what="XXX", path=_price, body={"amount": 5000, "currency": "XXX"},
        **_field("/currency", "money.currency")),
    Row(id="A14", what="not this job's", path=_price, body={"amount": 5000, "currency": "EUR"}, status=422,
        code="money.currency", has={"currency": "CHF"}),
    Row(id="A16", what="no zone", path=_jobs, body=_times("2026-10-25T02:30"),
        **_field("/wishes/0/start", "time.zone_required")),
    Row(id="A17", what="month 13", path=_jobs, body=_times("2026-13-01T10:00:00Z"),
        **_field("/wishes/0/start", "time.invalid")),
    Row(id="A17", what="leap second", path=_jobs, body=_times("2026-12-31T23:59:60Z"),
        **_field("/wishes/0/start", "time.invalid")),
    Row(id="A17", what="year 1", path=_jobs, body=_times("0001-01-01T00:00:00+14:00"),
        **_field("/wishes/0/start", "time.invalid")),
    Row(id="A17", what="a number", path=_jobs, body=_wish(urgent=False, wishes=[{"start": 1, "end": 2}]),
        **_field("/wishes/0/start", "schema.type")),
    Row(id="A17", what="in a query", **_get(f"/quotes?service=tv-box-setup&place={ZURICH}&starts_at=tomorrow"),
        **_field("/starts_at", "time.invalid")),
)  # fmt: skip
_HTTP = (
    Row(id="A24", what="wants an image", **_get("/jobs"), headers={"accept": "image/png"}, status=406, code="accept",
        has={"offered": "application/json"}),
    Row(id="A25", what="TRACE", method="TRACE", status=405, code="method.not_allowed", answered=("allow",)),
    Row(id="A25", what="FOO", method="FOO", status=405, code="method.not_allowed", answered=("allow",)),
    Row(id="A26", what="NUL", **_get("/jobs/%00"), status=400, code="path.invalid"),
    Row(id="A26", what="NUL in a query", **_get("/roster?search=a%00"), who="agent", status=400, code="path.invalid"),
    Row(id="A26", what="hidden slash", **_get("/jobs/..%2f..%2fcases"), status=404, code="not_found"),
    Row(id="A26", what="hidden backslash", **_get("/jobs/..%5ccases"), status=404, code="not_found"),
    Row(id="A26", what="two slashes", **_get("//jobs"), status=404, code="not_found"),
    Row(id="A26", what="8 KiB", **_get("/jobs/" + "x" * 8192), status=414, code="url.too_long"),
    Row(id="A26", what="8 KiB of query", **_get("/jobs?cursor=" + "x" * 8192), status=414, code="url.too_long"),
    Row(id="A27", what="id 1", **_get("/jobs/1"), status=404, code="not_found"),
    Row(id="A27", what="id of the other partner", method="GET", path=lambda town: "/jobs/{there:job:open}", status=404,
        code="not_found"),
    Row(id="A27", what="random id", **_get("/jobs/11111111-1111-4111-8111-111111111111"), status=404,
        code="not_found"),
    Row(id="A28", what="no key", headers={"idempotency-key": None}, status=400, code="idempotency.required"),
    Row(id="A31", what="key of 300 characters", headers={"idempotency-key": "k" * 300}, status=400,
        code="idempotency.invalid"),
    Row(id="A31", what="key with a line break", headers={"idempotency-key": "a\nb"}, status=400,
        code="idempotency.invalid"),
    Row(id="A32", what="a version that is none", headers={"if-match": "latest"}, status=400, code="version.invalid"),
    Row(id="A33", what="wrong state", path=lambda town: f"/jobs/{town.ids['job:started']}/cancel", status=409,
        code="job.state_conflict", has={"state": "under_way"}),
    Row(id="A34", what="limit=0", **_get("/jobs?limit=0"), status=400, code="page.limit", has={"max": 200}),
    Row(id="A34", what="limit=100000", **_get("/jobs?limit=100000"), status=400, code="page.limit"),
    Row(id="A34", what="limit=abc", **_get("/jobs?limit=abc"), status=400, code="page.limit"),
    Row(id="A34", what="limit=", **_get("/jobs?limit="), status=400, code="page.limit"),
    Row(id="A34", what="limit twice", **_get("/jobs?limit=1&limit=2"), status=400, code="query.duplicate"),
    Row(id="A36", what="sort=password", **_get("/jobs?sort=password"), status=400, code="sort.unknown"),
    Row(id="A36", what="sort=id;drop", **_get("/friends?sort=id;drop"), who="agent", status=400, code="sort.unknown"),
    Row(id="A36", what="a state that is none", **_get("/jobs?state=secret"), **_field("/state/0", "field.choice")),
    Row(id="A37", what="a search without end", **_get("/places?q=" + "%25" * 1000), **_field("/q", "field.too_long")),
    Row(id="A37", what="a flood of %", **_get("/places?q=" + "%25" * 100), **_field("/q", "search.too_complex")),
    Row(id="A37", what="a pattern", **_get("/places?q=((((a%2B)%2B)%2B)%2B$"),
        **_field("/q", "search.too_complex")),
    Row(id="A40", what="200 headers", **_get("/jobs"), headers={f"x-{number}": "1" for number in range(200)},
        status=431, code="headers.too_large"),
    Row(id="A40", what="64 KiB cookie", **_get("/jobs"), headers={"cookie": "c=" + "x" * 65_536}, status=431,
        code="headers.too_large"),
)  # fmt: skip

ROWS: tuple[Row, ...] = (*_WHO, *_JSON, *_FIELDS, *_HTTP)
