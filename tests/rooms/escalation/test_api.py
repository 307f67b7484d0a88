"""Too hard, or nobody found: over to the partner's support and back, by hand and by signed message."""

import asyncio
import json

import pytest

from crowdcore.accounts.rules import Role
from crowdcore.base.ids import new_id
from tests.kit import PROBLEM, check_field, check_problem, signed

NOTE = {"reason": "line_fault", "note": "No sync since noon."}


@pytest.fixture
async def handed_over(world):
    """A job that Anna handed over."""
    customer, anna = await world.customer(), await world.friend()
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    case = await anna.must(f"/jobs/{job_id}/hand-over", NOTE)
    await world.drain()
    return customer, anna, job_id, case["case_id"]


async def test_the_reasons_are_the_partners(world):
    anna = await world.friend(name="Anna")
    french = await world.customer(language="fr")
    reasons = (await anna.read("/escalation-reasons"))["reasons"]
    assert [one["id"] for one in reasons][:2] == ["line_fault", "no_sync"]
    assert (await french.read("/escalation-reasons"))["reasons"][0]["name"] == "La ligne jusqu’à chez vous est en panne"
    elsewhere = await world.customer("energy")
    assert "line_fault" not in {one["id"] for one in (await elsewhere.read("/escalation-reasons"))["reasons"]}


async def test_a_friend_hands_over_with_a_note(world):
    customer, anna = await world.customer(), await world.friend()
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    path = f"/jobs/{job_id}/hand-over"
    check_problem(await anna.post(path, {**NOTE, "reason": "boredom"}), 422, "escalation.reason_unknown")
    check_field(await anna.post(path, {**NOTE, "note": " \n "}), "/note", "field.blank")
    check_field(await anna.post(path, {"reason": "wiring"}), "/note", "field.required")
    opened = await anna.must(path, NOTE)
    assert (opened["state"], opened["reason_name"]) == ("waiting", "The line is faulty")
    assert opened["due_at"] == "2026-11-23T13:00:00Z"
    check_problem(await anna.post(path, NOTE), 409, "job.state_conflict")


async def test_a_customer_reads_the_reason_in_words_meant_for_customers(world):
    customer, anna, agent = await world.customer(), await world.friend(), await world.agent()
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    await anna.must(f"/jobs/{job_id}/hand-over", {**NOTE, "reason": "too_complex"})
    said = [(await one.job(job_id))["case"]["reason"] for one in (anna, agent, customer)]
    assert said == ["Too tricky for me", "Too tricky for me", "It needs somebody with more experience"]
    reasons = [(await one.read("/escalation-reasons"))["reasons"] for one in (anna, customer)]
    names = [next(one["name"] for one in found if one["id"] == "too_complex") for found in reasons]
    assert names == [said[0], said[2]]


async def test_customers_and_support_hand_over_too(world):
    customer, anna, agent = await world.customer(), await world.friend(), await world.agent()
    booked = await world.book(customer)
    await world.take(anna)
    wish = {"reason": "customer_wish", "note": "Please let support do it."}
    await customer.must(f"/jobs/{booked['id']}/hand-over", wish)
    searching = await world.book(customer)
    check_problem(await customer.post(f"/jobs/{searching['id']}/hand-over", wish), 409, "job.state_conflict")
    await agent.must(f"/jobs/{searching['id']}/hand-over", wish)
    assert {one["opened_by"] for one in (await agent.read("/cases"))["cases"]} == {"customer", "support"}


async def test_strangers_hand_over_nothing(world):
    customer, beat = await world.customer(), await world.friend()
    job_id = (await world.book(await world.customer()))["id"]
    for person in (customer, beat):
        check_problem(await person.post(f"/jobs/{job_id}/hand-over", NOTE), 404, "not_found")
        check_problem(await person.get("/cases"), 403, "auth.scope")


