"""How a time of day is written: ``18.30 Uhr``, ``18 h 30``, ``6.30 pm``; whole hours without minutes."""

from __future__ import annotations

from datetime import time

from babel import Locale

_NBSP = "\u00a0"
_NOON = 12

#: Countries that write 18:30; Switzerland and Liechtenstein write 18.30.
_COLON_COUNTRIES = {"DE", "AT"}


def clock_time(locale: Locale, at: time) -> str:
    """Return one time of day with its unit."""
    if locale.language == "fr":
        return f"{at.hour}{_NBSP}h{_NBSP}{at.minute:02d}" if at.minute else f"{at.hour}{_NBSP}h"
    if locale.language == "en":
        if at.minute == 0 and at.hour % _NOON == 0:
            return f"12{_NBSP}noon" if at.hour else "midnight"
        return f"{_english_figures(at)}{_NBSP}{_half(at)}"
    return f"{_german_figures(locale, at)}{_NBSP}Uhr"


def clock_span(locale: Locale, start: time, end: time) -> str:
    """Return a span of one day; the unit is said once where it can be."""
    separate = f"{clock_time(locale, start)}–{clock_time(locale, end)}"
    if locale.language == "fr":
        return separate if start.minute or end.minute else f"{start.hour}–{end.hour}{_NBSP}h"
    if locale.language == "en":
        same_half = _half(start) == _half(end)
        return f"{_english_figures(start)}–{_english_figures(end)}{_NBSP}{_half(end)}" if same_half else separate
    return f"{_german_figures(locale, start)}–{_german_figures(locale, end)}{_NBSP}Uhr"


def _german_figures(locale: Locale, at: time) -> str:
    sign = ":" if locale.territory in _COLON_COUNTRIES else "."
    return f"{at.hour}{sign}{at.minute:02d}" if at.minute else str(at.hour)


def _english_figures(at: time) -> str:
    hour = at.hour % _NOON or _NOON
    return f"{hour}.{at.minute:02d}" if at.minute else str(hour)


def _half(at: time) -> str:
    return "am" if at.hour < _NOON else "pm"
