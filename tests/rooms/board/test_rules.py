"""Where a job stands on the board, what needs somebody first, and how the curve is drawn."""

import math
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from crowdcore.board.rules import (
    Card,
    Column,
    Kind,
    Limits,
    Need,
    by_urgency,
    chart,
    clock_face,
    columns,
    is_late,
    needs_of_cards,
)
from crowdcore.insight.rules import Wait, curve, verdict
from crowdcore.jobs.rules import State

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
LIMITS = Limits(timedelta(hours=1), timedelta(hours=3))


def card(state, **more):
    kept = {
        "id": uuid4(), "number": "SW-1", "service": "tv", "title": "TV", "locality": "Sion", "milestones": frozenset(),
        "opened_at": NOW, "starts_at": NOW + timedelta(hours=4), "is_urgent": False, "since": NOW, "due_at": None,
    }  # fmt: skip
    return Card(state=state, **{**kept, **more})


def ago(**units):
    return NOW - timedelta(**units)


@pytest.mark.parametrize(
    ("state", "milestones", "column"),
    [
        (State.OPEN, (), Column.SEARCH),
        (State.ASSIGNED, ("contacted",), Column.ACCEPTED),
        (State.ASSIGNED, ("contacted", "on_the_way"), Column.UNDER_WAY),
        (State.ASSIGNED, ("arrived",), Column.UNDER_WAY),
        (State.UNDER_WAY, (), Column.UNDER_WAY),
        (State.ESCALATED, (), Column.HANDED_OVER),
        (State.DISPUTED, (), Column.HANDED_OVER),
    ],
)
def test_a_job_stands_in_one_column(state, milestones, column):
    assert card(state, milestones=frozenset(milestones)).column is column


@pytest.mark.parametrize(
    ("found", "late"),
    [
        (card(State.OPEN, since=ago(minutes=59)), False),
        (card(State.OPEN, since=ago(hours=1)), True),
        (card(State.ASSIGNED), False),
        (card(State.ASSIGNED, starts_at=ago(minutes=1)), True),
        (card(State.ASSIGNED, starts_at=ago(minutes=1), is_urgent=True), False),
        (card(State.ESCALATED, due_at=NOW), True),
        (card(State.ESCALATED, due_at=NOW + timedelta(minutes=1)), False),
        (card(State.DISPUTED), False),
        (card(State.UNDER_WAY, since=ago(hours=9)), False),
    ],
)
def test_patience_ends_where_the_partner_says(found, late):
    assert is_late(found, NOW, LIMITS) is late


def test_the_most_urgent_stands_on_top_of_each_column():
    waiting = [card(State.OPEN, number=str(n), since=ago(minutes=n)) for n in (5, 90, 30)]
    taken = [card(State.ASSIGNED, number=str(n), starts_at=NOW + timedelta(hours=n)) for n in (3, 1)]
    handed = [card(State.ESCALATED, number=str(n), due_at=NOW + timedelta(hours=n)) for n in (2, -1)]
    found = columns([*waiting, *taken, *handed, card(State.DISPUTED, number="d", since=ago(days=1))], NOW, LIMITS)
    assert [one.number for one in found[Column.SEARCH]] == ["90", "30", "5"]
    assert [one.number for one in found[Column.ACCEPTED]] == ["1", "3"]
    assert [one.number for one in found[Column.HANDED_OVER]] == ["-1", "d", "2"]
    assert found[Column.UNDER_WAY] == []


def test_jobs_ask_for_somebody_only_when_their_time_is_over():
    cards = [
        card(State.OPEN, since=ago(hours=2), number="nobody"),
        card(State.OPEN, number="young"),
        card(State.ASSIGNED, starts_at=ago(minutes=20), number="late"),
        card(State.ASSIGNED, number="fine"),
        card(State.DISPUTED, since=ago(minutes=1), number="objection"),
        card(State.ESCALATED, due_at=ago(hours=1), number="a case of its own"),
        card(State.UNDER_WAY, number="at work"),
    ]
    found = {need.number: need for need in needs_of_cards(cards, NOW, LIMITS)}
    assert {number: need.kind for number, need in found.items()} == {
        "nobody": Kind.NOBODY, "late": Kind.LATE, "objection": Kind.OBJECTION,
    }  # fmt: skip
    assert found["nobody"].due_at == NOW + timedelta(hours=1)
    assert found["nobody"].path.endswith("/assign")
    assert found["objection"].path.endswith("/decision")
    assert found["late"].since == ago(minutes=20)


def need(kind, due, **more):
    kept = {"since": NOW, "number": "", "title": "", "locality": "", "path": "/console"}
    return Need(kind=kind, due_at=NOW + timedelta(minutes=due), **kept, **more)


def test_what_is_overdue_comes_first_and_what_a_colleague_has_comes_last():
    mine = [
        need(Kind.RATING, 10),
        need(Kind.CASE, 5, is_taken=True),
        need(Kind.CASE, 20),
        need(Kind.NOBODY, 10),
        need(Kind.CASE, -5),
        need(Kind.CASE, -1, is_taken=True),
    ]
    order = [(one.kind, (one.due_at - NOW).total_seconds() / 60) for one in by_urgency(mine, NOW)]
    assert order == [
        (Kind.CASE, -5), (Kind.CASE, -1), (Kind.NOBODY, 10), (Kind.RATING, 10), (Kind.CASE, 20), (Kind.CASE, 5),
    ]  # fmt: skip


def test_a_timer_is_read_like_a_watch():
    lengths = [timedelta(minutes=161), timedelta(seconds=59), timedelta(days=2), timedelta(seconds=-5)]
    assert [clock_face(one) for one in lengths] == ["2:41", "0:00", "48:00", "0:00"]


def _numbers(path):
    return [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", path)]


def test_the_curve_passes_through_every_goal_and_never_swings_back():
    waits = [Wait(seconds, accepted=True) for seconds in (5, 20, 40, 100, 300, 900, 2000, 5000, 9000)] * 5
    found = curve(waits)
    for is_wide in (True, False):
        drawn = chart(found, verdict(found), is_wide=is_wide)
        for mark in drawn.marks:
            assert f"{mark.x} {mark.y}" in drawn.line
        ys = _numbers(drawn.line)[1::2]
        assert ys == sorted(ys, reverse=True)
        assert drawn.area.startswith(drawn.line)
        assert drawn.area.endswith(f"V{drawn.bottom}H{drawn.left}z")
        assert [percent for percent, _y in drawn.grid] == [0, 25, 50, 75, 100]


def test_too_little_data_draws_the_goals_and_no_curve():
    found = curve([Wait(5, accepted=True)] * 3)
    drawn = chart(found, verdict(found), is_wide=True)
    assert (drawn.line, drawn.area) == ("", "")
    assert drawn.reference.startswith("M")
    assert {mark.y for mark in drawn.marks} == {None}


def test_a_curve_ends_where_nothing_has_been_watched():
    found = curve([Wait(5, accepted=True)] * 20 + [Wait(16, accepted=False)] * 20)
    drawn = chart(found, verdict(found), is_wide=True)
    assert drawn.line.count("C") == 0
    assert drawn.marks[0].y is None
    found = curve([Wait(5, accepted=True)] * 20 + [Wait(math.inf, accepted=False)] * 20)
    assert chart(found, verdict(found), is_wide=True).line.count("C") > 10
