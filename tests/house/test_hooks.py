"""Hooks: few, each explained, tested and used by a plugin that ships."""

import re
import tomllib
from collections.abc import Iterator

import pytest

import crowdcore.plugin.hookspecs  # noqa: F401 -- fills the table of contracts
from crowdcore.plugin.contract import API_LEVEL, CONTRACTS, Combine, Contract, OnError
from tests.house.law import ROOT, pages

BUDGET = 20


def breaches(contract: Contract) -> Iterator[str]:
    sections = dict(re.findall(r"^(Args|Returns|Example|Since):\n((?:[ ]+.*\n?|\n)+)", contract.doc, re.MULTILINE))
    for needed in ("Args", "Returns", "Since"):
        if not sections.get(needed, "").strip():
            yield f"does not say {needed}"
    described = re.findall(r"^\s+(\w+): \S", sections.get("Args", ""), re.MULTILINE)
    if described != list(contract.params):
        yield f"explains {described} instead of {list(contract.params)}"
    if not 1 <= contract.since <= API_LEVEL or f"API level {contract.since}" not in sections.get("Since", ""):
        yield "does not say since which level"
    if contract.params[:1] != ("portal",):
        yield "is not told which portal asks"
    if not 0 < contract.limit_s <= 15:
        yield f"may take {contract.limit_s} s"


every_hook = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda c: c.name)


@every_hook
def test_a_hook_is_explained(contract):
    assert list(breaches(contract)) == []


@every_hook
def test_a_hook_has_a_test(contract):
    tests = [page.text for page in pages() if page.path.startswith("tests/plugin/") and page.name.startswith("test_")]
    assert any(re.search(rf"\b{contract.name}\b", text) for text in tests)


@every_hook
def test_a_hook_is_used_by_a_plugin_that_ships_or_by_the_kernels_defaults(contract):
    used = set()
    for manifest in ROOT.glob("plugins/*/plugin.toml"):
        used |= set(tomllib.loads(manifest.read_text(encoding="utf-8")).get("uses", {}).get("hooks", ()))
    defaults = (ROOT / "crowdcore/plugin/defaults.py").read_text(encoding="utf-8")
    assert contract.name in used or f"def {contract.name}(" in defaults


def test_hooks_are_few():
    assert 0 < len(CONTRACTS) <= BUDGET


DOC = (
    "Say whether.\n\nArgs:\n    portal: the portal.\n    place: where.\n\n"
    "Returns:\n    A no.\n\nSince:\n    API level 1.\n"
)


def _contract(doc=DOC, params=("portal", "place"), limit_s=0.2):
    return Contract("sample", params, Combine.VETO, OnError.CLOSED, limit_s, 1, doc)


@pytest.mark.parametrize(
    ("contract", "count"),
    [
        (_contract(), 0),
        (_contract(params=("portal", "place", "service")), 1),
        (_contract(doc=DOC.replace("Returns:\n    A no.\n", "")), 1),
        (_contract(doc="Say whether."), 5),
        (_contract(limit_s=60), 1),
        (_contract(doc=DOC.replace("    portal: the portal.\n", ""), params=("place",)), 1),
    ],
)
def test_the_law_notices(contract, count):
    assert len(list(breaches(contract))) == count
