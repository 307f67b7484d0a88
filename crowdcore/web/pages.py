"""PageRoute: one page of the site, as a room's pages_*.py list it, and the ASGI endpoint of its path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crowdcore.base.errors import Fault, NotFound
from crowdcore.web.context import Visit
from crowdcore.web.forms import CSRF_FIELD, posted
from crowdcore.web.operation import MethodNotAllowed
from crowdcore.web.security import check_token

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
    """

    method: str
    path: str
    handler: PageHandler
    roles: frozenset[str] = frozenset()
    public: bool = False

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
        route = self._routes.get(method)
        if route is None:
            raise MethodNotAllowed(allowed=self._allowed)
        request, visit = Request(scope, receive), scope["visit"]
        if request.path_params["lang"] != visit.language.value:  # /it/... is no page of ours
            raise NotFound
        if method == "POST":
            await _check_form(request, visit)
        if not route.public:
            visit.require_role(route.roles)
        response = await route.handler(request, visit)
        await response(scope, receive, send)


async def _check_form(request: Request, visit: Visit) -> None:
    """Every form carries the token of the browser it was shown in."""
    sent = (await posted(request)).get(CSRF_FIELD, "")
    check_token(visit.csrf, sent if isinstance(sent, str) else "")
