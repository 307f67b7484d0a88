"""The exams as JSON: every way through, and not one word of the key before the grade."""

import itertools
from datetime import timedelta

import pytest

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Role
from crowdcore.base.ids import new_id
from crowdcore.exams import api, models, queries
from crowdcore.exams.rules import choice_key
from crowdcore.web.openapi import openapi
from tests.rooms.exams.material import (
    CHOICE_ID_CANARY,
    EXPLANATION_CANARY,
    NUMBER_CANARY,
    SEED,
    right_answer,
    router,
)

_keys = itertools.count()


async def post(client, path, body=None, key=None):
    headers = {"Idempotency-Key": key or f"key-{next(_keys)}"}
    return await client.post(path, json=body or {}, headers=headers)


async def begin(client):
    response = await post(client, "/exams/router/attempts")
    assert response.status_code == 201
    return response.json()


async def right_values(attempt):
    """Return what to send for every question to be right; read from the database, not from the API."""
    row = await models.Attempt.get(id=attempt["id"])
    values = {}
    for q in router().questions.values():
        stored = right_answer(q)
        values[q.id] = [choice_key(row.seed, q.id, one) for one in stored] if q.choices else list(stored)
    return values


async def answer(client, attempt, question_id, value, key=None):
    body = {"question_id": question_id, "value": value}
    return await post(client, f"/attempts/{attempt['id']}/answers", body, key)


async def answer_all(client, attempt, *, but=()):
    values = await right_values(attempt)
    for question in attempt["questions"]:
        if question["id"] not in but:
            assert (await answer(client, attempt, question["id"], values[question["id"]])).status_code == 200


async def submit(client, attempt, key=None):
    return await post(client, f"/attempts/{attempt['id']}/submit", key=key)


# -- nothing leaks -------------------------------------------------------------------------------------


async def test_no_answer_tells_the_key_before_the_grade(anna):
    responses = [await anna.get("/exams"), await post(anna, "/exams/router/attempts")]
    attempt = responses[-1].json()
    values = await right_values(attempt)
    for question in attempt["questions"]:
        responses.append(await answer(anna, attempt, question["id"], ["nonsense"]))
        responses.append(await answer(anna, attempt, question["id"], []))
        if question["id"] != "cable":  # its right answer is what was typed
            responses.append(await answer(anna, attempt, question["id"], values[question["id"]]))
    responses += [
        await anna.get(f"/attempts/{attempt['id']}"),
        await anna.get("/exams"),
        await post(anna, "/exams/router/attempts"),
    ]
    row = await models.Attempt.get(id=attempt["id"])
    for response in responses:
        text = response.text + str(response.headers)
        for canary in (
            EXPLANATION_CANARY,
            CHOICE_ID_CANARY,
            NUMBER_CANARY,
            row.seed,
            "correct",
            "points",
            "level",
        ):
            assert canary not in text, (response.request.url, canary)


async def test_a_question_says_only_what_one_needs_to_answer_it(anna):
    attempt = await begin(anna)
    assert attempt["result"] is None
    for question in attempt["questions"]:
        assert set(question) == {
            "id", "topic", "type", "critical", "prompt", "choices", "unit", "answer",
        }  # fmt: skip
        assert all(set(choice) == {"id", "text"} for choice in question["choices"])


async def test_right_and_wrong_answers_get_the_same_answer(anna):
    attempt = await begin(anna)
    values = await right_values(attempt)
    choices = next(q["choices"] for q in attempt["questions"] if q["id"] == "band")
    wrong = [next(c["id"] for c in choices if c["id"] not in values["band"])]
    first = await answer(anna, attempt, "band", wrong)
    second = await answer(anna, attempt, "band", values["band"])
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json() == {
        "question_id": "band",
        "answered": 1,
        "questions": 6,
        "deadline_at": attempt["deadline_at"],
    }
    assert len(first.content) == len(second.content)


