"""How sure a visit is, in a calendar's words: never more than is true."""

import pytest

from crowdcore.jobs.rules import State
from crowdcore.notifications.rules import standing
from tests.rooms.facts import FRIEND, OTHER, job

HELD = (State.ASSIGNED, State.UNDER_WAY, State.DONE, State.CONFIRMED, State.SETTLED)


@pytest.mark.parametrize("state", State)
def test_a_customers_visit_is_sure_while_somebody_has_it(state):
    said = standing(job(state=state), None)
    over = state in {State.CANCELLED, State.EXPIRED}
    assert said == ("CONFIRMED" if state in HELD else "CANCELLED" if over else "TENTATIVE")


@pytest.mark.parametrize("role", ["assignee_id", "suspended_id", "done_by_id"])
def test_a_visit_is_in_the_calendar_of_who_has_or_had_it(role):
    at = job(state=State.UNDER_WAY, **{role: FRIEND})
    assert standing(at, FRIEND) == "CONFIRMED"
    assert standing(at, OTHER) == "CANCELLED"
