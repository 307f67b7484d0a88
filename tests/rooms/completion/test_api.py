"""The end of a job: report, confirm, object, decide."""

import pytest

from crowdcore.accounts.rules import Role
from tests.kit import check_field, check_problem


@pytest.fixture
async def done(world):
    """A job that Anna has reported done."""
    customer, anna = await world.customer(), await world.friend()
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    await anna.must(f"/jobs/{job_id}/start")
    await anna.must(f"/jobs/{job_id}/report", {"text": "Works."})
    return customer, anna, job_id


async def test_a_report_before_the_work(world):
    customer, anna = await world.customer(), await world.friend()
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    check_problem(await anna.post(f"/jobs/{job_id}/report", {"text": "Works."}), 409, "job.state_conflict")
    check_field(await anna.post(f"/jobs/{job_id}/report", {"text": " "}), "/text", "field.blank")
    check_field(await anna.post(f"/jobs/{job_id}/report", {"text": "a" * 4001}), "/text", "field.too_long")
    check_problem(await customer.post(f"/jobs/{job_id}/report", {"text": "Works."}), 403, "auth.scope")


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AGENT, Role.ADMIN])
async def test_who_may_confirm(world, done, role):
    customer, anna, job_id = done
    who = customer if role is Role.CUSTOMER else await world.agent(role=role)
    check_problem(await anna.post(f"/jobs/{job_id}/confirm"), 403, "auth.scope")
    assert (await who.must(f"/jobs/{job_id}/confirm"))["state"] == "confirmed"
    check_problem(await who.post(f"/jobs/{job_id}/confirm"), 409, "job.state_conflict")


async def test_silence_confirms_after_three_days(world, done):
    customer, _, job_id = done
    await world.advance(hours=71)
    assert (await customer.job(job_id))["state"] == "done"
    await world.advance(hours=1)
    assert (await customer.job(job_id))["state"] == "confirmed"


async def test_objections_have_an_end(world, done):
    customer, _, job_id = done
    await customer.must(f"/jobs/{job_id}/confirm")
    await world.advance(days=13)
    assert "dispute" in (await customer.job(job_id))["actions"]
    await world.advance(days=2)
    late = await customer.post(f"/jobs/{job_id}/dispute", {"reason": "It broke."})
    check_problem(late, 409, "job.state_conflict")


async def test_an_objection_is_decided_by_staff(world, done):
    customer, anna, job_id = done
    agent = await world.agent()
    decision = {"uphold": False, "reason": "Nobody was there."}
    check_problem(await agent.post(f"/jobs/{job_id}/decide", decision), 409, "job.state_conflict")
    assert (await customer.must(f"/jobs/{job_id}/dispute", {"reason": "Not done."}))["state"] == "disputed"
    check_problem(await customer.post(f"/jobs/{job_id}/decide", decision), 403, "auth.scope")
    assert (await agent.must(f"/jobs/{job_id}/decide", decision))["state"] == "cancelled"
    assert (await anna.read("/me"))["friend"]["jobs_done"] == 0


@pytest.mark.parametrize("confirmed_before", [True, False])
async def test_an_upheld_job_counts_once(world, done, confirmed_before):
    customer, anna, job_id = done
    if confirmed_before:
        await customer.must(f"/jobs/{job_id}/confirm")
    await customer.must(f"/jobs/{job_id}/dispute", {"reason": "Not done."})
    agent = await world.agent()
    await agent.must(f"/jobs/{job_id}/decide", {"uphold": True, "reason": "It was."})
    assert (await anna.read("/me"))["friend"]["jobs_done"] == 1


async def test_strangers_neither_confirm_nor_object(world, done):
    _, _, job_id = done
    stranger = await world.customer()
    check_problem(await stranger.post(f"/jobs/{job_id}/confirm"), 404, "not_found")
    check_problem(await stranger.post(f"/jobs/{job_id}/dispute", {"reason": "x"}), 404, "not_found")
