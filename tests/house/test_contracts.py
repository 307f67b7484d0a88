"""The import contracts of pyproject.toml: kept as they are, and each notices when it is broken on purpose."""

import copy

import grimp
import pytest
from importlinter.application import use_cases
from importlinter.configuration import configure
from importlinter.domain.contract import registry

from tests.house.law import ROOT
from tests.house.laws_of_rooms import rooms


@pytest.fixture(scope="module")
def contracts():
    configure()
    options = use_cases.read_user_options(str(ROOT / "pyproject.toml"))
    use_cases._register_contract_types(options)
    return {
        one["id"]: registry.get_contract_class(one["type"])(
            name=one["name"], session_options=options.session_options, contract_options=one
        )
        for one in options.contracts_options
    }


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph(
        "crowdcore", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


def is_kept(contract, graph) -> bool:
    return contract.check(copy.deepcopy(graph), verbose=False).kept


def test_all_are_kept(contracts, graph):
    assert {name: is_kept(contract, graph) for name, contract in contracts.items()} == dict.fromkeys(contracts, True)


def test_every_room_has_walls(contracts):
    assert {f"crowdcore.{room}" for room in rooms()} == {str(c) for c in contracts["rooms"].containers}


@pytest.mark.parametrize(
    ("contract", "importer", "imported"),
    [
        ("floors", "crowdcore.jobs.rules", "crowdcore.dispatch.rules"),
        ("floors", "crowdcore.base.money", "crowdcore.settings"),
        ("floors", "crowdcore.db.scope", "crowdcore.plugin.facts"),
        ("floors", "crowdcore.catalog.queries", "crowdcore.crowd.queries"),
        ("floors", "crowdcore.agreements.rules", "crowdcore.completion.rules"),
        ("floors", "crowdcore.web.context", "crowdcore.accounts.rules"),
        ("floors", "crowdcore.jobs.rules", "crowdcore.utilities"),
        ("rooms", "crowdcore.jobs.models", "crowdcore.jobs.service"),
        ("rooms", "crowdcore.jobs.queries", "crowdcore.jobs.service"),
        ("rooms", "crowdcore.jobs.rules", "crowdcore.jobs.events"),
        ("rooms", "crowdcore.jobs.service", "crowdcore.jobs.states"),
        ("pure-rules", "crowdcore.jobs.rules", "tortoise"),
        ("pure-rules", "crowdcore.jobs.rules", "starlette"),
        ("pure-rules", "crowdcore.jobs.rules", "crowdcore.db.scope"),
        ("pure-rules", "crowdcore.jobs.events", "jinja2"),
        ("pure-rules", "crowdcore.base.money", "pluggy"),
        ("pure-rules", "crowdcore.jobs.rules", "crowdcore.plugin.registry"),
        ("front-doors", "crowdcore.offers.service", "crowdcore.jobs.reactions"),
        ("front-doors", "crowdcore.offers.service", "crowdcore.exams.api"),
        ("orm-behind-models", "crowdcore.exams.api", "tortoise"),
        ("orm-behind-models", "crowdcore.theming.theme", "tortoise"),
        ("no-circles", "crowdcore.base.text", "crowdcore.base.errors"),
        ("no-circles", "crowdcore.jobs.rules", "crowdcore.bookings.rules"),
    ],
)
def test_a_contract_notices_when_it_is_broken(contracts, graph, contract, importer, imported):
    broken = copy.deepcopy(graph)
    for module in (importer, imported):
        if module not in broken.modules:
            broken.add_module(module)
    broken.add_import(importer=importer, imported=imported, line_number=1, line_contents="import x")
    assert not is_kept(contracts[contract], broken)
