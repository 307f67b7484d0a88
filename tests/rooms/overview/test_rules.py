"""What each side may do, what happened and what comes next: never an empty promise, never a lost step."""

from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest

from crowdcore.db.audit import Line
from crowdcore.dispatch.rules import Wave
from crowdcore.jobs.rules import TERMINAL, Action, Milestone, State, Who
from crowdcore.overview.rules import (
    Sight,
    StepState,
    action_title,
    actions,
    outlook,
    search_began,
    timeline,
)
from crowdcore.plugin.content_partner import DispatchPolicy, WavePolicy
from tests.rooms.facts import FRIEND, JOB, NOW, OTHER, hours, job, proposal


def may(who: Who, *, friend_id=FRIEND, rated=False, now=NOW, **facts) -> set[str]:
    facts = {"assignee_id": FRIEND, **facts}
    return set(actions(job(**facts), Sight(who=who, friend_id=friend_id, now=now, rated=rated)))


PRICE = {"price/accept", "price/decline"}
STEPS = {"contact", "on-the-way", "arrive"}


@pytest.mark.parametrize(
    ("who", "facts", "words"),
    [
        (Who.CUSTOMER, {"state": State.DRAFT}, {"submit", "cancel"}),
        (Who.CUSTOMER, {"state": State.OPEN}, {"cancel"}),
        (Who.SUPPORT, {"state": State.OPEN}, {"cancel", "hand-over", "assign"}),
        (Who.CUSTOMER, {"state": State.ASSIGNED}, {"cancel", "hand-over", "price"}),
        (Who.FRIEND, {"state": State.ASSIGNED}, {"hand-over", "price", "give-back", *STEPS}),
        (
            Who.FRIEND,
            {"state": State.ASSIGNED, "window": hours(0, 1)},
            {"start", "hand-over", "price", "give-back", *STEPS},
        ),
        (
            Who.FRIEND,
            {"state": State.ASSIGNED, "proposal": proposal(1, by=Who.FRIEND)},
            {"hand-over", "price", "give-back", *STEPS},
        ),
        (
            Who.CUSTOMER,
            {"state": State.ASSIGNED, "proposal": proposal(1, by=Who.FRIEND)},
            {"cancel", "hand-over", "price", *PRICE},
        ),
        (Who.FRIEND, {"state": State.UNDER_WAY}, {"report", "hand-over", "price", *STEPS}),
        (Who.CUSTOMER, {"state": State.DONE, "done_at": NOW}, {"confirm", "dispute", "rating"}),
        (Who.CUSTOMER, {"state": State.DONE, "done_at": NOW, "rated": True}, {"confirm", "dispute"}),
        (
            Who.CUSTOMER,
            {"state": State.CONFIRMED, "done_at": NOW, "confirmed_at": NOW},
            {"dispute", "rating"},
        ),
        (
            Who.CUSTOMER,
            {"state": State.CONFIRMED, "done_at": NOW, "confirmed_at": NOW - timedelta(days=15)},
            {"rating"},
        ),
        (Who.CUSTOMER, {"state": State.SETTLED, "done_at": NOW - timedelta(days=61)}, set()),
        (Who.SUPPORT, {"state": State.DISPUTED}, {"decide"}),
        (Who.CUSTOMER, {"state": State.CANCELLED}, set()),
    ],
)
def test_what_may_be_done(who, facts, words):
    assert may(who, **facts) == words


@pytest.mark.parametrize("state", State)
def test_a_friend_who_does_not_hold_the_job_may_do_nothing(state):
    assert may(Who.FRIEND, state=state, friend_id=OTHER) == set()
    assert may(Who.FRIEND, state=state, assignee_id=None) == set()


@pytest.mark.parametrize(
    ("passed", "left"),
    [
        ((), STEPS),
        ((Milestone.CONTACTED,), STEPS),  # an appointment may follow the first call
        ((Milestone.CONTACTED, Milestone.APPOINTMENT), {"on-the-way", "arrive"}),
        ((Milestone.ON_THE_WAY,), {"arrive"}),
        ((Milestone.ARRIVED,), set()),
    ],
)
def test_steps_that_were_passed_are_not_offered_again(passed, left):
    offered = may(Who.FRIEND, state=State.UNDER_WAY, milestones=dict.fromkeys(passed, NOW))
    assert offered & STEPS == left


