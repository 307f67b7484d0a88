"""Money, dates, clock times, durations and distances as people of one portal read them.

Words and figures are two settings: the language says «heute», the format locale (``de-CH``) says
``CHF 1’234.50``. Results hold no-break spaces; templates keep them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from babel.units import format_unit

from crowdcore.base import clock
from crowdcore.base.errors import Fault, FieldProblem, ParamValue, Refusal, Word
from crowdcore.base.money import Money
from crowdcore.base.text import Text
from crowdcore.i18n.clocks import clock_span, clock_time
from crowdcore.i18n.translations import Translator

NBSP = "\u00a0"

#: Edges of the distance bands; 2 km is the grid that protects people's homes.
_BANDS_KM = (2, 4, 6, 8, 10, 15, 20, 25, 30, 40, 50, 75, 100)

#: Day and month as each language writes them in a running line; CLDR's skeletons abbreviate French.
_DAYS = {"de": "EEEE, d. MMMM", "fr": "EEEE d MMMM", "en": "EEEE d MMMM"}

#: A date in a table; English names the month, because 3.11. and 11/3 are read both ways.
_SHORT_DATES = {"de": "dd.MM.yyyy", "fr": "dd.MM.yyyy", "en": "d MMM yyyy"}

_DAY_MONTHS = {"de": "d. MMM", "fr": "d MMM", "en": "d MMM"}

_SWISS_PHONE = re.compile(r"\+41(\d\d)(\d\d\d)(\d\d)(\d\d)")
_THREES = re.compile(r"\d{4}$|\d{2,3}")
_PHONE_CODES = ("+423", "+49", "+43", "+41", "+33", "+39")

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


@dataclass(frozen=True, slots=True)
class Formats:
    """How one portal writes figures in one language.

    Args:
        translator: the words (today, tomorrow, under).
        locale: the format locale, e.g. de_CH; a German portal has de_DE.
        zone: the portal's time zone; moments are stored in UTC.
    """

    translator: Translator
    locale: Locale
    zone: ZoneInfo

    @classmethod
    def of(cls, translator: Translator, format_locale: str, zone: str) -> Formats:
        """Return the formats of a portal.

        Args:
            translator: of the language people read.
            format_locale: as ``partner.toml`` writes it: ``de-CH``.
            zone: IANA name: ``Europe/Zurich``.

        Raises:
            Fault: an unknown locale or zone, or a locale of another language.
        """
        try:
            locale = Locale.parse(format_locale, sep="-")
        except (UnknownLocaleError, ValueError) as error:
            raise Fault(f"format locale '{format_locale}' is unknown; write for example de-CH") from error
        if locale.language != translator.language:
            raise Fault(f"format locale '{format_locale}' does not write {translator.language.value}")
        try:
            return cls(translator, locale, ZoneInfo(zone))
        except (KeyError, ValueError, OSError) as error:
            raise Fault(f"time zone '{zone}' is unknown; write for example Europe/Zurich") from error

    # Money

    def money(self, amount: Money) -> str:
        """Return an amount with two decimals, rounded to what can be paid: ``CHF 59.00``."""
        return self._amount(amount, decimals=2)

    def price(self, amount: Money) -> str:
        """Return an amount as headlines and buttons write it, whole francs without decimals: ``CHF 59``."""
        return self._amount(amount, decimals=_decimals(amount))

    def price_range(self, low: Money, high: Money) -> str:
        """Return two amounts with one currency sign: ``CHF 59–79``; one price if they are equal."""
        if low == high:
            return self.price(low)
        decimals = max(_decimals(low), _decimals(high))
        first, second = self._amount(low, decimals=decimals), self._amount(high, decimals=decimals)
        sign = str(self.locale.currency_symbols.get(low.currency.value, low.currency.value))
        if first.startswith(sign):
            return f"{first}–{second.removeprefix(sign).strip()}"
        return f"{first.removesuffix(sign).strip()}–{second}"

    def signed_money(self, amount: Money) -> str:
        """Return an amount of a sum list with its sign in front: ``+ CHF 15.00``, ``− CHF 13.80``."""
        sign = "−" if amount.cents < 0 else "+"
        return f"{sign}{NBSP}{self.money(Money(abs(amount.cents), amount.currency))}"

    def _amount(self, amount: Money, *, decimals: int) -> str:
        pattern = self.locale.currency_formats["standard"].pattern
        written = format_currency(
            Decimal(amount.rounded().cents) / 100,
            amount.currency.value,
            format=pattern if decimals else pattern.replace(".00", ""),
            locale=self.locale,
            currency_digits=False,
        )
        symbols = self.locale.number_symbols["latn"]
        # Swiss French money takes a point; the locale data says so, the library does not look (babel #586).
        return written.replace(symbols["decimal"], symbols.get("currencyDecimal", symbols["decimal"]))

    # Figures

    @property
    def point(self) -> str:
        """The sign before decimals: ``.`` or ``,``."""
        return str(self.locale.number_symbols["latn"]["decimal"])

    def number(self, value: float | Decimal, decimals: int | None = None) -> str:
        """Return a figure in the portal's digits: ``3’912``; `decimals` fixes the places (``4.8``)."""
        if decimals is None:
            return format_decimal(value, locale=self.locale)
        places = f".{'0' * decimals}" if decimals else ""
        return format_decimal(value, format=f"#,##0{places}", locale=self.locale)

    def percent(self, share: float) -> str:
        """Return a share of one in whole percent (``70 %``); for the console, not for customers."""
        return f"{format_decimal(round(share * 100), locale=self.locale)}{NBSP}%"

    def distance(self, metres: float) -> str:
        """Return the band a distance lies in: ``2–4 km``; never the figure itself."""
        low, high = distance_band(metres)
        if high is None:
            return self.translator.gettext("over %(distance)s") % {"distance": f"{low}{NBSP}km"}
        if low == 0:
            return self.translator.gettext("under %(distance)s") % {"distance": f"{high}{NBSP}km"}
        return f"{low}–{high}{NBSP}km"

    # Time

    def local(self, moment: dt.datetime) -> dt.datetime:
        """Return a moment in the portal's zone; ValueError for a moment without a zone."""
        if moment.tzinfo is None:
            message = f"{moment!r} has no time zone; moments are UTC"
            raise ValueError(message)
        return moment.astimezone(self.zone)

    def clock(self, moment: dt.datetime) -> str:
        """Return the time of day: ``18.30 Uhr``, ``18 h 30``, ``6.30 pm``."""
        return clock_time(self.locale, self.local(moment).time())

    def clock_range(self, start: dt.datetime, end: dt.datetime) -> str:
        """Return two times, to be read after the first one's day: ``18–20 Uhr``, ``18–20 h``, ``6–8 pm``.

        An end on another day says so: ``23 Uhr – Dienstag, 24. November, 1 Uhr``; midnight is still
        the day before.
        """
        first, last = self.local(start), self.local(end)
        if (last - dt.timedelta(microseconds=1)).date() > first.date():
            return f"{self.clock(start)} – {self.lasting_day(end)}, {self.clock(end)}"
        return clock_span(self.locale, first.time(), last.time())

    def date(self, moment: dt.date) -> str:
        """Return day, month and year: ``25. November 2026``."""
        return format_date(self._day_of(moment), "long", locale=self.locale)

    def short_date(self, moment: dt.date) -> str:
        """Return the date in figures, for tables: ``25.11.2026``."""
        return format_date(self._day_of(moment), _SHORT_DATES[self.locale.language], locale=self.locale)

    def day(self, moment: dt.date) -> str:
        """Return the day as people name it: today, tomorrow, yesterday, or ``Mittwoch, 25. November``."""
        day, today = self._day_of(moment), self._day_of(clock.now())
        if day == today:
            return self.translator.pgettext("day", "today")
        if day == today + dt.timedelta(days=1):
            return self.translator.pgettext("day", "tomorrow")
        if day == today - dt.timedelta(days=1):
            return self.translator.pgettext("day", "yesterday")
        return self.lasting_day(moment)

    def lasting_day(self, moment: dt.date) -> str:
        """Return a day as it may be read on any other: ``Mittwoch, 25. November``; mails are opened days later.

        A day of another year is said with its year.
        """
        day, today = self._day_of(moment), self._day_of(clock.now())
        written = format_date(day, _DAYS[self.locale.language], locale=self.locale)
        return written if day.year == today.year else f"{written} {day.year}"

    def day_and_clock(self, moment: dt.datetime) -> str:
        """Return day and time of day: ``heute, 18.30 Uhr``."""
        return f"{self.day(moment)}, {self.clock(moment)}"

    def month(self, moment: dt.date) -> str:
        """Return month and year: ``November 2026``."""
        return format_date(self._day_of(moment), "MMMM y", locale=self.locale)

    def weekday(self, moment: dt.date) -> str:
        """Return the short name of the day of the week, for the head of a narrow column: ``Mo``."""
        return format_date(self._day_of(moment), "EEE", locale=self.locale)

    def day_month(self, moment: dt.date) -> str:
        """Return day and month as short as they go: ``24. Nov.``, ``24 nov.``."""
        return format_date(self._day_of(moment), _DAY_MONTHS[self.locale.language], locale=self.locale)

    def _day_of(self, moment: dt.date) -> dt.date:
        return self.local(moment).date() if isinstance(moment, dt.datetime) else moment

    def duration(self, length: dt.timedelta) -> str:
        """Return a length of time in figures: ``45 min``, ``1 h 30 min``."""
        hours, minutes = divmod(_whole_minutes(length), 60)
        parts = [f"{hours}{NBSP}h"] if hours else []
        if minutes or not hours:
            parts.append(f"{minutes}{NBSP}min")
        return NBSP.join(parts)

    def duration_in_words(self, length: dt.timedelta) -> str:
        """Return a length of time in words, in its largest whole unit: ``10 Minuten``, ``14 Tage``."""
        seconds = max(0, round(length.total_seconds()))
        for unit, size in _UNITS:
            if seconds >= size and seconds % size == 0:
                return format_unit(seconds // size, f"duration-{unit}", locale=self.locale)
        if seconds > _UNITS[-1][1]:
            return format_unit(_whole_minutes(length), "duration-minute", locale=self.locale)
        return format_unit(seconds, "duration-second", locale=self.locale)

    # Refusals

    def refusal(self, refusal: Refusal) -> str:
        """Return the sentence a refused person reads, its values filled in; a partner's own words first."""
        if refusal.said is not None:
            return self.translator.text(refusal.said)
        return self._filled(refusal.message, refusal.params)

    def field_problem(self, problem: FieldProblem) -> str:
        """Return the sentence beside one wrong field, its values filled in."""
        return self._filled(problem.message, dict(problem.params))

    def _filled(self, message: str, params: Mapping[str, ParamValue]) -> str:
        sentence = self.translator.gettext(message)
        return sentence % {name: self._said(value) for name, value in params.items()} if params else sentence

    def _said(self, value: ParamValue) -> str:
        match value:
            case dt.datetime():
                return self.day_and_clock(value)
            case dt.timedelta():
                return self.duration_in_words(value)
            case Money():
                return self.price(value)
            case Word(name=Text() as name):
                return self.translator.text(name)
            case Word(name=str() as name):
                return self.translator.gettext(name)
            case tuple():
                return self.joined([self._said(word) for word in value])
            case _:
                return str(value)

    # Lists and names

    def joined(self, words: Sequence[str]) -> str:
        """Return words as a sentence lists them: ``Deutsch, Französisch und Englisch``."""
        return format_list(list(words), locale=self.locale)

    def phone(self, number: str) -> str:
        """Return a phone number in groups: ``079 123 45 67`` at home, ``+49 301 234 567`` abroad."""
        swiss = _SWISS_PHONE.fullmatch(number)
        if swiss is not None:
            lead = "0" if self.locale.territory == "CH" else f"+41{NBSP}"
            return lead + NBSP.join(swiss.groups())
        code = next((one for one in _PHONE_CODES if number.startswith(one)), "")
        rest = number.removeprefix(code)
        if not code or not rest.isdecimal():
            return number
        return NBSP.join((code, *_THREES.findall(rest)))

    def language(self, code: str) -> str:
        """Return the name of the language `code` (``fr``), e.g. ``Französisch``."""
        return str(self.locale.languages.get(code, code))


def distance_band(metres: float) -> tuple[int, int | None]:
    """Return the band of a distance in km: (2, 4); (0, 2) is "under 2", (100, None) is "over 100"."""
    low = 0
    for edge in _BANDS_KM:
        if metres < edge * 1000:
            return low, edge
        low = edge
    return low, None


def _decimals(amount: Money) -> int:
    return 2 if amount.rounded().cents % 100 else 0


def _whole_minutes(length: dt.timedelta) -> int:
    return max(0, round(length.total_seconds() / 60))
