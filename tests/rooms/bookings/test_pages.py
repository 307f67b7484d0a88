"""Booking in plain forms: what is refused at which field, what stays typed, and that a double click books once."""

import asyncio
import dataclasses
from uuid import UUID

import pytest

from crowdcore.bookings.rules import number_of
from crowdcore.jobs import models, queries as jobs
from crowdcore.jobs.rules import State
from crowdcore.partners.queries import portals as opened
from crowdcore.partners.service import use_portals
from crowdcore.plugin.content_partner import PortalStatus
from tests.browsing import browser, read

STEP_2 = "/book/tv-box-setup/who?place=CH-8001-zurich&when=now"
PERSON = {"name": "Frau Bieri", "street": "Bahnhofstrasse 1", "phone": "079 123 45 67", "speaks": "de"}


@pytest.fixture
async def customer(world):
    return await world.customer(name="Frau Bieri")


@pytest.fixture
async def visitor(world, customer):
    return await browser(world, person=customer)


async def to_check(visitor, **typed):
    return await visitor.send(await visitor.get(STEP_2), "Continue", **{**PERSON, **typed})


async def test_every_wrong_field_is_said_twice_and_nothing_typed_is_lost(visitor):
    page = await visitor.get("/book/tv-box-setup")
    page = await visitor.send(page, "Continue", place="Xyzzyqwert", when="now", wish=["2026-11-25.evening"])
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert page.text.count("We do not know “Xyzzyqwert”") == 2
    assert page.text.count("Choose “as soon as possible” or one to three times.") == 2
    assert page.text.index("We do not know") < page.text.index("Choose “as soon")
    form = page.form("Continue")
    assert form.fields["place"] == ["Xyzzyqwert"]
    assert form.fields["wish"] == ["2026-11-25.evening"]
    assert form.fields["when"] == ["now"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"place": "", "when": "now"}, "Enter a postcode or place, for example 3097 Liebefeld."),
        ({"place": "Bahnhofstrasse 1", "when": "now"}, "Add the postcode or place to the street"),
        ({"place": "Liebefelt", "when": ""}, "Choose “as soon as possible” or one to three times."),
        ({"place": "3097", "when": "wish"}, "Choose “as soon as possible” or one to three times."),
        ({"place": "3097", "when": "wish", "wish": ["2026-11-22.evening"]}, "This time has passed."),
        ({"place": "3097", "when": "wish", "wish": ["2027-11-22.evening"]}, "within the next 60 days"),
        ({"place": "3097", "when": "wish", "wish": ["2026-11-24.midnight"]}, "Choose one of the times on this page."),
        ({"place": "3097", "when": "wish", "wish": [f"2026-11-2{d}.morning" for d in (4, 5, 6, 7)]}, "one to three"),
        ({"place": "x" * 301, "when": "now"}, "At most 300 characters"),
    ],
)
async def test_step_one_says_what_to_do(visitor, typed, sentence):
    page = await visitor.send(await visitor.get("/book/tv-box-setup"), "Continue", **typed)
    assert page.status == 422
    assert sentence in page.text


async def test_a_place_that_may_be_several_is_asked_about(visitor):
    page = await visitor.get("/book/tv-box-setup")
    page = await visitor.send(page, "Continue", place="Buchs", when="wish", wish=["2026-11-25.evening"])
    assert page.h1 == "Which place do you mean?"
    assert "5033 Buchs AG" in page.text
    back = await visitor.click(page, "Type another place")
    assert back.form("Continue").fields["place"] == ["Buchs"]
    assert back.form("Continue").fields["wish"] == ["2026-11-25.evening"]
    page = await visitor.send(page, "Continue", place_id="CH-5033-buchs-ag")
    assert page.h1 == "Who are you?"
    assert "5033 Buchs AG" in page.text
    assert "Wednesday 25 November, 6–8\u00a0pm" in page.text


