"""Whole ways over the API, for each of the three partners: from booking to rating, and what goes wrong."""

import json
from datetime import timedelta

import pytest

from crowdcore.partners.service import opened
from tests.kit import BOOKABLE, NEAR_ZURICH, signed

pytestmark = pytest.mark.journey

PARTNERS = ("swisscom", "energy", "electronics")


@pytest.mark.parametrize("partner", PARTNERS)
async def test_from_booking_to_rating(world, partner):
    customer = await world.customer(partner, name="Customer One", phone="+41791112233")
    anna, beat = await world.friend(partner, name="Anna Muster"), await world.friend(partner)
    booked = await world.book(customer, note="third floor")
    job_id = booked["id"]
    assert booked["state"] == "open"

    seen = await customer.job(job_id)
    assert seen["search"] == {"asked": 2, "reached_km": 10}
    assert seen["actions"] == ["cancel"]

    offers = (await anna.read("/offers"))["offers"]
    assert [offer["number"] for offer in offers] == [booked["number"]]
    assert offers[0]["state"] == "pending"
    seen_offer = await anna.must(f"/offers/{offers[0]['id']}/see")
    assert seen_offer["state"] == "seen"
    won = await anna.must(f"/offers/{offers[0]['id']}/accept")
    assert won["job_id"] == job_id
    late = (await beat.read("/offers", all="true"))["offers"][0]
    assert late["state"] == "superseded"
    refused = await beat.post(f"/offers/{late['id']}/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "offer.taken")

    mine = await anna.job(job_id)
    assert mine["contact"] == {
        "name": "Customer One",
        "street": "Bahnhofstrasse 1",
        "phone": "+41791112233",
        "email": customer.account.email,
        "note": "third floor",
    }
    assert {"contact", "on-the-way", "start", "price", "give-back", "hand-over"} <= set(mine["actions"])
    assert (await customer.job(job_id))["friend"]["name"] == "Anna"

    start = world.clock.now() + timedelta(minutes=20)
    agreed = await anna.must(
        f"/jobs/{job_id}/contact",
        {"appointment": {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}},
    )
    assert set(agreed["milestones"]) == {"contacted", "appointment"}
    assert agreed["window"]["start"].startswith(start.strftime("%Y-%m-%dT%H:%M"))
    await anna.must(f"/jobs/{job_id}/on-the-way")
    await world.advance(minutes=25)
    await anna.must(f"/jobs/{job_id}/arrive")
    assert (await anna.must(f"/jobs/{job_id}/start"))["state"] == "under_way"

    amount = booked["guide"]["amount"] + 500
    price = {"amount": amount, "currency": booked["guide"]["currency"], "reason": "one more cable"}
    await anna.must(f"/jobs/{job_id}/price", price)
    proposal = (await customer.job(job_id))["proposal"]
    assert (proposal["amount"]["amount"], proposal["by"]) == (amount, "friend")
    await customer.must(f"/jobs/{job_id}/price/accept", {"amount": amount, "currency": price["currency"]})
    done = await anna.must(f"/jobs/{job_id}/report", {"text": "Everything works.\nRemote paired."})
    assert done["state"] == "done"
    assert (await anna.job(job_id))["contact"] is None

    waiting = await customer.job(job_id)
    assert waiting["report"] == "Everything works.\nRemote paired."
    assert waiting["agreed"]["amount"] == waiting["price"]["amount"] == amount
    assert waiting["actions"] == ["confirm", "dispute", "rating"]
    assert (await customer.must(f"/jobs/{job_id}/confirm"))["state"] == "confirmed"
    rating = {"stars": 5, "book_again": True, "comment": "Kind and quick."}
    await customer.must(f"/jobs/{job_id}/rating", rating)
    end = await customer.job(job_id)
    assert end["rating"] == rating
    assert end["friend"]["jobs_done"] == 1
    assert end["friend"]["rating_mean"] is None
    assert end["actions"] == ["dispute"]
    await world.drain()
    await world.advance(days=15)
    assert (await customer.job(job_id))["state"] == "settled"


async def test_handed_over_and_back_by_the_ticket_system(world):
    customer, anna = await world.customer(), await world.friend()
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    await anna.must(f"/jobs/{job_id}/start")
    case = await anna.must(f"/jobs/{job_id}/hand-over", {"reason": "line_fault", "note": "No sync since noon."})
    assert case["state"] == "waiting"
    assert (await anna.job(job_id))["contact"] is None
    await world.drain()

    ticket = world.desk.tickets[case["case_id"]]
    assert ticket["summary"] == "No sync since noon."
    assert ticket["reply_path"] == "/-/swisscom/hand-back"
    shown = (await customer.job(job_id))["case"]
    assert (shown["state"], shown["ticket_ref"]) == ("waiting", "INC-0001")

    system = await world.client("swisscom", path="")
    answers = (("answer", "Restart the line at 14:00."), ("back_to_friend", "Line repaired."))
    for number, (outcome, note) in enumerate(answers):
        await _send(world, system, case["case_id"], outcome, note, message_id=f"msg-{number}")
    after = await anna.job(job_id)
    assert after["state"] == "assigned"
    assert after["contact"]["street"] == "Bahnhofstrasse 1"
    assert after["case"]["state"] == "closed"
    assert [one["text"] for one in after["case"]["messages"]] == [note for _, note in answers]
    await anna.must(f"/jobs/{job_id}/start")
    await anna.must(f"/jobs/{job_id}/report", {"text": "Works again."})


async def test_given_back_and_sent_out_again(world):
    customer, anna, beat = await world.customer(), await world.friend(), await world.friend()
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    given = await anna.must(f"/jobs/{job_id}/give-back", {"reason": "My child is ill."})
    assert given["state"] == "open"
    assert (await anna.get(f"/jobs/{job_id}")).status_code == 404
    await world.drain()
    assert (await anna.read("/offers"))["offers"] == []
    await world.take(beat)
    await beat.must(f"/jobs/{job_id}/give-back", {"reason": "Car broken."})
    carl = await world.friend(point=NEAR_ZURICH)
    await world.drain()
    await world.take(carl)
    third = await carl.must(f"/jobs/{job_id}/give-back", {"reason": "No time."})
    assert third["state"] == "escalated"

    agent = await world.agent()
    await world.friend(name="Dora")
    cases = (await agent.read("/cases"))["cases"]
    assert [(one["job_id"], one["reason"]) for one in cases] == [(job_id, "given_back")]
    case_id = cases[0]["id"]
    await agent.must(f"/cases/{case_id}/take-over", {})
    closed = await agent.must(f"/cases/{case_id}/hand-back", {"outcome": "to_crowd", "text": "Try again."})
    assert (closed["state"], closed["outcome"]) == ("closed", "to_crowd")
    await world.drain()
    again = await customer.job(job_id)
    assert again["state"] == "open"
    assert again["search"]["asked"] == 1


@pytest.mark.parametrize("partner", PARTNERS)
async def test_nobody_accepts_and_support_takes_over(world, partner):
    customer = await world.customer(partner)
    await world.friend(partner)
    job_id = (await world.book(customer))["id"]
    for minutes in (1, 10, 50, 118):
        await world.advance(minutes=minutes)
        assert (await customer.job(job_id))["state"] == "open", minutes
    assert any("Still looking" in mail["Subject"] for mail in world.mails(customer.account.email))
    await world.advance(minutes=2)
    after = await customer.job(job_id)
    assert after["state"] == "escalated"
    from_desk = partner == "swisscom"  # the others write to a mailbox, where the job's number is the reference
    assert after["case"]["ticket_ref"] == ("INC-0001" if from_desk else after["number"])
    agent, carl = await world.agent(partner), await world.friend(partner, name="Carl")
    case = (await agent.read("/cases"))["cases"][0]
    assert case["reason"] == "nobody_found"
    friend_id = str(carl.friend.id)
    assert (await agent.must(f"/jobs/{job_id}/assign", {"friend_id": friend_id}))["state"] == "assigned"
    assert (await agent.read(f"/cases/{case['id']}"))["outcome"] == "assigned"
    assert (await carl.job(job_id))["contact"]["street"] == "Bahnhofstrasse 1"


async def test_a_draft_is_submitted_when_its_price_is_old(world):
    customer = await world.customer()
    await world.friend()
    start = world.clock.now() + timedelta(days=1)
    window = {"start": start.isoformat(), "end": (start + timedelta(hours=2)).isoformat()}
    draft = await world.book(customer, urgent=False, wishes=[window], draft=True)
    assert draft["state"] == "draft"
    assert (await customer.job(draft["id"]))["actions"] == ["submit", "cancel"]
    await world.advance(minutes=20)
    opened = await customer.must(f"/jobs/{draft['id']}/submit", {})
    assert opened["state"] == "open"
    await world.drain()
    assert (await customer.job(draft["id"]))["search"]["asked"] == 1


async def test_a_dispute_is_decided_by_staff(world):
    customer, anna, agent = await world.customer(), await world.friend(), await world.agent()
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    await anna.must(f"/jobs/{job_id}/start")
    await anna.must(f"/jobs/{job_id}/report", {"text": "Done."})
    disputed = await customer.must(f"/jobs/{job_id}/dispute", {"reason": "The remote still does nothing."})
    assert disputed["state"] == "disputed"
    assert "decide" in (await agent.job(job_id))["actions"]
    decided = await agent.must(f"/jobs/{job_id}/decide", {"uphold": True, "reason": "Checked on the phone."})
    assert decided["state"] == "confirmed"
    assert (await customer.job(job_id))["friend"]["jobs_done"] == 1


async def test_from_an_exam_to_the_first_job(world):
    partner = "swisscom"
    customer = await world.customer(partner)
    anna = await world.friend(partner, service=None)
    job_id = (await world.book(customer))["id"]
    assert (await anna.read("/offers"))["offers"] == []
    exam_id = (await customer.read(f"/services/{BOOKABLE[partner]}"))["exam"]
    attempt = await anna.must(f"/exams/{exam_id}/attempts", {})
    for question_id, value in _right_answers(partner, exam_id, attempt):
        await anna.must(f"/attempts/{attempt['id']}/answers", {"question_id": question_id, "value": value})
    graded = await anna.must(f"/attempts/{attempt['id']}/submit", {})
    assert graded["result"]["passed"], graded
    await world.drain()
    won = await world.take(anna)
    assert won["job_id"] == job_id


async def _send(world, client, case_id, outcome, note, *, message_id):
    body = json.dumps({"case_id": case_id, "outcome": outcome, "note": note}).encode()
    at = int(world.clock.now().timestamp())
    answer = await client.post(
        "/-/swisscom/hand-back", content=body, headers=signed(body, message_id=message_id, at=at)
    )
    assert answer.status_code == 200, answer.text
    await world.advance(seconds=1)


def _right_answers(partner, exam_id, attempt):
    """Return (question, value) of every question, with the choices named as the paper names them."""
    exam = opened()[partner].exams[exam_id]
    for question in attempt["questions"]:
        known = exam.questions[question["id"]]
        if known.number is not None:
            yield question["id"], [str(known.number)]
            continue
        right = known.order or [choice.id for choice in known.choices if choice.correct]
        texts = {choice.id: choice.text.en for choice in known.choices}
        keys = {choice["text"]: choice["id"] for choice in question["choices"]}
        yield question["id"], [keys[texts[choice_id]] for choice_id in right]
