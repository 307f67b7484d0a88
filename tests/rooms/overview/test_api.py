"""What each side sees of a job, and what nobody else ever sees."""

import pytest

from crowdcore.accounts.rules import Role
from crowdcore.base.ids import new_id
from crowdcore.crowd import service as crowd
from crowdcore.db.scope import partner_scope
from tests.kit import check_problem, wish

CANARY = {
    "name": "Canaryname",
    "street": "Canarystreet 7",
    "phone": "+41791234567",
    "email": "canary@example.ch",
    "note": "Canarynote",
}


async def test_everybody_lists_their_own_jobs_and_staff_all(world):
    one, other, agent = await world.customer(), await world.customer(), await world.agent()
    anna = await world.friend()
    mine = (await world.book(one))["number"]
    theirs = (await world.book(other))["number"]
    await world.take(anna, mine)
    assert [job["number"] for job in (await one.read("/jobs"))["jobs"]] == [mine]
    assert [job["number"] for job in (await other.read("/jobs"))["jobs"]] == [theirs]
    assert [job["number"] for job in (await anna.read("/jobs"))["jobs"]] == [mine]
    assert {job["number"] for job in (await agent.read("/jobs"))["jobs"]} == {mine, theirs}
    stranger = await world.friend(service=None)
    assert (await stranger.read("/jobs"))["jobs"] == []
    await anna.must(f"/jobs/{(await anna.read('/jobs'))['jobs'][0]['id']}/give-back", {"reason": "No time."})
    assert (await anna.read("/jobs"))["jobs"] == []


async def test_pages_hold_every_job_once(world):
    customer, agent = await world.customer(), await world.agent()
    booked = []
    for number in range(5):
        booked.append((await customer.must("/jobs", wish()))["id"])
        if number % 2:
            world.clock.advance(seconds=1)  # some of them at the very same moment
    for person in (customer, agent):
        seen, cursor = [], None
        while True:
            query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            page = await person.read("/jobs", **query)
            assert len(page["jobs"]) <= 2
            seen += [job["id"] for job in page["jobs"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(seen) == sorted(booked)
        assert seen.index(booked[4]) < seen.index(booked[0])


async def test_lists_by_state(world):
    customer = await world.customer()
    draft = await customer.must("/jobs", wish(draft=True))
    opened = await customer.must("/jobs", wish())
    assert [j["id"] for j in (await customer.read("/jobs", state="draft"))["jobs"]] == [draft["id"]]
    both = await customer.get("/jobs?state=draft&state=open")
    assert {j["id"] for j in both.json()["jobs"]} == {draft["id"], opened["id"]}
    check_problem(await customer.get("/jobs", state="lost"), 422, "input.invalid")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": 0}, "page.limit"),
        ({"limit": 201}, "page.limit"),
        ({"limit": "abc"}, "page.limit"),
        ({"cursor": "forged"}, "page.cursor"),
    ],
)
async def test_pages_nobody_can_give(world, query, code):
    customer = await world.customer()
    check_problem(await customer.get("/jobs", **query), 400, code)


async def test_a_cursor_is_good_for_one_partner_and_one_list(world):
    here, there = await world.customer("swisscom"), await world.customer("energy")
    for _ in range(2):
        await here.must("/jobs", wish())
    cursor = (await here.read("/jobs", limit=1))["next_cursor"]
    check_problem(await there.get("/jobs", cursor=cursor), 400, "page.cursor")
    agent = await world.agent()
    check_problem(await agent.get("/friends", cursor=cursor), 400, "page.cursor")


async def test_a_strangers_job_looks_like_none(world):
    owner, other = await world.customer(), await world.customer()
    elsewhere = await world.agent("energy")
    stranger = await world.friend()
    job_id = (await world.book(owner))["id"]
    answers = [
        await other.get(f"/jobs/{job_id}"),
        await stranger.get(f"/jobs/{job_id}"),
        await elsewhere.get(f"/jobs/{job_id}"),
        await owner.get(f"/jobs/{new_id()}"),
        await owner.get("/jobs/1"),
    ]
    bodies = [check_problem(answer, 404, "not_found") for answer in answers]
    assert len({body["detail"] for body in bodies}) == 1
    assert all("allowed" not in body and "state" not in body for body in bodies)


async def test_what_each_side_sees_while_the_search_runs(world):
    customer, agent = await world.customer(), await world.agent()
    await world.friend()
    job_id = (await world.book(customer, **CANARY))["id"]
    for person in (customer, agent):
        seen = await person.job(job_id)
        assert seen["contact"] == CANARY
        assert seen["search"] == {"asked": 1, "reached_km": 10}
        assert seen["friend"] is seen["case"] is seen["rating"] is seen["report"] is None
    assert (await customer.job(job_id))["actions"] == ["cancel"]
    assert set((await agent.job(job_id))["actions"]) == {"cancel", "hand-over", "assign"}


