"""Two towns, one per partner, built the same way: every kind of person, jobs in every state, and in every
text somebody typed a word that betrays whose it is.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

from crowdcore.accounts import service as accounts
from crowdcore.accounts.models import Challenge
from crowdcore.accounts.rules import Role, challenge_secrets
from crowdcore.db.models import Delivery, OutboxEvent
from crowdcore.db.scope import partner_scope
from crowdcore.partners.service import opened
from crowdcore.settings import secret_key
from tests.kit import BOOKABLE, ZURICH, Person, World, window

WORDS = {"swisscom": "Zwillizk", "energy": "Mrambuk"}
"""What betrays a partner: in names, streets, notes, reports, comments, reasons of its people."""

FAMILY = "heim"
"""Behind the word: a Friend's family name, which is nobody else's business but staff's."""

STREET = "gasse"
"""Behind word and job: the exact address, which few may see and not for long."""


TAG = "<i title="
"""In every text that somebody typed; on a page it must never be a tag."""


@dataclass(frozen=True, slots=True)
class Someone:
    """A person with both ways to prove who they are."""

    key: str
    role: str
    account_id: str
    friend_id: str
    email: str
    token: str
    session: str


@dataclass(frozen=True, slots=True)
class Town:
    """One partner's people and things.

    Args:
        partner: the partner.
        word: its betraying word.
        people: by key; the key of staff is their role.
        ids: what goes into paths and bodies: ``job:open``, ``case:open``, ``friend:anna``, ``service``.
        numbers: numbers of jobs, by key.
    """

    partner: str
    word: str
    people: Mapping[str, Someone]
    ids: Mapping[str, str]
    numbers: Mapping[str, str]

    @property
    def host(self) -> str:
        return f"{self.partner}.localhost"

    def street(self, job: str) -> str:
        """Return the exact address of a job; no other text of the town holds it."""
        return street(self.word, job)

    def text(self, what: str) -> str:
        """Return something a person of this town may type."""
        return typed(self.word, what)

    def with_ids_of(self, other: Town) -> Town:
        """Return this town as seen by somebody who uses the other one's ids."""
        return replace(self, ids=other.ids)

    def with_made_up_ids(self) -> Town:
        """Return this town as seen by somebody who makes ids up."""
        return replace(self, ids={key: _made_up(key) for key in self.ids})


def street(word: str, job: str) -> str:
    return f"{word}{job}{STREET} 7"


def typed(word: str, what: str) -> str:
    """Return a text as nasty as people may make it: it betrays whose it is, and it would be markup."""
    return f"""{word} says {what} {TAG}'"{word}" onclick=x()>{{{{ 7 * 7 }}}} %(brand)s &amp;"""


async def build(world: World, partner: str) -> Town:
    """Let people move in and live through a few jobs."""
    return await _Builder(world, partner).build()


