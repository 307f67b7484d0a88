"""A busy morning: what curve, board, figures, coverage and roster say about it, on pages and in the API.

The queries are SQL of their own; `test_the_same_morning_in_figures` runs on both databases.
"""

import csv
import io
from datetime import timedelta

import pytest

from crowdcore.accounts.rules import Role
from crowdcore.base.ids import new_id
from crowdcore.base.text import Language
from crowdcore.board import queries as board
from crowdcore.board.rules import Column, Kind
from crowdcore.coverage import queries as coverage
from crowdcore.db.models import Delivery, OutboxEvent
from crowdcore.insight import queries as insight
from crowdcore.insight.queries import Period, span
from crowdcore.places.regions import region_name
from crowdcore.roster import queries as roster
from crowdcore.roster.rules import Activity, Sort, Wanted
from tests.browsing import browser
from tests.kit import BERN, check_field, check_problem


class Morning:
    """Five requests: accepted after 30 s and done badly, after 5 min, handed over, called off after 2 min, open."""

    def __init__(self, world):
        self.world = world
        self.jobs = {}

    async def happen(self):
        world = self.world
        self.anna, self.beat = await world.friend(name="Anna Muster"), await world.friend(point=BERN, name="=Beat")
        self.customer = await world.customer()
        await self._booked("bad", 30)
        await world.take(self.anna)
        await self.anna.must(f"/jobs/{self.jobs['bad']}/start")
        await self.anna.must(f"/jobs/{self.jobs['bad']}/report", {"text": "Done."})
        await self.customer.must(f"/jobs/{self.jobs['bad']}/confirm")
        await self.customer.must(
            f"/jobs/{self.jobs['bad']}/rating", {"stars": 2, "book_again": False, "comment": "Hm."}
        )
        await self._booked("slow", 300, urgent=False, wishes=[self._in(5)])
        await world.take(self.anna)
        await self._booked("handed", 10, urgent=False, wishes=[self._in(9)])
        await world.take(self.anna)
        await self.anna.must(f"/jobs/{self.jobs['handed']}/hand-over", {"reason": "line_fault", "note": "Red."})
        await self._booked("off", 120)
        await self.customer.must(f"/jobs/{self.jobs['off']}/cancel", {"reason": "No more."})
        await self._booked("open", 0)
        offers = (await self.anna.read("/offers"))["offers"]
        await self.anna.must(f"/offers/{offers[0]['id']}/decline", {"reason": "no_time"})
        await world.advance(minutes=90)
        return self

    async def _booked(self, name, seconds, **more):
        self.jobs[name] = (await self.world.book(self.customer, street=f"Weg {name}", **more))["id"]
        self.world.clock.advance(seconds=seconds)

    def _in(self, hours):
        start = self.world.clock.now().replace(minute=0, second=0) + timedelta(hours=hours)
        return {"start": start.isoformat(), "end": (start + timedelta(hours=2)).isoformat()}


@pytest.fixture
async def morning(world):
    return await Morning(world).happen()


