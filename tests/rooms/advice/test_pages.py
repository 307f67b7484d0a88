"""The questions as pages: every way ends with somebody who helps; and the same as JSON."""

from crowdcore.partners.queries import portals as opened
from crowdcore.plugin.triage_file import Question
from tests.browsing import browser


async def test_every_way_through_the_questions_ends_with_help(world):
    visitor = await browser(world)
    triage = opened()["swisscom"].triage
    home = await visitor.get("/")
    page = await visitor.click(home, next(label for label in home.links if label.startswith("Solve a problem")))
    assert page.h1 == triage.questions[triage.start].text.en
    seen, waiting = set(), [("", page)]
    while waiting:
        way, page = waiting.pop()
        links = {path for path in page.links.values() if path.startswith(f"/en/help/{way}")}
        step = page.h1
        assert page.status == 200
        assert "Rather talk to a person?" in page.text
        if step in seen:
            continue
        seen.add(step)
        if any(path.startswith("/en/book/") for path in page.links.values()):
            assert "Guide price" in page.text
        further = sorted(links - {"/en/help/solved"})
        waiting += [(path.removeprefix("/en/help/"), await visitor.get(path)) for path in further]
    wanted = {one.text.en for one in triage.questions.values()} | {one.title.en for one in triage.results.values()}
    assert seen == wanted


async def test_answers_can_be_taken_back_and_nonsense_is_not_found(world):
    visitor = await browser(world)
    triage = opened()["swisscom"].triage
    start = triage.questions[triage.start]
    answer = next(one for one in start.answers if one.to in triage.questions)
    page = await visitor.get(f"/help/{answer.id}")
    second: Question = triage.questions[answer.to]
    assert page.h1 == second.text.en
    assert answer.text.en in page.text
    back = await visitor.click(page, "Back")
    assert back.h1 == start.text.en
    assert (await visitor.get("/help/no-such-answer")).status == 404
    assert (await visitor.get(f"/help/{answer.id}.{answer.id}.{answer.id}")).status == 404
    solved = await visitor.get("/help/solved")
    assert "nothing to pay" in solved.text


async def test_a_partner_that_asks_nothing_shows_what_solves_problems(world, without_triage):
    visitor = await browser(world, without_triage)
    page = await visitor.get("/help")
    assert page.path == "/en/services?kind=fix"
    api = await world.client(without_triage)
    assert (await api.get("/triage")).status_code == 404


async def test_a_program_reads_all_questions_at_once(world):
    api = await world.client(language="fr")
    body = (await api.get("/triage")).json()
    triage = opened()["swisscom"].triage
    assert body["start"] == triage.start
    assert {one["id"] for one in body["questions"]} == set(triage.questions)
    assert {one["id"]: one["service"] for one in body["results"]} == {
        one.id: one.service for one in triage.results.values()
    }
    assert body["questions"][0]["text"] == triage.questions[body["questions"][0]["id"]].text.fr
