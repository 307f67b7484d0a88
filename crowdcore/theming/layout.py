"""What ``layout.html`` and the mail layout need to know: small frozen values, filled by the web floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from crowdcore.base.text import Text

Area = Literal["site", "friend", "console"]
"""Three faces of a portal: for customers, under ``/friend`` for Friends, under ``/console`` for staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalLook:
    """The partner's site as pages and mails show it; the same for every reader.

    Args:
        id: partner id; only used in places nobody reads.
        brand: the word customers know.
        languages: offered languages, in the order of the language switch.
        tagline: a few words beside the brand on wide screens, or None.
        support_phone: number of the partner's support as people write it, or "".
        support_hours: when it answers, or None.
        origin: scheme and host for absolute addresses (``https://help.example``), no slash at the end.
        mark: cleaned SVG of the theme; filled in by `Templates`.
    """

    id: str
    brand: str
    languages: tuple[str, ...]
    tagline: Text | None = None
    support_phone: str = ""
    support_hours: Text | None = None
    origin: str = ""
    mark: Markup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of a menu; `path` has no language prefix (``/jobs``), `text` is already translated.

    Args:
        path: where it leads.
        text: what it says.
        icon: name of an icon, or "".
        current: it leads to the page that is shown.
        wide: left out on narrow screens, where another way leads there.
        count: how much waits there; 0 is not shown.
    """

    path: str
    text: str
    icon: str = ""
    current: bool = False
    wide: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Toast:
    """A small done thing, said once after a redirect; never an error.

    Args:
        text: already translated.
        undo_path: page that takes it back, or "".
    """

    text: str
    undo_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """Who is signed in, as the header shows it.

    Args:
        name: how the person wants to be called.
        roles: ``customer``, ``friend``, ``agent``, ``admin``.
        path: the person's own page.
    """

    name: str
    roles: frozenset[str]
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer, as the layout frames it.

    Args:
        title: what is true now, already translated; a template may set the block ``title`` instead.
        path: path without the language prefix; the language switch keeps it.
        query: raw query without ``?``; the language switch keeps it.
        failed: a form came back with errors; the title says so.
        indexable: search engines may list it.
        holds_form: there is a form to fill in, which the language switch takes along.
        csrf: token for the hidden field ``_csrf``.
        area: whose face of the portal it belongs to; refusals stand in that frame.
        navigation: links of the header (of the rail in the console, of the tab bar for Friends).
        legal: links of the footer.
        sign_in_path: where people without an account go; "" shows no link.
        toast: what was just done, or None.
        modules: names of static files to load as JavaScript modules.
    """

    title: str = ""
    path: str = "/"
    query: str = ""
    failed: bool = False
    indexable: bool = False
    holds_form: bool = False
    csrf: str = ""
    area: Area = "site"
    navigation: tuple[Link, ...] = ()
    legal: tuple[Link, ...] = ()
    sign_in_path: str = "/sign-in"
    toast: Toast | None = None
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFrame:
    """The frame of one mail.

    Args:
        subject: also the title.
        preview: the line mail programs show beside the subject.
        home_url: absolute address of the portal in the reader's language.
        reason: why the person gets this mail, one sentence.
        settings_url: absolute address where messages are switched off, or "" for what must be sent.
        number: the job's number, or "".
    """

    subject: str
    preview: str
    home_url: str
    reason: str
    settings_url: str = ""
    number: str = ""