async def test_the_same_morning_in_figures(world, morning, scope):
    since, until = span(Period.TODAY)
    found = await insight.acceptance(since=since, until=until)
    assert found.count == 5
    assert found.share(60) == pytest.approx(2 / 5)
    assert found.share(600) == pytest.approx(1 - 3 / 5 * 1 / 2)  # one left after two minutes
    assert (await insight.acceptance(since=since, until=until, region="CH-BE")).count == 0

    figures = insight.figures(await insight.records(since=since, until=until))
    total = figures["all"][0]
    assert (total.requests, total.done, total.cancelled, total.handed_over) == (5, 1, 1, 1)
    assert total.median_s == 30
    assert [(one.key, one.requests) for one in figures["region"]] == [("CH-ZH", 5)]
    assert [one.key for one in figures["daypart"]] == ["morning"]

    shown = await board.board(language=Language.EN)
    assert {card.number: card.column for card in shown.cards} == {
        (await world_number(morning, name)): column
        for name, column in (
            ("slow", Column.ACCEPTED), ("handed", Column.HANDED_OVER), ("open", Column.SEARCH),
        )
    }  # fmt: skip
    assert [need.kind for need in shown.needs] == [Kind.NOBODY, Kind.CASE, Kind.RATING]
    assert (await board.board(language=Language.EN, region="CH-BE")).cards == ()

    members = await roster.members(Wanted(sort=Sort.BUSIEST))
    assert [friend.name for friend, _activity in members.members] == ["Anna", "=Beat"]
    assert members.members[0][1] == Activity(asked=5, accepted=3, declined=1, gave_back=0)
    for wanted, names in (
        (Wanted(region="CH-BE"), []),
        (Wanted(skill="tv"), ["=Beat", "Anna"]),
        (Wanted(skill="internet"), []),
        (Wanted(standing="paused"), []),
        (Wanted(kind="friend", search="Anna"), ["Anna"]),
        (Wanted(search=morning.beat.account.email.upper()), ["=Beat"]),
        (Wanted(sort=Sort.LOWEST_RATED), ["Anna", "=Beat"]),
    ):
        found = await roster.members(wanted)
        assert (sorted(f.name for f, _a in found.members), found.count) == (sorted(names), len(names)), wanted

    covered = await coverage.coverage()
    zurich = next(region for region in covered.regions if region.code == "CH-ZH")
    assert (zurich.friends, zurich.requests, covered.friends, covered.well_served) == (2, 5, 2, 0)
    assert (await coverage.coverage(skill="internet")).friends == 0


async def world_number(morning, name):
    return (await morning.customer.job(morning.jobs[name]))["number"]


async def test_the_board_says_the_state_and_what_to_do(world, morning):
    agent = await browser(world, person=await world.agent())
    page = await agent.get("/console")
    assert page.h1 == "3 things need you now."
    assert "5 requests say nothing about the goals yet; it takes 30." in page.text
    assert "nobody free for 1\u00a0h\u00a030\u00a0min" in page.text
    assert "rated 2 of 5" in page.text
    assert page.links["Find somebody"].endswith("/assign")
    assert page.html.count('class="p-btn p-btn--small"') == 1  # one primary button
    listed = await agent.get("/console?view=list&column=search&period=week&region=CH-ZH")
    assert "Accepted" not in [text for text in listed.texts if text.strip() == "Accepted at once"]
    assert (await agent.get("/console?view=list&column=x&region=XX&period=never")).status == 200
    assert page.html.count("p-rail__count") == 1
    assert "/console/cases" in page.links["Hand-overs, waiting: 1"]
    cases = await agent.get("/console/cases")
    assert cases.h1 == "One hand-over is waiting."
    case = await agent.click(cases, "Open")
    assert "Red." in case.text
    assert "Call the customer" not in case.text or "tel:" in case.html
    for tab in ("taken_over", "closed", "x"):
        assert (await agent.get(f"/console/cases?tab={tab}")).status == 200
    case = await agent.send(case, "Take the case over")
    assert "taken over by Agent" in case.text
    case = await agent.send(await agent.click(case, "End the case"), "End the case", outcome="solved", text="Reset.")
    assert "The case is closed." in case.h1
    none = await agent.get("/console/cases")
    assert none.h1 == "No hand-over is waiting."
    assert "p-rail__count" not in none.html
    closed = await agent.get("/console/cases?tab=closed")
    assert "Solved by support" in closed.text