async def test_one_agent_works_on_a_case(world, handed_over):
    _, _, job_id, case_id = handed_over
    one, other = await world.agent(name="Agent One"), await world.agent(role=Role.ADMIN)
    taken = await one.must(f"/cases/{case_id}/take-over", {"text": "I call them."})
    assert (taken["state"], taken["taken_by"]) == ("taken_over", str(one.account.id))
    assert [(m["author"], m["text"]) for m in taken["messages"]] == [("Agent One", "I call them.")]
    await one.must(f"/cases/{case_id}/take-over", {})
    check_problem(await other.post(f"/cases/{case_id}/take-over", {}), 409, "case.taken")
    solved = await one.must(f"/cases/{case_id}/hand-back", {"outcome": "solved", "text": "Line reset."})
    assert (solved["state"], solved["outcome"]) == ("closed", "solved")
    assert (await one.job(job_id))["state"] == "done"
    again = {"answer": {"text": "x"}, "take-over": {}, "hand-back": {"outcome": "solved", "text": "x"}}
    for path, body in again.items():
        check_problem(await one.post(f"/cases/{case_id}/{path}", body), 409, "case.closed")


async def test_two_agents_at_the_same_moment(world, handed_over):
    case_id = handed_over[3]
    agents = [await world.agent() for _ in range(4)]
    answers = await asyncio.gather(*(agent.post(f"/cases/{case_id}/take-over", {}) for agent in agents))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    winner = next(a for a, answer in zip(agents, answers, strict=True) if answer.status_code == 200)
    case = await winner.read(f"/cases/{case_id}")
    assert case["taken_by"] == str(winner.account.id)
    assert len(case["messages"]) == 1


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("back_to_friend", "assigned"), ("to_crowd", "open"), ("solved", "done"), ("closed", "cancelled")],
)
async def test_every_way_out_of_a_case(world, handed_over, outcome, state):
    customer, _, job_id, case_id = handed_over
    agent = await world.agent()
    await agent.must(f"/cases/{case_id}/hand-back", {"outcome": outcome, "text": "Checked."})
    seen = await customer.job(job_id)
    assert (seen["state"], seen["case"]["state"], seen["case"]["outcome"]) == (state, "closed", outcome)


async def test_there_must_be_somebody_to_give_it_back_to(world):
    customer, agent = await world.customer(), await world.agent()
    job_id = (await world.book(customer))["id"]
    case = await agent.must(f"/jobs/{job_id}/hand-over", NOTE)
    body = {"outcome": "back_to_friend", "text": "x"}
    check_problem(await agent.post(f"/cases/{case['case_id']}/hand-back", body), 409, "case.no_friend")
    check_problem(await agent.post(f"/cases/{new_id()}/hand-back", body), 404, "case.unknown")
    elsewhere = await world.agent("energy")
    check_problem(await elsewhere.get(f"/cases/{case['case_id']}"), 404, "case.unknown")


async def test_the_inbox_in_pages_the_most_urgent_first(world):
    customer, agent = await world.customer(), await world.agent()
    opened = []
    for number in range(3):
        job_id = (await world.book(customer))["id"]
        opened.append((await agent.must(f"/jobs/{job_id}/hand-over", NOTE))["case_id"])
        world.clock.advance(minutes=number)
    first = await agent.read("/cases", limit=2)
    second = await agent.read("/cases", limit=2, cursor=first["next_cursor"])
    seen = [case["id"] for page in (first, second) for case in page["cases"]]
    assert sorted(seen) == sorted(opened)
    assert seen[2] == opened[2]
    assert second["next_cursor"] is None


async def test_a_job_is_given_by_hand(world):
    customer, agent = await world.customer(), await world.agent()
    anna, beat = await world.friend(), await world.friend(service=None)
    job_id = (await world.book(customer))["id"]
    path = f"/jobs/{job_id}/assign"
    unqualified = await agent.post(path, {"friend_id": str(beat.friend.id)})
    check_problem(unqualified, 403, "qualification.expired")
    check_problem(await agent.post(path, {"friend_id": str(new_id())}), 404, "not_found")
    assert (await agent.must(path, {"friend_id": str(anna.friend.id)}))["state"] == "assigned"
    check_problem(await customer.post(path, {"friend_id": str(anna.friend.id)}), 403, "auth.scope")


async def test_a_ticket_system_that_is_away_gets_the_case_later(world):
    customer, anna = await world.customer(), await world.friend()
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    world.desk.is_away = True
    await anna.must(f"/jobs/{job_id}/hand-over", NOTE)
    await world.drain()
    assert (await customer.job(job_id))["case"]["ticket_ref"] is None
    world.desk.is_away = False
    await world.advance(minutes=2)
    assert (await customer.job(job_id))["case"]["ticket_ref"] == "INC-0001"
    assert len(world.desk.tickets) == 1


