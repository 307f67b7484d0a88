"""The address at which partners' own support systems answer: signed, without cookies, without a key."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from crowdcore.base import clock
from crowdcore.db import audit
from crowdcore.db.audit import Actor
from crowdcore.escalation import service
from crowdcore.plugin import InboundMessage
from crowdcore.web.operation import MethodNotAllowed
from crowdcore.web.rates import limit


class HandBackPath:
    """ASGI endpoint: a message of a partner's own system, signed; a repeated one changes nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one message with the case and its state.

        Raises:
            Refusal: for whoever turns refusals into problem documents.
        """
        if scope["method"] != "POST":
            raise MethodNotAllowed(allowed="POST")
        request, visit = Request(scope, receive), scope["visit"]
        await limit(visit, "api", actor=f"network:{visit.network}")
        audit.acting_as(Actor(kind="plugin", via="plugin"))
        message = InboundMessage(headers=dict(request.headers), body=await request.body(), received_at=clock.now())
        case = await service.receive(plugin_id=request.path_params["plugin"], message=message)
        response = JSONResponse(
            {"case_id": str(case.id), "state": case.state.value}, headers={"Cache-Control": "no-store"}
        )
        await response(scope, receive, send)
