"""Keeping texts in step: extract, update, check, for the kernel and for a plugin."""

import re

import pytest
from click.testing import CliRunner

from crowdcore.app.cli_i18n import i18n
from crowdcore.base.errors import Refusal
from crowdcore.base.text import Language
from crowdcore.i18n import catalogs
from crowdcore.i18n.catalogs import Source, check, core_source, extract, plugin_source, update
from crowdcore.i18n.translations import po_path, read_catalog
from tests.floors.i18n.conftest import entry, write_po

OWN = re.compile(
    r"crowdcore/(i18n|theming|base)/"
    r"|themes/base/templates/((layout|friend|console|error|macros|icons)\.html|mail/(layout|parts)\.)"
)
"""What this floor and the one above it say themselves; the rooms' texts have their own gate."""

FRIENDS = re.compile(
    r"templates/(offers|crowd|exams|ledger|agreements)/|templates/accounts/account"
    r"|templates/(jobs/friend_|overview/friend_|ratings/friend_|completion/report|escalation/(friend_|give_back))"
    r"|crowdcore/(places/sentences|(exams|crowd|dispatch|agreements)/rules)"
)
"""What Friends read, alone or as well; customers are said Sie, so what both read must do without."""

ADDRESS = {
    "de": re.compile(r"\b(Ihnen|Ihre[mnrs]?)\b|[\w,:] Sie\b"),
    "fr": re.compile(r"\b([Tt]u|[Tt]on|[Tt]es|[Tt]oi)\b|\b[Tt]['’]"),
}
"""How a Friend is not addressed: German says du, French vous."""


@pytest.fixture
def plugin(tmp_path) -> Source:
    """A plugin with one text in code and one in a template."""
    folder = tmp_path / "talk"
    (folder / "theme" / "templates").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "hooks.py").write_text('GREETING = _("Good morning")\n', encoding="utf-8")
    (folder / "tests" / "test_x.py").write_text('_("only in a test")\n', encoding="utf-8")
    template = "{% trans count=n %}One socket{% pluralize %}{{ count }} sockets{% endtrans %}"
    (folder / "theme" / "templates" / "part.html").write_text(template, encoding="utf-8")
    return plugin_source(folder)


def translate(source: Source, language: str, **texts) -> None:
    path = po_path(source.locales, language, source.domain)
    catalog = read_catalog(path, language)
    for message, translation in texts.items():
        catalog.get(message.replace("_", " ")).string = translation
    path.write_bytes(catalogs._written(catalog))


def complaints(source: Source) -> str:
    return "\n".join(map(str, check(source)))


def test_extract_finds_code_and_templates_but_no_tests(plugin):
    assert extract(plugin)
    found = {str(message.id) for message in read_catalog(plugin.template) if message.id}
    assert found == {"Good morning", "('One socket', '%(count)s sockets')"}
    assert not extract(plugin), "nothing changed, so nothing is written"


def test_the_template_holds_no_time_and_no_line_numbers(plugin):
    extract(plugin)
    text = plugin.template.read_text(encoding="utf-8")
    assert "Date" not in text
    assert "#: hooks.py\n" in text


def test_update_leaves_new_messages_empty_and_fills_english(plugin):
    extract(plugin)
    assert len(update(plugin)) == 3
    german, english = (read_catalog(po_path(plugin.locales, each, "talk"), each) for each in ("de", "en"))
    assert german.get("Good morning").string == ""
    assert english.get("Good morning").string == "Good morning"
    assert english.get("One socket").string == ("One socket", "%(count)s sockets")
    assert update(plugin) == ()


def test_update_keeps_translations_drops_what_is_gone_and_never_guesses(plugin):
    extract(plugin)
    update(plugin)
    translate(plugin, "de", Good_morning="Guten Morgen")
    (plugin.root / "hooks.py").write_text('_("Good morning")\n_("Good evening")\n', encoding="utf-8")
    (plugin.root / "theme" / "templates" / "part.html").unlink()
    extract(plugin)
    update(plugin)
    german = read_catalog(po_path(plugin.locales, "de", "talk"), "de")
    assert {message.id: message.string for message in german if message.id} == {
        "Good morning": "Guten Morgen",
        "Good evening": "",
    }


