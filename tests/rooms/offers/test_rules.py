"""How the pay adds up, and which reasons somebody can do something about."""

from dataclasses import replace
from decimal import Decimal

from crowdcore.dispatch.rules import Exclusion, OfferState
from crowdcore.offers.rules import Considered, pay, ways_out
from tests.rooms.facts import JOB, chf


def test_the_pay_follows_the_price_in_force():
    guide = pay(JOB, Decimal(12))
    assert (guide.price, guide.fee, guide.net, guide.is_agreed) == (chf(5900), chf(710), chf(5190), False)
    agreed = pay(replace(JOB, agreed=chf(10000)), Decimal(12))
    assert (agreed.net, agreed.is_agreed) == (chf(8800), True)


def test_ways_out_are_counted_and_those_without_a_way_are_left_out():
    def seen(reason, state=None):
        return Considered(JOB, 1000, state, reason)

    found = [
        seen(Exclusion.TOO_FAR),
        seen(Exclusion.NOT_QUALIFIED),
        seen(Exclusion.NOT_QUALIFIED),
        seen(Exclusion.GAVE_BACK),
        seen(Exclusion.WRONG_KIND),
        seen(None),
        seen(Exclusion.TOO_FAR, OfferState.SEEN),  # was asked after all
    ]
    assert ways_out(found) == ((Exclusion.NOT_QUALIFIED, 2), (Exclusion.TOO_FAR, 1))
