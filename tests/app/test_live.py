"""Live events on a real server: who sees what, what is missed is replayed, nothing hangs."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx2
import pytest

from crowdcore.db import outbox
from crowdcore.db.outbox import Stored
from crowdcore.db.scope import partner_scope
from crowdcore.web import live
from crowdcore.web.live import BUFFER, Hub, Stream, harmless
from tests.app.bench import ANNA, BEAT, CARLA, make

WAIT_S = 20


@asynccontextmanager
async def _listening(server, *, host="swisscom.localhost", **headers):
    """Open a stream; yields an iterator over (id, data) of its events."""
    async with (
        httpx2.AsyncClient(base_url=server, headers={"Host": host, **headers}, timeout=WAIT_S) as client,
        client.stream("GET", "/api/v1/events") as response,
    ):
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.aiter_lines()
        assert await anext(lines) == ": open"
        yield _events(lines)


async def _events(lines):
    ident = None
    async for line in lines:
        if line.startswith("id: "):
            ident = line[4:]
        elif line.startswith("data: "):
            yield ident, json.loads(line[6:])


async def _make(title, account, partner="swisscom"):
    with partner_scope(partner):
        return (await make(title, account))[0]


async def test_an_event_reaches_whom_it_concerns(server):
    async with (
        _listening(server, Authorization="Bearer anna-t") as anna,
        _listening(server, Cookie="s=beat-s") as beat,
        _listening(server, Authorization="Bearer carla-t") as carla,
    ):
        elsewhere = await _make("Elsewhere", ANNA, "energy")
        hers = await _make("Private Name", ANNA)
        his = await _make("Other", BEAT)
        async with asyncio.timeout(WAIT_S):
            _, seen_by_anna = await anext(anna)
            _, seen_by_beat = await anext(beat)
            seen_by_carla = [(await anext(carla))[1] for _ in range(2)]
    assert seen_by_anna["type"] == "thing.made"
    assert datetime.fromisoformat(seen_by_anna["at"]).tzinfo is not None
    assert seen_by_anna["payload"] == {"thing_id": str(hers), "state": "made", "account_id": str(ANNA)}
    assert seen_by_beat["payload"]["thing_id"] == str(his)
    assert [event["payload"]["thing_id"] for event in seen_by_carla] == [str(hers), str(his)]
    assert str(elsewhere) not in json.dumps(seen_by_carla)


async def test_what_was_missed_is_replayed_once(server):
    await _make("before", ANNA)
    first = await outbox.last_seq()
    missed = [str(await _make("missed", ANNA)) for _ in range(3)]
    await _make("not hers", BEAT)
    headers = {"Authorization": "Bearer anna-t", "Last-Event-ID": str(first)}
    async with _listening(server, **headers) as events, asyncio.timeout(WAIT_S):
        new = str(await _make("new", ANNA))
        seen = [await anext(events) for _ in range(4)]
    assert [data["payload"]["thing_id"] for _, data in seen] == [*missed, new]
    assert [int(ident) for ident, _ in seen] == sorted({int(ident) for ident, _ in seen})


async def test_who_missed_too_much_loads_the_page_again(server, monkeypatch):
    """What happened between the oldest and the newest would be left out without a word otherwise."""
    monkeypatch.setattr(live, "MOST_REPLAYED", 2)
    first = await outbox.last_seq()
    for _ in range(3):
        await _make("missed", BEAT)
    async with _listening(server, Authorization="Bearer anna-t", **{"Last-Event-ID": str(first)}) as events:
        async with asyncio.timeout(WAIT_S):
            assert (await anext(events))[1] == {"type": "reload"}
            new = str(await _make("new", ANNA))
            assert (await anext(events))[1]["payload"]["thing_id"] == new


@pytest.mark.parametrize("sent", ["", "x", "-1", "1" * 30, "1; drop", "²"])
async def test_a_strange_last_id_is_no_id(server, hub, sent):
    await _make("before", ANNA)
    await _until(lambda: hub._recent)
    headers = {"Authorization": "Bearer anna-t", "Last-Event-ID": sent.encode()}
    async with _listening(server, **headers) as events, asyncio.timeout(WAIT_S):
        new = await _make("new", ANNA)
        assert (await anext(events))[1]["payload"]["thing_id"] == str(new)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "auth.missing"),
        ({"Cookie": "s=nobody-s"}, 401, "auth.missing"),
        ({"Authorization": "Bearer nobody-t"}, 401, "test.token_bad"),
        ({"Authorization": "Bearer anna-t", "Accept": "application/json"}, 406, "accept"),
    ],
)
async def test_a_stream_is_refused_like_any_operation(client, headers, status, code):
    response = await client.get("/api/v1/events", headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"


async def test_other_methods_are_refused(client):
    response = await client.post("/api/v1/events")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


async def test_an_account_has_four_streams(server, hub):
    async def status():
        async with httpx2.AsyncClient(base_url=server, headers={"Host": "swisscom.localhost"}) as client:
            response = await client.get("/api/v1/events", headers={"Cookie": "s=anna-s"})
            return response.status_code, response.json()["code"], response.headers["retry-after"]

    async with (
        _listening(server, Cookie="s=anna-s"),
        _listening(server, Cookie="s=anna-s"),
        _listening(server, Cookie="s=anna-s"),
    ):
        async with _listening(server, Cookie="s=anna-s"):
            assert await status() == (429, "live.too_many", "30")
            async with _listening(server, Cookie="s=beat-s"):
                pass
        await _until(lambda: len(hub._streams) == 3)
        async with _listening(server, Cookie="s=anna-s"):
            pass
    await _until(lambda: not hub._streams)


async def test_the_server_stops_with_open_streams(server, hub, running):
    async with _listening(server, Cookie="s=anna-s"):
        running.config.timeout_graceful_shutdown = None  # nobody ends them but we
        running.should_exit = True
        await _until(lambda: not hub._streams)


async def _until(true):
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110 -- waits for another task's end
            await asyncio.sleep(0.01)


def _stored(seq, account=ANNA):
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return Stored(seq, "swisscom", "thing.made", {"n": seq}, frozenset({str(account)}), at)


class Outbox:
    """An outbox whose numbers become visible out of order, as PostgreSQL's do."""

    def __init__(self):
        self.rows = []

    async def since(self, seq, *, limit):
        return sorted((row for row in self.rows if row.seq > seq), key=lambda row: row.seq)[:limit]


