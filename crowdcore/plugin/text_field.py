"""Text fields: German, French and English side by side, or one neutral text; never a plain string."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crowdcore.base.text import Language, Text, forbidden_character
from crowdcore.plugin.fields import placeholders
from crowdcore.plugin.positions import Path
from crowdcore.plugin.problems import cut
from crowdcore.plugin.source import Source

_NOTHING = Text.neutral("")
_KEYS = frozenset({*Language, "neutral"})


@dataclass(frozen=True, slots=True)
class TextField:
    """A place in a file where a text is expected.

    Args:
        source: the file.
        path: where.
        where: how messages call the place.
        max_length: of each language, in characters.
        multiline: line breaks are allowed.
    """

    source: Source
    path: Path
    where: str
    max_length: int
    multiline: bool = False

    def read(self, value: object) -> Text:
        """Return `value` as a text; what is wrong with it is noted."""
        if not isinstance(value, dict):
            hint = 'write { de = "…", fr = "…", en = "…" } or { neutral = "…" }'
            self._note((), "i18n.one_text", "is not a text in three languages", hint)
            return _NOTHING
        sentences = {
            language: sentence
            for language, sentence in value.items()
            if self._is_language(language) and self._is_sentence(language, sentence)
        }
        if set(value) == {"neutral"}:
            return Text.neutral(sentences.get("neutral", ""))
        self._check_complete(value, sentences)
        return Text(*(sentences.get(language, "") for language in Language))

    def _note(self, inner: Path, code: str, message: str, hint: str = "") -> None:
        where = ".".join([self.where, *map(str, inner)])
        self.source.note((*self.path, *inner), code, f"{where} {message}", hint=hint)

    def _is_language(self, language: str) -> bool:
        known = language in _KEYS
        if not known:
            self._note((language,), "i18n.language", "is in no language of the portal", "de, fr and en")
        return known

    def _is_sentence(self, language: str, sentence: object) -> bool:
        inner = (language,)
        if not isinstance(sentence, str):
            self._note(inner, "type.text_expected", f"must be text, not {cut(sentence)}", "put it in quotes")
            return False
        if not sentence.strip():
            self._note(inner, "i18n.missing", "is empty")
        if len(sentence) > self.max_length:
            self._note(inner, "i18n.too_long", f"has {len(sentence)} characters, at most {self.max_length}")
        index = forbidden_character(sentence, multiline=self.multiline)
        if index is not None:
            self._note(inner, "text.form", f"has a control character at {index + 1}")
        if self.source.swiss and language in {"de", "neutral"} and "ß" in sentence:
            hint = f"write {cut(sentence.replace('ß', 'ss'))}"
            self._note(inner, "i18n.swiss_ss", "uses ß; this portal writes Swiss German", hint)
        return True

    def _check_complete(self, given: Mapping[str, object], sentences: Mapping[str, str]) -> None:
        for language in Language:
            if language not in given:
                self._note((), "i18n.missing", f"has no {language} text")
        if "neutral" in given:
            self._note(("neutral",), "i18n.language", "stands beside other languages", "neutral stands alone")
        names = {language: placeholders(sentence) for language, sentence in sentences.items()}
        if len(set(names.values())) > 1:
            shown = ", ".join(f"{language}: {sorted(found)}" for language, found in names.items())
            self._note((), "i18n.placeholders", f"has other placeholders in one language ({shown})")
