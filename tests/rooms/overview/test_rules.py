"""What each side may do: always a part of what the state machine allows, never an empty promise."""

from datetime import timedelta
from itertools import product

import pytest

from crowdcore.jobs.rules import Milestone, State, Who
from crowdcore.overview.rules import Sight, actions
from tests.rooms.facts import FRIEND, NOW, OTHER, hours, job, proposal


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