@pytest.fixture
def late(settings, monkeypatch):
    """A hub that allows for late numbers, over an outbox made by hand."""
    hub, rows = Hub(settings), Outbox()
    hub._late_s = 5.0
    monkeypatch.setattr(outbox, "since", rows.since)
    return hub, rows


async def test_a_late_number_is_handed_out_once(late):
    hub, box = late
    stream = Stream("swisscom", ANNA, is_staff=False)
    hub._streams.add(stream)
    for visible in ([1, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3, 5], [1, 2, 3, 4, 5]):
        box.rows = [_stored(seq) for seq in visible]
        await hub._poll()
    assert [stream.queue.get_nowait().seq for _ in range(stream.queue.qsize())] == [1, 3, 2, 5, 4]


async def test_old_numbers_are_not_read_again(late):
    hub, box = late
    hub._late_s = 0.0
    box.rows = [_stored(seq) for seq in range(1, 1200)]
    await hub._poll()
    assert hub._floor == 1199
    assert hub._seen == {}


async def test_a_reader_that_comes_back_gets_late_numbers_too(late):
    hub, box = late
    box.rows = [_stored(1), _stored(3)]
    await hub._poll()
    box.rows.append(_stored(2))
    await hub._poll()
    missed = await hub._missed(Stream("swisscom", ANNA, is_staff=False), 3)
    assert [event.seq for event in missed] == [2]


async def test_a_slow_reader_is_told_to_load_again(late):
    hub, box = late
    stream = Stream("swisscom", ANNA, is_staff=False)
    hub._streams.add(stream)
    box.rows = [_stored(seq) for seq in range(1, BUFFER + 2)]
    await hub._poll()
    assert stream.queue.qsize() == 1
    box.rows.append(_stored(BUFFER + 2))
    await hub._poll()
    assert stream.queue.get_nowait() is None
    assert stream.queue.get_nowait().seq == BUFFER + 2


def test_who_is_concerned():
    event = _stored(1)
    assert Stream("swisscom", ANNA, is_staff=False).concerns(event)
    assert Stream("swisscom", CARLA, is_staff=True).concerns(event)
    assert not Stream("swisscom", BEAT, is_staff=False).concerns(event)
    assert not Stream("energy", ANNA, is_staff=False).concerns(event)
    assert not Stream("energy", CARLA, is_staff=True).concerns(event)


@pytest.mark.parametrize(
    "value",
    [None, True, 7, 1.5, "open", "under_way", "job.assigned", "6f8e3a52-9a0e-4b6c-9a51-0c4c1d6f3e21",
     "2026-10-25T00:30:00+00:00", "2026-10-25T00:30:00.123456Z"],
)  # fmt: skip
def test_ids_times_and_words_of_ours_go_out(value):
    assert harmless({"x": value}) == {"x": value}


@pytest.mark.parametrize(
    "value",
    ["Anna", "anna meier", "anna@example.ch", "+41 79 123 45 67", "0791234567", "8001 Zürich", "", "x" * 61,
     ["open"], {"state": "open"}],
)  # fmt: skip
def test_what_people_type_stays_inside(value):
    assert harmless({"x": value}) == {}