# -- the signed callback --------------------------------------------------------------------------------


async def _deliver(world, content, *, message_id="msg-1", path="/-/swisscom/hand-back", age_s=0, **headers):
    client = await world.client("swisscom", path="")
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    at = int(world.clock.now().timestamp()) - age_s
    return await client.post(path, content=body, headers={**signed(body, message_id=message_id, at=at), **headers})


async def test_a_signed_message_ends_a_case_once(world, handed_over):
    customer, anna, job_id, case_id = handed_over
    message = {"case_id": case_id, "outcome": "back_to_friend", "note": "Line repaired."}
    for _ in range(2):
        answer = await _deliver(world, message)
        assert answer.status_code == 200
        assert answer.json() == {"case_id": case_id, "state": "closed"}
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
    assert len((await customer.job(job_id))["case"]["messages"]) == 1
    late = await _deliver(world, message, message_id="msg-2")
    check_problem(late, 409, "case.closed")
    agent = await world.agent()
    last = (await agent.read(f"/jobs/{job_id}/history"))["lines"][-1]
    assert (last["action"], last["by"], last["via"]) == ("hand_back", "plugin", "plugin")
    assert (await anna.job(job_id))["state"] == "assigned"


@pytest.mark.parametrize("outcome", ["answer", "to_crowd", "solved", "closed"])
async def test_the_same_message_twice_at_the_same_moment(world, handed_over, outcome):
    customer, _, job_id, case_id = handed_over
    message = {"case_id": case_id, "outcome": outcome, "note": "Once."}
    answers = await asyncio.gather(*(_deliver(world, message) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len((await customer.job(job_id))["case"]["messages"]) == 1


async def test_a_long_message_id_counts_as_well(world, handed_over):
    customer, _, job_id, case_id = handed_over
    message = {"case_id": case_id, "outcome": "answer", "note": "Once."}
    for _ in range(2):
        assert (await _deliver(world, message, message_id="m" * 255)).status_code == 200
    assert len((await customer.job(job_id))["case"]["messages"]) == 1


async def test_messages_nobody_can_trust(world, handed_over):
    customer, _, job_id, case_id = handed_over
    message = {"case_id": case_id, "outcome": "closed", "note": ""}
    refused = [
        await _deliver(world, message, **{"webhook-signature": "v1,AAAA"}),
        await _deliver(world, message, age_s=600),
        await _deliver(world, b"not json"),
        await _deliver(world, {**message, "outcome": "explode"}),
        await _deliver(world, {**message, "case_id": "7"}),
        await (await world.client("swisscom", path="")).post("/-/swisscom/hand-back", content=b"{}"),
    ]
    for answer in refused:
        assert check_problem(answer, 400, "hand_back.refused")["request_id"]
    assert (await customer.job(job_id))["state"] == "escalated"


async def test_the_address_of_the_callback(world, handed_over):
    message = {"case_id": handed_over[3], "outcome": "answer", "note": ""}
    check_problem(await _deliver(world, message, path="/-/energy/hand-back"), 404, "hand_back.unknown")
    check_problem(await _deliver(world, message, path="/-/swisscom/other"), 404, "not_found")
    check_problem(await _deliver(world, {**message, "case_id": str(new_id())}), 404, "case.unknown")
    check_problem(await _deliver(world, b"x" * (1024 * 1024 + 1)), 413, "body.too_large")
    client = await world.client("swisscom", path="")
    wrong = await client.get("/-/swisscom/hand-back")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert wrong.headers["content-type"] == PROBLEM


async def test_a_case_of_another_partner_is_out_of_reach(world, handed_over):
    customer, _, job_id, case_id = handed_over
    client = await world.client("energy", path="")
    body = json.dumps({"case_id": case_id, "outcome": "closed", "note": ""}).encode()
    headers = signed(body, message_id="m", at=int(world.clock.now().timestamp()))
    answer = await client.post("/-/swisscom/hand-back", content=body, headers=headers)
    check_problem(answer, 404, "hand_back.unknown")
    assert (await customer.job(job_id))["state"] == "escalated"