@pytest.mark.parametrize(("state", "who"), list(product(State, Who)))
def test_nothing_is_offered_twice(state, who):
    at = job(state=state, assignee_id=FRIEND, done_at=NOW, confirmed_at=NOW)
    found = actions(at, Sight(who=who, friend_id=FRIEND, now=NOW, rated=False))
    assert len(found) == len(set(found))


# ---- what happened and what comes ------------------------------------------------------------------


def history(*actions: Action | tuple[Action, str]) -> list[Line]:
    """Return the lines of a job to which this happened, one an hour."""
    lines = []
    for number, one in enumerate(actions):
        action, reason = one if isinstance(one, tuple) else (one, None)
        at = NOW + timedelta(hours=number)
        lines.append(Line(number + 1, at, action.value, None, None, "timer", None, "worker", reason))
    return lines


A = Action
CALLED, ARRIVED = (A.MILESTONE, Milestone.CONTACTED.value), (A.MILESTONE, Milestone.ARRIVED.value)


def told(lines, state) -> list[tuple[str, StepState]]:
    return [(step.title, step.state) for step in timeline(lines, state)]


@pytest.mark.parametrize(
    ("happened", "state", "steps"),
    [
        ((), State.DRAFT, []),
        ((A.SAVE_DRAFT,), State.DRAFT, []),
        (
            (A.SAVE_DRAFT, A.SUBMIT, A.WIDEN, A.WIDEN),
            State.OPEN,
            [
                ("Requested", StepState.NOW),
                ("Somebody accepts", StepState.NEXT),
                ("The Friend comes", StepState.NEXT),
                ("Done and confirmed", StepState.NEXT),
            ],
        ),
        (
            (A.SUBMIT, A.ACCEPT, CALLED, A.START, A.REPORT, A.CONFIRM),
            State.CONFIRMED,
            [
                ("Requested", StepState.DONE),
                ("Accepted", StepState.DONE),
                ("Spoken on the phone", StepState.DONE),
                ("Work has begun", StepState.DONE),
                ("Reported as done", StepState.DONE),
                ("Confirmed", StepState.DONE),
            ],
        ),
        (
            (A.SUBMIT, A.ACCEPT, CALLED, ARRIVED, (A.RELEASE, "ill"), A.ACCEPT, CALLED),
            State.ASSIGNED,
            [
                ("Requested", StepState.DONE),
                ("Accepted", StepState.UNDONE),
                ("Spoken on the phone", StepState.UNDONE),
                ("Arrived", StepState.UNDONE),
                ("Given back; others are asked", StepState.DONE),
                ("Accepted", StepState.DONE),
                ("Spoken on the phone", StepState.NOW),
                ("The work begins", StepState.NEXT),
                ("Done and confirmed", StepState.NEXT),
            ],
        ),
        (
            (A.SUBMIT, A.ASSIGN, A.HAND_OVER),
            State.ESCALATED,
            [
                ("Requested", StepState.DONE),
                ("Assigned by support", StepState.DONE),
                ("Handed over to support", StepState.NOW),
                ("Support answers", StepState.NEXT),
            ],
        ),
        ((A.SUBMIT, A.CANCEL), State.CANCELLED, [("Requested", StepState.DONE), ("Cancelled", StepState.DONE)]),
        (
            ((A.MILESTONE, "unheard of"),),
            State.ASSIGNED,
            [("The work begins", StepState.NEXT), ("Done and confirmed", StepState.NEXT)],
        ),
    ],
)
def test_a_timeline_tells_what_happened_and_what_comes(happened, state, steps):
    assert told(history(*happened), state) == steps


def test_the_reason_is_told_where_it_is_somebodys_own_word():
    lines = history(A.SUBMIT, (A.CANCEL, "found the remote"), (A.ACCEPT, "not for customers"))
    assert [step.note for step in timeline(lines, State.CANCELLED)] == ["", "found the remote", ""]
    assert [step.note for step in timeline(history(A.CANCEL), State.CANCELLED)] == [""]


