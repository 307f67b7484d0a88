"""Which pictures there are: three brands, three languages, phone and desk, day and night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2

PHONE, DESK = 375, 1280

Where = Callable[["Scene"], str]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture.

    Args:
        name: file name without its ending; says what is on it.
        look: partner, language, width, colour scheme.
        role: who looks; "" for a stranger.
        where: finds the path, without language.
        status: of the answer.
    """

    name: str
    look: tuple[str, str, int, str]
    role: str
    where: Where
    status: int = 200


@dataclass(frozen=True, slots=True)
class Scene:
    """What is found in the demo of one partner.

    Args:
        port: of the demo.
        credentials: of the partner, as `crowdcore demo credentials --json` prints them.
    """

    port: int
    credentials: dict[str, Any]

    def ask(self, role: str, method: str, path: str, **more: Any) -> Any:
        """Return the answer of the JSON API to somebody."""
        token = self.credentials["friends"][0] if role == "friend" else self.credentials[role]
        headers = {
            "host": f"{self.credentials['host']}:{self.port}",
            "authorization": f"Bearer {token}",
            "idempotency-key": str(uuid4()),
        }
        url = f"http://127.0.0.1:{self.port}/api/v1{path}"
        answer = httpx2.request(method, url, headers=headers, timeout=20, **more)
        answer.raise_for_status()
        return answer.json()

    def job(self, role: str, *states: str) -> str:
        """Return the id of somebody's newest job in one of these states; the first state that has one."""
        for state in states:
            found = self.ask(role, "GET", "/jobs", params={"state": state})["jobs"]
            if found:
                return str(found[0]["id"])
        raise LookupError(f"the demo of {self.credentials['host']} has no job {states} of its {role}")

    def booked(self) -> str:
        """Book a job at once for the customer; return its id."""
        wish = {
            "service": self.credentials["service_id"],
            "place": self.credentials["place_id"],
            "street": "Bahnhofstrasse 1",
            "phone": "+41791234567",
            "urgent": True,
        }
        return str(self.ask("customer", "POST", "/jobs", json=wish)["id"])

    def taken(self) -> str:
        """Return the id of a job of the customer that somebody has accepted; book one if there is none."""
        try:
            return self.job("customer", "assigned")
        except LookupError:
            job_id = self.booked()
        number = self.ask("customer", "GET", f"/jobs/{job_id}")["number"]
        for _attempt in range(100):
            for offer in self.ask("friend", "GET", "/offers")["offers"]:
                if offer["number"] == number:
                    self.ask("friend", "POST", f"/offers/{offer['id']}/accept")
                    return job_id
            if self.ask("customer", "GET", f"/jobs/{job_id}")["state"] == "assigned":
                return job_id  # one of the demo's own Friends was faster
        raise LookupError("nobody was asked")

    @property
    def service(self) -> str:
        """The service that most Friends of the demo may do."""
        return str(self.credentials["service_id"])


def at(path: str) -> Where:
    """Return where a fixed path leads; ``{service}`` is filled in."""
    return lambda scene: path.format(service=scene.service)


def of_job(path: str, role: str, *states: str) -> Where:
    """Return the page of somebody's job in one of these states."""
    return lambda scene: path.format(job=scene.job(role, *states))


def _booked(scene: Scene) -> str:
    return f"/jobs/{scene.booked()}"


def _taken(scene: Scene) -> str:
    return f"/jobs/{scene.taken()}"


_SWISSCOM, _ENERGY, _ELECTRONICS = "swisscom", "energy", "electronics"
_EVERY = ("open", "assigned", "under_way", "done", "confirmed", "settled")

