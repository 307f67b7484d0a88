"""Legal pages: every portal has its own, in every language."""

import pytest

from crowdcore.partners.queries import portals as opened
from tests.browsing import browser


@pytest.mark.parametrize("partner", ["swisscom", "energy", "electronics"])
async def test_every_portal_shows_its_own_in_every_language(world, partner):
    portal = opened()[partner]
    headings = set()
    for language in ("de", "fr", "en"):
        visitor = await browser(world, partner, language=language)
        for name in portal.settings.legal.pages:
            page = await visitor.get(f"/legal/{name}")
            assert page.status == 200
            assert page.h1
            assert portal.settings.name.brand in page.html
            assert f'hreflang="{language}"' in page.html
            headings.add((language, name, page.h1))
    assert len(headings) == 3 * len(portal.settings.legal.pages)


@pytest.mark.parametrize("name", ["nothing", "imprint.de", "../partner.toml", "%2e%2e"])
async def test_nothing_else_can_be_read(world, name):
    visitor = await browser(world)
    assert (await visitor.get(f"/legal/{name}")).status == 404


async def test_the_footer_leads_there(world):
    visitor = await browser(world, "energy", language="fr")
    page = await visitor.get("/")
    assert {"/fr/legal/imprint", "/fr/legal/privacy", "/fr/legal/terms", "/fr/legal/accessibility"} <= set(
        page.links.values()
    )
