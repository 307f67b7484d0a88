"""A Friend's profile, breaks, and what staff see of the crowd."""

import asyncio
import re
from datetime import UTC, datetime

from crowdcore.accounts import models as accounts
from crowdcore.accounts.rules import Role
from crowdcore.base.geo import snap
from crowdcore.crowd import queries
from crowdcore.crowd.rules import Standing, hour_codes, read_hours
from crowdcore.db.models import OutboxEvent
from crowdcore.db.scope import partner_scope
from tests.browsing import browser
from tests.kit import NEAR_ZURICH, Person


async def test_a_break_begins_once_and_ends_again(world, scope):
    anna = await world.friend(name="Anna Muster")
    visitor = await browser(world, person=anna)
    page = await visitor.get("/friend")
    assert page.h1 == "You get offers, Anna"
    assert "Television and sound" in page.text
    form = page.form("Take a break")
    answers = await asyncio.gather(*(visitor.post(form) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert (await queries.friend(anna.friend.id)).standing is Standing.PAUSED
    assert await OutboxEvent.filter(topic="friend.paused").count() == 1
    page = await visitor.get("/friend")
    assert page.h1 == "You are taking a break, Anna"
    assert "30 November" in page.text
    page = await visitor.send(page, "Get offers again")
    assert page.h1 == "You get offers, Anna"
    await world.drain()  # the timer of the pause went with it
    await world.advance(days=8)
    assert (await queries.friend(anna.friend.id)).standing is Standing.ACTIVE


async def test_a_break_ends_by_itself_in_the_morning(world, scope):
    anna = await world.friend()
    visitor = await browser(world, person=anna)
    await visitor.send(await visitor.get("/friend"), "Take a break", days="1")
    member = await queries.friend(anna.friend.id)
    assert member.paused_until == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)  # 7 o'clock in Zurich
    await world.advance(hours=20)
    assert (await queries.friend(anna.friend.id)).standing is Standing.PAUSED
    await world.advance(hours=1)
    member = await queries.friend(anna.friend.id)
    assert (member.standing, member.paused_until) == (Standing.ACTIVE, None)
    for until, status in (("2026-11-23T09:00:00Z", 422), ("2028-01-01T09:00:00Z", 422), ("2026-12-24T09:00:00Z", 200)):
        answer = await anna.post("/me/pause-until", {"until": until})
        assert answer.status_code == status, answer.text


async def test_a_friend_without_an_exam_is_shown_the_way(world, scope):
    visitor = await browser(world, person=await world.friend(service=None))
    page = await visitor.get("/friend")
    assert page.h1 == "Pass an exam, and the offers come"  # until then none do, and nobody says otherwise
    assert "No exam passed yet" in page.text
    exams = await visitor.click(page, "Go to your exams")
    assert exams.h1 == "Pass an exam, and the offers come"


async def test_staff_see_members_but_no_homes(world, scope):
    await world.friend(name="Anna Muster")
    agent = await browser(world, person=await world.agent())
    page = await agent.get("/console/friends")
    assert page.h1 == "One member belongs to your crowd"
    assert "Anna" in page.text
    assert "47.3" not in page.html


async def test_from_the_landing_page_to_a_membership(world, scope):
    """Everybody may look and say where; joining needs an account, and leads on to the exams."""
    visitor = await browser(world)
    page = await visitor.get("/friends")
    assert page.h1 == "Help nearby and get paid for it"
    assert "12\u202f% of the price" in page.text.replace(" %", "\u202f%")
    page = await visitor.get("/friends/join")
    wrong = await visitor.send(page, "Continue", place="Nowhere at all")
    assert wrong.status == 404 or "We do not know" in wrong.text
    far = await visitor.send(page, "Continue", place="Köln")
    assert (far.status, "too far from where this portal helps" in far.text) == (422, True)
    page = await visitor.send(page, "Continue", place="8001 Zürich", radius="10")
    assert "job number" not in (await visitor.get(page.path)).text  # that is for customers
    assert page.path.startswith("/en/sign-in?next=")
    person = await world.person(Role.CUSTOMER, name="nora")
    await visitor.sign_in(person.account)
    page = await visitor.get(page.path.split("next=")[1].replace("%3F", "?").replace("%3D", "=").replace("%26", "&"))
    assert page.h1 == "Who are you, and when can you help?"
    form = page.form("Become a Friend")
    assert set(form.fields["hours"]) >= {"mon.evening", "sat.morning"}
    no = await visitor.send(page, "Become a Friend", name="Nora Vogt", hours=[], languages=[])
    assert no.status == 422
    assert "#consent" in no.links.values()
    no = await visitor.send(page, "Become a Friend", name="Nora Vogt", hours=[], languages=[], consent="1")
    assert {"#hours", "#languages"} <= set(no.links.values())
    answer = await visitor.post(
        page.form("Become a Friend"), name="Nora Vogt", phone="+41 79 123 45 67", consent="1", licences="NIV 15\nVKF"
    )
    assert answer.headers["location"] == "/en/friend/exams"
    member = await queries.friend_of(person.account.id)
    assert (member.name, member.radius_m, member.home) == ("Nora", 10_000, snap(member.home))
    assert member.licences == frozenset()
    assert member.licences_claimed == ("NIV 15", "VKF")
    assert (await accounts.Account.get(id=person.account.id)).phone == "+41791234567"
    assert (await visitor.get("/friends/join")).path == "/en/friend"
    assert "47.3" not in (await visitor.get("/friend")).html


async def test_a_profile_is_changed_and_the_home_stands_unless_it_is_typed_anew(world, scope):
    anna = await world.friend(name="Anna Muster")
    visitor = await browser(world, person=anna)
    page = await visitor.get("/friend/edit")
    page = await visitor.send(page, "Save", radius="5", hours=["mon.night", "sun.night"], languages=["fr"])
    assert page.path == "/en/friend"
    member = await queries.friend(anna.friend.id)
    assert (member.radius_m, member.languages) == (5_000, frozenset({"fr"}))
    assert member.home == snap(NEAR_ZURICH)
    assert hour_codes(member.hours) == {"mon.night", "sun.night"}
    assert member.hours == read_hours(["mon.night", "sun.night"])
    page = await visitor.send(await visitor.get("/friend/edit"), "Save", place="Buchs", name="Anna Beispiel")
    assert page.h1 == "Which place do you mean?"
    chosen = re.search(r'name="place_id" value="([^"]+)"', page.html)[1]
    page = await visitor.send(page, "Continue", place_id=chosen)
    assert page.path == "/en/friend"
    member = await queries.friend(anna.friend.id)
    assert "Buchs" in member.place_label
    assert (member.languages, hour_codes(member.hours)) == ({"fr"}, {"mon.night", "sun.night"})  # nothing is lost
    join = await browser(world)
    page = await join.send(await join.get("/friends/join"), "Continue", place="Buchs", radius="15")
    assert page.h1 == "Which place do you mean?"
    page = await join.send(page, "Continue", place_id=chosen)
    assert page.path.startswith("/en/sign-in?next=")
    wrong = await visitor.send(await visitor.get("/friend/edit"), "Save", radius="199")
    assert wrong.status == 422
    assert "Choose a radius" in wrong.text


async def test_the_api_joins_once_and_changes(world, scope):
    nora = await world.customer(name="Nora")
    body = {
        "name": "Nora Vogt",
        "place": "CH-8001-zurich",
        "radius_km": 12,
        "languages": ["de"],
        "hours": ["sat.morning"],
        "licences": ["NIV"],
        "consent": True,
    }
    assert (await nora.post("/friends", {**body, "consent": False})).status_code == 422
    assert (await nora.post("/friends", {**body, "place": "CH-0000-nowhere"})).status_code == 404
    made = await nora.must("/friends", body)
    assert (made["radius_km"], made["hours"], made["licences"]) == (12, ["sat.morning"], [])
    assert (await nora.post("/friends", body)).status_code == 409
    anna = await world.friend()
    del body["consent"]
    changed = await anna.must("/me/profile", {**body, "languages": ["fr"]})
    assert (changed["languages"], changed["licences_claimed"]) == (["fr"], ["NIV"])


async def test_one_mailbox_is_one_person_in_every_crowd(world, scope):
    """Who joins a second partner's crowd stays the person the platform knows; neither partner learns of the other."""
    first = await world.customer("energy")
    world.clock.advance(days=1)
    with partner_scope("swisscom"):
        second = await world.customer("swisscom")
        await accounts.Account.filter(id=second.account.id).update(email=first.account.email)
    body = {"name": "N", "place": "CH-8001-zurich", "radius_km": 5, "languages": ["de"], "hours": ["sat.morning"]}
    await second.must("/friends", {**body, "consent": True})
    member = await queries.friend_of(second.account.id)
    assert member.person_id == first.account.person_id
    assert member.person_id != second.account.person_id


async def test_licences_count_once_staff_have_seen_them(world, scope):
    from crowdcore.crowd import service

    anna: Person = await world.friend()
    member = await service.check_licences(friend_id=anna.friend.id, held=frozenset({"ch_niv_installation"}))
    assert (member.licences, member.licences_claimed) == ({"ch_niv_installation"}, ())
