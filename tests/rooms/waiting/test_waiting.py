"""The waiting list: consent first, one entry per address and region, one mail when it opens, then nothing is kept."""

from dataclasses import replace

import pytest

from crowdcore.db.scope import partner_scope
from crowdcore.partners.queries import portals as opened
from crowdcore.partners.service import use_portals
from crowdcore.waiting import models
from tests.browsing import browser
from tests.kit import check_field, check_problem

MUNICH = "DE-80331-munchen"


@pytest.fixture
def opens_in_bavaria(world):
    """Return what opens the region, as a new start of the portal with another file does."""
    before = dict(opened())

    def open_it() -> None:
        here = before["swisscom"]
        regions = replace(here.settings.regions, live=here.settings.regions.live | {"DE-BY"})
        use_portals({**before, "swisscom": replace(here, settings=replace(here.settings, regions=regions))})

    yield open_it
    use_portals(before)


async def entries() -> list[tuple[str, str, bool]]:
    with partner_scope("swisscom"):
        return [(row.email, row.region, row.told_at is not None) for row in await models.Entry.all()]


async def test_from_a_place_that_is_not_served_to_the_mail_when_it_is(world, opens_in_bavaria):
    visitor = await browser(world, language="de")
    page = await visitor.get("/book/tv-box-setup")
    page = await visitor.send(page, "Weiter", place="80331 München", when="now")
    assert page.path.startswith("/de/waiting-list?")
    page = await visitor.send(page, "Auf die Warteliste", email="neu@example.ch")
    assert page.status == 422
    assert page.text.count("Kreuzen Sie an, dass wir Ihnen schreiben dürfen.") == 2
    assert page.form("Auf die Warteliste").fields["email"] == ["neu@example.ch"]
    assert await entries() == []

    done = await visitor.send(page, "Auf die Warteliste", consent="1")
    assert done.h1 == "Sie sind auf der Liste"
    again = await visitor.get("/waiting-list?place=" + MUNICH)
    await visitor.send(again, "Auf die Warteliste", email="neu@example.ch", consent="1")
    assert await entries() == [("neu@example.ch", "DE-BY", False)]

    await world.advance(days=3)
    assert world.mails("neu@example.ch") == []
    opens_in_bavaria()
    await world.advance(days=1)
    (mail,) = world.mails("neu@example.ch")
    assert mail["Subject"] == "Wir sind jetzt in 80331 München"
    assert "/de/s/tv-box-setup" in mail.get_body(("plain",)).get_content()
    await world.advance(days=8)
    assert await entries() == []
    assert len(world.mails("neu@example.ch")) == 1


async def test_an_open_place_needs_no_waiting(world):
    visitor = await browser(world)
    assert (await visitor.get("/waiting-list?place=CH-8001-zurich")).path.startswith("/en/services?place=8001")
    assert (await visitor.get("/waiting-list?place=XX-0-nowhere")).status == 404
    assert (await visitor.get("/waiting-list")).status == 404


async def test_programs_wait_too_and_staff_count(world):
    anybody = await world.client()
    key = {"Idempotency-Key": "w" * 20}
    body = {"place": MUNICH, "email": "a@example.ch", "consent": False}
    check_problem(await anybody.post("/waiting-list", json=body, headers=key), 422, "waiting.consent")
    body["consent"] = True
    answer = await anybody.post("/waiting-list", json=body, headers={"Idempotency-Key": "v" * 20})
    assert (answer.status_code, answer.json()) == (201, {"place": "80331 München", "region": "DE-BY"})
    open_one = {**body, "place": "CH-8001-zurich"}
    refused = await anybody.post("/waiting-list", json=open_one, headers={"Idempotency-Key": "u" * 20})
    check_problem(refused, 409, "waiting.open_already")
    bad = await anybody.post("/waiting-list", json={**body, "email": "a@"}, headers={"Idempotency-Key": "t" * 20})
    check_field(bad, "/email", "email.invalid")
    agent = await world.agent()
    assert await agent.read("/waiting-list") == {"regions": [{"region": "DE-BY", "waiting": 1}]}
    other = await world.agent("energy")
    assert await other.read("/waiting-list") == {"regions": []}
