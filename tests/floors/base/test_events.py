"""An event goes out as JSON and comes back as it was, or is refused where it is made."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything(Event):
    """One field of every kind that events may have."""

    topic: ClassVar[str] = "sample.everything"
    word: str
    number: int
    fact: bool
    id: UUID
    at: datetime
    words: tuple[str, ...]
    maybe_word: str | None = None
    maybe_number: int | None = None
    maybe_id: UUID | None = None
    maybe_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poor(Event):
    """A field that JSON does not know."""

    topic: ClassVar[str] = "sample.poor"
    amount: Decimal


moments = st.datetimes(timezones=st.just(UTC))


@given(
    st.builds(
        Everything,
        word=st.text(),
        number=st.integers(),
        fact=st.booleans(),
        id=st.uuids(),
        at=moments,
        words=st.lists(st.text()).map(tuple),
        maybe_word=st.none() | st.text(),
        maybe_number=st.none() | st.integers(),
        maybe_id=st.none() | st.uuids(),
        maybe_at=st.none() | moments,
    )
)
def test_an_event_survives_the_trip(event):
    again = Everything.from_json(json.loads(json.dumps(event.to_json())))
    assert again == event
    assert type(again.id) is UUID
    assert type(again.words) is tuple


def test_an_event_written_before_a_field_was_added_is_still_read():
    """Rows of an older release wait in the outbox while the new one starts."""
    event = Everything(word="a", number=1, fact=True, id=UUID(int=1), at=datetime(2026, 1, 1, tzinfo=UTC), words=())
    old = {name: value for name, value in event.to_json().items() if not name.startswith("maybe")}
    assert Everything.from_json(old) == event
    assert Everything.from_json({**old, "dropped_since": 1}) == event


def test_what_json_does_not_know_is_refused_where_it_is_made():
    with pytest.raises(TypeError, match="Decimal"):
        Poor(amount=Decimal(1)).to_json()


def test_nobody_but_staff_sees_an_event_that_names_no_audience():
    assert Poor(amount=Decimal(1)).audience() == ()
