"""Pages for everybody: the partner's legal texts, and the page for when there is no network."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.base.errors import Fault, NotFound
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.prose import first_heading, prose
from crowdcore.web.respond import page

IMPRINT = "imprint"
"""The legal page that also says whose data the portal shows."""


async def show_legal(request: Request, visit: Visit) -> Response:
    """One legal page of the portal, in the reader's language."""
    name = request.path_params["name"]
    stem = visit.portal.settings.legal.pages.get(name)
    if stem is None:
        raise NotFound
    heading, text = first_heading(_read(visit.portal.folder / f"{stem}.{visit.language.value}.md"))
    return page(
        visit,
        "partners/legal.html",
        indexable=True,
        heading=heading,
        text=prose(text, top=1),
        credits=name == IMPRINT,
    )


async def show_offline(_request: Request, visit: Visit) -> Response:
    """What the service worker shows without a network; it fetches this page as nobody in particular."""
    return page(visit, "partners/offline.html")


@cache
def _read(path: Path) -> str:
    """Return a text of the plugin; it does not change while the process runs.

    Raises:
        Fault: the file is missing.
    """
    if not path.is_file():
        raise Fault(f"{path} is missing; [legal] of partner.toml names it, and every language needs one")
    return path.read_text(encoding="utf-8")


ROUTES = (
    PageRoute(method="GET", path="/legal/{name}", handler=show_legal, public=True),
    PageRoute(method="GET", path="/offline", handler=show_offline, public=True),
)
