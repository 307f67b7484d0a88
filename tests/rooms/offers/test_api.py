"""Requests to Friends: looking, declining, accepting - and only one of them wins."""

import asyncio
from datetime import datetime, timedelta

import pytest

from crowdcore.accounts.rules import Role
from crowdcore.base.geo import Point
from crowdcore.crowd import service as crowd
from crowdcore.crowd.rules import Kind, read_hours
from crowdcore.db.scope import partner_scope
from tests.kit import BERN, BOOKABLE, check_field, check_problem, window


async def _offer(friend, **query):
    return (await friend.read("/offers", **query))["offers"][0]


async def test_an_offer_tells_what_a_friend_needs_to_decide(world):
    customer = await world.customer(language="fr")
    anna = await world.friend(point=Point(47.42, 8.54))
    booked = await world.book(customer)
    offer = await _offer(anna)
    assert offer == {
        **offer,
        "number": booked["number"],
        "state": "pending",
        "service": "tv-box-setup",
        "title": "Set up the TV box",
        "place": "8001 Zürich",
        "distance": {"from_km": 5, "to_km": 10},
        "urgent": True,
        "language": "fr",
        "guide": booked["guide"],
        "window": booked["window"],
    }
    assert len(offer["steps"]) == 4
    assert "Bahnhofstrasse" not in str(offer)
    assert await anna.read(f"/offers/{offer['id']}") == offer


async def test_looking_changes_nothing_but_saying_so_does(world):
    customer, anna = await world.customer(), await world.friend()
    await world.book(customer)
    offer = await _offer(anna)
    await anna.read(f"/offers/{offer['id']}")
    assert (await _offer(anna))["state"] == "pending"
    for _ in range(2):
        assert (await anna.must(f"/offers/{offer['id']}/see"))["state"] == "seen"
    assert (await _offer(anna))["state"] == "seen"


async def test_the_same_accept_gets_the_same_answer(world):
    customer, anna = await world.customer(), await world.friend()
    booked = await world.book(customer)
    path = f"/offers/{(await _offer(anna))['id']}/accept"
    first = await anna.post(path, key="k-1")
    assert first.json() == {
        "offer_id": path.split("/")[2],
        "job_id": booked["id"],
        "number": booked["number"],
        "state": "accepted",
        "at": "2026-11-23T09:00:00Z",
    }
    world.clock.advance(seconds=5)
    repeated, fresh = await anna.post(path, key="k-1"), await anna.post(path, key="k-2")
    assert repeated.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in fresh.headers
    assert first.json() == repeated.json() == fresh.json()
    await world.advance(minutes=30)
    assert (await anna.post(path)).json() == first.json()


