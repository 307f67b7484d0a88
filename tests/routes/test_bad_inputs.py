"""Section 6.2 of the design's reliability page: every bad input gets its answer and changes nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Role
from crowdcore.db.scope import partner_scope
from crowdcore.settings import Settings
from crowdcore.web import rates
from crowdcore.web.openapi import PREFIX
from tests.conftest import ROOT
from tests.kit import World
from tests.routes.bad_inputs import BODY, ELSEWHERE, ROWS, SKIPPED, Row
from tests.routes.checks import FORM, is_page, quickly, refused
from tests.routes.recipe import Browser, Client, Sent, api_headers, form
from tests.routes.town import Someone, Town
from tests.routes.watch import photo

ALL_ROWS = {f"A{number:02}" for number in range(1, 41)}
SHORT = 12_000
UNSAID = re.compile(
    rf"Traceback|File \"|SELECT |INSERT |{re.escape(str(ROOT))}|site-packages|asyncpg|sqlite", re.IGNORECASE
)


@pytest.fixture
async def client(world: World, here: Town, there: Town) -> Client:
    return await Client.open(world, here, there)


@pytest.fixture
async def tokens(world: World, here: Town) -> dict[str, str]:
    """Tokens that were good once."""
    account_id = UUID(here.people["cora"].account_id)
    with partner_scope(here.partner):
        expired = await accounts.issue_token(
            account_id=account_id, role=Role.CUSTOMER, label="old", life=timedelta(minutes=1)
        )
        revoked = await accounts.issue_token(account_id=account_id, role=Role.CUSTOMER, label="stolen")
        await accounts.revoke_tokens(label="stolen")
    world.clock.advance(minutes=1)
    return {"expired": expired, "revoked": revoked}


async def _send(client: Client, row: Row, here: Town, there: Town, tokens: dict[str, str]) -> Sent:
    kind, _, key = row.who.partition(":")
    someone = here.people.get(row.who)
    token = {"token": tokens.get(key), "there": there.people[key].token if kind == "there" else None}.get(kind)
    path = row.path(here)
    said: tuple[str, ...] = ()
    if "{there:" in path:
        foreign = there.ids[path.partition("{there:")[2].rstrip("}")]
        path, said = path.partition("{")[0] + foreign, (foreign,)
    headers: dict[str, str | None] = {
        **api_headers(someone.token if someone else token, key="fresh"),
        "content-type": "application/json",
        **row.headers,
    }
    return await client.send(
        row.method,
        PREFIX + path,
        host=here.host,
        eyes=someone,
        headers={name: value for name, value in headers.items() if value is not None},
        content=row.content,
        said=said,
    )


def test_every_row_of_the_table_is_tried_or_skipped_with_a_reason():
    tried = {row.id for row in ROWS}
    assert tried | SKIPPED.keys() | ELSEWHERE.keys() == ALL_ROWS
    assert not tried & SKIPPED.keys()
    here = {name for name in globals() if name.startswith("test_")}
    assert {place for place in ELSEWHERE.values() if ":" not in place} <= here


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_a_bad_input_gets_its_answer_and_changes_nothing(client, here, there, tokens, row):
    before = [await photo(town.partner) for town in (here, there)]
    started = time.process_time()
    answer = await _send(client, row, here, there, tokens)
    quickly(started)
    if row.pointer:
        refused(answer, 422, "input.invalid")
        wrong = [(one["pointer"], one["code"]) for one in answer.response.json()["errors"]]
        assert (row.pointer, row.code) in wrong, wrong
        assert all(one["message"] for one in answer.response.json()["errors"])
    else:
        refused(answer, row.status, row.code)
    problem = answer.response.json()
    assert problem["type"] == f"urn:problem:{problem['code']}"
    assert problem["detail"]
    assert "%(" not in problem["detail"]
    assert {name: problem.get(name) for name in row.has} == row.has
    assert [name for name in row.answered if name not in answer.response.headers] == []
    assert not UNSAID.search(answer.response.text)
    assert len(answer.response.content) < SHORT, "an answer to rubbish is short"
    after = [await photo(town.partner) for town in (here, there)]
    assert [one.changed(other) for one, other in zip(before, after, strict=True)] == [[], []]


# -- rows that take more than one request ----------------------------------------------------------------


async def _cancel(client: Client, town: Town, *, content: bytes = BODY, **headers: str) -> Sent:
    someone = town.people["cora"]
    return await client.send(
        "POST",
        f"{PREFIX}/jobs/{town.ids['job:open']}/cancel",
        host=town.host,
        eyes=someone,
        headers=api_headers(someone.token, **{"content_type": "application/json", **headers}),
        content=content,
    )


@pytest.mark.usefixtures("untouched")
async def test_a_body_without_end(client, here):
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 65_536

    someone = here.people["cora"]
    response = await client.http.post(
        f"http://{here.host}{PREFIX}/jobs/{here.ids['job:open']}/cancel",
        headers=api_headers(someone.token, content_type="application/json"),
        content=endless(),
    )
    refused(Sent(response, ()), 413, "body.too_large")
    assert response.headers["connection"] == "close"
    assert sent * 65_536 < 2 * 1024 * 1024


async def test_a_key_for_something_else(client, here):
    assert (await _cancel(client, here, key="mine")).status == 200
    after = await photo(here.partner)
    refused(await _cancel(client, here, key="mine", content=b'{"reason": "other"}'), 422, "idempotency.mismatch")
    refused(await _cancel(client, here, key="mine", if_match='"1"'), 422, "idempotency.mismatch")
    assert after.changed(await photo(here.partner)) == []


async def test_a_key_that_is_still_at_work(client, here):
    answers = await asyncio.gather(*(_cancel(client, here, key="mine") for _ in range(2)))
    assert sorted(answer.status for answer in answers) == [200, 409]
    late = next(answer for answer in answers if answer.status == 409)
    refused(late, 409, "idempotency.in_progress")
    assert late.response.headers["retry-after"] == "1"


@pytest.mark.usefixtures("untouched")
async def test_a_stale_version(client, here):
    someone = here.people["cora"]
    headers = api_headers(someone.token, key=None)
    path = f"{PREFIX}/jobs/{here.ids['job:open']}"
    seen = await client.send("GET", path, host=here.host, eyes=someone, headers=headers)
    current = seen.response.json()["version"]
    for stale in (current - 1, current + 1, 999_999_999):
        answer = await _cancel(client, here, if_match=f'"{stale}"')
        refused(answer, 412, "version.conflict")
        assert answer.response.json()["current"] == current
    both = await _cancel(client, here, if_match=f'"{current}"', content=b'{"version": 1}')
    refused(both, 422, "input.invalid")


async def test_the_eleventh_request_in_a_second(client, here, settings: Settings):
    limited = rates.Rates(dataclasses.replace(settings, rate_limits=True))
    rates.use_rates(limited)
    try:
        someone, other = here.people["cora"], here.people["otto"]
        answers = [await _jobs(client, here, someone) for _ in range(11)]
        assert [answer.status for answer in answers] == [200] * 10 + [429]
        refused(answers[-1], 429, "rate.limited")
        assert answers[-1].response.headers["retry-after"] == "1"
        assert (await _jobs(client, here, other)).status == 200
    finally:
        rates.use_rates(None)
        await limited.close()


async def _jobs(client: Client, town: Town, someone: Someone) -> Sent:
    headers = api_headers(someone.token, key=None)
    return await client.send("GET", f"{PREFIX}/jobs", host=town.host, eyes=someone, headers=headers)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("what", ["a" * 120, "ß" * 120, "a(b" * 40, "8001 " * 24, "'; DROP job"])
async def test_no_search_is_slow(client, here, what):
    started = time.process_time()
    response = await client.http.get(f"http://{here.host}{PREFIX}/places", params={"q": what})
    quickly(started)
    assert response.status_code == 200, response.text


@pytest.mark.usefixtures("untouched")
async def test_ranges_are_not_served(client, here):
    """A40 expects 416; ignoring `Range` is as good (RFC 9110, 14.2) and costs nothing."""
    ranges = "bytes=" + ",".join(f"{at}-{at}" for at in range(100))
    for path in ("/robots.txt", f"{PREFIX}/openapi.json"):
        answer = await client.send("GET", path, host=here.host, headers={"range": ranges})
        assert answer.status == 200
        assert "content-range" not in answer.response.headers


# -- forms: the same bounds, said on a page --------------------------------------------------------------


def _multipart(browser: Browser, *, files: int) -> tuple[bytes, str]:
    head = b'--b\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\n' + browser.csrf.encode() + b"\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="email"; filename="../../x.html"\r\n\r\n<b>\r\n'
    return head + part * files + b"--b--\r\n", "multipart/form-data; boundary=b"


@pytest.mark.usefixtures("untouched")
async def test_forms_that_are_none(client, here):
    browser = Browser(here.partner)
    good = form({"email": "new@example.ch"}, csrf=browser.csrf)
    bodies = [
        (*_multipart(browser, files=1), 400),
        (*_multipart(browser, files=5000), 400),
        (b"\xff" * 100, "multipart/form-data", 400),
        (b"", "multipart/form-data; boundary=b", 403),
        (good + b"&x=1" * 300, FORM, 400),
        (good + b"&email=b@example.ch", FORM, 400),
        (good + b"&email=" + b"x" * 2**20, FORM, 413),
        (b"_csrf=" + b"x" * 100_000, FORM, 403),
        (good.replace(b"new%40example.ch", b"%00%ff"), FORM, 422),
        (good.replace(b"new%40example.ch", b"a%0d%0aBcc:b@example.ch"), FORM, 422),
        (good + b"&prize=1", FORM, 422),
    ]
    for content, kind, status in bodies:
        headers = {**browser.headers, "content-type": kind}
        answer = await client.send("POST", "/en/sign-in", host=here.host, headers=headers, content=content)
        if status == 413:  # before it is known whose page it would be
            assert answer.status == status
        else:
            is_page(answer, status)
        assert not UNSAID.search(answer.response.text)