def test_check_passes_only_when_everything_is_right(plugin):
    extract(plugin)
    update(plugin)
    assert "not translated: 'Good morning'" in complaints(plugin)
    translate(plugin, "de", Good_morning="Guten Morgen", One_socket=("Eine Dose", "%(count)s Dosen"))
    translate(plugin, "fr", Good_morning="Bonjour", One_socket=("%(count)s prise", "%(count)s prises"))
    assert check(plugin) == []


def test_check_sees_a_template_file_that_is_behind(plugin):
    extract(plugin)
    update(plugin)
    (plugin.root / "hooks.py").write_text('_("Good evening")\n', encoding="utf-8")
    assert "lacks 'Good evening'; run: crowdcore i18n extract" in complaints(plugin)
    assert "still has 'Good morning'; run: crowdcore i18n extract" in complaints(plugin)


def test_check_names_file_and_line(plugin):
    extract(plugin)
    update(plugin)
    path = write_po(plugin.locales, "fr", "talk", entry("Good morning", "Bonjour!"))
    assert f"{path}:7: '!' after 'Bonjour'" in complaints(plugin)
    assert f"{path}:1: no entry for 'One socket'; run: crowdcore i18n update" in complaints(plugin)


def test_check_sees_fuzzy_and_damaged_entries(plugin):
    extract(plugin)
    update(plugin)
    body = entry("Good morning", "Guten Morgen", flag="fuzzy")
    body += 'msgid "One socket"\nmsgid_plural "%(count)s sockets"\n'
    body += 'msgstr[0] "Eine"\nmsgstr[1] "%(cuont)s Dosen"\n'
    write_po(plugin.locales, "de", "talk", body)
    found = complaints(plugin)
    assert "fuzzy: 'Good morning'" in found
    assert "unknown placeholder %(cuont)s" in found


def test_a_plugin_may_not_shadow_a_kernel_text_by_chance(plugin):
    (plugin.root / "hooks.py").write_text('_("Undo")\n', encoding="utf-8")
    extract(plugin)
    update(plugin)
    assert "'Undo' is a kernel text; re-word it in overrides.po" in complaints(plugin)


def test_overrides_must_re_word_something_that_is_said(plugin):
    write_po(
        plugin.locales,
        "de",
        "overrides",
        entry("Skip to contents", "Weiter") + entry("Undo", "Zurück, Straße"),
    )
    found = complaints(plugin)
    assert "nothing says 'Skip to contents'; did you mean 'Skip to content'?" in found
    assert "ß in 'Zurück, Straße'" in found


def test_the_command_lists_what_is_wrong_and_fails(plugin):
    extract(plugin)
    runner = CliRunner()
    assert runner.invoke(i18n, ["update", str(plugin.root)]).exit_code == 0
    result = runner.invoke(i18n, ["check", str(plugin.root)])
    assert result.exit_code == 1
    assert "talk.po:" in result.output
    assert "4 things to repair" in result.output


def test_what_these_floors_say_is_complete_in_all_languages():
    source = core_source()
    broken = {(finding.path, finding.line) for finding in check(source)}
    for language in Language:
        path = po_path(source.locales, language, source.domain)
        for message in read_catalog(path, language):
            if any(OWN.match(place) for place, _line in message.locations):
                assert (path, message.lineno) not in broken, f"{path}:{message.lineno}"


@pytest.mark.parametrize("language", ADDRESS)
def test_friends_are_addressed_as_friends(language):
    source = core_source()
    for message in read_catalog(po_path(source.locales, language, source.domain), language):
        if any(FRIENDS.search(place) for place, _line in message.locations):
            said = message.string if isinstance(message.string, str) else " ".join(message.string)
            assert not ADDRESS[language].search(said), said


def test_the_sentences_of_the_kernels_own_refusals_are_in_the_template():
    known = {message.id for message in read_catalog(core_source().template)}
    own = [cls for cls in _all_refusals(Refusal) if cls.__module__.startswith(("crowdcore.base", "crowdcore.i18n"))]
    assert len(own) >= 5
    assert {cls.message for cls in own} <= known


def _all_refusals(cls):
    yield cls
    for subclass in cls.__subclasses__():
        yield from _all_refusals(subclass)
