"""The description of the API as a whole; tests/routes sends everything that fits it, and much that does not."""

import json

import pytest

from crowdcore.app.routes import API
from crowdcore.web.openapi import openapi


@pytest.fixture
def document():
    return openapi("Portal", API)


def test_nothing_of_ours_is_named(document):
    assert "crowdcore" not in json.dumps(document)


def test_every_operation_says_what_it_is_for(document):
    summaries = [one["summary"] for path in document["paths"].values() for one in path.values()]
    assert len(set(summaries)) == len(summaries)
    assert all(summary[0].isupper() and not summary.endswith(".") for summary in summaries)
