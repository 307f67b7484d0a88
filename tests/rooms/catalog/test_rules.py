"""Guide prices as the catalogue's file has them, and what is for the crowd."""

from dataclasses import fields

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.money import Currency, Money
from crowdcore.catalog.rules import file_guide, is_for_crowd
from crowdcore.plugin.content_catalog import OnDemand, PriceRange, Service
from crowdcore.plugin.facts import Guide
from tests.rooms.facts import chf, eur


def service(**values) -> Service:
    """Return a service of which only `values` are known: whatever else a rule asked for would fail."""
    made = object.__new__(Service)
    assert values.keys() <= {field.name for field in fields(Service)}
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


PRICES = {
    Currency.CHF: PriceRange(chf(5900), chf(4900), chf(7900)),
    Currency.EUR: PriceRange(eur(5500), eur(4500), eur(7500)),
}


@pytest.mark.parametrize(
    ("currency", "urgent", "extra", "guide"),
    [
        (Currency.CHF, False, {Currency.CHF: chf(1500)}, Guide(chf(5900), chf(4900), chf(7900))),
        (Currency.CHF, True, {Currency.CHF: chf(1500)}, Guide(chf(7400), chf(6400), chf(9400))),
        (Currency.EUR, True, {Currency.CHF: chf(1500)}, Guide(eur(5500), eur(4500), eur(7500))),
        (Currency.EUR, True, {}, Guide(eur(5500), eur(4500), eur(7500))),
    ],
)
def test_the_guide_price_is_the_files_and_urgency_costs_its_extra(currency, urgent, extra, guide):
    offered = service(prices=PRICES, on_demand=OnDemand(allowed=True, extra=extra))
    assert file_guide(offered, currency=currency, urgent=urgent) == guide


cents = st.integers(0, 100_000)


@given(cents, cents, cents, cents, st.booleans())
def test_a_range_stays_a_range(low, to_guide, to_high, extra, urgent):
    prices = {Currency.CHF: PriceRange(chf(low + to_guide), chf(low), chf(low + to_guide + to_high))}
    offered = service(prices=prices, on_demand=OnDemand(allowed=True, extra={Currency.CHF: chf(extra)}))
    guide = file_guide(offered, currency=Currency.CHF, urgent=urgent)
    assert guide.low <= guide.amount <= guide.high
    assert guide.amount - prices[Currency.CHF].guide == Money(extra if urgent else 0, Currency.CHF)


@pytest.mark.parametrize(
    ("channels", "retired", "crowd"),
    [
        (("self_help", "friend"), False, True),
        (("profi",), False, True),
        (("self_help", "partner_support"), False, False),
        ((), False, False),
        (("friend",), True, False),
    ],
)
def test_what_friends_and_profis_do_is_for_the_crowd(channels, retired, crowd):
    assert is_for_crowd(service(channels=channels, retired=retired)) is crowd
