"""Money is whole cents of one currency, and rounding is half up to what can be paid."""

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.money import CASH_STEP, Currency, Money

cents = st.integers(-10_000_000, 10_000_000)
currencies = st.sampled_from(Currency)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("59.00", 5900), ("0.05", 5), ("0.00", 0), ("123456789.99", 12_345_678_999), ("007.10", 710)],
)
def test_an_amount_is_read_as_partners_write_it(text, amount):
    assert Money.parse(text, Currency.CHF) == Money(amount, Currency.CHF)


@pytest.mark.parametrize(
    "text",
    [
        *("", "59", "59.", "59.0", "59.000", ".50", "-5.00", "+5.00", "5,00", "1'000.00", "1e3.00", " 5.00"),
        *("5.00 ", "5.00\n", "CHF 5.00", "1234567890.00", "٥٩.٠٠", "５９.００", "NaN"),
    ],
)
def test_what_is_no_amount(text):
    with pytest.raises(ValueError, match=r"^"):
        Money.parse(text, Currency.CHF)


@given(st.integers(0, 99_999_999_999), currencies)
def test_what_is_written_is_read(amount, currency):
    assert Money.parse(f"{amount // 100}.{amount % 100:02d}", currency).cents == amount


@given(cents, cents, currencies)
def test_sums_and_differences(a, b, currency):
    one, other = Money(a, currency), Money(b, currency)
    assert (one + other).cents == a + b
    assert one + other - other == one


def test_two_currencies_are_never_added():
    for act in (Money.__add__, Money.__sub__):
        with pytest.raises(ValueError, match="CHF and EUR"):
            act(Money(1, Currency.CHF), Money(1, Currency.EUR))


@pytest.mark.parametrize(
    ("amount", "chf", "eur"),
    [
        (0, 0, 0),
        (1, 0, 1),
        (2, 0, 2),
        (3, 5, 3),
        (5902, 5900, 5902),
        (5903, 5905, 5903),
        (-2, 0, -2),
        (-3, -5, -3),
    ],
)
def test_five_rappen_in_switzerland_and_cents_in_euro_land(amount, chf, eur):
    assert Money(amount, Currency.CHF).rounded().cents == chf
    assert Money(amount, Currency.EUR).rounded().cents == eur


@given(cents, currencies)
def test_rounding_moves_by_half_a_step_at_most_and_only_once(amount, currency):
    money, step = Money(amount, currency), CASH_STEP[currency]
    assert money.rounded().cents % step == 0
    assert abs(money.rounded().cents - amount) * 2 <= step
    assert money.rounded().rounded() == money.rounded()
    assert Money(-amount, currency).rounded().cents == -money.rounded().cents


@given(cents, st.integers(0, 1_000), currencies)
def test_a_share_is_the_exact_one_rounded_half_up_once(amount, percent, currency):
    exact, step = Fraction(amount * percent, 100), CASH_STEP[currency]
    shared = Money(amount, currency).scaled(percent)
    assert shared.cents % step == 0
    assert abs(shared.cents - exact) * 2 <= step
    if abs(shared.cents - exact) * 2 == step:
        assert abs(shared.cents) > abs(exact)  # halves go up


@given(cents, cents, currencies)
def test_more_money_is_more_after_rounding_too(a, b, currency):
    low, high = sorted((a, b))
    assert Money(low, currency) <= Money(high, currency)
    assert Money(low, currency).rounded().cents <= Money(high, currency).rounded().cents
