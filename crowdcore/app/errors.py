"""What a person or a program gets when something is not possible, or broken."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from urllib.parse import quote

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from crowdcore.app import neutral
from crowdcore.base.errors import FieldProblem, Refusal
from crowdcore.i18n.translations import mark as _
from crowdcore.web.arrival import API, CALLBACKS
from crowdcore.web.context import SignInNeeded, Visit
from crowdcore.web.forms import empty_form
from crowdcore.web.kept import keep, kept_of
from crowdcore.web.problems import fault_problem, headers_of, problem
from crowdcore.web.respond import page
from crowdcore.web.security import Kept

_log = logging.getLogger(__name__)

FAULT_MESSAGE = _("Something went wrong on our side. Please try again; if it persists, give support the reference.")

SIGN_IN = "/sign-in"
"""Page that people are sent to who are not signed in; `next` says where they wanted to go."""

_TEMPLATE = "error.html"
_LINK = re.compile(rf"({SIGN_IN})/(?!code$).+")


def answer(scope: Scope, error: Exception) -> Response:
    """Return the answer to a request that ended with `error`.

    A refusal becomes a page in the portal's look, or a problem document for a program. Anything else is
    logged with a reference, and the reference is all that the outside sees of it.
    """
    visit: Visit | None = scope.get("visit")
    request_id: str = scope["request_id"]
    if not isinstance(error, Refusal):
        _log.error("request %s failed: %s %s", request_id, scope["method"], logged_path(scope), exc_info=error)
        return _fault(scope, visit, request_id)
    if visit is None:
        return neutral.refusal(scope, error, request_id)
    if _from_program(scope):
        return problem(error, visit.formats, request_id)
    if (kept := kept_of(error)) is not None:
        return _with_form_kept(visit, error, kept)
    if isinstance(error, SignInNeeded) and scope["method"] in {"GET", "HEAD"}:
        return _to_sign_in(visit, scope)
    response = _page(
        visit,
        status=error.status,
        code=error.code,
        sentence=visit.formats.refusal(error),
        fields=error.fields,
    )
    for name, value in headers_of(error).items():
        if name != "WWW-Authenticate":  # a browser would ask for a password
            response.headers[name] = value
    return response


def logged_path(scope: Scope) -> str:
    """Return the path of a request as logs may keep it: never the query, nor the secret of a mailed link."""
    return _LINK.sub(r"\1/...", scope["path"])


def _from_program(scope: Scope) -> bool:
    """Say whether a program called: the API, or the callback address of a partner's system."""
    path: str = scope["path"]
    return path.startswith((API, CALLBACKS))


def _fault(scope: Scope, visit: Visit | None, request_id: str) -> Response:
    if visit is None:
        return neutral.fault(request_id)
    if _from_program(scope):
        return fault_problem(visit.translator, request_id, FAULT_MESSAGE)
    return _page(visit, status=500, code="internal", sentence=visit.translator.gettext(FAULT_MESSAGE))


def _page(
    visit: Visit, *, status: int, code: str, sentence: str, fields: Sequence[FieldProblem] = (), again: str = ""
) -> Response:
    try:
        response = page(
            visit,
            _TEMPLATE,
            status=status,
            code=code,
            sentence=sentence,
            problems=[visit.formats.field_problem(field) for field in fields],
            reference=visit.request_id,
            again=again,
        )
    except Exception:  # noqa: BLE001 -- the error page itself is broken: say it without the templates
        _log.exception("request %s: the error page failed", visit.request_id)
        brand = visit.portal.settings.name.brand
        text = neutral.document(visit.language.value, brand, sentence, visit.request_id)
        response = HTMLResponse(text, status_code=status)
    response.headers["Content-Language"] = visit.language.value
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _with_form_kept(visit: Visit, error: Refusal, kept: Kept) -> Response:
    """Show the way back to a form that was not taken, and let the browser keep what is in it."""
    jar = Response()
    is_kept = keep(jar, kept, visit)
    if isinstance(error, SignInNeeded):
        form = empty_form(next=kept.page)
        response = page(visit, "accounts/session_over.html", status=error.status, form=form, is_kept=is_kept)
    else:
        response = _page(
            visit, status=error.status, code=error.code, sentence=visit.formats.refusal(error), again=kept.page
        )
    for cookie in jar.headers.getlist("set-cookie"):
        response.headers.append("set-cookie", cookie)
    response.headers["Content-Language"] = visit.language.value
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _to_sign_in(visit: Visit, scope: Scope) -> Response:
    query = scope.get("query_string", b"").decode("ascii", "replace")
    wanted = visit.path + (f"?{query}" if query else "")
    return RedirectResponse(visit.href(f"{SIGN_IN}?next={quote(wanted)}"), status_code=303)
