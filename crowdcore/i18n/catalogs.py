"""Keeps the `.po` files in step with the sources: extract, update and check, for kernel and plugins.

Every author has one *source*: a tree of code and templates, a domain name and a ``locales`` folder.

    core_source()                    crowdcore/, themes/   ->  locales/crowdcore.pot
    plugin_source(Path("plugins/x")) the plugin's folder   ->  plugins/x/locales/x.pot
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po

from crowdcore.base.folders import checkout, shared_folder
from crowdcore.base.text import Language
from crowdcore.i18n.translations import CORE_DOMAIN, OVERRIDES_DOMAIN, po_path, read_catalog
from crowdcore.i18n.wording import Term, damages, forms_of, glossary_slips, read_glossary, slips

#: Header lines that change without any text having changed; they would fill every diff.
_NOISE = re.compile(
    rb'^"(Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator'
    rb"|Language-Team|Generated-By): [^\n]*\n",
    re.MULTILINE,
)

Key = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """One author's tree of files with messages.

    Args:
        domain: ``crowdcore`` or a plugin's id.
        root: the folder whose files are read.
        locales: where the template and the `.po` files lie.
    """

    domain: str
    root: Path
    locales: Path

    @property
    def template(self) -> Path:
        """The `.pot` file: every message, in English."""
        return self.locales / f"{self.domain}.pot"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to repair in a file of texts."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def core_source() -> Source:
    """Return the kernel's own source tree."""
    root = checkout()
    return Source(CORE_DOMAIN, root, root / "locales")


def plugin_source(folder: Path) -> Source:
    """Return the source tree of the plugin in `folder` (its name is its id)."""
    return Source(folder.name, folder, folder / "locales")


def extract(source: Source) -> bool:
    """Write the template of `source` from its files; return whether anything changed.

    A plugin without any message of its own gets no template.
    """
    catalog = _collected(source)
    if not len(catalog) and not source.template.exists():
        return False
    text = _written(catalog)
    if source.template.exists() and source.template.read_bytes() == text:
        return False
    source.template.parent.mkdir(parents=True, exist_ok=True)
    source.template.write_bytes(text)
    return True


def update(source: Source) -> tuple[Path, ...]:
    """Bring the `.po` files of all languages in step with the template; return the changed files.

    New messages stay empty: a guess from a similar sentence would look like a translation. English
    is filled in from the message itself, because the messages are English.
    """
    if not source.template.exists():
        return ()
    template = read_catalog(source.template)
    changed = []
    for language in Language:
        path = po_path(source.locales, language, source.domain)
        catalog = read_catalog(path, language) if path.exists() else _new_catalog(source, language)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        if language is Language.EN:
            _fill_with_english(catalog)
        text = _written(catalog)
        if not path.exists() or path.read_bytes() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
            changed.append(path)
    return tuple(changed)


def check(source: Source) -> list[Finding]:
    """Return everything that is not right with the texts of `source`; empty means they may ship."""
    findings = list(_template_findings(source))
    glossary = read_glossary(shared_folder("locales") / "glossary.toml")
    known = _keys(read_catalog(source.template)) if source.template.exists() else {}
    for language in Language if known else ():
        path = po_path(source.locales, language, source.domain)
        if not path.exists():
            findings.append(Finding(path, 1, "missing; run: crowdcore i18n update"))
            continue
        catalog = read_catalog(path, language)
        findings += [
            Finding(path, 1, f"no entry for {key[1][0]!r}; run: crowdcore i18n update")
            for key in known.keys() - _keys(catalog).keys()
        ]
        findings += [finding for entry in catalog for finding in _findings(path, entry, language, glossary)]
    if source.domain != CORE_DOMAIN:
        findings += _plugin_findings(source, known, glossary)
    return sorted(findings, key=lambda finding: (str(finding.path), finding.line, finding.message))


def _collected(source: Source) -> Catalog:
    with (shared_folder("locales") / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # -- Babel has no types here
    catalog = Catalog(fuzzy=False)
    catalog.header_comment = f"# Every message of '{source.domain}'. Written by: crowdcore i18n extract"
    found = extract_from_dir(source.root, methods, options, comment_tags=("Translators:",), strip_comment_tags=True)
    for filename, _line, message, comments, context in sorted(found, key=lambda row: (row[0], row[1])):
        catalog.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    return catalog


def _new_catalog(source: Source, language: Language) -> Catalog:
    catalog = Catalog(locale=language, fuzzy=False)
    catalog.header_comment = f"# What '{source.domain}' says, in '{language}'. Kept in step by: crowdcore i18n update"
    return catalog


def _written(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=100, include_lineno=False, ignore_obsolete=True, sort_output=True)
    return _NOISE.sub(b"", buffer.getvalue())


def _keys(catalog: Catalog) -> dict[Key, Message]:
    return {(entry.context or "", forms_of(entry)[0]): entry for entry in catalog if entry.id}


def _fill_with_english(catalog: Catalog) -> None:
    for entry in catalog:
        if entry.id and not all(forms_of(entry)[1]):
            entry.string = tuple(entry.id) if isinstance(entry.id, tuple | list) else entry.id


def _template_findings(source: Source) -> Iterator[Finding]:
    wanted = _keys(_collected(source))
    have = _keys(read_catalog(source.template)) if source.template.exists() else {}
    for difference, words in (
        (wanted.keys() - have.keys(), "lacks"),
        (have.keys() - wanted.keys(), "still has"),
    ):
        for _context, english in sorted(difference):
            yield Finding(source.template, 1, f"{words} {english[0]!r}; run: crowdcore i18n extract")


def _findings(path: Path, entry: Message, language: Language, glossary: Sequence[Term]) -> Iterator[Finding]:
    if not entry.id:
        return
    line = entry.lineno or 1
    if entry.fuzzy:
        yield Finding(path, line, f"fuzzy: {forms_of(entry)[0][0]!r}; check the translation, remove the flag")
    elif not all(forms_of(entry)[1]):
        yield Finding(path, line, f"not translated: {forms_of(entry)[0][0]!r}")
    else:
        for problem in (*damages(entry), *slips(entry, language), *glossary_slips(entry, language, glossary)):
            yield Finding(path, line, problem)


def _plugin_findings(source: Source, own: dict[Key, Message], glossary: Sequence[Term]) -> Iterator[Finding]:
    """Yield kernel texts that a plugin says again by chance, and re-wordings of texts that do not exist."""
    core = _keys(read_catalog(shared_folder("locales") / f"{CORE_DOMAIN}.pot"))
    for key in own.keys() & core.keys():
        yield Finding(source.template, 1, f"{key[1][0]!r} is a kernel text; re-word it in {OVERRIDES_DOMAIN}.po")
    existing = core | own
    for language in Language:
        path = po_path(source.locales, language, OVERRIDES_DOMAIN)
        if not path.exists():
            continue
        for key, entry in _keys(read_catalog(path, language)).items():
            if key not in existing:
                near = get_close_matches(key[1][0], [english[0] for _, english in existing], 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                yield Finding(path, entry.lineno or 1, f"nothing says {key[1][0]!r}{hint}")
            yield from _findings(path, entry, language, glossary)
