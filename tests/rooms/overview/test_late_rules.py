"""When somebody is late, and who may still move the appointment."""

from datetime import timedelta

import pytest

from crowdcore.jobs.rules import Milestone, State, Who
from crowdcore.overview.rules import LATE_AFTER, Sight, actions, late_since
from tests.rooms.facts import FRIEND, NOW, hours, job

SECOND = timedelta(seconds=1)
AGREED = {Milestone.CONTACTED: NOW, Milestone.APPOINTMENT: NOW}
WINDOW = hours(0, 2)


@pytest.mark.parametrize(("milestones", "due"), [({}, WINDOW.end), (AGREED, WINDOW.start)])
def test_somebody_is_late_a_while_after_the_time_that_was_said(milestones, due):
    at = job(state=State.ASSIGNED, assignee_id=FRIEND, window=WINDOW, milestones=milestones)
    assert late_since(at, due + LATE_AFTER - SECOND) is None
    assert late_since(at, due + LATE_AFTER) == due


@pytest.mark.parametrize(
    "facts", [{"state": State.OPEN}, {"state": State.ASSIGNED, "milestones": {**AGREED, Milestone.ARRIVED: NOW}}]
)
def test_nobody_is_late_who_is_there_or_not_expected(facts):
    assert late_since(job(window=WINDOW, **facts), WINDOW.end + timedelta(days=1)) is None


def test_an_appointment_can_be_moved_until_the_work_begins():
    def steps(state):
        at = job(state=state, assignee_id=FRIEND, window=hours(24, 26), milestones=AGREED)
        return actions(at, Sight(who=Who.FRIEND, friend_id=FRIEND, now=NOW, rated=False))

    assert "contact" in steps(State.ASSIGNED)
    assert "contact" not in steps(State.UNDER_WAY)
