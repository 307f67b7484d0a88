"""The demo's mailbox: the mails that were sent, as pages on each portal's host under ``/demo/mails``."""

from __future__ import annotations

import email
import email.policy
import html
import re
from email.message import EmailMessage
from itertools import islice
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from crowdcore.app.demo.people import is_made_up
from crowdcore.app.demo.start_page import document
from crowdcore.base.errors import NotFound

NEWEST = 100
LOOKED_AT = 3_000
"""How many of the newest mails are looked through for those that are shown."""

_TO = re.compile(rb"^To: (.*)", re.MULTILINE)
_SCRIPTED = re.compile(r"friend[0-9]+@")

#: A mail brings its own inline styles; it may do nothing else.
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def routes(folder: Path) -> list[Route]:
    """Return the mailbox's routes.

    Args:
        folder: where mails are kept, one folder per partner.
    """

    async def listing(request: Request) -> Response:
        partner, everybody = request.path_params["partner"], "all" in request.query_params
        names = sorted((path.name for path in (folder / partner).glob("*.eml")), reverse=True)[:LOOKED_AT]
        paths = (folder / partner / name for name in names)
        shown = islice((path for path in paths if everybody or not _is_of_crowd(path)), NEWEST)
        rows = "".join(_row(path, partner) for path in shown)
        mails = f'<ul class="mails">{rows}</ul>' if rows else "<p>None yet.</p>"
        link = ("?", "Only those to the printed sign-ins") if everybody else ("?all", "Show everybody’s")
        body = f'<h1>Mails of this demo</h1><p><a href="{link[0]}">{link[1]}</a></p><div class="card">{mails}</div>'
        return HTMLResponse(document("en", "Mails", body))

    async def text(request: Request) -> Response:
        return PlainTextResponse(_part(_read(folder, request), "plain"))

    async def page(request: Request) -> Response:
        answer = HTMLResponse(_part(_read(folder, request), "html"))
        answer.headers["content-security-policy"] = MAIL_POLICY
        return answer

    return [
        Route("/demo/{partner}/mails", listing),
        Route("/demo/{partner}/mails/{name}.txt", text),
        Route("/demo/{partner}/mails/{name}.html", page),
    ]


def _is_of_crowd(path: Path) -> bool:
    """Say whether a mail goes to somebody whom the demo or a script plays; only its head is read."""
    with path.open("rb") as mail:
        found = _TO.search(mail.read(4_000))
    to = found[1].decode("ascii", "replace").strip() if found else ""
    return is_made_up(to) or _SCRIPTED.match(to) is not None


def _row(path: Path, partner: str) -> str:
    mail = _parsed(path)
    link = f"/demo/{partner}/mails/{path.stem}"
    return (
        f'<li><a href="{link}.html">{html.escape(str(mail["Subject"]))}</a>'
        f'<p>{html.escape(str(mail["To"]))} · <a href="{link}.txt">text</a></p></li>'
    )


def _read(folder: Path, request: Request) -> EmailMessage:
    own = folder / request.path_params["partner"]
    wanted = f"{request.path_params['name']}.eml"
    path = next((p for p in own.glob("*.eml") if p.name == wanted), None)
    if path is None:
        raise NotFound
    return _parsed(path)


def _parsed(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
