"""A valid request for every operation of the API, for every role that may call it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crowdcore.base import clock
from crowdcore.partners.service import opened
from tests.kit import ZURICH, window
from tests.routes.recipe import NOBODY, Ask, Made, Recipe
from tests.routes.town import Town

ALL = ("cora", "anna", "agent", "admin")
STAFF = ("agent", "admin")


def _says(name: str, what: str, **more: Any) -> Made:
    """Make a body with one text, which holds the town's word."""
    return lambda town: {name: town.text(what), **more}


def _wish(town: Town) -> dict[str, Any]:
    return {
        "service": town.ids["service"],
        "place": ZURICH,
        "street": town.street("new"),
        "wishes": [window(clock.now() + timedelta(days=20))],
        "preferred_friend": town.ids["friend:beat"],
    }


def _wait(_town: Town) -> dict[str, Any]:
    return {"place": "AT-2500-baden", "email": "waits@example.ch", "consent": True}


def _wish_of_caller(town: Town) -> dict[str, Any]:
    return {**_wish(town), "customer": {"name": town.text("caller"), "language": "fr"}}


def _quote(town: Town) -> dict[str, Any]:
    return {"service": town.ids["service"], "place": ZURICH}


def _appointment(_town: Town) -> dict[str, Any]:
    return {"appointment": window(clock.now() + timedelta(hours=1), hours=1)}


def _price(town: Town) -> dict[str, Any]:
    return {"amount": 5500, "currency": "CHF", "reason": town.text("dearer")}


def _answer(town: Town) -> dict[str, Any]:
    return {"question_id": town.ids["question"], "value": [town.ids["choice"]]}


def _tomorrow(_town: Town) -> dict[str, Any]:
    return {"until": (clock.now() + timedelta(days=1)).isoformat()}


def _profile(town: Town) -> dict[str, Any]:
    return {
        "name": town.text("name"),
        "place": ZURICH,
        "radius_km": 10,
        "languages": ["de", "en"],
        "hours": ["mon.evening", "sat.morning"],
    }


def _join(town: Town) -> dict[str, Any]:
    return {**_profile(town), "consent": True}


def _hand_over(town: Town) -> dict[str, Any]:
    return {"reason": town.ids["reason"], "note": town.text("too hard")}


def _allowance(town: Town) -> dict[str, Any]:
    return {"exam": town.ids["exam"], "reason": town.text("once more")}


def _job(key: str) -> dict[str, str]:
    return {"job_id": f"job:{key}"}


def _by(people: tuple[str, ...], job: str, body: Made | None = None) -> tuple[Ask, ...]:
    return tuple(Ask(who=who, path=_job(job), body=body) for who in people)


def _on_case(key: str, body: Made) -> Recipe:
    return Recipe(asks=tuple(Ask(who=who, path={"case_id": f"case:{key}"}, body=body) for who in STAFF))


_OF_ANNA = {"offer": "offer:anna:open"}

