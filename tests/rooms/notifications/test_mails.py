"""Mails and calendar files as they leave: in the recipient's language, in the partner's name, readable everywhere."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from icalendar import Calendar

from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Language
from crowdcore.partners.service import opened
from tests.kit import BOOKABLE, window

PARTNERS = tuple(BOOKABLE)
MOST_BYTES = 15_000
GERMAN = re.compile(r"\b(?:und|Sie|Ihre?|wir|nicht|Auftrag|Uhr)\b")
FRENCH = re.compile(r"\b(?:vous|votre|nous|pas|mission|et)\b")
ENGLISH = re.compile(r"\b(?:the|you|your|and|job|with)\b")
RELATIVE = re.compile(r"\b(?:heute|gestern|demain|aujourd|hier|today|tomorrow|yesterday|Wann: morgen)\b")
OTHERS = {"de": (FRENCH, ENGLISH), "fr": (GERMAN, ENGLISH), "en": (GERMAN, FRENCH)}
OWN = {"de": GERMAN, "fr": FRENCH, "en": ENGLISH}


class _Tags(HTMLParser):
    """Collects the addresses of a mail, and fails for tags that mail programs or people are afraid of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        assert tag not in {"script", "iframe", "form", "img", "link", "object"}, tag
        self.links += [value for name, value in attributes if name in {"href", "src"}]


def _bodies(mail):
    return mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()


def _calendar(mail):
    """Return the appointment in a mail; fail unless type, method and file say the same."""
    [file] = [part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"]
    assert file.get_filename().endswith(".ics")
    calendar = Calendar.from_ical(file.get_content())
    lines = file.get_payload(decode=True).split(b"\r\n")  # RFC 5545, 3.1: CRLF, and folded before the 76th octet
    assert lines[-1] == b""
    assert all(b"\n" not in line and len(line) <= 75 for line in lines)
    assert file["content-type"].params["method"] == calendar["METHOD"]
    [event] = calendar.walk("VEVENT")
    assert not event.errors
    assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "ORGANIZER"} <= event.keys()
    assert all(event.decoded(name).utcoffset() == timedelta() for name in ("DTSTAMP", "DTSTART", "DTEND"))
    return calendar, event


async def _life(world, partner, languages):
    """Let a customer book, a Friend accept, agree on a time and give it back, an agent cancel; return all."""
    customer, friend, agent = (
        await world.customer(partner, language=languages[0]),
        await world.friend(partner),
        await world.agent(partner, language=languages[2]),
    )
    start = world.clock.now() + timedelta(days=1)
    job = await world.book(customer, urgent=False, wishes=[window(start)])
    await world.take(friend)
    await world.drain()
    agreed = window(start + timedelta(hours=3))
    await friend.must(f"/jobs/{job['id']}/contact", {"appointment": agreed})
    await world.drain()
    await friend.must(f"/jobs/{job['id']}/give-back", {"reason": "ill"})
    await world.drain()
    await agent.must(f"/jobs/{job['id']}/cancel", {"reason": "asked by phone"})
    await world.drain()
    return customer, friend, job, start


