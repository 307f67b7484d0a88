"""Answers, mails and files taken apart: (surface, text) pairs, so that a report says where a word stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

Piece = tuple[str, str]

_LINKS = {"href", "src", "srcset", "action", "formaction", "poster", "data"}
_BARE = {"style", "script"}


class _Html(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self.links: list[str] = []
        self.title = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        given = {name: value or "" for name, value in attrs}
        self.pieces.append(("tag", tag))
        for name, value in ((name, value or "") for name, value in attrs):  # one may stand there twice
            self.pieces.append((_surface_of(tag, name, given), value))
            if name == "srcset":
                self.links += [part.split()[0] for part in value.split(",") if part.strip()]
            elif name in _LINKS and tag != "form":
                self.links.append(value)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_comment(self, data: str) -> None:
        self.pieces.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.pieces.append(("declaration", decl))

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if "title" in self._open and "svg" not in self._open:
            self.title += data
            self.pieces.append(("title", data))
        else:
            self.pieces.append((inside if inside in _BARE else "text", data))


def _surface_of(tag: str, name: str, given: dict[str, str]) -> str:
    if tag == "meta" and name == "content":
        return f"meta {given.get('name') or given.get('property') or given.get('http-equiv', '')}"
    if name in {"alt", "class", "id", "style", "title"} or name.startswith(("data-", "aria-")):
        return f"attribute {name}"
    return f"{tag} {name}" if name in _LINKS else "attribute"


def of_html(text: str) -> tuple[list[Piece], list[str], str]:
    """Return the pieces of a page, its links, and its title."""
    page = _Html(text)
    return page.pieces, page.links, page.title.strip()


def of_json(value: Any, path: str = "") -> Iterator[Piece]:
    """Yield names and values of a JSON document with where they stand."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"json {path}", str(name)
            yield from of_json(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from of_json(inner, path)
    else:
        yield f"json {path}", str(value)


def of_calendar(text: str) -> Iterator[Piece]:
    """Yield the lines of a calendar file by their property."""
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        name = re.split(r"[;:]", line, maxsplit=1)[0]
        yield f"calendar {name}", line


def of_body(content_type: str, content: bytes) -> tuple[list[Piece], list[str], str]:
    """Return pieces, links and title of a body of any kind."""
    text = content.decode("utf-8", "replace")
    kind = content_type.split(";", maxsplit=1)[0].strip()
    if kind == "text/html":
        return of_html(text)
    if kind == "text/css":
        return [("css", text)], re.findall(r"url\(['\"]?([^'\")]+)", text), ""
    if kind == "text/calendar":
        return list(of_calendar(text)), [], ""
    if "json" in kind and text.strip():
        value = json.loads(text)
        return list(of_json(value)), list(_icons(value)), ""
    names = {"text/javascript": "script", "text/csv": "csv", "image/svg+xml": "svg", "text/plain": "text file"}
    if kind in names or "xml" in kind:
        surface = names.get(kind, "xml")
        addresses = re.findall(r"<loc>([^<]+)", text) if surface == "xml" else []
        return [(surface, unescape(text))], addresses, ""
    return [(f"bytes {kind}", content.decode("latin-1"))], [], ""


def _icons(value: Any) -> Iterator[str]:
    """Yield the addresses in a manifest."""
    if isinstance(value, dict):
        for key in ("icons", "screenshots", "shortcuts"):
            for one in value.get(key, ()):
                if isinstance(one, dict):
                    yield from (one[name] for name in ("src", "url") if name in one)
                    yield from _icons(one)


def of_headers(headers: list[tuple[str, str]]) -> Iterator[Piece]:
    """Yield the headers of an answer; a cookie stands for itself."""
    for name, value in headers:
        yield f"header {name.lower()}", unquote(value)
        if name.lower() == "set-cookie":
            parts = [part.strip() for part in value.split(";")]
            yield "cookie name", parts[0].partition("=")[0]
            yield from (("cookie domain", part) for part in parts if part.lower().startswith("domain="))


def of_mail(mail: EmailMessage) -> Iterator[Piece]:
    """Yield everything a mail says, header by header and part by part."""
    for name, value in mail.items():
        yield f"mail header {name.lower()}", str(value)
    for part in mail.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        content = part.get_payload(decode=True)
        name = part.get_filename()
        if name:
            yield "mail file name", name
        pieces, links, _ = of_body(kind, content if isinstance(content, bytes) else b"")
        yield from ((f"mail {surface}", text) for surface, text in pieces)
        yield from (("mail link", link) for link in links)
