"""What an answer must look like, and what is sent to see whether it does."""

from __future__ import annotations

import json
import time
from urllib.parse import urlsplit

from crowdcore.web.limits import MOST_BODY
from tests.kit import PROBLEM
from tests.routes.recipe import Sent
from tests.routes.town import Town
from tests.routes.watch import scrubbed

UNKNOWN_HOST = "nobody.example"
MALFORMED = ("1", "no one", "x" * 200, "11111111-1111-4111-8111-11111111111A", "é")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO")
AT_ONCE = 20
FORM = "application/x-www-form-urlencoded"


def refused(sent: Sent, status: int, *codes: str) -> None:
    """Fail unless the answer is a problem document with this status and one of these codes."""
    assert sent.status == status, f"{sent.status} instead of {status}: {sent.response.text[:300]}"
    assert sent.response.headers["content-type"] == PROBLEM
    if codes:
        assert sent.response.json()["code"] in codes


MUCH = 60
"""So often may the largest body be read in the time of one answer: enough for a long one, not for a square of it."""


def quickly(started: float) -> None:
    """Fail if an answer took out of all proportion to its size, whatever else the machine has to do.

    Args:
        started: `time.process_time()` before the request was sent.
    """
    took = time.process_time() - started
    largest = b"[" + b"0," * (MOST_BODY // 2 - 1) + b"0]"
    before = time.process_time()
    json.loads(largest)
    assert took < MUCH * (time.process_time() - before)


def alike(*answers: Sent) -> None:
    """Fail unless nobody could tell these answers from one another."""
    said = {one for sent in answers for one in sent.said}
    texts = {scrubbed(sent.response, said) for sent in answers}
    assert len(texts) == 1, "\n\n".join(map(str, texts))


def names_nobody(sent: Sent, town: Town) -> None:
    """Fail if the answer says whose installation this is."""
    text = sent.response.text.lower()
    assert not any(word in text for word in ("swisscom", "energy", "morgenkraft", town.word.lower()))


def is_page(sent: Sent, status: int) -> None:
    """Fail unless this is a page with this status, for this browser only, with a heading."""
    assert sent.status == status, f"{sent.status} instead of {status}: {sent.response.text[-1500:]}"
    headers = sent.response.headers
    assert headers["content-type"].startswith("text/html")
    assert headers["content-language"] == "en"
    assert headers["cache-control"] in {"private, no-store", "private, no-cache"}
    assert sent.response.text.count("<h1") == 1


def is_file(sent: Sent, content_type: str) -> None:
    """Fail unless this is a file of this type, to be kept by whoever asked and by no cache."""
    assert sent.status == 200, f"{sent.status}: {sent.response.text[:300]}"
    headers = sent.response.headers
    assert headers["content-type"].split(";")[0] == content_type
    assert headers["content-disposition"].startswith("attachment; filename=")
    assert headers["cache-control"] == "private, no-store"


def leads(sent: Sent, town: Town) -> str:
    """Return the path that an answer leads to; fail if it leads to another site, or nowhere."""
    assert sent.status == 303, f"{sent.status}: {sent.response.text[-1500:]}"
    location = sent.response.headers["location"]
    assert urlsplit(location).netloc in {"", town.host}
    assert location.startswith("/en/")
    return location
