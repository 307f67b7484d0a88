"""Answers of page handlers: a rendered page, or a redirect after a form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from crowdcore.base.errors import Fault, Refusal
from crowdcore.theming.layout import AccountView, Page, Toast
from crowdcore.theming.templates import MAIN_FORM
from crowdcore.web.context import Visit
from crowdcore.web.menu import area_of, legal_of, menu_of


def page(
    visit: Visit,
    template: str,
    *,
    title: str = "",
    status: int = 200,
    toast: Toast | None = None,
    modules: tuple[str, ...] = (),
    indexable: bool = False,
    **context: object,
) -> Response:
    """Render `template` in the portal's look and the visit's language.

    A `form` among the context that came back with errors makes the page say so in its title; one that is shown
    for the first time holds what was kept of it.

    Args:
        visit: who asks.
        template: name under the templates folder, ``jobs/booked.html``.
        title: what is true now, already translated; templates may set the block ``title`` instead.
        status: HTTP status.
        toast: what was just done.
        modules: static JavaScript modules to load, ``live.js``.
        indexable: search engines may list the page.
        context: values for the template; `visit`, `page` and `account` are always there.
    """
    form = context.get("form")
    if visit.kept and hasattr(form, "holding"):
        context["form"] = form.holding(visit.kept)
    frame = Page(
        title=title,
        path=visit.path,
        query=urlencode(visit.query),
        failed=bool(getattr(context.get("form"), "problems", ())),
        indexable=indexable,
        holds_form=visit.portal.templates.holds_form(template),
        csrf=visit.csrf,
        area=area_of(visit),
        navigation=menu_of(visit),
        legal=legal_of(visit),
        sign_in_path="" if visit.viewer else "/sign-in",
        toast=toast,
        modules=modules,
    )
    html = _rendered(visit, template, frame, context)
    if frame.holds_form and MAIN_FORM not in html:  # not this time: the language switch needs no form
        html = _rendered(visit, template, replace(frame, holds_form=False), context)
    return HTMLResponse(html, status_code=status)


def _rendered(visit: Visit, template: str, frame: Page, context: Mapping[str, object]) -> str:
    return visit.portal.templates.render(
        template, visit.translator, visit=visit, page=frame, account=_account(visit), **context
    )


def refused(visit: Visit, refusal: Refusal, *, back: str) -> Response:
    """Show why something is not possible, with the way back to the page it was tried on.

    Args:
        visit: who asks.
        refusal: what happened; field problems are listed too.
        back: path (without language) of the page that shows how things stand now.
    """
    return page(
        visit,
        "refused.html",
        status=refusal.status,
        code=refusal.code,
        sentence=visit.formats.refusal(refusal),
        problems=[visit.formats.field_problem(problem) for problem in refusal.fields],
        back=local_path(back),
    )


def redirect(visit: Visit, path: str) -> Response:
    """Send the browser to another page of this portal, to be fetched with GET (303).

    Args:
        visit: who asks.
        path: path without the language prefix, ``/jobs/7``.

    Raises:
        Fault: `path` is not a path of this site.
    """
    return RedirectResponse(visit.href(local_path(path)), status_code=303)


def download(content: bytes, *, name: str, content_type: str) -> Response:
    """Return a file for whoever asked, and for no cache.

    Args:
        content: the file.
        name: file name, ASCII.
        content_type: with its parameters.
    """
    return Response(
        content,
        headers={
            "Content-Type": content_type,
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def keep_offline(response: Response, visit: Visit, *, also: Sequence[str] | None = None) -> Response:
    """Let the service worker keep a page of whoever is signed in, until they sign out and for a day at most.

    Args:
        response: the page.
        visit: who asks.
        also: paths (without language) of pages to keep along with it, in place of all such pages kept before;
            None leaves those alone.
    """
    owner = f"offline:{visit.portal.id}:{visit.account_id}"
    response.headers["Offline-Keep"] = hashlib.sha256(owner.encode()).hexdigest()[:16]
    if also is not None:
        response.headers["Offline-Also"] = " ".join(visit.href(local_path(path)) for path in also)
    return response


def local_path(path: str) -> str:
    r"""Return `path` if a browser cannot read it as another site (``//x``, ``/\x``).

    Raises:
        Fault: it could leave the portal.
    """
    if not is_local(path):
        raise Fault(f"redirect to {path!r}: give a path of this portal such as '/jobs/7'")
    return path


def is_local(path: str) -> bool:
    """Say whether `path`, perhaps sent by a browser (``?next=``), stays on this site."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and all("!" <= c <= "~" for c in path)


def _account(visit: Visit) -> AccountView | None:
    if visit.viewer is None:
        return None
    return AccountView(name=visit.viewer.name, roles=visit.viewer.roles, path="/account")
