"""Offers in a browser: the first to accept has the job, the others are told why not."""

import asyncio

import pytest

from crowdcore.crowd import service as crowd
from crowdcore.dispatch import models as dispatch_models
from crowdcore.jobs import models, queries as jobs
from tests.browsing import browser, read
from tests.kit import BERN


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
    page = read("/en/friend/offers", 409, lost.text)
    assert page.h1 == "Already taken"
    assert "Somebody was one second faster." in page.text
    assert "One more offer near you is open." in page.text or "as soon as there is another one" in page.text


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
    assert "Why am I asked, or not?" in page.links
    page = await visitor.send(page, "Ready")  # one tap, and back on the same page
    assert (page.path, page.h1) == ("/en/friend/offers", "You are taking a break")
    assert "Nobody asks you until you switch to ready." in page.text
    page = await visitor.send(page, "Ready")
    assert page.h1 == "No new offer"
    await world.book(await world.customer())
    assert (await visitor.get("/friend/offers")).h1 == "One new offer"
    await crowd.suspend(friend_id=anna.friend.id)
    page = await visitor.get("/friend/offers")
    assert page.h1.startswith("You get no offers at the moment")
    assert not [form for form in page.forms if "Accept" in form.buttons]
    _novice, page = await offers_page(world, await world.friend(service=None))
    assert "Pass an exam first" in page.text


async def test_why_names_the_reason_and_the_way_out(world, customer, scope):
    """Every reason a member can do something about, with the page where it is changed."""
    await world.friend()
    asked, novice = await world.friend(), await world.friend(service=None)
    await world.book(customer)
    visitor = await browser(world, person=asked)
    page = await visitor.get("/friend/why")
    assert page.h1 == "You were asked for 1 of 1 jobs near you"
    assert "Nothing in your profile keeps you from being asked." in page.text
    visitor = await browser(world, person=novice)
    page = await visitor.get("/friend/why")
    assert page.h1 == "You were asked for 0 of 1 jobs near you"
    assert "An exam is missing" in page.text
    assert page.links["Go to your exams"] == "/en/friend/exams"
    far = await world.friend(point=BERN)
    said = await far.read("/me/why")
    assert [(one["asked"], one["reason"]) for one in said["jobs"]] == []  # 95 km away is not near
    said = await novice.read("/me/why")
    assert said["ways_out"] == [{"reason": "not_qualified", "jobs": 1}]
    assert (await (await browser(world, person=far)).get("/friend/why")).h1 == "Nobody near you has needed help lately"


async def test_an_account_that_is_no_member_is_told_so(world, scope):
    from crowdcore.accounts.rules import Role

    visitor = await browser(world, person=await world.person(Role.FRIEND))
    page = await visitor.get("/friend/offers")
    assert page.status == 403
    assert "not a member" in page.text
