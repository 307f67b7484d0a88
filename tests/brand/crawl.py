"""The crawler: walks a portal as every kind of visitor, looks at every answer, and says what does not belong there."""

from __future__ import annotations

import itertools
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx2

from crowdcore.web.portal import Portal
from tests.brand.marks import Mark, digest
from tests.brand.pieces import Piece, of_body, of_headers, of_mail

COOKIES = {"s", "v", "lang", "__Host-s", "__Host-v"}
"""The cookies a portal sets; their names say nothing, and none has a domain."""

ALIKE = re.compile(
    r"^/(api/|[a-z]{2}/console/figures/|_s/[0-9a-f]+/(?!brand/)|robots\.txt$|sw\.js$|\.well-known/security\.txt$|healthz$)"
)
"""Paths under which portals may answer the same bytes: shared files that say nothing about anybody."""

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9_-]{40,}")


@dataclass(frozen=True, slots=True, order=True)
class Leak:
    """Something on a portal that belongs to somebody else.

    Args:
        portal: where it was found.
        where: method and path, or the mail.
        surface: title, header location, calendar PRODID ...
        owner: whose it is.
        what: the word, colour, file or fault.
    """

    portal: str
    where: str
    surface: str
    owner: str
    what: str

    def __str__(self) -> str:
        return f"{self.portal}: {self.where}: {self.surface}: {self.what!r} of {self.owner}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """A foreign word that may stand somewhere, and why."""

    where: re.Pattern[str]
    what: str
    reason: str


@dataclass
class Report:
    """What a crawl has found and how far it came."""

    leaks: set[Leak] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    used: set[Allowed] = field(default_factory=set)
    contents: dict[str, dict[str, str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return "\n".join(map(str, sorted(self.leaks)))


@dataclass(frozen=True, slots=True)
class Scanner:
    """Looks at pieces with the eyes of one portal.

    Args:
        portals: all portals.
        marks: of everybody.
        allowed: exceptions, each with its reason.
        report: what is found goes here.
    """

    portals: Mapping[str, Portal]
    marks: tuple[Mark, ...]
    allowed: tuple[Allowed, ...]
    report: Report

    def look(self, portal: str, where: str, pieces: Iterable[Piece]) -> None:
        """Search all marks of others in what a visitor of `portal` got."""
        foreign = [mark for mark in self.marks if mark.owner != portal and mark.pattern is not None]
        folded = [(surface, text.casefold()) for surface, text in pieces]
        if not _any_of(tuple(foreign)).search("\n".join(text for _, text in folded)):
            return
        for (surface, text), mark in itertools.product(folded, foreign):
            if mark.pattern is not None and mark.pattern.search(text):
                self.note(portal, where, surface, mark.owner, mark.text)

    def answer(self, portal: str, where: str, response: httpx2.Response) -> list[str]:
        """Look at an answer; return the addresses in it."""
        self.report.answers[portal] += 1
        self.look(portal, where, [("address", where), *of_headers(response.headers.multi_items())])
        self._cookies(portal, where, response)
        if response.headers.get("server") or response.headers.get("x-powered-by"):
            self.note(portal, where, "header server", "project", "says what it runs on")
        content_type = response.headers.get("content-type", "")
        pieces, links, title = of_body(content_type, response.content)
        self.look(portal, where, pieces)
        self._bytes(portal, where, response)
        if content_type.startswith("text/html"):
            self._own(portal, where, title, links)
        return [*links, *([response.headers["location"]] if "location" in response.headers else [])]

    def mail(self, portal: str, where: str, mail: EmailMessage) -> None:
        """Look at a mail."""
        self.report.answers[f"{portal} mails"] += 1
        pieces = list(of_mail(mail))
        self.look(portal, where, pieces)
        origin = f"{self.portals[portal].origin}/"
        for surface, link in pieces:
            if surface == "mail link" and not link.startswith((origin, "tel:", "mailto:")):
                self.note(portal, where, surface, "somebody else", link)

    def note(self, portal: str, where: str, surface: str, owner: str, what: str) -> None:
        """Report something, unless it is allowed there."""
        for one in self.allowed:
            if one.what == what and one.where.search(where):
                self.report.used.add(one)
                return
        self.report.leaks.add(Leak(portal, where, surface, owner, what))

    def _cookies(self, portal: str, where: str, response: httpx2.Response) -> None:
        for surface, text in of_headers(response.headers.multi_items()):
            if surface == "cookie name" and text not in COOKIES:
                self.note(portal, where, surface, "somebody else", text)
            if surface == "cookie domain":
                self.note(portal, where, surface, "somebody else", text)

    def _bytes(self, portal: str, where: str, response: httpx2.Response) -> None:
        """Compare files: another portal's own, and the same bytes where they should differ."""
        path, is_get = response.request.url.path, response.request.method == "GET"
        found = digest(response.content)
        for mark in self.marks:
            if mark.kind == "file" and mark.owner != portal and mark.text == found:
                self.note(portal, where, "file", mark.owner, path)
        if not is_get or response.status_code != httpx2.codes.OK or ALIKE.search(path) or not response.content:
            return
        for other, content in self.report.contents.setdefault(path, {}).items():
            if other != portal and content == found:
                self.note(portal, where, "file", other, "the same bytes under the same path")
        self.report.contents[path][portal] = found

    def _own(self, portal: str, where: str, title: str, links: list[str]) -> None:
        """Fail a page that does not carry its own brand."""
        one = self.portals[portal]
        if one.settings.name.brand not in title:
            self.note(portal, where, "title", "nobody", "own brand missing")
        if one.theme.url("theme.css") not in links:
            self.note(portal, where, "link href", "nobody", "own look missing")