async def test_past_times_are_not_offered_and_later_days_are_a_press_away(visitor):
    page = await visitor.get("/book/tv-box-setup")
    assert 'value="2026-11-23.morning"' not in page.html  # it is ten o'clock
    assert 'value="2026-11-23.evening"' in page.html
    assert 'value="2026-11-28.morning"' not in page.html
    page = await visitor.send(page, "Show later days", place="Bern", wish=["2026-11-24.evening"])
    assert 'value="2026-11-28.morning"' in page.html
    form = page.form("Continue")
    assert (form.fields["place"], form.fields["wish"]) == (["Bern"], ["2026-11-24.evening"])


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": " "}, "name", "Please write something here"),
        ({"street": ""}, "street", "Please fill in this field."),
        ({"phone": "call me"}, "phone", "This is not a complete phone number."),
        ({"email": "anna@"}, "email", "This is not a complete e-mail address."),
        ({"phone": "", "email": ""}, "phone", "Give a phone number or an e-mail address"),
        ({"note": "x" * 1001}, "note", "At most 1000 characters"),
        ({"name": "a\u202eb"}, "name", "turns the writing direction"),
    ],
)
async def test_step_two_says_what_to_do(visitor, scope, typed, field, sentence):
    page = await to_check(visitor, **typed)
    assert page.status == 422
    assert page.h1 == "Who are you?"
    assert sentence in page.text
    assert page.links[next(label for label in page.links if sentence in label)] == f"#{field}"
    form = page.form("Continue")
    for name, value in {**PERSON, **typed}.items():
        assert form.fields[name] == [value]
    assert await models.Job.all().count() == 0


@pytest.mark.parametrize(
    ("phone", "kept", "shown"),
    [
        ("079 123 45 67", "+41791234567", "079_123_45_67"),
        ("0041 79 123 45 67", "+41791234567", "079_123_45_67"),
        ("+49 171 1234567", "+491711234567", "+49_171_123_4567"),
    ],
)
async def test_numbers_are_kept_in_international_form_and_shown_in_groups(visitor, scope, phone, kept, shown):
    page = await to_check(visitor, phone=phone)
    assert shown.replace("_", "\u00a0") in page.text
    assert (await jobs.contact(UUID(page.path.split("/")[3]))).phone == kept


async def test_nobody_is_asked_twice(visitor, scope):
    await to_check(visitor, note="Third floor")
    form = (await visitor.get(STEP_2)).form("Continue")
    assert form.fields["street"] == ["Bahnhofstrasse 1"]
    assert form.fields["note"] == ["Third floor"]
    other = (await visitor.get(STEP_2.replace("tv-box-setup", "wifi-fix"))).forms
    assert "Third floor" not in str(other)


async def test_a_double_click_keeps_one_draft_and_a_changed_detail_another(visitor, scope):
    form = (await visitor.get(STEP_2)).form("Continue")
    answers = await asyncio.gather(*(visitor.post(form, **PERSON) for _ in range(4)))
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await models.Job.all().count() == 1
    again = await visitor.post(form, **{**PERSON, "street": "Bahnhofstrasse 2"})
    assert again.status_code == 303
    assert await models.Job.all().count() == 2


