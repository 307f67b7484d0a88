"""Amounts as people type them."""

import contextlib

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.errors import Rejected
from crowdcore.base.money import Currency, Money
from crowdcore.i18n.amounts import AmountInOtherCurrency, AmountUnreadable, read_money
from crowdcore.i18n.formats import Formats
from crowdcore.i18n.translations import Translations


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("59.–", 5900),
        ("59.-", 5900),
        ("59.--", 5900),
        ("59.50.-", 5950),
        ("1'234.50", 123450),
        ("1’234.50", 123450),
        ("CHF 59.–", 5900),
        ("59 CHF", 5900),
        ("Fr. 12.5", 1250),
        ("fr 84", 8400),
        ("1 234,50 CHF", 123450),
        ("1\u202f234,50\u00a0CHF", 123450),
        ("1.234,50", 123450),
        ("0", 0),
        (" 84 ", 8400),
    ],
)
def test_habits_of_writing(typed, cents):
    assert read_money(typed, Currency.CHF) == Money(cents, Currency.CHF)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ".",
        "abc",
        "-5",
        "1.234",
        "12,345",
        "59.999",
        "1'23",
        "5²",
        "٣",
        "1e5",
        "99999999999",
        "CHF 5 CHF",
        "5" + " " * 50 + "9",
    ],
)
def test_what_is_no_amount_or_could_be_two_is_refused(typed):
    with pytest.raises(AmountUnreadable):
        read_money(typed, Currency.CHF)


def test_another_currency_is_named():
    with pytest.raises(AmountInOtherCurrency) as refused:
        read_money("59 €", Currency.CHF)
    assert refused.value.params == {"currency": "CHF"}
    assert read_money("59 €", Currency.EUR) == Money(5900, Currency.EUR)


@given(st.text(max_size=60))
def test_anything_else_is_refused_and_nothing_breaks(typed):
    with contextlib.suppress(Rejected):
        assert read_money(typed, Currency.CHF).cents >= 0


@pytest.mark.parametrize("locale", ["de-CH", "fr-CH", "en-CH", "de-DE"])
@given(cents=st.integers(min_value=0, max_value=9_999_995).map(lambda value: value // 5 * 5))
def test_what_a_portal_writes_it_can_read(locale, cents):
    formats = Formats.of(Translations().translator(locale[:2]), locale, "Europe/Zurich")
    assert read_money(formats.money(Money(cents, Currency.CHF)), Currency.CHF).cents == cents