class _Builder:
    def __init__(self, world: World, partner: str) -> None:
        self.world = world
        self.partner = partner
        self.word = WORDS[partner]
        self.ids: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self.people: dict[str, Person] = {}
        self.day = 1

    async def build(self) -> Town:
        await self._people()
        await self._exams()
        await self._past()
        await self._present()
        await self._cases()
        with partner_scope(self.partner):
            await self._sign_ins()
            await self._lost()
            people = {key: await self._someone(key, person) for key, person in self.people.items()}
        return Town(self.partner, self.word, people, self.ids, self.numbers)

    def text(self, what: str) -> str:
        return typed(self.word, what)

    def name(self, first: str) -> str:
        return f"{first}{self.word} {self.word}{FAMILY}"

    async def _people(self) -> None:
        world, partner = self.world, self.partner
        for key, phone in (("cora", "+41791110001"), ("otto", "+41791110002")):
            self.people[key] = await world.customer(partner, name=f"{key.title()} {self.word}", phone=phone)
        for key in ("anna", "beat", "fritz", "sven"):
            self.people[key] = await world.friend(partner, name=self.name(key.title()))
        for key in ("lara", "nico"):  # members who still have to learn
            self.people[key] = await world.friend(partner, name=self.name(key.title()), service=None)
        for role in (Role.AGENT, Role.ADMIN):
            self.people[role.value] = await world.agent(partner, role=role, name=self.name(role.value.title()))
        for key, person in self.people.items():
            if person.friend is not None:
                self.ids[f"friend:{key}"] = str(person.friend.id)
        suspended = {"reason": self.text("suspends")}
        await self.people["admin"].must(f"/roster/{self.ids['friend:sven']}/suspend", suspended)
        elsewhere = {"place": "AT-2500-baden", "email": f"first@{self.word.lower()}.example", "consent": True}
        await self.people["cora"].must("/waiting-list", elsewhere)

    async def _exams(self) -> None:
        portal = opened()[self.partner]
        exam = next(exam for exam in portal.exams.values() if not exam.requires)
        self.ids |= {"group": "region.csv", "exam": exam.id, "service": BOOKABLE[self.partner]}
        self.ids["reason"] = next(iter(portal.settings.escalation))
        self.ids["way"] = portal.triage.questions[portal.triage.start].answers[0].id if portal.triage else "none"
        attempt = await self.people["lara"].must(f"/exams/{exam.id}/attempts", {})
        self.ids["attempt:running"] = attempt["id"]
        place, question = next(
            (place, one) for place, one in enumerate(attempt["questions"], 1) if one["type"] == "single"
        )
        self.ids |= {"question": question["id"], "choice": question["choices"][0]["id"], "place": str(place)}
        self.ids["legal"] = next(iter(portal.settings.legal.pages))
        answer = {"question_id": question["id"], "value": [question["choices"][1]["id"]]}
        await self.people["lara"].must(f"/attempts/{attempt['id']}/answers", answer)
        extra = {"exam": exam.id, "reason": self.text("allows")}
        await self.people["admin"].must(f"/friends/{self.ids['friend:lara']}/exam-attempts", extra)

    async def _past(self) -> None:
        anna, cora = self.people["anna"], self.people["cora"]
        for key in ("done", "confirmed", "rated", "disputed"):
            job = await self._worked(key)
            if key in {"confirmed", "rated"}:
                await cora.must(f"{job}/confirm")
        comment = {"stars": 4, "book_again": True, "comment": self.text("comments")}
        await cora.must(f"/jobs/{self.ids['job:rated']}/rating", comment)
        reason = {"reason": self.text("objects")}
        await cora.must(f"/jobs/{self.ids['job:disputed']}/dispute", reason)
        job = await self._held("cancelled", anna)
        await cora.must(f"{job}/cancel", {"reason": self.text("cancels")})
        await self._book("declined")
        offer = (await self.people["fritz"].read("/offers"))["offers"][0]
        await self.people["fritz"].must(f"/offers/{offer['id']}/decline", {"reason": "price"})
        await cora.must(f"/jobs/{self.ids['job:declined']}/cancel", {})

    async def _present(self) -> None:
        anna, cora, fritz = (self.people[key] for key in ("anna", "cora", "fritz"))
        started = await self._held("started", fritz)
        await fritz.must(f"{started}/start")
        await fritz.must(f"{started}/checklist", {"done": [0]})
        await self._held("assigned", anna)
        price = {"amount": 5000, "currency": "CHF", "reason": self.text("asks for more")}
        await anna.must(f"{await self._held('priced', anna, later=True)}/price", price)
        await cora.must(f"{await self._held('offered', anna, later=True)}/price", price)
        await self._held("ottos", self.people["beat"], customer="otto")
        await self._book("draft", later=True, draft=True)
        for key in ("open", "second"):
            await self._book(key, later=True)
        await self.world.drain()
        for key in ("anna", "beat"):
            for offer in (await self.people[key].read("/offers", all="true"))["offers"]:
                job = next(name for name, number in self.numbers.items() if number == offer["number"])
                self.ids[f"offer:{key}:{job}"] = offer["id"]

    async def _cases(self) -> None:
        beat = self.people["beat"]
        for key in ("escalated", "taken"):
            job = await self._held(key, beat, later=True)
            note = {"reason": self.ids["reason"], "note": self.text("found nothing")}
            self.ids[f"case:{key}"] = (await beat.must(f"{job}/hand-over", note))["case_id"]
            await self.world.drain()
        text = {"text": self.text("takes over")}
        await self.people["agent"].must(f"/cases/{self.ids['case:taken']}/take-over", text)
        await self.world.drain()

    async def _lost(self) -> None:
        """Leave a message that was given up after many tries."""
        now, about = self.world.clock.now(), {"partner_id": self.partner, "topic": "job.opened"}
        event = await OutboxEvent.create(**about, payload={}, audience=[], at=now, expanded_at=now)
        lost = await Delivery.create(**about, event_seq=event.seq, reaction="tell", run_at=now, state="parked")
        self.ids["delivery"] = str(lost.id)

    async def _sign_ins(self) -> None:
        """Leave a link and a code in two mailboxes; what a mail says is derived, not kept."""
        self.ids["secret"] = await accounts.issue_demo_link(account_id=self.people["cora"].account.id)
        await accounts.request_sign_in(email=self.people["otto"].account.email, language="en", browser="another one")
        challenge = await Challenge.get(reusable=False)
        self.ids["code"] = challenge_secrets(key=secret_key(), challenge_id=challenge.id).code

    async def _worked(self, key: str) -> str:
        anna = self.people["anna"]
        job = await self._held(key, anna)
        await anna.must(f"{job}/start")
        await anna.must(f"{job}/report", {"text": self.text("reports")})
        return job

    async def _held(self, key: str, friend: Person, *, customer: str = "cora", later: bool = False) -> str:
        """Book a job and let a Friend take it; return the job's address."""
        await self._book(key, customer=customer, later=later)
        await self.world.take(friend, self.numbers[key])
        return f"/jobs/{self.ids[f'job:{key}']}"

    async def _book(self, key: str, *, customer: str = "cora", later: bool = False, draft: bool = False) -> None:
        wish: dict[str, object] = {"urgent": True}
        if later:
            self.day += 1
            wish = {"wishes": [window(self.world.clock.now() + timedelta(days=self.day))]}
        body = {
            "service": self.ids["service"],
            "place": ZURICH,
            "street": street(self.word, key),
            "note": self.text("notes"),
            "draft": draft,
            **wish,
        }
        booked = await self.people[customer].must("/jobs", body)
        self.ids[f"job:{key}"], self.numbers[key] = booked["id"], booked["number"]
        if not draft:
            await self.world.drain()

    async def _someone(self, key: str, person: Person) -> Someone:
        link = await accounts.issue_demo_link(account_id=person.account.id)
        session = await accounts.sign_in_by_link(secret=link, browser=None)
        return Someone(
            key=key,
            role=next(iter(person.account.roles)),
            account_id=str(person.account.id),
            friend_id=str(person.friend.id) if person.friend else "",
            email=person.account.email,
            token=person.client.headers["authorization"].removeprefix("Bearer "),
            session=session.secret,
        )


def _made_up(key: str) -> str:
    kind = key.partition(":")[0]
    if kind == "offer":
        return base64.urlsafe_b64encode(uuid4().bytes + uuid4().bytes).decode().rstrip("=")
    return str(uuid4()) if kind in {"job", "case", "friend", "attempt"} else "no-such-thing"
