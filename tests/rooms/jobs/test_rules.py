"""The state machine of a job against its table in the design, written out here once more."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, strategies as st

from crowdcore.jobs.rules import (
    DESK_REMINDER,
    DISPUTE_REMINDER,
    DRAFT_LIFE,
    NO_SHOW_GRACE,
    OBJECTIONS,
    TERMINAL,
    TRANSITIONS,
    WITH_ASSIGNEE,
    Action,
    JobStateConflict,
    NotYours,
    StartTooEarly,
    State,
    Who,
    Window,
    check,
    check_start,
    next_timer,
    permitted,
    stretched,
)
from tests.rooms.facts import FRIEND, NOW, ZURICH, chf, hours, job

SILENCE = timedelta(hours=72)

#: Section 3.2 of the design's reliability page, by hand: number, action, from, to ("=" stays), who
#: (C customer, F the Friend, S support, T timer). Rows with a letter are not in that table; see below why.
TABLE = """
T2   submit         draft                         open        C S
T3   widen          open                          =           T
T3a  notice         open                          =           T
T5   accept         open                          assigned    F
T6   fall_back      open                          escalated   T
T6   hand_up        open                          escalated   S
T7   assign         escalated open                assigned    S
T8   rebroadcast    escalated                     open        S
T9   remind         escalated disputed            =           T
T10  cancel         draft open escalated assigned cancelled   C S
T12  release        assigned                      open        F S
T12b give_up        assigned                      escalated   F S
T12b no_show        assigned                      escalated   T C S
T13  start          assigned                      under_way   F
T14  report         under_way                     done        F
T15  hand_over      assigned under_way            escalated   F C S
T15  overrun        under_way                     escalated   T
T7a  hand_back      escalated                     assigned    S
T15a solve          escalated                     done        S
T16  confirm        done                          confirmed   C S T
T17  dispute        done confirmed                disputed    C S
T18  uphold         disputed                      confirmed   S
T18  withdraw       disputed                      cancelled   S
T19  settle         confirmed                     settled     T
T20  expire         draft                         expired     T
M1   milestone      assigned under_way            =           F
M2   propose_price  assigned under_way            =           F C
M3   agree_price    assigned under_way done       =           C F
M3   decline_price  assigned under_way done       =           C F
"""
# T3a tells the customer that nobody accepted yet; T7 from `open`: support need not wait for the search to
# end; T7a gives a case back to the Friend who had it; T15a: support solved it itself; T17 `S`: on the phone,
# for a customer; M1-M3: what is recorded between accept and confirmation without being a state.

LETTERS = {"C": Who.CUSTOMER, "F": Who.FRIEND, "S": Who.SUPPORT, "T": Who.TIMER}


def _allowed() -> dict[tuple[State, Action, Who], State]:
    allowed = {}
    states, actions = {s.value for s in State}, {a.value for a in Action}
    for line in TABLE.strip().splitlines():
        _, action, *words = line.split()
        assert action in actions
        whos = [LETTERS[word] for word in words if word in LETTERS]
        *sources, target = [word for word in words if word not in LETTERS]
        assert set(sources) <= states
        for source, who in product(sources, whos):
            allowed[State(source), Action(action), who] = State(source if target == "=" else target)
    return allowed


ALLOWED = _allowed()
MOVES = sorted(set(Action) - {Action.SAVE_DRAFT})
"""T1 makes a job; there is nothing to move yet."""


@pytest.mark.parametrize("action", MOVES)
def test_every_move_is_the_tables(action):
    for state, who in product(State, Who):
        is_the_tables(state, action, who)


def is_the_tables(state: State, action: Action, who: Who) -> None:
    """Fail unless the rules let `who` do in `state` what the table says, and refuse the rest with the right words."""
    expected = ALLOWED.get((state, action, who))
    if expected is not None:
        assert check(job(state=state), action, who) is expected
        assert action in permitted(state, who)
        return
    never = not any(a is action and w is who for _, a, w in ALLOWED)
    with pytest.raises(NotYours if never else JobStateConflict) as refused:
        check(job(state=state), action, who)
    assert action not in permitted(state, who)
    if not never:
        now = {a.value for s, a, w in ALLOWED if s is state and w is who}
        assert refused.value.params == {"state": state.word, "allowed": ", ".join(sorted(now))}


def test_every_action_moves_something_and_nothing_leaves_the_end():
    assert set(TRANSITIONS) == set(MOVES)
    for move in TRANSITIONS.values():
        assert move.sources
        assert move.who
        assert not move.sources & TERMINAL


def test_every_state_can_be_reached_and_left_by_a_person_or_a_timer():
    reached = {State.DRAFT}
    while True:
        more = {t for (s, _, _), t in ALLOWED.items() if s in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(State)
    for state in set(State) - TERMINAL:
        assert any(s is state and target is not state for (s, _, _), target in ALLOWED.items())


def test_only_a_friend_who_holds_the_job_works_on_it():
    for state, action, who in ALLOWED:
        if who is Who.FRIEND and action is not Action.ACCEPT:
            assert state in WITH_ASSIGNEE


@pytest.mark.parametrize("state", State)
def test_a_waiting_job_is_guarded_by_a_timer(state):
    """Invariant I2: no job that is not over waits without a timer; an open one has the search's own."""
    guard = next_timer(job(state=state), NOW, auto_confirm=SILENCE)
    assert (guard is None) == (state in TERMINAL | {State.OPEN})


