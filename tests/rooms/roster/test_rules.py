"""Whom a wave asked, and how long a qualification given by hand counts."""

from datetime import UTC, datetime
from uuid import uuid4

from crowdcore.roster.rules import asked, valid_until


def test_a_member_asked_twice_for_one_job_was_asked_once():
    anna, beat, carla = sorted(uuid4() for _ in range(3))
    first, second = uuid4(), uuid4()
    waves = [(first, anna.bytes + beat.bytes), (first, anna.bytes), (second, beat.bytes + anna.bytes), (second, b"")]
    assert asked(waves, [anna, carla]) == {anna: 2, carla: 0}
    assert asked(waves, []) == {}


def test_an_id_that_lies_across_two_others_is_nobody():
    left, right = uuid4(), uuid4()
    across = (left.bytes + right.bytes)[8:24]
    assert asked([(uuid4(), left.bytes + right.bytes)], [type(left)(bytes=across)]) == {type(left)(bytes=across): 0}


def test_a_qualification_by_hand_counts_in_months_of_thirty_days():
    assert valid_until(datetime(2026, 1, 1, tzinfo=UTC), 2) == datetime(2026, 3, 2, tzinfo=UTC)
