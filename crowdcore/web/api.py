"""ApiRoute: one operation of the JSON API, as a room's api.py lists it.

    ROUTES = (
        ApiRoute(
            method="POST", path="/jobs", do=_book, show=_booked, body=BookJob, answer=Booked, status=201,
            roles=CUSTOMERS, refusals=(ServiceRetired,), summary="Book a job",
        ),
    )

`do` calls one verb or query; `show` makes the answer from its result. For POST both take effect once per
``Idempotency-Key``: `show` runs inside the verb's unit of work, so the answer is stored with the effect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from crowdcore.base.errors import Fault, NotFound, Refusal
from crowdcore.web.context import Visit, read_id, read_name

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of an API client, checked and typed.

    Args:
        visit: who asks, where, in which language.
        path_values: parameters of the path, as text.
        sent: the body as the route's `body` model, or None.
        asked: the query as the route's `query` model, or None.
        version: version of the object that the client read (``If-Match``), if it insists on one.
    """

    visit: Visit
    path_values: Mapping[str, str]
    sent: BaseModel | None = None
    asked: BaseModel | None = None
    version: int | None = None

    def id(self, name: str) -> UUID:
        """Return the id in the path under `name` (``job_id``).

        Raises:
            NotFound: it is not an id.
        """
        return read_id(self.path_values[name])

    def name(self, name: str) -> str:
        """Return a word in the path that is not an id, such as a service's name in the catalogue.

        Raises:
            NotFound: no name of ours looks like this.
        """
        return read_name(self.path_values[name])

    def body(self, model: type[M]) -> M:
        """Return the body; `model` is the one the route names."""
        return _as(model, self.sent)

    def query(self, model: type[M]) -> M:
        """Return the query parameters; `model` is the one the route names."""
        return _as(model, self.asked)


Do = Callable[[Call], Awaitable[Any]]
Show = Callable[[Call, Any], Awaitable[BaseModel]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRoute:
    """One operation of the API under ``/api/v1``.

    Args:
        method: GET, POST, PUT, PATCH or DELETE; everything but GET needs an Idempotency-Key.
        path: ``/jobs/{job_id}/accept``; a parameter ending in ``_id`` is a UUID, others are names.
        do: ``async def do(call) -> result``: one verb or query.
        show: ``async def show(call, result) -> answer``: reads only; no plugin hook, no network.
        answer: model of the answer.
        summary: one line for the documentation, English.
        body: model of the request body, or None.
        query: model of the query parameters, or None.
        status: HTTP status of success.
        roles: who may call: holders of one of these roles.
        refusals: refusals the verb documents, beside those every route has.
        absent: what is said when the path leads to nothing; malformed, unknown and somebody else's ids get
            the same answer, so that nobody learns from it which of them it was.
        public: no token needed; then `roles` stays empty.
        versioned: `do` refuses if the object has another version than the ``If-Match`` header says.
    """

    method: str
    path: str
    do: Do
    show: Show
    answer: type[BaseModel]
    summary: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    roles: frozenset[str] = frozenset()
    refusals: tuple[type[Refusal], ...] = ()
    absent: type[NotFound] = NotFound
    public: bool = False
    versioned: bool = False

    def __post_init__(self) -> None:
        if self.public == bool(self.roles):
            raise Fault(f"{self.method} {self.path}: say either public=True or who may call it (roles)")


def _as(model: type[M], value: BaseModel | None) -> M:
    if not isinstance(value, model):
        raise Fault(f"asked for {model.__name__}, but the route read {type(value).__name__}; make both the same")
    return value
