"""A customer's job when things do not go well: each state says what is true, what comes next, and the way out."""

import json
from datetime import timedelta

from tests.browsing import browser
from tests.kit import window


async def test_nobody_accepts(world):
    customer = await world.customer(name="Frau Bieri")
    visitor = await browser(world, person=customer)
    await world.friend()
    booked = await world.book(customer)
    here = f"/jobs/{booked['id']}"
    page = await visitor.get(here)
    assert page.h1 == "We are asking your neighbourhood"
    assert "You can close this page." in page.text
    assert "data-live" in page.html
    assert 'data-since="' in page.html
    assert "Map: one member within 10 km has been asked" in page.html
    assert page.text.index("We ask further, up to 30 km.") < page.text.index(
        "We get in touch and show you other times."
    )

    await world.advance(minutes=61)
    page = await visitor.get(here)
    assert page.h1 == "Nobody has accepted yet"
    other = await visitor.click(page, "Choose other times")
    assert other.h1 == "Choose other times?"
    assert "at no cost" in other.text

    await world.advance(minutes=120)
    page = await visitor.get(here)
    assert page.h1 == "Nobody was free in time. We take care of it."
    assert "a Pro, another time, or cancel at no cost" in page.text
    await visitor.click(page, "Cancel, at no cost")

    again = await visitor.send(other, "Choose other times")
    assert again.h1 == "Where and when?"
    assert again.form("Continue").fields["place"] == ["8001 Zürich"]
    assert (await visitor.get(here)).h1 == "This job is cancelled"


async def test_a_friend_gives_back_comes_late_or_not_at_all(world):
    customer, anna, beat = await world.customer(), await world.friend(name="Anna"), await world.friend(name="Beat")
    visitor = await browser(world, person=customer)
    begins = world.clock.now() + timedelta(hours=24)
    booked = await world.book(customer, urgent=False, wishes=[window(begins, hours=2)])
    here = f"/jobs/{booked['id']}"
    await world.take(anna)
    page = await visitor.get(here)
    assert page.h1.startswith("Anna is coming: tomorrow")
    assert "at no cost until today" in page.text or "at no cost until tomorrow" in page.text
    assert any(path.endswith("/calendar.ics") for path in page.links.values())
    await anna.must(f"{here}/give-back", {"reason": "Ill."})
    await world.drain()
    page = await visitor.get(here)
    assert page.h1 == "We are asking your neighbourhood again"
    assert "Your Friend had to give the job back." in page.text

    await world.take(beat)
    world.clock.advance(hours=26, minutes=10)
    visitor = await browser(world, person=customer)
    assert (await visitor.get(here)).h1.startswith("Beat is coming")
    world.clock.advance(minutes=10)
    page = await visitor.get(here)
    assert page.h1 == "Beat is late"
    await visitor.click(page, "Ask support now")
    await world.advance(minutes=20)
    page = await visitor.get(here)
    assert page.h1 == "Nobody came. We take care of it."
    assert "You owe nothing for the missed visit." in page.text


async def test_what_is_owed_and_to_whom(world):
    customer, anna = await world.customer(), await world.friend(name="Anna")
    visitor = await browser(world, person=customer)
    booked = await world.book(customer)
    here = f"/jobs/{booked['id']}"
    await world.take(anna)
    await anna.must(f"{here}/price", {"amount": 9900, "currency": "CHF", "reason": "A second device."})
    page = await visitor.get(here)
    assert page.texts[page.texts.index("Difference") - 2 : page.texts.index("New price") + 1] == [
        "Guide price",
        "CHF\u00a089.00",
        "Difference",
        "+\u00a0CHF\u00a010.00",
        "New price",
    ]
    page = await visitor.send(page, "Keep the old price")
    for step in ("start", "report"):
        await anna.must(f"{here}/{step}", {"text": "Done."} if step == "report" else None)
    page = await visitor.get(here)
    assert page.h1 == "Done. Is everything all right?"
    assert "Pay Anna directly" in page.text
    assert "CHF\u00a089.00" in page.text
    await visitor.send(page, "Confirm the work")
    assert (await visitor.get(here)).h1 == "Done. How was it?"


async def test_people_take_their_data_along_and_find_their_job_by_its_number(world):
    customer, stranger = await world.customer(name="Frau Bieri"), await world.customer()
    booked = await world.book(customer, street="Bahnhofstrasse 1", note="Second floor")
    visitor, other = await browser(world, person=customer), await browser(world, person=stranger)
    page = await visitor.get("/account")
    told = json.loads((await visitor.client.get(page.links["Download your data"])).content)
    assert told["account"]["name"] == "Frau Bieri"
    (job,) = told["jobs"]
    assert (job["number"], job["contact"]["street"], job["note"]) == (
        booked["number"],
        "Bahnhofstrasse 1",
        "Second floor",
    )
    assert [line["what"] for line in job["history"]][:2] == ["save_draft", "submit"]
    assert json.loads((await other.client.get("/en/account/data.json")).content)["jobs"] == []
    found = await visitor.get(f"/case?number={booked['number'].lower()}")
    assert found.path == f"/en/jobs/{booked['id']}"
    lost = await other.get(f"/case?number={booked['number']}")
    assert "None of your jobs has this number." in lost.text
