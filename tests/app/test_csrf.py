"""Forms come from our own pages (F40): the browser's own words, then the token of this browser."""

import re

import pytest

from crowdcore.web.pages import PagePath

SAME = {"Sec-Fetch-Site": "same-origin", "Origin": "http://swisscom.localhost"}


async def _form(client):
    text = (await client.get("/de/thing")).text
    return {"_csrf": re.search(r"csrf=(\w+)", text)[1], "_key": "f_1", "title": "Router"}


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        (SAME, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://swisscom.localhost"}, True),
        ({}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://evil.swisscom.localhost"}, False),
        ({"Sec-Fetch-Site": "nonsense"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "https://swisscom.localhost"}, False),
        ({"Origin": "http://swisscom.localhost:8001"}, False),
        ({"Origin": "http://energy.localhost"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}, False),
    ],
)
async def test_who_may_send_a_form(client, effects, headers, allowed):
    response = await client.post("/de/thing", data=await _form(client), headers=headers)
    assert response.status_code == (303 if allowed else 403)
    assert await effects() == allowed


@pytest.mark.parametrize("token", [None, "", "x", "0" * 64, "ä"])
async def test_a_form_without_its_token_is_refused(client, effects, token):
    form = {**(await _form(client)), "_csrf": token}
    if token is None:
        del form["_csrf"]
    response = await client.post("/de/thing", data=form, headers=SAME)
    assert response.status_code == 403
    assert await effects() == 0


async def test_a_token_belongs_to_one_browser(client, effects):
    form = await _form(client)
    client.cookies.clear()
    assert (await client.post("/de/thing", data=form, headers=SAME)).status_code == 403
    client.cookies.set("v", "v_another")
    assert (await client.post("/de/thing", data=form, headers=SAME)).status_code == 403
    assert await effects() == 0


async def test_a_token_belongs_to_one_session(client, effects):
    anonymous = await _form(client)
    client.headers["Cookie"] = "s=anna-s"
    assert (await client.post("/de/thing", data=anonymous, headers=SAME)).status_code == 403
    hers = await _form(client)
    client.headers["Cookie"] = "s=beat-s"
    assert (await client.post("/de/thing", data=hers, headers=SAME)).status_code == 403
    client.headers["Cookie"] = "s=anna-s"
    assert (await client.post("/de/thing", data=hers, headers=SAME)).status_code == 303
    assert await effects() == 1


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
async def test_only_forms_are_forms(client, kind, effects):
    form = await _form(client)
    response = await client.post("/de/thing", content=str(form), headers={**SAME, "Content-Type": kind})
    assert response.status_code == 400
    assert await effects() == 0


async def test_a_file_is_no_field(client, effects):
    form = await _form(client)
    response = await client.post("/de/thing", data=form, files={"photo": b"x"}, headers=SAME)
    assert response.status_code == 400
    assert await effects() == 0


async def test_a_multipart_form_is_read_too(client, effects):
    form = {name: (None, value) for name, value in (await _form(client)).items()}
    assert (await client.post("/de/thing", files=form, headers=SAME)).status_code == 303
    assert await effects() == 1


async def test_no_page_changes_anything_on_get(client, effects, bench):
    form = await _form(client)
    assert (await client.get("/de/thing", params=form)).status_code == 200
    assert await effects() == bench.calls == 0


async def test_every_page_is_behind_the_check(app, client):
    """All routes that take forms are PagePaths; none of them answers a form without a token."""
    posting = [
        route.path for route in app.routes if isinstance(route.endpoint, PagePath) and "POST" in route.endpoint._routes
    ]
    assert posting
    for path in posting:
        address = path.replace("{lang}", "de")
        answer = await client.post(address, data={"title": "x"}, headers=SAME)
        assert answer.status_code == 403 or (answer.status_code == 401 and "sign" in answer.text.lower())
    others = [route for route in app.routes if not isinstance(route.endpoint, PagePath)]
    for route in others:
        address = route.path.replace("{lang}", "de")
        answer = await client.post(address, data={"title": "x"}, headers=SAME)
        assert answer.status_code not in {200, 201, 303}
