"""Prose: a small part of Markdown, for longer texts of partners; everything else stays plain text.

Headings (``#`` to ``###``), paragraphs, lists (``-`` and ``1.``), ``**bold**`` and ``[links](https://…)`` to
https, mail, telephone and pages of the site. No HTML passes: what looks like a tag is shown as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

_HEADING = re.compile(r"(#{1,3})\s+(.+)")
_BULLET = re.compile(r"[-*]\s+(.+)")
_NUMBER = re.compile(r"\d{1,3}[.)]\s+(.+)")
_INLINE = re.compile(r"\*\*(?P<bold>[^*\n]+)\*\*|\[(?P<label>[^\]\n]+)\]\((?P<target>[^)\s]+)\)")
_SAFE_TARGET = re.compile(r"(?:https://|mailto:|tel:|/(?![/\\]))[^\s\\\"'<>]*")


def prose(text: str, *, top: int = 2) -> Markup:
    """Return `text` as HTML.

    Args:
        text: what the partner wrote.
        top: level of the first kind of heading; the page has its own h1.
    """
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return Markup("\n").join(piece for block in blocks for piece in _block(block, top))


def first_heading(text: str) -> tuple[str, str]:
    """Return the text of a heading at the very beginning, or "", and what comes after it."""
    first, _, rest = text.lstrip().partition("\n")
    found = _HEADING.fullmatch(first.strip())
    return (found[2].strip(), rest) if found else ("", text)


def _block(block: str, top: int) -> Iterator[Markup]:
    """Yield the pieces of lines that stand together: headings, lists, and paragraphs of what is left."""
    kind, waiting = "p", list[Markup]()
    for line in filter(None, (one.strip() for one in block.split("\n"))):
        heading = _HEADING.fullmatch(line)
        if heading:
            yield from _wrapped(kind, waiting)
            kind, waiting = "p", []
            yield _tag(f"h{min(top + len(heading[1]) - 1, 6)}", _inline(heading[2]))
            continue
        now, content = _item(line)
        if now != kind:
            yield from _wrapped(kind, waiting)
            kind, waiting = now, []
        waiting.append(_inline(content))
    yield from _wrapped(kind, waiting)


def _item(line: str) -> tuple[str, str]:
    for kind, pattern in (("ul", _BULLET), ("ol", _NUMBER)):
        found = pattern.fullmatch(line)
        if found:
            return kind, found[1]
    return "p", line


def _wrapped(kind: str, lines: list[Markup]) -> Iterator[Markup]:
    if not lines:
        return
    if kind == "p":
        yield _tag("p", Markup(" ").join(lines))
    else:
        yield _tag(kind, Markup().join(_tag("li", line) for line in lines))


def _inline(text: str) -> Markup:
    pieces, end = [], 0
    for found in _INLINE.finditer(text):
        pieces.append(escape(text[end : found.start()]))
        pieces.append(_span(found))
        end = found.end()
    return Markup().join([*pieces, escape(text[end:])])


def _span(found: re.Match[str]) -> Markup:
    if found["bold"]:
        return _tag("strong", escape(found["bold"]))
    if not _SAFE_TARGET.fullmatch(found["target"]):
        return escape(found[0])
    return Markup('<a href="{}">{}</a>').format(found["target"], found["label"])


def _tag(name: str, content: Markup) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(Markup(name), content)  # noqa: S704 -- names of tags, written above
