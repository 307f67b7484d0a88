"""Whole ways through the portals in Chromium, with and without JavaScript, on a phone and on a desk."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from uuid import uuid4

import pytest

from crowdcore.base.text import Language
from crowdcore.partners.service import opened
from crowdcore.plugin.content_exam import Question, QuestionType
from tests.browser.conftest import IN_FULL, PARTNERS, Site
from tests.browser.test_pages import DESK, PHONE
from tests.browser.visitor import Visitor
from tests.kit import BOOKABLE, ZURICH

pytestmark = pytest.mark.journey

STREET = "Bahnhofstrasse 1"


@dataclass(frozen=True, slots=True)
class Look:
    """How a journey is made."""

    partner: str
    language: str
    script: bool
    width: int

    def __str__(self) -> str:
        return f"{self.partner}-{self.language}-{'script' if self.script else 'plain'}-{self.width}"


def looks(turn: int) -> list[Look]:
    """Return how a journey is made: in every way in full; else each partner, language and kind of window once."""
    languages = ("de", "fr", "en")
    if IN_FULL:
        return [Look(*one) for one in itertools.product(PARTNERS, languages, (True, False), (PHONE, DESK))]
    return [
        Look(partner, languages[(number + turn) % 3], (number + turn) % 2 == 0, (PHONE, DESK)[(number + turn) % 2])
        for number, partner in enumerate(PARTNERS)
    ]


@dataclass
class Cast:
    """The people of one journey."""

    site: Site
    look: Look
    number: int

    def opens(self, who: str, *, numbered: bool = True) -> Visitor:
        """Open somebody's window."""
        key = f"{who}{self.number}" if numbered else who
        look = self.look
        return self.site.visitor(look.partner, key, language=look.language, width=look.width, script=look.script)

    def books(self) -> dict:
        """Let the customer book by program; return the job."""
        with self.site.program(self.look.partner, f"customer{self.number}") as customer:
            wish = {
                "service": BOOKABLE[self.look.partner], "place": ZURICH, "street": STREET, "urgent": True,
                "name": "Kim Muster", "phone": "+41791234567",
            }  # fmt: skip
            answer = customer.post("/jobs", json=wish, headers={"idempotency-key": str(uuid4())})
            assert answer.status_code == 201, answer.text
            return answer.json()

    def offer(self, who: str, number: str) -> str:
        """Return the id of somebody's offer for the job with this number, as soon as it is there."""
        with self.site.program(self.look.partner, f"{who}{self.number}") as friend:
            for _attempt in range(200):
                offers = friend.get("/offers").json()["offers"]
                mine = [offer["id"] for offer in offers if offer["number"] == number]
                if mine:
                    return mine[0]
        raise AssertionError(f"{who} was never asked for {number}")

    def job(self, job_id: str) -> dict:
        """Return a job as the partner's staff sees it."""
        with self.site.program(self.look.partner, "agent") as agent:
            return agent.get(f"/jobs/{job_id}").json()

    def accepts(self, friend: Visitor, who: str, number: str) -> None:
        """Let a Friend accept on the page of offers."""
        accept = f"main form[action$='/friend/offers/{self.offer(who, number)}/accept'] button"
        friend.until("/friend/offers", accept)
        assert STREET not in friend.says(), "the street is not shown before somebody accepts"
        friend.press(accept)
        assert STREET in friend.says(), "whoever has the job knows where it is"


@pytest.fixture
def cast(site: Site, newcomers, look: Look) -> Cast:
    return Cast(site, look, next(newcomers[look.partner]))


def book(customer: Visitor, service: str) -> str:
    """Book at once through the pages; return the job's id."""
    customer.go(f"/book/{service}")
    customer.fill(place="8001 Zürich")
    customer.choose(when="now")
    customer.submit()
    customer.fill(street=STREET, phone="079")
    customer.submit()
    assert customer.page.input_value("main [name=street]") == STREET, "nothing that was typed is lost"
    customer.fill(phone="+41 79 123 45 67")
    customer.submit()
    customer.send("/check")
    assert customer.path().startswith("/jobs/"), customer.path()
    return customer.path().removeprefix("/jobs/").partition("?")[0].partition("/")[0]


def work(friend: Visitor, job_id: str) -> None:
    """Call, go, arrive, begin, and report the work as done."""
    path = f"/friend/jobs/{job_id}"
    friend.go(path)
    for step in ("contacted", "on_the_way", "arrived"):
        if friend.has(f"main [name=step][value={step}]"):
            friend.press(f"main [name=step][value={step}]")
    friend.go(path)
    friend.send("/start")
    friend.go(f"{path}/report")
    friend.fill(text="Läuft.")
    friend.submit()
    friend.go(path)
    assert STREET not in friend.says(), "the street is gone once the work is done"


@pytest.mark.parametrize("look", looks(0), ids=str)
def test_from_booking_to_rating(cast: Cast):
    customer, friend = cast.opens("customer"), cast.opens("friend")
    job_id = book(customer, BOOKABLE[cast.look.partner])
    cast.accepts(friend, "friend", cast.job(job_id)["number"])
    work(friend, job_id)
    customer.go(f"/jobs/{job_id}")
    customer.send(f"/jobs/{job_id}/confirm")
    customer.go(f"/jobs/{job_id}/rating")
    customer.choose(stars="5", again="yes")
    customer.submit()
    assert cast.job(job_id)["state"] == "confirmed"
    customer.go(f"/jobs/{job_id}")
    assert "5" in customer.says()
    for one in (customer, friend):
        assert one.errors == []
        one.close()


