"""docs/files.md against the readers: every key that is read is listed, and no other."""

import re
from collections import defaultdict

import pytest

from crowdcore.app.new_plugin import NewPlugin
from crowdcore.plugin.loader import load
from crowdcore.plugin.schema import Table
from tests.docs.pages import DOCS, ROOT

CURRENCIES = {"CHF", "EUR"}
#: Tables whose keys are words of the partner: settings, channels, countries, languages, pages, amounts by currency.
OWN_TABLES = re.compile(
    r"config(\..*)?|channels\..*|plugin(\..*)?|languages\.(formats|address)|legal\.pages|money\.currencies"
    r"|service\.price\.\w+|service\.on_demand\.extra|escalation"
)
#: Tables of which the keys named here are fixed and the others words of the partner.
HALF_FREE = {("partner", "channels"): {"order"}}


CHOICE = """
[config.tone]
type = "choice"
choices = ["warm", "dry"]
help = { neutral = "Tone" }
default = "warm"
"""
"""A setting of the one type that has a key of its own; no shipped plugin needs it."""


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Return (kind, path) -> keys that the readers ask for in the shipped plugins, the example and a new one."""
    asked = defaultdict(set)
    plain = Table.has

    def has(table, key):
        path = ".".join(part for part in table._path if isinstance(part, str))
        asked[(table.file.kind, path)].add(key)
        return plain(table, key)

    monkeypatch.setattr(Table, "has", has)
    begun = NewPlugin("quartier", "Quartier", "#0A5FD9", "quartier.localhost", ("CH-BE",), code=False)
    begun.write(tmp_path)
    with (tmp_path / "quartier/plugin.toml").open("a") as manifest:
        manifest.write(CHOICE)
    loaded = load([ROOT / "plugins", ROOT / "tests/plugin/example_plugin", tmp_path])
    assert [problem for problem in loaded.problems if not problem.warning] == []
    return asked


def documented():
    """Return (kind, path) -> keys of the tables of docs/files.md."""
    kinds = {
        "plugin.toml": "manifest",
        "partner.toml": "partner",
        "catalog.toml": "catalog",
        "exams/*.toml": "exam",
        "bot.toml": "triage",
        "briefing.toml": "briefing",
    }
    found = {}
    text = (DOCS / "files.md").read_text(encoding="utf-8")
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        kind = kinds.get(section.split("\n", 1)[0].strip())
        for part in re.split(r"^### `", section, flags=re.MULTILINE)[1:]:
            name = part.split("`", 1)[0]
            path = "" if name in kinds else name.removeprefix("triage.")
            found[(kind, path)] = set(re.findall(r"^\| `(\w+)`", part, re.MULTILINE))
    return found


def test_every_key_is_listed_and_no_other(read):
    listed = documented()
    for (kind, path), keys in sorted(listed.items()):
        assert keys == known_keys(read, kind, path), (kind, path)
    for kind, path in sorted(read):
        assert (kind, path) in listed or OWN_TABLES.fullmatch(path), f"{kind}: [{path}] is not listed in docs/files.md"


def known_keys(read, kind, path):
    """Return the keys of a table of docs/files.md that the readers ask for."""
    stem, _, free = path.partition(".<")
    if free:  # each setting or channel has the same keys
        return set().union(*(keys for (k, p), keys in read.items() if k == kind and re.fullmatch(rf"{stem}\.\w+", p)))
    return HALF_FREE.get((kind, path), read[(kind, path)] - CURRENCIES)