async def test_after_the_grade_one_learns_why_but_not_which_choice_was_right(anna):
    attempt = await begin(anna)
    await answer_all(anna, attempt, but={"band", "cable", "new"})
    graded = (await submit(anna, attempt)).json()
    assert graded["questions"] == []
    prompts = {m["prompt"]: m["explanation"] for m in graded["result"]["mistakes"]}
    assert prompts == {f"prompt {q} (en)": f"{EXPLANATION_CANARY} {q} (en)" for q in ("band", "cable")}
    text = (await anna.get(f"/attempts/{attempt['id']}")).text
    assert CHOICE_ID_CANARY not in text
    assert NUMBER_CANARY not in text
    assert "choice band" not in text


def test_the_description_of_the_api_has_no_key_either():
    document = str(openapi("Test", api.ROUTES))
    assert "correct" not in document
    assert EXPLANATION_CANARY not in document


# -- the way -------------------------------------------------------------------------------------------


async def test_from_the_list_to_the_skill(anna, clock):
    listed = (await anna.get("/exams")).json()["exams"]
    assert listed[0] == {
        "id": "router",
        "title": "title router (en)",
        "intro": None,
        "minutes": 20,
        "questions": 6,
        "pass_percent": 75,
        "valid_months": 24,
        "state": "ready",
        "attempts_left": 3,
        "wait_until": None,
        "valid_until": None,
        "requires": [],
        "open_attempt": None,
        "last_attempt": None,
    }
    assert (listed[1]["state"], listed[1]["requires"]) == ("requires", ["router"])
    attempt = await begin(anna)
    assert attempt["state"] == "started"
    await answer_all(anna, attempt)
    running = (await anna.get(f"/attempts/{attempt['id']}")).json()
    assert all(question["answer"] for question in running["questions"])
    graded = (await submit(anna, attempt)).json()
    assert graded["state"] == "graded"
    assert graded["result"] == {
        "passed": True,
        "timed_out": False,
        "score": 8,
        "max_score": 8,
        "required": 6,
        "valid_until": "2028-11-23T22:59:59Z",
        "topics": graded["result"]["topics"],
        "mistakes": [],
    }
    assert sorted((t["name"], t["points"], t["max_points"]) for t in graded["result"]["topics"]) == [
        ("topic safety (en)", 2, 2),
        ("topic wifi (en)", 6, 6),
    ]
    listed = (await anna.get("/exams")).json()["exams"]
    assert [exam["state"] for exam in listed] == ["passed", "ready"]
    assert listed[0]["valid_until"] == "2028-11-23T22:59:59Z"
    assert listed[0]["last_attempt"] == attempt["id"]


async def test_content_comes_in_the_language_asked_for_now(anna):
    attempt = await begin(anna)
    for language in ("fr", "de"):
        shown = await anna.get(f"/attempts/{attempt['id']}", headers={"Accept-Language": language})
        assert shown.json()["title"] == f"title router ({language})"
        assert all(q["prompt"].endswith(f"({language})") for q in shown.json()["questions"])


# -- once ----------------------------------------------------------------------------------------------


async def test_the_same_key_submits_once_and_gets_the_same_answer(anna):
    attempt = await begin(anna)
    await answer_all(anna, attempt)
    first, second = await submit(anna, attempt, key="mine"), await submit(anna, attempt, key="mine")
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    third = await submit(anna, attempt)
    assert third.status_code == 409
    assert third.json()["code"] == "exam.already_submitted"


async def test_a_second_start_is_the_attempt_that_runs(anna):
    assert (await begin(anna))["id"] == (await begin(anna))["id"]


# -- refusals ------------------------------------------------------------------------------------------


async def test_after_the_time_everything_says_so(anna, clock):
    attempt = await begin(anna)
    values = await right_values(attempt)
    await answer(anna, attempt, "band", values["band"])
    clock.advance(minutes=20, seconds=10)
    late = await answer(anna, attempt, "places", values["places"], key="late")
    assert late.status_code == 410
    assert late.json()["code"] == "exam.time_over"
    assert (await answer(anna, attempt, "places", values["places"], key="late")).status_code == 410
    assert (await submit(anna, attempt)).status_code == 410
    graded = (await anna.get(f"/attempts/{attempt['id']}")).json()
    assert graded["result"]["timed_out"]
    assert graded["result"]["score"] == 1


