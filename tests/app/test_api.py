"""Operations of the API: the bad inputs A01-A31 and A34-A40 that concern the toolkit."""

import pytest

PROBLEM = "application/problem+json"
KEY = {"Idempotency-Key": "k-1"}
GOOD = {"title": "Router", "count": 2}


def _check_problem(response, status, code):
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == PROBLEM
    body = response.json()
    assert body["type"] == f"urn:problem:{code}"
    assert body["status"] == status
    assert body["request_id"] == response.headers["x-request-id"]
    assert body["detail"]
    return body


async def test_a_good_request_is_answered(api, effects):
    response = await api.post("/things", json=GOOD, headers=KEY)
    assert response.status_code == 201
    assert response.json()["title"] == "Router"
    assert response.json()["by"] == "customer"
    assert response.headers["cache-control"] == "no-store"
    assert await effects() == 1


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b'{"title":', "application/json", 400, "json.syntax"),
        (b"", "application/json", 400, "json.syntax"),
        (b'{"title":"a","title":"b"}', "application/json", 400, "json.duplicate_key"),
        (b'{"title":"a","count":NaN}', "application/json", 400, "json.number"),
        (b'{"title":"a","count":1e400}', "application/json", 400, "json.number"),
        (b"[" * 1000 + b"]" * 1000, "application/json", 400, "json.too_deep"),
        (b'{"title":"\\ud800"}', "application/json", 400, "json.encoding"),
        ('{"title":"a"}'.encode("utf-16"), "application/json", 400, "json.encoding"),
        (b'\xef\xbb\xbf{"title":"a"}', "application/json", 400, "json.encoding"),
        (b'{"title":"\xff"}', "application/json", 400, "json.encoding"),
        (b'{"title":"a"}', "application/json; charset=utf-16", 415, "content_type"),
        (b'{"title":"a"}', "text/plain", 415, "content_type"),
        (b"title=a", "application/x-www-form-urlencoded", 415, "content_type"),
        (b'{"title":"a"}', "", 415, "content_type"),
        (b"[1]", "application/json", 422, "input.invalid"),
        (b"{" + b" " * 1024 * 1024 + b"}", "application/json", 413, "body.too_large"),
    ],
)
async def test_a_body_that_is_not_right(api, effects, body, kind, status, code):
    response = await api.post("/things", content=body, headers={**KEY, "Content-Type": kind})
    _check_problem(response, status, code)
    assert await effects() == 0


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ([], "/", "schema.type"),
        ({}, "/title", "field.required"),
        ({"title": "a", "prize": 1}, "/prize", "schema.unknown_field"),
        ({"title": "a", "partner_id": "x"}, "/partner_id", "schema.read_only"),
        ({"title": "a", "count": "2"}, "/count", "schema.type"),
        ({"title": "a", "price": {"amount": 10**18, "currency": "CHF"}}, "/price/amount", "money.range"),
        ({"title": "a", "price": {"amount": 1, "currency": "CHFF"}}, "/price/currency", "money.currency"),
        ({"title": "a", "at": "2026-10-25T02:30"}, "/at", "time.zone_required"),
        ({"title": "a", "at": "2026-13-01T00:00:00Z"}, "/at", "time.invalid"),
    ],
)
async def test_a_field_that_is_not_right(api, body, pointer, code):
    response = await api.post("/things", json=body, headers=KEY)
    problem = _check_problem(response, 422, "input.invalid")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [(pointer, code)]
    assert problem["errors"][0]["message"]


async def test_no_token(api):
    del api.headers["Authorization"]
    response = await api.get("/things")
    _check_problem(response, 401, "auth.missing")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_another_partners_token_and_nonsense_look_the_same(api):
    there = await api.get("http://energy.localhost/api/v1/things")
    nonsense = await api.get("/things", headers={"Authorization": "Bearer nonsense"})
    for response in (there, nonsense):
        _check_problem(response, 401, "test.token_bad")
        assert response.headers["www-authenticate"] == "Bearer"
    assert there.json()["detail"] == nonsense.json()["detail"]


async def test_a_token_without_the_role(api):
    problem = _check_problem(await api.get("/staff"), 403, "auth.scope")
    assert problem["needed"] == ["admin"]


async def test_a_session_cookie_opens_no_operation(api):
    del api.headers["Authorization"]
    response = await api.get("/things", headers={"Cookie": "s=anna-s"})
    _check_problem(response, 401, "auth.missing")
    response = await api.post("/things", json=GOOD, headers={**KEY, "Cookie": "s=anna-s"})
    _check_problem(response, 401, "auth.missing")


