"""Steps in their order, prices that can be meant, answers to the right question, appointments to be kept."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, strategies as st

from crowdcore.agreements.rules import (
    FURTHEST,
    MILESTONE_ORDER,
    AppointmentOrder,
    AppointmentOverlaps,
    AppointmentPast,
    AppointmentTooFar,
    MilestoneOrder,
    NothingProposed,
    PriceChanged,
    PriceCurrency,
    PriceNeedsReason,
    PriceOutOfRange,
    check_answer,
    check_appointment,
    check_milestone,
    check_proposal,
    reached,
)
from crowdcore.jobs.rules import Milestone, State, Who, Window
from tests.rooms.facts import NOW, chf, eur, hours, job, proposal


def test_every_milestone_has_its_place():
    assert set(MILESTONE_ORDER) == set(Milestone)


@pytest.mark.parametrize(("done", "next_one"), list(product([None, *MILESTONE_ORDER], MILESTONE_ORDER)))
def test_a_step_is_recorded_once_and_never_after_a_later_one(done, next_one):
    at = job(state=State.UNDER_WAY, milestones={done: NOW} if done else {})
    if done is None or MILESTONE_ORDER.index(next_one) > MILESTONE_ORDER.index(done):
        check_milestone(at, next_one)
        return
    with pytest.raises(MilestoneOrder):
        check_milestone(at, next_one)


def test_an_appointment_can_be_moved_until_the_work_begins():
    passed = dict.fromkeys(MILESTONE_ORDER, NOW)
    later = NOW + timedelta(hours=1)
    held, begun = (job(state=state, milestones=passed) for state in (State.ASSIGNED, State.UNDER_WAY))
    check_milestone(held, Milestone.APPOINTMENT)
    assert reached(held, Milestone.APPOINTMENT, later) == {Milestone.CONTACTED: NOW, Milestone.APPOINTMENT: later}
    for at, step in ((held, Milestone.CONTACTED), (held, Milestone.ARRIVED), (begun, Milestone.APPOINTMENT)):
        with pytest.raises(MilestoneOrder):
            check_milestone(at, step)


@pytest.mark.parametrize(
    ("amount", "reason", "refusal"),
    [
        (chf(5900), "", None),
        (chf(5), "", None),
        (chf(7080), "", None),  # exactly 120 % of 59.00
        (chf(7085), "", PriceNeedsReason),
        (chf(7085), "Two floors of cable", None),
        (chf(39_500), "Everything new", None),  # five times the upper end of 79.00
        (chf(39_505), "Everything new", PriceOutOfRange),
        (chf(0), "", PriceOutOfRange),
        (chf(-500), "", PriceOutOfRange),
        (chf(5901), "", PriceOutOfRange),  # there is no coin for it
        (eur(5900), "", PriceCurrency),
    ],
)
def test_a_price_that_cannot_be_meant_is_refused(amount, reason, refusal):
    if refusal is None:
        check_proposal(job(), amount=amount, reason=reason)
        return
    with pytest.raises(refusal):
        check_proposal(job(), amount=amount, reason=reason)


def test_the_limits_are_told():
    with pytest.raises(PriceOutOfRange) as refused:
        check_proposal(job(), amount=chf(99_999_995), reason="x")
    assert refused.value.params == {"least": chf(5), "most": chf(39500)}
    with pytest.raises(PriceNeedsReason) as refused:
        check_proposal(job(), amount=chf(39_500), reason="")
    assert refused.value.params == {"percent": 120}
    with pytest.raises(PriceCurrency) as refused:
        check_proposal(job(), amount=eur(100), reason="")
    assert refused.value.params == {"currency": "CHF"}


@given(st.integers(-100_000, 100_000), st.booleans())
def test_what_passes_is_payable_and_a_high_price_is_explained(cents, explained):
    reason = "because" if explained else ""
    try:
        check_proposal(job(), amount=chf(cents), reason=reason)
    except (PriceOutOfRange, PriceNeedsReason):
        return
    assert cents % 5 == 0
    assert 0 < cents <= 5 * 7900
    assert explained or cents <= 7080


@pytest.mark.parametrize(
    ("waiting", "who", "cents", "refusal"),
    [
        (proposal(6000, by=Who.FRIEND), Who.CUSTOMER, 6000, None),
        (proposal(6000, by=Who.CUSTOMER), Who.FRIEND, 6000, None),
        (proposal(6000, by=Who.FRIEND), Who.FRIEND, 6000, NothingProposed),
        (proposal(6000, by=Who.FRIEND), Who.CUSTOMER, 6500, PriceChanged),
        (None, Who.CUSTOMER, 6000, NothingProposed),
    ],
)
def test_only_the_other_side_answers_and_only_to_what_it_saw(waiting, who, cents, refusal):
    at = job(proposal=waiting)
    if refusal is None:
        check_answer(at, who=who, amount=chf(cents))
        return
    with pytest.raises(refusal):
        check_answer(at, who=who, amount=chf(cents))


@pytest.mark.parametrize(
    ("window", "busy", "refusal"),
    [
        (hours(1, 2), (), None),
        (hours(-1, 1), (), None),  # agreed while it runs
        (hours(1, 2), (hours(0, 1), hours(2, 3)), None),  # one after the other
        (hours(1, 2), (hours(8, 9), hours(1.5, 3)), AppointmentOverlaps),
        (hours(2, 1), (), AppointmentOrder),
        (hours(1, 1), (), AppointmentOrder),
        (hours(-2, 0), (), AppointmentPast),
        (Window(NOW, NOW + FURTHEST), (), None),
        (hours(1, 24 * 60 + 0.1), (), AppointmentTooFar),
    ],
)
def test_an_appointment_can_be_kept(window, busy, refusal):
    if refusal is None:
        check_appointment(window, now=NOW, busy=busy)
        return
    with pytest.raises(refusal):
        check_appointment(window, now=NOW, busy=busy)
