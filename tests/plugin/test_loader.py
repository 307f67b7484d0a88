"""Loading: every way a plugin can be broken ends in a state and a code, and the others load all the same."""

import sys

import pytest

from crowdcore.base.errors import Fault
from crowdcore.plugin.importing import audit
from crowdcore.plugin.loader import PluginState, load
from crowdcore.plugin.registry import Registry
from crowdcore.plugin.settings import Secrets
from tests.plugin.samples import BOOKING, PORTAL, codes, copy_example, spoil, write_plugin

NO_SECRETS = Secrets(None, {})
GOOD_CODE = """
from crowdcore.base.text import Text
from crowdcore.plugin import Denied, hookimpl

@hookimpl
def check_booking(portal, booking):
    return None
"""


def load_from(*paths, **options):
    loaded = load(paths, secrets=NO_SECRETS, **options)
    return {plugin.id: plugin for plugin in loaded.plugins}, loaded


BROKEN = {
    "raises": ("raise ValueError('no such thing')", PluginState.BROKEN_IMPORT, "plugin.import_failed", 1),
    "missing-module": ("\nimport no_such_module", PluginState.BROKEN_IMPORT, "plugin.import_failed", 2),
    "syntax": ("x = 1\ndef (:", PluginState.BROKEN_IMPORT, "plugin.import_failed", 2),
    "exits": ("import sys\nsys.exit(3)", PluginState.BROKEN_IMPORT, "plugin.import_exit", 2),
    "interrupts": ("raise KeyboardInterrupt", PluginState.BROKEN_IMPORT, "plugin.import_failed", 1),
    "recurses": ("def f(): f()\nf()", PluginState.BROKEN_IMPORT, "plugin.import_failed", 1),
    "hangs": ("import time\ntime.sleep(4)", PluginState.BROKEN_IMPORT, "plugin.import_timeout", 0),
    "unknown-hook": (
        "from crowdcore.plugin import hookimpl\n@hookimpl\ndef chek_booking(booking): ...",
        PluginState.INVALID,
        "hook.unknown",
        2,
    ),
    "wrong-argument": (
        "from crowdcore.plugin import hookimpl\n\n@hookimpl\ndef check_booking(boking): ...",
        PluginState.INVALID,
        "hook.signature",
        3,
    ),
    "undeclared": (
        "from crowdcore.plugin import hookimpl\n@hookimpl\ndef guide_price(price): ...",
        PluginState.INVALID,
        "hook.undeclared",
        0,
    ),
    "hookless": ("x = 1", PluginState.INVALID, "hook.undeclared", 0),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """Every broken plugin at once, with two good ones around them."""
    folder = tmp_path_factory.mktemp("plugins")
    copy_example(folder, "a-first")
    for name, (code, *_) in BROKEN.items():
        write_plugin(folder, name, code, hooks=("check_booking",))
    write_plugin(folder, "zz-last", GOOD_CODE, hooks=("check_booking",))
    plugins, loaded = load_from(folder, import_limit_s=1)
    return plugins, loaded, folder


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_has_a_state_and_a_code(broken, name):
    _, state, expected, line = BROKEN[name]
    plugin = broken[0][name]
    errors = [problem for problem in plugin.problems if not problem.warning]
    assert (plugin.state, plugin.hooks, codes(errors)) == (state, (), [expected])
    assert errors[0].line == line
    assert str(broken[2] / name) in errors[0].path


def test_the_good_ones_are_loaded_all_the_same(broken):
    plugins, loaded, _ = broken
    assert plugins["beispiel"].state is plugins["zz-last"].state is PluginState.LOADED
    assert plugins["zz-last"].hooks == ("check_booking",)
    assert list(loaded.portals) == ["beispiel"]


def test_a_failed_import_leaves_no_module_behind(broken):
    assert "crowdcore_plugins.raises" not in sys.modules
    assert sys.modules["crowdcore_plugins.zz_last.hooks"].check_booking


@pytest.mark.parametrize("name", BROKEN)
async def test_a_portal_that_lists_a_broken_plugin_stays_closed_to_what_it_should_check(broken, name):
    _, loaded, _ = broken
    hooks = loaded.hooks("beispiel", is_open=lambda: False)
    lists_it = type(hooks)(
        loaded.registry,
        loaded.portals["beispiel"].view(),
        ["zz-last", name],
        configs={},
        is_open=lambda: False,
    )
    assert (await lists_it.check_booking(booking=BOOKING)).code == "plugin.unavailable"
    assert await hooks.check_booking(booking=BOOKING) is None


def test_one_id_in_two_places_loads_neither(tmp_path):
    for place in ("one", "two"):
        write_plugin(tmp_path / place, "twin", GOOD_CODE, hooks=("check_booking",))
    write_plugin(tmp_path / "two", "other")
    _, loaded = load_from(tmp_path / "one", tmp_path / "two")
    twins = [plugin for plugin in loaded.plugins if plugin.id == "twin"]
    assert [codes(twin.problems) for twin in twins] == [["plugin.duplicate"]] * 2
    assert all(twin.state is PluginState.INVALID and not twin.hooks for twin in twins)
    assert str(twins[1].folder) in twins[0].problems[0].message
    assert {p.id: p.state for p in loaded.plugins}["other"] is PluginState.LOADED


def test_the_same_folder_named_twice_is_one_plugin(tmp_path):
    folder = write_plugin(tmp_path, "once")
    _, loaded = load_from(tmp_path, folder)
    assert [plugin.state for plugin in loaded.plugins] == [PluginState.LOADED]


def order(after=(), before=()):
    def listed(names):
        return ", ".join(f'"{name}"' for name in names)

    return f"[order]\nafter = [{listed(after)}]\nbefore = [{listed(before)}]\n"


def test_plugins_come_in_their_order_and_ties_by_id(tmp_path):
    write_plugin(tmp_path, "alpha", more=order(after=["delta"]))
    write_plugin(tmp_path, "beta")
    write_plugin(tmp_path, "delta")
    write_plugin(tmp_path, "omega", more=order(before=["beta", "not-installed"]))
    _, loaded = load_from(tmp_path)
    assert [plugin.id for plugin in loaded.plugins] == ["delta", "omega", "alpha", "beta"]
    assert not loaded.problems


def test_a_circle_is_printed_and_the_rest_is_loaded(tmp_path):
    write_plugin(tmp_path, "aa", more=order(after=["bb"]))
    write_plugin(tmp_path, "bb", more=order(after=["cc"]))
    write_plugin(tmp_path, "cc", more=order(after=["aa"]))
    write_plugin(tmp_path, "dd", more=order(after=["ee"]))
    write_plugin(tmp_path, "ee", more=order(after=["dd"]))
    write_plugin(tmp_path, "free", more=order(after=["aa"]))
    plugins, _ = load_from(tmp_path)
    for name in ("aa", "bb", "cc", "dd", "ee"):
        assert codes(plugins[name].problems) == ["plugin.dependency"]
        assert plugins[name].state is PluginState.INVALID
    shown = plugins["aa"].problems[0].message.rsplit(": ", 1)[1].split(" -> ")
    assert shown[0] == shown[-1]
    assert set(shown) == {"aa", "bb", "cc"}
    assert plugins["free"].state is PluginState.LOADED


def test_a_missing_plugin_is_named(tmp_path):
    write_plugin(tmp_path, "needy", more=order(after=["gone"]))
    plugins, _ = load_from(tmp_path)
    assert codes(plugins["needy"].problems) == ["plugin.dependency"]
    assert "'gone'" in plugins["needy"].problems[0].message


def test_a_newer_api_is_incompatible(tmp_path):
    spoil(write_plugin(tmp_path, "newer") / "plugin.toml", "oldest = 1", "oldest = 9")
    plugins, _ = load_from(tmp_path)
    assert plugins["newer"].state is PluginState.INCOMPATIBLE
    assert codes(plugins["newer"].problems) == ["manifest.api_incompatible"]
    assert "this core has 1" in plugins["newer"].problems[0].message


def test_a_plugin_written_for_a_newer_core_may_run_on_this_one(tmp_path):
    spoil(write_plugin(tmp_path, "newer") / "plugin.toml", "built_for = 1", "built_for = 9")
    assert load_from(tmp_path)[0]["newer"].state is PluginState.LOADED


async def test_a_disabled_plugin_is_not_imported_and_its_portals_know(tmp_path):
    copy_example(tmp_path)
    spoil(tmp_path / "beispiel" / "partner.toml", 'list = ["beispiel"]', 'list = ["beispiel", "extra"]')
    write_plugin(tmp_path, "extra", "raise ValueError", hooks=("check_booking",))
    plugins, loaded = load_from(tmp_path, disabled=["extra"])
    assert plugins["extra"].state is PluginState.DISABLED
    assert not plugins["extra"].problems
    assert plugins["beispiel"].state is PluginState.DEGRADED
    assert codes(plugins["beispiel"].problems) == ["partner.plugin_missing"]
    assert await loaded.hooks("beispiel", is_open=lambda: False).check_booking(booking=BOOKING) is None


def test_a_portal_that_lists_a_broken_plugin_is_degraded(tmp_path):
    copy_example(tmp_path)
    spoil(tmp_path / "beispiel" / "partner.toml", 'list = ["beispiel"]', 'list = ["beispiel", "extra"]')
    write_plugin(tmp_path, "extra", "raise ValueError", hooks=("check_booking",))
    plugins, loaded = load_from(tmp_path)
    assert plugins["beispiel"].state is PluginState.DEGRADED
    assert "count as failing" in plugins["beispiel"].problems[0].message
    assert "beispiel" in loaded.portals


def test_two_portals_on_one_host_are_both_refused(tmp_path):
    copy_example(tmp_path)
    other = copy_example(tmp_path, "zweites")
    for name in ("plugin.toml", "partner.toml"):
        spoil(other / name, 'id = "beispiel"', 'id = "zweites"')
    spoil(other / "partner.toml", 'list = ["beispiel"]', 'list = ["zweites"]')
    plugins, loaded = load_from(tmp_path)
    assert [codes(plugin.problems) for plugin in plugins.values()] == [["domain.taken"]] * 2
    assert not loaded.portals


def test_a_folder_without_a_manifest_is_told_so(tmp_path):
    (tmp_path / "forgotten").mkdir()
    (tmp_path / "forgotten" / "catalog.toml").write_text("schema = 1")
    (tmp_path / "notes").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x.toml").write_text("")
    plugins, _ = load_from(tmp_path)
    assert {name: codes(plugin.problems) for name, plugin in plugins.items()} == {"forgotten": ["manifest.missing"]}


def test_a_path_that_is_no_folder_is_a_fault(tmp_path):
    with pytest.raises(Fault, match="CROWDCORE_PLUGIN_PATH"):
        load_from(tmp_path / "nowhere")


def test_a_symbolic_link_is_refused(tmp_path):
    folder = write_plugin(tmp_path, "linked")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "legal").mkdir()
    (folder / "legal" / "terms.md").symlink_to(tmp_path / "secret.txt")
    plugins, _ = load_from(tmp_path)
    assert codes(plugins["linked"].problems) == ["plugin.symlink"]
    assert plugins["linked"].state is PluginState.INVALID


