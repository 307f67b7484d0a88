"""Signing in without a password, in a browser: mailed codes and links, and what nobody may do with them."""

import asyncio
import dataclasses
import re

import pytest

from crowdcore.accounts import models
from crowdcore.web import rates
from crowdcore.web.security import session_cookie
from tests.browsing import browser

ADDRESS = "anna@example.ch"


async def ask(world, visitor, address=ADDRESS):
    page = await visitor.send(await visitor.get("/sign-in"), "Send code", email=address)
    await world.drain()
    return page


def code_in(world, address=ADDRESS):
    return re.search(r"\b(\d{6})\b", world.mails(address)[-1]["Subject"])[1]


def link_in(world, address=ADDRESS):
    text = world.mails(address)[-1].get_body(("plain",)).get_content()
    return re.search(r"(/\w\w/sign-in/cl_[\w-]+)", text)[1]


async def is_signed_in(visitor):
    return (await visitor.get("/account")).h1.startswith("You are signed in")


async def test_a_code_signs_in(world, scope):
    visitor = await browser(world)
    page = await ask(world, visitor)
    assert page.h1 == "Check your inbox"
    page = await visitor.send(page, "Sign in", code=code_in(world))
    assert page.h1 == "You are signed in as anna"
    assert "Console" not in page.links
    page = await visitor.send(page, "Sign out")
    assert page.path == "/en/"
    assert not await is_signed_in(visitor)
    page = await visitor.send(await visitor.get("/de/sign-in"), "Code senden", email=ADDRESS)
    await world.drain()
    assert (await models.Account.get(email=ADDRESS)).language == "en"  # asking proves nothing yet
    await visitor.send(page, "Anmelden", code=code_in(world))
    assert (await models.Account.get(email=ADDRESS)).language == "de"


async def test_nothing_tells_whether_an_address_is_known(world, scope):
    await world.customer(name="Known")
    known, unknown = await browser(world), await browser(world)
    answers = [
        await ask(world, visitor, address)
        for visitor, address in ((known, "customer1@example.ch"), (unknown, "customer9@example.ch"))
    ]
    texts = [page.text.replace("customer1", "X").replace("customer9", "X") for page in answers]
    assert texts[0] == texts[1]
    assert answers[0].status == answers[1].status == 200


async def test_looking_at_a_mailed_link_signs_nobody_in(world, scope):
    visitor = await browser(world)
    await ask(world, visitor)
    for _look in range(3):
        page = await visitor.get(link_in(world))
        assert list(page.form("Sign in").buttons) == ["Sign in"]
    assert not await is_signed_in(visitor)
    assert await models.Session.all().count() == 0
    page = await visitor.send(page, "Sign in")
    assert page.h1 == "You are signed in as anna"


async def test_a_link_works_only_in_the_browser_that_asked_and_only_once(world, scope):
    asking, other = await browser(world), await browser(world)
    await ask(world, asking)
    link = link_in(world)
    page = await other.send(await other.get(link), "Sign in")
    assert (page.status, page.h1) == (410, "This link does not work here")
    assert not await is_signed_in(other)
    await asking.send(await asking.get(link), "Sign in")
    await asking.send(await asking.get("/account"), "Sign out")
    page = await asking.send(await asking.get(link), "Sign in")
    assert page.status == 410


async def test_a_link_leads_on_to_where_one_wanted_to_go(world, scope):
    visitor = await browser(world)
    page = await visitor.get("/jobs")
    assert page.h1 == "Sign in without a password"
    await visitor.send(page, "Send code", email=ADDRESS)
    await world.drain()
    page = await visitor.send(await visitor.get(link_in(world)), "Sign in")
    assert page.path == "/en/jobs"


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "/sign-in"])
async def test_signing_in_never_leads_away(world, scope, wanted):
    visitor = await browser(world)
    page = await visitor.send(await visitor.get("/sign-in"), "Send code", email=ADDRESS, next=wanted)
    await world.drain()
    page = await visitor.send(page, "Sign in", code=code_in(world), next=wanted)
    assert page.path == "/en/account"


async def test_a_wrong_code_is_said_at_the_field_and_costs_one_try_per_click(world, scope):
    visitor = await browser(world)
    page = await ask(world, visitor)
    form = page.form("Sign in")
    clicks = await asyncio.gather(*(visitor.post(form, code="000000") for _ in range(3)))
    assert {click.status_code for click in clicks} == {422}
    assert all("Tries left: 4." in click.text for click in clicks)
    page = await visitor.send(page, "Sign in", code="000001")
    assert "Tries left: 3." in page.text
    assert page.title.startswith("Error:")
    assert page.form("Sign in").fields["code"] == ["000001"]
    for wrong in ("000002", "000003", "000004"):
        page = await visitor.send(page, "Sign in", code=wrong)
    assert page.status == 429
    page = await visitor.send(page, "Sign in", code=code_in(world))
    assert page.status == 429
    assert not await is_signed_in(visitor)


async def test_a_double_click_starts_one_session_and_both_answers_carry_it(world, scope):
    visitor = await browser(world)
    form = (await ask(world, visitor)).form("Sign in")
    code = code_in(world)
    clicks = await asyncio.gather(*(visitor.post(form, code=code) for _ in range(3)))
    assert {click.status_code for click in clicks} == {303}
    secrets = {re.search(rf"{session_cookie()}=([^;]+)", str(c.headers.get_list("set-cookie")))[1] for c in clicks}
    assert len(secrets) == 1
    assert await models.Session.all().count() == 1
    assert await is_signed_in(visitor)


async def test_what_was_typed_stays_when_the_address_is_wrong(world, scope):
    visitor = await browser(world)
    page = await visitor.send(await visitor.get("/sign-in?next=/jobs"), "Send code", email="anna@")
    assert page.status == 422
    assert "This is not a complete e-mail address." in page.text
    assert page.form("Send code").fields["email"] == ["anna@"]
    assert page.form("Send code").fields["next"] == ["/jobs"]


async def test_somebody_who_asks_too_often_must_wait(world, settings, scope):
    visitor = await browser(world)
    rates.use_rates(rates.Rates(dataclasses.replace(settings, rate_limits=True)))
    try:
        for _ask in range(3):
            assert (await ask(world, visitor)).status == 200
        page = await ask(world, visitor)
    finally:
        rates.use_rates(None)
    assert page.status == 429
    assert "too often" in page.text


async def test_a_session_of_one_portal_is_nothing_at_another(world, scope):
    customer = await world.customer()
    here, there = await browser(world, person=customer), await browser(world, "energy")
    secret = here.client.cookies.get(session_cookie())
    there.client.cookies.set(session_cookie(), secret, domain="energy.localhost")
    assert await is_signed_in(here)
    assert not await is_signed_in(there)


async def test_no_log_keeps_the_secret_of_a_link(world, scope, caplog):
    caplog.set_level("INFO")
    visitor = await browser(world)
    await ask(world, visitor)
    link = link_in(world)
    await visitor.send(await visitor.get(link), "Sign in")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("crowdcore")]
    assert any("/en/sign-in/..." in line for line in ours)
    assert not any(link in line for line in ours)
