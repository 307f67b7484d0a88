"""The catalogue in a browser: doors, shelves, services, and where the portal works."""

import pytest

from crowdcore.crowd.rules import read_hours
from crowdcore.partners.queries import portals as opened
from tests.browsing import browser


@pytest.mark.parametrize("partner", ["swisscom", "energy", "electronics"])
@pytest.mark.parametrize("language", ["de", "fr", "en"])
async def test_every_service_of_every_portal_has_its_page(world, partner, language):
    visitor, portal = await browser(world, partner, language=language), opened()[partner]
    page = await visitor.get("/services")
    for service in portal.catalog.bookable():
        title = service.title.in_(language)
        if title not in page.links:
            continue
        shown = await visitor.click(page, title)
        assert shown.status == 200
        assert shown.h1 == title
        for item in service.includes:
            assert item.in_(language) in shown.texts
        price = service.prices[portal.settings.money.currency]
        assert str(price.low.cents // 100) in shown.text
    assert len([1 for service in portal.catalog.bookable() if service.title.in_(language) in page.links]) > 3


async def test_a_door_and_a_shelf_narrow_the_list(world):
    visitor = await browser(world)
    everything = await visitor.get("/services")
    fixes = await visitor.get("/services?kind=fix")
    assert "Fix a Wi‑Fi dead spot" in fixes.links
    assert "Set up the TV box" not in fixes.links
    both = await visitor.get("/services?kind=fix&category=tv")
    assert "Fix a Wi‑Fi dead spot" not in both.links
    assert len(both.links) < len(fixes.links) < len(everything.links)
    nothing = await visitor.get("/services?kind=nonsense")
    assert (nothing.status, nothing.forms) == (200, [])
    assert "See all services" in nothing.links


async def test_a_stranger_sees_no_price_without_what_it_means(world):
    visitor = await browser(world)
    for path in ("/", "/services", "/s/tv-box-setup", "/book/tv-box-setup"):
        page = await visitor.get(path)
        assert "CHF\u00a059–79" in page.text
        assert "uide price" in page.text


async def test_a_place_where_the_portal_does_not_work_is_told_at_once(world):
    visitor = await browser(world)
    page = await visitor.get("/services?place=80331+München")
    assert "We are not in 80331 München yet." in page.text
    assert "+41 800 000 010" in page.text
    page = await visitor.get("/services?place=Bern")
    assert "not in" not in page.text


async def test_a_service_says_when_somebody_is_free_at_a_place(world):
    """The clock stands at Monday, 10 o'clock in Zurich."""
    visitor = await browser(world)
    page = await visitor.get("/s/tv-box-setup")
    assert "At short notice within the hour" in page.text
    page = await visitor.send(page, "Show the next time", place="8001 Zürich")
    assert "nobody has told us of free hours" in page.text
    await world.friend(service="tv-box-setup", hours=read_hours(["mon.evening", "tue.morning"]))
    await world.friend(service="tv-box-setup", hours=read_hours(["mon.evening"]))
    await world.friend(service=None)
    page = await visitor.get("/s/tv-box-setup?place=8001+Zürich")
    assert "Next time today, 6–8\u00a0pm" in page.text
    assert "8001 Zürich: 2 people nearby are free then." in page.text
    await world.friend(service="tv-box-setup")
    page = await visitor.get("/s/tv-box-setup?place=8001+Zürich")
    assert "Next time within the hour" in page.text
    assert "8001 Zürich: one person nearby is free then." in page.text
    client = await world.client()
    quote = (await client.get("/quotes", params={"service": "tv-box-setup", "place": "CH-8001-zurich"})).json()
    assert quote["next_time"] == {"at_once": True, "span": None, "free": 1}
    assert "Which place do you mean?" in (await visitor.get("/s/tv-box-setup?place=Xyzzy")).text
    assert "We are not in 80331 München yet." in (await visitor.get("/s/tv-box-setup?place=80331+München")).text


async def test_the_place_comes_along_to_the_booking(world):
    visitor = await browser(world)
    page = await visitor.send(await visitor.get("/"), "Find help", place="Köniz & Co")
    page = await visitor.click(page, "Set up the TV box")
    page = await visitor.click(page, "Choose a time")
    assert page.form("Continue").fields["place"] == ["Köniz & Co"]


@pytest.mark.parametrize("path", ["/s/nothing", "/book/nothing"])
async def test_an_unknown_service_is_not_found(world, path):
    assert (await (await browser(world)).get(path)).status == 404


async def test_parameters_of_others_change_nothing(world):
    visitor = await browser(world)
    assert (await visitor.get("/?utm_source=x&utm_source=y")).status == 200
    assert (await visitor.get("/services?fbclid=1&kind=")).status == 200


async def test_a_place_from_the_home_page_is_answered_at_once(world):
    visitor = await browser(world)
    known = await visitor.get("/services?place=8001")
    assert "We are active in 8001 Zürich." in known.text
    elsewhere = await visitor.get("/services?place=80331+München")
    assert (await visitor.click(elsewhere, "Join the waiting list")).h1 == "Not in Munich yet"
    several = await visitor.get("/services?place=Buchs&kind=fix")
    assert "Which place do you mean?" in several.text
    chosen = await visitor.click(several, "5033 Buchs AG")
    assert chosen.h1 == "Solve a problem"
    assert "We are active in 5033 Buchs AG." in chosen.text
    unknown = await visitor.get("/services?place=Xyzzyqwert")
    assert "We do not know “Xyzzyqwert”." in unknown.text
