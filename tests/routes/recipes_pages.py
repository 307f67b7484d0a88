"""A valid request for every page and every form; the site is read in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from crowdcore.partners.service import opened
from tests.kit import ZURICH
from tests.routes.recipe import NOBODY, Ask, Made, Recipe
from tests.routes.town import Town

ELSEWHERE = "AT-2500-baden"
"""A place that no portal of the tests serves."""

ALL = ("cora", "anna", "agent", "admin")
STAFF = ("agent", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRecipe(Recipe):
    """A recipe for a page or a form.

    Args:
        absent: status of a thing that is not there.
        keyless: why the form needs no key of its own, if it does not.
        file: content type of what is no page but a file.
    """

    absent: int = 404
    keyless: str = ""
    file: str = ""


def _says(name: str, what: str, **more: Any) -> Made:
    return lambda town: {name: town.text(what), **more}


def _nothing(_town: Town) -> dict[str, Any]:
    return {}


def _place(town: Town) -> dict[str, Any]:
    return {"place": "8001 Zürich", "when": "now"}


def _wait(_town: Town) -> dict[str, Any]:
    return {"place": ELSEWHERE, "email": "waits@example.ch", "consent": "1"}


def _call(town: Town) -> dict[str, Any]:
    return {"place": ZURICH, "when": "now", "name": town.text("caller"), "phone": "031 311 22 33"}


def _who(town: Town) -> dict[str, Any]:
    return {
        "place": ZURICH,
        "when": "now",
        "name": town.text("name"),
        "street": town.street("new"),
        "email": "somebody@example.ch",
        "speaks": "fr",
        "note": town.text("note"),
    }


def _profile(town: Town) -> dict[str, Any]:
    return {
        "name": town.text("name"),
        "place": "8001 Zürich",
        "radius": "10",
        "languages": ["de", "en"],
        "hours": ["mon.evening", "sat.morning"],
        "licences": town.text("licence"),
    }


def _join(town: Town) -> dict[str, Any]:
    return {**_profile(town), "place": ZURICH, "consent": "1"}


def _mask(town: Town) -> dict[str, Any]:
    return {
        **_who(town),
        "service": town.ids["service"],
        "seen": town.ids["service"],
        "place": "8001 Zürich",
        "channel": "call_centre",
        "consent": "yes",
        "do": "book",
    }


def _grant(town: Town) -> dict[str, Any]:
    service = town.ids["service"]
    portal = next((one for one in opened().values() if service in one.catalog.services), None)
    skill = portal.exams[portal.catalog.services[service].exam].skill if portal else service
    return {"skill": skill, "what": "grant", "why": town.text("certificate")}


def _hand_over(town: Town) -> dict[str, Any]:
    return {"reason": town.ids["reason"], "note": town.text("too hard")}


def _code(town: Town) -> dict[str, Any]:
    return {"email": town.people["otto"].email, "code": town.ids["code"]}


def _job(key: str) -> dict[str, str]:
    return {"job_id": f"job:{key}"}


def _asks(people: tuple[str, ...], *, status: int | None = None, **more: Any) -> tuple[Ask, ...]:
    return tuple(Ask(who=who, status=status, **more) for who in people)


def _customer(job: str, body: Made | None = None) -> PageRecipe:
    """Return the recipe for a page of a job of Cora's; for nobody else is there anything."""
    return PageRecipe(asks=_asks(("cora",), path=_job(job), body=body), strangers=("otto", "anna", "agent"))


def _friend(job: str, body: Made | None = None, *, who: str = "anna") -> PageRecipe:
    """Return the recipe for a page of a job that a Friend holds."""
    return PageRecipe(asks=_asks((who,), path=_job(job), body=body), strangers=("beat",))


def _console(path: Mapping[str, str], body: Made | None = None) -> PageRecipe:
    return PageRecipe(asks=_asks(STAFF, path=path, body=body))


_SERVICE = {"service": "service"}
_SECRET = {"secret": "secret"}
_OFFER = {"offer": "offer:anna:open"}
_EXAM = {"exam": "exam"}
_ATTEMPT = {"attempt_id": "attempt:running"}
_QUESTION = {**_ATTEMPT, "place": "place"}
_CASE = {"case_id": "case:escalated"}
_ANNA = {"friend_id": "friend:anna"}
_LOST = {"delivery_id": "delivery"}

