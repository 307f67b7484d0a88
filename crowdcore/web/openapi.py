"""The OpenAPI 3.1 document, made from the same routes that answer: it cannot say what is not done."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from crowdcore.base.errors import NotFound, Refusal, Rejected
from crowdcore.db.commands import KeyInProgress, KeyMismatch
from crowdcore.db.transaction import StorageBusy
from crowdcore.web.api import ApiRoute
from crowdcore.web.context import (
    NAME_PATTERN,
    RoleMissing,
    SignInNeeded,
    TokenExpired,
    TokenInvalid,
    TokenRevoked,
)
from crowdcore.web.json_reader import (
    ContentType,
    JsonDuplicateKey,
    JsonEncoding,
    JsonNumber,
    JsonSyntax,
    JsonTooDeep,
)
from crowdcore.web.limits import (
    BodyTooLarge,
    BodyTooSlow,
    FramingInvalid,
    HeadersTooLarge,
    PathInvalid,
    UrlTooLong,
)
from crowdcore.web.once import KEY_PATTERN, KeyInvalid, KeyRequired
from crowdcore.web.operation import DuplicateParameter, MethodNotAllowed, NotAcceptable, VersionInvalid
from crowdcore.web.paging import PageCursor, PageLimit, PageQuery, SortUnknown
from crowdcore.web.problems import PROBLEM_TYPE, Problem
from crowdcore.web.rates import RateLimited

PREFIX = "/api/v1"

_MODULE_NAME = re.compile(r"crowdcore__([a-z0-9]+)__\w*?__(\w+)")
_PARAMETER = re.compile(r"\{(\w+)\}")
_PLACEHOLDER = re.compile(r"%\(\w+\)s")
_REFERENCE = "#/components/schemas/{model}"
_EXAMPLE = "#/components/examples/{code}"
_ANSWER = "#/components/responses/{name}"

_ALWAYS: tuple[type[Refusal], ...] = (
    DuplicateParameter, FramingInvalid, PathInvalid, NotFound, NotAcceptable, UrlTooLong, Rejected,
    RateLimited, HeadersTooLarge, StorageBusy, MethodNotAllowed, TokenInvalid, TokenExpired, TokenRevoked,
)  # fmt: skip
_WITH_TOKEN: tuple[type[Refusal], ...] = (SignInNeeded, RoleMissing)
_WITH_BODY: tuple[type[Refusal], ...] = (
    JsonSyntax, JsonDuplicateKey, JsonNumber, JsonTooDeep, JsonEncoding, ContentType, BodyTooLarge,
    BodyTooSlow,
)  # fmt: skip
_WITH_KEY: tuple[type[Refusal], ...] = (KeyRequired, KeyInvalid, KeyInProgress, KeyMismatch)

_NAME_SCHEMA = {"type": "string", "pattern": f"^{NAME_PATTERN}$"}

_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A fresh random value per intention. Repeating a request with the same key is safe: it "
    "has its effect once and gets the same answer, with the header Idempotency-Replayed.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": KEY_PATTERN},
}
_VERSION_PARAMETER = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The `version` you read, in quotes: refused if the object has changed since.",
    "schema": {"type": "string", "pattern": '^(\\*|"[0-9]{1,9}")$'},
}


def openapi(title: str, routes: Sequence[ApiRoute]) -> dict[str, Any]:
    """Return the document.

    Args:
        title: what the portal is called.
        routes: every route of the API.
    """
    schemas, definitions = _schemas(routes)
    answers = _Answers()
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for route in routes:
        paths[route.path][route.method.lower()] = _operation(route, schemas, answers)
    paths["/events"] = {"get": _live(answers)}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{title} API", "version": "1"},
        "servers": [{"url": PREFIX}],
        "paths": dict(paths),
        "components": {
            "schemas": definitions,
            "responses": answers.shared,
            "examples": _examples(routes),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def openapi_json(title: str, routes: Sequence[ApiRoute]) -> bytes:
    """Return the document as it is sent."""
    return json.dumps(openapi(title, routes), ensure_ascii=False).encode()


_Schemas = dict[type[BaseModel], dict[str, Any]]


def _schemas(routes: Iterable[ApiRoute]) -> tuple[_Schemas, dict[str, Any]]:
    """Return a reference per model and the definitions they point to."""
    wanted: dict[type[BaseModel], JsonSchemaMode] = {Problem: "serialization"}
    for route in routes:
        wanted[route.answer] = "serialization"
        if route.body is not None:
            wanted[route.body] = "validation"
    references, rest = models_json_schema(list(wanted.items()), ref_template=_REFERENCE)
    by_model = {model: _named_by_room(references[model, mode]) for model, mode in wanted.items()}
    return by_model, _named_by_room(rest.get("$defs", {}))


def _named_by_room(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema in which classes of the same name in two rooms are called ``JobsState``, ``ExamsState``.

    The library would tell them apart by the names of our modules, which are nobody's business.
    """
    renamed = _MODULE_NAME.sub(lambda found: found[1].title() + found[2], json.dumps(schema))
    found: dict[str, Any] = json.loads(renamed)
    return found


