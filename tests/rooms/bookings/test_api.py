"""Booking over the API: places, prices, wishes, and everything that can be wrong with them."""

import dataclasses
from datetime import datetime, timedelta

import pytest

from crowdcore.accounts.models import Account
from crowdcore.accounts.rules import Role
from crowdcore.base.geo import Point
from crowdcore.db.scope import partner_scope
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.models import Job
from crowdcore.web import rates
from tests.kit import ZURICH, check_field, check_problem, window, wish

LATER = 24
NOON = "2026-11-24T12:00:00Z"
CALLER = {"name": "Caller One", "email": "caller@example.ch", "phone": "+41 44 111 22 33", "language": "fr"}


@pytest.mark.parametrize(
    ("typed", "kind", "first"),
    [
        ("8001 Zürich", "found", "8001 Zürich"),
        ("bahnhofstrasse 1, 8001 zürich", "found", "8001 Zürich"),
        ("Bern", "found", "3000 Bern"),
        ("Buchs", "choice", None),
        ("qqqqqq", "unknown", None),
    ],
)
async def test_places(world, typed, kind, first):
    client = await world.client()
    answer = (await client.get("/places", params={"q": typed})).json()
    assert answer["kind"] == kind
    if first is not None:
        assert answer["places"][0]["label"].split(" ")[1] == first.split(" ")[1]
        assert answer["places"][0]["country"] == "CH"
    if kind == "choice":
        assert len(answer["places"]) > 1


async def test_a_place_nobody_typed(world):
    client = await world.client()
    check_field(await client.get("/places"), "/q", "field.required")
    check_field(await client.get("/places", params={"q": " "}), "/q", "field.blank")
    check_field(await client.get("/places", params={"q": "a\u202eb"}), "/q", "field.bidi_control")


async def test_a_quote_in_the_money_of_the_country(world):
    client = await world.client("energy")
    asked = {"service": "meter-app", "place": ZURICH}
    chf = (await client.get("/quotes", params=asked)).json()
    assert (chf["guide"]["amount"], chf["guide"]["currency"]) == (4900, "CHF")
    assert chf["place"]["label"] == "8001 Zürich"
    urgent = (await client.get("/quotes", params={**asked, "urgent": "true"})).json()
    assert urgent["guide"]["amount"] == 6900
    assert urgent["next_time"] == {"at_once": False, "span": None, "free": 0}, "nobody has joined yet"


async def test_a_quote_may_depend_on_the_time(world):
    client = await world.client("electronics", language="fr")
    sunday = world.clock.now() + timedelta(days=6, hours=10)
    asked = {"service": "tv-setup", "place": ZURICH}
    usual = (await client.get("/quotes", params=asked)).json()["guide"]
    dear = (await client.get("/quotes", params={**asked, "starts_at": sunday.isoformat()})).json()["guide"]
    assert dear["amount"] > usual["amount"]
    assert dear["notes"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"service": "no-such"}, 409, "product.unavailable"),
        ({"place": "CH-0000-nowhere"}, 404, "place.unknown"),
        ({"service": "computer-setup", "urgent": "true"}, 422, "when.not_on_demand"),
        ({"urgent": "true", "starts_at": "2026-11-24T10:00:00Z"}, 422, "when.count"),
        ({"starts_at": "2026-11-24T10:00"}, 422, "input.invalid"),
        ({"urgent": "perhaps"}, 422, "input.invalid"),
    ],
)
async def test_quotes_that_cannot_be_given(world, asked, status, code):
    client = await world.client()
    query = {"service": "tv-box-setup", "place": ZURICH, **asked}
    check_problem(await client.get("/quotes", params=query), status, code)


async def test_a_closed_region_says_so(world):
    client = await world.client("energy", language="de")
    vienna_woods = (await client.get("/places", params={"q": "2500 Baden"})).json()["places"][0]["id"]
    query = {"service": "meter-app", "place": vienna_woods}
    problem = check_problem(await client.get("/quotes", params=query), 422, "address.out_of_area")
    assert problem["place"] == "2500 Baden"
    assert problem["phone"].startswith("+41")
    assert problem["rule"] == "region.closed"
    assert problem["detail"].startswith("In 2500 Baden sind wir noch nicht.")


