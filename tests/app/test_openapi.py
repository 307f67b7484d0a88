"""The description of the API says what is done: structure, every answer, and what a fuzzer finds."""

import asyncio
import json
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings as hypothesis_settings
from schemathesis import GenerationMode
from starlette.routing import Route

from crowdcore.base.ids import new_id
from crowdcore.base.text import forbidden_character
from crowdcore.web.operation import ApiPath

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
async def document(client):
    response = await client.get("/api/v1/openapi.json")
    assert response.headers["content-type"] == "application/json"
    return response.json()


async def test_it_speaks_for_the_portal(client, portals):
    for partner in ("swisscom", "energy"):
        text = (await client.get(f"http://{partner}.localhost/api/v1/openapi.json")).text
        assert json.loads(text)["info"]["title"] == f"{portals[partner].settings.name.brand} API"
        assert "crowdcore" not in text


async def test_every_operation_is_described(app, document):
    described = {
        (method, path) for path, operations in document["paths"].items() for method in METHODS if method in operations
    }
    answered = {
        (method.lower(), route.path.removeprefix("/api/v1"))
        for route in app.routes
        if isinstance(route, Route) and isinstance(route.endpoint, ApiPath)
        for method in route.endpoint._routes
    }
    assert described == answered | {("get", "/events")}


async def test_every_reference_leads_somewhere(document):
    schemas = document["components"]["schemas"]
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)):
        assert name in schemas
    identifiers = [op["operationId"] for path in document["paths"].values() for op in path.values()]
    assert len(identifiers) == len(set(identifiers))


async def test_what_changes_needs_a_key_and_says_so(document):
    for path in document["paths"].values():
        for method, operation in path.items():
            headers = [p["name"] for p in operation["parameters"] if p["in"] == "header"]
            assert ("Idempotency-Key" in headers) == (method != "get")


async def test_refusals_are_examples_under_their_status(document):
    shared = {f"#/components/responses/{name}": one for name, one in document["components"]["responses"].items()}
    making = {
        status: shared.get(answer.get("$ref"), answer)
        for status, answer in document["paths"]["/things"]["post"]["responses"].items()
    }
    assert "test.thing_gone" in making["410"]["content"]["application/problem+json"]["examples"]
    codes = {
        code
        for answer in making.values()
        for code in answer["content"].get("application/problem+json", {}).get("examples", {})
    }
    assert {"json.syntax", "idempotency.required", "auth.missing", "body.too_large", "rate.limited"} <= codes
    listing = document["paths"]["/things"]["get"]
    refused = shared[listing["responses"]["400"]["$ref"]]
    assert "page.limit" in refused["content"]["application/problem+json"]["examples"]
    assert {p["name"] for p in listing["parameters"]} == {"limit", "cursor", "sort"}


async def test_the_live_events_are_described(document):
    answer = document["paths"]["/events"]["get"]["responses"]["200"]
    assert list(answer["content"]) == ["text/event-stream"]


async def test_a_public_operation_needs_no_token(document):
    assert document["paths"]["/services/{service}"]["get"]["security"] == []
    assert document["paths"]["/things"]["get"]["security"] == [{"token": []}]


def _is_writable(body):
    return forbidden_character(json.dumps(body, ensure_ascii=False, default=str), multiline=True) is None


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_a_fuzzer_finds_no_undocumented_answer(server, document, mode):
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"{server}/api/v1")
    rejection = schema.config.checks.negative_data_rejection
    rejection.expected_statuses = [*rejection.expected_statuses, "413", "414", "431"]
    headers = {"Host": "swisscom.localhost", "Authorization": "Bearer anna-t"}

    def fuzz(operation):
        @hypothesis_settings(
            max_examples=12,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def try_one(case):
            # The tool reads "other characters" as control characters only; unassigned ones are refused too.
            assume(mode is GenerationMode.NEGATIVE or _is_writable(case.body))
            if mode is GenerationMode.POSITIVE:
                case.headers["Idempotency-Key"] = str(new_id())  # a key is never used for two things
                case.query.pop("cursor", None)  # only we can write one
            case.call_and_validate(headers=headers)

        try_one()

    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path != "/events":
            await asyncio.to_thread(fuzz, operation)
