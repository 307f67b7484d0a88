"""Strict JSON: one meaning for every body, or a refusal that says where it went wrong (RFC 8259, RFC 7493).

The standard reader takes the last of two equal keys, accepts NaN, and follows nesting until the stack
ends. Two programs that read the same body differently are how checks are passed by (parser differentials).
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from crowdcore.base.errors import Refusal

DEEPEST = 32
LONGEST_NUMBER = 64

_EXACT = 2**53

#: A text without an end is taken to the end of the body: looking for a shorter one at each of its quotes
#: would take time in the square of its length.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class JsonSyntax(Refusal):
    """The body is not JSON."""

    code = "json.syntax"
    status = 400
    message = "The body is not valid JSON: line %(line)s, column %(column)s."


class JsonDuplicateKey(Refusal):
    """An object says the same thing twice."""

    code = "json.duplicate_key"
    status = 400
    message = "An object has the key %(key)s twice."


class JsonNumber(Refusal):
    """A number that is none, or too long."""

    code = "json.number"
    status = 400
    message = "%(number)s is not a number that can be used here."


class JsonTooDeep(Refusal):
    """Too many levels."""

    code = "json.too_deep"
    status = 400
    message = "The body is nested more than %(max)s levels deep."


class JsonEncoding(Refusal):
    """Not UTF-8, or half a character."""

    code = "json.encoding"
    status = 400
    message = "The body must be UTF-8 without a byte order mark and with whole characters only."


class ContentType(Refusal):
    """The body is announced as something else."""

    code = "content_type"
    status = 415
    message = "Send the body as %(expected)s."


def check_content_type(content_type: str, content_encoding: str) -> None:
    """Let pass what is announced as JSON in UTF-8.

    Raises:
        ContentType: anything else, compressed bodies included.
    """
    kind, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    plain = content_encoding.strip().lower() in {"", "identity"}
    if kind.strip().lower() != "application/json" or charset not in {"", "charset=utf-8"} or not plain:
        raise ContentType(expected="application/json")


def read_json(body: bytes) -> Any:  # noqa: ANN401 -- any JSON value
    """Return the one value a body stands for.

    Raises:
        JsonEncoding: not UTF-8, a byte order mark, a lone surrogate.
        JsonSyntax: not JSON.
        JsonTooDeep: more than 32 levels.
        JsonDuplicateKey: an object has a key twice.
        JsonNumber: NaN, Infinity, a number out of range or of more than 64 digits.
    """
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise JsonEncoding
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonEncoding from error
    if "\0" in text:  # UTF-16 or UTF-32 without a mark
        raise JsonEncoding
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_number,
            parse_float=_float,
            parse_int=_int,
        )
    except json.JSONDecodeError as error:
        raise JsonSyntax(line=error.lineno, column=error.colno) from error
    if _SURROGATE.search(text):
        _check_surrogates(value)
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for token in _BRACKETS.finditer(text):
        sign = token[0]
        if sign in "[{":
            depth += 1
            if depth > DEEPEST:
                raise JsonTooDeep(max=DEEPEST)
        elif sign in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise JsonDuplicateKey(key=ascii(key)[:80])
            seen.add(key)
    return found


def _float(text: str) -> float | int:
    value = float(text)
    if len(text) > LONGEST_NUMBER or value in {float("inf"), float("-inf")}:
        _refuse_number(text)
    # To JSON Schema 1.0 is a whole number like 1, and some languages write it so.
    return int(value) if value.is_integer() and abs(value) <= _EXACT else value


def _int(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        _refuse_number(text)
    return int(text)


def _refuse_number(text: str) -> NoReturn:
    raise JsonNumber(number=text[:20])


def _check_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise JsonEncoding from error
