"""Times that can be kept, places and numbers as people type them, and the number said on the phone."""

import contextlib
import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.geo import Point
from crowdcore.bookings.rules import (
    DAYPART_HOURS,
    FURTHEST,
    NUMBER_ALPHABET,
    Chosen,
    Daypart,
    Slot,
    SlotUnknown,
    WindowOrder,
    WindowPast,
    WindowTooFar,
    WindowTooShort,
    WishesCount,
    WorkUnknown,
    check_declared,
    check_wishes,
    code_of,
    first_window,
    free_cancel_until,
    free_in,
    number_of,
    read_slots,
    slot,
    slots,
)
from crowdcore.crowd.rules import ALWAYS, read_hours
from crowdcore.jobs.rules import Window
from crowdcore.places.rules import Place, Unknown, UnknownReason
from crowdcore.places.sentences import place_problem
from crowdcore.web.fields import dialled
from tests.rooms.facts import NOW, ZURICH, hours, job

LIEBEFELD = Place("CH-3097-liebefeld", "CH", "CH-BE", "3097", "Liebefeld", Point(46.93, 7.42))
FINE = hours(1, 3)


@pytest.mark.parametrize(
    ("wishes", "urgent", "refusal"),
    [
        ((), True, None),
        ((FINE,), False, None),
        ((FINE, FINE, FINE), False, None),
        ((hours(0, 0.5),), False, None),
        ((Window(NOW + FURTHEST - timedelta(hours=1), NOW + FURTHEST),), False, None),
        ((FINE,), True, WishesCount),
        ((), False, WishesCount),
        ((FINE,) * 4, False, WishesCount),
        ((hours(3, 1),), False, WindowOrder),
        ((hours(1, 1),), False, WindowOrder),
        ((hours(1, 1.49),), False, WindowTooShort),
        ((hours(-0.01, 3),), False, WindowPast),
        ((hours(1, 60 * 24 + 0.01),), False, WindowTooFar),
        ((FINE, hours(-2, -1)), False, WindowPast),
    ],
)
def test_times_that_cannot_be_kept_are_refused(wishes, urgent, refusal):
    if refusal is None:
        check_wishes(wishes, urgent=urgent, now=NOW)
        return
    with pytest.raises(refusal):
        check_wishes(wishes, urgent=urgent, now=NOW)


def test_the_limits_are_told():
    with pytest.raises(WindowTooShort) as refused:
        check_wishes((hours(1, 1.2),), urgent=False, now=NOW)
    assert refused.value.params == {"minutes": 30}
    with pytest.raises(WindowTooFar) as refused:
        check_wishes((hours(2000, 2001),), urgent=False, now=NOW)
    assert refused.value.params == {"days": 60}


def test_the_window_in_force_is_the_favourite_wish_or_within_the_hour():
    assert first_window((FINE, hours(5, 6)), now=NOW, minutes=45) == FINE
    assert first_window((), now=NOW, minutes=45) == Window(NOW, NOW + timedelta(minutes=105))


def test_works_the_service_does_not_ask_about_are_refused():
    asked = frozenset({"open_fuse_box", "climb"})
    check_declared(frozenset(), asked)
    check_declared(frozenset({"climb"}), asked)
    with pytest.raises(WorkUnknown) as refused:
        check_declared(frozenset({"climb", "dig"}), asked)
    assert refused.value.params == {"allowed": "climb, open_fuse_box"}
    with pytest.raises(WorkUnknown) as refused:
        check_declared(frozenset({"dig"}), frozenset())
    assert refused.value.params == {"allowed": "-"}


# ---- slots -----------------------------------------------------------------------------------------

days = st.dates(date(2025, 1, 1), date(2030, 1, 1))
parts = st.sampled_from(Daypart)


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2026, 11, 24), datetime(2026, 11, 24, 7, tzinfo=UTC)),
        (date(2026, 7, 1), datetime(2026, 7, 1, 6, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 6, tzinfo=UTC)),  # summer time began this night
        (date(2026, 10, 25), datetime(2026, 10, 25, 7, tzinfo=UTC)),  # and ended this night
    ],
)
def test_a_morning_begins_at_eight_on_the_wall(day, start):
    morning = slot(day, Daypart.MORNING, ZURICH)
    assert morning.window == Window(start, start + timedelta(hours=4))
    assert morning.hours == (8, 12)
    assert morning.code == f"{day}.morning"


@given(days, parts)
def test_a_slot_goes_out_and_comes_back(day, part):
    one = slot(day, part, ZURICH)
    assert read_slots([one.code], ZURICH) == (one,)
    assert code_of([one.window], ZURICH) == one.code
    assert one.window.start.astimezone(ZURICH).hour == DAYPART_HOURS[part][0]
    assert one.window.start.tzinfo is UTC


@given(st.lists(st.tuples(days, parts), max_size=5))
def test_slots_are_read_in_order_of_time_and_once(chosen):
    codes = [slot(day, part, ZURICH).code for day, part in chosen]
    found = read_slots(codes + codes, ZURICH)
    assert {one.code for one in found} == set(codes)
    assert len(found) == len(set(codes))
    assert [one.window.start for one in found] == sorted(one.window.start for one in found)