def test_what_is_past_has_its_moment_and_what_comes_has_none():
    steps = timeline(history(A.SUBMIT, A.ACCEPT), State.ASSIGNED)
    assert [step.at for step in steps] == [NOW, NOW + timedelta(hours=1), None, None]


@pytest.mark.parametrize("state", State)
def test_a_job_that_is_over_promises_nothing(state):
    steps = timeline(history(A.SUBMIT), state)
    promises = [step for step in steps if step.state is StepState.NEXT]
    assert not promises or state not in TERMINAL
    assert sum(step.state is StepState.NOW for step in steps) == (1 if promises else 0)


@pytest.mark.parametrize("action", Action)
def test_staff_read_a_word_for_every_line(action):
    reason = Milestone.ARRIVED.value if action is Action.MILESTONE else None
    (line,) = history((action, reason))
    assert action_title(line) not in {"", action.value}


def test_a_line_of_a_later_release_is_at_least_named():
    line = Line(1, NOW, "teleport", None, None, "timer", None, "worker", None)
    assert action_title(line) == "teleport"
    assert timeline([line], State.OPEN)[0].title == "Somebody accepts"


@pytest.mark.parametrize(
    ("happened", "hour"),
    [
        ((), None),
        ((A.SAVE_DRAFT,), None),
        ((A.SAVE_DRAFT, A.SUBMIT, A.WIDEN), 1),
        ((A.SUBMIT, A.ACCEPT, A.RELEASE, A.WIDEN), 2),
        ((A.SUBMIT, A.FALL_BACK, A.REBROADCAST), 2),
    ],
)
def test_when_the_present_search_began(happened, hour):
    expected = None if hour is None else NOW + timedelta(hours=hour)
    assert search_began(history(*happened)) == expected


FRIENDS, ALL = frozenset({"friend"}), frozenset({"friend", "profi"})
POLICY = DispatchPolicy(
    radius_km=30,
    waves=(
        WavePolicy(timedelta(0), 10, FRIENDS),
        WavePolicy(timedelta(minutes=1), 30, ALL),
        WavePolicy(timedelta(minutes=10), 35, ALL),
    ),
    preferred_wait=timedelta(minutes=2),
    notice_at=timedelta(hours=1),
    fallback_at=timedelta(hours=3),
    fallback="partner_support",
    max_rebroadcasts=3,
    max_releases=2,
)


def wave(step: int, *, round_no: int = 1, minutes: float = 0, asked: int = 3) -> Wave:
    friends = tuple(UUID(int=n) for n in range(asked))
    sent_at = NOW + timedelta(minutes=minutes)
    return Wave(UUID(int=step), JOB.id, round_no, step, 10_000, sent_at, friends, (0,) * asked, {})


def circles(at, *waves) -> list[tuple[int, bool, float, int | None]]:
    found = outlook(at, POLICY, waves, NOW)
    return [(c.radius_m, c.with_pros, (c.at - NOW).total_seconds() / 60, c.asked) for c in found.circles]


def test_a_search_shows_what_went_out_and_when_the_rest_will():
    assert circles(job(round_no=1), wave(0, minutes=0.1)) == [
        (10_000, False, 0.1, 3),
        (30_000, True, 1, None),
        (35_000, False, 10, None),
    ]


def test_a_later_search_does_not_count_the_waves_of_the_first():
    sent = circles(job(round_no=2), wave(0), wave(1), wave(0, round_no=2, asked=7))
    assert [asked for *_, asked in sent] == [7, None, None]


@pytest.mark.parametrize(("round_no", "shift"), [(1, 2), (2, 0)])
def test_a_preferred_friend_shifts_the_first_search_only(round_no, shift):
    at = job(round_no=round_no, preferred_id=FRIEND)
    assert [minutes for _, _, minutes, _ in circles(at)] == [shift, shift + 1, shift + 10]
    found = outlook(at, POLICY, (), NOW)
    assert found.notice_at == NOW + timedelta(minutes=60 + shift)
    assert found.fallback_at == NOW + timedelta(hours=3)
