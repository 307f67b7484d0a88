"""The curve and its goals, the figures, and what a spreadsheet program may not run."""

import csv
import io
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from crowdcore.exams.rules import Grade, TopicResult
from crowdcore.insight.rules import (
    ENOUGH,
    GOALS,
    Daypart,
    Record,
    Sheet,
    Wait,
    curve,
    daypart,
    exam_figure,
    figure,
    grouped,
    reference,
    table_file,
    verdict,
    wait_of,
)

ASKED = datetime(2026, 11, 23, 9, tzinfo=UTC)
NEVER = Wait(math.inf, accepted=False)


def accepted(*minutes):
    return [Wait(60 * one, accepted=True) for one in minutes]


def record(wait=NEVER, **more):
    kept = {
        "region": "CH-ZH", "service": "tv", "part": Daypart.MORNING, "is_done": False, "is_cancelled": False,
        "cases": 0, "stars": None, "again": None,
    }  # fmt: skip
    return Record(wait=wait, **{**kept, **more})


def test_a_wait_ends_with_yes_with_leaving_or_never():
    soon, later = ASKED + timedelta(seconds=30), ASKED + timedelta(hours=1)
    assert wait_of(asked_at=ASKED, accepted_at=soon, left_at=later) == Wait(30, accepted=True)
    assert wait_of(asked_at=ASKED, accepted_at=None, left_at=later) == Wait(3600, accepted=False)
    assert wait_of(asked_at=ASKED, accepted_at=None, left_at=None) == NEVER
    assert wait_of(asked_at=later, accepted_at=ASKED, left_at=None).seconds == 0


def test_without_anybody_leaving_the_curve_is_the_plain_share():
    found = curve([*accepted(0.5, 2, 5, 30), NEVER, NEVER])
    assert found.count == 6
    assert [found.share(60 * minutes) for minutes in (0.4, 1, 10, 60, 180)] == pytest.approx(
        [0, 1 / 6, 0.5, 4 / 6, 4 / 6]
    )


def test_whoever_left_counts_only_while_they_were_watched():
    found = curve([*accepted(1), Wait(120, accepted=False), *accepted(5), NEVER])
    assert found.share(60) == pytest.approx(1 / 4)
    assert found.share(300) == pytest.approx(1 - 3 / 4 * 1 / 2)


def test_nothing_is_said_about_a_time_nobody_was_watched_for():
    found = curve([*accepted(1), Wait(120, accepted=False)])
    assert found.share(120) == pytest.approx(0.5)
    assert found.share(121) is None
    assert curve(accepted(1, 2)).share(9999) == 1
    assert curve([]).share(1) is None
    assert curve([]).share(0) == 0


@given(st.lists(st.tuples(st.floats(0, 1e5), st.booleans()), max_size=60))
def test_a_curve_never_falls_and_stays_a_share(waits):
    found = curve(Wait(seconds, accepted=yes) for seconds, yes in waits)
    shares = [share for _at, share in found.steps]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 + 1e-9 for share in shares)


def test_the_reference_is_the_measured_curve():
    shares = [reference(goal.after.total_seconds()) for goal in GOALS]
    assert shares == pytest.approx([0.40, 0.70, 0.905, 0.97], abs=0.02)


def test_thirty_requests_are_enough_and_one_less_is_not():
    few, many = verdict(curve(accepted(*[0.5] * (ENOUGH - 1)))), verdict(curve(accepted(*[0.5] * ENOUGH)))
    assert (few.is_enough, few.judged, few.reached, few.worst) == (False, (), 0, None)
    assert (many.is_enough, many.reached, many.worst) == (True, 4, None)


def test_the_worst_goal_is_the_one_that_misses_most():
    waits = [*accepted(*[0.5] * 40, *[5] * 34, *[30] * 14, *[100] * 10), NEVER, NEVER]
    told = verdict(curve(waits))
    assert [point.percent for point in told.points] == [40, 74, 88, 98]
    assert [point.missing for point in told.points] == [0, 0, 2, 0]
    assert told.reached == 3
    assert told.worst.goal == GOALS[2]


def test_no_goal_is_reached_by_rounding_and_none_is_missed_by_it():
    assert verdict(curve([*accepted(*[0.5] * 399), *[NEVER] * 601])).points[0].percent == 39
    assert verdict(curve([*accepted(*[0.5] * 70), *[NEVER] * 30])).points[1].percent == 70


