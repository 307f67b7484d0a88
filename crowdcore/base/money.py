"""Money: integer cents and a currency; never a float, never two currencies in one sum."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Currency(StrEnum):
    """The currencies a partner may use (ISO 4217)."""

    CHF = "CHF"
    EUR = "EUR"


#: Smallest cash step in cents: Switzerland has had no coin below 5 Rappen since 2007.
CASH_STEP = {Currency.CHF: 5, Currency.EUR: 1}

_AMOUNT = re.compile(r"([0-9]{1,9})\.([0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in cents (Rappen) of one currency.

    Args:
        cents: hundredths of the currency unit; may be negative for corrections.
        currency: CHF or EUR.
    """

    cents: int
    currency: Currency

    def __add__(self, other: Money) -> Money:
        """Return the sum; ValueError for two currencies."""
        self._same_currency(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Return the difference; ValueError for two currencies."""
        self._same_currency(other)
        return Money(self.cents - other.cents, self.currency)

    def scaled(self, percent: int) -> Money:
        """Return `percent` hundredths of this amount, rounded half up to the cash step."""
        return Money(_half_up(self.cents * percent, 100), self.currency).rounded()

    def rounded(self) -> Money:
        """Return this amount rounded half up to what can be paid in cash (5 Rappen in CHF)."""
        step = CASH_STEP[self.currency]
        return Money(_half_up(self.cents, step) * step, self.currency)

    @classmethod
    def parse(cls, text: str, currency: Currency) -> Money:
        """Read an amount as partner files write it: ``59.00``.

        Raises:
            ValueError: anything but digits, a point and two decimals.
        """
        match = _AMOUNT.fullmatch(text)
        if match is None:
            raise ValueError(text)
        return cls(int(match[1]) * 100 + int(match[2]), currency)

    def _same_currency(self, other: Money) -> None:
        if self.currency is not other.currency:
            message = f"cannot add {self.currency} and {other.currency}"
            raise ValueError(message)


def _half_up(numerator: int, denominator: int) -> int:
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))
