"""Cases: who may touch them, how they may end, and what is stored of a partner's message id."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, strategies as st

from crowdcore.escalation.rules import (
    LONGEST_KEY,
    REASON_NAMES,
    REASON_OF,
    Case,
    CaseClosed,
    CaseState,
    CaseTaken,
    KernelReason,
    NoFriendToReturnTo,
    check_open,
    check_outcome,
    check_take_over,
    hand_over_action,
    message_key,
)
from crowdcore.jobs.rules import TRANSITIONS, Action, State, Who
from crowdcore.plugin.facts import Outcome
from tests.rooms.facts import FRIEND, JOB, NOW, OTHER

CASE = Case(
    id=JOB.id,
    job_id=JOB.id,
    state=CaseState.WAITING,
    reason="nobody_found",
    summary="",
    opened_by="timer",
    friend_id=None,
    due_at=NOW,
    ticket_ref=None,
    taken_by=None,
    outcome=None,
    opened_at=NOW,
    closed_at=None,
)


@pytest.mark.parametrize("state", CaseState)
def test_a_case_that_has_ended_is_not_touched(state):
    case = replace(CASE, state=state)
    if state is not CaseState.CLOSED:
        check_open(case)
        return
    with pytest.raises(CaseClosed):
        check_open(case)
    with pytest.raises(CaseClosed):
        check_take_over(case, OTHER)
    with pytest.raises(CaseClosed):
        check_outcome(case, "answer")


@pytest.mark.parametrize(
    ("state", "taken_by", "agent", "fine"),
    [
        (CaseState.WAITING, None, OTHER, True),
        (CaseState.WAITING, None, None, True),  # the partner's own system
        (CaseState.TAKEN_OVER, OTHER, OTHER, True),
        (CaseState.TAKEN_OVER, None, None, True),
        (CaseState.TAKEN_OVER, OTHER, FRIEND, False),
        (CaseState.TAKEN_OVER, OTHER, None, False),
        (CaseState.TAKEN_OVER, None, OTHER, False),
    ],
)
def test_a_colleagues_case_is_left_alone(state, taken_by, agent, fine):
    case = replace(CASE, state=state, taken_by=taken_by)
    if fine:
        check_take_over(case, agent)
        return
    with pytest.raises(CaseTaken):
        check_take_over(case, agent)


@pytest.mark.parametrize("outcome", get_args(Outcome))
@pytest.mark.parametrize("friend_id", [None, FRIEND])
def test_a_case_goes_back_only_to_a_friend_who_was_there(outcome, friend_id):
    case = replace(CASE, friend_id=friend_id)
    if outcome == "back_to_friend" and friend_id is None:
        with pytest.raises(NoFriendToReturnTo):
            check_outcome(case, outcome)
        return
    check_outcome(case, outcome)


@pytest.mark.parametrize("who", Who)
@pytest.mark.parametrize("searching", [True, False])
def test_support_pulls_a_job_out_of_the_search_and_others_hand_over_work(searching, who):
    expected = Action.HAND_UP if searching and who is Who.SUPPORT else Action.HAND_OVER
    assert hand_over_action(searching=searching, who=who) is expected


def test_the_kernels_reasons_have_names_and_belong_to_moves_to_the_desk():
    assert set(REASON_NAMES) == set(KernelReason)
    assert set(REASON_OF.values()) == set(KernelReason)
    for action in REASON_OF:
        assert TRANSITIONS[action].target is State.ESCALATED


@given(st.text(max_size=600))
def test_a_message_id_fits_its_column_and_a_short_one_stays_as_it_came(message_id):
    key = message_key(message_id)
    assert len(key) <= LONGEST_KEY
    assert key == message_id or len(message_id) > LONGEST_KEY


def test_the_longest_id_that_fits_stays_as_it_came():
    assert message_key("x" * 200) == "x" * 200
    assert message_key("x" * 201) != "x" * 201


def test_two_long_message_ids_stay_two():
    assert message_key("x" * 300) == message_key("x" * 300) != message_key("x" * 299 + "y")