def test_a_huge_file_is_refused(tmp_path):
    folder = write_plugin(tmp_path, "huge")
    with (folder / "film.bin").open("wb") as file:
        file.truncate(200_000_000)
    plugins, _ = load_from(tmp_path)
    assert codes(plugins["huge"].problems) == ["plugin.file_too_large"]
    assert "5000000" in plugins["huge"].problems[0].message


def test_a_huge_catalogue_is_not_parsed(tmp_path):
    folder = copy_example(tmp_path)
    with (folder / "catalog.toml").open("a") as file:
        file.write("# " + "x" * 1_100_000)
    plugins, _ = load_from(tmp_path)
    assert codes(plugins["beispiel"].problems) == ["file.too_large"]
    assert "split it" in plugins["beispiel"].problems[0].message


def test_a_module_that_is_not_there(tmp_path):
    folder = write_plugin(tmp_path, "empty", GOOD_CODE, hooks=("check_booking",))
    (folder / "hooks.py").unlink()
    plugins, _ = load_from(tmp_path)
    assert codes(plugins["empty"].problems) == ["file.not_found"]


def test_code_may_be_a_package_with_modules_of_its_own(tmp_path):
    code = GOOD_CODE + "\nfrom crowdcore_plugins.my_own.words import WORD\nassert WORD == 'yes'\n"
    folder = write_plugin(tmp_path, "my-own", code, hooks=("check_booking",))
    (folder / "words.py").write_text("WORD = 'yes'")
    plugins, _ = load_from(tmp_path)
    assert (plugins["my-own"].state, plugins["my-own"].problems) == (PluginState.LOADED, ())


