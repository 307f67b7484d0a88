"""Small catalogues to translate with."""

from pathlib import Path

import pytest

from crowdcore.base.folders import shared_folder
from crowdcore.i18n.plurals import PLURAL_HEADERS
from crowdcore.i18n.translations import Domain, Translations


def write_po(folder: Path, language: str, domain: str, body: str, *, plural: str | None = None) -> Path:
    """Write ``<folder>/<language>/LC_MESSAGES/<domain>.po`` with a right header and `body`."""
    path = folder / language / "LC_MESSAGES" / f"{domain}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n'
        f'"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {plural or PLURAL_HEADERS[language]}\\n"\n\n'
    )
    path.write_text(header + body, encoding="utf-8")
    return path


def entry(message: str, translation: str, *, context: str = "", flag: str = "") -> str:
    """Return one entry of a catalogue."""
    lines = [f"#, {flag}"] if flag else []
    lines += [f'msgctxt "{context}"'] if context else []
    return "\n".join([*lines, f'msgid "{message}"', f'msgstr "{translation}"', "", ""])


@pytest.fixture(scope="session")
def core() -> Domain:
    """The kernel's own texts; a third of a second to read."""
    return Domain.read(shared_folder("locales"), "crowdcore")


@pytest.fixture
def translations(core: Domain) -> Translations:
    """What a portal without plugin texts says."""
    return Translations(core)