SHOTS = (
    Shot("home-swisscom-de-phone", (_SWISSCOM, "de", PHONE, "light"), "", at("/")),
    Shot("home-swisscom-de-desk-night", (_SWISSCOM, "de", DESK, "dark"), "", at("/")),
    Shot("home-energy-fr-desk", (_ENERGY, "fr", DESK, "light"), "", at("/")),
    Shot("home-energy-de-phone-night", (_ENERGY, "de", PHONE, "dark"), "", at("/")),
    Shot("home-electronics-en-desk", (_ELECTRONICS, "en", DESK, "light"), "", at("/")),
    Shot("home-electronics-fr-phone", (_ELECTRONICS, "fr", PHONE, "light"), "", at("/")),
    Shot("service-swisscom-de-phone", (_SWISSCOM, "de", PHONE, "light"), "", at("/s/{service}")),
    Shot("service-electronics-de-desk", (_ELECTRONICS, "de", DESK, "light"), "", at("/s/{service}")),
    Shot("services-energy-fr-phone", (_ENERGY, "fr", PHONE, "light"), "", at("/services")),
    Shot("triage-energy-en-phone", (_ENERGY, "en", PHONE, "light"), "", at("/help")),
    Shot("where-and-when-swisscom-fr-phone", (_SWISSCOM, "fr", PHONE, "light"), "", at("/book/{service}")),
    Shot("search-swisscom-de-phone", (_SWISSCOM, "de", PHONE, "light"), "customer", _booked),
    Shot("search-energy-fr-desk-night", (_ENERGY, "fr", DESK, "dark"), "customer", _booked),
    Shot("found-electronics-de-phone", (_ELECTRONICS, "de", PHONE, "light"), "customer", _taken),
    Shot("found-swisscom-en-desk", (_SWISSCOM, "en", DESK, "light"), "customer", _taken),
    Shot("my-jobs-energy-de-phone", (_ENERGY, "de", PHONE, "light"), "customer", at("/jobs")),
    Shot("become-a-friend-electronics-en-phone", (_ELECTRONICS, "en", PHONE, "light"), "", at("/friends")),
    Shot("offers-swisscom-de-phone", (_SWISSCOM, "de", PHONE, "light"), "friend", at("/friend/offers")),
    Shot("offers-energy-fr-phone-night", (_ENERGY, "fr", PHONE, "dark"), "friend", at("/friend/offers")),
    Shot(
        "friend-job-electronics-de-phone", (_ELECTRONICS, "de", PHONE, "light"), "friend",
        of_job("/friend/jobs/{job}", "friend", "assigned", "under_way", "done", "confirmed", "settled"),
    ),
    Shot("exams-swisscom-fr-desk", (_SWISSCOM, "fr", DESK, "light"), "friend", at("/friend/exams")),
    Shot("ledger-swisscom-de-phone", (_SWISSCOM, "de", PHONE, "light"), "friend", at("/friend/ledger")),
    Shot("profile-energy-en-phone", (_ENERGY, "en", PHONE, "light"), "friend", at("/friend")),
    Shot("console-swisscom-de-desk", (_SWISSCOM, "de", DESK, "light"), "agent", at("/console")),
    Shot("console-energy-fr-desk-night", (_ENERGY, "fr", DESK, "dark"), "agent", at("/console")),
    Shot("console-job-electronics-en-desk", (_ELECTRONICS, "en", DESK, "light"), "agent",
         of_job("/console/jobs/{job}", "agent", "escalated", *_EVERY)),
    Shot("figures-swisscom-de-desk", (_SWISSCOM, "de", DESK, "light"), "admin", at("/console/figures")),
    Shot("coverage-energy-de-desk", (_ENERGY, "de", DESK, "light"), "admin", at("/console/coverage")),
    Shot("book-for-a-caller-electronics-de-desk", (_ELECTRONICS, "de", DESK, "light"), "agent", at("/console/book")),
    Shot("nothing-here-electronics-de-phone-night", (_ELECTRONICS, "de", PHONE, "dark"), "", at("/nothing"), 404),
    Shot("sign-in-energy-fr-phone", (_ENERGY, "fr", PHONE, "light"), "", at("/sign-in")),
)  # fmt: skip
