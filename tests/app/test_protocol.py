"""A connection that does not say what it wants is closed; one that does keeps its time."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from crowdcore.app import protocol

DEADLINE_S = 0.3
WAIT_S = 15


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_DEADLINE_S", DEADLINE_S)


@asynccontextmanager
async def _connected(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.rpartition(":")[2]))
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _is_closed(reader):
    async with asyncio.timeout(WAIT_S):
        try:
            return await reader.read(100) == b""
        except ConnectionError:  # it was closed while we still wrote
            return True


async def test_who_says_nothing_or_one_byte_at_a_time_is_not_waited_for(server):
    async with _connected(server) as (silent, _), _connected(server) as (slow, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        for _ in range(2):
            await asyncio.sleep(DEADLINE_S / 3)
            writer.write(b"a")
        assert await _is_closed(silent)
        assert await _is_closed(slow)


async def test_the_second_request_has_no_more_time_than_the_first(server):
    async with _connected(server) as (reader, writer):
        for _ in range(2):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            async with asyncio.timeout(WAIT_S):
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
            assert head.startswith(b"HTTP/1.1 200")
        writer.write(b"GET /healthz HTT")
        assert await _is_closed(reader)


async def test_an_answer_may_take_its_time(server):
    async with _connected(server) as (reader, writer):
        writer.write(b"GET /api/v1/events HTTP/1.1\r\nHost: swisscom.localhost\r\nAuthorization: Bearer anna-t\r\n\r\n")
        async with asyncio.timeout(WAIT_S):
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(DEADLINE_S * 2)
        assert not reader.at_eof()
