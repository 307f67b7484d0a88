"""The shipped plugins load as a stranger's would: no error, every declared hook there, nobody missing."""

from pathlib import Path

import pytest

from crowdcore.plugin.exam_rules import GUESS_WARNED
from crowdcore.plugin.loader import PluginState, load
from crowdcore.plugin.settings import Secrets

PLUGINS = Path(__file__).parents[2] / "plugins"
SHIPPED = ("electronics", "energy", "swisscom")


class EverySecret(dict):
    """An environment in which every secret is set."""

    def get(self, key, default=None):
        return f"secret of {key}"


@pytest.fixture(scope="module")
def loaded():
    return load([PLUGINS], secrets=Secrets(None, EverySecret()))


def test_all_three_load_without_an_error(loaded):
    assert {plugin.id: plugin.state for plugin in loaded.plugins} == dict.fromkeys(SHIPPED, PluginState.LOADED)
    assert [str(problem) for problem in loaded.problems if not problem.warning] == []


def test_each_has_a_portal_on_a_host_of_its_own(loaded):
    hosts = {portal.id: portal.partner.primary_host for portal in loaded.portals.values()}
    assert hosts == {name: f"{name}.localhost" for name in SHIPPED}


@pytest.mark.parametrize("name", SHIPPED)
def test_its_own_hooks_are_asked(loaded, name):
    plugin = next(plugin for plugin in loaded.plugins if plugin.id == name)
    hooks = loaded.hooks(name, is_open=lambda: False)
    assert plugin.hooks, "each shipped plugin implements hooks for real"
    assert all(name in hooks.implemented_by(hook) for hook in plugin.hooks)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_exam_is_passed_by_guessing(loaded, name):
    exams = loaded.portals[name].exams
    assert exams
    assert all(exam.guess_probability <= GUESS_WARNED for exam in exams.values())