async def test_two_orders_are_one_search(visitor, world, customer, scope):
    form = (await to_check(visitor)).form("Ask now, at no cost")
    answers = await asyncio.gather(*(visitor.post(form) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    mine = await jobs.jobs_of_customer(customer.account.id)
    assert [(job.state, job.round_no, job.number) for job in mine] == [
        (State.OPEN, 1, number_of(mine[0].id, "swisscom"))
    ]
    opened_lines = [line for line in await jobs.history(mine[0].id) if line.action == "submit"]
    assert len(opened_lines) == 1


async def test_an_order_that_was_sent_leads_to_the_job(visitor, scope):
    check = await to_check(visitor)
    job = await visitor.send(check, "Ask now, at no cost")
    assert (await visitor.get(check.path)).path == job.path
    again = await visitor.send(check, "Ask now, at no cost", guide="1")
    assert again.path == job.path


async def test_a_price_that_moved_is_shown_before_it_counts(visitor, world, customer, scope, monkeypatch):
    check = await to_check(visitor)
    job = (await jobs.jobs_of_customer(customer.account.id))[0]
    world.clock.advance(minutes=20)
    dearer = dataclasses.replace(job.guide, amount=job.guide.high)

    async def another_price(*_args, **_more):
        return dearer

    monkeypatch.setattr("crowdcore.catalog.queries.quote", another_price)
    page = await visitor.send(check, "Ask now, at no cost")
    assert page.status == 409
    assert "The guide price has changed to CHF\u00a099. Please confirm again." in page.text
    page = await visitor.send(page, "Ask now, at no cost")
    assert page.h1 == "We are asking your neighbourhood"


async def test_forbidden_work_is_refused_with_the_partners_own_words(world):
    customer = await world.customer("energy")
    visitor = await browser(world, "energy", person=customer, language="de")
    page = await visitor.get("/book/meter-app/who?place=CH-3011-bern&when=now")
    question = "Muss die Abdeckung des Sicherungskastens weg?"
    assert question in page.text
    page = await visitor.send(page, "Weiter", **PERSON, work=["open_fuse_box"])
    assert page.status == 422
    assert "734.27" in page.text
    assert page.form("Weiter").fields["work"] == ["open_fuse_box"]
    page = await visitor.send(page, "Weiter", **PERSON, work=[])
    assert page.status == 200


async def test_a_service_by_appointment_cannot_be_had_at_once(world):
    visitor = await browser(world, "energy")
    service = next(
        s for s in opened()["energy"].catalog.bookable() if not s.on_demand.allowed and "friend" in s.channels
    )
    page = await visitor.get(f"/book/{service.id}")
    assert "As soon as possible" not in page.text
    page = await visitor.send(page, "Continue", place="3011 Bern", when="now")
    assert page.status == 422
    assert "This service needs an appointment." in page.text


async def test_a_paused_portal_takes_no_bookings(world, visitor):
    here = opened()["swisscom"]
    paused = dataclasses.replace(here, settings=dataclasses.replace(here.settings, status=PortalStatus.PAUSED))
    use_portals({**opened(), "swisscom": paused})
    page = await visitor.get("/book/tv-box-setup")
    assert page.status == 503
    assert "not taking bookings" in page.text


async def test_drafts_belong_to_who_made_them(world, visitor, scope):
    check = await to_check(visitor)
    stranger = await browser(world, person=await world.customer())
    assert (await stranger.get(check.path)).status == 404
    form = dataclasses.replace(check.form("Ask now, at no cost"))
    form.fields["_csrf"] = (await stranger.get("/account")).form("Sign out").fields["_csrf"]
    assert (await stranger.post(form)).status_code == 404


@pytest.mark.parametrize("when", ["", "never", "2026-13-01.morning", "2026-11-24.evening,x", "now,now", "2026-11-24"])
async def test_a_meddled_address_leads_back_to_step_one(visitor, when):
    page = await visitor.get(f"/book/tv-box-setup/who?place=CH-8001-zurich&when={when}")
    assert page.h1 == "Where and when?"
    page = await visitor.get("/book/tv-box-setup/who?place=CH-0000-nowhere&when=now")
    assert page.h1 == "Where and when?"


async def test_staff_book_for_somebody_on_the_phone(world, scope):
    agent = await browser(world, person=await world.agent())
    page = await agent.get("/console/book")
    assert page.h1 == "What does the caller need?"
    page = await agent.send(
        page, "Show price and next time", service="tv-box-setup", place="8001 Zürich", name="Frau B"
    )
    assert "59–79" in page.text
    assert "Qualified Friends nearby 0" in page.text
    page = await agent.send(page, "FRScript in French")
    assert "Où avez-vous besoin d’aide ?" in page.text.replace("\u202f", " ")
    assert page.form("Ask the neighbourhood").fields["name"] == ["Frau B"]
    switched = dataclasses.replace(
        page.form("Ask the neighbourhood"), action="/de/console/book"
    )  # the agent's own language
    answer = await agent.post(switched, _language="de", service="tv-box-setup")
    german = read("/console/book", answer.status_code, answer.text)
    assert german.h1 == "Für jemanden buchen: TV-Box einrichten"
    assert "Où avez-vous besoin d’aide ?" in german.text.replace("\u202f", " "), "the caller still speaks French"
    page = await agent.send(
        page, "Ask the neighbourhood", place="Buchs", when="now", **{**PERSON, "email": "", "speaks": "fr"}
    )
    assert page.status == 422
    assert "Read the sentence aloud and tick that the caller agrees." in page.text
    page = await agent.send(page, "Ask the neighbourhood", consent="yes")
    assert "Choose one and send again; nothing you typed is lost." in page.text
    assert page.form("Ask the neighbourhood").fields["street"] == ["Bahnhofstrasse 1"]
    form = page.form("Ask the neighbourhood")
    answers = await asyncio.gather(
        *(agent.post(form, "Ask the neighbourhood", place_id="CH-5033-buchs-ag") for _ in range(3))
    )
    assert len({answer.headers["location"] for answer in answers}) == 1
    page = await agent.get(answers[0].headers["location"])
    assert "Bahnhofstrasse 1, 5033 Buchs AG" in page.text
    assert "There is no e-mail address" in page.text
    job = await models.Job.all().first()
    assert f"Votre numéro est {job.number}" in page.text
    page = await agent.click(page, "Open the job")
    assert "by phone" in page.text
    assert await models.Job.all().count() == 1


async def test_another_place_typed_after_the_choice_is_looked_up_anew(world, scope):
    agent = await browser(world, person=await world.agent())
    page = await agent.get("/console/book?service=tv-box-setup")
    page = await agent.send(page, "Ask the neighbourhood", place="Buchs", when="now", consent="yes", **PERSON)
    page = await agent.send(page, "Ask the neighbourhood", place="3011 Bern", place_id="CH-5033-buchs-ag")
    assert "3011 Bern" in page.text
    assert "Buchs" not in page.text


async def test_who_books_the_same_twice_is_asked_once_more(visitor, customer, world, scope):
    first = await visitor.send(await to_check(visitor), "Ask now, at no cost")
    check = await to_check(visitor)
    asked = await visitor.send(check, "Ask now, at no cost")
    number = (await jobs.job(UUID(first.path.rpartition("/")[2]))).number
    assert asked.status == 409
    assert f"You booked exactly this a moment ago: job {number}." in asked.text
    assert asked.links["Open the first job"] == first.path
    second = await visitor.send(asked, "Yes, ask for a second visit")
    assert second.path not in {first.path, check.path}
    world.clock.advance(minutes=16)
    third = await visitor.send(await to_check(visitor), "Ask now, at no cost")
    assert third.status == 200
    assert {job.state for job in await jobs.jobs_of_customer(customer.account.id)} == {State.OPEN}


async def test_somebody_without_e_mail_is_called_and_support_hears_of_it(world):
    visitor = await browser(world)
    page = await visitor.get("/book/tv-box-setup?place=8001+Zürich&when=now")
    page = await visitor.send(page, "Continue")
    assert page.h1 == "How do we reach you?"
    page = await visitor.click(page, "Give a phone number")
    page = await visitor.send(page, "Ask for a call", name="Frau Bieri", phone="12")
    assert page.status == 422
    assert page.form("Ask for a call").fields["name"] == ["Frau Bieri"]
    page = await visitor.send(page, "Ask for a call", phone="031 311 22 33", note="After 5 pm")
    assert page.h1 == "We call you"
    await world.drain()
    (mail,) = [one for one in world.mails() if "Bitte anrufen" in one["Subject"]]
    number = mail["Subject"].split(": ")[1].split(",")[0]
    assert number in page.text
    agent = await world.agent()
    (job,) = (await agent.read("/jobs", state="draft"))["jobs"]
    seen = await agent.job(job["id"])
    assert (seen["number"], seen["channel"]) == (number, "call_back")
    assert (seen["contact"]["phone"], seen["contact"]["note"]) == ("+41313112233", "After 5 pm")
    assert (await visitor.get("/book/tv-box-setup/call?place=XX&when=now")).h1 == "Where and when?"
    desk = await browser(world, person=agent)
    board = await desk.get("/console")
    assert "Zürich: somebody waits for our call" in board.text
    mask = await desk.click(await desk.click(board, "Call back"), "Complete the booking")
    fields = mask.form("Ask the neighbourhood").fields
    assert (fields["name"], fields["phone"], fields["note"]) == (["Frau Bieri"], ["+41313112233"], ["After 5 pm"])
    answers = {"street": "Weg 1", "consent": "yes"}
    booked = await desk.send(mask, "Ask the neighbourhood", **answers)
    assert booked.h1.startswith("Booked: ")
    assert (await agent.job(job["id"]))["state"] == "cancelled"
    assert "waits for our call" not in (await desk.get("/console")).text
    assert (await desk.send(mask, "Ask the neighbourhood", **answers, email="other@example.ch")).status == 409
    assert (await desk.get(f"/console/book?draft={booked.path.split('/')[3]}")).status == 404


async def test_a_rule_of_the_partner_is_said_with_the_way_out(world, monkeypatch):
    from crowdcore.base.text import Text
    from crowdcore.plugin import Denied

    async def outage(**_facts):
        return Denied("test.outage", Text("Störung bis 18 Uhr.", "Panne jusqu’à 18 h.", "Outage until 6 pm."))

    here = opened()["swisscom"]
    monkeypatch.setattr(type(here.hooks), "region_gate", lambda self, **facts: outage(**facts))
    visitor = await browser(world)
    page = await visitor.send(await visitor.get("/book/tv-box-setup"), "Continue", place="8001 Zürich", when="now")
    assert page.status == 422
    assert page.h1 == "Nobody can come to Zurich now"
    assert "Outage until 6 pm." in page.text
    await visitor.click(page, "Type another place")
