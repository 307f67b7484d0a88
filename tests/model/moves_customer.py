"""What customers do: book, call off, talk about the price, confirm, object, rate."""

from datetime import timedelta
from uuid import uuid4

from crowdcore.agreements import service as agreements
from crowdcore.agreements.rules import NothingProposed, PriceChanged, PriceNeedsReason, PriceOutOfRange
from crowdcore.base.money import Money
from crowdcore.bookings import service as bookings
from crowdcore.bookings.rules import Booking, GuideChanged, PreferredUnknown, WindowPast
from crowdcore.completion import service as completion
from crowdcore.completion.rules import DisputeTooLate
from crowdcore.jobs import service as jobs
from crowdcore.jobs.rules import Contact, JobStateConflict, NotYours, State, VersionConflict, Who, Window
from crowdcore.ratings import service as ratings
from crowdcore.ratings.rules import AlreadyRated, NotRateable, StarsRange
from tests.model.cast import PARTNERS, PLACE, Cast
from tests.model.hand import Hand, move
from tests.model.plain import DRAFT_LIFE, HELD, MINUTES, OBJECTIONS, RATE_WITHIN, PlainJob

URGENT = timedelta(minutes=60)
QUOTE_LIFE = timedelta(minutes=15)
NOT_FOUND = "not_found"
CASTING = {"swisscom": "energy", "energy": "swisscom"}


def _wish(hand: Hand) -> Window | None:
    """Nothing (as soon as possible), or one of two windows that overlap."""
    hours = hand.pick("wish", (None, None, None, 24, 25, 72))
    if hours is None:
        return None
    start = hand.now + timedelta(hours=hours)
    return Window(start, start + timedelta(hours=2))


def _urgent_window(hand: Hand, cast: Cast) -> Window:
    return Window(hand.now, hand.now + URGENT + timedelta(minutes=MINUTES[cast.partner][0]))


def _money(hand: Hand, cast: Cast, cents: int | None) -> Money | None:
    return None if cents is None else Money(cents, hand.world.portals[cast.partner].settings.money.currency)


async def book(hand: Hand, *, draft: bool) -> None:
    """Book at once, or save a draft."""
    cast = hand.world.casts[hand.pick("partner", PARTNERS)]
    other = hand.world.casts[CASTING[cast.partner]]
    customer = hand.pick("customer", cast.customers)
    wish = _wish(hand)
    price = hand.world.price(cast.partner, urgent=wish is None)
    seen = hand.mostly("price seen", price, (None, price + 5))
    preferred = hand.mostly("preferred", None, (cast.members[0].id, cast.members[5].id, other.members[0].id))
    contact = Contact(name=cast.canary, street=cast.canary, phone="+41791234567", email="", note=cast.canary)
    booking = Booking(
        service_id=cast.service, place_id=PLACE, urgent=wish is None, wishes=(wish,) if wish else (), language="de",
        channel="web", contact=contact, preferred_id=preferred, expected_guide=_money(hand, cast, seen),
    )  # fmt: skip
    code = None
    if preferred == other.members[0].id:
        code = PreferredUnknown.code
    elif seen not in {None, price}:
        code = GuideChanged.code
    verb = bookings.save_draft if draft else bookings.book
    made = await hand.expect(cast.partner, code, lambda: verb(customer_id=customer, booking=booking))
    if made is None:
        return
    job = PlainJob(
        id=made.id, cast=cast, customer=customer, guide=price, quoted_at=hand.now, urgent=wish is None, wish=wish,
        window=wish or _urgent_window(hand, cast), preferred=preferred, deadline=hand.now + DRAFT_LIFE,
    )  # fmt: skip
    if not draft:
        job.version += 1
        job.search(hand.now)
    hand.plain.jobs.append(job)


@move(State.DRAFT)
async def submit(hand: Hand, job: PlainJob) -> None:
    who = hand.mostly("who", Who.CUSTOMER, (Who.SUPPORT, Who.TIMER))
    price, code = hand.world.price(job.partner, urgent=job.urgent), None
    is_old = hand.now - job.quoted_at > QUOTE_LIFE
    seen = hand.mostly("price seen", price, (None, job.guide))
    if job.state is State.DRAFT and job.wish and job.wish.start < hand.now:
        code = WindowPast.code
    elif job.state is State.DRAFT and is_old and price not in {job.guide, seen}:
        code = GuideChanged.code
    elif who is Who.TIMER:
        code = NotYours.code
    elif job.state is not State.DRAFT:
        code = JobStateConflict.code
    shown = _money(hand, job.cast, seen)
    done = await hand.expect(job.partner, code, lambda: bookings.submit(job_id=job.id, who=who, expected_guide=shown))
    if done:
        job.version += 1
        if is_old:
            job.guide, job.quoted_at = price, hand.now
        if job.urgent:
            job.window = _urgent_window(hand, job.cast)
        job.search(hand.now)