async def test_a_planned_region_is_closed_in_the_partners_own_words(world):
    client = await world.client("energy", language="fr")
    delemont = (await client.get("/places", params={"q": "2800 Delémont"})).json()["places"][0]["id"]
    query = {"service": "meter-app", "place": delemont}
    problem = check_problem(await client.get("/quotes", params=query), 422, "address.out_of_area")
    assert problem["rule"] == "energy.region_planned"
    assert problem["detail"].startswith("Nous arrivons bientôt")


async def test_a_plugin_closes_a_service_in_its_own_words(world):
    client = await world.client("energy", language="fr")
    munich = (await client.get("/places", params={"q": "80331 München"})).json()["places"][0]["id"]
    served = (await client.get("/quotes", params={"service": "meter-app", "place": munich})).json()
    assert served["guide"]["currency"] == "EUR"
    query = {"service": "wallbox-app", "place": munich}
    problem = check_problem(await client.get("/quotes", params=query), 422, "address.out_of_area")
    assert problem["rule"] == "energy.licence_pack_missing"
    assert "Allemagne" in problem["detail"] or "pays" in problem["detail"]


async def test_a_booking_takes_over_what_the_account_knows(world):
    customer = await world.customer(name="Known Name", phone="+41791112233", language="fr")
    booked = await world.book(customer)
    seen = await customer.job(booked["id"])
    assert seen["contact"]["name"] == "Known Name"
    assert seen["contact"]["phone"] == "+41791112233"
    assert seen["contact"]["email"] == customer.account.email
    assert seen["language"] == "fr"
    assert seen["channel"] == "api"
    assert booked["number"].startswith("SW-")
    assert booked["place"] == "8001 Zürich"


async def test_a_booking_keeps_what_was_typed(world):
    customer = await world.customer()
    start = world.clock.now() + timedelta(hours=LATER)
    booked = await world.book(
        customer,
        urgent=False,
        wishes=[window(start), window(start + timedelta(days=1))],
        name="At the door",
        phone="0041 79 123 45 67",
        email="Door@Example.CH",
        note="Ring twice.\nDog is friendly.",
        language="de",
    )
    seen = await customer.job(booked["id"])
    assert seen["contact"] == {
        "name": "At the door",
        "street": "Bahnhofstrasse 1",
        "phone": "+41791234567",
        "email": "door@example.ch",
        "note": "Ring twice.\nDog is friendly.",
    }
    assert len(seen["wishes"]) == 2
    assert seen["window"] == seen["wishes"][0]
    assert seen["language"] == "de"


async def test_the_same_key_books_once(world, scope):
    customer = await world.customer()
    first = await customer.post("/jobs", wish(), key="k-1")
    second = await customer.post("/jobs", wish(), key="k-1")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert await Job.all().count() == 1
    other = await customer.post("/jobs", wish(street="Elsewhere 2"), key="k-1")
    check_problem(other, 422, "idempotency.mismatch")
    check_problem(await customer.client.post("/jobs", json=wish()), 400, "idempotency.required")


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"street": " "}, "/street", "field.blank"),
        ({"street": "a" * 201}, "/street", "field.too_long"),
        ({"street": "a\x00b"}, "/street", "field.control_chars"),
        ({"name": "\u202eevil"}, "/name", "field.bidi_control"),
        ({"note": "\u200b"}, "/note", "field.blank"),
        ({"phone": "079 12"}, "/phone", "phone.too_short"),
        ({"phone": "+4179123456789012"}, "/phone", "phone.too_long"),
        ({"phone": "call me"}, "/phone", "phone.invalid"),
        ({"phone": "079 123 45 67"}, "/phone", "phone.country"),
        ({"email": "a@b"}, "/email", "email.invalid"),
        ({"email": "a@example.ch\nBcc: b@example.ch"}, "/email", "email.invalid"),
        ({"urgent": "yes"}, "/urgent", "schema.type"),
        ({"prize": 1}, "/prize", "schema.unknown_field"),
        ({"state": "open"}, "/state", "schema.read_only"),
        ({"partner_id": "energy"}, "/partner_id", "schema.read_only"),
        ({"language": "it"}, "/language", "field.choice"),
        ({"expected_guide": {"amount": 89.5, "currency": "CHF"}}, "/expected_guide/amount", "money.precision"),
        ({"expected_guide": {"amount": -1, "currency": "CHF"}}, "/expected_guide/amount", "money.range"),
        ({"preferred_friend": "anna"}, "/preferred_friend", "schema.type"),
        ({"wishes": [{"start": "2026-11-24T10:00", "end": NOON}]}, "/wishes/0/start", "time.zone_required"),
        ({"wishes": [{"start": "2026-13-01T10:00Z", "end": NOON}]}, "/wishes/0/start", "time.invalid"),
        ({"customer": {"name": "A", "language": "de"}}, "/customer", "booking.caller"),
    ],
)  # fmt: skip
async def test_fields_that_are_wrong(world, scope, fields, pointer, code):
    customer = await world.customer()
    check_field(await customer.post("/jobs", wish(**fields)), pointer, code)
    assert await Job.all().count() == 0


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"service": "no-such"}, 409, "product.unavailable"),
        ({"place": "CH-0000-nowhere"}, 404, "place.unknown"),
        ({"urgent": False}, 422, "when.count"),
        ({"service": "computer-setup"}, 422, "when.not_on_demand"),
        ({"declared_work": ["open_fuse_box"]}, 422, "booking.work_unknown"),
        ({"preferred_friend": "11111111-1111-4111-8111-111111111111"}, 422, "booking.friend_unknown"),
        ({"expected_guide": {"amount": 1, "currency": "CHF"}}, 409, "price.quote_changed"),
    ],
)
async def test_wishes_that_cannot_be_met(world, scope, fields, status, code):
    customer = await world.customer()
    problem = check_problem(await customer.post("/jobs", wish(**fields)), status, code)
    assert await Job.all().count() == 0
    if code == "price.quote_changed":
        assert problem["guide"] == {"amount": 8900, "currency": "CHF"}


