"""Fourteen days to object, counted from confirmation."""

from datetime import timedelta

import pytest

from crowdcore.completion.rules import DisputeTooLate, check_dispute
from tests.rooms.facts import NOW, job

DAY = timedelta(days=1)


@pytest.mark.parametrize("ago", [None, timedelta(0), 13 * DAY, 14 * DAY])
def test_a_customer_may_object_before_and_for_fourteen_days_after_confirmation(ago):
    check_dispute(job(confirmed_at=None if ago is None else NOW - ago), NOW)


@pytest.mark.parametrize("ago", [14 * DAY + timedelta(microseconds=1), 400 * DAY])
def test_later_it_is_too_late(ago):
    with pytest.raises(DisputeTooLate) as refused:
        check_dispute(job(confirmed_at=NOW - ago), NOW)
    assert refused.value.params == {"days": 14}
