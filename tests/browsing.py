"""A person's browser without JavaScript: it keeps cookies, reads forms from pages and sends them.

visitor = await browser(world, "swisscom", language="en")
page = await visitor.get("/sign-in")
page = await visitor.send(page, "Send code", email="anna@example.ch")
assert page.h1 == "Check your inbox"
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import httpx2

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Account
from crowdcore.app.routes import MENU
from crowdcore.db.scope import partner_scope
from crowdcore.web.menu import use_menu
from crowdcore.web.security import session_cookie
from tests.kit import Person, World

_VOID = {"input", "meta", "link", "br", "img", "hr", "path", "circle", "rect"}
_HIDDEN = {"script", "style", "svg", "title", "head"}


@dataclass
class Form:
    """A form as it stands on a page: what it would send as it is, and its buttons."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str] | None] = field(default_factory=dict)


@dataclass
class Page:
    """An answer: its forms, links and what people read on it."""

    path: str
    status: int
    html: str
    forms: list[Form] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    h1: str = ""
    title: str = ""

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    def form(self, button: str) -> Form:
        """Return the form that has a button with this label."""
        found = [form for form in self.forms if button in form.buttons]
        labels = [label for form in self.forms for label in form.buttons]
        assert found, f"{self.path} ({self.status}) has no button {button!r}; it has {labels}. {self.h1}"
        return found[0]


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.open: list[str] = []
        self.form: Form | None = None
        self.button: tuple[str, str] | None = None
        self.label: list[str] = []
        self.link: str | None = None
        self.area: str | None = None
        self.select: str | None = None
        self.chosen = False

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "form":
            method = given.get("method", "get").lower()
            self.form = Form(given.get("action") or self.page.path, method)
            self.page.forms.append(self.form)
        elif tag == "a" and "href" in given:
            self.link, self.label = given["href"], []
        elif self.form is not None:
            self._control(tag, given)

    def _control(self, tag, given):
        name = given.get("name", "")
        if tag == "input":
            is_choice = given.get("type") in {"radio", "checkbox"}
            if not is_choice or "checked" in given:
                self.form.fields.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea":
            self.area, self.label = name, []
        elif tag == "select":
            self.select, self.chosen = name, False
        elif tag == "option" and self.select:
            known = self.form.fields.setdefault(self.select, [])
            if not known or ("selected" in given and not self.chosen):
                known[:] = [given.get("value", "")]
                self.chosen = "selected" in given
        elif tag == "button":
            self.button, self.label = (name, given.get("value", "")), []

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass
        said = _folded("".join(self.label))
        if tag == "form":
            self.form = None
        elif tag == "a" and self.link is not None:
            self.page.links.setdefault(said, self.link)
            self.link = None
        elif tag == "textarea" and self.form is not None and self.area is not None:
            self.form.fields[self.area] = ["".join(self.label).removeprefix("\n")]
            self.area = None
        elif tag == "select":
            self.select = None
        elif tag == "button" and self.form is not None and self.button is not None:
            self.form.buttons[said] = self.button if self.button[0] else None
            self.button = None

    def handle_data(self, data):
        self.label.append(data)
        words = _folded(data)
        if not words:
            return
        if "title" in self.open:
            self.page.title += words
        if _HIDDEN.isdisjoint(self.open):
            self.page.texts.append(words)
        if "h1" in self.open:
            self.page.h1 = f"{self.page.h1} {words}".strip()


def _folded(text: str) -> str:
    """Return `text` as a browser shows it: runs of blanks are one, no-break spaces stay."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" \t\r\n")


def read(path: str, status: int, html: str) -> Page:
    """Return a page taken apart."""
    page = Page(path, status, html)
    _Reader(page).feed(html)
    return page


@dataclass
class Browser:
    """One browser on one portal, in one language."""

    client: httpx2.AsyncClient
    language: str

    async def get(self, path: str) -> Page:
        """Open a page; `path` has no language, unless it begins with one."""
        return await self._follow(await self.client.get(self._in_language(path)))

    async def click(self, page: Page, label: str) -> Page:
        """Follow the link with this label."""
        assert label in page.links, f"{page.path} has no link {label!r}; it has {sorted(page.links)}"
        return await self.get(page.links[label])

    async def send(self, page: Page, button: str, **typed: str | list[str]) -> Page:
        """Fill in the form with this button and press it."""
        form = page.form(button)
        return await self._follow(await self.post(form, button, **typed))

    async def post(self, form: Form, button: str = "", **typed: str | list[str]) -> httpx2.Response:
        """Send a form as it is, with what was typed, and return the bare answer."""
        fields = {**form.fields, **{n: [v] if isinstance(v, str) else v for n, v in typed.items()}}
        pressed = form.buttons.get(button)
        if pressed is not None:
            fields[pressed[0]] = [pressed[1]]
        pairs = [(name, value) for name, values in fields.items() for value in values if name]
        if form.method == "get":
            return await self.client.get(f"{form.action}?{urlencode(pairs)}")
        return await self.client.post(
            form.action,
            content=urlencode(pairs).encode(),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )

    async def sign_in(self, account: Account, partner: str = "swisscom") -> None:
        """Get a session without the way through the mailbox."""
        with partner_scope(partner):
            link = await accounts.issue_demo_link(account_id=account.id)
            signed_in = await accounts.sign_in_by_link(secret=link, browser=None)
        self.client.cookies.set(session_cookie(), signed_in.secret, domain=f"{partner}.localhost")

    async def _follow(self, response: httpx2.Response) -> Page:
        for _hop in range(5):
            if response.status_code not in {302, 303, 307, 308}:
                break
            response = await self.client.get(response.headers["location"])
        path = urlsplit(str(response.url))
        return read(path.path + (f"?{path.query}" if path.query else ""), response.status_code, response.text)

    def _in_language(self, path: str) -> str:
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        return path if first in {"de", "fr", "en"} else f"/{self.language}{path}"


async def browser(
    world: World, partner: str = "swisscom", *, language: str = "en", person: Person | None = None
) -> Browser:
    """Return a fresh browser; with a person, signed in as them."""
    use_menu(MENU)
    fresh = Browser(await world.client(partner, path="", language=language), language)
    if person is not None:
        await fresh.sign_in(person.account, partner)
    return fresh
