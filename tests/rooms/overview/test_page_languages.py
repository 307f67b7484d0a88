"""Every page speaks one language: nothing German on a French page, nothing that was never translated."""

import re

import pytest

from crowdcore.partners.queries import portals as opened
from tests.browsing import browser

SAME_WORD = {"Adresse", "Impressum", "Liste", "Profil", "Tessin"}
"""Words that German and French share and English does not."""

_WORDS = re.compile(r"[^\W\d_]{4,}")


@pytest.fixture
async def places(world):
    """Pages in many states: (person or None, paths)."""
    customer, anna = await world.customer(name="Vreni"), await world.friend(name="Anna")
    agent = await world.agent(name="Urs")
    waiting = await world.book(await world.customer(), street="Weg 1")
    given = [line["id"] for line in [waiting]]
    done = await world.book(customer, street="Weg 2")
    await world.take(anna, done["number"])
    await anna.must(f"/jobs/{done['id']}/price", {"amount": 8400, "currency": "CHF"})
    asked = await world.book(customer, street="Weg 3", urgent=False, wishes=[_evening(24)])
    await world.take(anna, asked["number"])
    await anna.must(f"/jobs/{asked['id']}/hand-over", {"reason": "line_fault", "note": "Rot."})
    over = await world.book(customer, street="Weg 4", urgent=False, wishes=[_evening(25)])
    await customer.must(f"/jobs/{over['id']}/cancel", {"reason": "Weg."})
    await world.drain()
    public = ["/", "/services", "/services?kind=fix", "/s/tv-box-setup", "/book/tv-box-setup", "/sign-in"]
    public += ["/sign-in/code?email=a@b.example", "/sign-in/cl_x", "/nothing", "/legal/terms", "/legal/privacy"]
    mine = ["/jobs", "/account", "/book/tv-box-setup/who?place=CH-8001-zurich&when=now", "/console"]
    mine += [f"/jobs/{job['id']}{tail}" for job in (done, asked, over) for tail in ("", "/cancel", "/rating")]
    mine += [f"/jobs/{done['id']}/{tail}" for tail in ("dispute", "hand-over")]
    theirs = ["/friend", "/friend/offers", "/friend/jobs", "/friend/exams"]
    theirs += [f"/friend/jobs/{job['id']}" for job in (done, asked)]
    theirs += [
        f"/friend/jobs/{done['id']}/{tail}" for tail in ("appointment", "price", "report", "give-back", "hand-over")
    ]
    desk = ["/console", "/console?state=open", "/console/friends", "/console/book?service=tv-box-setup"]
    desk += ["/console?view=list", "/console/cases", "/console/coverage", "/console/catalog", "/console/look"]
    desk += ["/console/exams", "/console/exams/tv", "/console/figures?period=today"]
    desk += [f"/console/jobs/{done['id']}/booked", f"/console/friends/{anna.friend.id}"]
    desk += [f"/console/jobs/{job['id']}" for job in (done, asked, over)] + [f"/console/jobs/{given[0]}/assign"]
    desk += [f"/console/jobs/{done['id']}/{tail}" for tail in ("cancel", "decision")]
    return (None, public), (customer, mine), (anna, theirs), (agent, desk)


def _evening(day):
    return {"start": f"2026-11-{day}T17:00:00Z", "end": f"2026-11-{day}T19:00:00Z"}


async def test_no_page_mixes_languages(world, places):
    leftovers = []
    for person, paths in places:
        readers = {language: await browser(world, language=language, person=person) for language in ("de", "fr", "en")}
        for path in paths:
            pages = {language: await reader.get(path) for language, reader in readers.items()}
            assert len({page.status for page in pages.values()}) == 1, path
            assert pages["de"].status < 500, path
            said = {language: set(page.texts) for language, page in pages.items()}
            german = (said["fr"] & said["de"]) - said["en"] - SAME_WORD
            leftovers.extend((path, text) for text in german if _WORDS.search(text))
    assert leftovers == []


async def test_nothing_on_a_page_was_never_translated(world, places):
    for person, paths in places:
        for language in ("de", "fr"):
            reader = await browser(world, language=language, person=person)
            for path in paths:
                await reader.get(path)
    missed = {
        (language.value, message)
        for language, translator in opened()["swisscom"].translators.items()
        for message in translator._missed
    }
    assert missed == set()