def test_what_is_too_early_to_say_is_not_judged():
    told = verdict(curve([*accepted(*[0.5] * 20), *[Wait(700, accepted=False)] * 20]))
    assert [point.percent for point in told.points] == [50, 50, None, None]
    assert len(told.judged) == 2
    assert told.points[3].missing == 0


@pytest.mark.parametrize(
    ("day", "hour", "part"),
    [
        (23, 5, "night"),
        (23, 6, "morning"),
        (23, 12, "afternoon"),
        (23, 18, "evening"),
        (23, 22, "night"),
        (28, 9, "weekend"),
    ],
)
def test_a_moment_lies_in_one_daypart(day, hour, part):
    assert daypart(datetime(2026, 11, day, hour, tzinfo=UTC)) == part


def test_a_figure_says_what_a_group_comes_to():
    done = [record(wait, is_done=True, stars=5, again=True) for wait in accepted(1, 2, 3, 4)]
    low = record(Wait(7200, accepted=True), is_done=True, stars=2, again=False, cases=2)
    found = figure("x", [*done, low, record(is_cancelled=True)])
    assert (found.requests, found.done, found.cancelled, found.handed_over) == (6, 5, 1, 1)
    assert found.within_hour == pytest.approx(4 / 6)
    assert found.median_s == 180
    assert found.rating == pytest.approx(22 / 5)
    assert found.again == pytest.approx(4 / 5)


def test_a_figure_of_nothing_says_nothing():
    found = figure("x", [record(stars=5, again=True)])
    assert (found.median_s, found.rating, found.again, found.within_hour) == (None, None, None, 0)


def test_groups_come_with_the_largest_first():
    found = grouped([record(region="CH-BE"), record(), record()], lambda one: one.region)
    assert [(one.key, one.requests) for one in found] == [("CH-ZH", 2), ("CH-BE", 1)]


def _sheet(*, passed, score, wrong):
    topics = (TopicResult("a", score, 4), TopicResult("b", 1, 2))
    return Sheet(("q1", "q2"), Grade(score + 1, 6, 4, passed, topics, wrong, ()))


def test_an_exam_is_told_by_topic_and_question():
    found = exam_figure(
        [_sheet(passed=True, score=4, wrong=("q2",)), _sheet(passed=False, score=0, wrong=("q1", "q2"))]
    )
    assert (found.taken, found.passed, found.score) == (2, 0.5, pytest.approx(0.5))
    assert [(one.key, one.share) for one in found.questions] == [("q2", 0), ("q1", 0.5)]
    assert [(one.key, one.share) for one in found.topics] == [("a", 0.5), ("b", 0.5)]


def test_an_exam_nobody_took_has_no_shares():
    found = exam_figure([])
    assert (found.taken, found.passed, found.score, found.topics) == (0, None, None, ())
    empty = exam_figure(
        [Sheet((), Grade(0, 0, 0, passed=False, topics=(TopicResult("a", 0, 0),), wrong=(), critical_wrong=()))]
    )
    assert (empty.score, empty.topics[0].share) == (0, 0)


TRIGGERS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\0=1", " =1", "＝1", "＋1", "－1", "＠x"]


@pytest.mark.parametrize("text", TRIGGERS)
def test_no_cell_begins_like_a_formula(text):
    rows = list(csv.reader(io.StringIO(table_file([[text]]).removeprefix("\ufeff"), newline=""), delimiter=";"))
    assert rows == [[f"'{text}"]]


def test_a_file_is_what_spreadsheets_here_expect():
    text = table_file([["Region", "Zürich; «x»"], ['a"b', 4.5], ["", None], ["CH-ZH", -3]])
    assert text == '\ufeffRegion;"Zürich; «x»"\r\n"a""b";4.5\r\n;\r\nCH-ZH;-3\r\n'


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_what_is_written_is_read_back(texts):
    lines = io.StringIO(table_file([texts]).removeprefix("\ufeff"), newline="")
    if any("\r" in one or "\0" in one for one in texts):
        return  # a reader folds line ends; what matters is that nothing runs
    read = next(csv.reader(lines, delimiter=";"))
    assert [one if plain == one else one.removeprefix("'") for one, plain in zip(read, texts, strict=True)] == texts
