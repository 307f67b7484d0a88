"""The description of the API agrees with itself, and promises nothing without bounds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from crowdcore.app.routes import API
from crowdcore.web.openapi import openapi, openapi_json
from crowdcore.web.paging import MOST_PER_PAGE
from crowdcore.web.problems import PROBLEM_TYPE

DOCUMENT = openapi("Portal", API)
SCHEMAS = DOCUMENT["components"]["schemas"]
ANSWERS = DOCUMENT["components"]["responses"]
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
BYTES_PER_OPERATION = 4_500
CODE = re.compile(r"[a-z_]+(?:\.[a-z_]+)*")

BOUNDED = {
    "GET /triage": "the questions are a file of the partner",
    "GET /services": "the catalogue is a file of the partner",
    "GET /services/{service}": "steps of a service, from the same file",
    "GET /places": "the gazetteer answers with a handful",
    "GET /quotes": "notes of a price: one per rule of the partner",
    "GET /escalation-reasons": "a list in the partner's settings",
    "GET /exams": "exams are files of the partner",
    "GET /ledger": "one member's jobs of one month, and the months there are",
    "GET /attempts/{attempt_id}": "questions of one paper",
    "GET /offers/{offer}": "steps of a service, notes of its price",
    "GET /jobs/{job_id}": "wishes, steps and messages of one job",
    "GET /jobs/{job_id}/history": "one line per version of one job",
    "GET /cases/{case_id}": "messages of one case",
    "GET /me": "roles and skills of one person",
    "GET /board": "what is open at this moment; the console shows it as one picture",
    "GET /failures": "deliveries that were given up and wait for a person",
    "GET /insight/acceptance": "goals of the seed's curve and its steps",
    "GET /insight/figures": "one row per region, service or daypart",
    "GET /insight/exams": "exams are files of the partner",
    "GET /insight/exams/{exam}": "topics and questions of one exam",
    "GET /coverage": "regions of the partner's countries",
    "GET /roster": "a page of members",
    "GET /roster/{friend_id}": "licences of one person, decisions about them",
}
"""Answers with lists that no number in the request bounds, and what does."""


def _answers(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return status -> answer; what many operations share stands once in the document."""
    found = operation["responses"].items()
    return {status: ANSWERS[one["$ref"].rsplit("/", 1)[-1]] if "$ref" in one else one for status, one in found}


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    return SCHEMAS[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema


def _leaves(schema: Any, place: str, known: frozenset[str] = frozenset()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema inside a schema, with the place it has."""
    if isinstance(schema, list):
        for one in schema:
            yield from _leaves(one, place, known)
        return
    reference = schema.get("$ref", "")
    if reference in known:
        return
    schema, known = _resolved(schema), known | {reference} if reference else known
    yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _leaves(inner, f"{place}.{name}", known)
    for key in ("items", "anyOf", "oneOf", "allOf"):
        if key in schema:
            yield from _leaves(schema[key], place, known)


def test_it_is_not_too_long():
    assert len(openapi_json("Portal", API)) < BYTES_PER_OPERATION * len(OPERATIONS)


def test_every_operation_has_a_name_of_its_own():
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))
    summaries = [operation["summary"] for operation in OPERATIONS.values()]
    assert len(summaries) == len(set(summaries))


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_is(name):
    operation = OPERATIONS[name]
    assert re.fullmatch(r"[A-Z][^.]{4,90}", operation["summary"])
    assert operation["tags"] == [name.split("/")[1]]
    parameters = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
    assert parameters == set(re.findall(r"\{(\w+)\}", name))
    assert ("Idempotency-Key" in {one["name"] for one in operation["parameters"]}) == name.startswith("POST")
    assert operation["security"] in ([], [{"token": []}])


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_refusal_has_an_example(name):
    answers = _answers(OPERATIONS[name])
    assert {"400", "401", "404", "405", "406", "414", "422", "429", "431", "500", "503"} <= answers.keys()
    assert ("403" in answers) == bool(OPERATIONS[name]["security"])
    assert ({"409", "413", "415"} <= answers.keys()) == name.startswith("POST")
    for status, answer in answers.items():
        if status.startswith("2") or status == "500":
            continue
        assert list(answer["content"]) == [PROBLEM_TYPE]
        content = answer["content"][PROBLEM_TYPE]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert answer["description"] == ", ".join(content["examples"])
        for code in content["examples"]:
            example = DOCUMENT["components"]["examples"][code]["value"]
            assert CODE.fullmatch(code)
            assert (example["code"], example["status"]) == (code, int(status))
            assert example["detail"]
            assert "%" not in example["detail"].replace(" %", "")
        assert (status in {"429", "503"}) == ("Retry-After" in answer.get("headers", {}))


def test_one_code_has_one_status():
    found: dict[str, set[str]] = {}
    for operation in OPERATIONS.values():
        for status, answer in _answers(operation).items():
            for code in answer["content"].get(PROBLEM_TYPE, {}).get("examples", {}):
                found.setdefault(code, set()).add(status)
    assert {code: statuses for code, statuses in found.items() if len(statuses) > 1} == {}


def test_every_reference_leads_somewhere():
    text = json.dumps(DOCUMENT)
    for kind, name in re.findall(r'"#/components/(\w+)/([^"]+)"', text):
        assert name in DOCUMENT["components"][kind]
    unused = [name for name in SCHEMAS if f'"#/components/schemas/{name}"' not in text]
    assert unused == []
    assert "crowdcore" not in text.lower()


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name.startswith("GET") and name != "GET /events"])
def test_every_list_is_bounded(name):
    operation = OPERATIONS[name]
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    lists = [place for place, schema in _leaves(answer, "") if schema.get("type") == "array"]
    top = [schema for schema in _resolved(answer).get("properties", {}).values() if schema.get("type") == "array"]
    limit = next((one["schema"] for one in operation["parameters"] if one["name"] == "limit"), None)
    if limit is not None:
        assert (limit["minimum"], limit["maximum"]) == (1, MOST_PER_PAGE)
        assert "next_cursor" in _resolved(answer)["properties"]
        return
    bounded = bool(top) and all(schema.get("maxItems", 10**9) <= MOST_PER_PAGE for schema in top)
    assert bool(lists) == (bounded or name in BOUNDED), f"{name} answers with lists without bounds: {lists}"


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_input_is_bounded(name):
    operation = OPERATIONS[name]
    given = [(f"?{one['name']}", one["schema"]) for one in operation["parameters"] if one["in"] == "query"]
    if "requestBody" in operation:
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        assert _resolved(body)["additionalProperties"] is False
        given.append(("body", body))
    for start, whole in given:
        for place, schema in _leaves(whole, start):
            kind = schema.get("type")
            if kind == "string":
                assert {"maxLength", "format", "enum", "const"} & schema.keys(), place
            elif kind in {"integer", "number"}:
                assert {"minimum", "maximum"} <= schema.keys(), place
            elif kind == "array":
                assert "maxItems" in schema, place