@pytest.mark.parametrize(
    ("state", "kind", "after"),
    [
        (State.DRAFT, "job.draft", DRAFT_LIFE),
        (State.UNDER_WAY, "job.overrun", timedelta(minutes=3 * 90)),
        (State.DONE, "job.confirm", SILENCE),
        (State.CONFIRMED, "job.settle", OBJECTIONS),
        (State.ESCALATED, "job.desk", DESK_REMINDER),
        (State.DISPUTED, "job.dispute", DISPUTE_REMINDER),
    ],
)
def test_what_guards_a_job(state, kind, after):
    assert next_timer(job(state=state), NOW, auto_confirm=SILENCE) == (kind, NOW + after)


@pytest.mark.parametrize(("start", "end", "from_now"), [(1, 3, 3), (-5, -3, 0)])
def test_a_no_show_is_noticed_after_the_window_never_in_the_past(start, end, from_now):
    guard = next_timer(job(state=State.ASSIGNED, window=hours(start, end)), NOW, auto_confirm=SILENCE)
    assert guard == ("job.no_show", NOW + timedelta(hours=from_now) + NO_SHOW_GRACE)


def test_work_starts_an_hour_before_the_window_at_the_earliest():
    soon = job(window=hours(1, 3))
    check_start(soon, NOW)
    check_start(job(window=hours(-5, -3)), NOW)
    with pytest.raises(StartTooEarly) as refused:
        check_start(soon, NOW - timedelta(microseconds=1))
    assert refused.value.params == {"earliest": NOW}


def test_what_is_owed_is_the_agreed_price_or_else_the_guide_price():
    assert job().price == chf(5900)
    assert job(agreed=chf(6500)).price == chf(6500)
    assert job(agreed=chf(0)).price == chf(0)


def test_a_place_is_shown_as_postcode_and_locality():
    assert job().place.label == "8001 Zürich"


moments = st.datetimes(timezones=st.just(ZURICH))
windows = st.tuples(moments, moments).filter(lambda pair: pair[0] < pair[1]).map(lambda pair: Window(*pair))


@given(windows, windows)
def test_overlapping_is_mutual_and_means_a_shared_moment(a, b):
    shared = max(a.start, b.start) < min(a.end, b.end)
    assert a.overlaps(b) == b.overlaps(a) == shared
    assert a.overlaps(a)
    assert not a.overlaps(Window(a.end, a.end + timedelta(hours=1)))


@pytest.mark.parametrize(
    ("until", "busy", "end"),
    [
        (30, (), 30),
        (30, (hours(28, 40),), 28),
        (30, (hours(50, 51), hours(29, 40), hours(35, 36)), 29),
        (30, (hours(26, 27),), 26),  # the next job begins at once
        (30, (hours(1, 2), hours(10, 25)), 30),  # what began earlier is not in the way
        (20, (), 26),  # never shorter
    ],
)
def test_a_window_is_stretched_up_to_the_next_job(until, busy, end):
    assert stretched(hours(24, 26), until=hours(until, until).end, busy=busy) == hours(end, end).end


@given(windows, st.lists(windows, max_size=5), moments)
def test_stretching_a_window_makes_no_new_overlap(window, busy, until):
    end = stretched(window, until=until, busy=busy)
    assert end >= window.end
    longer = Window(window.start, end)
    for other in busy:
        assert longer.overlaps(other) == window.overlaps(other)


def test_the_assignee_is_no_part_of_the_machine():
    """Who holds it is checked by the verb; the table knows kinds of actors only."""
    assert check(job(state=State.ASSIGNED, assignee_id=FRIEND), Action.START, Who.FRIEND) is State.UNDER_WAY
