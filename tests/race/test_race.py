"""Races at the level of services, on SQLite and (CROWDCORE_TEST_DB=postgres) on PostgreSQL.

CROWDCORE_RACE_ROUNDS looks longer; a failure prints how often either side came first.
"""

import logging

import pytest

from crowdcore.db.scope import partner_scope
from tests.model.world import World
from tests.race.bench import ROUNDS, Bench
from tests.race.crowds import CROWDS, all_accept_at_once
from tests.race.duels import DUELS


@pytest.fixture
def race(caplog):
    """Run a scenario in an installation of its own and return what was seen.

    There is no deadlock, because locks are taken in one order; PostgreSQL needs a second to break one.
    """

    def run(scenario, *args, **more):
        async def in_scope(bench: Bench) -> None:
            with partner_scope("swisscom"):
                await scenario(bench, *args, **more)

        with World() as world:
            bench = Bench(world)
            world.run(in_scope(bench))
        logging.getLogger(__name__).info("%s: %s", scenario.__name__, dict(bench.outcomes))
        assert not [record.getMessage() for record in caplog.records if "deadlock" in record.getMessage()]
        return bench.outcomes

    return run


@pytest.mark.parametrize("name", DUELS)
def test_two_who_want_different_things_get_one_order(race, name):
    race(DUELS[name], ROUNDS)


@pytest.mark.parametrize("name", CROWDS)
def test_many_who_do_the_same_have_one_effect(race, name):
    race(CROWDS[name], ROUNDS // 4)


def test_two_hundred_accept_one_job(race):
    race(all_accept_at_once, max(2, ROUNDS // 20), friends=200)


def test_fifty_jobs_are_fought_for(race):
    race(all_accept_at_once, ROUNDS // 2, friends=20)
