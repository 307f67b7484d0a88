"""The outside world of the demo: a ticket desk as a partner might run one, on a host of its own.

It takes signed cases in, gives them a reference, and answers with signed messages - exactly what a real
system would do, over HTTP. It is no part of the product and is only there in a demo.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field

import httpx2
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from crowdcore.base import clock
from crowdcore.base.ids import new_id

OUTCOMES = ("answer", "take_over", "back_to_friend", "to_crowd", "solved", "closed")


@dataclass(slots=True)
class Ticket:
    """One case as the desk keeps it."""

    ref: str
    case: dict[str, object]
    sent: list[str] = field(default_factory=list)


class Desk:
    """A tiny ticket system in memory."""

    def __init__(self, *, secret: str, portal_url: str) -> None:
        """Take the key both sides know, and where answers go."""
        self._webhook = Webhook(secret)
        self._portal_url = portal_url
        self._tickets: dict[str, Ticket] = {}

    def app(self) -> Starlette:
        """Return the desk as an application."""
        return Starlette(
            routes=[
                Route("/", self._list),
                Route("/tickets", self._take, methods=["POST"]),
                Route("/tickets/{ref}", self._answer, methods=["POST"]),
            ]
        )

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        try:
            case = self._webhook.verify(body, dict(request.headers))
        except WebhookVerificationError as error:
            return JSONResponse({"error": str(error)}, status_code=401)
        key = request.headers["webhook-id"]
        ticket = self._tickets.setdefault(key, Ticket(f"T-{len(self._tickets) + 1001}", case))
        return JSONResponse({"ref": ticket.ref}, status_code=201)

    async def _list(self, _request: Request) -> Response:
        rows = "".join(self._row(ticket) for ticket in reversed(self._tickets.values()))
        text = rows or "<p>No ticket yet. Hand a job over to support, and it will appear here.</p>"
        return HTMLResponse(f"<!doctype html><title>Ticket desk</title><h1>Ticket desk (demo)</h1>{text}")

    async def _answer(self, request: Request) -> Response:
        form = await request.form()
        ticket = next((t for t in self._tickets.values() if t.ref == request.path_params["ref"]), None)
        if ticket is None:
            return JSONResponse({"error": "no such ticket"}, status_code=404)
        message = {
            "case_id": str(ticket.case.get("case_id") or ticket.case.get("id")),
            "outcome": str(form["outcome"]),
            "note": str(form["note"]),
        }
        body = json.dumps(message)
        identity, now = f"msg_{new_id()}", clock.now()
        headers = {
            "webhook-id": identity,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(identity, now, body),
            "content-type": "application/json",
            "host": self._portal_url.split("/")[2],
        }
        path = str(ticket.case.get("reply_path") or "/-/swisscom/hand-back")
        port = self._portal_url.rsplit(":", 1)[-1]
        async with httpx2.AsyncClient(timeout=10) as client:
            answer = await client.post(f"http://127.0.0.1:{port}{path}", content=body, headers=headers)
        ticket.sent.append(f"{message['outcome']}: {answer.status_code}")
        return RedirectResponse("/", status_code=303)

    def _row(self, ticket: Ticket) -> str:
        case = html.escape(json.dumps(ticket.case, ensure_ascii=False, indent=2))
        options = "".join(f"<option>{outcome}</option>" for outcome in OUTCOMES)
        sent = html.escape(", ".join(ticket.sent))
        form = (
            f'<form method="post" action="/tickets/{ticket.ref}">'
            f'<label>Outcome <select name="outcome">{options}</select></label> '
            '<label>Note <input name="note" value="Please check the cable."></label> <button>Send</button></form>'
        )
        return f"<section><h2>{ticket.ref}</h2><pre>{case}</pre><p>{sent}</p>{form}</section>"