def _operation(route: ApiRoute, schemas: _Schemas, answers: _Answers) -> dict[str, Any]:
    parameters = [_path_parameter(name) for name in _PARAMETER.findall(route.path)]
    parameters += _query_parameters(route.query)
    if route.method != "GET":
        parameters.append(_KEY_PARAMETER)
    if route.versioned:
        parameters.append(_VERSION_PARAMETER)
    answer: dict[str, Any] = {
        "description": HTTPStatus(route.status).phrase,
        "content": {"application/json": {"schema": schemas[route.answer]}},
    }
    if route.method != "GET":
        answer["headers"] = {
            "Idempotency-Replayed": {"description": "`true` on a repetition.", "schema": {"type": "string"}}
        }
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [route.path.split("/")[1]],
        "parameters": parameters,
        "responses": {str(route.status): answer, **answers.refused(refusals_of(route))},
        "security": [] if route.public else [{"token": []}],
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[route.body]}},
        }
    return operation


def _operation_id(route: ApiRoute) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", route.path.lower()).strip("_")
    return f"{route.method.lower()}_{words}"


def refusals_of(route: ApiRoute) -> tuple[type[Refusal], ...]:
    """Return every refusal a client may get from a route, its own and those of the toolkit."""
    found = (*_ALWAYS, *route.refusals, route.absent)
    if not route.public:
        found += _WITH_TOKEN
    if route.method != "GET":
        found += _WITH_BODY + _WITH_KEY
    if route.versioned:
        found += (VersionInvalid,)
    if route.query is not None and issubclass(route.query, PageQuery):
        found += (PageLimit, PageCursor, SortUnknown)
    return tuple(dict.fromkeys(found))


class _Answers:
    """The answers that refuse something: most operations share most of them, so each is written once."""

    def __init__(self) -> None:
        self.shared: dict[str, Any] = {}
        self._names: dict[str, str] = {}

    def refused(self, refusals: Iterable[type[Refusal]]) -> dict[str, Any]:
        """Return status -> reference to the answer for each status of these refusals."""
        by_status: dict[int, list[type[Refusal]]] = defaultdict(list)
        for refusal in refusals:
            by_status[refusal.status].append(refusal)
        found = {status: _problem_answer(status, by_status[status]) for status in sorted(by_status)}
        found[500] = {"description": "internal", "content": _problem_content({})}
        return {str(status): {"$ref": self._shared(status, answer)} for status, answer in found.items()}

    def _shared(self, status: int, answer: dict[str, Any]) -> str:
        said = f"{status} {answer['description']}"
        if said not in self._names:
            count = sum(name.startswith(f"refused-{status}") for name in self.shared)
            name = self._names[said] = f"refused-{status}-{count + 1}" if count else f"refused-{status}"
            self.shared[name] = answer
        return _ANSWER.format(name=self._names[said])


def _problem_answer(status: int, refusals: Sequence[type[Refusal]]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": ", ".join(refusal.code for refusal in refusals),
        "content": _problem_content({r.code: {"$ref": _EXAMPLE.format(code=r.code)} for r in refusals}),
    }
    if status in {429, 503}:
        answer["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}
    return answer


def _problem_content(examples: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": _REFERENCE.format(model=Problem.__name__)}}
    if examples:
        content["examples"] = examples
    return {PROBLEM_TYPE: content}


def _examples(routes: Iterable[ApiRoute]) -> dict[str, Any]:
    """Return one example per code; operations point to them, or the document would repeat itself for ever."""
    refusals = {refusal.code: refusal for route in routes for refusal in refusals_of(route)}
    every = {refusal.code: refusal for refusal in (*_ALWAYS, *_WITH_TOKEN)} | refusals
    return {code: {"value": _example(every[code])} for code in sorted(every)}


def _example(refusal: type[Refusal]) -> dict[str, Any]:
    return Problem(
        type=f"urn:problem:{refusal.code}",
        title=HTTPStatus(refusal.status).phrase,
        status=refusal.status,
        code=refusal.code,
        detail=_PLACEHOLDER.sub("…", refusal.message).replace("%%", "%"),
        errors=[],
        request_id="8f14e45fceea167a",
    ).model_dump()


def _path_parameter(name: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "uuid"} if name.endswith("_id") else _NAME_SCHEMA
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    if model is None:
        return []
    schema = model.model_json_schema(ref_template=_REFERENCE)
    definitions = schema.get("$defs", {})
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _inlined(field, definitions)}
        for name, field in schema["properties"].items()
    ]


def _inlined(field: Any, definitions: dict[str, Any]) -> Any:  # noqa: ANN401 -- any JSON value
    """Return a schema with references (enums) put in place, and without null: a query cannot say it."""
    if isinstance(field, list):
        return [_inlined(part, definitions) for part in field]
    if not isinstance(field, dict):
        return field
    if "$ref" in field:
        return _inlined(definitions[field["$ref"].rsplit("/", 1)[-1]], definitions)
    if "anyOf" in field:
        choices = [choice for choice in field["anyOf"] if choice != {"type": "null"}]
        rest = {key: value for key, value in field.items() if key not in {"anyOf", "default"}}
        if len(choices) == 1:
            return {**_inlined(choices[0], definitions), **rest}
    return {key: _inlined(value, definitions) for key, value in field.items()}


def _live(answers: _Answers) -> dict[str, Any]:
    return {
        "operationId": "get_events",
        "summary": "Follow what happens, as server-sent events",
        "tags": ["events"],
        "description": "Each event's data is JSON: `type` (such as job.assigned), `at`, and the ids and "
        "states of `payload`. Staff see all events of the partner, others those about themselves.",
        "parameters": [{"name": "Last-Event-ID", "in": "header", "required": False, "schema": {"type": "string"}}],
        "responses": {
            "200": {
                "description": "An endless stream.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **answers.refused((*_ALWAYS, *_WITH_TOKEN)),
        },
        "security": [{"token": []}],
    }