@pytest.mark.parametrize("accept", ["image/png", "text/html", "application/json;q=0", "text/event-stream"])
async def test_json_is_all_there_is(api, accept):
    _check_problem(await api.get("/things", headers={"Accept": accept}), 406, "accept")


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html, */*;q=0.1", "application/problem+json"])
async def test_json_is_wanted(api, accept):
    assert (await api.get("/things", headers={"Accept": accept})).status_code == 200


@pytest.mark.parametrize("method", ["TRACE", "FOO", "DELETE", "PUT", "OPTIONS"])
async def test_other_methods(api, method):
    response = await api.request(method, "/things")
    _check_problem(response, 405, "method.not_allowed")
    assert response.headers["allow"] == "GET, POST, HEAD"


@pytest.mark.parametrize(
    "path",
    [
        "/things/1",
        "/things/6f8e3a52-9a0e-4b6c-9a51-0c4c1d6f3e2",
        "/things/6F8E3A52-9A0E-4B6C-9A51-0C4C1D6F3E21",
        "/things/6f8e3a529a0e4b6c9a510c4c1d6f3e21",
        "/things/%7B6f8e3a52-9a0e-4b6c-9a51-0c4c1d6f3e21%7D",
        "/things/..%2f..%2fstaff",
        "/nothing",
        "//things",
        "/things/",
        "/services/Not%20A%20Name",
    ],
)
async def test_malformed_ids_and_unknown_addresses_are_one_answer(api, path):
    problem = _check_problem(await api.get(f"http://swisscom.localhost/api/v1{path}"), 404, "not_found")
    assert problem["errors"] == []


async def test_strange_paths_break_nothing(api):
    _check_problem(await api.get("/things/%00"), 400, "path.invalid")
    _check_problem(await api.get("/" + "x" * 8192), 414, "url.too_long")
    _check_problem(await api.get("/things?q=" + "x" * 8192), 414, "url.too_long")


async def test_too_many_headers(api):
    _check_problem(await api.get("/things", headers={f"X-{n}": "1" for n in range(200)}), 431, "headers.too_large")
    _check_problem(await api.get("/things", headers={"Cookie": "x" * 65536}), 431, "headers.too_large")


async def test_ranges_are_ignored(api):
    ranges = ",".join(f"{n}-{n}" for n in range(100))
    assert (await api.get("/things", headers={"Range": f"bytes={ranges}"})).status_code == 200


async def test_two_statements_about_the_length(api):
    both = {"Content-Length": "2", "Transfer-Encoding": "chunked"}
    response = await api.post("/things", content=b"{}", headers={**KEY, **both})
    _check_problem(response, 400, "request.framing")


async def test_an_endless_body_is_cut_off(api):
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 65536

    response = await api.post("/things", content=endless(), headers={**KEY, "Content-Type": "application/json"})
    _check_problem(response, 413, "body.too_large")
    assert response.headers["connection"] == "close"
    assert sent < 40


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=0", 400, "page.limit"),
        ("limit=100000", 400, "page.limit"),
        ("limit=abc", 400, "page.limit"),
        ("limit=", 400, "page.limit"),
        ("cursor=forged", 400, "page.cursor"),
        ("cursor=" + "x" * 600, 400, "page.cursor"),
        ("limit=1&limit=2", 400, "query.duplicate"),
        ("sort=id;drop", 400, "sort.unknown"),
        ("colour=red", 422, "input.invalid"),
    ],
)
async def test_a_query_that_is_not_right(api, query, status, code):
    _check_problem(await api.get(f"/things?{query}"), status, code)


async def test_a_cursor_leads_on(api):
    cursor = (await api.get("/things?limit=5")).json()["next_cursor"]
    assert (await api.get(f"/things?cursor={cursor}")).status_code == 200


async def test_a_route_without_a_query_takes_none(api):
    _check_problem(await api.get("/services/tv-setup?x=1"), 422, "input.invalid")
    assert (await api.get("/services/tv-setup")).json()["title"] == "tv-setup"


@pytest.mark.parametrize(
    ("header", "language"), [("de-CH", "de"), ("fr", "fr"), ("en", "en"), ("it, fr;q=0.5", "fr"), ("", "de")]
)
async def test_problems_speak_the_readers_language(api, portals, header, language):
    response = await api.post("/things", json={}, headers={**KEY, "Accept-Language": header})
    assert response.headers["content-language"] == language
    said = portals["swisscom"].translators[language].gettext
    assert response.json()["detail"] == said("Please check the marked fields.")
    assert response.json()["errors"][0]["message"] == said("Please fill in this field.")


async def test_a_refusal_shows_its_facts_and_leaves_the_key_free(api, bench, gone, effects):
    bench.error = gone(owner="Anna")
    problem = _check_problem(await api.post("/things", json=GOOD, headers=KEY), 410, "test.thing_gone")
    assert problem["owner"] == "Anna"
    assert problem["detail"] == "The thing of Anna is gone."
    bench.error = None
    assert (await api.post("/things", json=GOOD, headers=KEY)).status_code == 201
    assert await effects() == 1


async def test_an_internal_error_shows_a_reference_only(api, bench, caplog):
    bench.error = RuntimeError("secret detail")
    response = await api.post("/things", json=GOOD, headers=KEY)
    _check_problem(response, 500, "internal")
    assert "secret" not in response.text
    assert response.json()["request_id"] in caplog.text
    assert "secret detail" in caplog.text


async def test_the_eleventh_request_of_a_second_waits(api, limited):
    for _ in range(10):
        assert (await api.get("/things")).status_code == 200
    response = await api.get("/things")
    _check_problem(response, 429, "rate.limited")
    assert response.headers["retry-after"] == "1"
    assert (await api.get("/things", headers={"Authorization": "Bearer beat-t"})).status_code == 200


async def test_head_has_no_body(api):
    response = await api.head("/things")
    assert response.status_code == 200
    assert response.content == b""
