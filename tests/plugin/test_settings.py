"""Settings: what a manifest declares and a partner fills in; secrets come from outside and print as stars."""

import copy
import json
import logging
import pickle
from decimal import Decimal

import pytest

from crowdcore.plugin import Secret
from crowdcore.plugin.loader import PluginState, load
from crowdcore.plugin.settings import Secrets
from tests.plugin.samples import codes, copy_example, spoil, write_plugin

HELP = 'help = { de = "Hilfe", fr = "Aide", en = "Help" }'
DECLARED = f"""
[config.words]
type = "text"
{HELP}
[config.count]
type = "int"
low = 1
high = 10
default = 3
{HELP}
[config.share]
type = "decimal"
high = 100
{HELP}
[config.loud]
type = "bool"
default = false
{HELP}
[config.endpoint]
type = "url"
{HELP}
[config.server]
type = "host"
{HELP}
[config.pause]
type = "duration"
{HELP}
[config.size]
type = "choice"
choices = ["small", "large"]
{HELP}
[config.tags]
type = "list"
{HELP}
[config.key]
type = "secret"
per = "portal"
{HELP}
[config.note]
type = "text"
optional = true
{HELP}
"""
GIVEN = """
[plugin.extra]
words = "hello"
share = "12.5"
endpoint = "https://tickets.example/api"
server = "tickets.example"
pause = "10min"
size = "large"
tags = ["a", "b"]
key = { env = "EXTRA_KEY" }
"""
SECRETS = Secrets(None, {"EXTRA_KEY": "hunter2"})


@pytest.fixture
def folder(tmp_path):
    """The example portal with a second plugin that has every kind of setting."""
    copy_example(tmp_path)
    write_plugin(tmp_path, "extra", more=DECLARED)
    partner = tmp_path / "beispiel" / "partner.toml"
    spoil(partner, 'list = ["beispiel"]', 'list = ["beispiel", "extra"]' + GIVEN)
    return tmp_path


def loaded_from(folder, secrets=SECRETS):
    loaded = load([folder], secrets=secrets)
    return next(plugin for plugin in loaded.plugins if plugin.id == "beispiel")


def test_every_kind_of_value_arrives_as_its_type(folder):
    plugin = loaded_from(folder)
    assert plugin.problems == ()
    assert dict(plugin.portal.partner.config["extra"]) == {
        "words": "hello",
        "count": 3,
        "share": Decimal("12.5"),
        "loud": False,
        "endpoint": "https://tickets.example/api",
        "server": "tickets.example",
        "pause": 600,
        "size": "large",
        "tags": ("a", "b"),
        "key": Secret("hunter2"),
    }
    assert dict(plugin.portal.partner.config["beispiel"]) == {}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('words = "hello"', "words = 5", "type.text_expected"),
        ('words = "hello"\n', "", "setting.required"),
        ('words = "hello"', 'words = "hello"\ncount = 11', "setting.range"),
        ('words = "hello"', 'words = "hello"\ncount = "3"', "setting.range"),
        ('words = "hello"', 'words = "hello"\ncolour = "red"', "partner.unknown_key"),
        ('share = "12.5"', "share = 12.5", "type.number_expected"),
        ('share = "12.5"', 'share = "120"', "setting.range"),
        ("https://tickets.example/api", "http://tickets.example/api", "setting.form"),
        ("https://tickets.example/api", "http://localhost.evil.example/", "setting.form"),
        ("https://tickets.example/api", "javascript:alert(1)", "setting.form"),
        ('server = "tickets.example"', 'server = "tickets.example:80"', "setting.form"),
        ('pause = "10min"', 'pause = "10"', "duration.format"),
        ('size = "large"', 'size = "huge"', "value.choice"),
        ('key = { env = "EXTRA_KEY" }', 'key = "hunter2"', "type.table_expected"),
        ('key = { env = "EXTRA_KEY" }', "key = {}", "setting.secret"),
        ('key = { env = "EXTRA_KEY" }', 'key = { env = "A", file = "b" }', "setting.secret"),
        ('key = { env = "EXTRA_KEY" }', 'key = { file = "../passwd" }', "setting.secret"),
        ("[plugin.extra]", "[plugin.nobody]\nx = 1\n[plugin.extra]", "partner.unknown_key"),
    ],
)
def test_a_wrong_value_has_its_code(folder, old, new, code):
    spoil(folder / "beispiel" / "partner.toml", old, new)
    errors = [problem for problem in loaded_from(folder).problems if not problem.warning]
    assert codes(errors) == [code]
    assert errors[0].line > 60


@pytest.mark.parametrize("host", ["localhost:8000", "tickets.localhost/x", "127.0.0.1:9"])
def test_plain_http_is_for_this_machine_only(folder, host):
    spoil(folder / "beispiel" / "partner.toml", "https://tickets.example/api", f"http://{host}")
    assert loaded_from(folder).problems == ()


def test_a_portal_without_the_table_misses_what_is_required(folder):
    spoil(folder / "beispiel" / "partner.toml", GIVEN, "")
    problems = loaded_from(folder).problems
    assert codes(problems) == ["setting.required"] * 8
    assert problems[0].hint == "Help"


def test_a_secret_may_come_from_a_file(folder, tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "extra.key").write_text("hunter3\n")
    spoil(folder / "beispiel" / "partner.toml", '{ env = "EXTRA_KEY" }', '{ file = "extra.key" }')
    plugin = loaded_from(folder, Secrets(tmp_path / "keys", {}))
    assert plugin.portal.partner.config["extra"]["key"] == Secret("hunter3")


@pytest.mark.parametrize("secrets", [Secrets(None, {}), Secrets(None, {"EXTRA_KEY": ""})])
def test_a_missing_secret_degrades_the_portal_and_is_never_empty(folder, secrets):
    plugin = loaded_from(folder, secrets)
    assert plugin.state is PluginState.DEGRADED
    assert codes(plugin.problems) == ["setting.secret_missing"]
    assert "key" not in plugin.portal.partner.config["extra"]


def test_the_process_is_asked_for_secrets_by_default(monkeypatch, tmp_path):
    monkeypatch.setenv("CROWDCORE_SECRETS", str(tmp_path))
    monkeypatch.setenv("EXTRA_KEY", "hunter4")
    secrets = Secrets.of_process()
    assert (secrets.folder, secrets.environment["EXTRA_KEY"]) == (tmp_path, "hunter4")


# -- Secret


def test_a_secret_prints_as_stars(caplog):
    secret = Secret("hunter2")
    with caplog.at_level(logging.INFO):
        logging.getLogger("x").info("key %s %r", secret, {"key": secret})
    shown = [
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret:>20}",
        f"{secret!r}",
        caplog.text,
        repr([secret]),
    ]
    assert all("hunter2" not in text and "***" in text for text in shown)
    assert secret.reveal() == "hunter2"


@pytest.mark.parametrize("escape", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_a_secret_does_not_leave_by_the_back_door(escape):
    with pytest.raises(TypeError):
        escape(Secret("hunter2"))


def test_secrets_are_compared_by_value():
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not hasattr(Secret("a"), "__dict__")
