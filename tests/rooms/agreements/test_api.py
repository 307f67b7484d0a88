"""Steps on the way, appointments, and a price both sides say yes to."""

from datetime import datetime, timedelta

import pytest

from tests.kit import check_problem, window


@pytest.fixture
async def held(world):
    """A job that Anna has accepted, wanted tomorrow."""
    customer, anna = await world.customer(), await world.friend()
    start = world.clock.now() + timedelta(days=1)
    job_id = (await world.book(customer, urgent=False, wishes=[window(start)]))["id"]
    await world.take(anna)
    return customer, anna, job_id


async def test_steps_are_taken_once_and_in_order(held):
    customer, anna, job_id = held
    assert set((await anna.must(f"/jobs/{job_id}/contact", {}))["milestones"]) == {"contacted"}
    check_problem(await anna.post(f"/jobs/{job_id}/contact", {}), 409, "job.milestone_passed")
    await anna.must(f"/jobs/{job_id}/arrive")
    check_problem(await anna.post(f"/jobs/{job_id}/on-the-way"), 409, "job.milestone_passed")
    assert set((await customer.job(job_id))["milestones"]) == {"contacted", "arrived"}
    check_problem(await customer.post(f"/jobs/{job_id}/arrive"), 403, "auth.scope")


async def test_an_appointment_may_follow_the_call(world, held):
    customer, anna, job_id = held
    await anna.must(f"/jobs/{job_id}/contact", {})
    later = window(world.clock.now() + timedelta(days=2), hours=1)
    agreed = await anna.must(f"/jobs/{job_id}/contact", {"appointment": later})
    assert set(agreed["milestones"]) == {"contacted", "appointment"}
    assert (await customer.job(job_id))["window"] == agreed["window"]


async def test_an_appointment_moves_until_the_work_begins_and_the_customer_is_told(world, held):
    customer, anna, job_id = held
    first, second = (window(world.clock.now() + timedelta(days=days), hours=1) for days in (2, 3))
    await anna.must(f"/jobs/{job_id}/contact", {"appointment": first})
    await world.drain()  # what is sent at the same time may arrive in any order
    await anna.must(f"/jobs/{job_id}/on-the-way")
    assert "contact" in (await anna.job(job_id))["actions"]
    moved = await anna.must(f"/jobs/{job_id}/contact", {"appointment": second})
    assert set(moved["milestones"]) == {"contacted", "appointment"}, "nobody is on the way to a later appointment"
    seen = await customer.job(job_id)
    assert [world.clock.now() + timedelta(days=3)] == [datetime.fromisoformat(seen["window"]["start"])]
    await world.drain()
    subjects = [mail["Subject"].partition(":")[0] for mail in world.mails(customer.account.email)]
    assert subjects.index("Appointment agreed") < subjects.index("New time") == len(subjects) - 1
    await world.advance(days=3)
    await anna.must(f"/jobs/{job_id}/start")
    answer = await anna.post(f"/jobs/{job_id}/contact", {"appointment": window(world.clock.now())})
    check_problem(answer, 409, "job.milestone_passed")


async def test_nobody_is_missed_before_the_appointment(world, held):
    customer, anna, job_id = held
    start = world.clock.now() + timedelta(days=3)
    await anna.must(f"/jobs/{job_id}/contact", {"appointment": window(start)})
    await world.advance(days=2)
    assert (await customer.job(job_id))["state"] == "assigned"
    await world.advance(days=1, hours=2, minutes=31)
    missed = await customer.job(job_id)
    assert missed["state"] == "escalated"
    agent = await world.agent()
    assert (await agent.read("/cases"))["cases"][0]["reason"] == "no_show"


@pytest.mark.parametrize(
    ("after_h", "hours", "code"),
    [(24, -1, "window.order"), (-3, 2, "when.past"), (61 * 24, 1, "when.too_far")],
)
async def test_appointments_nobody_can_keep(world, held, after_h, hours, code):
    _, anna, job_id = held
    appointment = window(world.clock.now() + timedelta(hours=after_h), hours=hours)
    answer = await anna.post(f"/jobs/{job_id}/contact", {"appointment": appointment})
    check_problem(answer, 422, code)
    assert (await anna.job(job_id))["milestones"] == {}


