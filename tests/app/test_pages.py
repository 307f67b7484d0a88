"""Pages: the way to the reader's language, headers and cookies, forms that come back, branded errors."""

import dataclasses
import re

import pytest

from crowdcore.app import errors
from crowdcore.base.text import Language
from crowdcore.partners.service import use_portals
from crowdcore.settings import use_settings
from crowdcore.web.respond import local_path

ACCEPT = "accept-language"


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "de"),
        ({ACCEPT: "fr-CH, de;q=0.5"}, "fr"),
        ({ACCEPT: "en"}, "en"),
        ({ACCEPT: "gsw"}, "de"),
        ({ACCEPT: "it, en;q=0.2"}, "en"),
        ({ACCEPT: "ja"}, "de"),
        ({ACCEPT: "\x00;;q=x,,"}, "de"),
        ({"cookie": "lang=fr", ACCEPT: "en"}, "fr"),
        ({"cookie": "lang=xx", ACCEPT: "en"}, "en"),
        ({"cookie": "s=anna-s", ACCEPT: "en"}, "fr"),
        ({"cookie": "s=anna-s; lang=en"}, "en"),
    ],
)
async def test_the_start_leads_to_the_readers_language(client, headers, language):
    response = await client.get("/", headers=headers)
    assert (response.status_code, response.headers["location"]) == (302, f"/{language}/")
    assert response.headers["vary"] == "Accept-Language, Cookie"
    assert response.headers["cache-control"] == "private, no-store"


async def test_a_prefix_decides_alone(client):
    response = await client.get("/en/", headers={ACCEPT: "fr", "cookie": "lang=de; s=anna-s"})
    assert response.text.split()[:4] == ["swisscom", "en", "/", "Anna"]
    assert response.headers["content-language"] == "en"
    assert "vary" not in response.headers


async def test_a_language_without_slash_gets_one(client):
    response = await client.get("/de")
    assert (response.status_code, response.headers["location"]) == (308, "/de/")


@pytest.mark.parametrize("path", ["/it/", "/it", "/nothing", "/de/nothing", "/it/thing", "/de//thing", "/DE/", "/_s/x"])
async def test_an_unknown_address_is_a_branded_page(client, portals, path):
    response = await client.get(f"http://swisscom.localhost{path}", headers={ACCEPT: "fr"})
    assert response.status_code == 404
    assert portals["swisscom"].settings.name.brand in response.text
    assert re.search(r'<html lang="(de|fr)"', response.text)
    assert response.headers["content-language"] in {"de", "fr"}
    for language in ("de", "fr", "en"):
        assert f'href="/{language}/' in response.text


async def test_a_portal_may_offer_fewer_languages(client, portals):
    portal = portals["energy"]
    languages = dataclasses.replace(portal.settings.languages, offered=(Language.DE, Language.FR))
    fewer = dataclasses.replace(portal, settings=dataclasses.replace(portal.settings, languages=languages))
    use_portals({**portals, "energy": fewer})
    assert (await client.get("http://energy.localhost/fr/")).status_code == 200
    assert (await client.get("http://energy.localhost/en/")).status_code == 404
    client.cookies.clear()
    response = await client.get("http://energy.localhost/", headers={ACCEPT: "en"})
    assert response.headers["location"] == "/de/"


async def test_headers_that_protect(client):
    for path in ("/de/", "/de/nothing", "/api/v1/things", "/robots.txt", "/healthz"):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
        assert "server" not in headers
        assert headers["x-request-id"]


async def test_over_https_cookies_are_bound_to_the_host(client, settings):
    use_settings(dataclasses.replace(settings, public_scheme="https"))
    response = await client.get("/de/thing")
    assert response.headers["strict-transport-security"] == "max-age=31536000"
    cookies = response.headers.get_list("set-cookie")
    assert any(cookie.startswith("__Host-v=v_") for cookie in cookies)
    for cookie in cookies:
        assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
        assert "Domain" not in cookie
    assert "nobody" in (await client.get("/de/", headers={"Cookie": "s=anna-s"})).text
    assert "Anna" in (await client.get("/de/", headers={"Cookie": "__Host-s=anna-s"})).text


async def test_cookies_are_given_once(client):
    first = await client.get("/de/thing")
    assert {cookie.split("=")[0] for cookie in first.headers.get_list("set-cookie")} == {"v", "lang"}
    second = await client.get("/de/thing")
    assert "set-cookie" not in second.headers
    third = await client.get("/fr/thing")
    assert [cookie.split(";")[0] for cookie in third.headers.get_list("set-cookie")] == ["lang=fr"]
    assert "set-cookie" not in (await client.get("/api/v1/services/x")).headers


async def test_pages_are_private(client):
    assert (await client.get("/de/")).headers["cache-control"] == "private, no-cache"
    signed_in = await client.get("/de/", headers={"Cookie": "s=anna-s"})
    assert signed_in.headers["cache-control"] == "private, no-store"


async def test_a_visit_knows_who_and_where(client):
    response = await client.get("/fr/", headers={"Cookie": "s=carla-s"})
    assert response.text == "swisscom fr / Carla agent 127.0.0.0/24"
    response = await client.get("/fr/", headers={"Cookie": "s=nobody-s", "Authorization": "Bearer anna-t"})
    assert response.text == "swisscom fr / nobody customer 127.0.0.0/24"


