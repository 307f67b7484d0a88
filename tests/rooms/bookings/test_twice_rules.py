"""Booking the same again within minutes is asked about, and a price that moved says what it is now."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crowdcore.bookings.rules import TWICE_WITHIN, BookedBefore, GuideChanged, check_twice
from crowdcore.jobs.rules import State
from tests.rooms.facts import NOW, chf, hours, job

DRAFT = job(state=State.DRAFT)
SAME = replace(DRAFT, number="SW-2222222", state=State.OPEN, opened_at=NOW - TWICE_WITHIN)


@pytest.mark.parametrize("state", sorted(set(State) - {State.CANCELLED}))
def test_the_same_wish_a_moment_ago_is_asked_about(state):
    with pytest.raises(BookedBefore) as asked:
        check_twice(DRAFT, [replace(SAME, state=state)], NOW)
    assert asked.value.params == {"number": "SW-2222222", "job": str(SAME.id)}


@pytest.mark.parametrize(
    "other",
    [
        replace(SAME, state=State.CANCELLED),
        replace(SAME, opened_at=None),
        replace(SAME, opened_at=NOW - TWICE_WITHIN - timedelta(seconds=1)),
        replace(SAME, wishes=(hours(48, 50),)),
        replace(SAME, place=replace(SAME.place, id="CH-3097-liebefeld")),
        replace(SAME, service=replace(SAME.service, id="wifi")),
    ],
)
def test_anything_else_is_a_booking_of_its_own(other):
    check_twice(DRAFT, [other], NOW)
    with pytest.raises(BookedBefore):
        check_twice(DRAFT, [other, SAME], NOW)


def test_a_moved_price_says_what_it_is_now():
    assert GuideChanged(guide=chf(8_900)).guide == chf(8_900)
