"""The demo's mailbox: the mails that were sent, as pages on each portal's host under ``/demo/mails``."""

from __future__ import annotations

import email
import email.policy
import html
from email.message import EmailMessage
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from crowdcore.base.errors import NotFound

NEWEST = 100

#: A mail brings its own inline styles; it may do nothing else.
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def routes(folder: Path) -> list[Route]:
    """Return the mailbox's routes.

    Args:
        folder: where mails are kept, one folder per partner.
    """

    async def listing(request: Request) -> Response:
        own = folder / request.path_params["partner"]
        names = sorted((path.name for path in own.glob("*.eml")), reverse=True)[:NEWEST]
        rows = "".join(_row(own / name, request.path_params["partner"]) for name in names)
        table = f"<table><tr><th>To</th><th>Subject</th><th></th></tr>{rows}</table>" if rows else "<p>None yet.</p>"
        head = "<!doctype html><meta charset=utf-8><title>Mails</title><h1>Mails of this demo</h1>"
        return HTMLResponse(head + table)

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


def _row(path: Path, partner: str) -> str:
    mail = _parsed(path)
    link = f"/demo/{partner}/mails/{path.stem}"
    return (
        f"<tr><td>{html.escape(str(mail['To']))}</td><td>{html.escape(str(mail['Subject']))}</td>"
        f'<td><a href="{link}.txt">text</a> <a href="{link}.html">HTML</a></td></tr>'
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
