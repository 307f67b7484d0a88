"""What is going on at this moment, and what the people behind the printed sign-ins have lived through. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from uuid import UUID

from crowdcore.app.demo.plans import NEVER, Fate, Plan, Step, accepted_after

_SOON = timedelta(seconds=50)
_GOLDEN = 0.6180339887
"""Its multiples fill the curve evenly, however many there are."""
_BRISK = 1.7
"""Whoever is still looked for counts as late, so the others must have been found faster than on the curve."""


def today(now: datetime, customers: Sequence[UUID], *, begin: float = 0) -> list[Plan]:
    """Return jobs in every state as they stand now; their customers live where many Friends do.

    Args:
        now: the present moment.
        customers: accounts of customers in large towns; they take turns.
        begin: where on the curve the first job lies (0 to 1), so that portals differ.
    """
    return [
        replace(_accepted_on_the_curve(plan, begin + number), customer=who)
        for number, (plan, who) in enumerate(zip(_today(now), cycle(customers), strict=False))
    ]


def _accepted_on_the_curve(plan: Plan, number: float) -> Plan:
    """Return the plan with a delay from the measured curve, as far as the appointment leaves time for it."""
    if plan.accept_after == NEVER or plan.fate is Fate.CALLED_OFF_EARLY:
        return plan
    most = (plan.appointment - plan.at) * 0.4 if plan.appointment is not None else timedelta(hours=2)
    return replace(plan, accept_after=min(accepted_after(0.98 * (number * _GOLDEN % 1) ** _BRISK), most))


def _today(now: datetime) -> Iterator[Plan]:
    for number, seconds in enumerate((20, 95, 420, 2_300, 4_300)):
        yield _plan(f"open-{number}", now - timedelta(seconds=seconds), accept_after=NEVER)
    for number, hours in enumerate((1.2, 2.5, 4.0)):
        yield _visit(f"later-{number}", now, booked=0.9, appointment=hours)
    for number in range(3):
        yield _plan(f"tomorrow-{number}", now - timedelta(hours=5 + number), urgent=False)
    yield _visit("on-the-way", now, booked=0.8, appointment=0.1)
    for number in range(2):
        yield _visit(f"under-way-{number}", now, booked=1.5, appointment=-0.2 * (number + 1), stop=Step.STARTED)
    for number in range(14):
        yield _visit(f"finished-{number}", now, booked=9.5 - 0.5 * number, appointment=-8 + 0.5 * number)
    for number in range(2):
        yield _visit(f"done-{number}", now, booked=4.5 + number, appointment=-3 - number, stop=Step.REPORTED)
    yield _visit("confirmed", now, booked=6, appointment=-4.5, stop=Step.CONFIRMED)
    yield _visit("price", now, booked=1, appointment=1, stop=Step.PRICE)
    yield _visit("handed-over", now, booked=2, appointment=-1, fate=Fate.HANDED_OVER, stop=Step.HANDED_OVER)
    yield _visit("late-answer", now, booked=7, appointment=-6, fate=Fate.HANDED_OVER, stop=Step.HANDED_OVER)
    yield _visit("talking", now, booked=5, appointment=-4, fate=Fate.HANDED_OVER, stop=Step.ANSWERED)
    yield _visit("quarrel", now, booked=9, appointment=-7.5, fate=Fate.DISPUTED, stop=Step.DISPUTED)
    yield _visit("late", now, booked=1.6, appointment=-1.1, stop=Step.CONTACTED)
    yield _plan("nobody", now - timedelta(hours=3, minutes=4), accept_after=NEVER)
    yield _plan("called-off", now - timedelta(hours=2), fate=Fate.CALLED_OFF_EARLY, accept_after=timedelta(minutes=9))


def of_customer(now: datetime, customer: UUID, friend_id: UUID, services: Sequence[str]) -> list[Plan]:
    """Return the jobs of the customer whose sign-in is printed.

    Args:
        now: the present moment.
        customer: their account.
        friend_id: the Friend whose sign-in is printed; some jobs are between the two.
        services: that both know, at least one.
    """
    days = timedelta(days=1)
    plans = [
        _visit("long-ago", now - 26 * days, booked=2, appointment=-1, fate=Fate.SMOOTH),
        _visit("second", now - 12 * days, booked=2, appointment=-1, friend_id=friend_id),
        _visit("solved", now - 5 * days, booked=2, appointment=-1, fate=Fate.HANDED_OVER),
        _visit("to-rate", now, booked=8, appointment=-6.5, stop=Step.CONFIRMED, friend_id=friend_id),
        _visit("answered", now, booked=6.5, appointment=-5.2, fate=Fate.HANDED_OVER, stop=Step.ANSWERED),
        _visit("price", now, booked=0.7, appointment=1.5, stop=Step.PRICE),
        _visit("here-now", now, booked=1, appointment=-0.15, stop=Step.STARTED, friend_id=friend_id),
        _plan("tomorrow", now - timedelta(hours=7), urgent=False),
        _plan("searching", now - timedelta(seconds=45), accept_after=NEVER),
    ]
    return [
        replace(
            _accepted_on_the_curve(plan, n),
            name=f"customer-{plan.name}",
            customer=customer,
            service_id=services[n % len(services)],
        )
        for n, plan in enumerate(plans)
    ]


def of_friend(now: datetime, friend_id: UUID, customers: Sequence[UUID], services: Sequence[str]) -> list[Plan]:
    """Return the jobs of the Friend whose sign-in is printed.

    Args:
        now: the present moment.
        friend_id: the Friend.
        customers: accounts of customers nearby.
        services: that the Friend may do.
    """
    ended = [now - timedelta(days=24 - 2.1 * n, hours=n % 3) for n in range(11)]
    plans = [_visit(f"done-{n}", at, booked=2, appointment=-1, friend_id=friend_id) for n, at in enumerate(ended)]
    plans += [
        _visit("tonight", now, booked=2, appointment=3.2, friend_id=friend_id),
        _visit("wait", now, booked=11, appointment=-10, stop=Step.REPORTED, friend_id=friend_id),
        _plan("tomorrow", now - timedelta(hours=9), urgent=False, friend_id=friend_id),
        *(_plan(f"offer-{n}", now - timedelta(minutes=1 + 6 * n), accept_after=NEVER) for n in range(3)),
    ]
    return [
        replace(
            _accepted_on_the_curve(plan, n),
            name=f"friend-{plan.name}",
            customer=customers[n % len(customers)],
            service_id=services[n % len(services)],
        )
        for n, plan in enumerate(plans)
    ]


def _plan(
    name: str,
    at: datetime,
    *,
    accept_after: timedelta = _SOON,
    urgent: bool = True,
    fate: Fate = Fate.SMOOTH,
    friend_id: UUID | None = None,
) -> Plan:
    return Plan(name=f"today-{name}", at=at, accept_after=accept_after, urgent=urgent, fate=fate, friend_id=friend_id)


def _visit(
    name: str,
    now: datetime,
    *,
    booked: float,
    appointment: float,
    fate: Fate = Fate.SMOOTH,
    stop: Step | None = None,
    friend_id: UUID | None = None,
) -> Plan:
    """Return the plan of a visit that was booked so many hours ago and begins in so many hours."""
    return Plan(
        name=f"today-{name}",
        at=now - timedelta(hours=booked),
        accept_after=_SOON,
        fate=fate,
        friend_id=friend_id,
        appointment=now + timedelta(hours=appointment),
        stop=stop,
    )
