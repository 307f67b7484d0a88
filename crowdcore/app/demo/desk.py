"""The outside world of the demo: a ticket desk as a partner might run one, on a host of its own.

It takes signed cases in, gives them a reference, and answers with signed messages - exactly what a real
system would do, over HTTP. It is no part of the product and is only there in a demo.
"""

from __future__ import annotations

import dataclasses
import html
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest
from pathlib import Path

import httpx2
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from crowdcore.app.demo.start_page import document
from crowdcore.base import clock
from crowdcore.base.ids import new_id

OUTCOMES = ("answer", "take_over", "back_to_friend", "to_crowd", "solved", "closed")

_FIRST = 1001
_SHOWN = 60
_ABOUT = (
    "This plays the ticket system of a partner. Cases arrive here over a signed web hook; "
    "what you send goes back the same way."
)


@dataclass(slots=True)
class Ticket:
    """One case as the desk keeps it."""

    ref: str
    key: str
    case: dict[str, object]
    sent: list[str] = field(default_factory=list)


class Desk:
    """A tiny ticket system; its tickets are in one file."""

    def __init__(self, *, secret: str, portal_url: str, file: Path) -> None:
        """Take the key both sides know, where answers go, and where tickets are kept."""
        self._webhook = Webhook(secret)
        self._portal_url = portal_url
        self._file = file
        known = json.loads(file.read_text()) if file.exists() else []
        self._tickets = {one["key"]: Ticket(**one) for one in known}

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
        if not self._is_signed(request, body):
            return JSONResponse({"error": "no signature fits"}, status_code=401)
        key = request.headers["webhook-id"]
        if key not in self._tickets:
            self._tickets[key] = Ticket(f"T-{len(self._tickets) + _FIRST}", key, json.loads(body))
            self._keep()
        return JSONResponse({"ref": self._tickets[key].ref}, status_code=201)

    async def _list(self, _request: Request) -> Response:
        newest = list(reversed(self._tickets.values()))[:_SHOWN]
        rows = "".join(self._row(ticket) for ticket in newest)
        text = rows or "<p>No ticket yet. Hand a job over to support, and it will appear here.</p>"
        return HTMLResponse(document("en", "Ticket desk", f"<h1>Ticket desk</h1><p>{_ABOUT}</p>{text}"))

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
        self._keep()
        return RedirectResponse("../", status_code=303)  # relative: the desk has two addresses

    def _is_signed(self, request: Request, body: bytes) -> bool:
        """Check the signature; not its age, because the demo's month is made on a clock that is set back."""
        identity, sent = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        if not identity or not sent.isdecimal():
            return False
        expected = self._webhook.sign(identity, datetime.fromtimestamp(int(sent), UTC), body.decode())
        return compare_digest(expected, request.headers.get("webhook-signature", ""))

    def _keep(self) -> None:
        draft = self._file.with_suffix(".tmp")
        draft.write_text(json.dumps([dataclasses.asdict(ticket) for ticket in self._tickets.values()]))
        draft.replace(self._file)

    def _row(self, ticket: Ticket) -> str:
        case = html.escape(json.dumps(ticket.case, ensure_ascii=False, indent=2))
        job = ticket.case.get("job")
        number = html.escape(str(job.get("number"))) if isinstance(job, dict) else ""
        options = "".join(f"<option>{outcome}</option>" for outcome in OUTCOMES)
        sent = html.escape(", ".join(ticket.sent))
        form = (
            f'<form method="post" action="tickets/{ticket.ref}">'
            f'<label>Outcome <select name="outcome">{options}</select></label> '
            '<label>Note <input name="note" value="Please check the cable."></label> <button>Send</button></form>'
        )
        told = f"<p>Sent: {sent}</p>" if sent else ""
        reason = ticket.case.get("reason_name")
        named = reason.get("en") if isinstance(reason, dict) else ticket.case.get("reason")
        summary = html.escape(": ".join(str(part) for part in (named, ticket.case.get("summary")) if part))
        content = f"<p>{summary}</p><details><summary>What was received</summary><pre>{case}</pre></details>"
        return f'<section class="card"><h2>{ticket.ref} · {number}</h2>{content}{told}{form}</section>'