def test_loading_again_takes_the_new_code(tmp_path):
    for name in ("one", "two"):
        write_plugin(tmp_path / name, "same", GOOD_CODE + f"\nPLACE = {name!r}\n", hooks=("check_booking",))
        load_from(tmp_path / name)
        assert name == sys.modules["crowdcore_plugins.same.hooks"].PLACE


def test_several_loads_may_share_a_registry(tmp_path):
    registry = Registry()
    write_plugin(tmp_path / "one", "first", GOOD_CODE, hooks=("check_booking",))
    _, loaded = load_from(tmp_path / "one", registry=registry)
    assert loaded.registry is registry
    assert set(registry.implementations("check_booking")) == {"first"}


def test_an_installed_distribution_is_found_without_being_imported(tmp_path, monkeypatch):
    package = tmp_path / "acme_crowd"
    write_plugin(package, "portal", GOOD_CODE, hooks=("check_booking",))
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    info = tmp_path / "acme_crowd-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-crowd\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[crowdcore.plugins]\nportal = acme_crowd.portal\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins, _ = load_from()
    assert plugins["portal"].state is PluginState.LOADED
    assert "acme_crowd" not in sys.modules


def test_what_a_plugin_imports_is_looked_at(tmp_path):
    (tmp_path / "hooks.py").write_text(
        "import json\n"
        "from crowdcore.plugin import hookimpl\n"
        "from crowdcore.base.text import Text\n"
        "from crowdcore_plugins.x.y import z\n"
        "from crowdcore.jobs.models import Job\n"
        "import subprocess\n"
        "def f():\n"
        "    import tortoise.models\n"
        "from crowdcore.plugin.registry import Registry\n"
        "import declared\n"
        "import undeclared\n"
    )
    found = list(audit(tmp_path, frozenset({"declared"})))
    assert [(p.code, p.line, p.column, p.warning) for p in found] == [
        ("plugin.audit", 5, 1, True),
        ("plugin.audit", 6, 1, True),
        ("plugin.audit", 9, 1, True),
        ("plugin.audit", 11, 1, True),
        ("plugin.audit", 8, 5, True),
    ]


def test_the_facts_of_a_portal_come_from_its_file(tmp_path):
    copy_example(tmp_path)
    _, loaded = load_from(tmp_path)
    assert loaded.portals["beispiel"].view() == PORTAL
