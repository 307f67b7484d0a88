"""Done, confirmed, or not right: in a browser."""

import asyncio
from uuid import UUID

import pytest

from crowdcore.completion import models
from crowdcore.crowd import queries as crowd
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import State
from tests.browsing import browser


@pytest.fixture
async def scene(world):
    """A job under way: (customer's browser, Friend's browser, id, Friend)."""
    customer, anna = await world.customer(), await world.friend()
    booked = await world.book(customer)
    await world.take(anna)
    friend = await browser(world, person=anna)
    page = await friend.get(f"/friend/jobs/{booked['id']}")
    page = await friend.send(page, "I am setting out")
    await friend.send(page, "Begin the work")
    return await browser(world, person=customer), friend, UUID(booked["id"]), anna.friend


async def _report(friend, job_id):
    return await friend.send(await friend.get(f"/friend/jobs/{job_id}/report"), "Report as done", text="All runs.")


async def test_a_report_needs_a_sentence_and_is_made_once(scene, scope):
    _customer, friend, job_id, _member = scene
    page = await friend.get(f"/friend/jobs/{job_id}/report")
    wrong = await friend.send(page, "Report as done", text="  \n ")
    assert wrong.status == 422
    form = page.form("Report as done")
    answers = await asyncio.gather(*(friend.post(form, text="All runs.") for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert await models.Report.all().count() == 1


async def test_confirming_twice_counts_one_job(scene, scope):
    customer, friend, job_id, member = scene
    await _report(friend, job_id)
    form = (await customer.get(f"/jobs/{job_id}")).form("Confirm the work")
    answers = await asyncio.gather(*(customer.post(form) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert (await crowd.friend(member.id)).jobs_done == 1
    stale = await customer.post(form, _key="another")
    assert stale.status_code == 409
    assert "This has changed in the meantime" in stale.text


async def test_an_objection_goes_to_support_which_decides(world, scene, scope):
    customer, friend, job_id, _member = scene
    await _report(friend, job_id)
    page = await customer.click(await customer.get(f"/jobs/{job_id}"), "Object to it")
    wrong = await customer.send(page, "Send the objection")
    assert wrong.status == 422
    page = await customer.send(wrong, "Send the objection", reason="No picture since this morning.")
    assert page.h1 == "We are looking into your objection"
    agent = await browser(world, person=await world.agent())
    console = await agent.get("/console")
    assert console.h1 == "One thing needs you now."
    page = await agent.click(await agent.get(f"/console/jobs/{job_id}"), "End the objection")
    assert "All runs." in page.text
    wrong = await agent.send(page, "End the objection", reason="Checked on the phone.")
    assert wrong.form("End the objection").fields["reason"] == ["Checked on the phone."]
    await agent.send(wrong, "End the objection", decision="uphold")
    assert (await jobs.job(job_id)).state is State.CONFIRMED
    assert (await customer.get(f"/jobs/{job_id}")).h1 == "Done. How was it?"


async def test_ticks_are_kept_on_the_server_and_come_back_in_the_hand_over(world, scope):
    """A checklist is the holder's alone; what is ticked is written into a hand-over, so that three taps do."""
    customer, anna, beat = await world.customer(), await world.friend(), await world.friend()
    booked = await world.book(customer)
    await world.take(anna, booked["number"])
    visitor = await browser(world, person=anna)
    path = f"/friend/jobs/{booked['id']}"
    page = await visitor.get(path)
    page = await visitor.send(page, "Keep the ticks", done=["0", "2", "99"])
    assert "2 of 4 done" in page.text
    assert page.form("Keep the ticks").fields["done"] == ["0", "2"]
    page = await visitor.send(page, "Keep the ticks", done=["2"])
    assert (await anna.read(f"/jobs/{booked['id']}/checklist")) == {"done": [2]}
    assert (await anna.must(f"/jobs/{booked['id']}/checklist", {"done": [0, 1]})) == {"done": [0, 1]}
    assert (await beat.get(f"/jobs/{booked['id']}/checklist")).status_code == 404
    page = await visitor.click(await visitor.get(path), "Too hard? Hand it over")
    note = page.form("Hand the job over").fields["note"][0]
    assert note.startswith("Done: ")
    assert "Still open: " in note
    page = await visitor.send(page, "Hand the job over", reason="too_complex")
    assert page.h1 == "Support has this job"
    refused = await anna.post(f"/jobs/{booked['id']}/checklist", {"done": []})
    assert refused.status_code == 409