@pytest.mark.parametrize(
    ("start_h", "hours", "code"),
    [
        (-1, 2, "when.past"),
        (LATER, 0, "window.order"),
        (LATER, 0.1, "window.too_short"),
        (61 * 24, 2, "when.too_far"),
    ],
)
async def test_times_that_cannot_be_kept(world, start_h, hours, code):
    customer = await world.customer()
    when = window(world.clock.now() + timedelta(hours=start_h), hours=hours)
    check_problem(await customer.post("/jobs", wish(urgent=False, wishes=[when])), 422, code)


async def test_at_most_three_wishes_and_none_beside_now(world):
    customer = await world.customer()
    when = [window(world.clock.now() + timedelta(days=day)) for day in (1, 2, 3, 4)]
    check_field(await customer.post("/jobs", wish(urgent=False, wishes=when)), "/wishes", "list.too_long")
    check_problem(await customer.post("/jobs", wish(wishes=when[:1])), 422, "when.count")


async def test_a_plugins_safety_rule_forbids_a_booking(world, scope):
    customer = await world.customer("energy", language="de")
    body = wish(service="meter-app", declared_work=["open_fuse_box"])
    problem = check_problem(await customer.post("/jobs", body), 422, "booking.refused")
    assert problem["rule"] == "energy.open_fuse_box"
    assert problem["detail"] != "This work cannot be booked here."
    with partner_scope("energy"):
        assert await Job.all().count() == 0


async def test_the_preferred_friend_is_asked_alone_first(world):
    customer, anna, beat = await world.customer(), await world.friend(), await world.friend()
    await world.book(customer, preferred_friend=str(anna.friend.id))
    assert len((await anna.read("/offers"))["offers"]) == 1
    assert (await beat.read("/offers"))["offers"] == []
    await world.advance(seconds=61)
    assert len((await beat.read("/offers"))["offers"]) == 1


async def test_support_books_for_a_caller(world, scope):
    agent = await world.agent()
    booked = await agent.must("/jobs", wish(customer=CALLER))
    job = await jobs.job(booked["id"])
    account = await Account.get(id=job.customer_id)
    assert (account.email, account.roles, account.language) == ("caller@example.ch", ["customer"], "fr")
    assert (job.channel, job.language) == ("call_centre", "fr")
    contact = await jobs.contact(job.id)
    assert (contact.name, contact.phone, contact.email) == ("Caller One", "+41441112233", "caller@example.ch")
    again = await agent.must("/jobs", wish(customer=CALLER, draft=True))
    assert (await jobs.job(again["id"])).customer_id == job.customer_id
    lines = (await agent.read(f"/jobs/{booked['id']}/history"))["lines"]
    assert {line["by"] for line in lines} == {"agent"}


