"""Calling a job off, beginning it, reading its history."""

from datetime import timedelta
from uuid import UUID

import pytest

from crowdcore.accounts.rules import Role
from crowdcore.base.errors import Fault, NotFound
from crowdcore.db.scope import partner_scope
from crowdcore.jobs import service as jobs
from crowdcore.jobs.rules import Action, Who
from tests.kit import check_problem, window


async def _assigned(world, **fields):
    customer, anna = await world.customer(), await world.friend()
    booked = await world.book(customer, **fields)
    await world.take(anna)
    return customer, anna, booked["id"]


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AGENT, Role.ADMIN])
async def test_who_may_cancel(world, role):
    customer = await world.customer()
    job_id = (await world.book(customer))["id"]
    who = customer if role is Role.CUSTOMER else await world.agent(role=role)
    answer = await who.must(f"/jobs/{job_id}/cancel", {"reason": "Not needed any more."})
    assert answer["state"] == "cancelled"
    again = check_problem(await who.post(f"/jobs/{job_id}/cancel", {}), 409, "job.state_conflict")
    assert (again["state"], again["allowed"]) == ("cancelled", "")


async def test_friends_and_strangers_do_not_cancel(world):
    customer, anna, job_id = await _assigned(world)
    check_problem(await anna.post(f"/jobs/{job_id}/cancel", {}), 403, "auth.scope")
    stranger = await world.customer()
    check_problem(await stranger.post(f"/jobs/{job_id}/cancel", {}), 404, "not_found")
    assert (await customer.job(job_id))["state"] == "assigned"


async def test_a_stale_version_cancels_nothing(world):
    customer, _, job_id = await _assigned(world)
    version = (await customer.job(job_id))["version"]
    stale = await customer.post(f"/jobs/{job_id}/cancel", {"version": version - 1})
    assert check_problem(stale, 412, "version.conflict")["current"] == version
    stale = await customer.post(f"/jobs/{job_id}/cancel", {}, If_Match=f'"{version - 1}"')
    assert check_problem(stale, 412, "version.conflict")["current"] == version
    two = await customer.post(f"/jobs/{job_id}/cancel", {"version": version}, If_Match='"1"')
    check_problem(two, 422, "input.invalid")
    odd = await customer.post(f"/jobs/{job_id}/cancel", {}, If_Match='W/"x"')
    check_problem(odd, 400, "version.invalid")
    assert (await customer.job(job_id))["state"] == "assigned"
    fresh = await customer.must(f"/jobs/{job_id}/cancel", {}, If_Match=f'"{version}"')
    assert fresh == {**fresh, "state": "cancelled", "version": version + 1}


async def test_a_cancelled_job_frees_the_friend(world):
    customer, anna, job_id = await _assigned(world)
    await customer.must(f"/jobs/{job_id}/cancel", {})
    assert (await anna.get(f"/jobs/{job_id}")).status_code == 404
    await world.drain()
    await world.book(customer)
    await world.take(anna)


async def test_work_under_way_cannot_be_called_off(world):
    customer, anna, job_id = await _assigned(world)
    await anna.must(f"/jobs/{job_id}/start")
    problem = check_problem(await customer.post(f"/jobs/{job_id}/cancel", {}), 409, "job.state_conflict")
    assert problem["state"] == "under_way"
    assert "hand_over" in problem["allowed"]


async def test_a_start_long_before_the_window(world):
    start = world.clock.now() + timedelta(days=1)
    _, anna, job_id = await _assigned(world, urgent=False, wishes=[window(start)])
    assert "start" not in (await anna.job(job_id))["actions"]
    problem = check_problem(await anna.post(f"/jobs/{job_id}/start"), 409, "job.too_early")
    assert problem["earliest"].startswith("2026-11-24T08:00")
    await world.advance(hours=23)
    assert "start" in (await anna.job(job_id))["actions"]
    await anna.must(f"/jobs/{job_id}/start")
    check_problem(await anna.post(f"/jobs/{job_id}/start"), 409, "job.state_conflict")


async def test_a_friend_starts_only_their_own_job(world):
    _, _, job_id = await _assigned(world)
    beat = await world.friend()
    check_problem(await beat.post(f"/jobs/{job_id}/start"), 404, "not_found")
    outsider = await world.person(Role.FRIEND)
    check_problem(await outsider.post(f"/jobs/{job_id}/start"), 403, "friend.unknown")


async def test_a_job_that_changed_hands_in_the_same_moment(world, scope):
    _, anna, job_id = await _assigned(world)
    beat = await world.friend()
    with pytest.raises(NotFound):
        await jobs.start(job_id=job_id, friend_id=beat.friend.id)
    assert (await jobs.start(job_id=job_id, friend_id=anna.friend.id)).state == "under_way"


async def test_the_history_is_for_staff(world):
    customer, anna, job_id = await _assigned(world)
    agent = await world.agent()
    await anna.must(f"/jobs/{job_id}/start")
    lines = (await agent.read(f"/jobs/{job_id}/history"))["lines"]
    assert [line["action"] for line in lines] == ["save_draft", "submit", "widen", "accept", "start"]
    assert [line["by"] for line in lines] == ["customer", "customer", "timer", "friend", "friend"]
    assert [line["via"] for line in lines] == ["api", "api", "worker", "api", "api"]
    assert [line["version"] for line in lines] == [1, 2, 3, 4, 5]
    assert lines[3]["account_id"] == str(anna.account.id)
    for person in (customer, anna):
        check_problem(await person.get(f"/jobs/{job_id}/history"), 403, "auth.scope")


async def test_a_friend_never_acts_without_their_name(world):
    customer = await world.customer()
    booked = await world.book(customer)
    with partner_scope("swisscom"), pytest.raises(Fault, match="without their id"):
        await jobs.change(UUID(booked["id"]), Action.START, Who.FRIEND, event=None)


EARLY = {
    "de": "Es ist noch zu früh. Beginnen kannst du ab morgen, 9 Uhr.",
    "fr": "C’est trop tôt. Vous pourrez commencer à partir de ce moment\u202f: demain, 9 h.",
    "en": "It is too early. You can start from tomorrow, 9 am.",
}
LATE = {
    "de": "Der Stand des Auftrags ist «in Arbeit».",
    "fr": "l’état de la mission est «\u202fen cours\u202f».",
    "en": "the job is “under way”.",
}


async def test_a_refusal_is_said_with_names_and_clock_times(world):
    customer, anna = await world.customer(), await world.friend()
    start = world.clock.now() + timedelta(days=1)  # 10:00 in Zurich
    job_id = (await world.book(customer, urgent=False, wishes=[window(start)]))["id"]
    await world.take(anna)
    for language, sentence in EARLY.items():
        anna.client.headers["accept-language"] = language
        refused = check_problem(await anna.post(f"/jobs/{job_id}/start"), 409, "job.too_early")
        assert refused["detail"].replace("\u00a0", " ") == sentence
        assert refused["earliest"] == "2026-11-24T08:00:00Z"
    await world.advance(days=1)
    await anna.must(f"/jobs/{job_id}/start")
    for language, words in LATE.items():
        anna.client.headers["accept-language"] = language
        answer = await anna.post(f"/jobs/{job_id}/give-back", {"reason": "ill"})
        refused = check_problem(answer, 409, "job.state_conflict")
        assert words in refused["detail"]
        assert (refused["state"], "report" in refused["allowed"]) == ("under_way", True)
