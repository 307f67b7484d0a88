"""What a phone installs: manifest, icons, service worker, offline page - each in its portal's brand only."""

import json

from tests.browsing import browser

BRANDS = {"swisscom": "Swisscom Friends", "energy": "Morgenkraft", "electronics": "Steckplatz"}


async def test_every_portal_has_its_own_manifest_in_every_language(world):
    seen = set()
    for partner, brand in BRANDS.items():
        client = await world.client(partner, path="")
        for language in ("de", "fr", "en"):
            for kind, start in (("manifest", f"/{language}/"), ("friend", f"/{language}/friend/offers")):
                answer = await client.get(f"/{language}/{kind}.webmanifest")
                assert answer.headers["content-type"] == "application/manifest+json"
                about = answer.json()
                assert (about["name"], about["lang"], about["start_url"]) == (brand, language, start)
                assert {icon["purpose"] for icon in about["icons"]} == {"any", "maskable"}
                assert not any(other in answer.text for other in set(BRANDS.values()) - {brand})
        seen.add(json.dumps((await client.get("/manifest.webmanifest")).json()["icons"]))
        assert (await client.get("/it/manifest.webmanifest")).status_code == 404
    assert len(seen) == len(BRANDS)


async def test_icons_are_pictures_of_this_portal_and_of_this_version(world):
    client = await world.client("electronics", path="")
    about = (await client.get("/en/manifest.webmanifest")).json()
    small = next(icon["src"] for icon in about["icons"] if icon["sizes"] == "192x192")
    answer = await client.get(small)
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert "immutable" in answer.headers["cache-control"]
    other = await world.client("energy", path="")
    assert (await other.get(small)).status_code == 404
    assert (await client.get(small.replace("192", "193"))).status_code == 404
    apple = await client.get("/apple-touch-icon.png")
    assert apple.content.startswith(b"\x89PNG")
    assert apple.content != (await other.get("/apple-touch-icon.png")).content


async def test_the_worker_is_asked_for_anew_and_names_no_brand(world):
    client = await world.client("energy", path="")
    answer = await client.get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert not any(brand in answer.text for brand in BRANDS.values())
    assert (await client.post("/sw.js")).status_code in {403, 405}


async def test_the_offline_page_is_branded_and_knows_nobody(world):
    for partner, brand in BRANDS.items():
        visitor = await browser(world, partner)
        page = await visitor.get("/offline")
        assert page.h1 == "No connection at the moment"
        assert brand in page.title
        assert "/en/friend/jobs" in page.links.values()


async def test_only_a_friends_list_and_their_jobs_of_today_may_be_kept(world, scope):
    """The server says which pages those are, with a mark that is another one for every account."""
    customer, anna, beat = await world.customer(), await world.friend(), await world.friend()
    booked = await world.book(customer)
    await world.take(anna, booked["number"])
    marks = set()
    for friend in (anna, beat):
        visitor = await browser(world, person=friend)
        answer = await visitor.client.get("/en/friend/jobs")
        marks.add(answer.headers["offline-keep"])
        held = f"/en/friend/jobs/{booked['id']}" if friend is anna else ""
        assert answer.headers["offline-also"] == held
        assert "hidden" in answer.text.split("data-asof", 1)[1][:8]
    assert len(marks) == 2
    visitor = await browser(world, person=anna)
    page = await visitor.client.get(f"/en/friend/jobs/{booked['id']}")
    assert page.headers["offline-keep"] in marks
    for path in ("/en/friend", "/en/friend/ledger", "/en/friend/offers", "/en/", "/en/account"):
        assert "offline-keep" not in (await visitor.client.get(path)).headers
    await anna.must(f"/jobs/{booked['id']}/start")
    await anna.must(f"/jobs/{booked['id']}/report", {"text": "done"})
    await customer.must(f"/jobs/{booked['id']}/confirm")
    page = await visitor.client.get(f"/en/friend/jobs/{booked['id']}")
    assert "offline-keep" not in page.headers
    assert (await visitor.client.get("/en/friend/jobs")).headers["offline-also"] == ""
