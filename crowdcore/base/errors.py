"""The error tree: what a person is told (Refusal) and what an engineer must repair (Fault).

    Exception
    ├── Refusal          somebody asked for something that is not possible now; has a stable code
    │   ├── Rejected     400/422: the input itself is wrong; may carry one FieldProblem per field
    │   ├── NotFound     404: not there, or not yours (indistinguishable on purpose)
    │   ├── Conflict     409: the state has moved on
    │   └── ...          others set `status` themselves
    └── Fault            the installation or a plugin is wrong: thing, place, remedy
        └── ScopeMissing a query without a partner scope (always a bug)

A refusal's `message` is an English gettext msgid with ``%(name)s`` placeholders filled from `params`.
Params are values, not text: `i18n.formats` writes moments, amounts, lengths of time and words as this
reader reads them, and a program gets the values themselves. Codes are an API: they never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from crowdcore.base.money import Money
from crowdcore.base.text import Text


@dataclass(frozen=True, slots=True)
class Word:
    """A value with a name: programs get the value, people read the name.

    Args:
        value: as the API writes it, ``under_way``.
        name: English msgid, or a piece of a partner's content.
    """

    value: str
    name: str | Text

    def __str__(self) -> str:
        return self.value


ParamValue = str | int | datetime | timedelta | Money | Word | tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One wrong field of an input: where, which rule, what to do.

    Args:
        pointer: JSON pointer of the field (``/price/amount``); form fields use the same spelling.
        code: stable code such as ``field.required``.
        message: English msgid.
        params: placeholder values for the message.
    """

    pointer: str
    code: str
    message: str
    params: tuple[tuple[str, ParamValue], ...] = ()


class Refusal(Exception):
    """Somebody asked for something that is not possible; the answer is a code and a sentence."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message: ClassVar[str] = "This is not possible."

    def __init__(
        self,
        *,
        fields: tuple[FieldProblem, ...] = (),
        retry_after_s: int | None = None,
        said: Text | None = None,
        **params: ParamValue,
    ) -> None:
        """Keep the facts of this one case.

        Args:
            fields: wrong fields, for refusals of input.
            said: a partner's own words instead of `message` (a plugin's gate says why).
            retry_after_s: seconds after which trying again makes sense (``Retry-After``).
            params: values for the placeholders of `message`; also shown to API clients.
        """
        self.fields = fields
        self.retry_after_s = retry_after_s
        self.said = said
        self.params = params
        super().__init__(f"{self.code}: {said.en if said else self.message % params if params else self.message}")


class Rejected(Refusal):
    """The input is wrong; `fields` says where."""

    code = "input.invalid"
    status = 422
    message = "Please check the marked fields."


class NotFound(Refusal):
    """Nothing here under this name, or not for you."""

    code = "not_found"
    status = 404
    message = "There is nothing at this address."


class Conflict(Refusal):
    """The state has moved on since the question was asked."""

    code = "conflict"
    status = 409
    message = "The state has changed in the meantime."


class Fault(Exception):
    """Something an engineer must repair; the text names the thing, the place and the remedy."""


class ScopeMissing(Fault):
    """A partner's rows were asked for outside a partner scope."""
