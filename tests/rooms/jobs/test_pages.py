"""Lists of jobs, beginning the work, and calling off: in a browser."""

import asyncio
from uuid import UUID

from crowdcore.jobs import queries
from crowdcore.jobs.rules import State
from tests.browsing import browser


async def test_a_list_shows_what_is_going_on_and_what_is_over(world, scope):
    customer = await world.customer()
    visitor = await browser(world, person=customer)
    page = await visitor.get("/jobs")
    assert page.h1 == "No job is under way"
    assert "Nothing booked yet" in page.text
    booked = await world.book(customer)
    page = await visitor.get("/jobs")
    assert page.h1 == "One job is under way"
    assert booked["number"] in page.text
    page = await visitor.click(page, "Set up the TV box")
    page = await visitor.click(page, "Withdraw the request")
    assert "Cancelling costs nothing." in page.text
    form = page.form("Withdraw the request")
    answers = await asyncio.gather(*(visitor.post(form, reason="It works again.") for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    page = await visitor.get(f"/jobs/{booked['id']}")
    assert page.h1 == "This job is cancelled"
    assert "It works again." in page.text
    assert [line.action for line in await queries.history(UUID(booked["id"]))].count("cancel") == 1
    page = await visitor.get("/jobs")
    assert "Finished" in page.texts


async def test_work_begins_once_and_not_before_its_time(world, scope):
    customer, anna = await world.customer(), await world.friend()
    booked = await world.book(
        customer, urgent=False, wishes=[{"start": "2026-11-23T17:00:00Z", "end": "2026-11-23T19:00:00Z"}]
    )
    await world.take(anna)
    friend = await browser(world, person=anna)
    path = f"/friend/jobs/{booked['id']}"
    page = await friend.get("/friend/jobs")
    assert page.h1 == "One job is ahead of you"
    page = await friend.send(await friend.get(path), "I am setting out")
    assert "You can begin from today, 5\u00a0pm." in page.text
    assert "Begin the work" not in [label for form in page.forms for label in form.buttons]
    world.clock.advance(hours=7)
    form = (await friend.get(path)).form("Begin the work")
    answers = await asyncio.gather(*(friend.post(form) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert (await queries.job(UUID(booked["id"]))).state is State.UNDER_WAY


async def test_the_free_time_to_cancel_is_said_as_a_time(world, scope):
    customer, anna = await world.customer(), await world.friend()
    booked = await world.book(
        customer, urgent=False, wishes=[{"start": "2026-11-23T17:00:00Z", "end": "2026-11-23T19:00:00Z"}]
    )
    await world.take(anna)
    visitor = await browser(world, person=customer)
    page = await visitor.get(f"/jobs/{booked['id']}")
    assert "Cancel, at no cost until today, 4\u00a0pm" in page.links
    world.clock.advance(hours=6, minutes=1)
    page = await visitor.get(f"/jobs/{booked['id']}")
    assert "Cancel, your Friend may charge for the journey" in page.links


async def test_staff_call_off_for_somebody_and_say_why(world, scope):
    customer = await world.customer()
    booked = await world.book(customer)
    agent = await browser(world, person=await world.agent())
    page = await agent.click(await agent.get(f"/console/jobs/{booked['id']}"), "Call the job off")
    wrong = await agent.send(page, "Call the job off")
    assert wrong.status == 422
    page = await agent.send(wrong, "Call the job off", reason="Called by the customer.")
    assert "cancelled" in page.h1
    assert "Called by the customer." in page.text
