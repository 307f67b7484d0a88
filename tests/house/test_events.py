"""Events and timers: each survives the trip through the outbox, and each finds somebody who reacts."""

import ast
import dataclasses
import inspect
import json
from collections.abc import Iterator
from datetime import datetime
from typing import get_type_hints
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from crowdcore.app.worker import reaction_table, timer_table
from crowdcore.base.events import Event
from crowdcore.jobs.rules import next_timer
from tests.house.loaded import modules, subclasses

SCALARS = {str, int, bool, UUID, datetime}
ALLOWED = {*SCALARS, *(kind | None for kind in SCALARS), tuple[str, ...]}

#: topic -> why it is a base and never announced itself.
BASES = {
    "job.changed": "what all news of a job have in common",
    "friend.changed": "what all news of a member have in common",
    "escalation.changed": "what all news of a case have in common",
}


def breaches(event: type[Event]) -> Iterator[str]:
    if "topic" not in vars(event) or event.topic.count(".") != 1:
        yield "has no topic like job.assigned"
    if not dataclasses.is_dataclass(event) or not event.__dataclass_params__.frozen:
        yield "is not frozen"
        return
    hints = get_type_hints(event)
    for name in (one.name for one in dataclasses.fields(event)):
        if hints[name] not in ALLOWED:
            yield f"{name} does not survive JSON"


every_event = pytest.mark.parametrize("event", subclasses(Event), ids=lambda e: e.__name__)


@every_event
def test_an_event_is_frozen_and_plain(event):
    assert list(breaches(event)) == []


def test_one_topic_one_event():
    topics = [event.topic for event in subclasses(Event)]
    assert sorted(topics) == sorted(set(topics))


@every_event
def test_an_event_survives_the_outbox(event):
    ids = {"friend_accounts": st.lists(st.uuids().map(str)).map(tuple)}
    hints = get_type_hints(event)
    values = {one.name: ids.get(one.name, st.from_type(hints[one.name])) for one in dataclasses.fields(event)}

    @given(st.builds(event, **values))
    def survives(news: Event):
        again = event.from_json(json.loads(json.dumps(news.to_json())))
        assert again == news
        assert all(isinstance(account, UUID) for account in again.audience())

    survives()


def test_reactions_listen_to_topics_that_exist():
    assert reaction_table().keys() <= {event.topic for event in subclasses(Event)} - BASES.keys()


def test_every_base_of_events_is_one():
    for event in subclasses(Event):
        has_kinds = any(issubclass(other, event) and other is not event for other in subclasses(Event))
        assert (event.topic in BASES) == has_kinds


def timer_kinds(module) -> Iterator[str]:
    """Yield the kinds of the timers that a module starts."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("timers.start"):
            for keyword in node.keywords:
                if keyword.arg != "kind":
                    continue
                value = keyword.value
                if isinstance(value, ast.Constant):
                    yield str(value.value)
                elif isinstance(value, ast.Name) and isinstance(getattr(module, value.id, None), str):
                    yield getattr(module, value.id)


def test_every_timer_that_is_started_is_answered_and_the_other_way_round():
    started = {kind for module in modules() for kind in timer_kinds(module)}
    states = ast.parse(inspect.getsource(next_timer))
    guards = {n.value for n in ast.walk(states) if isinstance(n, ast.Constant) and str(n.value).startswith("job.")}
    assert started | guards == timer_table().keys()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SampleRight(Event):
    topic = "sample.right"
    at: datetime
    friend_id: UUID | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SampleRich(Event):
    topic = "samplerich"
    shares: dict[str, float]


@pytest.mark.parametrize(("event", "count"), [(SampleRight, 0), (SampleRich, 2)])
def test_the_law_notices(event, count):
    assert len(list(breaches(event))) == count