async def test_two_appointments_at_one_time(world, held):
    _, anna, job_id = held
    other = await world.customer()
    start = world.clock.now() + timedelta(days=4)
    second = await world.book(other, urgent=False, wishes=[window(start)])
    await world.take(anna, second["number"])
    answer = await anna.post(f"/jobs/{job_id}/contact", {"appointment": window(start)})
    check_problem(answer, 409, "job.overlap")
    await anna.must(f"/jobs/{job_id}/contact", {"appointment": window(start + timedelta(hours=2))})


async def test_a_price_needs_both(held):
    customer, anna, job_id = held
    usual = (await customer.job(job_id))["guide"]["amount"]
    await anna.must(f"/jobs/{job_id}/price", {"amount": usual + 1000, "currency": "CHF"})
    own = await anna.post(f"/jobs/{job_id}/price/accept", {"amount": usual + 1000, "currency": "CHF"})
    check_problem(own, 409, "price.nothing_proposed")
    assert "price/accept" in (await customer.job(job_id))["actions"]
    assert "price/accept" not in (await anna.job(job_id))["actions"]
    stale = await customer.post(f"/jobs/{job_id}/price/accept", {"amount": usual, "currency": "CHF"})
    check_problem(stale, 409, "price.changed")
    declined = await customer.must(f"/jobs/{job_id}/price/decline", {"amount": usual + 1000, "currency": "CHF"})
    assert declined["proposal"] is declined["agreed"] is None
    lower = {"amount": usual - 500, "currency": "CHF", "reason": "Short job."}
    await customer.must(f"/jobs/{job_id}/price", lower)
    agreed = await anna.must(f"/jobs/{job_id}/price/accept", {"amount": usual - 500, "currency": "CHF"})
    assert agreed["agreed"] == {"amount": usual - 500, "currency": "CHF"}
    assert (await customer.job(job_id))["price"] == agreed["agreed"]


@pytest.mark.parametrize(
    ("price", "code"),
    [
        ({"amount": 6000, "currency": "EUR"}, "money.currency"),
        ({"amount": 0, "currency": "CHF"}, "money.range"),
        ({"amount": 99_000_000, "currency": "CHF"}, "money.range"),
        ({"amount": 6001, "currency": "CHF"}, "money.range"),
        ({"amount": 12_000, "currency": "CHF"}, "price.reason_required"),
        ({"amount": "6000", "currency": "CHF"}, "input.invalid"),
        ({"amount": 6000, "currency": "CHFF"}, "input.invalid"),
        ({"amount": 10**18, "currency": "CHF"}, "input.invalid"),
        ({"amount": -5, "currency": "CHF"}, "input.invalid"),
    ],
)
async def test_prices_that_cannot_be_meant(held, price, code):
    _, anna, job_id = held
    check_problem(await anna.post(f"/jobs/{job_id}/price", price), 422, code)
    assert (await anna.job(job_id))["proposal"] is None


async def test_staff_and_strangers_do_not_haggle(world, held):
    _, _, job_id = held
    price = {"amount": 6000, "currency": "CHF"}
    agent, beat = await world.agent(), await world.friend()
    check_problem(await agent.post(f"/jobs/{job_id}/price", price), 403, "auth.scope")
    check_problem(await beat.post(f"/jobs/{job_id}/price", price), 404, "not_found")
    check_problem(await beat.post(f"/jobs/{job_id}/on-the-way"), 404, "not_found")


async def test_a_refusal_keeps_the_key_free(held):
    customer, anna, job_id = held
    answer = await anna.post(f"/jobs/{job_id}/price/accept", {"amount": 1000, "currency": "CHF"}, key="k")
    check_problem(answer, 409, "price.nothing_proposed")
    await customer.must(f"/jobs/{job_id}/price", {"amount": 1000, "currency": "CHF"})
    assert (
        await anna.post(f"/jobs/{job_id}/price/accept", {"amount": 1000, "currency": "CHF"}, key="k")
    ).status_code == 200
