"""Field types and their refusals: A09-A17, W01-W09."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from crowdcore.base.money import Currency
from crowdcore.web.fields import Email, Input, Moment, MoneyIn, MoneyOut, line, paragraph
from crowdcore.web.schema import problems_of


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Inner(Input):
    price: MoneyIn


class Booking(Input):
    title: Annotated[str, line(20)] = "x"
    note: Annotated[str, paragraph(50)] | None = None
    email: Email = "a@example.ch"
    at: Moment | None = None
    count: Annotated[int, Field(ge=1, le=10)] = 1
    size: Size = Size.SMALL
    tags: Annotated[list[str], Field(max_length=2)] = []
    inner: Inner | None = None


def _problems(text: str):
    with pytest.raises(ValidationError) as caught:
        Booking.model_validate_json(text, strict=True)
    return [(p.pointer, p.code) for p in problems_of(caught.value, Booking)]


@pytest.mark.parametrize(
    ("text", "pointer", "code"),
    [
        ("[]", "/", "schema.type"),
        ('"x"', "/", "schema.type"),
        ('{"prize": 1}', "/prize", "schema.unknown_field"),
        ('{"partner_id": "x"}', "/partner_id", "schema.read_only"),
        ('{"state": "open"}', "/state", "schema.read_only"),
        ('{"count": "4"}', "/count", "schema.type"),
        ('{"count": 1.5}', "/count", "schema.type"),
        ('{"count": true}', "/count", "schema.type"),
        ('{"count": 0}', "/count", "number.range"),
        ('{"count": 11}', "/count", "number.range"),
        ('{"title": 5}', "/title", "schema.type"),
        ('{"title": ""}', "/title", "field.blank"),
        ('{"title": "  \\u200b "}', "/title", "field.blank"),
        ('{"title": "' + "x" * 21 + '"}', "/title", "field.too_long"),
        ('{"title": "a\\u0000b"}', "/title", "field.control_chars"),
        ('{"title": "a\\nb"}', "/title", "field.control_chars"),
        ('{"title": "a\\u202eb"}', "/title", "field.bidi_control"),
        ('{"note": "a\\u0007b"}', "/note", "field.control_chars"),
        ('{"email": "a@b"}', "/email", "email.invalid"),
        ('{"email": "a@@b.ch"}', "/email", "email.invalid"),
        ('{"email": "a b@c.ch"}', "/email", "email.invalid"),
        ('{"email": "a@c.ch\\nBcc: x@y.ch"}', "/email", "email.invalid"),
        ('{"at": "2026-10-25T02:30"}', "/at", "time.zone_required"),
        ('{"at": "2026-13-01T00:00:00Z"}', "/at", "time.invalid"),
        ('{"at": "2026-12-31T23:59:60Z"}', "/at", "time.invalid"),
        ('{"at": "0001-01-01T00:00:00Z"}', "/at", "time.invalid"),
        ('{"at": "1234"}', "/at", "time.invalid"),
        ('{"at": 1234}', "/at", "schema.type"),
        ('{"size": "huge"}', "/size", "field.choice"),
        ('{"tags": "x"}', "/tags", "schema.type"),
        ('{"tags": [1]}', "/tags/0", "schema.type"),
        ('{"tags": ["a", "b", "c"]}', "/tags", "list.too_long"),
        ('{"inner": {}}', "/inner/price", "field.required"),
        ('{"inner": {"price": {"amount": -1, "currency": "CHF"}}}', "/inner/price/amount", "money.range"),
        ('{"inner": {"price": {"amount": 49.999, "currency": "CHF"}}}', "/inner/price/amount", "money.precision"),
        ('{"inner": {"price": {"amount": "4900", "currency": "CHF"}}}', "/inner/price/amount", "schema.type"),
        (
            '{"inner": {"price": {"amount": 1000000000000000000, "currency": "CHF"}}}',
            "/inner/price/amount",
            "money.range",
        ),
        ('{"inner": {"price": {"amount": 1, "currency": "XXX"}}}', "/inner/price/currency", "money.currency"),
    ],
)
def test_each_wrong_field_has_its_pointer_and_code(text, pointer, code):
    assert _problems(text) == [(pointer, code)]


def test_all_wrong_fields_are_told_at_once():
    assert _problems('{"count": 0, "title": "", "prize": 1}') == [
        ("/title", "field.blank"),
        ("/count", "number.range"),
        ("/prize", "schema.unknown_field"),
    ]


def test_a_misspelled_name_gets_a_proposal():
    with pytest.raises(ValidationError) as caught:
        Booking.model_validate_json('{"titel": "x", "zzz": 1}')
    near, far = problems_of(caught.value, Booking)
    assert near.message % dict(near.params) == "There is no field of this name. Did you mean title?"
    assert far.params == ()


def test_sentences_can_be_filled_in():
    with pytest.raises(ValidationError) as caught:
        Booking.model_validate_json(
            '{"title": "' + "x" * 21 + '", "note": "a\\u202eb", "count": 99, "size": "q", "tags": ["", "", ""]}'
        )
    sentences = [p.message % dict(p.params) for p in problems_of(caught.value, Booking)]
    assert sentences == [
        "At most 20 characters, please; these are 21.",
        "Character 2 (U+202E) turns the writing direction. Please remove it.",
        "At most 10, please.",
        "Allowed here: 'small' or 'large'.",
        "At most 2 entries, please.",
    ]


def test_what_is_right_is_stored_clean():
    read = Booking.model_validate_json(
        '{"title": "  Ko\\u0308niz   Zimmer ", "note": " a\\nb ", "email": "Anna@Müller.CH",'
        ' "at": "2026-10-25T02:30:00+02:00"}'
    )
    assert read.title == "Köniz Zimmer"
    assert read.note == "a\nb"
    assert read.email == "anna@xn--mller-kva.ch"
    assert read.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert read.at.utcoffset().total_seconds() == 0


def test_markup_is_text():
    assert Booking(title="<b>&amp;</b>").title == "<b>&amp;</b>"


def test_money_comes_in_and_goes_out():
    money = MoneyIn(amount=5900, currency=Currency.CHF).money
    assert MoneyOut.of(money).model_dump_json() == '{"amount":5900,"currency":"CHF"}'


def test_at_most_fifty_problems():
    class Many(Input):
        numbers: list[int]

    with pytest.raises(ValidationError) as caught:
        Many.model_validate({"numbers": ["x"] * 500})
    assert len(problems_of(caught.value, Many)) == 50