def answer(learner: Visitor, question: Question) -> None:
    """Answer a question rightly, as somebody would who knows the words on the page."""
    said = Language(learner.language)
    texts = {choice.id: choice.text.in_(said) for choice in question.choices}
    page = learner.page
    if question.type is QuestionType.NUMBER:
        learner.fill(value=str(question.number))
    elif question.type is QuestionType.ORDER:
        for place, choice in enumerate(question.order, start=1):
            page.locator(f"#value-{place}").select_option(label=texts[choice])
    else:
        for choice in question.choices:
            if choice.correct:
                exact = page.locator("main label.p-choice b").get_by_text(choice.text.in_(said), exact=True)
                exact.locator("xpath=ancestor::label").locator("input").check(force=True)
    learner.submit()


@pytest.mark.parametrize("look", looks(1) if IN_FULL else looks(1)[:1], ids=str)
def test_from_exam_to_first_job(cast: Cast):
    portal = opened()[cast.look.partner]
    service = portal.catalog.services[BOOKABLE[cast.look.partner]]
    exam = portal.exams[service.exam]
    learner = cast.opens("learner")
    learner.go("/friend/exams")
    learner.follow(f"/friend/exams/{exam.id}")
    learner.press("main form[method=post] button")
    prompts = {" ".join(one.prompt.in_(cast.look.language).split()): one for one in exam.questions.values()}
    while "/questions/" in learner.path():
        heading = " ".join(learner.page.inner_text("h1").replace("\xad", "").split())
        answer(learner, prompts[heading])
    learner.send("/review")
    assert learner.path().endswith("/result"), learner.path()
    assert learner.has("main a[href$='/friend/offers']"), learner.says()
    cast.accepts(learner, "learner", cast.books()["number"])
    assert learner.errors == []
    learner.close()


@pytest.mark.parametrize("look", looks(2), ids=str)
def test_a_hard_case_is_handed_over_and_comes_back(cast: Cast):
    friend, agent, customer = cast.opens("friend"), cast.opens("agent", numbered=False), cast.opens("customer")
    job = cast.books()
    cast.accepts(friend, "friend", job["number"])
    friend.go(f"/friend/jobs/{job['id']}/hand-over")
    reason = friend.page.locator("main [name=reason]").first.get_attribute("value")
    friend.choose(reason=reason)
    friend.fill(note="Das Lämpchen bleibt rot.")
    friend.submit()
    assert cast.job(job["id"])["state"] == "escalated"
    customer.go(f"/jobs/{job['id']}")
    agent.go(f"/console/jobs/{job['id']}")
    assert "Das Lämpchen bleibt rot." in agent.says(), "nothing is explained twice"
    agent.follow("/hand-back")
    agent.choose(outcome="back_to_friend")
    agent.fill(text="Die Leitung ist wieder frei.")
    agent.submit()
    assert cast.job(job["id"])["state"] == "assigned"
    friend.go(f"/friend/jobs/{job['id']}")
    assert "Die Leitung ist wieder frei." in friend.says()
    assert STREET in friend.says()
    for one in (friend, agent, customer):
        assert one.errors == []
        one.close()


@pytest.mark.parametrize("look", looks(3), ids=str)
def test_an_agent_books_for_somebody_who_calls(cast: Cast):
    agent = cast.opens("agent", numbered=False)
    agent.go("/console/book")
    agent.page.locator("main [name=service]").select_option(BOOKABLE[cast.look.partner])
    agent.fill(place="8001 Zürich", street=STREET, name="Alex Muster", phone="+41 44 123 45 67")
    agent.press("main button[name=do][value=fr]")
    assert agent.page.input_value("main [name=street]") == STREET, "what was typed stays when the caller is French"
    agent.choose(when="now", consent="yes")
    agent.press("main button[name=do][value=book]")
    assert agent.path().startswith("/console/jobs/"), agent.says()
    job = cast.job(re.split(r"[?/]", agent.path().removeprefix("/console/jobs/"))[0])
    assert (job["state"], job["language"]) == ("open", "fr")
    assert agent.errors == []
    agent.close()


def tab_to(visitor: Visitor, selector: str) -> None:
    """Press the tab key until the focus is on something; fail if it never comes there."""
    for _press in range(80):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("css => document.activeElement.matches(css)", selector):
            outline = visitor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none" or "radio" in selector or "checkbox" in selector, f"{selector}: no focus to see"
            return
    raise AssertionError(f"the keyboard never reaches {selector}")


def test_a_booking_with_the_keyboard_alone(site: Site, newcomers):
    visitor = site.visitor("swisscom", f"customer{next(newcomers['swisscom'])}", width=DESK)
    keyboard = visitor.page.keyboard
    visitor.go(f"/book/{BOOKABLE['swisscom']}")

    def type_into(name: str, text: str) -> None:
        tab_to(visitor, f"[name={name}]")
        keyboard.press("Control+A")
        keyboard.type(text)

    def go_on(selector: str) -> None:
        tab_to(visitor, selector)
        with visitor.page.expect_navigation(wait_until="load"):
            keyboard.press("Enter")

    type_into("place", "8001 Zürich")
    keyboard.press("Escape")
    tab_to(visitor, "[name=when][type=radio]")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowUp")
    visitor.page.evaluate("document.querySelector('[name=when][value=now]').focus()")
    keyboard.press("Space")
    go_on("#main-form button:not([name])")
    type_into("street", STREET)
    type_into("phone", "+41 79 123 45 67")
    go_on("#main-form button:not([name])")
    go_on("form[action$='/check'] button")
    assert visitor.path().startswith("/jobs/")
    assert visitor.errors == []
    visitor.close()
