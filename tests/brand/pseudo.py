"""A language that nobody speaks: every text in ⟦brackets⟧, a third longer. What stands outside was never translated."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any

import pytest

from crowdcore.base.text import Language, Text
from crowdcore.i18n.formats import Formats
from crowdcore.i18n.translations import Translator
from crowdcore.partners.service import opened, use_portals
from crowdcore.theming.templates import FORMAT_FILTERS
from crowdcore.web.portal import Portal

_ACCENTS = str.maketrans("aeioucnsyzAEIOUCNSYZ", "áéíóúçñšýžÁÉÍÓÚÇÑŠÝŽ")
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|\{\w*\}|<[^>]+>|&\w+;)")
_LONGER = 0.3
_INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")


def pseudo(text: str) -> str:
    """Return a text in the language that nobody speaks; gaps and markup stay as they are."""
    parts = _KEPT.split(text)
    spoken = "".join(part if number % 2 else part.translate(_ACCENTS) for number, part in enumerate(parts))
    return f"⟦{spoken}{'·' * max(1, round(len(text) * _LONGER))}⟧"


class PseudoTranslator(Translator):
    """Speaks that language; knows every message."""

    def __init__(self, language: Language) -> None:
        super().__init__(language, ())

    def pgettext(self, context: str, message: str) -> str:
        return pseudo(message)

    def npgettext(self, context: str, singular: str, plural: str, n: int) -> str:
        return pseudo(singular if n == 1 else plural)


def _wrapped(name: str) -> Callable[..., str]:
    def written(self: Formats, *args: Any, **more: Any) -> str:
        return f"⟦{getattr(super(PseudoFormats, self), name)(*args, **more)}⟧"

    return written


class PseudoFormats(Formats):
    """Writes figures and times as the real one does, in brackets."""

    __slots__ = ()


for _name in FORMAT_FILTERS:
    setattr(PseudoFormats, _name, _wrapped(_name))


@contextmanager
def speaking_pseudo() -> Iterator[None]:
    """Let every portal that is open speak it, in every language, until the end."""
    real = dict(opened())
    formats = {portal.id: portal.templates._formats for portal in real.values()}
    original = Text.in_
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "in_", lambda self, language: pseudo(original(self, language)))
        use_portals({portal_id: _speaking(portal) for portal_id, portal in real.items()})
        yield
    for portal in real.values():
        portal.templates._formats = formats[portal.id]
    use_portals(real)


def _speaking(portal: Portal) -> Portal:
    translators = {language: PseudoTranslator(language) for language in portal.translators}
    formats = {
        language: PseudoFormats(translators[language], one.locale, one.zone) for language, one in portal.formats.items()
    }
    portal.templates._formats = formats
    return dataclasses.replace(portal, translators=MappingProxyType(translators), formats=MappingProxyType(formats))


class _Reader(HTMLParser):
    """Collects what people read or hear on a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._silent = 0
        self._flow = ""
        self.feed(html)
        self.close()
        self._end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._silent += tag in _SILENT
        if tag not in _INLINE:
            self._end()
        self.texts += [given[name] for name in ("alt", "title", "aria-label", "placeholder") if given.get(name)]
        if tag == "meta" and given.get("name") == "description":
            self.texts.append(given.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT
        if tag not in _INLINE:
            self._end()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._flow += data

    def _end(self) -> None:
        if self._flow.strip():
            self.texts.append(self._flow)
        self._flow = ""


_SILENT = {"script", "style", "code", "kbd"}
_INLINE = {"b", "strong", "em", "i", "span", "a", "small", "time", "abbr", "bdi", "br", "wbr", "mark", "sup"}


def unspoken(text: str) -> str:
    """Return what of a text stands outside all brackets."""
    before = ""
    while before != text:
        before, text = text, _INNERMOST.sub(" ", text)
    return text


def hard_coded(texts: list[str], known: re.Pattern[str]) -> Iterator[str]:
    """Yield what people would read in no language of theirs.

    Args:
        texts: pieces of a page or a mail.
        known: names, addresses, numbers: what is the same in every language.
    """
    for text in texts:
        rest = known.sub(" ", unspoken(text))
        if re.search(r"[^\W\d_]{2,}", rest):
            yield " ".join(rest.split())


def read(html: str) -> list[str]:
    """Return what people read or hear on a page."""
    return _Reader(html).texts