async def test_figures_and_their_file(world, morning):
    agent = await browser(world, person=await world.agent())
    page = await agent.get("/console/figures?period=today")
    assert page.h1 == "70\u00a0% of 5 requests were accepted within an hour."
    for group, first in (("region", "Zurich"), ("service", "Set up the TV box"), ("daypart", "Morning, 6 to 12")):
        answer = await agent.client.get(f"/en/console/figures/{group}.csv?period=today")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"].endswith(f'-{group}-today-2026-11-23.csv"')
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))
        assert [row[0] for row in rows[1:]] == [first, "All"]
        assert rows[2][1:] == ["5", "70.0", "0.5", "1", "1", "1", "", ""]
    french = (await agent.client.get("/fr/console/figures/region.csv?period=today")).content.decode("utf-8-sig")
    assert french.splitlines()[1] == "Zurich;5;70,0;0,5;1;1;1;;", "a point would make dates of figures there"
    for wrong in ("region", "region.xlsx", "x.csv"):
        assert (await agent.client.get(f"/en/console/figures/{wrong}")).status_code == 404
    empty = await browser(world, "energy", person=await world.agent("energy"))
    assert (await empty.get("/console/figures")).h1 == "No requests in this period."
    assert (await empty.get("/console")).h1 == "Nothing needs you right now."
    covered = await empty.get("/console/coverage")
    assert covered.h1 == "0 qualified Friends are ready."
    assert ">Munich<" in covered.html, "a second country has names on the map too"
    assert (await empty.get("/console/exams")).h1 == "Nobody has taken an exam yet."


async def test_catalogue_look_and_coverage_are_shown(world, morning):
    agent = await browser(world, person=await world.agent())
    assert "of all requests come from a well-covered area" in (await agent.get("/console/coverage?skill=tv")).h1
    look = await agent.get("/console/look")
    assert look.h1 == "All 60 colour pairs can be read."
    catalog = await agent.get("/console/catalog")
    assert catalog.h1.endswith("categories are in the catalogue.")
    assert (await agent.get(catalog.links["Television and sound"].removeprefix("/en"))).h1.endswith(
        "nobody has taken it yet."
    )
    lost = await agent.get("/console/exams/nothing")
    assert lost.status == 404
    assert "p-rail" in lost.html, "a refusal stands in the frame of the console"
    assert "p-head" not in lost.html


async def test_only_admins_decide_about_members_and_always_with_a_reason(world, morning):
    agent, admin = [await browser(world, person=await world.agent(role=role)) for role in (Role.AGENT, Role.ADMIN)]
    here = f"/console/friends/{morning.anna.friend.id}"
    seen = await agent.get(here)
    assert "decided by administrators" in seen.text
    page = await admin.get(here)
    assert page.h1 == "Anna Muster gets offers."
    for path, fields in (
        ("standing", {"change": "suspend", "reason": "x"}),
        ("qualification", {"skill": "tv", "what": "revoke", "why": "x"}),
        ("licences", {}),
    ):
        own = (await agent.get("/account")).form("Sign out").fields["_csrf"][0]
        answer = await agent.client.post(f"/en{here}/{path}", data={**fields, "_csrf": own, "_key": "k"})
        assert answer.status_code == 403, path
    wrong = await admin.send(page, "Suspend this member")
    assert wrong.status == 422
    page = await admin.send(wrong, "Suspend this member", reason="Three no-shows in a week.")
    assert page.h1 == "Anna Muster is suspended."
    assert "Three no-shows in a week." in page.text
    again = await admin.send(wrong, "Suspend this member", reason="Once more.")
    assert again.status == 409
    page = await admin.send(page, "End the suspension", reason="We talked.")
    assert page.h1 == "Anna Muster gets offers."
    page = await admin.send(page, "Change the qualification", skill="tv", what="revoke", why="Wrong advice.")
    assert "withdrawn" in page.text
    page = await admin.send(page, "Change the qualification", skill="tv", what="revoke", why="Twice.")
    assert "Choose one of the listed qualifications." in page.text
    page = await admin.send(page, "Change the qualification", skill="internet", what="grant", why="Certificate seen.")
    assert "internet: Certificate seen." in page.text
    assert (await admin.get("/console/friends?search=Nobody&page=0&sort=x&standing=y")).h1 == "0 members fit"


async def test_a_licence_counts_once_somebody_has_seen_it(world):
    profi = await world.friend("energy", name="Paul")
    admin = await browser(world, "energy", person=await world.agent("energy", role=Role.ADMIN))
    page = await admin.get(f"/console/friends/{profi.friend.id}")
    page = await admin.send(page, "Record the licences", licence=["ch_niv_installation"])
    assert "Licences checked" in page.text
    assert "ch_niv_installation" in page.text
    wrong = await admin.send(page, "Record the licences", licence=["made_up"])
    assert "Choose from the listed licences." in wrong.text


