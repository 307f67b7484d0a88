"""Availability in local hours, radius, qualifications, and what is said of few ratings."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, strategies as st

from crowdcore.base.errors import Rejected
from crowdcore.crowd.rules import (
    ALWAYS,
    HOUR_CODES,
    HOURS_A_WEEK,
    BreakEnd,
    Qualification,
    QualificationState,
    RadiusOutOfRange,
    break_end,
    check_break,
    check_membership,
    check_radius,
    hour_codes,
    is_available,
    read_hours,
    read_licences,
)
from tests.rooms.facts import NOW, ZURICH, friend

SPRING = datetime(2026, 3, 29, tzinfo=ZURICH)
"""02:00 does not exist on this Sunday."""
AUTUMN = datetime(2026, 10, 25, tzinfo=ZURICH)
"""02:00 to 03:00 comes twice on this Sunday."""


def bit(weekday: int, hour: int) -> int:
    return 1 << (weekday * 24 + hour)


def free(pattern: int, start: datetime, end: datetime) -> bool:
    return is_available(pattern, start=start.astimezone(UTC), end=end.astimezone(UTC), zone=ZURICH)


@pytest.mark.parametrize(
    ("pattern", "start", "end", "answer"),
    [
        (bit(0, 10), (10, 0), (11, 0), True),
        (bit(0, 10), (10, 20), (10, 40), True),
        (bit(0, 10), (10, 0), (11, 1), False),
        (bit(0, 10), (9, 59), (10, 30), False),
        (bit(0, 10) | bit(0, 11), (10, 59), (11, 1), True),
        (bit(0, 11), (10, 59), (11, 1), False),
        (ALWAYS & ~bit(0, 11), (10, 59), (12, 30), False),  # the hour in the middle counts too
        (ALWAYS & ~bit(0, 12), (8, 0), (12, 0), True),
        (ALWAYS & ~bit(0, 12), (8, 0), (13, 0), False),
        (0, (10, 0), (10, 0), True),
    ],
)
def test_every_hour_that_a_window_touches_must_be_free(pattern, start, end, answer):
    monday = datetime(2026, 11, 23, tzinfo=ZURICH)
    begin, over = (monday.replace(hour=hour, minute=minute) for hour, minute in (start, end))
    assert free(pattern, begin, over) is answer


def test_midnight_belongs_to_the_next_day_and_sunday_night_to_monday():
    sunday = datetime(2026, 11, 29, 23, 0, tzinfo=ZURICH)
    pattern = bit(6, 23) | bit(0, 0)
    assert free(pattern, sunday, sunday + timedelta(hours=2))
    assert not free(bit(6, 23), sunday, sunday + timedelta(hours=2))


def test_the_hour_that_spring_skips_is_not_asked_for():
    hours = bit(6, 1) | bit(6, 3)
    assert free(hours, SPRING.replace(hour=1), SPRING.replace(hour=4))
    assert not free(bit(6, 1) | bit(6, 2), SPRING.replace(hour=1), SPRING.replace(hour=4))


def test_the_hour_that_autumn_repeats_is_asked_for_once_and_both_times_belong_to_it():
    window = AUTUMN.replace(hour=1), AUTUMN.replace(hour=4)
    assert free(bit(6, 1) | bit(6, 2) | bit(6, 3), *window)
    assert not free(ALWAYS & ~bit(6, 2), *window)
    second_two = AUTUMN.replace(hour=2, minute=30, fold=1)
    assert free(bit(6, 2), second_two, second_two + timedelta(minutes=10))


moments = st.integers(0, 3 * 365 * 24 * 60).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=n))


some_hours = st.sets(st.integers(0, HOURS_A_WEEK - 1), max_size=6).map(lambda chosen: sum(1 << hour for hour in chosen))
patterns = st.one_of(some_hours, some_hours.map(lambda pattern: ALWAYS & ~pattern), st.integers(0, ALWAYS))


@given(patterns, moments, st.timedeltas(timedelta(minutes=1), timedelta(hours=30)))
@example(bit(6, 1) | bit(6, 3), SPRING.astimezone(UTC) + timedelta(hours=1), timedelta(hours=2))
@example(bit(6, 2), AUTUMN.astimezone(UTC) + timedelta(hours=2), timedelta(hours=2))
def test_availability_is_the_same_as_looking_at_every_minute(pattern, start, length):
    """The slow way: every minute of the window, by the local clock; both clock changes are in the range."""
    end = start + length
    minute, touched = start, set()
    while minute < end:
        local = minute.astimezone(ZURICH)
        touched.add(local.weekday() * 24 + local.hour)
        minute += timedelta(minutes=1)
    local = (end - timedelta(microseconds=1)).astimezone(ZURICH)
    touched.add(local.weekday() * 24 + local.hour)
    expected = all(pattern >> hour & 1 for hour in touched)
    assert is_available(pattern, start=start, end=end, zone=ZURICH) == expected


@given(moments, st.timedeltas(timedelta(minutes=1), timedelta(days=10)))
def test_around_the_clock_is_always_free_and_never_is_never(start, length):
    assert is_available(ALWAYS, start=start, end=start + length, zone=ZURICH)
    assert not is_available(0, start=start, end=start + length, zone=ZURICH)


def test_a_week_has_168_hours():
    assert ALWAYS.bit_count() == HOURS_A_WEEK == 168


@pytest.mark.parametrize(("metres", "fine"), [(999, False), (1_000, True), (30_000, True), (30_001, False)])
def test_a_radius_is_one_kilometre_to_the_partners_limit(metres, fine):
    if fine:
        check_radius(metres, most_m=30_000)
        return
    with pytest.raises(RadiusOutOfRange) as refused:
        check_radius(metres, most_m=30_000)
    assert refused.value.params == {"most": 30}


@pytest.mark.parametrize(
    ("state", "ends", "holds"),
    [
        (QualificationState.ACTIVE, timedelta(seconds=1), True),
        (QualificationState.ACTIVE, timedelta(0), False),
        (QualificationState.ACTIVE, timedelta(days=-1), False),
        (QualificationState.EXPIRED, timedelta(days=1), False),
        (QualificationState.REVOKED, timedelta(days=1), False),
    ],
)
def test_a_qualification_counts_while_it_is_active_and_valid(state, ends, holds):
    proof = Qualification("tv", state, NOW + ends)
    assert proof.holds(NOW) is holds
    wifi = Qualification("wifi", QualificationState.ACTIVE, NOW + timedelta(days=9))
    member = friend(qualifications=(proof, wifi))
    assert member.is_qualified("tv", NOW) is holds
    assert member.skills(NOW) == ({"tv", "wifi"} if holds else {"wifi"})
    assert not member.is_qualified("energy", NOW)


@pytest.mark.parametrize(("count", "total", "mean"), [(0, 0, None), (4, 20, None), (5, 25, 5), (8, 30, 3.75)])
def test_no_mean_is_told_below_five_ratings(count, total, mean):
    assert friend(rating_count=count, rating_sum=total).rating_mean() == mean


@given(st.sets(st.sampled_from(HOUR_CODES)))
def test_ticks_survive_the_trip_through_the_bits(codes):
    assert hour_codes(read_hours(codes)) == codes


def test_all_ticks_are_the_whole_week_and_strange_words_none():
    assert read_hours(HOUR_CODES) == ALWAYS
    assert read_hours(["mon", "mon.noon", "", "xyz.night"]) == 0
    assert hour_codes(bit(0, 6)) == frozenset()  # a part of a day that is free in part is no tick
    assert read_hours(["sun.night"]) & bit(0, 5)  # the night reaches into Monday


def test_a_break_ends_at_seven_where_the_partner_is_also_across_a_clock_change():
    evening = datetime(2026, 10, 24, 21, 0, tzinfo=UTC)
    assert break_end(evening, 1, ZURICH) == datetime(2026, 10, 25, 6, 0, tzinfo=UTC)
    for until in (NOW, NOW - timedelta(seconds=1), NOW + timedelta(days=367)):
        with pytest.raises(BreakEnd):
            check_break(until, NOW)
    check_break(NOW + timedelta(seconds=1), NOW)


def test_a_profile_needs_a_language_and_an_hour():
    with pytest.raises(Rejected) as wrong:
        check_membership(languages=frozenset(), hours=0)
    assert [problem.pointer for problem in wrong.value.fields] == ["/languages", "/hours"]
    check_membership(languages=frozenset({"de"}), hours=1)


def test_licences_are_lines_each_once_and_not_too_many():
    assert read_licences(" NIV 15 \n\nVKF\nNIV 15") == ("NIV 15", "VKF")
    with pytest.raises(Rejected):
        read_licences("\n".join(f"licence {number}" for number in range(11)))
