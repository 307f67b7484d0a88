"""PageRoute: one page of the site, as a room's pages_*.py list it, and the ASGI endpoint of its path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crowdcore.base.errors import Fault, NotFound
from crowdcore.web.context import Visit, read_id
from crowdcore.web.forms import CSRF_FIELD, is_form, posted
from crowdcore.web.kept import (
    SWITCH_FIELD,
    SessionOver,
    Typed,
    forget,
    kept_from,
    restored,
    typed_of,
)
from crowdcore.web.menu import waiting_of
from crowdcore.web.operation import MethodNotAllowed
from crowdcore.web.security import CsrfFailed, check_token

PageHandler = Callable[[Request, Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRoute:
    """One page: ``PageRoute(method="GET", path="/jobs/{job_id}", handler=show_job, roles=CUSTOMERS)``.

    Args:
        method: GET or POST. A POST reads a form with the hidden fields ``_csrf`` and ``_key``.
        path: path without the language prefix, which is added when the site is put together. In handlers,
            ids in paths are read with ``read_id(request.path_params["job_id"])``.
        handler: ``async def handler(request, visit) -> Response``.
        roles: who may come in: holders of one of these roles.
        public: everybody may come in; then `roles` stays empty.
        known: looks up the public names in the path (a service, an exam) and refuses unknown ones, before
            anybody is asked to sign in for a page that does not exist.
    """

    method: str
    path: str
    handler: PageHandler
    roles: frozenset[str] = frozenset()
    public: bool = False
    known: Callable[[Mapping[str, str]], object] | None = None

    def __post_init__(self) -> None:
        if self.method not in {"GET", "POST"}:
            raise Fault(f"page {self.path}: method {self.method!r} must be GET or POST")
        if self.public == bool(self.roles):
            raise Fault(f"page {self.method} {self.path}: say either public=True or who may come in (roles)")


class PagePath:
    """ASGI endpoint: GET and POST of one path."""

    def __init__(self, routes: Sequence[PageRoute]) -> None:
        """Answer `routes`, which share one path.

        Raises:
            Fault: two routes have the same method.
        """
        self._routes = {route.method: route for route in routes}
        if len(self._routes) != len(routes):
            raise Fault(f"page {routes[0].path}: two routes with the same method")
        known = sorted(self._routes)
        self._allowed = ", ".join(known + (["HEAD"] if "GET" in known else []))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            Refusal: for whoever turns refusals into pages.
        """
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        request, visit = Request(scope, receive), scope["visit"]
        kept = await self._typed_before(request, visit, method)
        route = self._routes.get("GET" if kept is not None else method)
        if route is None:
            raise MethodNotAllowed(allowed=self._allowed)
        if request.path_params["lang"] != visit.language.value:  # /it/... is no page of ours
            raise NotFound
        _check_path(route, request.path_params)
        if route.method == "POST":
            await _check_form(route, request, visit)
        if not route.public:
            visit.require_role(route.roles)
        visit = replace(visit, kept=kept or {}, waiting=await waiting_of(visit))
        response = await route.handler(request, visit)
        if route.method == "POST" and response.status_code == HTTPStatus.SEE_OTHER:
            forget(request, response, visit)
        await response(scope, receive, send)

    async def _typed_before(self, request: Request, visit: Visit, method: str) -> Typed | None:
        """Return what the page is to show in its form; None for a form that is really sent, or a bare POST."""
        if method == "GET":
            return restored(request, visit)
        if method == "POST" and "GET" in self._routes and is_form(request):
            fields = await posted(request)
            return typed_of(fields) if SWITCH_FIELD in fields else None
        return None


def _check_path(route: PageRoute, values: Mapping[str, str]) -> None:
    """Refuse a path that leads nowhere, whoever asks.

    Raises:
        NotFound: an id that none of ours looks like, or an unknown name.
    """
    for name, value in values.items():
        if name.endswith("_id"):
            read_id(value)
    if route.known is not None:
        route.known(values)


async def _check_form(route: PageRoute, request: Request, visit: Visit) -> None:
    """Every form carries the token of the browser it was shown in; what it holds is kept if it is not taken."""
    fields = await posted(request)
    if visit.viewer is None and not route.public:
        raise SessionOver(kept_from(request, visit, fields))
    sent = fields.get(CSRF_FIELD, "")
    try:
        check_token(visit.csrf, sent if isinstance(sent, str) else "")
    except CsrfFailed:
        raise CsrfFailed(kept_from(request, visit, fields)) from None
