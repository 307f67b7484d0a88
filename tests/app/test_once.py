"""One key, one effect, one answer (A28-A31, F19): for programs that repeat and people who click twice."""

import asyncio
import re

import pytest

from crowdcore.web import once

GOOD = {"title": "Router"}
KEY = {"Idempotency-Key": "k-1"}
THING = "/things/6f8e3a52-9a0e-4b6c-9a51-0c4c1d6f3e21/touch"


async def test_a_repetition_gets_the_same_bytes(api, effects, bench):
    first = await api.post("/things", json=GOOD, headers=KEY)
    again = await api.post("/things", content=b' { "title" : "Router" , "count": 1 } ', headers={
        **KEY, "Content-Type": "application/json",
    })  # fmt: skip
    assert again.content == first.content
    assert again.status_code == first.status_code == 201
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await effects() == bench.calls == 1


async def test_the_same_key_for_something_else_is_refused(api, effects):
    await api.post("/things", json=GOOD, headers=KEY)
    response = await api.post("/things", json={"title": "TV"}, headers=KEY)
    assert (response.status_code, response.json()["code"]) == (422, "idempotency.mismatch")
    assert await effects() == 1


async def test_keys_of_different_people_and_objects_never_meet(api, effects):
    await api.post("/things", json=GOOD, headers=KEY)
    other_person = await api.post("/things", json=GOOD, headers={**KEY, "Authorization": "Bearer beat-t"})
    other_object = await api.post(THING, headers=KEY)
    assert (other_person.status_code, other_object.status_code) == (201, 200)
    assert await effects() == 3


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency.required"),
        ("", "idempotency.invalid"),
        ("x" * 300, "idempotency.invalid"),
        ("a b", "idempotency.invalid"),
        ("a\tb", "idempotency.invalid"),
        ("schlüssel".encode(), "idempotency.invalid"),
    ],
)
async def test_a_key_that_is_none(api, effects, key, code):
    headers = {} if key is None else {"Idempotency-Key": key}
    response = await api.post("/things", json=GOOD, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert await effects() == 0


async def test_while_the_first_runs_the_second_is_told_to_come_back(api, bench, effects):
    bench.gate = asyncio.Event()
    first = asyncio.ensure_future(api.post("/things", json=GOOD, headers=KEY))
    await bench.called(1)
    second = await api.post("/things", json=GOOD, headers=KEY)
    assert (second.status_code, second.json()["code"]) == (409, "idempotency.in_progress")
    assert second.headers["retry-after"] == "1"
    bench.gate.set()
    assert (await first).status_code == 201
    third = await api.post("/things", json=GOOD, headers=KEY)
    assert third.content == (await first).content
    assert await effects() == 1
    assert once._in_flight == {}


async def test_twenty_at_once_have_one_effect(api, effects):
    answers = await asyncio.gather(*(api.post("/things", json=GOOD, headers=KEY) for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert await effects() == 1


async def test_another_process_took_the_key_meanwhile(api, bench, effects, monkeypatch):
    """The row is there when the verb's transaction wants to write it: the stored answer is replayed."""
    first = await api.post("/things", json=GOOD, headers=KEY)
    before = once.Command.before
    looks = []

    async def blind_once(command):
        looks.append(command)
        return None if len(looks) == 1 else await before(command)

    monkeypatch.setattr(once.Command, "before", blind_once)
    again = await api.post("/things", json=GOOD, headers=KEY)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert bench.calls == 2
    assert await effects() == 1


async def test_a_verb_that_writes_nothing_itself_is_remembered_too(api, bench):
    first = await api.post("/dry", headers=KEY)
    again = await api.post("/dry", headers=KEY)
    assert first.status_code == 200
    assert again.content == first.content
    assert bench.calls == 1


async def test_a_body_where_none_is_expected(api):
    response = await api.post(THING, json={"title": "x"}, headers=KEY)
    assert (response.status_code, response.json()["code"]) == (422, "input.invalid")
    assert (await api.post(THING, json={}, headers=KEY)).status_code == 200


async def _form(client):
    text = (await client.get("/de/thing")).text
    csrf, key = re.search(r"csrf=(\w+)", text)[1], re.search(r"key=([\w-]+)", text)[1]
    return {"_csrf": csrf, "_key": key, "title": "Router"}


async def test_a_double_click_lands_on_one_page(client, bench, effects):
    form = await _form(client)
    bench.gate = asyncio.Event()
    clicks = [asyncio.ensure_future(client.post("/de/thing", data=form)) for _ in range(5)]
    await bench.called(5)
    bench.gate.set()
    answers = await asyncio.gather(*clicks)
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await effects() == 1


async def test_back_and_send_again_shows_what_was_made(client, effects):
    form = await _form(client)
    first = await client.post("/de/thing", data=form)
    again = await client.post("/fr/thing", data=form)
    assert first.headers["location"].removeprefix("/de") == again.headers["location"].removeprefix("/fr")
    assert await effects() == 1


async def test_a_form_that_was_refused_can_be_sent_again_with_its_key(client, effects, bench, gone):
    form = await _form(client)
    bench.error = gone(owner="Anna")
    assert (await client.post("/de/thing", data=form)).status_code == 410
    bench.error = None
    assert (await client.post("/de/thing", data=form)).status_code == 303
    assert await effects() == 1


async def test_a_form_without_its_key_does_nothing(client, effects):
    form = await _form(client)
    del form["_key"]
    assert (await client.post("/de/thing", data=form)).status_code == 400
    assert await effects() == 0
