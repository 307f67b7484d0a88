"""Rating in a browser: one job, one rating."""

import asyncio
from uuid import UUID

import pytest

from crowdcore.accounts import queries as accounts
from crowdcore.crowd import queries as crowd
from crowdcore.ratings import models
from tests.browsing import browser


@pytest.fixture
async def scene(world):
    """A job reported done: (customer's browser, id, Friend)."""
    customer, anna = await world.customer(), await world.friend(name="Anna Muster")
    booked = await world.book(customer)
    await world.take(anna)
    for step, body in (("start", None), ("report", {"text": "ok"})):
        await anna.must(f"/jobs/{booked['id']}/{step}", body)
    return await browser(world, person=customer), UUID(booked["id"]), anna.friend


async def test_both_questions_are_asked_and_the_comment_stays(scene, scope):
    customer, job_id, _member = scene
    page = await customer.get(f"/jobs/{job_id}/rating")
    page = await customer.send(page, "Send the rating", comment="Patient and kind")
    assert page.status == 422
    assert {"#stars", "#again"} <= set(page.links.values())
    assert page.form("Send the rating").fields["comment"] == ["Patient and kind"]
    assert "stars" not in page.form("Send the rating").fields  # nothing is chosen beforehand
    page = await customer.send(page, "Send the rating", stars="6", again="yes")
    assert page.status == 422


async def test_three_clicks_are_one_rating(scene, scope):
    customer, job_id, member = scene
    form = (await customer.get(f"/jobs/{job_id}/rating")).form("Send the rating")
    answers = await asyncio.gather(*(customer.post(form, stars="4", again="yes") for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    again = await customer.post(form, stars="1", again="no")
    assert again.status_code == 303
    assert [rating.stars for rating in await models.Rating.all()] == [4]
    assert (await crowd.friend(member.id)).rating_count == 1
    page = await customer.get(f"/jobs/{job_id}/rating")
    assert page.h1 == "Thank you for your rating"
    assert "4 – good" in page.text
    job = await customer.get(f"/jobs/{job_id}")
    assert "Rate the visit" not in job.links


async def test_a_low_mark_promises_a_call(scene, scope):
    customer, job_id, _member = scene
    page = await customer.get(f"/jobs/{job_id}/rating")
    page = await customer.send(page, "Send the rating", stars="2", again="no")
    assert "Somebody calls you within one working day." in page.text


async def test_before_the_work_is_done_there_is_nothing_to_rate(world, scope):
    customer = await world.customer()
    booked = await world.book(customer)
    visitor = await browser(world, person=customer)
    page = await visitor.get(f"/jobs/{booked['id']}/rating")
    assert page.status == 409
    assert "once it is done" in page.text


async def test_a_friend_replies_once_and_the_customer_reads_it(world, scene, scope):
    customer, job_id, member = scene
    page = await customer.get(f"/jobs/{job_id}/rating")
    await customer.send(page, "Send the rating", stars="4", again="yes", comment="Patient and kind")
    anna = await browser(world)
    await anna.sign_in(await accounts.account(member.account_id))
    page = await anna.get("/friend/ratings")
    assert page.h1 == "One rating so far"
    assert "Patient and kind" in page.text
    page = await anna.click(page, "Reply")
    assert (await anna.send(page, "Publish the reply")).status == 422
    form = page.form("Publish the reply")
    answers = await asyncio.gather(*(anna.post(form, text="Thank you, gladly again") for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    again = await anna.get(f"/friend/ratings/{job_id}")
    assert (again.h1, again.forms) == ("You have replied", [])
    second = await anna.post(form, text="Something else")
    assert second.status_code in {409, 422}
    page = await customer.get(f"/jobs/{job_id}/rating")
    assert "Anna replied" in page.text
    assert "Thank you, gladly again" in page.text
    beat = await browser(world, person=await world.friend())
    assert (await beat.get(f"/friend/ratings/{job_id}")).status == 404
