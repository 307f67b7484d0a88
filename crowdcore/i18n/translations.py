"""What the portals say: `.po` files in memory, kept apart by domain and asked in turn.

There is no current language of the process. Whoever wants words names the language and gets a
`Translator`; a worker, a mail and a page rendered at the same time cannot mix theirs up.

    translations = Translations(overrides, plugin_domain, core_domain)
    translations.translator("fr").gettext("Choose a time")      # 'Choisir une date'

In code a message is marked where it is written and translated where it is shown:

    from crowdcore.i18n.translations import mark as _
    TITLE = _("Choose a time")
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

from crowdcore.base.errors import Fault
from crowdcore.base.text import Language, Text
from crowdcore.i18n.plurals import PLURAL_HEADERS, plural_form
from crowdcore.i18n.wording import damages

CORE_DOMAIN = "crowdcore"
OVERRIDES_DOMAIN = "overrides"

#: So many different missing messages are remembered; more means a caller passes people's own words.
_MOST_MISSED = 1000

_log = logging.getLogger(__name__)

#: (context or "", English message) -> one form, or one per plural form.
Messages = Mapping[tuple[str, str], tuple[str, ...]]


def mark(message: str) -> str:
    """Return `message` unchanged: a mark for the extractor, imported ``as _``."""
    return message


@dataclass(frozen=True, slots=True)
class Domain:
    """The texts of one author (the kernel, a plugin, a partner's own wording) in all languages."""

    name: str
    messages: Mapping[Language, Messages]

    @classmethod
    def read(cls, folder: Path, name: str) -> Domain:
        """Read ``<folder>/<language>/LC_MESSAGES/<name>.po`` of every language.

        Args:
            folder: a ``locales`` folder; one without any file of this domain has no texts, which
                is right for a plugin that says nothing of its own.
            name: ``crowdcore``, a plugin's id or ``overrides``.

        Raises:
            Fault: a file cannot be read, its plural header is wrong, a translation lost a
                placeholder or brings markup of its own, or a language is missing (overrides may
                re-word one language only).
        """
        paths = {language: po_path(folder, language, name) for language in Language}
        present = {language: path for language, path in paths.items() if path.is_file()}
        if present and name != OVERRIDES_DOMAIN:
            for language in Language:
                if language not in present:
                    raise Fault(f"{paths[language]} is missing; run: crowdcore i18n update")
        return cls(name, {language: _messages(path, language) for language, path in present.items()})

    def forms(self, language: Language, context: str, message: str) -> tuple[str, ...] | None:
        """Return the translated forms of a message, or None if this domain does not have it."""
        messages = self.messages.get(language)
        return messages.get((context, message)) if messages else None


def po_path(folder: Path, language: str, domain: str) -> Path:
    """Return where the texts of `domain` in `language` lie under a ``locales`` folder."""
    return folder / language / "LC_MESSAGES" / f"{domain}.po"


def read_catalog(path: Path, language: str | None = None) -> Catalog:
    """Return the parsed catalogue at `path`.

    Raises:
        Fault: it is not UTF-8 or not a catalogue; the text names the line.
    """
    try:
        with path.open("rb") as file:
            return read_po(file, locale=language, abort_invalid=True)
    except UnicodeDecodeError as error:
        raise Fault(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from error
    except PoFileError as error:
        raise Fault(f"{path}:{error.lineno}: {error}") from error


def _messages(path: Path, language: Language) -> Messages:
    catalog = read_catalog(path, language)
    expected = PLURAL_HEADERS[language]
    if catalog.plural_forms != expected:
        raise Fault(f"{path}: Plural-Forms must be '{expected}', found '{catalog.plural_forms}'")
    messages: dict[tuple[str, str], tuple[str, ...]] = {}
    for entry in catalog:
        forms = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
        if not entry.id or entry.fuzzy or not all(forms):
            continue
        for damage in damages(entry):
            raise Fault(f"{path}:{entry.lineno}: {damage}")
        key = entry.id[0] if isinstance(entry.id, tuple | list) else entry.id
        messages[entry.context or "", str(key)] = tuple(str(form) for form in forms)
    return messages


class Translator:
    """Words in one language, from several domains asked in turn."""

    def __init__(self, language: Language, domains: tuple[Domain, ...]) -> None:
        """Ask `domains` in this order; the first that has a message decides."""
        self.language = language
        self._domains = domains
        self._missed: set[str] = set()

    def gettext(self, message: str) -> str:
        """Return the translation of an English message."""
        return self.pgettext("", message)

    def pgettext(self, context: str, message: str) -> str:
        """Return the translation of a message that means different things in different places."""
        forms = self._forms(context, message)
        return forms[0] if forms else message

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the form for `n` things; the number is put in by the caller (``%(num)s``)."""
        return self.npgettext("", singular, plural, n)

    def npgettext(self, context: str, singular: str, plural: str, n: int) -> str:
        """Return the form for `n` things of a message with a context."""
        forms = self._forms(context, singular)
        if forms is None:
            return singular if n == 1 else plural
        return forms[min(plural_form(self.language, n), len(forms) - 1)]

    def text(self, text: Text) -> str:
        """Return a piece of content in this language."""
        return text.in_(self.language)

    def _forms(self, context: str, message: str) -> tuple[str, ...] | None:
        for domain in self._domains:
            forms = domain.forms(self.language, context, message)
            if forms is not None:
                return forms
        self._note_missing(message)
        return None

    def _note_missing(self, message: str) -> None:
        """Log a missing translation once; English messages are their own translation."""
        if self.language is Language.EN or not message or message in self._missed:
            return
        if len(self._missed) < _MOST_MISSED:
            self._missed.add(message)
            _log.warning("no %s text for %r", self.language.value, message)


class Translations:
    """Everything one portal says; the translators are made once and shared."""

    def __init__(self, *domains: Domain) -> None:
        """Ask `domains` in this order (partner's wording, plugins, kernel)."""
        self._translators = {language: Translator(language, domains) for language in Language}

    @classmethod
    def of_portal(cls, core: Domain, plugins: Mapping[str, Path], partner_id: str) -> Translations:
        """Return the texts of one portal.

        Args:
            core: the kernel's own domain, read once for all portals.
            plugins: plugin id -> its ``locales`` folder, in the portal's order.
            partner_id: the plugin whose ``overrides.po`` re-words the others.
        """
        own = [Domain.read(folder, plugin_id) for plugin_id, folder in plugins.items()]
        if partner_id in plugins:
            own.insert(0, Domain.read(plugins[partner_id], OVERRIDES_DOMAIN))
        return cls(*own, core)

    def translator(self, language: str) -> Translator:
        """Return the translator of ``de``, ``fr`` or ``en``."""
        return self._translators[Language(language)]
