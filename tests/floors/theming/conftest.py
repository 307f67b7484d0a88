"""A theme folder to spoil, and the templates of a plain portal."""

from pathlib import Path

import pytest

from crowdcore.base.folders import shared_folder
from crowdcore.base.text import Text
from crowdcore.i18n.formats import Formats
from crowdcore.i18n.translations import Domain, Translations
from crowdcore.theming import Page, PortalLook, Templates, plain_theme

PLAIN = shared_folder("themes") / "plain"


@pytest.fixture
def theme_folder(tmp_path: Path):
    """Return a copy of the plain theme with some text replaced: ``theme_folder(("8px", "-3px"))``."""

    def copy(*replacements: tuple[str, str]) -> Path:
        folder = tmp_path / "plugin" / "theme"
        folder.mkdir(parents=True, exist_ok=True)
        text = (PLAIN / "theme.toml").read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text, old
            text = text.replace(old, new)
        (folder / "theme.toml").write_text(text, encoding="utf-8")
        (folder / "mark.svg").write_bytes((PLAIN / "mark.svg").read_bytes())
        return folder

    return copy


@pytest.fixture(scope="session")
def translations() -> Translations:
    return Translations(Domain.read(shared_folder("locales"), "crowdcore"))


@pytest.fixture(scope="session")
def formats(translations) -> dict[str, Formats]:
    return {
        language: Formats.of(translations.translator(language), f"{language}-CH", "Europe/Zurich")
        for language in ("de", "fr", "en")
    }


LOOK = PortalLook(
    id="plain",
    brand="Plain & Co",
    languages=("de", "fr", "en"),
    tagline=Text("Nachbarschaft", "Voisinage", "Neighbourhood"),
    support_phone="0800 000 000",
    support_hours=Text("täglich 7–22 Uhr", "tous les jours 7–22 h", "daily 7 am–10 pm"),
    origin="https://help.example",
)


@pytest.fixture(scope="session")
def templates(formats) -> Templates:
    return Templates(portal=LOOK, theme=plain_theme(), formats=formats)


@pytest.fixture
def render(templates, translations):
    """Render a template given as text, in a language: ``render("{{ _('Undo') }}", "fr")``."""

    def from_text(source: str, language: str = "en", **context) -> str:
        template = templates._environment.from_string(source)
        return template.render(
            {"page": Page(), "account": None, **context},
            translator=translations.translator(language),
            formats=templates._formats[language],
        )

    return from_text
