"""Offers in a browser: the first to accept has the job, the others are told why not."""

import asyncio

import pytest

from crowdcore.dispatch import models as dispatch_models
from crowdcore.jobs import models, queries as jobs
from tests.browsing import browser


@pytest.fixture
async def customer(world):
    return await world.customer(name="Frau Bieri")


async def offers_page(world, friend):
    visitor = await browser(world, person=friend)
    return visitor, await visitor.get("/friend/offers")


async def test_an_offer_says_what_it_brings_and_nothing_about_the_person(world, customer, scope):
    anna = await world.friend(name="Anna Muster")
    await world.book(customer, note="Key under the mat")
    _visitor, page = await offers_page(world, anna)
    assert page.h1 == "One new offer"
    assert "under 2\u00a0km" in page.text
    assert "CHF\u00a078.30" in page.text  # 89 less 12 percent, in steps of 5 Rappen
    assert "−\u00a0CHF\u00a010.70" in page.text.replace("− CHF", "−\u00a0CHF")
    for secret in ("Bahnhofstrasse", "Bieri", "mat", "customer1@"):
        assert secret not in page.html


async def test_five_clicks_accept_once(world, customer, scope):
    anna = await world.friend()
    await world.book(customer)
    visitor, page = await offers_page(world, anna)
    form = page.form("Accept")
    answers = await asyncio.gather(*(visitor.post(form) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await models.Assignment.all().count() == 1


async def test_who_was_slower_is_told_so_and_sees_what_else_there_is(world, customer, scope):
    anna, beat = await world.friend(), await world.friend()
    first = await world.book(customer)
    second = await world.book(await world.customer(), place="CH-8001-zurich", street="Rämistrasse 2")
    fast, fast_page = await offers_page(world, anna)
    slow, slow_page = await offers_page(world, beat)
    assert slow_page.h1 == "2 new offers"
    wanted = next(
        f for f in fast_page.forms if f.action in {g.action for g in fast_page.forms} and "Accept" in f.buttons
    )
    won = await fast.client.get((await fast.post(wanted)).headers["location"])
    number = first["number"] if first["number"] in won.text else second["number"]
    taken = (await jobs.jobs_of_friend(anna.friend.id))[0]
    assert taken.number == number
    late = [f for f in slow_page.forms if "Accept" in f.buttons]
    answers = [await slow.post(form) for form in late]
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[-1] == 409
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert "Somebody else was a moment faster." in lost.text


async def test_declining_asks_why_and_counts_once(world, customer, scope):
    anna = await world.friend()
    await world.book(customer)
    visitor, page = await offers_page(world, anna)
    page = await visitor.click(page, "Decline")
    wrong = await visitor.send(page, "Decline the offer")
    assert wrong.status == 422
    assert "Please fill in this field." in wrong.text
    form = page.form("Decline the offer")
    answers = await asyncio.gather(*(visitor.post(form, reason="too_far") for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert await dispatch_models.Reaction.filter(kind="declined").count() == 1
    page = await visitor.get("/friend/offers")
    assert page.h1 == "No new offer"
    assert "You declined" in page.text


async def test_offers_of_others_are_nobodys(world, customer, scope):
    anna, beat = await world.friend(), await world.friend()
    await world.book(customer)
    _visitor, page = await offers_page(world, anna)
    form = page.form("Accept")
    other, own = await offers_page(world, beat)
    form.fields["_csrf"] = own.form("Accept").fields["_csrf"]
    assert (await other.post(form)).status_code == 404
    assert (await other.get(form.action.replace("/accept", "/decline"))).status == 404
    assert (await other.get("/friend/offers/nonsense/decline")).status == 404


async def test_looking_at_offers_changes_nothing(world, customer, scope):
    anna = await world.friend()
    await world.book(customer)
    visitor, _page = await offers_page(world, anna)
    await visitor.get("/friend/offers")
    assert await dispatch_models.Reaction.all().count() == 0


async def test_an_empty_page_says_why_and_what_next(world, scope):
    anna = await world.friend()
    visitor, page = await offers_page(world, anna)
    assert page.h1 == "No new offer"
    assert "Check your profile" in page.links
    profile = await visitor.get("/friend")
    await visitor.send(profile, "Take a break")
    page = await visitor.get("/friend/offers")
    assert "You are not asked at the moment." in page.text


async def test_an_account_that_is_no_member_is_told_so(world, scope):
    from crowdcore.accounts.rules import Role

    visitor = await browser(world, person=await world.person(Role.FRIEND))
    page = await visitor.get("/friend/offers")
    assert page.status == 403
    assert "not a member" in page.text
