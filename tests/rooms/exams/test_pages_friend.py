"""The exam as people take it, without JavaScript: one question per page, in three languages."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from crowdcore.exams import models, rules, service
from crowdcore.exams.rules import choice_key
from tests.rooms.exams.material import (
    CHOICE_ID_CANARY,
    EXPLANATION_CANARY,
    NUMBER_CANARY,
    right_answer,
    router,
)


class Fields(HTMLParser):
    """What a page offers to fill in: fields, chosen values, options, and where it leads."""

    def __init__(self, html):
        super().__init__()
        self.hidden, self.boxes, self.chosen, self.selects, self.links = {}, [], [], [], []
        self.text_value = None
        self.feed(html)

    def handle_starttag(self, tag, pairs):
        attrs = dict(pairs)
        if tag == "input" and attrs["type"] == "hidden":
            self.hidden[attrs["name"]] = attrs["value"]
        elif tag == "input" and attrs["type"] in {"radio", "checkbox"}:
            self.boxes.append(attrs["value"])
            if "checked" in attrs:
                self.chosen.append(attrs["value"])
        elif tag == "input":
            self.text_value = attrs["value"]
        elif tag == "select":
            self.selects.append([])
        elif tag == "option":
            self.selects[-1].append(attrs["value"])
            if "selected" in attrs:
                self.chosen.append(attrs["value"])
        elif tag == "a":
            self.links.append(attrs["href"])


class Walk:
    """A browser that remembers every page it saw."""

    def __init__(self, browser, language="en"):
        self.browser, self.language = browser, language
        self.pages, self.path = [], ""

    async def open(self, path, *, status=200):
        return await self._landed(await self.browser.get(f"/{self.language}{path}"), status)

    async def send(self, path, *, status=200, **fields):
        form = {**self.fields.hidden, **fields}
        return await self._landed(await self.browser.post(f"/{self.language}{path}", data=form), status)

    async def _landed(self, response, status):
        while response.status_code == 303:
            response = await self.browser.get(response.headers["location"])
        assert response.status_code == status, response.text
        self.pages.append(response.text)
        self.path = response.request.url.path.removeprefix(f"/{self.language}")
        self.fields = Fields(response.text)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


@pytest.fixture
def walk(browser):
    return Walk(browser)


async def values_of(attempt_path):
    """Return per question what a browser sends to be right, by the number of the question."""
    row = await models.Attempt.get(id=attempt_path.split("/")[3])
    found = {}
    for place, item in enumerate(row.paper["items"], start=1):
        q = router().questions[item["question_id"]]
        stored = right_answer(q)
        found[place] = (
            q.id,
            [choice_key(row.seed, q.id, one) for one in stored] if q.choices else list(stored),
        )
    return found


async def begin(walk):
    await walk.open("/friend/exams/router")
    await walk.send("/friend/exams/router")
    assert walk.path.endswith("/questions/1")
    return walk.path.removesuffix("/questions/1")


@pytest.mark.parametrize("language", ["de", "fr", "en"])
async def test_the_whole_way_in_every_language(browser, language):
    walk = Walk(browser, language)
    assert f"title router ({language})" in await walk.open("/friend/exams")
    attempt = await begin(walk)
    for _, value in (await values_of(attempt)).values():
        await walk.send(walk.path, value=value)
    assert walk.path == f"{attempt}/review"
    before_the_grade = list(walk.pages)
    text = await walk.send(f"{attempt}/review")
    assert walk.path == f"{attempt}/result"
    assert f"topic safety ({language})" in text
    assert "p-score--failed" not in walk.pages[-1]
    for html in before_the_grade:
        assert EXPLANATION_CANARY not in html
        assert CHOICE_ID_CANARY not in html
    await walk.open("/friend/exams")
    assert f"/{language}{attempt}/result" in walk.fields.links


async def test_nothing_is_chosen_before_one_chooses(walk):
    attempt = await begin(walk)
    for place in range(1, 7):
        await walk.open(f"{attempt}/questions/{place}")
        assert not walk.fields.chosen
        assert not walk.fields.text_value
        assert all(NUMBER_CANARY not in html for html in walk.pages)


async def test_an_answer_is_shown_again_when_one_comes_back(walk):
    attempt = await begin(walk)
    values = await values_of(attempt)
    for place, (_, value) in values.items():
        await walk.send(f"{attempt}/questions/{place}", value=value)
    for place, (question_id, value) in values.items():
        await walk.open(f"{attempt}/questions/{place}")
        if question_id == "cable":
            assert walk.fields.text_value == value[0]
        elif question_id == "steps":
            assert walk.fields.chosen == value
        else:
            assert sorted(walk.fields.chosen) == sorted(value)


async def test_an_attempt_goes_on_at_the_first_question_without_an_answer(walk):
    attempt = await begin(walk)
    values = await values_of(attempt)
    for place in (1, 2, 4):
        await walk.send(f"{attempt}/questions/{place}", value=values[place][1])
    await walk.open("/friend/exams")
    assert f"/en{attempt}" in walk.fields.links
    await walk.open(attempt)
    assert walk.path == f"{attempt}/questions/3"
    text = await walk.open(f"{attempt}/review")
    assert "3 questions have no answer yet." in text


async def test_going_back_and_choosing_again_is_no_error(walk):
    """The browser sends the old form again, with the old hidden fields."""
    attempt = await begin(walk)
    values = await values_of(attempt)
    place = next(p for p, (question_id, _) in values.items() if question_id == "band")
    await walk.open(f"{attempt}/questions/{place}")
    form = dict(walk.fields.hidden)
    choices = list(walk.fields.boxes)
    for choice in choices:
        walk.fields.hidden = form
        await walk.send(f"{attempt}/questions/{place}", value=choice)
    await walk.open(f"{attempt}/questions/{place}")
    assert walk.fields.chosen == [choices[-1]]


@pytest.mark.parametrize(
    ("question_id", "value", "sentence"),
    [
        ("band", [], "Choose one answer."),
        ("places", [], "Choose at least one answer, each once."),
        ("steps", [], "Put every line in its place, each once."),
        ("cable", ["many"], "Enter a number, for example 12.5."),
        ("band", ["nonsense"], "This answer does not belong to this question."),
    ],
)
async def test_an_incomplete_answer_is_explained_and_the_question_stays(walk, question_id, value, sentence):
    attempt = await begin(walk)
    place = next(p for p, (q, _) in (await values_of(attempt)).items() if q == question_id)
    await walk.open(f"{attempt}/questions/{place}")
    text = await walk.send(f"{attempt}/questions/{place}", status=422, value=value)
    assert text.count(sentence) == 2
    assert "Error:" in text
    assert 'href="#value"' in walk.pages[-1]
    assert 'id="value"' in walk.pages[-1]


async def test_too_late_shows_the_result_of_what_arrived(walk, clock):
    attempt = await begin(walk)
    values = await values_of(attempt)
    await walk.send(f"{attempt}/questions/1", value=values[1][1])
    clock.advance(minutes=20, seconds=10)
    text = await walk.send(f"{attempt}/questions/2", status=410, value=values[2][1])
    assert "The time is over." in text
    assert "Not passed" in text
    await walk.open(f"{attempt}/questions/3")
    assert walk.path == f"{attempt}/result"


async def test_after_the_time_a_page_offers_the_result(walk, clock):
    """Looking at a page changes nothing; the button grades if the worker has not come by yet."""
    attempt = await begin(walk)
    clock.advance(minutes=20, seconds=10)
    text = await walk.open(f"{attempt}/questions/1")
    assert walk.path == f"{attempt}/review"
    assert "The time is over" in text
    assert await models.Attempt.filter(state="started").count() == 1
    text = await walk.send(f"{attempt}/review", status=410)
    assert "Not passed" in text


async def test_a_second_tab_that_submits_again_sees_the_result(walk, friend):
    attempt = await begin(walk)
    await walk.open(f"{attempt}/review")
    form = dict(walk.fields.hidden)
    await service.submit(friend_id=friend.id, attempt_id=attempt.split("/")[3])
    text = await walk.send(f"{attempt}/review", status=409)
    assert "This exam has already been submitted." in text
    assert "Not passed" in text
    walk.fields.hidden = form
    text = await walk.send(f"{attempt}/questions/1", status=409, value="x")
    assert "Not passed" in text


async def test_a_double_click_on_submit_lands_on_the_result(walk):
    attempt = await begin(walk)
    await walk.open(f"{attempt}/review")
    form = dict(walk.fields.hidden)
    await walk.send(f"{attempt}/review")
    walk.fields.hidden = form
    await walk.send(f"{attempt}/review")
    assert walk.path == f"{attempt}/result"


async def test_whoever_must_wait_is_told_until_when(walk):
    attempt = await begin(walk)
    await walk.open(f"{attempt}/review")
    await walk.send(f"{attempt}/review")
    text = await walk.open("/friend/exams/router")
    assert "Next attempt: Thursday 26 November, 10 am. 2 attempts left." in text
    assert "_key" not in walk.fields.hidden
    walk.fields.hidden = {
        "_csrf": Fields((await walk.browser.get("/de/friend/exams/router")).text).hidden.get("_csrf", "")
    }
    assert await models.Attempt.all().count() == 1


async def test_an_old_form_cannot_start_what_may_not_be_started(walk, clock):
    await walk.open("/friend/exams/router")
    form = dict(walk.fields.hidden)
    attempt = await begin(walk)
    await walk.open(f"{attempt}/review")
    await walk.send(f"{attempt}/review")
    walk.fields.hidden = form
    text = await walk.send("/friend/exams/router", status=409)
    assert "Next attempt" in text
    assert await models.Attempt.all().count() == 1


async def test_starting_again_leads_to_the_attempt_that_runs(walk):
    await walk.open("/friend/exams/router")
    form = dict(walk.fields.hidden)
    attempt = await begin(walk)
    walk.fields.hidden = {**form, "_key": "another"}
    await walk.send("/friend/exams/router")
    assert walk.path == f"{attempt}/questions/1"


async def test_a_finished_attempt_leads_to_its_result_from_everywhere(walk):
    attempt = await begin(walk)
    await walk.open(f"{attempt}/review")
    await walk.send(f"{attempt}/review")
    for page in ("", "/review", "/questions/1"):
        await walk.open(f"{attempt}{page}")
        assert walk.path == f"{attempt}/result"


async def test_the_time_may_run_out_while_an_answer_is_read(walk, clock, monkeypatch):
    attempt = await begin(walk)
    value = (await values_of(attempt))[1][1]
    read = rules.read_answer

    def slowly(*args):
        clock.advance(minutes=20, seconds=10)
        return read(*args)

    monkeypatch.setattr(rules, "read_answer", slowly)
    text = await walk.send(f"{attempt}/questions/1", status=410, value=value)
    assert "The time is over" in text
    assert "Show result" in text


async def test_another_exam_first(walk):
    text = await walk.open("/friend/exams/pro")
    assert "Another exam comes first: title router (en)." in text


@pytest.mark.parametrize("place", ["0", "7", "01", "x", "-1"])
async def test_there_is_no_such_question(walk, place):
    attempt = await begin(walk)
    assert (await walk.browser.get(f"/en{attempt}/questions/{place}")).status_code == 404


async def test_a_running_attempt_has_no_result_page(walk):
    attempt = await begin(walk)
    await walk.open(f"{attempt}/result")
    assert walk.path == f"{attempt}/questions/1"


async def test_pages_carry_no_script_and_no_style_of_their_own(walk):
    attempt = await begin(walk)
    for place in range(1, 7):
        await walk.open(f"{attempt}/questions/{place}")
    await walk.open(f"{attempt}/review")
    await walk.send(f"{attempt}/review")
    for html in walk.pages:
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", html)
        assert len(re.findall(r"<h1", html)) == 1