async def test_of_twenty_who_accept_at_once_one_wins(world):
    customer = await world.customer()
    friends = [await world.friend() for _ in range(20)]
    booked = await world.book(customer)
    paths = [f"/offers/{(await _offer(friend))['id']}/accept" for friend in friends]
    answers = await asyncio.gather(
        *(friend.post(path) for friend, path in zip(friends, paths, strict=True) for _ in range(2))
    )
    winners = {number // 2 for number, answer in enumerate(answers) if answer.status_code == 200}
    assert len(winners) == 1
    for number, answer in enumerate(answers):
        if number // 2 not in winners:
            check_problem(answer, 409, "offer.taken")
    winner = friends[winners.pop()]
    assert (await winner.job(booked["id"]))["contact"] is not None
    assert (await customer.job(booked["id"]))["friend"]["id"] == str(winner.friend.id)


async def test_a_no_brings_the_next_wave_at_once(world):
    customer, near = await world.customer(), await world.friend()
    far = await world.friend(point=Point(47.5, 8.54))
    await world.book(customer)
    offer = await _offer(near)
    assert (await far.read("/offers"))["offers"] == []
    declined = await near.must(f"/offers/{offer['id']}/decline", {"reason": "no_time"})
    assert declined["state"] == "declined"
    await world.drain()
    assert (await _offer(far))["distance"] == {"from_km": 10, "to_km": 20}
    assert (await near.read("/offers"))["offers"] == []
    assert (await _offer(near, all="true"))["state"] == "declined"
    again = await near.must(f"/offers/{offer['id']}/decline", {})
    assert again["state"] == "declined"
    check_problem(await near.post(f"/offers/{offer['id']}/accept"), 409, "offer.declined")


async def test_a_reason_nobody_has(world):
    customer, anna = await world.customer(), await world.friend()
    await world.book(customer)
    offer = await _offer(anna)
    answer = await anna.post(f"/offers/{offer['id']}/decline", {"reason": "lazy"})
    check_field(answer, "/reason", "field.choice")


async def test_offers_of_others_are_not_there(world):
    customer, anna, beat = await world.customer(), await world.friend(), await world.friend()
    outsider = await world.person(Role.FRIEND)
    await world.book(customer)
    offer = await _offer(anna)
    for path in (f"/offers/{offer['id']}", "/offers/nonsense", f"/offers/{'A' * 43}"):
        check_problem(await beat.get(path), 404, "offer.unknown")
        check_problem(await outsider.get(path), 403, "friend.unknown")
        check_problem(await customer.get(path), 403, "auth.scope")
    check_problem(await beat.post(f"/offers/{offer['id']}/accept"), 404, "offer.unknown")
    check_problem(await beat.post(f"/offers/{offer['id']}/see"), 404, "offer.unknown")


async def test_a_cancelled_job_has_no_offers(world):
    customer, anna = await world.customer(), await world.friend()
    booked = await world.book(customer)
    offer = await _offer(anna)
    await customer.must(f"/jobs/{booked['id']}/cancel", {})
    check_problem(await anna.post(f"/offers/{offer['id']}/accept"), 409, "offer.gone")
    check_problem(await anna.post(f"/offers/{offer['id']}/decline", {}), 409, "offer.gone")
    assert (await anna.read(f"/offers/{offer['id']}"))["state"] == "withdrawn"


async def test_who_lost_the_skill_meanwhile_does_not_win(world, scope):
    customer, anna = await world.customer(), await world.friend()
    await world.book(customer)
    offer = await _offer(anna)
    await crowd.revoke_qualification(friend_id=anna.friend.id, skill="tv", reason="test")
    check_problem(await anna.post(f"/offers/{offer['id']}/accept"), 403, "qualification.expired")


async def test_two_jobs_at_one_time(world):
    one, other, anna = await world.customer(), await world.customer(), await world.friend()
    first, second = await world.book(one), await world.book(other)
    await world.take(anna, first["number"])
    offers = (await anna.read("/offers"))["offers"]
    mine = next(offer for offer in offers if offer["number"] == second["number"])
    check_problem(await anna.post(f"/offers/{mine['id']}/accept"), 409, "offer.overlap")


async def test_who_is_too_far_away_or_unqualified_is_not_asked(world):
    customer = await world.customer()
    asked = await world.friend()
    others = [await world.friend(point=BERN), await world.friend(service=None), await world.friend(hours=0)]
    await world.book(customer)
    for minutes in (0, 1, 10):
        await world.advance(minutes=minutes)
        assert [len((await friend.read("/offers"))["offers"]) for friend in others] == [0, 0, 0]
    assert len((await asked.read("/offers"))["offers"]) == 1


async def test_the_partners_rule_narrows_who_is_asked(world):
    customer = await world.customer("energy")
    licence = frozenset({"ch_niv_connection"})
    profi = await world.friend("energy", service="light-fitting", kind=Kind.PROFI, licences=licence)
    layman = await world.friend("energy", service="light-fitting", licences=licence)
    start = world.clock.now() + timedelta(days=1)
    booked = await world.book(customer, service="light-fitting", urgent=False, wishes=[window(start)])
    await world.advance(minutes=11)
    assert (await layman.read("/offers"))["offers"] == []
    won = await world.take(profi)
    assert won["job_id"] == booked["id"]


async def test_who_is_free_at_the_second_wish_only_is_asked_and_comes_then(world):
    customer, anna = await world.customer(), await world.friend(hours=read_hours(["wed.evening"]))
    wishes = [window(world.clock.now().replace(day=day, hour=17)) for day in (24, 25)]  # 18 o'clock in Zurich
    booked = await world.book(customer, urgent=False, wishes=wishes)
    assert len((await _offer(anna))["wishes"]) == 2
    await world.take(anna)
    seen = await customer.job(booked["id"])
    assert datetime.fromisoformat(seen["window"]["start"]) == datetime.fromisoformat(wishes[1]["start"])


@pytest.mark.parametrize("partner", ["energy", "electronics"])
async def test_crowds_of_partners_never_mix(world, partner):
    customer, anna = await world.customer("swisscom"), await world.friend(partner)
    await world.book(customer)
    with partner_scope(partner):
        assert (await anna.read("/offers", all="true"))["offers"] == []
    own = await world.customer(partner)
    await world.book(own)
    offer = await _offer(anna)
    assert offer["service"] == BOOKABLE[partner]
    here = await world.friend("swisscom")
    check_problem(await here.get(f"/offers/{offer['id']}"), 404, "offer.unknown")
