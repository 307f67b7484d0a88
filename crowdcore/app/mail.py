"""Where mails go: a real SMTP server, or - in a demo - files that a page of the demo shows."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from crowdcore.base import clock
from crowdcore.base.errors import Fault
from crowdcore.bookings.queries import closed_region
from crowdcore.notifications.service import deliver_case
from crowdcore.plugin import Attachment, EscalationCase, PortalView, Receipt, RenderedMessage
from crowdcore.plugin.defaults import Defaults
from crowdcore.settings import Settings

Transport = Callable[[str, EmailMessage], Awaitable[str]]
"""Takes the partner's id and a finished mail, returns a reference of whoever took it."""

SMTP_TIMEOUT_S = 15


def transport(settings: Settings) -> Transport:
    """Return where this installation's mails go.

    Raises:
        Fault: an SMTP address of an unknown kind.
    """
    if not settings.smtp_url:
        return _to_files(settings.var_dir / "mail")
    url = urlsplit(settings.smtp_url)
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        raise Fault("CROWDCORE_SMTP_URL must look like smtp://user:password@host:port (or smtps://)")

    async def send(_partner_id: str, mail: EmailMessage) -> str:
        _, answer = await aiosmtplib.send(
            mail,
            hostname=url.hostname or "",
            port=url.port,
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=url.scheme == "smtps",
            timeout=SMTP_TIMEOUT_S,
        )
        return answer[:200]

    return send


def sender(send: Transport) -> Callable[[PortalView, str, RenderedMessage], Awaitable[Receipt | None]]:
    """Return the kernel's own answer to the hook `send_notification`: mail."""

    async def send_notification(portal: PortalView, channel: str, message: RenderedMessage) -> Receipt | None:
        if channel != "mail":
            return None
        return Receipt(await send(portal.id, built(message)), clock.now())

    return send_notification


def kernel_defaults(settings: Settings) -> Defaults:
    """Return the kernel's own answers to hooks: its `[regions]` count; cases and messages go out by mail."""

    async def deliver(_portal: PortalView, case: EscalationCase) -> Receipt:
        return await deliver_case(case)

    send = sender(transport(settings))
    return Defaults(region_gate=closed_region, deliver_escalation=deliver, send_notification=send)


def built(message: RenderedMessage) -> EmailMessage:
    """Return a message as a mail with a text and an HTML part; the same key gives the same Message-ID."""
    mail = EmailMessage()
    user, _, domain = message.sender.partition("@")
    mail["From"] = Address(message.sender_name, user, domain)
    mail["To"] = message.to
    mail["Subject"] = " ".join(message.subject.split())
    mail["Reply-To"] = message.reply_to
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{hashlib.sha256(message.key.encode()).hexdigest()[:32]}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    for file in message.attachments:
        _attach(mail, file)
    for name, value in message.headers.items():  # last, because making parts moves Content-* into them
        mail[name] = value
    return mail


def _attach(mail: EmailMessage, file: Attachment) -> None:
    """Put a file behind the texts; its type keeps its parameters, which calendars are told apart by."""
    kind, _, parameters = file.content_type.partition(";")
    main, _, subtype = kind.partition("/")
    mail.add_attachment(file.content, maintype=main, subtype=subtype, filename=file.name)
    part = list(mail.iter_attachments())[-1]
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name:
            part.set_param(name, value)


def _to_files(folder: Path) -> Transport:
    async def keep(partner_id: str, mail: EmailMessage) -> str:
        name = f"{clock.now():%Y%m%dT%H%M%S%f}-{mail['Message-ID'][1:13]}.eml"
        await asyncio.to_thread(_write, folder / partner_id, name, mail.as_bytes())
        return name

    return keep


def _write(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{name}"
    unfinished.write_bytes(content)
    unfinished.rename(folder / name)
