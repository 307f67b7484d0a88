"""Leaks planted on purpose, one per surface: what each does to an answer or a mail, and how it must be reported."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crowdcore.partners.service import opened

Headers = MutableHeaders
Change = Callable[[Headers, bytes], bytes]
"""Changes the headers in place, and returns the new body."""


@dataclass(frozen=True, slots=True)
class Plant:
    """One leak in an answer.

    Args:
        surface: as the report must name it.
        what: the foreign thing, as the report must name it.
        at: where it is planted: method, path and status of the answer.
        change: plants it.
    """

    surface: str
    what: str
    at: re.Pattern[str]
    change: Change


def _body(old: str, new: str) -> Change:
    def change(_headers: Headers, body: bytes) -> bytes:
        assert old.encode() in body, f"nowhere to plant: {old}"
        return body.replace(old.encode(), new.encode(), 1)

    return change


def _pattern(old: str, new: str) -> Change:
    return lambda _headers, body: re.sub(old.encode(), new.encode(), body, count=1)


def _header(name: str, value: str) -> Change:
    def change(headers: Headers, body: bytes) -> bytes:
        if name == "set-cookie":
            headers.append(name, value)
        else:
            headers[name] = value
        return body

    return change


def _icon_of(partner: str) -> Change:
    return lambda _headers, _body: opened()[partner].theme.icon_svg().encode()


def plants(*, partner: str, word: str, host: str, colour: str) -> Iterator[Plant]:
    """Yield the leaks that can be planted in answers, with the word, host, colour and icon of another partner."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))

    def page(path: str, surface: str, old: str, new: str, what: str = word) -> Plant:
        return Plant(surface, what, re.compile(rf"^GET {path} 200$"), _body(old, new))

    home, services, legal, sign_in = "/en/", "/en/services", "/en/legal/imprint", "/en/sign-in"
    mark = f'content="{word}"'
    yield page(home, "title", "<title>", f"<title>{word}: ")
    yield page(home, "meta og:site_name", "</head>", f'<meta property="og:site_name" {mark}></head>')
    yield page(home, "meta generator", "</head>", '<meta name="generator" content="crowdcore"></head>', "crowdcore")
    yield page(home, "comment", "</body>", f"<!-- copied from {word} --></body>")
    yield page(services, "attribute alt", "</main>", f'<img src="/favicon.ico" alt="{word}"></main>')
    yield page(services, "attribute data-brand", "<main", f'<main data-brand="{word}"')
    yield page(services, "attribute class", "<footer", f'<footer class="{word}"')
    yield page(services, "text", "</footer>", f"Powered by {word}</footer>")
    yield page(legal, "a href", "</main>", f'<a href="http://{host}/">More</a></main>', host)
    yield page(legal, "attribute style", "<main", f'<main style="color:rgb({red}, {green}, {blue})"', colour)
    yield page(legal, "attribute aria-label", "</main>", f'<p aria-label="{word.upper()}"></p></main>')
    yield page(sign_in, "form action", "<form", f'<form action="http://{host}/"', host)
    yield page(sign_in, "script", "</body>", f'<script>var brand="{word}"</script></body>')
    yield page("/_t/[0-9a-f]+/theme.css", "css", "--accent:", f"--brand: {colour}; --accent:", colour)
    yield page("/_s/[0-9a-f]+/base.css", "css", "{", f"{{background:url(http://{host}/x.png);", host)
    yield page("/manifest.webmanifest", "json name", '"name"', f'"name": "{word}", "old"')
    yield page("/en/jobs/[^/]+/calendar.ics", "calendar PRODID", "PRODID:", f"PRODID:-//{word}//")
    openapi = re.compile(r"^GET /api/v1/openapi.json 200$")
    yield Plant("json info.title", word, openapi, _pattern('"title": ?"', f'"title": "{word} '))
    yield page("/robots.txt", "text file", "User-agent", f"Sitemap: http://{host}/s.xml\nUser-agent", host)
    icon_at = re.compile(r"^GET /favicon.ico 200$")
    yield Plant("file", "/favicon.ico", icon_at, _icon_of(partner))
    nowhere = re.compile(r"^GET /en/nothing 404$")
    yield Plant("text", word, nowhere, _body("</main>", f"Back to {word}</main>"))
    yield Plant(
        "json detail", word, re.compile(r"^GET /api/v1/jobs 401$"), _pattern('"detail": ?"', f'"detail":"{word} ')
    )
    yield Plant("header server", "uvicorn", re.compile(r"^GET /en/book/"), _header("server", "uvicorn"))
    yield Plant("header x-powered-by", "crowdcore", re.compile(r"^GET /healthz"), _header("x-powered-by", "crowdcore"))
    yield Plant("header location", host, re.compile(r"^GET / 302"), _header("location", f"http://{host}/en/"))
    yield Plant("cookie name", f"{word}_id", nowhere, _header("set-cookie", f"{word}_id=1; Path=/"))
    yield Plant("cookie domain", "Domain=localhost", nowhere, _header("set-cookie", "v=1; Domain=localhost"))
    policy_of = f"default-src 'none'; img-src {host}"
    yield Plant(
        "header content-security-policy", host, re.compile(r"^GET /en/jobs/nothing"),
        _header("content-security-policy", policy_of),
    )  # fmt: skip
    yield Plant("text", word, re.compile(r"^GET / 421$"), _pattern("</h1>", f"</h1>{word}"))
    yield Plant(
        "header content-disposition", word, re.compile(r"^GET /en/friend/ledger/export"),
        _header("content-disposition", f'attachment; filename="{word}.csv"'),
    )  # fmt: skip
    yield Plant("text", word, re.compile(r"^GET /en/offline 200$"), _body("</main>", f"{word}</main>"))


