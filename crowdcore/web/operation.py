"""One path of the API as ASGI: check, read, call one verb once, answer in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crowdcore.base.errors import Fault, FieldProblem, NotFound, Refusal, Rejected
from crowdcore.db.commands import Answer
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.context import Visit, read_id, read_name
from crowdcore.web.fields import Input
from crowdcore.web.json_reader import check_content_type, read_json
from crowdcore.web.once import checked_key, once
from crowdcore.web.paging import MOST_PER_PAGE, PageCursor, PageLimit, PageQuery, SortUnknown
from crowdcore.web.rates import limit
from crowdcore.web.schema import problems_of, strings_for

JSON = "application/json"

MOST_NAMES = 200
"""So many names of one object are looked at; no input has half as many fields."""

_VERSION = re.compile(r'"([0-9]{1,9})"')


class MethodNotAllowed(Refusal):
    """This is not done at this address."""

    code = "method.not_allowed"
    status = 405
    message = "This address understands: %(allowed)s."


class NotAcceptable(Refusal):
    """The client wants something else than JSON."""

    code = "accept"
    status = 406
    message = "This address answers %(offered)s only."


class DuplicateParameter(Refusal):
    """A query parameter that holds one value was given twice."""

    code = "query.duplicate"
    status = 400
    message = "The parameter %(name)s was given twice."


class VersionInvalid(Refusal):
    """If-Match does not hold a version of ours."""

    code = "version.invalid"
    status = 400
    message = "If-Match holds the version you read, in quotes."


class Nothing(Input):
    """An empty body or query."""


class ApiPath:
    """ASGI endpoint: all methods of one path."""

    def __init__(self, routes: Sequence[ApiRoute]) -> None:
        """Answer `routes`, which share one path.

        Raises:
            Fault: two routes have the same method.
        """
        self._routes = {route.method: route for route in routes}
        if len(self._routes) != len(routes):
            raise Fault(f"{routes[0].path}: two routes with the same method")
        known = sorted(self._routes)
        self._allowed = ", ".join(known + (["HEAD"] if "GET" in known else []))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            Refusal: for whoever turns refusals into problem documents.
        """
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        route = self._routes.get(method)
        if route is None:
            raise MethodNotAllowed(allowed=self._allowed)
        response = await _answer(route, Request(scope, receive), scope["visit"])
        await response(scope, receive, send)


async def _answer(route: ApiRoute, request: Request, visit: Visit) -> Response:
    check_accept(request, JSON)
    await limit(visit, "api")
    if not route.public:
        visit.require_role(route.roles)
    _check_path(request.path_params, route.absent)
    call = Call(
        visit=visit,
        path_values=request.path_params,
        asked=_read_query(request, route.query),
        sent=None if route.method == "GET" else await _read_body(request, route.body),
        version=_read_version(request.headers.get("if-match", "*")) if route.versioned else None,
    )
    if route.method == "GET":
        shown = await _shown(route, call, await route.do(call))
        return _json(Answer(route.status, shown))
    return await _answer_once(route, request, call)


async def _answer_once(route: ApiRoute, request: Request, call: Call) -> Response:
    async def render(result: object) -> Answer:
        return Answer(route.status, await _shown(route, call, result))

    sent = call.sent.model_dump_json() if call.sent is not None else ""
    place = f"{route.method} {call.visit.path}"
    result = await once(
        call.visit,
        route=place,
        key=checked_key(request.headers.get("idempotency-key")),
        content=f"{place}?{request.scope['query_string']!r} {call.version} {sent}",
        do=lambda: route.do(call),
        render=render,
    )
    response = _json(result.answer)
    if result.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


async def _shown(route: ApiRoute, call: Call, result: object) -> str:
    answer = await route.show(call, result)
    if not isinstance(answer, route.answer):
        raise Fault(
            f"{route.method} {route.path}: `show` made a {type(answer).__name__}, "
            f"the route promises {route.answer.__name__}"
        )
    return answer.model_dump_json()


def _json(answer: Answer) -> Response:
    return Response(answer.body, status_code=answer.status, media_type=JSON, headers={"Cache-Control": "no-store"})


def check_accept(request: Request, offered: str) -> None:
    """Let a client pass that can read what this address answers.

    Raises:
        NotAcceptable: it asked for something else only.
    """
    acceptable = {"*/*", offered.partition("/")[0] + "/*", offered}
    if offered == JSON:
        acceptable.add("application/problem+json")
    header = request.headers.get("accept", "*/*")
    for part in header.split(","):
        kind, _, parameters = part.strip().lower().partition(";")
        refused = parameters.replace(" ", "").split(";")[-1] in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
        if kind.strip() in acceptable and not refused:
            return
    raise NotAcceptable(offered=offered)


def _check_path(values: Mapping[str, str], absent: type[NotFound]) -> None:
    """Look at every parameter of the path before anything is read or done.

    Raises:
        NotFound: an id or a name that none of ours looks like, in the words of the route.
    """
    try:
        for name, value in values.items():
            if name.endswith("_id"):
                read_id(value)
            else:
                read_name(value)
    except NotFound as error:
        raise absent from error


def _read_query(request: Request, model: type[BaseModel] | None) -> BaseModel:
    chosen = model or Nothing
    typed: dict[str, tuple[str, ...]] = {}
    for name, value in request.query_params.multi_items():
        typed[name] = (*typed.get(name, ()), value)
    values = strings_for(typed, chosen, DuplicateParameter)
    for name, sent in typed.items():  # an empty parameter is a wrong one; only forms send empty fields
        if name not in values:
            values[name] = sent[0]
    try:
        return chosen.model_validate(values)
    except ValidationError as error:
        raise _query_refusal(problems_of(error, chosen), chosen) from error


def _query_refusal(problems: tuple[FieldProblem, ...], model: type[BaseModel]) -> Refusal:
    first = problems[0]
    if issubclass(model, PageQuery) and first.pointer == "/limit":
        return PageLimit(fields=problems, max=MOST_PER_PAGE)
    if issubclass(model, PageQuery) and first.pointer == "/cursor":
        return PageCursor(fields=problems)
    if issubclass(model, PageQuery) and any(one.pointer == "/sort" for one in problems):
        return SortUnknown(fields=problems)
    return Rejected(fields=problems)


def _read_version(header: str) -> int | None:
    if header.strip() == "*":
        return None
    found = _VERSION.fullmatch(header.strip())
    if found is None:
        raise VersionInvalid
    return int(found[1])


async def _read_body(request: Request, model: type[BaseModel] | None) -> BaseModel | None:
    raw = await request.body()
    if model is None and not raw:
        return None
    check_content_type(request.headers.get("content-type", ""), request.headers.get("content-encoding", ""))
    chosen = model or Nothing
    value: Any = _shortened(read_json(raw))
    try:
        # The library reads the text again: types are strict there, and ids and times are still text.
        return chosen.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        raise Rejected(fields=problems_of(error, chosen)) from error


def _shortened(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Return `value` with its objects cut to more names than any input of ours has.

    What is cut is refused in any case, for the names that stay; to describe a hundred thousand unknown names
    would only keep everybody else waiting.
    """
    if isinstance(value, dict):
        return {name: _shortened(one) for name, one in islice(value.items(), MOST_NAMES)}
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    return value