_PUBLIC = {
    "GET /": PageRecipe(asks=_asks((NOBODY, "cora"))),
    "GET /services": PageRecipe(asks=_asks((NOBODY,), query=lambda _: {"place": "8001"})),
    "GET /s/{service}": PageRecipe(asks=_asks((NOBODY,), path=_SERVICE)),
    "GET /help": PageRecipe(asks=_asks((NOBODY,))),
    "GET /help/solved": PageRecipe(asks=_asks((NOBODY,))),
    "GET /help/{way}": PageRecipe(asks=_asks((NOBODY,), path={"way": "way"})),
    "GET /waiting-list": PageRecipe(asks=_asks((NOBODY,), query=lambda _: {"place": ELSEWHERE})),
    "POST /waiting-list": PageRecipe(asks=_asks((NOBODY,), body=_wait)),
    "GET /friends": PageRecipe(asks=_asks((NOBODY, "anna"))),
    "GET /friends/join": PageRecipe(asks=_asks((NOBODY,))),
    "POST /friends/join": PageRecipe(
        asks=_asks((NOBODY,), body=lambda _: {"place": "8001 Zürich", "radius": "10"}),
        keyless="it changes nothing; a form because it is long",
    ),
    "GET /friends/join/you": PageRecipe(
        asks=(
            *_asks(("cora", *STAFF), query=lambda _: {"place": ZURICH, "radius": "10"}),
            *_asks(("anna",), status=303),
        )
    ),
    "POST /friends/join/you": PageRecipe(asks=_asks(("cora", *STAFF, "anna"), body=_join)),
    "GET /offline": PageRecipe(asks=_asks((NOBODY,))),
    "GET /legal/{name}": PageRecipe(asks=_asks((NOBODY,), path={"name": "legal"})),
    "GET /sign-in": PageRecipe(asks=_asks((NOBODY,))),
    "POST /sign-in": PageRecipe(asks=_asks((NOBODY,), body=lambda _: {"email": "new@example.ch"})),
    "GET /sign-in/code": PageRecipe(asks=_asks((NOBODY,))),
    "POST /sign-in/code": PageRecipe(asks=_asks((NOBODY,), body=_code)),
    "GET /sign-in/{secret}": PageRecipe(asks=_asks((NOBODY,), path=_SECRET), absent=200),
    "POST /sign-in/{secret}": PageRecipe(asks=_asks((NOBODY,), path=_SECRET, body=_nothing), absent=410),
    "POST /sign-out": PageRecipe(
        asks=_asks(("cora", NOBODY), body=_nothing), keyless="ending a session twice is ending it"
    ),
    "GET /book/{service}": PageRecipe(asks=_asks((NOBODY,), path=_SERVICE)),
    "POST /book/{service}": PageRecipe(
        asks=_asks((NOBODY,), path=_SERVICE, body=_place), keyless="it changes nothing; a form because it is long"
    ),
}
_BOOKING = {
    "GET /account": PageRecipe(asks=_asks(ALL)),
    "GET /account/data.json": PageRecipe(asks=_asks(ALL), file="application/json"),
    "GET /case": PageRecipe(asks=_asks(ALL, status=303, query=lambda _: {"number": "SW-0000000"})),
    "GET /book/{service}/call": PageRecipe(
        asks=_asks((NOBODY,), path=_SERVICE, query=lambda _: {"place": ZURICH, "when": "now"})
    ),
    "POST /book/{service}/call": PageRecipe(asks=_asks((NOBODY,), path=_SERVICE, body=_call)),
    "GET /book/{service}/who": PageRecipe(
        asks=_asks(ALL, path=_SERVICE, query=lambda _: {"place": ZURICH, "when": "now"})
    ),
    "POST /book/{service}/who": PageRecipe(asks=_asks(("cora", "anna"), path=_SERVICE, body=_who)),
    "GET /jobs/{job_id}/check": _customer("draft"),
    "POST /jobs/{job_id}/check": _customer("draft", lambda _: {"guide": 5900}),
    "GET /jobs": PageRecipe(asks=_asks(ALL)),
    "GET /jobs/{job_id}": _customer("assigned"),
    "GET /jobs/{job_id}/calendar.ics": replace(_customer("assigned"), file="text/calendar"),
    "GET /jobs/{job_id}/cancel": _customer("open"),
    "POST /jobs/{job_id}/cancel": _customer("open", _says("reason", "no more")),
    "POST /jobs/{job_id}/price": _customer("priced", lambda _: {"amount": 5000, "answer": "agree"}),
    "POST /jobs/{job_id}/confirm": _customer("done", _nothing),
    "GET /jobs/{job_id}/dispute": _customer("confirmed"),
    "POST /jobs/{job_id}/dispute": _customer("confirmed", _says("reason", "not done")),
    "GET /jobs/{job_id}/rating": _customer("confirmed"),
    "POST /jobs/{job_id}/rating": _customer("confirmed", _says("comment", "kind", stars=5, again="yes")),
    "GET /jobs/{job_id}/hand-over": _customer("assigned"),
    "POST /jobs/{job_id}/hand-over": _customer("assigned", _hand_over),
}
_FRIEND = {
    "GET /friend/offers": PageRecipe(asks=_asks(("anna",))),
    "POST /friend/offers/{offer}/accept": PageRecipe(
        asks=_asks(("anna",), path=_OFFER, body=_nothing), strangers=("beat",)
    ),
    "GET /friend/offers/{offer}/decline": PageRecipe(asks=_asks(("anna",), path=_OFFER), strangers=("beat",)),
    "POST /friend/offers/{offer}/decline": PageRecipe(
        asks=_asks(("anna",), path=_OFFER, body=lambda _: {"reason": "too_far"}), strangers=("beat",)
    ),
    "GET /friend/jobs": PageRecipe(asks=_asks(("anna", "lara"))),
    "POST /friend/jobs/{job_id}/start": _friend("assigned", _nothing),
    "GET /friend/jobs/{job_id}": _friend("assigned"),
    "POST /friend/jobs/{job_id}/checklist": _friend("assigned", lambda _: {"done": ["0", "1"]}),
    "GET /friend/jobs/{job_id}/calendar.ics": replace(_friend("assigned"), file="text/calendar"),
    "POST /friend/jobs/{job_id}/step": _friend("assigned", lambda _: {"step": "on_the_way"}),
    "GET /friend/jobs/{job_id}/appointment": _friend("priced"),
    "POST /friend/jobs/{job_id}/appointment": _friend("priced", lambda _: {"when": "0"}),
    "GET /friend/jobs/{job_id}/price": _friend("assigned"),
    "POST /friend/jobs/{job_id}/price": _friend("assigned", _says("reason", "dearer", amount="55.00")),
    "POST /friend/jobs/{job_id}/price/answer": _friend("offered", lambda _: {"amount": 5000, "answer": "decline"}),
    "GET /friend/jobs/{job_id}/report": _friend("started", who="fritz"),
    "POST /friend/jobs/{job_id}/report": _friend("started", _says("text", "all done"), who="fritz"),
    "GET /friend/jobs/{job_id}/give-back": _friend("assigned"),
    "POST /friend/jobs/{job_id}/give-back": _friend("assigned", _says("reason", "ill")),
    "GET /friend/jobs/{job_id}/hand-over": _friend("assigned"),
    "POST /friend/jobs/{job_id}/hand-over": _friend("assigned", _hand_over),
    "GET /friend": PageRecipe(asks=_asks(("anna", "lara"))),
    "GET /friend/edit": PageRecipe(asks=_asks(("anna", "lara"))),
    "POST /friend/edit": PageRecipe(asks=_asks(("anna",), body=_profile)),
    "GET /friend/why": PageRecipe(asks=_asks(("anna", "lara"))),
    "GET /friend/ledger": PageRecipe(asks=_asks(("anna", "lara"))),
    "GET /friend/ledger/export": PageRecipe(asks=_asks(("anna",)), file="text/csv"),
    "GET /friend/ratings": PageRecipe(asks=_asks(("anna", "lara"))),
    "GET /friend/ratings/{job_id}": _friend("rated"),
    "POST /friend/ratings/{job_id}": _friend("rated", _says("text", "thank you")),
    "POST /friend/pause": PageRecipe(asks=_asks(("anna",), body=_nothing)),
    "POST /friend/resume": PageRecipe(asks=_asks(("anna",), body=_nothing)),
}
_EXAMS = {
    "GET /friend/exams": PageRecipe(asks=_asks(("nico", "lara"))),
    "GET /friend/exams/{exam}": PageRecipe(asks=_asks(("nico", "lara"), path=_EXAM)),
    "POST /friend/exams/{exam}": PageRecipe(asks=_asks(("nico",), path=_EXAM, body=_nothing)),
    "GET /friend/attempts/{attempt_id}": PageRecipe(
        asks=_asks(("lara",), path=_ATTEMPT, status=303), strangers=("nico",)
    ),
    "GET /friend/attempts/{attempt_id}/questions/{place}": PageRecipe(
        asks=_asks(("lara",), path=_QUESTION), strangers=("nico",)
    ),
    "POST /friend/attempts/{attempt_id}/questions/{place}": PageRecipe(
        asks=_asks(("lara",), path=_QUESTION, body=lambda town: {"value": town.ids["choice"]}),
        strangers=("nico",),
        keyless="the same answer twice is one answer",
    ),
    "GET /friend/attempts/{attempt_id}/review": PageRecipe(asks=_asks(("lara",), path=_ATTEMPT), strangers=("nico",)),
    "POST /friend/attempts/{attempt_id}/review": PageRecipe(
        asks=_asks(("lara",), path=_ATTEMPT, body=_nothing), strangers=("nico",)
    ),
    "GET /friend/attempts/{attempt_id}/result": PageRecipe(
        asks=_asks(("lara",), path=_ATTEMPT, status=303), strangers=("nico",)
    ),
}
_STAFF = {
    "GET /console": PageRecipe(asks=_asks(STAFF)),
    "GET /console/jobs/{job_id}": _console(_job("taken")),
    "GET /console/failures": PageRecipe(asks=_asks(("admin",))),
    "POST /console/failures/{delivery_id}": PageRecipe(asks=_asks(("admin",), path=_LOST, body=_nothing)),
    "GET /console/cases": _console({}),
    "GET /console/cases/{case_id}": _console(_CASE),
    "GET /console/cases/{case_id}/answer": _console(_CASE),
    "POST /console/cases/{case_id}/answer": _console(_CASE, _says("text", "try again")),
    "POST /console/cases/{case_id}/take-over": _console(_CASE, _nothing),
    "GET /console/cases/{case_id}/hand-back": _console(_CASE),
    "POST /console/cases/{case_id}/hand-back": _console(_CASE, _says("text", "go on", outcome="to_crowd")),
    "GET /console/jobs/{job_id}/assign": _console(_job("open")),
    "POST /console/jobs/{job_id}/assign": _console(_job("open"), lambda town: {"friend": town.ids["friend:beat"]}),
    "GET /console/jobs/{job_id}/decision": _console(_job("disputed")),
    "POST /console/jobs/{job_id}/decision": _console(_job("disputed"), _says("reason", "fine", decision="uphold")),
    "GET /console/jobs/{job_id}/cancel": _console(_job("open")),
    "POST /console/jobs/{job_id}/cancel": _console(_job("open"), _says("reason", "no more")),
    "GET /console/book": _console({}),
    "POST /console/book": _console({}, _mask),
    "GET /console/jobs/{job_id}/booked": _console(_job("taken")),
    "GET /console/friends": _console({}),
    "GET /console/friends/{friend_id}": _console(_ANNA),
    "POST /console/friends/{friend_id}/standing": PageRecipe(
        asks=_asks(("admin",), path=_ANNA, body=_says("reason", "no-shows", change="suspend"))
    ),
    "POST /console/friends/{friend_id}/qualification": PageRecipe(asks=_asks(("admin",), path=_ANNA, body=_grant)),
    "POST /console/friends/{friend_id}/licences": PageRecipe(asks=_asks(("admin",), path=_ANNA, body=_nothing)),
    "GET /console/coverage": _console({}),
    "GET /console/catalog": _console({}),
    "GET /console/look": _console({}),
    "GET /console/figures": _console({}),
    "GET /console/figures/{group}": replace(_console({"group": "group"}), file="text/csv"),
    "GET /console/exams": _console({}),
    "GET /console/exams/{exam}": _console(_EXAM),
}

RECIPES: dict[str, PageRecipe] = {**_PUBLIC, **_BOOKING, **_FRIEND, **_EXAMS, **_STAFF}