def planted(app: ASGIApp, todo: list[Plant]) -> ASGIApp:
    """Return the application with leaks in it."""

    async def leaky(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def keep(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
            else:
                body += message.get("body", b"")

        await app(scope, receive, keep)
        name = f"{scope['method']} {scope['path']} {start['status']}"
        headers = MutableHeaders(raw=list(start["headers"]))
        for plant in todo:
            if plant.at.search(name):
                body = plant.change(headers, body)
        headers["content-length"] = str(len(body))
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": body})

    return leaky


@dataclass(frozen=True, slots=True)
class MailPlant:
    """One leak in a mail: the surface and the word as they must be reported, and what is done to the raw mail."""

    surface: str
    what: str
    change: Callable[[EmailMessage], None]


def mail_plants(*, word: str, host: str, colour: str) -> Iterator[MailPlant]:
    """Yield the leaks that can be planted in mails."""

    def header(name: str, value: str) -> Callable[[EmailMessage], None]:
        def change(mail: EmailMessage) -> None:
            del mail[name]
            mail[name] = value

        return change

    def part(kind: str, old: str, new: str) -> Callable[[EmailMessage], None]:
        def change(mail: EmailMessage) -> None:
            [found] = [one for one in mail.walk() if one.get_content_type() == kind]
            text = found.get_payload(decode=True).decode()
            assert old in text
            del found["content-transfer-encoding"]
            found.set_payload(text.replace(old, new, 1).encode(), "utf-8")

        return change

    yield MailPlant("mail header subject", word, header("subject", f"{word}: your code"))
    yield MailPlant("mail header from", word, header("from", f"{word} <friends@here.example>"))
    yield MailPlant("mail header message-id", host, header("message-id", f"<1@{host}>"))
    yield MailPlant("mail header list-unsubscribe", host, header("list-unsubscribe", f"<http://{host}/en/friend>"))
    yield MailPlant("mail header x-mailer", "crowdcore", header("x-mailer", "crowdcore 1.0"))
    yield MailPlant("mail text file", word, part("text/plain", "--\n", f"--\n{word}\n"))
    yield MailPlant("mail style", colour, part("text/html", ".m-ground {", f".m-ground {{ color: {colour.lower()}; "))
    yield MailPlant("mail link", f"http://{host}/x", part("text/html", "<body", f'<a href="http://{host}/x"></a><body'))
    yield MailPlant("mail calendar UID", host, part("text/calendar", "UID:", f"UID:1@{host}-"))


def letters(folder: Path) -> list[EmailMessage]:
    """Return the mails of one partner that carry a calendar file."""
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]
    return [mail for mail in mails if any(part.get_content_type() == "text/calendar" for part in mail.walk())]
