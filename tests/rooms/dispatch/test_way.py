"""The thinnest way through everything, at the level of services: book, wave, accept, do, rate."""

from datetime import timedelta

import pytest

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Role
from crowdcore.agreements import service as agreements
from crowdcore.app.invariants import violations
from crowdcore.app.worker import worker
from crowdcore.base import clock as time
from crowdcore.base.geo import Point
from crowdcore.bookings import service as bookings
from crowdcore.bookings.rules import Booking
from crowdcore.completion import service as completion
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.crowd.rules import Kind
from crowdcore.dispatch import queries as dispatch
from crowdcore.dispatch.rules import OfferTaken
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.rules import Contact, Milestone, State, Who
from crowdcore.offers import service as offers
from crowdcore.ratings import service as ratings


async def friend(name: str, *, point: Point, skill: str = "tv"):
    account = await accounts.open_account(
        email=f"{name}@example.ch", name=name, language="de", roles=frozenset({Role.FRIEND})
    )
    member = await crowd_service.join(
        account=account,
        kind=Kind.FRIEND,
        home=point,
        region="CH-ZH",
        place_label="8001 Zürich",
        radius_m=30_000,
        most_radius_m=50_000,
        languages=frozenset({"de", "fr", "en"}),
    )
    await crowd_service.grant_qualification(
        friend_id=member.id, skill=skill, valid_until=time.now() + timedelta(days=300), reason="test"
    )
    return await crowd.friend(member.id)


async def book(customer, *, note: str = ""):
    booking = Booking(
        service_id="tv-box-setup",
        place_id="CH-8001-zurich",
        urgent=True,
        wishes=(),
        language="de",
        channel="web",
        contact=Contact(name="K", street="Bahnhofstrasse 1", phone="+41791234567", email="", note=note),
    )
    return await bookings.book(customer_id=customer.id, booking=booking)


async def test_offers_are_the_newest_ones_and_only_ones_own(database, portals, clock, scope, monkeypatch):
    monkeypatch.setattr(dispatch, "MOST_OFFERS", 2)
    near, far = await friend("anna", point=Point(47.37, 8.54)), await friend("beat", point=Point(46.2, 6.15))
    customer = await accounts.open_account(
        email="kunde@example.ch", name="K", language="de", roles=frozenset({Role.CUSTOMER})
    )
    booked = []
    for number in range(3):
        booked.append((await book(customer, note=f"{number}")).id)
        await worker().drain()
        clock.at += timedelta(minutes=1)
    assert [offer.job.id for offer in await dispatch.offers_of(near)] == booked[:0:-1]
    assert [offer.job.id for offer in await dispatch.offers_of(near, live_only=False)] == booked[:0:-1]
    assert await dispatch.offers_of(far) == []


async def test_from_booking_to_rating(database, portals, clock, scope):
    near = await friend("anna", point=Point(47.37, 8.54))
    other = await friend("beat", point=Point(47.38, 8.55))
    customer = await accounts.open_account(
        email="kunde@example.ch", name="K", language="de", roles=frozenset({Role.CUSTOMER})
    )
    job = await book(customer)
    assert job.state is State.OPEN
    await worker().drain()
    mine = (await dispatch.offers_of(near))[0]
    theirs = (await dispatch.offers_of(other))[0]
    won = await offers.accept(offer_id=mine.id, friend=near)
    assert won.job_id == job.id
    assert await offers.accept(offer_id=mine.id, friend=near) == won
    with pytest.raises(OfferTaken):
        await offers.accept(offer_id=theirs.id, friend=other)
    await agreements.reach(job_id=job.id, milestone=Milestone.CONTACTED, friend_id=near.id)
    await agreements.propose_price(job_id=job.id, who=Who.FRIEND, amount=job.guide.amount, reason="", friend_id=near.id)
    await agreements.answer_price(job_id=job.id, who=Who.CUSTOMER, amount=job.guide.amount, agree=True, friend_id=None)
    await jobs_service.start(job_id=job.id, friend_id=near.id)
    await completion.report(job_id=job.id, friend_id=near.id, text="ok")
    await completion.confirm(job_id=job.id, who=Who.CUSTOMER)
    await ratings.rate(job_id=job.id, customer_id=customer.id, stars=5, book_again=True, comment="")
    after = await jobs.job(job.id)
    assert after.state is State.CONFIRMED
    assert after.done_by_id == near.id
    assert after.agreed == job.guide.amount
    await worker().drain()
    clock.advance(days=15)
    await worker().drain()
    assert (await jobs.job(job.id)).state is State.SETTLED
    assert await violations(quiet=True) == []
