"""A Friend's profile, breaks, and what staff see of the crowd."""

import asyncio

from crowdcore.crowd import queries
from crowdcore.crowd.rules import Standing
from crowdcore.db.models import OutboxEvent
from tests.browsing import browser


async def test_a_break_begins_once_and_ends_again(world, scope):
    anna = await world.friend(name="Anna Muster")
    visitor = await browser(world, person=anna)
    page = await visitor.get("/friend")
    assert page.h1 == "You get offers, Anna"
    assert "Television and sound" in page.text
    form = page.form("Take a break")
    answers = await asyncio.gather(*(visitor.post(form) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert (await queries.friend(anna.friend.id)).standing is Standing.PAUSED
    assert await OutboxEvent.filter(topic="friend.paused").count() == 1
    page = await visitor.get("/friend")
    assert page.h1 == "You are taking a break, Anna"
    page = await visitor.send(page, "Get offers again")
    assert page.h1 == "You get offers, Anna"


async def test_a_friend_without_an_exam_is_shown_the_way(world, scope):
    visitor = await browser(world, person=await world.friend(service=None))
    page = await visitor.get("/friend")
    assert "No exam passed yet" in page.text
    exams = await visitor.click(page, "Go to your exams")
    assert exams.h1 == "Exams"


async def test_staff_see_members_but_no_homes(world, scope):
    await world.friend(name="Anna Muster")
    agent = await browser(world, person=await world.agent())
    page = await agent.get("/console/friends")
    assert page.h1 == "One member belongs to your crowd"
    assert "Anna" in page.text
    assert "too few ratings yet" in page.text
    assert "47.3" not in page.html
