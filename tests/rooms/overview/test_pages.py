"""The whole way in plain forms: a stranger books, a Friend comes, the customer rates."""

import re

import pytest

from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import State
from crowdcore.ratings import queries as ratings
from tests.browsing import browser


async def code_of(world, address):
    await world.drain()
    return re.search(r"\b(\d{6})\b", world.mails(address)[-1]["Subject"])[1]


async def sign_in_on_the_way(world, visitor, page, address):
    page = await visitor.send(page, "Send code", email=address)
    return await visitor.send(page, "Sign in", code=await code_of(world, address))


@pytest.mark.journey
async def test_from_the_home_page_to_the_rating(world, scope):
    anna = await world.friend(name="Anna Muster")
    visitor = await browser(world)
    page = await visitor.get("/")
    page = await visitor.send(page, "Find help", place="8001 Zürich")
    assert "We are active in 8001 Zürich." in page.text
    page = await visitor.click(page, "Set up the TV box")
    page = await visitor.click(page, "Choose a time")
    assert page.h1 == "Where and when?"
    assert page.form("Continue").fields["place"] == ["8001 Zürich"]

    page = await visitor.send(page, "Continue", when="wish", wish=["2026-11-23.evening"])
    assert page.h1 == "How do we reach you?"
    assert "Your choice is kept." in page.text
    page = await sign_in_on_the_way(world, visitor, page, "neu@example.ch")
    assert page.h1 == "Who are you?"
    assert "8001 Zürich" in page.text

    page = await visitor.send(page, "Continue", name="Frau Neu", street="Bahnhofstrasse 1", phone="079 123 45 67")
    assert page.h1 == "Is everything right?"
    assert "079\u00a0123\u00a045\u00a067" in page.text
    assert "self-employed" in page.text
    page = await visitor.send(page, "Ask now, at no cost")
    assert page.h1 == "We are asking your neighbourhood"
    job_path = page.path
    await world.drain()
    page = await visitor.get(job_path)
    assert "Friend has your request" in page.text
    assert "Our support calls you. You decide" in page.text

    friend = await browser(world, person=anna)
    offers = await friend.get("/friend/offers")
    assert offers.h1 == "One new offer"
    assert "Bahnhofstrasse" not in offers.html
    assert "Frau Neu" not in offers.html
    page = await friend.send(offers, "Accept")
    assert "Bahnhofstrasse 1" in page.text
    page = await friend.send(page, "I have called")
    page = await friend.click(page, "Confirm the appointment")
    page = await friend.send(page, "Confirm the appointment", when="0")
    assert page.h1.startswith("You are expected")
    page = await friend.click(page, "Extra work? Propose a price")
    page = await friend.send(page, "Propose the price", amount="84.–", reason="A second device")

    page = await visitor.get(job_path)
    assert page.h1.startswith("Anna is coming: today")
    assert "A second device" in page.text
    page = await visitor.send(page, "Agree on CHF\u00a084")
    assert "Agreed price" in page.text

    world.clock.advance(hours=7)
    await world.drain()
    page = await friend.get(job_path.replace("/jobs/", "/friend/jobs/"))
    page = await friend.send(page, "I am setting out")
    assert (await visitor.get(job_path)).h1 == "Anna is on the way"
    page = await friend.send(page, "I have arrived")
    page = await friend.send(page, "Begin the work")
    page = await friend.click(page, "Report as done")
    page = await friend.send(page, "Report as done", text="Box connected, channels sorted.")
    assert page.h1 == "Reported as done; the customer confirms"
    assert "Bahnhofstrasse" not in page.html

    page = await visitor.get(job_path)
    assert "Box connected, channels sorted." in page.text
    page = await visitor.send(page, "Confirm the work")
    assert page.h1 == "How was it with Anna?"
    page = await visitor.send(page, "Send the rating", stars="5", again="yes", comment="Patient")
    assert page.h1 == "Thank you for your rating"

    job = (await jobs.jobs_of_friend(anna.friend.id))[0]
    assert job.state is State.CONFIRMED
    assert job.agreed.cents == 8400
    assert (await ratings.rating_of(job.id)).stars == 5


async def test_the_home_page_shows_figures_once_there_are_enough(world):
    visitor = await browser(world)
    assert "would book again" not in (await visitor.get("/")).text
    anna = await world.friend()
    for _number in range(5):
        customer = await world.customer()
        booked = await world.book(customer)
        await world.take(anna, booked["number"])
        here = f"/jobs/{booked['id']}"
        await anna.must(f"{here}/start")
        await anna.must(f"{here}/report", {"text": "Done."})
        await customer.must(f"{here}/confirm")
        await customer.must(f"{here}/rating", {"stars": 4, "book_again": _number > 0})
        world.clock.advance(hours=3)
    page = await visitor.get("/")
    figures = page.texts[page.texts.index("of 5 from 5 ratings") :]
    assert figures[:8] == [
        "of 5 from 5 ratings", "4.0", "would book again", "80\u00a0%", "Friend is ready", "1", "town or village", "1",
    ]  # fmt: skip
