"""What is wrong with a translation: damage that breaks a page, and slips of language; pure functions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Message

from crowdcore.base.text import Language

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{[^{}]*\}")
_FORMAT = re.compile(r"%\(\w+\)[sd]|%%")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_URL = re.compile(r"(?:https?:|javascript:|data:|//)\S+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_FRENCH_SIGN = re.compile(r"(?<=[\w)»’%])([ \u00a0]?)([;!?]|:(?=\s|$))")
_FRENCH_QUOTE = re.compile(r"«(?!\u202f)|(?<!\u202f)»")
_FOREIGN_QUOTE = re.compile(r"[\"„“”]")


def forms_of(entry: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (English forms, translated forms) of a catalogue entry; a plain message has one each."""
    ids = tuple(entry.id) if isinstance(entry.id, tuple | list) else (entry.id,)
    strings = tuple(entry.string) if isinstance(entry.string, tuple | list) else (entry.string,)
    return tuple(map(str, ids)), tuple(map(str, strings))


def damages(entry: Message) -> Iterator[str]:
    """Yield what would break or endanger a page: placeholders, markup, addresses, control characters."""
    english, translated = forms_of(entry)
    for form in translated:
        yield from _placeholder_damages(english, form)
        if set(_TAG.findall(form)) != set(_TAG.findall(" ".join(english))):
            yield f"the markup of {form!r} differs from the English; copy the tags as they are"
        if not set(_URL.findall(form)) <= set(_URL.findall(" ".join(english))):
            yield f"{form!r} brings an address that the English does not have"
        if _CONTROL.search(form):
            yield f"{form!r} holds a control character; type the text again"


def _placeholder_damages(english: Sequence[str], form: str) -> Iterator[str]:
    wanted = {name for text in english for name in _PLACEHOLDER.findall(text)}
    needed = set(_PLACEHOLDER.findall(english[0]))  # the singular may say "one" instead of the number
    found = set(_PLACEHOLDER.findall(form))
    if found - wanted:
        yield f"unknown placeholder {_listed(found - wanted)} in {form!r}; known: {_listed(wanted) or 'none'}"
    if needed - found:
        yield f"placeholder {_listed(needed - found)} is missing in {form!r}"
    if any(_FORMAT.search(text) for text in english) and "%" in _FORMAT.sub("", form):
        yield f"a lone % in {form!r}; write %%"


def slips(entry: Message, language: Language) -> Iterator[str]:
    """Yield breaches of a language's own rules: Swiss spelling, quotation marks, French spaces."""
    english, translated = forms_of(entry)
    for index, form in enumerate(translated):
        if (form[:1].isspace(), form[-1:].isspace()) != (english[0][:1].isspace(), english[0][-1:].isspace()):
            yield f"{form!r} begins or ends with other white space than the English"
        if len(english) > 1 and (index > 0 or language is Language.FR):
            missing = set(_PLACEHOLDER.findall(english[-1])) - set(_PLACEHOLDER.findall(form))
            if missing:
                yield f"placeholder {_listed(missing)} is missing in {form!r}, which is said of many"
        if language is Language.DE:
            yield from german_slips(form)
        if language is Language.FR:
            yield from french_slips(form)


def german_slips(text: str) -> Iterator[str]:
    """Yield breaches of Swiss German spelling: ß, and quotation marks other than «…»."""
    if "ß" in text or "ẞ" in text:
        swiss = text.replace("ß", "ss").replace("ẞ", "SS")
        yield f"ß in {text!r}; Swiss German writes {swiss!r}"
    yield from _quote_slips(text)


def french_slips(text: str) -> Iterator[str]:
    """Yield signs without their narrow no-break space (U+202F), and quotation marks other than « … »."""
    plain = _TAG.sub("", text)
    for sign in _FRENCH_SIGN.finditer(plain):
        before = plain[: sign.start()][-20:]
        yield f"'{sign[2]}' after {before!r} needs a narrow no-break space (U+202F) before it"
    if _FRENCH_QUOTE.search(plain):
        yield f"« and » need a narrow no-break space (U+202F) inside: {text!r}"
    yield from _quote_slips(text)


def _quote_slips(text: str) -> Iterator[str]:
    if _FOREIGN_QUOTE.search(_TAG.sub("", text)):
        yield f"foreign quotation marks in {text!r}; write «…»"


@dataclass(frozen=True, slots=True)
class Term:
    """A word with a fixed translation, from ``locales/glossary.toml``.

    Args:
        en: the English term as messages use it.
        stems: language -> beginnings of words, one of which must occur in the translation.
        never: language -> words that must not occur in any text.
    """

    en: str
    stems: dict[str, tuple[str, ...]]
    never: dict[str, tuple[str, ...]]


def read_glossary(path: Path) -> tuple[Term, ...]:
    """Return the fixed terms of a glossary file."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["term"]
    return tuple(
        Term(
            row["en"],
            {language: tuple(row.get(language, ())) for language in ("de", "fr")},
            {language: tuple(row.get("never", {}).get(language, ())) for language in Language},
        )
        for row in rows
    )


def glossary_slips(entry: Message, language: Language, glossary: Sequence[Term]) -> Iterator[str]:
    """Yield terms that are not translated as agreed, and words that must not be used."""
    english, translated = forms_of(entry)
    said, meant = " ".join(translated), " ".join(english)
    for term in glossary:
        stems = term.stems.get(language, ())
        used = re.search(rf"\b{re.escape(term.en)}s?\b", meant, re.IGNORECASE)
        if stems and used and not any(stem.casefold() in said.casefold() for stem in stems):
            yield f"'{term.en}' is {_or(stems)} in {language.value}: {said!r}"
        for word in term.never.get(language, ()):
            if re.search(rf"\b{re.escape(word)}", said, re.IGNORECASE):
                yield f"'{word}' must not be used: {said!r}"


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _or(words: Sequence[str]) -> str:
    return " or ".join(f"'{word}'" for word in words)