@pytest.mark.parametrize(("partner", "language"), list(zip(PARTNERS, ("fr", "en", "de"), strict=True)))
async def test_every_mail_is_in_its_reader_s_language_and_the_partner_s_name(world, partner, language):
    customer, friend, job, _ = await _life(world, partner, (language, "en", "de" if language != "de" else "fr"))
    portal = opened()[partner]
    mails = world.mails()
    assert {mail["To"] for mail in mails} == {customer.account.email, friend.account.email}
    for mail in mails:
        speaks = language if mail["To"] == customer.account.email else "en"
        text, html = _bodies(mail)
        assert mail["Content-Language"] == speaks
        assert OWN[speaks].search(text), (mail["Subject"], text)
        for foreign in OTHERS[speaks]:
            assert len(set(foreign.findall(text))) < 2, (mail["Subject"], foreign.findall(text), text)
        assert f'<html lang="{speaks}"' in html
        assert mail["From"].addresses[0].display_name == portal.settings.mail.sender_name
        domain = mail["From"].addresses[0].domain
        assert domain == portal.settings.mail.sender.partition("@")[2]
        assert mail["Message-ID"].endswith(f"@{domain}>")
        assert mail["Auto-Submitted"] == "auto-generated"
        assert len(html.encode()) <= MOST_BYTES
        links = [link for link in _Tags(html).links if not link.startswith("tel:")]
        assert links
        assert all(link.startswith(f"{portal.origin}/{speaks}/") for link in links)
        assert "%(" not in text
        assert "!" not in text
        assert not RELATIVE.search(text), "a mail is read days later"
    guide = Money(job["guide"]["amount"], Currency(job["guide"]["currency"]))
    price = portal.formats[Language(language)].price(guide)
    assert any(price in _bodies(mail)[0] for mail in world.mails(customer.account.email))


async def test_a_calendar_follows_the_job(world):
    customer, friend, job, start = await _life(world, "swisscom", ("fr", "en", "de"))
    for person, kinds in ((customer, ["CONFIRMED", "CONFIRMED", "TENTATIVE", "CANCELLED"]), (friend, None)):
        files = [
            _calendar(mail)
            for mail in world.mails(person.account.email)
            if any(part.get_content_type() == "text/calendar" for part in mail.iter_attachments())
        ]
        events = [event for _, event in files]
        assert [str(event["STATUS"]) for event in events] == (kinds or ["CONFIRMED", "CONFIRMED", "CANCELLED"])
        assert {str(event["UID"]) for event in events} == {f"{job['id']}@swisscom.localhost"}
        numbers = [int(event["SEQUENCE"]) for event in events]
        assert numbers == sorted(set(numbers)), "a later file wins"
        assert events[0].start == start
        assert events[1].start == start + timedelta(hours=3)
        assert events[1].end - events[1].start == timedelta(hours=2)
        for calendar, event in files:
            assert str(calendar["METHOD"]) == ("CANCEL" if event["STATUS"] == "CANCELLED" else "PUBLISH")
            assert str(calendar["PRODID"]).startswith("-//Swisscom Friends//")
            assert str(event["ORGANIZER"]) == "mailto:friends@swisscom-friends.example"
            assert str(event["LOCATION"]).startswith("8001 ")
            assert "Bahnhofstrasse" not in calendar.to_ical().decode()
    assert "réserv" not in str(events[0]["DESCRIPTION"]), "a Friend reads their own language"


async def test_only_what_may_be_switched_off_says_where(world):
    _, friend, _, _ = await _life(world, "swisscom", ("fr", "en", "de"))
    offers = [mail for mail in world.mails() if mail["List-Unsubscribe"]]
    assert offers
    for mail in offers:
        assert mail["To"] == friend.account.email
        assert mail["List-Unsubscribe"] == "<http://swisscom.localhost/en/friend>"
        assert "http://swisscom.localhost/en/friend" in _bodies(mail)[0]


async def test_the_file_can_be_fetched_while_somebody_has_the_job(world):
    from tests.browsing import browser

    customer, friend, other = await world.customer(), await world.friend(), await world.customer()
    job = await world.book(customer)
    pages = await browser(world, person=customer)
    assert (await pages.client.get(f"/fr/jobs/{job['id']}/calendar.ics")).status_code == 404, "nobody has it yet"
    await world.take(friend)
    for person, path, status in ((customer, "", 200), (friend, "/friend", 200), (other, "", 404)):
        pages = await browser(world, person=person)
        answer = await pages.client.get(f"/fr{path}/jobs/{job['id']}/calendar.ics")
        assert answer.status_code == status
        if status == 200:
            assert answer.headers["content-type"] == "text/calendar; charset=utf-8; method=PUBLISH"
            [event] = Calendar.from_ical(answer.content).walk("VEVENT")
            assert f"/fr{path}/jobs/{job['id']}" in str(event["URL"])
