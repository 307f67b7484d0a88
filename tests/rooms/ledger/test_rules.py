"""What is left for the Friend, and that the ledger always adds up to what a job is worth."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.money import Currency, Money
from crowdcore.jobs.rules import State
from crowdcore.ledger.rules import Entry, Month, MonthUnknown, fee, month_of, net, next_line, owed, read_month, sums
from tests.rooms.facts import JOB, NOW, ZURICH, chf, eur

TWELVE = Decimal("12.0")
CONFIRMED = replace(JOB, state=State.CONFIRMED, confirmed_at=NOW)


@pytest.mark.parametrize(
    ("amount", "percent", "share"),
    [
        (chf(5900), "12.0", chf(710)),  # 7.08 in steps of 5 Rappen
        (chf(8900), "12.0", chf(1070)),
        (chf(100), "2.5", chf(5)),  # 2.5 Rappen: half of a step goes up
        (eur(5900), "12.0", eur(708)),
        (eur(50), "1.0", eur(1)),  # half a cent goes up
        (eur(-50), "1.0", eur(-1)),
        (chf(0), "12.0", chf(0)),
        (chf(5900), "0", chf(0)),
    ],
)
def test_the_fee_is_rounded_half_up_to_what_can_be_paid(amount, percent, share):
    assert fee(amount, Decimal(percent)) == share
    assert net(amount, Decimal(percent)) + share == amount


@given(st.integers(0, 10_000_00), st.decimals(0, 100, places=2), st.sampled_from(Currency))
def test_a_correction_takes_back_exactly_what_was_booked(cents, percent, currency):
    amount = Money(cents, currency)
    assert fee(Money(-cents, currency), percent) == Money(-fee(amount, percent).cents, currency)


@pytest.mark.parametrize("state", State)
def test_a_job_is_worth_its_price_from_the_confirmation_on(state):
    counts = state in {State.CONFIRMED, State.SETTLED, State.DISPUTED}
    assert owed(replace(CONFIRMED, state=state)) == (chf(5900) if counts else chf(0))


def test_an_objection_before_the_confirmation_is_worth_nothing_yet():
    assert owed(replace(JOB, state=State.DISPUTED)) == chf(0)


def test_the_agreed_price_counts_and_the_line_is_of_the_moment_of_confirmation():
    line = next_line(replace(CONFIRMED, agreed=chf(8400)), [], percent=TWELVE, now=datetime(2027, 1, 1, tzinfo=UTC))
    assert (line.kind, line.price, line.fee, line.net, line.at) == (Entry.EARNED, chf(8400), chf(1010), chf(7390), NOW)


def test_a_job_in_step_gets_no_line_and_a_worthless_one_none_either():
    first = next_line(CONFIRMED, [], percent=TWELVE, now=NOW)
    assert next_line(CONFIRMED, [first], percent=TWELVE, now=NOW) is None
    assert next_line(replace(JOB, state=State.CANCELLED), [], percent=TWELVE, now=NOW) is None


def test_a_withdrawn_job_is_taken_off_at_the_share_it_was_booked_with():
    first = next_line(CONFIRMED, [], percent=TWELVE, now=NOW)
    line = next_line(replace(CONFIRMED, state=State.CANCELLED), [first], percent=Decimal(20), now=NOW)
    assert (line.kind, line.price, line.fee, line.percent) == (Entry.ADJUSTED, chf(-5900), chf(-710), TWELVE)
    (total,) = sums([first, line])
    assert (total.jobs, total.price, total.net) == (1, chf(0), chf(0))


def test_a_changed_price_is_corrected_by_the_difference():
    first = next_line(CONFIRMED, [], percent=TWELVE, now=NOW)
    line = next_line(replace(CONFIRMED, agreed=chf(5000)), [first], percent=TWELVE, now=NOW)
    assert first.price + line.price == chf(5000)
    assert first.fee + line.fee == fee(chf(5000), TWELVE)


def test_two_currencies_are_never_in_one_sum():
    line = next_line(CONFIRMED, [], percent=TWELVE, now=NOW)
    other = replace(line, price=eur(100), fee=eur(10))
    assert [one.net for one in sums([other, line])] == [chf(5190), eur(90)]


def test_a_month_begins_at_midnight_where_the_partner_is():
    assert month_of(datetime(2026, 11, 30, 22, 59, tzinfo=UTC), ZURICH) == Month(2026, 11)
    assert month_of(datetime(2026, 11, 30, 23, 0, tzinfo=UTC), ZURICH) == Month(2026, 12)
    begin, end = Month(2026, 12).bounds(ZURICH)
    assert (begin, end) == (datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC))
    assert read_month(Month(2026, 3).code) == Month(2026, 3)
    assert Month(2026, 3).first.isoformat() == "2026-03-01"


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "1026-01", "9999-01", "2026-01-01", "x"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(MonthUnknown):
        read_month(text)