_PUBLIC = {
    "GET /services": Recipe(asks=(Ask(who=NOBODY),)),
    "GET /services/{service}": Recipe(asks=(Ask(who=NOBODY, path={"service": "service"}),)),
    "GET /places": Recipe(asks=(Ask(who=NOBODY, query=lambda _: {"q": "8001 Zürich"}),)),
    "GET /quotes": Recipe(asks=(Ask(who=NOBODY, query=_quote),)),
    "GET /triage": Recipe(asks=(Ask(who=NOBODY),)),
    "POST /waiting-list": Recipe(asks=(Ask(who=NOBODY, body=_wait),)),
    "GET /waiting-list": Recipe(asks=tuple(Ask(who=who) for who in STAFF)),
    "GET /ratings/summary": Recipe(asks=(Ask(who=NOBODY),)),
}
_JOBS = {
    "POST /jobs": Recipe(asks=(Ask(who="cora", body=_wish), Ask(who="agent", body=_wish_of_caller))),
    "POST /jobs/{job_id}/submit": Recipe(asks=_by(("cora", "agent"), "draft", lambda _: {}), strangers=("otto",)),
    "GET /jobs": Recipe(asks=tuple(Ask(who=who) for who in ALL)),
    "GET /jobs/{job_id}": Recipe(asks=_by(ALL, "assigned"), strangers=("otto", "beat")),
    "GET /jobs/{job_id}/history": Recipe(asks=_by(STAFF, "assigned")),
    "POST /jobs/{job_id}/cancel": Recipe(
        asks=_by(("cora", *STAFF), "open", _says("reason", "no more")), strangers=("otto",)
    ),
    "POST /jobs/{job_id}/start": Recipe(asks=_by(("anna",), "assigned"), strangers=("beat",)),
    "POST /jobs/{job_id}/contact": Recipe(asks=_by(("anna",), "assigned", _appointment), strangers=("beat",)),
    "POST /jobs/{job_id}/on-the-way": Recipe(asks=_by(("anna",), "assigned"), strangers=("beat",)),
    "POST /jobs/{job_id}/arrive": Recipe(asks=_by(("anna",), "assigned"), strangers=("beat",)),
    "POST /jobs/{job_id}/price": Recipe(asks=_by(("anna", "cora"), "assigned", _price), strangers=("beat", "otto")),
    "POST /jobs/{job_id}/price/accept": Recipe(
        asks=(
            *_by(("cora",), "priced", lambda _: {"amount": 5000, "currency": "CHF"}),
            *_by(("anna",), "offered", lambda _: {"amount": 5000, "currency": "CHF"}),
        ),
        strangers=("beat", "otto"),
    ),
    "POST /jobs/{job_id}/price/decline": Recipe(
        asks=(
            *_by(("cora",), "priced", lambda _: {"amount": 5000, "currency": "CHF"}),
            *_by(("anna",), "offered", lambda _: {"amount": 5000, "currency": "CHF"}),
        ),
        strangers=("beat", "otto"),
    ),
    "POST /jobs/{job_id}/report": Recipe(
        asks=_by(("fritz",), "started", _says("text", "all done")), strangers=("anna",)
    ),
    "POST /jobs/{job_id}/confirm": Recipe(asks=_by(("cora", *STAFF), "done"), strangers=("otto",)),
    "POST /jobs/{job_id}/dispute": Recipe(
        asks=_by(("cora", *STAFF), "confirmed", _says("reason", "not done")), strangers=("otto",)
    ),
    "POST /jobs/{job_id}/decide": Recipe(asks=_by(STAFF, "disputed", _says("reason", "fine", uphold=True))),
    "POST /jobs/{job_id}/rating": Recipe(
        asks=_by(("cora",), "confirmed", _says("comment", "kind", stars=5, book_again=True)),
        strangers=("otto",),
    ),
    "POST /jobs/{job_id}/rating/reply": Recipe(
        asks=_by(("anna",), "rated", _says("text", "thank you")), strangers=("beat",)
    ),
    "GET /jobs/{job_id}/checklist": Recipe(asks=_by(("anna",), "assigned"), strangers=("beat",)),
    "POST /jobs/{job_id}/checklist": Recipe(
        asks=_by(("anna",), "assigned", lambda _: {"done": [0, 1]}), strangers=("beat",)
    ),
    "POST /jobs/{job_id}/hand-over": Recipe(asks=_by(ALL, "assigned", _hand_over), strangers=("otto", "beat")),
    "POST /jobs/{job_id}/give-back": Recipe(
        asks=_by(("anna",), "assigned", _says("reason", "ill")), strangers=("beat",)
    ),
    "POST /jobs/{job_id}/assign": Recipe(asks=_by(STAFF, "open", lambda town: {"friend_id": town.ids["friend:beat"]})),
}
_OFFERS = {
    "GET /offers": Recipe(asks=(Ask(who="anna"),)),
    "GET /offers/{offer}": Recipe(asks=(Ask(who="anna", path=_OF_ANNA),), strangers=("beat",)),
    "POST /offers/{offer}/see": Recipe(asks=(Ask(who="anna", path=_OF_ANNA),), strangers=("beat",)),
    "POST /offers/{offer}/accept": Recipe(asks=(Ask(who="anna", path=_OF_ANNA),), strangers=("beat",)),
    "POST /offers/{offer}/decline": Recipe(
        asks=(Ask(who="anna", path=_OF_ANNA, body=lambda _: {"reason": "no_time"}),), strangers=("beat",)
    ),
}
_CASES = {
    "GET /escalation-reasons": Recipe(asks=tuple(Ask(who=who) for who in ALL)),
    "GET /cases": Recipe(asks=tuple(Ask(who=who) for who in STAFF)),
    "GET /cases/{case_id}": Recipe(asks=tuple(Ask(who=who, path={"case_id": "case:taken"}) for who in STAFF)),
    "POST /cases/{case_id}/answer": _on_case("escalated", _says("text", "try again")),
    "POST /cases/{case_id}/take-over": _on_case("escalated", _says("text", "mine")),
    "POST /cases/{case_id}/hand-back": _on_case("escalated", _says("text", "go on", outcome="back_to_friend")),
}
_ANNA = {"friend_id": "friend:anna"}


