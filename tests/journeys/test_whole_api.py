"""Every operation of every room under a fuzzer: whatever is sent, only described answers come back."""

import json
import random
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from crowdcore.app.routes import API
from crowdcore.web.openapi import openapi
from tests.kit import check_documented

EXAMPLES = 8


@pytest.fixture
def document():
    return openapi("Portal", API)


def test_nothing_of_ours_is_named(document):
    assert "crowdcore" not in json.dumps(document)


def test_every_operation_says_what_it_is_for(document):
    summaries = [one["summary"] for path in document["paths"].values() for one in path.values()]
    assert len(set(summaries)) == len(summaries)
    assert all(summary[0].isupper() and not summary.endswith(".") for summary in summaries)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_whatever_is_sent_the_answer_is_described(world, document, mode):
    customer, anna, agent = await world.customer(), await world.friend(), await world.agent()
    first, second = await world.book(customer), await world.book(customer)
    offer = (await anna.read("/offers"))["offers"][0]
    note = {"reason": "line_fault", "note": "No sync."}
    case = await agent.must(f"/jobs/{second['id']}/hand-over", note)
    known = {
        "job_id": first["id"],
        "offer": offer["id"],
        "case_id": case["case_id"],
        "service": "tv-box-setup",
        "exam": "tv",
        "friend_id": str(anna.friend.id),
    }
    dice, counted = random.Random(7), 0
    for case in _cases(document, mode):
        path = case.operation.path
        for name, value in (case.path_parameters or {}).items():
            filled = known.get(name, value) if dice.random() < 0.8 else value
            path = path.replace(f"{{{name}}}", quote(str(filled), safe=""))
        headers = {"Idempotency-Key": str(dice.random()), "Content-Type": "application/json"}
        content = json.dumps(case.body).encode() if isinstance(case.body, dict | list | str | int) else b""
        for person in (customer, anna, agent):
            response = await person.client.request(
                case.method, path, params=case.query or None, headers=headers, content=content
            )
            assert response.status_code < 500, (case.method, path, case.body, response.text)
            await check_documented(response)
            counted += 1
    assert counted > 500


def _cases(document, mode):
    """Make requests for every operation: right ones, or wrong in one way each."""
    schema = schemathesis.openapi.from_dict(document)
    found = []
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path == "/events":
            continue

        @hypothesis_settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def collect(case):
            found.append(case)

        try:
            collect()
        except Unsatisfiable:
            continue  # an operation without any input cannot be asked wrongly
    return found