async def test_what_was_given_up_is_tried_again_by_an_admin(world, scope):
    about = {"partner_id": "swisscom", "topic": "job.opened"}
    now = world.clock.now()
    event = await OutboxEvent.create(**about, payload={}, audience=[], at=now, expanded_at=now)
    lost = await Delivery.create(**about, event_seq=event.seq, reaction="tell", run_at=now, state="parked")
    agent, admin = await world.agent(), await world.agent(role=Role.ADMIN)
    visitor, boss = await browser(world, person=agent), await browser(world, person=admin)
    told = "One message could not be delivered"
    assert told not in (await visitor.get("/console")).text, "nobody is sent where they may not go"
    assert (await agent.read("/board"))["needs"] == []
    assert (await visitor.client.get("/en/console/failures")).status_code == 403
    check_problem(await agent.get("/failures"), 403, "auth.scope")
    assert [one["kind"] for one in (await admin.read("/board"))["needs"]] == ["failed"]
    assert [one["id"] for one in (await admin.read("/failures"))["failures"]] == [str(lost.id)]
    page = await boss.get("/console")
    assert told in page.text
    page = await boss.send(await boss.click(page, "Look into it"), "Try again")
    assert page.h1 == "Every message has been delivered"
    check_problem(await admin.post(f"/failures/{lost.id}/retry"), 404, "delivery.unknown")
    elsewhere = await world.agent("energy", role=Role.ADMIN)
    check_problem(await elsewhere.post(f"/failures/{lost.id}/retry"), 404, "delivery.unknown")


async def test_the_api_says_the_same(world, morning):
    agent, admin = await world.agent(), await world.agent(role=Role.ADMIN)
    found = await agent.read("/insight/acceptance", period="today")
    assert (found["requests"], found["enough"]) == (5, False)
    assert found["goals"][0] == {"after_seconds": 60, "goal_percent": 40, "percent": None, "missing": 0}
    shown = await agent.read("/insight/figures", period="today", group="service")
    assert [(one["key"], one["requests"]) for one in shown["figures"]] == [("tv-box-setup", 5)]
    assert (await agent.read("/insight/exams"))["exams"] == []
    assert (await agent.read("/insight/exams/tv"))["taken"] == 0
    assert [need["kind"] for need in (await agent.read("/board"))["needs"]] == ["nobody", "case", "rating"]
    assert (await agent.read("/coverage"))["friends"] == 2
    anna = str(morning.anna.friend.id)
    members = await agent.read("/roster", search="Anna")
    assert (members["count"], members["members"][0]["id"]) == (1, anna)
    check_problem(await agent.post(f"/roster/{anna}/suspend", {"reason": "No."}), 403, "auth.scope")
    check_problem(await morning.anna.get(f"/roster/{anna}"), 403, "auth.scope")
    check_problem(await admin.get(f"/roster/{new_id()}"), 404, "not_found")
    check_field(await admin.post(f"/roster/{anna}/suspend", {"reason": " "}), "/reason", "field.blank")
    assert (await admin.must(f"/roster/{anna}/suspend", {"reason": "Late."}))["member"]["standing"] == "suspended"
    check_problem(await admin.post(f"/roster/{anna}/suspend", {"reason": "Late."}), 409, "roster.unchanged")
    answer = await admin.must(f"/roster/{anna}/reinstate", {"reason": "Fine."})
    assert [one["action"] for one in answer["decisions"]] == ["reinstate", "suspend"]
    body = {"skill": "nothing", "what": "grant", "reason": "x"}
    check_problem(await admin.post(f"/roster/{anna}/qualification", body), 422, "roster.skill_unknown")
    check_problem(await admin.post(f"/roster/{anna}/licences", {"licences": ["x"]}), 422, "roster.licence_unknown")


def test_regions_have_names_in_three_languages():
    assert region_name("CH-VS").as_dict() == {"de": "Wallis", "fr": "Valais", "en": "Valais"}
    assert region_name("LI").fr == "Liechtenstein"
    assert region_name("FR-75").en == "FR-75"
