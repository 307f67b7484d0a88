"""Where words come from, and that nothing falls back unseen."""

import logging

import pytest

from crowdcore.base.errors import Fault
from crowdcore.base.text import Text
from crowdcore.i18n.translations import Domain, Translations
from tests.floors.i18n.conftest import entry, write_po


def domain_of(folder, name, **bodies):
    for language in ("de", "fr", "en"):
        if language in bodies or name != "overrides":
            write_po(folder, language, name, bodies.get(language, ""))
    return Domain.read(folder, name)


def test_the_partner_speaks_before_the_plugin_and_the_plugin_before_the_kernel(tmp_path):
    core = domain_of(tmp_path / "core", "crowdcore", de=entry("A", "kern") + entry("B", "kern") + entry("C", "kern"))
    plugin_folder = tmp_path / "plugin"
    domain_of(plugin_folder, "talk", de=entry("A", "plugin") + entry("B", "plugin"))
    write_po(plugin_folder, "de", "overrides", entry("A", "partner"))
    translator = Translations.of_portal(core, {"talk": plugin_folder}, "talk").translator("de")
    assert [translator.gettext(message) for message in "ABC"] == ["partner", "plugin", "kern"]


def test_only_the_partners_own_overrides_count(tmp_path):
    core = domain_of(tmp_path / "core", "crowdcore", de=entry("A", "kern"))
    write_po(tmp_path / "guest", "de", "overrides", entry("A", "guest"))
    portal = Translations.of_portal(core, {"own": tmp_path / "own", "guest": tmp_path / "guest"}, "own")
    assert portal.translator("de").gettext("A") == "kern"


def test_an_override_in_one_language_leaves_the_others_alone(tmp_path):
    core = domain_of(tmp_path / "core", "crowdcore", de=entry("A", "kern"), fr=entry("A", "noyau"))
    write_po(tmp_path / "own", "de", "overrides", entry("A", "partner"))
    portal = Translations.of_portal(core, {"own": tmp_path / "own"}, "own")
    assert (portal.translator("de").gettext("A"), portal.translator("fr").gettext("A")) == (
        "partner",
        "noyau",
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", {0: "viele", 1: "eins", 2: "viele"}),
        ("fr", {0: "un", 1: "un", 2: "plusieurs"}),
        ("en", {0: "many", 1: "one", 2: "many"}),
    ],
)
def test_zero_one_and_two_take_the_form_of_the_language(tmp_path, language, expected):
    forms = {"de": ("eins", "viele"), "fr": ("un", "plusieurs"), "en": ("one", "many")}
    bodies = {
        each: f'msgid "one"\nmsgid_plural "many"\nmsgstr[0] "{one}"\nmsgstr[1] "{many}"\n'
        for each, (one, many) in forms.items()
    }
    translator = Translations(domain_of(tmp_path, "crowdcore", **bodies)).translator(language)
    assert {n: translator.ngettext("one", "many", n) for n in (0, 1, 2)} == expected


def test_a_context_keeps_equal_words_apart(tmp_path):
    body = entry("open", "öffnen") + entry("open", "offen", context="state")
    translator = Translations(domain_of(tmp_path, "crowdcore", de=body)).translator("de")
    assert (translator.gettext("open"), translator.pgettext("state", "open")) == ("öffnen", "offen")


def test_a_missing_text_is_english_and_logged_once(caplog):
    translator = Translations().translator("fr")
    with caplog.at_level(logging.WARNING):
        assert translator.gettext("Nobody wrote this") == "Nobody wrote this"
        assert translator.ngettext("one thing", "many things", 3) == "many things"
        translator.gettext("Nobody wrote this")
        Translations().translator("en").gettext("English is the source")
    assert [record.getMessage() for record in caplog.records] == [
        "no fr text for 'Nobody wrote this'",
        "no fr text for 'one thing'",
    ]


def test_fuzzy_and_empty_entries_say_nothing(tmp_path):
    body = entry("A", "vielleicht", flag="fuzzy") + entry("B", "")
    translator = Translations(domain_of(tmp_path, "crowdcore", de=body)).translator("de")
    assert (translator.gettext("A"), translator.gettext("B"), translator.gettext("")) == ("A", "B", "")


def test_content_is_read_in_the_same_language(translations):
    assert translations.translator("fr").text(Text("eins", "un", "one")) == "un"


def test_a_plugin_without_texts_is_no_fault(tmp_path):
    assert Domain.read(tmp_path / "locales", "quiet").messages == {}


def test_a_forgotten_language_is_a_fault(tmp_path):
    write_po(tmp_path, "de", "talk", "")
    with pytest.raises(Fault, match=r"talk\.po is missing; run: crowdcore i18n update"):
        Domain.read(tmp_path, "talk")


@pytest.mark.parametrize(
    ("body", "plural", "complaint"),
    [
        (entry("%(km)s km", "%(kn)s km"), None, "unknown placeholder %\\(kn\\)s"),
        (entry("%(km)s km", "km"), None, "placeholder %\\(km\\)s is missing"),
        (entry("hello", "<script>x</script>"), None, "markup"),
        (entry("hello", "https://elsewhere.example"), None, "address"),
        (entry("hello", "hal\\rlo"), None, "control character"),
        (entry("%(km)s km", "%(km)s % km"), None, "lone %"),
        ("", "nplurals=3; plural=n%3;", "Plural-Forms must be"),
        ("msgid broken", None, "crowdcore.po:6"),
    ],
)
def test_a_damaged_file_stops_the_start_with_its_place(tmp_path, body, plural, complaint):
    domain_of(tmp_path, "crowdcore")
    write_po(tmp_path, "de", "crowdcore", body, plural=plural)
    with pytest.raises(Fault, match=complaint):
        Domain.read(tmp_path, "crowdcore")


def test_a_file_in_another_encoding_names_the_byte(tmp_path):
    domain_of(tmp_path, "crowdcore")
    path = write_po(tmp_path, "de", "crowdcore", "")
    path.write_bytes(path.read_bytes() + b'msgid "x"\nmsgstr "Z\xfcrich"\n')
    with pytest.raises(Fault, match="not UTF-8 at byte"):
        Domain.read(tmp_path, "crowdcore")
