"""Field types of inputs and answers: what a line, a paragraph, an address or a moment may hold.

    class BookJob(Input):
        service: Annotated[str, line(60)]
        note: Annotated[str, paragraph(2000)] = ""
        starts_at: Moment | None = None

An `Input` refuses fields it does not have; an `Output` is what a room shows to the world.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)
from pydantic.annotated_handlers import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Language, cleaned, forbidden_character
from crowdcore.i18n.translations import mark as _
from crowdcore.plugin.facts import Guide

#: Characters that turn the direction of the text around them (Unicode, UAX 9).
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LARGEST_AMOUNT = 100_000_000
_LONGEST_EMAIL = 254  # RFC 5321 with the errata
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d\d:\d\d)?", re.ASCII)

#: What `forbidden_character` lets pass, for the description of the API (ECMA-262 with the flag u).
_LINE_PATTERN = r"^[^\p{C}]*[^\p{C}\s][^\p{C}]*$"
_PARAGRAPH_PATTERN = r"^(?:[^\p{C}]|[\n\r\t])*[^\p{C}\s](?:[^\p{C}]|[\n\r\t])*$"

_FIRST_YEAR, _LAST_YEAR = 1900, 2199


class Input(BaseModel):
    """Base of everything that comes in: body, query or form. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(BaseModel):
    """Base of everything the API answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def wrong(code: str, message: str, **params: str | int) -> PydanticCustomError:
    """Return the error a validator raises for a field.

    Args:
        code: stable code, ``field.blank``.
        message: English msgid with ``%(name)s`` placeholders.
        params: values for the placeholders.
    """
    return PydanticCustomError(code, "{message}", {"message": message, **params})


@dataclass(frozen=True, slots=True)
class TypedText:
    """Text as people type it: trimmed, in NFC, without control or direction characters.

    Args:
        most: longest allowed, in characters.
        multiline: keeps line breaks.
    """

    most: int
    multiline: bool

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 -- pydantic's protocol
        return core_schema.no_info_after_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        pattern = _PARAGRAPH_PATTERN if self.multiline else _LINE_PATTERN
        return {**handler(schema), "minLength": 1, "maxLength": self.most, "pattern": pattern}

    def read(self, value: str) -> str:
        """Return `value` as it is stored."""
        _refuse_characters(value, multiline=self.multiline)
        text = unicodedata.normalize("NFC", value).strip() if self.multiline else cleaned(value)
        if not text:
            raise wrong("field.blank", _("Please write something here; blanks alone do not count."))
        if len(text) > self.most:
            message = _("At most %(max)s characters, please; these are %(length)s.")
            raise wrong("field.too_long", message, max=self.most, length=len(text))
        return text


def line(most: int) -> TypedText:
    """Make the mark of a text without line breaks, never empty, of at most so many characters."""
    return TypedText(most, multiline=False)


def paragraph(most: int) -> TypedText:
    """Make the mark of a text with line breaks, never empty."""
    return TypedText(most, multiline=True)


def _refuse_characters(value: str, *, multiline: bool) -> None:
    found = forbidden_character(value, multiline=multiline)
    if found is None:
        return
    char = value[found]
    if char in _BIDI:
        message = _("Character %(position)s (%(character)s) turns the writing direction. Please remove it.")
        raise wrong("field.bidi_control", message, position=found + 1, character=f"U+{ord(char):04X}")
    if not cleaned("".join(c for c in value if forbidden_character(c) is None)):
        raise wrong("field.blank", _("Please write something here; blanks alone do not count."))
    message = _("Character %(position)s (%(character)s) cannot be used here. Please remove it.")
    raise wrong("field.control_chars", message, position=found + 1, character=f"U+{ord(char):04X}")


def _email(value: str) -> str:
    message = _("This is not a complete e-mail address. Example: name@example.ch")
    if len(value) > _LONGEST_EMAIL or forbidden_character(value) is not None:
        raise wrong("email.invalid", message)
    try:
        found = validate_email(cleaned(value), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise wrong("email.invalid", message) from error
    if found.ascii_email is None:
        raise wrong("email.invalid", message)
    return found.ascii_email.lower()


Email = Annotated[
    str,
    AfterValidator(_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": _LONGEST_EMAIL}),
]
"""An e-mail address as it is stored: lower case, domain in IDNA form."""


def _read_time(value: object) -> object:
    """Read text strictly as RFC 3339: the library would take ``1234`` for seconds since 1970."""
    if not isinstance(value, str):
        return value
    if not _RFC3339.fullmatch(value):
        raise wrong("time.invalid", _("This is not a valid date or time."))
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError as error:
        raise wrong("time.invalid", _("This is not a valid date or time.")) from error


def _moment(value: datetime) -> datetime:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise wrong("time.invalid", _("This is not a valid date or time."))
    return value.astimezone(UTC)


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_read_time),
    AfterValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": "^(19|20|21)[0-9]{2}-"}),
]
"""A point in time with its zone, kept in UTC."""


def _whole_cents(value: object) -> object:
    if isinstance(value, float):
        raise wrong("money.precision", _("Amounts are whole cents: 4990 means 49.90."))
    if isinstance(value, str):
        raise wrong("schema.type", _("Expected a whole number of cents: 4990 means 49.90."))
    return value


def _cents(value: int) -> int:
    if not 0 <= value <= _LARGEST_AMOUNT:
        message = _("The amount must be from %(min)s to %(max)s cents.")
        raise wrong("money.range", message, min=0, max=_LARGEST_AMOUNT)
    return value


_WHOLE_CENTS = "Whole hundredths of the currency unit (Rappen, cents): 4990 means 49.90."

Cents = Annotated[
    int,
    BeforeValidator(_whole_cents),
    AfterValidator(_cents),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": _LARGEST_AMOUNT, "description": _WHOLE_CENTS}),
]
"""An amount in hundredths of its currency."""


def _known_currency(value: object) -> object:
    if isinstance(value, str) and value not in tuple(Currency):
        raise wrong("money.currency", _("Allowed here: %(allowed)s."), allowed=", ".join(Currency))
    return value


class MoneyIn(Input):
    """An amount that a client sends: `{"amount": 4800, "currency": "CHF"}`."""

    amount: Cents
    currency: Annotated[Currency, BeforeValidator(_known_currency)]

    @property
    def money(self) -> Money:
        """The kernel's money."""
        return Money(self.amount, self.currency)


