"""The catalogue over the API: everybody may read it, in their language."""

import pytest

from crowdcore.db.scope import partner_scope
from crowdcore.partners.queries import portal
from tests.kit import BOOKABLE


@pytest.mark.parametrize("partner", ["swisscom", "energy", "electronics"])
async def test_the_whole_catalogue(world, partner):
    client = await world.client(partner, language="fr")
    answer = (await client.get("/services")).json()
    with partner_scope(partner):
        catalog = portal().catalog
    assert answer["language"] == "fr"
    assert answer["languages"] == ["de", "fr", "en"]
    assert [one["id"] for one in answer["services"]] == [one.id for one in catalog.bookable()]
    assert [one["id"] for one in answer["categories"]] == list(catalog.categories)
    first, expected = answer["services"][0], catalog.bookable()[0]
    assert first["title"] == expected.title.fr
    assert first["guide"]["low"] <= first["guide"]["amount"] <= first["guide"]["high"]
    assert first["guide"]["currency"] == "CHF"


async def test_one_service(world):
    client = await world.client("energy", language="de")
    answer = (await client.get(f"/services/{BOOKABLE['energy']}")).json()
    with partner_scope("energy"):
        expected = portal().catalog.services[BOOKABLE["energy"]]
    assert answer["steps"] == [step.de for step in expected.steps]
    assert [check["work"] for check in answer["checks"]] == [check.work for check in expected.checks]
    assert answer["on_demand"] is True
    assert answer["bookable"] is True
    assert answer["exam"] == expected.exam


async def test_a_service_of_another_partner_is_not_there(world):
    client = await world.client("swisscom")
    answer = await client.get(f"/services/{BOOKABLE['energy']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "service.unknown")