@cache
def _any_of(marks: tuple[Mark, ...]) -> re.Pattern[str]:
    """Return one pattern for all of these: most answers hold none, and are done after one look."""
    return re.compile("|".join(mark.pattern.pattern for mark in marks if mark.pattern is not None))


def crawl_mails(scanner: Scanner, folder: Path) -> None:
    """Look at every mail that was sent."""
    for path in sorted(folder.rglob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        scanner.mail(path.parent.name, f"mail {mail['Subject']}", mail)


def shape(path: str) -> str:
    """Return a path without what differs from thing to thing."""
    return _ID.sub("*", path)


@dataclass
class Walk:
    """One visitor's walk through one portal.

    Args:
        scanner: looks at the answers.
        client: sends the visitor's cookies or token.
        portal: where.
        language: first part of the paths of pages.
        most: pages of one shape (``/fr/s/*``) that are opened.
        leads: whether an address is to be followed.
    """

    scanner: Scanner
    client: httpx2.AsyncClient
    portal: str
    language: str
    most: int = 2
    leads: Callable[[str], bool] = lambda _path: True
    seen: set[str] = field(default_factory=set)
    shapes: Counter[str] = field(default_factory=Counter)

    async def go(self, seeds: Iterable[str]) -> None:
        """Open the seeds and everything they lead to."""
        waiting = deque((seed, True) for seed in seeds)
        while waiting:
            path, is_seed = waiting.popleft()
            if path in self.seen or not (is_seed or self._wanted(path)):
                continue
            self.seen.add(path)
            response = await self.client.get(path)
            for link in self.scanner.answer(self.portal, f"GET {path}", response):
                waiting.extend((local, False) for local in self._local(path, link))

    def _wanted(self, path: str) -> bool:
        form = shape(path.split("?", 1)[0])
        parts = form.split("/")
        if parts[2:3] in (["s"], ["book"], ["legal"]):
            form = "/".join([*parts[:3], "*", *parts[4:]])
        self.shapes[form] += 1
        return self.shapes[form] <= self.most and self.leads(path)

    def _local(self, base: str, link: str) -> Iterator[str]:
        """Yield the path of a link that stays on this portal and in this language."""
        origin = str(self.client.base_url)
        address = urlsplit(urldefrag(urljoin(urljoin(origin, base), link)).url)
        if address.scheme not in {"http", "https"} or address.netloc != urlsplit(origin).netloc:
            return
        first = address.path.split("/")[1]
        if first in {"de", "fr", "en"} and first != self.language:
            return
        yield address.path + (f"?{address.query}" if address.query else "")