@pytest.mark.parametrize(
    "code",
    ["", "now", "2026-11-24", "2026-11-24.night", "2026-13-01.morning", ".morning", "x.y", "9999-12-31.x"],
)
def test_what_is_no_slot(code):
    with pytest.raises(SlotUnknown):
        read_slots([code], ZURICH)


@given(st.text(max_size=30))
def test_any_text_is_a_slot_or_is_refused(code):
    with contextlib.suppress(SlotUnknown):
        assert all(isinstance(one, Slot) for one in read_slots([code], ZURICH))


def test_the_days_that_are_offered_begin_today_on_the_wall():
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # half past midnight in Zurich
    week = slots(now=late, zone=ZURICH, days=7)
    assert [day[0].day for day in week] == [date(2026, 11, 24) + timedelta(days=n) for n in range(7)]
    assert all([one.part for one in day] == list(Daypart) for day in week)


def test_windows_that_are_no_slots_have_no_code():
    assert code_of([], ZURICH) == "now"
    assert code_of([hours(1, 2)], ZURICH) == "now"
    tuesday = slot(date(2026, 11, 24), Daypart.EVENING, ZURICH)
    assert code_of([hours(1, 2), tuesday.window], ZURICH) == "2026-11-24.evening"


def test_what_was_chosen():
    at_once = Chosen(LIEBEFELD, ())
    assert (at_once.urgent, at_once.windows, at_once.starts_at, at_once.when) == (True, (), None, "now")
    first, second = (slot(date(2026, 11, 24), part, ZURICH) for part in (Daypart.MORNING, Daypart.EVENING))
    wished = Chosen(LIEBEFELD, (first, second))
    assert not wished.urgent
    assert wished.windows == (first.window, second.window)
    assert wished.starts_at == first.window.start
    assert wished.when == "2026-11-24.morning,2026-11-24.evening"


# ---- what people type ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("079 123 45 67", "CH", "+4179 123 45 67"),
        (" 0301234567 ", "DE", "+49301234567"),
        ("01 234", "AT", "+431 234"),
        ("0791234567", "FR", "0791234567"),
        ("+41 79 123 45 67", "DE", "+41 79 123 45 67"),
        ("0041 79 123 45 67", "CH", "0041 79 123 45 67"),
        ("7912345", "LI", "7912345"),
        ("", "CH", ""),
    ],
)
def test_a_number_is_dialled_as_at_home(typed, country, number):
    assert dialled(typed, country) == number


@pytest.mark.parametrize(
    ("reason", "near", "code", "params"),
    [
        (UnknownReason.EMPTY, (), "place.empty", {}),
        (UnknownReason.STREET, (), "place.street", {}),
        (
            UnknownReason.NAME,
            (LIEBEFELD,) * 4,
            "place.unknown",
            {"typed": "x", "near": ", ".join(["3097 Liebefeld"] * 3)},
        ),
        (UnknownReason.NAME, (), "place.unknown", {"typed": "x"}),
        (UnknownReason.TOO_LONG, (), "place.unknown", {"typed": "x"}),
        (UnknownReason.POSTCODE, (), "place.unknown", {"typed": "x"}),
    ],
)
def test_what_is_said_when_a_place_is_not_found(reason, near, code, params):
    problem = place_problem(Unknown(reason, near), "x")
    assert (problem.pointer, problem.code, dict(problem.params)) == ("/place", code, params)
    assert set(re.findall(r"%\((\w+)\)s", problem.message)) == params.keys()


def test_a_long_text_is_not_repeated_whole():
    assert dict(place_problem(Unknown(UnknownReason.TOO_LONG), "y" * 500).params)["typed"] == "y" * 60


# ---- cancelling, numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "urgent", "until"),
    [
        (hours(5, 6), False, hours(3, 4).start),
        (hours(2, 6), False, None),  # exactly two hours before: over
        (hours(1, 6), False, None),
        (hours(5, 6), True, None),
    ],
)
def test_until_when_cancelling_is_free(window, urgent, until):
    assert free_cancel_until(job(window=window, urgent=urgent), NOW, notice=timedelta(hours=2)) == until


@given(st.uuids())
def test_a_number_can_be_said_on_the_phone(job_id):
    assert re.fullmatch(rf"SW-[{NUMBER_ALPHABET}]{{7}}", number_of(job_id, "swisscom"))
    assert len(number_of(job_id, "swisscom")) <= 12  # its column


def test_no_letter_is_mistaken_for_another():
    assert not set("01ILO") & set(NUMBER_ALPHABET)
    assert len(set(NUMBER_ALPHABET)) == len(NUMBER_ALPHABET)


def test_random_ids_have_different_numbers():
    numbers = {number_of(UUID(int=n * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128), "energy") for n in range(2_000)}
    assert len(numbers) == 2_000


def test_free_is_who_has_the_whole_window_and_no_job_in_it():
    evening = slot(date(2026, 11, 24), Daypart.EVENING, ZURICH).window
    mornings = read_hours(["tue.morning"])
    assert free_in(evening, [(ALWAYS, ()), (mornings, ())], ZURICH) == 1
    assert free_in(evening, [(ALWAYS, [Window(evening.end, evening.end + timedelta(hours=1))])], ZURICH) == 1
    assert free_in(evening, [(ALWAYS, [Window(evening.start, evening.start + timedelta(minutes=1))])], ZURICH) == 0
    assert free_in(evening, [], ZURICH) == 0