class MoneyOut(Output):
    """An amount in an answer: `{"amount": 4800, "currency": "CHF"}`."""

    amount: int = Field(description=_WHOLE_CENTS)
    currency: Currency

    @classmethod
    def of(cls, money: Money) -> MoneyOut:
        """Return an amount ready for an answer."""
        return cls(amount=money.cents, currency=money.currency)


class GuideOut(Output):
    """A guide price in an answer: an orientation, never a fixed price."""

    low: int = Field(description="Lower end of the usual range, in whole hundredths of the currency unit.")
    amount: int = Field(description="What it usually costs, in whole hundredths of the currency unit.")
    high: int = Field(description="Upper end of the usual range, in whole hundredths of the currency unit.")
    currency: Currency
    notes: list[str] = Field(description="Why it differs from the list, in the language of Accept-Language.")

    @classmethod
    def of(cls, guide: Guide, language: Language) -> GuideOut:
        """Return a guide price ready for an answer."""
        return cls(
            low=guide.low.cents,
            amount=guide.amount.cents,
            high=guide.high.cents,
            currency=guide.amount.currency,
            notes=[note.in_(language) for note in guide.notes],
        )


class SpanIn(Input):
    """A span of time that a client sends."""

    start: Moment
    end: Moment


class SpanOut(Output):
    """A span of time in an answer, in UTC."""

    start: datetime
    end: datetime


_PHONE_MARKS = re.compile(r"[\s./()\u2010-\u2015-]+")
_FEWEST_DIGITS, _MOST_DIGITS = 8, 15  # E.164 allows 15; no national plan of ours has less than 8


def _phone(value: str) -> str:
    number = _PHONE_MARKS.sub("", value.replace("(0)", ""))
    if number.startswith("00"):
        number = "+" + number[2:]
    if not re.fullmatch(r"\+?[0-9]+", number):
        raise wrong("phone.invalid", _("A phone number has digits only. Example: +41 79 123 45 67"))
    if len(number.lstrip("+")) < _FEWEST_DIGITS:
        raise wrong("phone.too_short", _("This phone number is too short. Example: +41 79 123 45 67"))
    if len(number.lstrip("+")) > _MOST_DIGITS:
        raise wrong("phone.too_long", _("This phone number is too long. Example: +41 79 123 45 67"))
    if not number.startswith("+"):
        raise wrong("phone.country", _("Please begin with the country code. Example: +41 79 123 45 67"))
    return number


Phone = Annotated[
    str,
    TypedText(40, multiline=False),
    AfterValidator(_phone),
    WithJsonSchema({"type": "string", "minLength": 8, "maxLength": 40}),
]
"""A phone number in international form as it is stored: plus sign and digits only."""

_COUNTRY_CODES = {"CH": "+41", "LI": "+423", "DE": "+49", "AT": "+43"}


def dialled(typed: str, country: str) -> str:
    """Return a phone number with the country's code, if it was typed as people dial it at home.

    Args:
        typed: ``079 123 45 67``; a number that begins with ``+`` or ``00`` stays as it is.
        country: ISO 3166-1, where help is wanted.
    """
    number = typed.strip()
    if number.startswith("0") and not number.startswith("00") and country in _COUNTRY_CODES:
        return _COUNTRY_CODES[country] + number[1:]
    return number
