"""Reads amounts of money as people type them: ``59.–``, ``1'234.50``, ``CHF 84``, ``1 234,50``."""

from __future__ import annotations

import re

from crowdcore.base.errors import Rejected
from crowdcore.base.money import Currency, Money

_SIGNS = {
    "CHF": Currency.CHF,
    "SFR": Currency.CHF,
    "FR": Currency.CHF,
    "EUR": Currency.EUR,
    "€": Currency.EUR,
}

_SIGN = "|".join(_SIGNS)
_FIGURES = r"[\d.,'’\s–—-]*\d[\d.,'’\s–—-]*?"
_TYPED = re.compile(rf"(?P<before>{_SIGN})?\.?\s*(?P<figures>{_FIGURES})\s*(?P<after>{_SIGN})?\.?")
_LONGEST = 40

#: 59.– and 59.-- say "no cents"; 59.50.- is a habit of the same hand.
_NO_CENTS = re.compile(r"[.,]?[-–—]+$")
_POINT = re.compile(r"(?P<whole>[1-9][0-9]{0,2}(?:['’\s][0-9]{3})+|[0-9]{1,7})(?:[.,](?P<cents>[0-9]{1,2}))?")
_GERMAN_GROUPS = re.compile(r"(?P<whole>[1-9][0-9]{0,2}(?:\.[0-9]{3})+),(?P<cents>[0-9]{1,2})")


class AmountUnreadable(Rejected):
    """What was typed is not an amount of money."""

    code = "money.unreadable"
    message = "Enter an amount, for example 59.50."


class AmountInOtherCurrency(Rejected):
    """What was typed names a currency that is not used here."""

    code = "money.currency"
    message = "Enter the amount in %(currency)s."


def read_money(typed: str, currency: Currency) -> Money:
    """Return the amount somebody typed; cents stay exact, rounding is the caller's decision.

    Args:
        typed: as it came from the form; a currency word before or after is allowed.
        currency: what amounts are in here.

    Raises:
        AmountUnreadable: not an amount, negative, more than two decimals, or ``1.234``, which one
            reader takes for a thousand and another for one.
        AmountInOtherCurrency: ``59 EUR`` where francs are meant.
    """
    parts = _TYPED.fullmatch(typed.strip().upper()) if len(typed) <= _LONGEST else None
    if parts is None or (parts["before"] and parts["after"]):
        raise AmountUnreadable
    sign = parts["before"] or parts["after"]
    figures = _NO_CENTS.sub("", parts["figures"].strip())
    found = _POINT.fullmatch(figures) or _GERMAN_GROUPS.fullmatch(figures)
    if found is None:
        raise AmountUnreadable
    if sign and _SIGNS[sign] is not currency:
        raise AmountInOtherCurrency(currency=currency.value)
    whole = int(re.sub(r"\D", "", found["whole"]))
    return Money(whole * 100 + int((found["cents"] or "0").ljust(2, "0")), currency)