async def test_who_is_not_signed_in_is_led_to_the_door_and_back(client):
    response = await client.get("/fr/mine?x=1")
    assert (response.status_code, response.headers["location"]) == (303, "/fr/sign-in?next=/mine%3Fx%3D1")
    assert (await client.get("/fr/mine", headers={"Cookie": "s=anna-s"})).status_code == 200


async def test_a_form_of_somebody_whose_session_ended_is_not_lost_silently(client):
    csrf = re.search(r"csrf=(\w+)", (await client.get("/de/thing")).text)[1]
    response = await client.post("/de/mine", data={"_csrf": csrf})
    assert response.status_code == 401
    assert "www-authenticate" not in response.headers


async def test_another_role_stays_outside(client):
    response = await client.get("/de/console", headers={"Cookie": "s=anna-s"})
    assert response.status_code == 403
    assert (await client.get("/de/console", headers={"Cookie": "s=carla-s"})).status_code == 200


async def test_another_method(client):
    response = await client.post("/de/made/x", data={})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"
    assert (await client.request("TRACE", "/de/")).status_code == 405


async def test_head_is_get_without_a_body(client):
    response = await client.head("/de/")
    assert (response.status_code, response.content) == (200, b"")


async def test_an_id_that_is_none_is_not_found(client):
    assert (await client.get("/de/made/7")).status_code == 404
    ident = "6f8e3a52-9a0e-4b6c-9a51-0c4c1d6f3e21"
    assert (await client.get(f"/de/made/{ident}")).text == ident


@pytest.fixture
async def form(client):
    text = (await client.get("/de/thing")).text
    return {"_csrf": re.search(r"csrf=(\w+)", text)[1], "_key": "f_1", "title": "Router"}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 11}, "title"),
        ({"title": "a\u202eb"}, "title"),
        ({"count": "0"}, "count"),
        ({"count": "1.5"}, "count"),
        ({"count": "1e9"}, "count"),
        ({"count": "١٢"}, "count"),
        ({"agreed": "perhaps"}, "agreed"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_field_comes_back_with_what_was_typed(client, effects, form, change, name):
    response = await client.post("/de/thing", data={**form, **change})
    assert response.status_code == 422
    assert f"{name}=" in response.text
    assert f"title={change.get('title', 'Router')}</p>" in response.text
    assert "key=f_1" in response.text
    assert await effects() == 0


async def test_a_field_sent_twice_is_refused(client, effects, form):
    response = await client.post("/de/thing", data={**form, "count": ["1", "2"]})
    assert response.status_code == 400
    assert await effects() == 0


async def test_a_list_may_have_many(client, effects, form):
    response = await client.post("/de/thing", data={**form, "tags": ["a", "b"], "agreed": "1", "count": ""})
    assert response.status_code == 303
    assert await effects() == 1


async def test_too_many_fields(client, form):
    response = await client.post("/de/thing", data={**form, **{f"x{n}": "1" for n in range(300)}})
    assert response.status_code == 400


async def test_a_broken_page_shows_a_reference_and_nothing_else(client, portals, caplog):
    response = await client.get("/de/broken")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.headers["x-request-id"] in response.text
    assert portals["swisscom"].settings.name.brand in response.text
    assert "secret detail" in caplog.text


async def test_even_a_broken_error_page_is_an_answer(client, portals, monkeypatch):
    monkeypatch.setattr(errors, "_TEMPLATE", "no-such-template.html")
    for path, status in (("/de/broken", 500), ("/de/nothing", 404)):
        response = await client.get(path)
        assert response.status_code == status
        assert portals["swisscom"].settings.name.brand in response.text


async def test_no_log_line_holds_a_query(client, caplog):
    caplog.set_level("INFO", "crowdcore.requests")
    await client.get("/de/?secret=cl_abc")
    assert "GET /de/ 200" in caplog.text
    assert "cl_abc" not in caplog.text


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "evil", "", "/a\nb", "https://evil", "/a b"])
def test_a_redirect_stays_here(path):
    with pytest.raises(Exception, match="give a path of this portal"):
        local_path(path)


async def test_files_of_a_portal(client, portals):
    portal = portals["swisscom"]
    for address, kind in (
        (portal.static.url("base.css"), "text/css; charset=utf-8"),
        (portal.theme.url("theme.css"), "text/css; charset=utf-8"),
        (portal.theme.url("icon.svg"), "image/svg+xml"),
    ):
        response = await client.get(address)
        assert response.headers["content-type"] == kind
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    for address in ("/_s/000000000000/base.css", "/_t/0000000000000000/theme.css", "/_s/../settings.py"):
        assert (await client.get(address)).status_code == 404
    assert (await client.post(portal.theme.url("theme.css"))).status_code == 405


async def test_each_portal_has_its_own_icon_and_robots(client):
    for path in ("/favicon.ico", "/robots.txt"):
        bodies = {
            (await client.get(f"http://{partner}.localhost{path}")).content
            for partner in ("swisscom", "energy", "electronics")
        }
        assert len(bodies) == 3