async def test_a_refused_call_leaves_nothing_behind(world, scope):
    agent = await world.agent()
    caller = {"name": "Nobody Yet", "language": "de"}
    stale = wish(customer=caller, expected_guide={"amount": 1, "currency": "CHF"})
    check_problem(await agent.post("/jobs", stale), 409, "price.quote_changed")
    assert not await Account.filter(name="Nobody Yet").exists()
    check_field(await agent.post("/jobs", wish()), "/customer", "field.required")


async def test_who_may_book(world):
    anna = await world.friend()
    check_problem(await anna.post("/jobs", wish()), 403, "auth.scope")
    admin = await world.agent(role=Role.ADMIN)
    check_problem(await admin.post("/jobs", wish()), 403, "auth.scope")
    nobody = await world.client()
    answer = await nobody.post("/jobs", json=wish(), headers={"Idempotency-Key": "k"})
    check_problem(answer, 401, "auth.missing")


async def test_a_token_of_another_partner_is_unknown_here(world):
    customer = await world.customer("swisscom")
    token = customer.client.headers["authorization"].split()[1]
    elsewhere = await world.client("energy", token=token)
    check_problem(await elsewhere.get("/jobs"), 401, "auth.invalid")


async def test_five_bookings_an_hour(world, settings):
    customer = await world.customer()
    rates.use_rates(rates.Rates(dataclasses.replace(settings, rate_limits=True)))
    try:
        for _ in range(5):
            await customer.must("/jobs", wish())
        limited = await customer.post("/jobs", wish())
    finally:
        rates.use_rates(None)
    check_problem(limited, 429, "rate.limited")
    assert int(limited.headers["retry-after"]) > 0


async def test_a_draft_belongs_to_its_customer(world):
    customer, other = await world.customer(), await world.customer()
    draft = await customer.must("/jobs", wish(draft=True))
    check_problem(await other.post(f"/jobs/{draft['id']}/submit", {}), 404, "not_found")
    opened = await customer.must(f"/jobs/{draft['id']}/submit", {})
    assert opened["state"] == "open"
    twice = check_problem(await customer.post(f"/jobs/{draft['id']}/submit", {}), 409, "job.state_conflict")
    assert (twice["state"], "cancel" in twice["allowed"]) == ("open", True)


async def test_the_price_of_an_old_draft_is_asked_for_again(world):
    customer = await world.customer("electronics")
    start = world.clock.now() + timedelta(days=2)
    draft = await customer.must("/jobs", wish(service="tv-setup", urgent=False, wishes=[window(start)], draft=True))
    await world.friend("electronics", service="tv-setup", point=Point(47.2, 8.9))
    await world.advance(minutes=16)
    answer = await customer.post(f"/jobs/{draft['id']}/submit", {})
    problem = check_problem(answer, 409, "price.quote_changed")
    opened = await customer.must(f"/jobs/{draft['id']}/submit", {"expected_guide": problem["guide"]})
    assert opened["guide"]["amount"] == problem["guide"]["amount"]


@pytest.mark.parametrize(("partner", "hours"), [("swisscom", 2), ("energy", 4)])
async def test_until_when_cancelling_is_free_is_the_partners_rule(world, partner, hours):
    customer = await world.customer(partner)
    start = world.clock.now() + timedelta(days=1)
    service = {"swisscom": "tv-box-setup", "energy": "meter-app"}[partner]
    booked = await world.book(customer, service=service, urgent=False, wishes=[window(start)])
    seen = await customer.job(booked["id"])
    assert datetime.fromisoformat(seen["cancel_free_until"]) == start - timedelta(hours=hours)
    assert seen["confirms_at"] is None
    world.clock.advance(hours=24 - hours)
    assert (await customer.job(booked["id"]))["cancel_free_until"] is None


async def test_who_wants_to_be_asked_is_refused_the_same_wish_within_minutes(world):
    customer = await world.customer()
    first = await world.book(customer)
    again = check_problem(await customer.post("/jobs", wish(ask_twice=True)), 409, "booking.twice")
    assert (again["number"], again["job"]) == (first["number"], first["id"])
    draft = await customer.must("/jobs", wish(draft=True))
    check_problem(await customer.post(f"/jobs/{draft['id']}/submit", {"ask_twice": True}), 409, "booking.twice")
    assert (await customer.must(f"/jobs/{draft['id']}/submit", {}))["state"] == "open"
    for job in (first, draft):
        await customer.must(f"/jobs/{job['id']}/cancel", {"reason": "twice"})
    await customer.must("/jobs", wish(ask_twice=True))
