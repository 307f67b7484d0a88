"""A fuzzer that read the description of the API finds no answer that the description does not list.

Runs for some seconds in `make test`; ``make fuzz FUZZ=500`` makes it as thorough as wanted (per operation and
kind of data).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from crowdcore.base.ids import new_id
from crowdcore.web.openapi import PREFIX
from tests.kit import World
from tests.routes.recipe import NOBODY
from tests.routes.recipes_api import ALL, RECIPES
from tests.routes.town import Town
from tests.routes.watch import Watch

EXAMPLES = int(os.environ.get("CROWDCORE_FUZZ_EXAMPLES", "3"))

#: Refusals of data that fits the description: what is wrong is what it means (a price, a time, a reason).
BY_MEANING = ["400", "410", "412", "422"]
BY_SIZE = ["405", "406", "413", "414", "431"]

pytestmark = pytest.mark.slow


@pytest.fixture
async def server(world: World) -> AsyncIterator[str]:
    """The application in a real server."""
    config = uvicorn.Config(world.app, port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=2)
    serving = uvicorn.Server(config)
    task = asyncio.ensure_future(serving.serve())
    while not serving.started:  # noqa: ASYNC110 -- the server offers no event
        await asyncio.sleep(0.005)
    yield f"http://127.0.0.1:{serving.servers[0].sockets[0].getsockname()[1]}"
    serving.should_exit = True
    await task


@pytest.fixture
async def schema(server: str, here: Town) -> Any:
    import httpx2

    async with httpx2.AsyncClient(base_url=server, headers={"host": here.host}) as client:
        document = (await client.get(f"{PREFIX}/openapi.json")).json()
    found = schemathesis.openapi.from_dict(document)
    found.config.update(base_url=f"{server}{PREFIX}")
    checks = found.config.checks
    checks.positive_data_acceptance.expected_statuses += BY_MEANING
    checks.negative_data_rejection.expected_statuses += BY_SIZE
    return found


NAMES = frozenset({"service", "place", "reason", "exam", "friend_id", "question_id", "preferred_friend"})
"""Fields that mean something only if they name something that is there."""


class Sense:
    """Makes senseless requests that fit the description a little more likely to mean something."""

    def __init__(self, town: Town, name: str, pick: int) -> None:
        """Choose, by `pick`, who asks and which of the operation's valid requests is near."""
        asks = RECIPES[name].asks
        self.town = town
        self.ask = asks[pick % len(asks)]
        self.pick = pick
        self.who = (self.ask.who if pick % 8 > 1 else ("", *ALL)[pick % 5]).replace(NOBODY, "")

    @property
    def headers(self) -> dict[str, str]:
        token = self.town.people[self.who].token if self.who else "none"
        keyless = not self.who and self.ask.who == NOBODY and self.pick % 2
        return {"Host": self.town.host} | ({} if keyless else {"Authorization": f"Bearer {token}"})

    def improve(self, case: Any) -> None:
        """Put real things where made up ones are."""
        if self.pick % 4:
            real = {name: self.town.ids[thing] for name, thing in self.ask.path.items()}
            case.path_parameters = {**(case.path_parameters or {}), **real}
        if self.pick % 3:
            for given, valid in ((case.body, self.ask.body), (case.query, self.ask.query)):
                if isinstance(given, dict) and valid is not None:
                    given.update({name: value for name, value in valid(self.town).items() if name in NAMES})


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_no_answer_is_a_surprise(schema, here, there, mode, watch: Watch):
    def fuzz(operation: Any, name: str) -> None:
        @hypothesis_settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        @given(
            case=operation.as_strategy(generation_mode=mode),
            pick=st.integers(0, 10**6),
        )
        def try_one(case: Any, pick: int) -> None:
            sense = Sense(here, name, pick)
            if mode is GenerationMode.POSITIVE:
                sense.improve(case)
                if operation.method != "get":
                    case.headers["Idempotency-Key"] = str(new_id())  # a key is never used for two things
                case.query.pop("cursor", None)  # only we can write one
            case.call_and_validate(headers=sense.headers)

        with contextlib.suppress(Unsatisfiable):  # an operation without parameters cannot be called wrongly
            try_one()

    tried = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path != "/events":
            name = f"{operation.method.upper()} {operation.path}"
            tried.add(name)
            await asyncio.to_thread(fuzz, operation, name)
    assert tried == RECIPES.keys()
    assert (await watch.changes())[1] == [], "the other portal has changed"