async def test_the_exact_address_is_the_assignees_only_and_only_while_it_lasts(world):
    customer = await world.customer(name="Canaryname")
    anna, beat = await world.friend(), await world.friend()
    booked = await world.book(customer, **CANARY)
    job_id = booked["id"]
    await _nobody_learns(world, [anna, beat], job_id)
    await world.take(anna)
    assert (await anna.job(job_id))["contact"] == CANARY
    await _nobody_learns(world, [beat], job_id)
    await anna.must(f"/jobs/{job_id}/start")
    assert (await anna.job(job_id))["contact"] == CANARY
    await anna.must(f"/jobs/{job_id}/report", {"text": "Done."})
    await _nobody_learns(world, [anna, beat], job_id)
    await customer.must(f"/jobs/{job_id}/confirm")
    await _nobody_learns(world, [anna, beat], job_id)


async def _nobody_learns(world, friends, job_id):
    """Read everything there is to read as these Friends, as another customer and as nobody."""
    others = [person.client for person in friends]
    others += [(await world.customer()).client, await world.client(), (await world.agent("energy")).client]
    for client in others:
        offers = (await client.get("/offers?all=true")).json().get("offers", [])
        paths = ["/jobs", f"/jobs/{job_id}", f"/jobs/{job_id}/history", "/offers?all=true", "/me", "/cases"]
        paths += ["/friends", "/ratings/summary", *(f"/offers/{offer['id']}" for offer in offers)]
        for path in paths:
            text = (await client.get(path)).text
            leaked = [word for word in CANARY.values() if word in text]
            assert not leaked, f"{path}: {leaked}"


async def test_refusals_never_repeat_what_was_typed_about_people(world):
    customer = await world.customer()
    refused = [
        await customer.post("/jobs", wish(**CANARY, prize=1)),
        await customer.post("/jobs", wish(**CANARY, expected_guide={"amount": 1, "currency": "CHF"})),
        await customer.post("/jobs", wish(**{**CANARY, "place": "CH-0000-x"})),
    ]
    for answer in refused:
        assert answer.status_code >= 400
        assert not [word for word in CANARY.values() if word in answer.text]


async def test_a_mean_is_shown_from_five_ratings_on(world, scope):
    customer, anna = await world.customer(), await world.friend()
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    for count in range(1, 6):
        await crowd.record_rating(friend_id=anna.friend.id, stars=4)
        friend = (await customer.job(job_id))["friend"]
        assert friend["rating_count"] == count
        assert friend["rating_mean"] == (4.0 if count == 5 else None)


async def test_texts_are_in_the_readers_language(world):
    german, agent = await world.customer(language="de"), await world.agent(language="fr")
    job_id = (await world.book(german))["id"]
    assert (await german.job(job_id))["title"] == "TV-Box einrichten"
    assert (await agent.job(job_id))["title"] == "Installer la box TV"


async def test_answers_of_support_are_for_those_concerned(world):
    customer, anna, beat = await world.customer(), await world.friend(), await world.friend()
    agent = await world.agent(name="Canary Agent")
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    case = await anna.must(f"/jobs/{job_id}/hand-over", {"reason": "wiring", "note": "Old socket."})
    await agent.must(f"/cases/{case['case_id']}/answer", {"text": "We send a Pro."})
    for person in (customer, anna):
        response = await person.get(f"/jobs/{job_id}")
        assert response.json()["case"]["messages"][0]["text"] == "We send a Pro."
        assert "Canary" not in response.text
    await agent.must(f"/cases/{case['case_id']}/hand-back", {"outcome": "to_crowd", "text": "Again."})
    await world.drain()
    await world.take(beat)
    assert (await beat.job(job_id))["case"] is None


async def test_an_admin_sees_what_an_agent_sees(world):
    customer, agent = await world.customer(), await world.agent()
    admin = await world.agent(role=Role.ADMIN)
    job_id = (await world.book(customer))["id"]
    assert await admin.job(job_id) == await agent.job(job_id)


async def test_a_suspended_member_keeps_no_window_to_a_job(world, scope):
    customer, anna = await world.customer(), await world.friend()
    job_id = (await world.book(customer, **CANARY))["id"]
    offer = (await anna.read("/offers"))["offers"][0]
    with partner_scope("swisscom"):
        await crowd.pause(friend_id=anna.friend.id)
    check_problem(await anna.post(f"/offers/{offer['id']}/accept"), 403, "offer.not_eligible")
    check_problem(await anna.get(f"/jobs/{job_id}"), 404, "not_found")