@pytest.mark.parametrize(
    ("question_id", "value", "pointer", "code"),
    [
        ("band", ["nonsense"], "/value", "exam.answer_unknown"),
        ("knitting", ["nonsense"], "/question_id", "exam.answer_unknown"),
        ("band", [], "/value", "exam.answer_shape"),
        ("cable", ["many"], "/value", "exam.answer_shape"),
    ],
)
async def test_a_wrong_answer_body_is_refused_at_its_field(anna, question_id, value, pointer, code):
    attempt = await begin(anna)
    refused = await answer(anna, attempt, question_id, value)
    assert refused.status_code == 422
    assert refused.json()["code"] == code
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, code)]
    assert (await anna.get(f"/attempts/{attempt['id']}")).json()["state"] == "started"


async def test_waiting_names_the_time(anna, clock):
    await submit(anna, await begin(anna))
    refused = await post(anna, "/exams/router/attempts")
    assert refused.status_code == 409
    assert refused.json()["code"] == "exam.wait"
    assert int(refused.headers["Retry-After"]) == 72 * 3600 + 1
    listed = (await anna.get("/exams")).json()["exams"][0]
    assert (listed["state"], listed["wait_until"]) == ("wait", "2026-11-26T09:00:00Z")


async def test_the_paper_of_somebody_else_is_not_there(anna, client_of, other):
    attempt = await begin(anna)
    beat = await client_of(other.account_id)
    missing = await beat.get(f"/attempts/{new_id()}")
    for response in (
        await beat.get(f"/attempts/{attempt['id']}"),
        await answer(beat, attempt, "band", ["x"]),
        await submit(beat, attempt),
    ):
        assert response.status_code == 404
        assert response.json()["code"] == missing.json()["code"]


async def test_exams_are_for_friends(client_of, friend):
    customer = await accounts.open_account(
        email="kunde@example.ch", name="K", language="de", roles=frozenset({Role.CUSTOMER})
    )
    client = await client_of(customer.id, Role.CUSTOMER)
    assert (await client.get("/exams")).status_code == 403
    stranger = await client_of(customer.id, Role.FRIEND)
    refused = await stranger.get("/exams")
    assert (refused.status_code, refused.json()["code"]) == (403, "friend.unknown")


async def test_staff_can_allow_another_attempt(anna, client_of, friend, clock):
    for _ in range(3):
        await submit(anna, await begin(anna))
        clock.advance(hours=72)
    assert (await post(anna, "/exams/router/attempts")).json()["code"] == "exam.no_attempts_left"
    agent = await accounts.open_account(
        email="agent@example.ch", name="A", language="de", roles=frozenset({Role.AGENT})
    )
    desk = await client_of(agent.id, Role.AGENT)
    path, body = f"/friends/{friend.id}/exam-attempts", {"exam": "router", "reason": "Was ill."}
    assert (await post(anna, path, body)).status_code == 403
    allowed = await post(desk, path, body)
    assert allowed.status_code == 201
    assert (allowed.json()["state"], allowed.json()["attempts_left"]) == ("ready", 1)
    assert (await begin(anna))["state"] == "started"


async def test_a_paper_is_drawn_anew_for_every_attempt(anna, clock):
    first = await begin(anna)
    await submit(anna, first)
    clock.advance(hours=72)
    second = await begin(anna)
    ids = {choice["id"] for question in first["questions"] for choice in question["choices"]}
    assert not ids & {choice["id"] for question in second["questions"] for choice in question["choices"]}
    row = await models.Attempt.get(id=second["id"])
    assert row.seed != SEED
    assert row.deadline_at - row.started_at == timedelta(minutes=20)
    assert queries.PAPER.validate_python(row.paper).content_hash == router().content_hash
