"""Steps on the way, the appointment and the price, in a browser."""

import asyncio

import pytest

from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Milestone
from tests.browsing import browser


@pytest.fixture
async def pair(world):
    """A customer and a Friend with an accepted job, both in their browsers: (customer, Friend, id)."""
    customer, anna = await world.customer(), await world.friend(name="Anna Muster")
    booked = await world.book(customer)
    await world.take(anna)
    return await browser(world, person=customer), await browser(world, person=anna), booked["id"]


async def test_a_step_is_recorded_once_however_often_it_is_clicked(pair, scope):
    _customer, friend, job_id = pair
    form = (await friend.get(f"/friend/jobs/{job_id}")).form("I have called")
    answers = await asyncio.gather(*(friend.post(form, "I have called") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    lines = [line for line in await jobs.history(_uuid(job_id)) if line.action == "milestone"]
    assert [line.reason for line in lines] == ["contacted"]


async def test_a_step_that_was_passed_is_refused_with_the_way_back(pair, scope):
    _customer, friend, job_id = pair
    stale = await friend.get(f"/friend/jobs/{job_id}")
    await friend.send(stale, "I am setting out")
    page = await friend.send(stale, "I have called")
    assert page.status == 409
    assert page.h1 == "This step has been recorded already."
    assert (await friend.click(page, "See how things stand")).h1 == "You are on the way"


async def test_another_time_moves_the_window(pair, scope):
    customer, friend, job_id = pair
    page = await friend.get(f"/friend/jobs/{job_id}/appointment")
    wrong = await friend.send(page, "Confirm the appointment")
    assert wrong.status == 422
    assert "Choose one of the times" in wrong.text
    page = await friend.send(wrong, "Confirm the appointment", when="other", day="2026-11-24", hour="18:30")
    assert page.h1.startswith("You are expected: tomorrow")
    job = await jobs.job(_uuid(job_id))
    assert job.window.start.isoformat() == "2026-11-24T17:30:00+00:00"
    assert set(job.milestones) == {Milestone.CONTACTED, Milestone.APPOINTMENT}
    assert (await customer.get(f"/jobs/{job_id}")).h1.startswith("Anna is coming: tomorrow")


@pytest.mark.parametrize(
    "typed",
    [
        {"when": "7"},
        {"when": "other", "day": "2026-02-30", "hour": "18:00"},
        {"when": "other", "day": "2026-11-24", "hour": "03:17"},
        {"when": "other", "day": "2026-11-20", "hour": "18:00"},
    ],
)
async def test_a_time_that_cannot_be_is_said_at_the_field(pair, scope, typed):
    _customer, friend, job_id = pair
    page = await friend.get(f"/friend/jobs/{job_id}/appointment")
    page = await friend.send(page, "Confirm the appointment", **typed)
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert not (await jobs.job(_uuid(job_id))).milestones


@pytest.mark.parametrize(
    ("amount", "reason", "field", "sentence"),
    [
        ("", "", "amount", "Enter an amount, for example 59.50."),
        ("plenty", "", "amount", "Enter an amount, for example 59.50."),
        ("-5", "", "amount", "Enter an amount, for example 59.50."),
        ("59 EUR", "", "amount", "Enter the amount in CHF."),
        ("99999", "x", "amount", "The price must be between CHF\u00a00.05 and"),
        ("120", "", "reason", "Please say why."),
    ],
)
async def test_a_price_that_cannot_be_is_said_at_its_field(pair, scope, amount, reason, field, sentence):
    _customer, friend, job_id = pair
    page = await friend.get(f"/friend/jobs/{job_id}/price")
    page = await friend.send(page, "Propose the price", amount=amount, reason=reason)
    assert page.status == 422
    assert f"#{field}" in page.links.values()
    assert sentence in page.text
    assert page.form("Propose the price").fields["amount"] == [amount]


async def test_an_answer_counts_once_and_only_for_the_price_that_was_shown(pair, scope):
    customer, friend, job_id = pair
    page = await friend.get(f"/friend/jobs/{job_id}/price")
    await friend.send(page, "Propose the price", amount="84", reason="")
    old = await customer.get(f"/jobs/{job_id}")
    await friend.send(await friend.get(f"/friend/jobs/{job_id}/price"), "Propose the price", amount="94", reason="")
    page = await customer.send(old, "Agree on CHF\u00a084")
    assert (page.status, page.h1) == (409, "The price has changed in the meantime. Please look at it again.")
    page = await customer.click(page, "See how things stand")
    form = page.form("Agree on CHF\u00a094")
    answers = await asyncio.gather(*(customer.post(form, "Agree on CHF\u00a094") for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    job = await jobs.job(_uuid(job_id))
    assert (job.agreed.cents, job.proposal) == (9400, None)


async def test_keeping_the_old_price_keeps_it(pair, scope):
    customer, friend, job_id = pair
    page = await friend.get(f"/friend/jobs/{job_id}/price")
    await friend.send(page, "Propose the price", amount="84", reason="")
    page = await customer.send(await customer.get(f"/jobs/{job_id}"), "Keep the old price")
    assert "Guide price" in page.text
    assert (await jobs.job(_uuid(job_id))).agreed is None


def _uuid(text):
    from uuid import UUID

    return UUID(text)