def _decides(what: Made) -> Recipe:
    """Return the recipe for a decision about a member, which only admins take."""
    return Recipe(asks=(Ask(who="admin", path=_ANNA, body=what),))


def _grant(town: Town) -> dict[str, Any]:
    service = town.ids["service"]
    portal = next((one for one in opened().values() if service in one.catalog.services), None)
    skill = portal.exams[portal.catalog.services[service].exam].skill if portal else service
    return {"skill": skill, "what": "grant", "reason": town.text("certificate")}


_DESK = {
    "GET /board": Recipe(asks=tuple(Ask(who=who) for who in STAFF)),
    "GET /failures": Recipe(asks=(Ask(who="admin"),)),
    "POST /failures/{delivery_id}/retry": Recipe(asks=(Ask(who="admin", path={"delivery_id": "delivery"}),)),
    "GET /insight/acceptance": Recipe(asks=tuple(Ask(who=who) for who in STAFF)),
    "GET /insight/figures": Recipe(asks=tuple(Ask(who=who, query=lambda _: {"group": "daypart"}) for who in STAFF)),
    "GET /insight/exams": Recipe(asks=tuple(Ask(who=who) for who in STAFF)),
    "GET /insight/exams/{exam}": Recipe(asks=tuple(Ask(who=who, path={"exam": "exam"}) for who in STAFF)),
    "GET /coverage": Recipe(asks=tuple(Ask(who=who) for who in STAFF)),
    "GET /roster": Recipe(asks=tuple(Ask(who=who, query=lambda _: {"sort": "busiest"}) for who in STAFF)),
    "GET /roster/{friend_id}": Recipe(asks=tuple(Ask(who=who, path=_ANNA) for who in STAFF)),
    "POST /roster/{friend_id}/suspend": _decides(_says("reason", "no-shows")),
    "POST /roster/{friend_id}/reinstate": Recipe(
        asks=(Ask(who="admin", path={"friend_id": "friend:sven"}, body=_says("reason", "talked")),)
    ),
    "POST /roster/{friend_id}/qualification": _decides(_grant),
    "POST /roster/{friend_id}/licences": _decides(lambda _: {"licences": []}),
}
_CROWD = {
    "GET /me": Recipe(asks=tuple(Ask(who=who) for who in ALL)),
    "POST /me/pause": Recipe(asks=(Ask(who="anna"),)),
    "POST /me/pause-until": Recipe(asks=(Ask(who="anna", body=_tomorrow),)),
    "POST /me/resume": Recipe(asks=(Ask(who="anna"),)),
    "POST /me/profile": Recipe(asks=(Ask(who="anna", body=_profile),)),
    "GET /me/why": Recipe(asks=(Ask(who="anna"),)),
    "GET /me/ratings": Recipe(asks=(Ask(who="anna"),)),
    "GET /ledger": Recipe(asks=(Ask(who="anna"),)),
    "POST /friends": Recipe(asks=tuple(Ask(who=who, body=_join) for who in ("cora", *STAFF))),
    "GET /friends": Recipe(asks=tuple(Ask(who=who) for who in STAFF)),
    "POST /friends/{friend_id}/exam-attempts": Recipe(
        asks=tuple(Ask(who=who, path={"friend_id": "friend:lara"}, body=_allowance) for who in STAFF)
    ),
    "GET /exams": Recipe(asks=(Ask(who="nico"),)),
    "POST /exams/{exam}/attempts": Recipe(asks=(Ask(who="nico", path={"exam": "exam"}),)),
    "GET /attempts/{attempt_id}": Recipe(
        asks=(Ask(who="lara", path={"attempt_id": "attempt:running"}),), strangers=("nico",)
    ),
    "POST /attempts/{attempt_id}/answers": Recipe(
        asks=(Ask(who="lara", path={"attempt_id": "attempt:running"}, body=_answer),), strangers=("nico",)
    ),
    "POST /attempts/{attempt_id}/submit": Recipe(
        asks=(Ask(who="lara", path={"attempt_id": "attempt:running"}),), strangers=("nico",)
    ),
}

RECIPES: dict[str, Recipe] = {**_PUBLIC, **_JOBS, **_OFFERS, **_CASES, **_DESK, **_CROWD}
