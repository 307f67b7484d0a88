"""The contract: every hook is complete on its page, and the dispatcher offers exactly those."""

import inspect
import subprocess
import sys

import pytest

from crowdcore import plugin as door
from crowdcore.plugin import hookspecs
from crowdcore.plugin.contract import CONTRACTS, Combine, OnError
from crowdcore.plugin.dispatcher import Hooks
from tests.plugin.samples import ASK, GOOD

SECTIONS = ("Args:", "Returns:", "Example:", "Since:")


def test_the_table_of_api_level_1():
    assert {name: (c.combine, c.on_error, c.limit_s) for name, c in CONTRACTS.items()} == {
        "region_gate": (Combine.VETO, OnError.CLOSED, 0.2),
        "check_booking": (Combine.VETO, OnError.CLOSED, 0.25),
        "guide_price": (Combine.CHAIN, OnError.SKIP, 0.2),
        "friend_eligibility": (Combine.COLLECT, OnError.CLOSED, 0.8),
        "rank_candidates": (Combine.SUM, OnError.SKIP, 0.3),
        "deliver_escalation": (Combine.FIRST, OnError.OUTBOX, 10),
        "parse_hand_back": (Combine.FIRST, OnError.RAISE, 0.5),
        "send_notification": (Combine.FIRST, OnError.OUTBOX, 15),
    }


def test_the_samples_cover_every_hook():
    assert set(ASK) == set(GOOD) == set(CONTRACTS)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_hook_is_documented_to_the_last_parameter(name):
    contract = CONTRACTS[name]
    places = [contract.doc.index(section) for section in SECTIONS]
    assert places == sorted(places)
    assert contract.params[0] == "portal"
    args = contract.doc[places[0] : places[1]]
    assert all(f"{param}: " in args for param in contract.params)
    assert "None" in contract.doc[places[1] : places[2]], "what None means is said"


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_dispatcher_asks_each_hook_with_its_own_parameters(name):
    offered = inspect.signature(getattr(Hooks, name)).parameters.values()
    names = [p.name for p in offered if p.name != "self"]
    assert names == list(CONTRACTS[name].params[1:])
    assert all(p.kind is p.KEYWORD_ONLY for p in offered if p.name != "self")


def test_every_specification_is_a_contract():
    specs = [
        name
        for name, value in inspect.getmembers(hookspecs, inspect.isfunction)
        if value.__module__ == hookspecs.__name__
    ]
    assert sorted(specs) == sorted(CONTRACTS)


def test_what_the_door_promises_is_there():
    assert all(hasattr(door, name) for name in door.__all__)


def test_loading_plugins_needs_no_web_and_no_database():
    heavy = "{'tortoise', 'starlette', 'pydantic', 'jinja2', 'babel'}"
    code = f"import sys, crowdcore.plugin.loader; print({heavy} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
