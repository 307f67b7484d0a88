"""Processes that wake each other through a real Valkey, and do not when there is none."""

import asyncio

import pytest

from crowdcore.app import wake
from crowdcore.db.outbox import Signal
from crowdcore.settings import Settings

SOON_S = 0.4
"""Within this an answer that goes back and forth has long arrived."""
PATIENCE_S = 10


async def test_a_commit_in_one_process_wakes_the_others_once(valkey_server):
    here, there = Signal(), Signal()
    settings = Settings(redis_url=valkey_server)
    async with wake.shared(settings, here), wake.shared(settings, there):
        at_home, abroad = here.listen(), there.listen()
        await _until_heard(here, abroad)
        await asyncio.sleep(SOON_S)  # what was said before somebody heard it may still be on its way
        at_home.clear()
        abroad.clear()
        await asyncio.sleep(SOON_S)
        assert not abroad.is_set(), "an answer went back and forth"
        there.set()
        async with asyncio.timeout(PATIENCE_S):
            await at_home.wait()


async def _until_heard(signal, listener):
    """Both need a moment to connect."""
    for _ in range(50):
        signal.set()
        try:
            async with asyncio.timeout(0.1):
                return await listener.wait()
        except TimeoutError:
            continue
    pytest.fail("nobody was woken")


async def test_without_an_answer_the_log_says_so_and_work_goes_on(caplog):
    signal = Signal()
    async with wake.shared(Settings(redis_url="redis://127.0.0.1:1"), signal):
        signal.set()
        await asyncio.sleep(0.1)
    assert "Redis does not answer" in caplog.text


async def test_an_embedded_installation_needs_none():
    signal = Signal()
    async with wake.shared(Settings(), signal):
        assert len(signal._listeners) == 0