@move(State.DRAFT, State.OPEN, State.ASSIGNED, State.ESCALATED)
async def cancel(hand: Hand, job: PlainJob) -> None:
    who = hand.mostly("who", Who.CUSTOMER, (Who.SUPPORT, Who.TIMER))
    version = hand.mostly("version read", None, (job.version, job.version - 1))
    code = None
    if version not in {None, job.version}:
        code = VersionConflict.code
    elif who not in {Who.CUSTOMER, Who.SUPPORT}:
        code = NotYours.code
    elif job.state not in {State.DRAFT, State.OPEN, State.ASSIGNED, State.ESCALATED}:
        code = JobStateConflict.code
    done = await hand.expect(
        job.partner, code, lambda: jobs.cancel(job_id=job.id, who=who, reason="x", expected_version=version)
    )
    if done:
        job.version += 1
        job.take()
        job.end(State.CANCELLED)


def _side(hand: Hand, job: PlainJob):
    """Draw who speaks: the customer, the Friend on the job, or somebody who may not."""
    who = hand.pick("who", (Who.CUSTOMER, Who.FRIEND, Who.FRIEND, Who.SUPPORT))
    if who is not Who.FRIEND:
        return who, None
    return who, hand.mostly("friend", job.assignee, (m.id for m in job.cast.members)) or job.cast.members[0].id


def _side_refusal(job: PlainJob, who: Who, friend, states) -> str | None:
    if who is Who.SUPPORT:
        return NotYours.code
    if job.state not in states:
        return JobStateConflict.code
    return NOT_FOUND if who is Who.FRIEND and friend != job.assignee else None


@move(*HELD)
async def propose_price(hand: Hand, job: PlainJob) -> None:
    who, friend = _side(hand, job)
    cents = hand.pick("cents", (job.guide, job.guide - 500, job.guide * 2, job.guide * 100, 0, job.guide + 1))
    reason = hand.pick("reason", ("", "two floors more"))
    code = _side_refusal(job, who, friend, HELD)
    if code is None and (not 0 < cents < job.guide * 100 or cents % 5):
        code = PriceOutOfRange.code
    elif code is None and cents > job.guide * 1.2 and not reason:
        code = PriceNeedsReason.code
    amount = Money(cents, hand.world.portals[job.partner].settings.money.currency)
    done = await hand.expect(
        job.partner, code,
        lambda: agreements.propose_price(job_id=job.id, who=who, amount=amount, reason=reason, friend_id=friend),
    )  # fmt: skip
    if done:
        job.version += 1
        job.proposal = (cents, who.value)


@move(*HELD, State.DONE)
async def answer_price(hand: Hand, job: PlainJob) -> None:
    who, friend = _side(hand, job)
    asked, by = job.proposal or (job.guide, "")
    cents = hand.mostly("price seen", asked, (asked + 100,))
    agree = hand.pick("agree", (True, False))
    code = _side_refusal(job, who, friend, HELD | {State.DONE})
    if code is None and (job.proposal is None or by == who.value):
        code = NothingProposed.code
    elif code is None and cents != asked:
        code = PriceChanged.code
    amount = Money(cents, hand.world.portals[job.partner].settings.money.currency)
    done = await hand.expect(
        job.partner, code,
        lambda: agreements.answer_price(job_id=job.id, who=who, amount=amount, agree=agree, friend_id=friend),
    )  # fmt: skip
    if done:
        job.version += 1
        job.proposal = None
        job.agreed = cents if agree else job.agreed


@move(State.DONE)
async def confirm(hand: Hand, job: PlainJob) -> None:
    who = hand.mostly("who", Who.CUSTOMER, (Who.SUPPORT,))
    code = None if job.state is State.DONE else JobStateConflict.code
    if await hand.expect(job.partner, code, lambda: completion.confirm(job_id=job.id, who=who)):
        job.version += 1
        job.confirm(hand.now)
        hand.plain.count_done(job)


@move(State.DONE, State.CONFIRMED)
async def dispute(hand: Hand, job: PlainJob) -> None:
    who = hand.mostly("who", Who.CUSTOMER, (Who.SUPPORT, Who.TIMER))
    code = None
    if who is Who.TIMER:
        code = NotYours.code
    elif job.state not in {State.DONE, State.CONFIRMED}:
        code = JobStateConflict.code
    elif job.confirmed_at is not None and hand.now > job.confirmed_at + OBJECTIONS:
        code = DisputeTooLate.code
    done = await hand.expect(
        job.partner, code, lambda: completion.dispute(job_id=job.id, who=who, reason=job.cast.canary)
    )
    if done:
        job.version += 1
        job.take()
        job.end(State.DISPUTED)


@move(State.DONE, State.CONFIRMED, State.SETTLED)
async def rate(hand: Hand, job: PlainJob) -> None:
    stars = hand.pick("stars", (0, 1, 5, 6))
    customer = hand.mostly("customer", job.customer, (*job.cast.customers, uuid4()))
    code = None
    if not 1 <= stars <= 5:
        code = StarsRange.code
    elif customer != job.customer:
        code = NOT_FOUND
    elif job.state not in {State.DONE, State.CONFIRMED, State.SETTLED} or hand.now > job.done_at + RATE_WITHIN:
        code = NotRateable.code
    elif job.rated:
        code = AlreadyRated.code
    done = await hand.expect(
        job.partner, code,
        lambda: ratings.rate(
            job_id=job.id, customer_id=customer, stars=stars, book_again=True, comment=job.cast.canary
        ),
    )  # fmt: skip
    if done:
        job.rated = True
        if job.done_by:
            hand.plain.members[job.done_by].stars += stars
