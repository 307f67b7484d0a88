"""Figures, money and times as people of a portal read them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.errors import Fault
from crowdcore.base.money import Currency, Money
from crowdcore.i18n.formats import Formats, distance_band


def visible(text):
    """Return `text` with its special blanks made visible."""
    return text.replace("\u00a0", "_").replace("\u202f", "~")


@pytest.fixture
def formats(translations):
    def of(locale, zone="Europe/Zurich"):
        return Formats.of(translations.translator(locale[:2]), locale, zone)

    return of


def chf(cents):
    return Money(cents, Currency.CHF)


@pytest.mark.parametrize(
    ("locale", "amount", "expected"),
    [
        ("de-CH", chf(123450), "CHF_1’234.50"),
        ("fr-CH", chf(123450), "1~234.50_CHF"),  # Swiss French money takes a point
        ("en-CH", chf(123450), "CHF_1’234.50"),
        ("de-DE", Money(123450, Currency.EUR), "1.234,50_€"),
        ("de-CH", Money(5900, Currency.EUR), "EUR_59.00"),
        ("fr-CH", Money(5990, Currency.EUR), "59.90_€"),
        ("de-CH", chf(1233), "CHF_12.35"),  # nobody can pay 12.33
        ("de-DE", Money(1233, Currency.EUR), "12,33_€"),
    ],
)
def test_money(formats, locale, amount, expected):
    assert visible(formats(locale).money(amount)) == expected


@pytest.mark.parametrize(
    ("locale", "low", "high", "expected"),
    [
        ("de-CH", 5900, 7900, "CHF_59–79"),
        ("fr-CH", 5900, 7900, "59–79_CHF"),
        ("de-CH", 5950, 7900, "CHF_59.50–79.00"),
        ("de-CH", 5900, 5900, "CHF_59"),
        ("en-CH", 99900, 123400, "CHF_999–1’234"),
    ],
)
def test_a_price_range_names_the_currency_once(formats, locale, low, high, expected):
    assert visible(formats(locale).price_range(chf(low), chf(high))) == expected


def test_sums_carry_their_sign(formats):
    assert visible(formats("de-CH").signed_money(chf(-1380))) == "−_CHF_13.80"
    assert visible(formats("fr-CH").signed_money(chf(1500))) == "+_15.00_CHF"


def test_a_phone_number_is_written_in_groups(formats):
    assert visible(formats("de-CH").phone("+41319712345")) == "031_971_23_45"
    assert visible(formats("de-DE").phone("+41319712345")) == "+41_31_971_23_45"
    assert visible(formats("fr-CH").phone("+4930123456")) == "+49_301_234_56"
    assert [formats("de-CH").phone(one) for one in ("", "+1 555", "+41x")] == ["", "+1 555", "+41x"]


@pytest.mark.parametrize(
    ("locale", "hour", "minute", "expected"),
    [
        ("de-CH", 18, 30, "18.30_Uhr"),
        ("de-CH", 18, 0, "18_Uhr"),
        ("de-CH", 8, 5, "8.05_Uhr"),
        ("de-DE", 18, 30, "18:30_Uhr"),
        ("fr-CH", 18, 30, "18_h_30"),
        ("fr-CH", 18, 0, "18_h"),
        ("en-CH", 18, 30, "6.30_pm"),
        ("en-CH", 0, 15, "12.15_am"),
        ("en-CH", 12, 0, "12_noon"),
        ("en-CH", 0, 0, "midnight"),
    ],
)
def test_clock_times(formats, locale, hour, minute, expected):
    zurich = datetime(2026, 11, 25, hour, minute, tzinfo=UTC) - timedelta(hours=1)
    assert visible(formats(locale).clock(zurich)) == expected


@pytest.mark.parametrize(
    ("locale", "start", "end", "expected"),
    [
        ("de-CH", (18, 0), (20, 0), "18–20_Uhr"),
        ("de-CH", (18, 0), (18, 30), "18–18.30_Uhr"),
        ("de-CH", (14, 0), (37, 50), "14_Uhr – Donnerstag, 26. November, 13.50_Uhr"),
        ("de-CH", (22, 0), (24, 0), "22–0_Uhr"),
        ("fr-CH", (18, 0), (20, 0), "18–20_h"),
        ("fr-CH", (18, 0), (18, 30), "18_h–18_h_30"),
        ("en-CH", (18, 0), (20, 0), "6–8_pm"),
        ("en-CH", (11, 0), (13, 0), "11_am–1_pm"),
    ],
)
def test_clock_ranges_say_the_unit_once(formats, locale, start, end, expected):
    day = datetime(2026, 11, 25, tzinfo=UTC)
    first, last = (day + timedelta(hours=hours - 1, minutes=minutes) for hours, minutes in (start, end))
    assert visible(formats(locale).clock_range(first, last)) == expected


def test_times_are_the_portals_own_in_summer_and_winter(formats):
    swiss = formats("de-CH")
    assert visible(swiss.clock(datetime(2026, 7, 1, 10, 0, tzinfo=UTC))) == "12_Uhr"
    assert visible(swiss.clock(datetime(2026, 12, 1, 10, 0, tzinfo=UTC))) == "11_Uhr"


def test_a_moment_without_a_zone_is_refused(formats):
    with pytest.raises(ValueError, match="no time zone"):
        formats("de-CH").clock(datetime(2026, 11, 25, 18, 30))  # noqa: DTZ001 -- that is the test


def test_days_have_names_when_they_are_near(formats, clock):
    swiss, french, english = formats("de-CH"), formats("fr-CH"), formats("en-CH")
    now = clock.now()  # a Monday, 10 o'clock in Zurich
    assert swiss.day(now) == "heute"
    assert french.day(now + timedelta(days=1)) == "demain"
    assert english.day(now - timedelta(days=1)) == "yesterday"
    assert swiss.day(now + timedelta(days=2)) == "Mittwoch, 25. November"
    assert french.day(now + timedelta(days=2)) == "mercredi 25 novembre"
    assert english.day(date(2027, 1, 4)) == "Monday 4 January 2027"
    assert swiss.lasting_day(now) == "Montag, 23. November"
    assert visible(swiss.day_and_clock(now + timedelta(hours=8))) == "heute, 18_Uhr"


def test_a_day_ends_at_midnight_in_the_portals_zone(formats, clock):
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # already Tuesday in Zurich
    assert formats("de-CH").day(late) == "morgen"


def test_dates(formats):
    moment = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    assert [formats(locale).date(moment) for locale in ("de-CH", "fr-CH", "en-CH")] == [
        "25. November 2026",
        "25 novembre 2026",
        "25 November 2026",
    ]
    assert [formats(locale).short_date(moment) for locale in ("de-CH", "en-CH")] == [
        "25.11.2026",
        "25 Nov 2026",
    ]


@pytest.mark.parametrize(
    ("minutes", "short", "words"),
    [
        (45, "45_min", "45 Minuten"),
        (60, "1_h", "1 Stunde"),
        (90, "1_h_30_min", "90 Minuten"),
        (0, "0_min", None),
    ],
)
def test_durations(formats, minutes, short, words):
    swiss, length = formats("de-CH"), timedelta(minutes=minutes)
    assert visible(swiss.duration(length)) == short
    if words:
        assert swiss.duration_in_words(length) == words


def test_long_and_short_durations_in_words(formats):
    assert visible(formats("fr-CH").duration_in_words(timedelta(days=14))) == "14_jours"
    assert formats("en-CH").duration_in_words(timedelta(seconds=30)) == "30 seconds"


@pytest.mark.parametrize(
    ("metres", "german", "french"),
    [
        (0, "unter 2_km", "moins de 2_km"),
        (1999, "unter 2_km", "moins de 2_km"),
        (2000, "2–4_km", "2–4_km"),
        (29_999, "25–30_km", "25–30_km"),
        (250_000, "über 100_km", "plus de 100_km"),
    ],
)
def test_distances_are_bands(formats, metres, german, french):
    assert visible(formats("de-CH").distance(metres)) == german
    assert visible(formats("fr-CH").distance(metres)) == french


@given(st.floats(min_value=0, max_value=99_999))
def test_every_distance_lies_in_its_band_and_the_band_is_at_least_the_grid(metres):
    low, high = distance_band(metres)
    assert low * 1000 <= metres < high * 1000
    assert high - low >= 2


def test_figures_and_lists(formats):
    assert formats("de-CH").number(3912) == "3’912"
    assert formats("de-CH").number(4.84, 1) == "4.8"
    assert formats("fr-CH").number(4.8, 1) == "4,8"
    assert visible(formats("de-CH").percent(0.704)) == "70_%"
    assert formats("fr-CH").joined(["allemand", "français", "anglais"]) == "allemand, français et anglais"
    assert formats("de-CH").language("fr") == "Französisch"


@pytest.mark.parametrize(
    ("locale", "zone", "complaint"),
    [
        ("fr-CH", "Europe/Zurich", "does not write de"),
        ("xx-YY", "Europe/Zurich", "unknown; write for example de-CH"),
        ("de-CH", "Europe/Bern", "time zone 'Europe/Bern' is unknown"),
    ],
)
def test_wrong_settings_are_faults(translations, locale, zone, complaint):
    with pytest.raises(Fault, match=complaint):
        Formats.of(translations.translator("de"), locale, zone)
