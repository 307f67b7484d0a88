"""Answers without a brand: unknown hosts, broken requests, and the health check of the machine."""

from __future__ import annotations

import json
from html import escape
from http import HTTPStatus

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from crowdcore.base.errors import Refusal
from crowdcore.base.text import Text
from crowdcore.db import outbox
from crowdcore.web.arrival import API, CALLBACKS
from crowdcore.web.problems import PROBLEM_TYPE, headers_of, values_of

_SENTENCES = {
    421: Text(
        de="Unter dieser Adresse gibt es hier nichts. Bitte prüfen Sie, ob sie richtig geschrieben ist.",
        fr="Il n’y a rien ici à cette adresse. Veuillez vérifier qu’elle est bien écrite.",
        en="There is nothing here under this address. Please check that it is spelled correctly.",
    ),
    500: Text(
        de="Bei uns ist etwas schiefgegangen. Bitte versuchen Sie es später noch einmal.",
        fr="Une erreur s’est produite de notre côté. Veuillez réessayer plus tard.",
        en="Something went wrong on our side. Please try again later.",
    ),
}
_OTHERWISE = Text(
    de="Diese Anfrage kann nicht beantwortet werden.",
    fr="Il n’est pas possible de répondre à cette demande.",
    en="This request cannot be answered.",
)


def refusal(scope: Scope, refused: Refusal, request_id: str) -> Response:
    """Return a refusal of a request that belongs to no portal: in all languages, without any mark."""
    if scope["path"].startswith((API, CALLBACKS)):
        return _problem(refused, request_id)
    return HTMLResponse(
        _in_all_languages(_SENTENCES.get(refused.status, _OTHERWISE)),
        status_code=refused.status,
        headers={**headers_of(refused), "Cache-Control": "no-store"},
    )


def fault(request_id: str) -> Response:
    """Return the answer to a request that failed before its portal was known."""
    body = _in_all_languages(_SENTENCES[500], reference=request_id)
    return HTMLResponse(body, status_code=500, headers={"Cache-Control": "no-store"})


def document(language: str, title: str, *sentences: str) -> str:
    """Return a small page that needs no template."""
    body = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return (
        f'<!doctype html><html lang="{escape(language)}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1>{body}</html>"
    )


async def health() -> Response:
    """Return whether this process can serve, and how much work waits."""
    waiting, parked = await outbox.backlog()
    body = {"status": "ok", "deliveries_waiting": waiting, "deliveries_parked": parked}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _in_all_languages(text: Text, *, reference: str = "") -> str:
    sentences = [text.de, text.fr, text.en]
    return document("de", "…", *sentences, *([reference] if reference else []))


def _problem(refused: Refusal, request_id: str) -> Response:
    body: dict[str, object] = {
        **values_of(refused),
        "type": f"urn:problem:{refused.code}",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "code": refused.code,
        "detail": refused.message % refused.params if refused.params else refused.message,
        "errors": [],
        "request_id": request_id,
    }
    return Response(json.dumps(body), status_code=refused.status, media_type=PROBLEM_TYPE, headers=headers_of(refused))
