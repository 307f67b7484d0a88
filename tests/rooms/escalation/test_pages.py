"""Handing over and back in a browser: Friend, customer and support read the same case."""

import asyncio
from uuid import UUID

import pytest

from crowdcore.escalation import models, queries
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import State
from tests.browsing import browser

NOTE = "Line light is red, router restarted twice."


@pytest.fixture
async def scene(world):
    """An accepted job: (customer's, Friend's and an agent's browser, id)."""
    customer, anna = await world.customer(), await world.friend(name="Anna Muster")
    booked = await world.book(customer)
    await world.take(anna)
    agent = await world.agent(name="Agent One")
    return (
        await browser(world, person=customer),
        await browser(world, person=anna),
        await browser(world, person=agent),
        UUID(booked["id"]),
    )


async def hand_over(friend, job_id):
    page = await friend.get(f"/friend/jobs/{job_id}/hand-over")
    return await friend.send(page, "Hand the job over", reason="line_fault", note=NOTE)


async def test_a_hand_over_needs_reason_and_note_and_opens_one_case(scene, scope):
    _customer, friend, _agent, job_id = scene
    page = await friend.get(f"/friend/jobs/{job_id}/hand-over")
    wrong = await friend.send(page, "Hand the job over", note=NOTE)
    assert wrong.status == 422
    assert wrong.form("Hand the job over").fields["note"] == [NOTE]
    wrong = await friend.send(page, "Hand the job over", reason="made_up", note=NOTE)
    assert "Choose one of the listed reasons." in wrong.text
    form = page.form("Hand the job over")
    answers = await asyncio.gather(*(friend.post(form, reason="line_fault", note=NOTE) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert await models.Case.all().count() == 1


async def test_everybody_reads_the_answer_and_nobody_explains_twice(scene, scope):
    customer, friend, agent, job_id = scene
    page = await hand_over(friend, job_id)
    assert page.h1 == "Support has this job"
    console = await agent.get("/console")
    assert console.h1 == "One thing needs you now."
    assert "The line is faulty" in console.text
    assert "answer by today" in console.text
    page = await agent.click(console, "Open")
    assert NOTE in page.text
    page = await agent.click(page, "Answer")
    form = page.form("Send the answer")
    await asyncio.gather(*(agent.post(form, text="Unplug it for ten minutes.") for _ in range(3)))
    assert await models.CaseMessage.filter(outcome="answer").count() == 1
    for visitor, path in ((customer, f"/jobs/{job_id}"), (friend, f"/friend/jobs/{job_id}")):
        shown = await visitor.get(path)
        assert "Unplug it for ten minutes." in shown.text
    assert (await customer.get(f"/jobs/{job_id}")).h1 == "Our support takes care of it"


@pytest.mark.parametrize(
    ("outcome", "state", "headline"),
    [
        ("back_to_friend", State.ASSIGNED, "Call now and confirm the appointment"),
        ("to_crowd", State.OPEN, None),
        ("solved", State.DONE, None),
        ("closed", State.CANCELLED, None),
    ],
)
async def test_a_case_ends_in_one_of_four_ways(scene, scope, outcome, state, headline):
    _customer, friend, agent, job_id = scene
    await hand_over(friend, job_id)
    page = await agent.click(await agent.get(f"/console/jobs/{job_id}"), "End the case")
    wrong = await agent.send(page, "End the case", text="Done.")
    assert wrong.status == 422
    form = wrong.form("End the case")
    answers = await asyncio.gather(*(agent.post(form, outcome=outcome) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert (await jobs.job(job_id)).state is state
    assert await queries.open_case_of(job_id) is None
    if headline:
        assert (await friend.get(f"/friend/jobs/{job_id}")).h1 == headline
    else:
        assert (await friend.get(f"/friend/jobs/{job_id}")).status == 404


async def test_a_case_comes_back_at_the_time_the_friend_agreed_on_whatever_their_hours_are(scene, scope):
    _customer, friend, agent, job_id = scene
    await friend.send(await friend.get("/friend/edit"), "Save", hours="sun.night")
    await hand_over(friend, job_id)
    page = await agent.click(await agent.get(f"/console/jobs/{job_id}"), "End the case")
    assert (await agent.post(page.form("End the case"), outcome="back_to_friend", text="Done.")).status_code == 303
    assert (await jobs.job(job_id)).state is State.ASSIGNED


async def test_a_colleague_sees_that_somebody_works_on_it(world, scene, scope):
    _customer, friend, agent, job_id = scene
    await hand_over(friend, job_id)
    colleague = await browser(world, person=await world.agent(name="Agent Two"))
    stale = await colleague.get(f"/console/jobs/{job_id}")
    await agent.send(await agent.get(f"/console/jobs/{job_id}"), "Take the case over")
    page = await colleague.send(stale, "Take the case over")
    assert (page.status, page.h1) == (409, "A colleague has taken this case over.")
    page = await colleague.click(page, "See how things stand")
    assert "taken over" in page.text
    assert "Take the case over" not in [label for form in page.forms for label in form.buttons]


async def test_giving_back_searches_again_without_whoever_gave_back(world, scene, scope):
    customer, friend, _agent, job_id = scene
    beat = await world.friend(name="Beat Beispiel")
    page = await friend.get(f"/friend/jobs/{job_id}/give-back")
    form = page.form("Give the job back")
    answers = await asyncio.gather(*(friend.post(form, reason="I have fallen ill.") for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    await world.drain()
    job = await jobs.job(job_id)
    assert (job.state, job.releases) == (State.OPEN, 1)
    page = await customer.get(f"/jobs/{job_id}")
    assert page.h1 == "We are asking your neighbourhood again"
    assert "I have fallen ill." in page.text
    assert (await friend.get("/friend/offers")).h1 == "No new offer"
    other = await browser(world, person=beat)
    assert (await other.get("/friend/offers")).h1 == "One new offer"
    assert (await friend.get(f"/friend/jobs/{job_id}")).status == 404


async def test_staff_assign_by_hand_only_who_may_do_it(world, scene, scope):
    _customer, friend, agent, job_id = scene
    beat = await world.friend(name="Beat Beispiel")
    lena = await world.friend(name="Lena Muster", service=None)
    await hand_over(friend, job_id)
    page = await agent.click(await agent.get(f"/console/jobs/{job_id}"), "Assign by hand")
    assert "exam not passed" in page.text
    assert str(lena.friend.id) not in page.html
    wrong = await agent.send(page, "Assign the job")
    assert wrong.status == 422
    form = page.form("Assign the job")
    assert (await agent.post(form, friend=str(lena.friend.id))).status_code == 403
    answers = await asyncio.gather(*(agent.post(form, friend=str(beat.friend.id)) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    job = await jobs.job(job_id)
    assert (job.state, job.assignee_id) == (State.ASSIGNED, beat.friend.id)
    assert (await friend.get(f"/friend/jobs/{job_id}")).status == 404


async def test_a_customer_may_ask_support_too(scene, scope):
    customer, _friend, _agent, job_id = scene
    page = await customer.click(await customer.get(f"/jobs/{job_id}"), "It does not work? Ask support")
    page = await customer.send(page, "Hand over to support", reason="customer_wish", note="Nobody called.")
    assert page.h1 == "Our support takes care of it"
    assert (await queries.open_case_of(job_id)).opened_by == "customer"
