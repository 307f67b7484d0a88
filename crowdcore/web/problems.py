"""Problem documents: how the API says no (RFC 9457), in the reader's language."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from crowdcore.base.errors import ParamValue, Refusal, Word
from crowdcore.base.money import Money
from crowdcore.i18n.formats import Formats
from crowdcore.i18n.translations import Translator
from crowdcore.web.fields import MoneyOut, Output
from crowdcore.web.schema import MOST_PROBLEMS

PROBLEM_TYPE = "application/problem+json"


class WrongField(Output):
    """One wrong field."""

    pointer: str = Field(description="JSON pointer of the field; query parameters are written the same way.")
    code: str = Field(description="Stable code of the rule, such as field.required.")
    message: str = Field(description="What to do, in the language of Accept-Language.")


class Problem(BaseModel):
    """Why a request was refused; values of the sentence are further members."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(description="urn:problem: and the code.")
    title: str = Field(description="The HTTP status in words.")
    status: int
    code: str = Field(description="Stable code; the one thing for programs to look at.")
    detail: str = Field(description="One sentence in the language of Accept-Language.")
    errors: list[WrongField] = Field(max_length=MOST_PROBLEMS)
    request_id: str = Field(description="Reference for questions to support.")


def problem(refusal: Refusal, formats: Formats, request_id: str) -> Response:
    """Return a refusal as a problem document, with the headers that belong to its status."""
    said = Problem(
        type=f"urn:problem:{refusal.code}",
        title=HTTPStatus(refusal.status).phrase,
        status=refusal.status,
        code=refusal.code,
        detail=formats.refusal(refusal),
        errors=[WrongField(pointer=p.pointer, code=p.code, message=formats.field_problem(p)) for p in refusal.fields],
        request_id=request_id,
    )
    return _document(said, values_of(refusal), headers_of(refusal), formats.translator)


def fault_problem(translator: Translator, request_id: str, message: str) -> Response:
    """Return the document of an internal error: a reference and nothing else.

    Args:
        translator: the reader's language.
        request_id: the reference.
        message: msgid of the sentence.
    """
    said = Problem(
        type="urn:problem:internal",
        title=HTTPStatus.INTERNAL_SERVER_ERROR.phrase,
        status=500,
        code="internal",
        detail=translator.gettext(message),
        errors=[],
        request_id=request_id,
    )
    return _document(said, {}, {}, translator)


def values_of(refusal: Refusal) -> dict[str, Any]:
    """Return the values of a refusal's sentence as programs read them."""
    return {name: _value(value) for name, value in refusal.params.items()}


def _value(value: ParamValue) -> Any:  # noqa: ANN401 -- any JSON value
    match value:
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        case timedelta():
            return int(value.total_seconds())
        case Money():
            return MoneyOut.of(value).model_dump(mode="json")
        case Word():
            return value.value
        case tuple():
            return [word.value for word in value]
        case _:
            return value


def headers_of(refusal: Refusal) -> dict[str, str]:
    """Return the headers an answer with this refusal must carry."""
    headers: dict[str, str] = {}
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.status == HTTPStatus.METHOD_NOT_ALLOWED and "allowed" in refusal.params:
        headers["Allow"] = str(refusal.params["allowed"])
    if refusal.retry_after_s is not None:
        headers["Retry-After"] = str(refusal.retry_after_s)
    if refusal.status in {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT}:
        headers["Connection"] = "close"
    return headers


def _document(said: Problem, params: dict[str, Any], headers: dict[str, str], translator: Translator) -> Response:
    body = {**params, **said.model_dump()}
    return Response(
        json.dumps(body, ensure_ascii=False),
        status_code=said.status,
        media_type=PROBLEM_TYPE,
        headers={**headers, "Content-Language": translator.language.value, "Cache-Control": "no-store"},
    )
