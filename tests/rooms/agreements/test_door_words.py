"""Door words: both sides the same two, others for another job or another Friend, and only during a visit."""

from dataclasses import replace
from uuid import UUID

import pytest

from crowdcore.agreements.rules import door_words
from crowdcore.jobs.rules import State
from tests.browsing import browser
from tests.rooms.facts import FRIEND, JOB, OTHER

WORDS = [f"word{n}" for n in range(100)]
ASSIGNED = replace(JOB, state=State.ASSIGNED, assignee_id=FRIEND)


def test_they_are_two_and_the_same_each_time():
    said = door_words(ASSIGNED, WORDS, key=b"key")
    assert said == door_words(ASSIGNED, WORDS, key=b"key")
    assert said.asks != said.answers
    assert {said.asks, said.answers} <= set(WORDS)
    assert door_words(ASSIGNED, WORDS[:2], key=b"key") is not None


def test_another_job_friend_or_key_has_others():
    others = [
        door_words(replace(ASSIGNED, id=UUID(int=7)), WORDS, key=b"key"),
        door_words(replace(ASSIGNED, assignee_id=OTHER), WORDS, key=b"key"),
        door_words(ASSIGNED, WORDS, key=b"another"),
    ]
    assert door_words(ASSIGNED, WORDS, key=b"key") not in others


@pytest.mark.parametrize("state", sorted(set(State) - {State.ASSIGNED, State.UNDER_WAY}))
def test_outside_a_visit_there_are_none(state):
    assert door_words(replace(ASSIGNED, state=state), WORDS, key=b"key") is None


async def test_both_sides_and_support_see_the_same_and_nobody_afterwards(world):
    customer, anna, agent = await world.customer(language="fr"), await world.friend(), await world.agent()
    booked = await world.book(customer, language="fr")
    assert (await customer.job(booked["id"]))["door_words"] is None
    await world.take(anna)
    seen = [(await who.job(booked["id"]))["door_words"] for who in (customer, anna, agent)]
    assert seen[0] == seen[1] == seen[2]
    page = await (await browser(world, person=customer, language="fr")).get(f"/jobs/{booked['id']}")
    assert f"{seen[0]['friend_says']} – {seen[0]['customer_answers']}" in page.text
    await anna.must(f"/jobs/{booked['id']}/give-back", {"reason": "Krank."})
    assert (await customer.job(booked["id"]))["door_words"] is None
