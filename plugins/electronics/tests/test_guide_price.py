"""The laws of the guide price: bounds, currency, never cheaper for farther, every surcharge explained."""

from __future__ import annotations

import copy
import tomllib
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings, strategies as st

from crowdcore.base.errors import Fault
from crowdcore.base.money import Currency, Money
from crowdcore.plugin import Guide, QuoteRequest
from crowdcore.plugin.results import checked_guide

TUESDAY_AFTERNOON = datetime.fromisoformat("2026-11-24T14:00")
TUESDAY_EVENING = datetime.fromisoformat("2026-11-24T19:00")
SUNDAY = datetime.fromisoformat("2026-11-29T12:00")


def _chf(cents):
    return Money(cents, Currency.CHF)


@st.composite
def guides(draw, currency=Currency.CHF):
    """File prices as the core lets them in: multiples of 5 Rappen, high at most ten times the amount."""
    amount = draw(st.integers(0, 40_000)) * 5
    low = draw(st.integers(0, amount // 5)) * 5
    high = draw(st.integers(amount // 5, amount * 2)) * 5
    return Guide(Money(amount, currency), Money(low, currency), Money(high, currency))


moments = st.none() | st.datetimes(datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2035-01-01"))
distances = st.integers(0, 200_000)
wishes = st.fixed_dictionaries({"starts_local": moments, "urgent": st.booleans(), "travel_m": st.none() | distances})


@pytest.fixture(scope="session")
def quoted(hooks, service, place):
    """Return the price for a wish; the price as it was when the plugin leaves it."""

    def quote(price, *, starts_local=TUESDAY_AFTERNOON, urgent=False, travel_m=None):
        request = QuoteRequest(service, place, starts_local, urgent, travel_m)
        return hooks.guide_price(quote=request, price=price) or price

    return quote


def _parts(guide):
    return (guide.low, guide.amount, guide.high)


@given(guides(), wishes)
def test_every_answer_is_within_the_cores_bounds(quoted, price, wish):
    answer = quoted(price, **wish)
    assert checked_guide(answer, price) == answer, "the core neither refuses nor rounds it"


@given(guides(), wishes, st.tuples(distances, distances))
def test_farther_is_never_cheaper(quoted, price, wish, ways):
    near, far = (quoted(price, **wish | {"travel_m": travel_m}) for travel_m in sorted(ways))
    for cheaper, dearer in zip(_parts(near), _parts(far), strict=True):
        assert cheaper <= dearer


@given(guides(), wishes)
def test_the_catalogue_price_is_the_lowest_and_urgent_is_never_cheaper(quoted, price, wish):
    calm, urgent = (quoted(price, **wish | {"urgent": urgent}) for urgent in (False, True))
    for listed, normal, hurried in zip(_parts(price), _parts(calm), _parts(urgent), strict=True):
        assert listed <= normal <= hurried


@given(guides(), wishes)
def test_the_same_question_has_the_same_answer(quoted, price, wish):
    assert quoted(price, **wish) == quoted(price, **wish)


@given(guides(), wishes)
def test_no_price_changes_without_a_reason_in_every_language(quoted, price, wish):
    answer = quoted(price, **wish)
    if answer.notes == ():
        assert answer == price
    for note in answer.notes:
        for _, sentence in note:
            assert sentence
            assert "{" not in sentence


@given(guides(Currency.EUR), wishes)
def test_a_price_in_another_currency_is_left_alone(quoted, price, wish):
    assert quoted(price, **wish) is price


@pytest.mark.parametrize(
    ("at", "amount"),
    [
        ("2026-11-24T06:59", 102_70),  # before seven counts as late: 79 + 30 %
        ("2026-11-24T07:00", 79_00),
        ("2026-11-24T17:59", 79_00),
        ("2026-11-24T18:00", 90_85),  # evening: 79 + 15 %
        ("2026-11-24T21:59", 90_85),
        ("2026-11-24T22:00", 102_70),
        ("2026-11-28T12:00", 86_90),  # Saturday: 79 + 10 %
        ("2026-11-28T20:00", 102_70),
        ("2026-11-29T12:00", 102_70),  # Sunday
        ("2026-12-25T12:00", 102_70),  # Christmas Day, a Friday
        ("2031-08-01T12:00", 102_70),  # the national holiday, a Friday
        ("2026-12-24T12:00", 79_00),  # a Thursday like any other
    ],
)
def test_dayparts(quoted, price, at, amount):
    assert quoted(price, starts_local=datetime.fromisoformat(at)).amount == _chf(amount)


@pytest.mark.parametrize(
    ("travel_m", "extra"), [(None, 0), (0, 0), (5_000, 0), (5_001, 4_00), (10_001, 8_00), (90_000, 24_00)]
)
def test_travel(quoted, price, travel_m, extra):
    answer = quoted(price, travel_m=travel_m)
    assert [part.cents for part in _parts(answer)] == [part.cents + extra for part in _parts(price)]


def test_every_surcharge_says_what_it_is(quoted, price):
    answer = quoted(price, starts_local=TUESDAY_EVENING, urgent=True, travel_m=12_000)
    assert answer.amount == _chf(79_00 * 115 // 100 + 15_00 + 8_00)
    assert [note.de for note in answer.notes] == [
        "Abendtermin ab 18 Uhr: 15 Prozent mehr",
        "Soforthilfe: CHF 15.00 mehr",
        "Weg über 10 km: CHF 8.00 mehr",
    ]
    assert answer.notes[2].fr == "Trajet de plus de 10 km\u202f: 8.00 CHF en plus"


def test_a_small_price_is_capped_and_says_so(quoted):
    small = Guide(_chf(5_00), _chf(5_00), _chf(8_00))
    answer = quoted(small, starts_local=SUNDAY, urgent=True, travel_m=30_000)
    assert answer.amount == answer.high == _chf(15_00)
    assert answer.notes[-1].en == "Capped at 3 times the usual price"


def test_what_is_free_stays_free(quoted):
    free = Guide(_chf(0), _chf(0), _chf(0))
    assert _parts(quoted(free, starts_local=SUNDAY, urgent=True, travel_m=30_000)) == _parts(free)


@settings(max_examples=30)
@given(wishes)
def test_no_shipped_service_ever_meets_the_cap(quoted, folder, wish):
    catalog = tomllib.loads((folder / "catalog.toml").read_text(encoding="utf-8"))
    for service in catalog["service"]:
        chf = service["price"]["CHF"]
        price = Guide(*(Money.parse(chf[key], Currency.CHF) for key in ("guide", "low", "high")))
        assert not any("Capped" in note.en for note in quoted(price, **wish).notes)


@pytest.fixture
def policy(folder):
    """The shipped policy, parsed, to be spoilt by a test."""
    return tomllib.loads((folder / "pricing.toml").read_text(encoding="utf-8"))


def _falling(policy):
    policy["travel"]["steps"][-1]["extra"] = "1.00"


def _unsorted(policy):
    policy["travel"]["steps"].reverse()


def _unexplained(policy):
    del policy["daypart"][1]["note"]


def _cheaper(policy):
    policy["daypart"][1]["percent"] = -10


def _full_of_gaps(policy):
    policy["daypart"].pop()


def _beyond_the_core(policy):
    policy["limit"]["times"] = 11


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_falling, "does not rise"),
        (_unsorted, "does not rise"),
        (_unexplained, "needs a note"),
        (_cheaper, "less is not possible"),
        (_full_of_gaps, "takes the rest"),
        (_beyond_the_core, "the core allows 1 to 10"),
    ],
)
def test_a_policy_that_breaks_a_law_is_refused(hooks, policy, spoil, says):
    hooks.read_tariff(copy.deepcopy(policy))
    spoil(policy)
    with pytest.raises(Fault, match=says):
        hooks.read_tariff(policy)


def test_a_price_that_came_with_a_note_keeps_it(quoted, hooks, price):
    noted = replace(price, notes=(hooks.TARIFF.urgent_note,))
    assert quoted(noted, travel_m=6_000).notes[0] is hooks.TARIFF.urgent_note
