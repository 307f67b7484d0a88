"""The one verb of the notifications room: tell somebody, in their language and the job's brand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crowdcore.accounts import queries as accounts
from crowdcore.base import clock
from crowdcore.base.events import JsonValue
from crowdcore.base.text import Language
from crowdcore.crowd import queries as crowd
from crowdcore.db import timers
from crowdcore.db.transaction import on_foot, unit_of_work
from crowdcore.i18n.formats import Formats
from crowdcore.i18n.translations import Translator
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job, Milestone, Who, Window
from crowdcore.notifications import models
from crowdcore.notifications.queries import appointment
from crowdcore.notifications.rules import (
    CASE_ACTION,
    CASE_SUBJECT,
    FACT_AGREED_PRICE,
    FACT_GUIDE_PRICE,
    FACT_WHEN,
    FACT_WHERE,
    FRIEND_PATH,
    LETTERS,
    MOST_OFFER_MAILS,
    OPENED_ACTION,
    OPENED_SUBJECT,
    OPENED_TEXT,
    REASON,
    SETTINGS_PATH,
    SIGN_IN_ACTION,
    SIGN_IN_SUBJECT,
    SIGN_IN_TEXT,
    Letter,
    To,
)
from crowdcore.offers.rules import pay
from crowdcore.partners.queries import portal
from crowdcore.plugin import Attachment, EscalationCase, Receipt, RenderedMessage
from crowdcore.theming.layout import MailFrame
from crowdcore.waiting import queries as waiting
from crowdcore.web.calendar import Appointment, calendar_file

Payload = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where one message goes."""

    account_id: UUID | None
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Words:
    """One message before it is put into the partner's frame."""

    kind: str
    subject: str
    paragraphs: tuple[str, ...]
    action: str
    url: str
    number: str
    facts: tuple[tuple[str, str], ...] = ()
    settings_url: str = ""
    calendar: Appointment | None = None


async def tell(*, topic: str, payload: Payload) -> None:
    """Tell everybody whom this news concerns; who was told before is not told again.

    Raises:
        HookUnavailable: the mail could not be handed over; the worker tries again later.
    """
    if topic == "job.rated" and not payload["low"]:
        return
    job = await jobs.job(UUID(str(payload["job_id"])))
    with on_foot():  # the delivery is done when all letters are, not with the first
        for letter in LETTERS[topic]:
            if letter.reason and letter.reason != payload["reason"]:
                continue
            for recipient in await _recipients(letter.to, job, topic, payload):
                words = await _job_words(letter, job, payload, recipient)
                await _send(f"{payload['event_id']}:{letter.kind}", recipient, words, job.id)


async def tell_sign_in(payload: Payload) -> None:
    """Send link and code; a challenge that was used or replaced meanwhile needs no mail.

    Raises:
        HookUnavailable: the mail could not be handed over; the worker tries again later.
    """
    mail = await accounts.sign_in_mail(UUID(str(payload["challenge_id"])))
    if mail is None:
        return
    translator = portal().translators[Language(mail.language)]
    words = Words(
        kind="sign_in",
        subject=translator.gettext(SIGN_IN_SUBJECT) % {"code": mail.code},
        paragraphs=tuple(translator.gettext(text) % {"code": mail.code} for text in SIGN_IN_TEXT),
        action=translator.gettext(SIGN_IN_ACTION),
        url=portal().url(f"/{mail.language}/sign-in/{mail.link}"),
        number="",
    )
    await _send(f"{payload['event_id']}:sign_in", Recipient(None, mail.email, mail.language), words, None)


async def tell_waiting(payload: Payload) -> None:
    """Write to somebody who waited for a region that is open now.

    Raises:
        HookUnavailable: the mail could not be handed over; the worker tries again later.
    """
    entry = await waiting.entry(UUID(str(payload["entry_id"])))
    if entry is None:
        return
    translator = portal().translators[Language(entry.language)]
    path = f"/s/{entry.service_id}" if entry.service_id else "/services"
    words = Words(
        kind="region_opened",
        subject=translator.gettext(OPENED_SUBJECT) % {"place": entry.place},
        paragraphs=tuple(translator.gettext(text) % {"place": entry.place} for text in OPENED_TEXT),
        action=translator.gettext(OPENED_ACTION),
        url=portal().url(f"/{entry.language}{path}"),
        number="",
    )
    await _send(f"{payload['event_id']}:region_opened", Recipient(None, entry.email, entry.language), words, None)


async def deliver_case(case: EscalationCase) -> Receipt:
    """Hand a case to the partner's support by mail: what happens where no plugin knows a ticket system.

    A mailbox gives no reference of its own; the job's number does, which stands in the subject.

    Raises:
        HookUnavailable: the mail could not be handed over.
    """
    settings = portal().settings
    language = settings.languages.default
    translator = portal().translators[language]
    shared = tuple(f"{label}: {value}" for label, value in case.facts.items())
    reason = case.reason_name.in_(language)
    words = Words(
        kind="case",
        subject=translator.gettext(CASE_SUBJECT) % {"number": case.job.number, "reason": reason},
        paragraphs=(case.summary or reason, case.job.service.title.in_(language), *shared),
        action=translator.gettext(CASE_ACTION),
        url=portal().url(f"/{language.value}/console/jobs/{case.job.id}"),
        number=case.job.number,
    )
    recipient = Recipient(None, settings.support.email, language.value)
    message = _rendered(f"case:{case.key}", recipient, words)
    receipt = await portal().hooks.send_notification(channel="mail", message=message)
    return Receipt(case.job.number, receipt.at if receipt else clock.now())


async def _recipients(to: To, job: Job, topic: str, payload: Payload) -> list[Recipient]:
    match to:
        case To.SUPPORT:
            settings = portal().settings
            return [Recipient(None, settings.support.email, settings.languages.default.value)]
        case To.CUSTOMER:
            contact = await jobs.contact(job.id)
            address = contact.email or (await accounts.account(job.customer_id)).email
            return [Recipient(job.customer_id, address, job.language)] if address else []
        case To.ASKED:
            asked = payload["friend_accounts"]
            best = asked[:MOST_OFFER_MAILS] if isinstance(asked, list) else []
            return await _accounts([UUID(str(one)) for one in best])
        case To.FRIEND:
            return await _accounts([UUID(str(payload["friend_account_id"]))] if payload["friend_account_id"] else [])
        case To.OTHER_SIDE:
            by_customer = job.proposal is not None and job.proposal.by is Who.CUSTOMER
            return await _recipients(To.FRIEND if by_customer else To.CUSTOMER, job, topic, payload)


async def _accounts(ids: list[UUID]) -> list[Recipient]:
    found = await accounts.accounts(ids)
    return [Recipient(i, found[i].email, found[i].language) for i in ids if i in found and found[i].email]


async def _job_words(letter: Letter, job: Job, payload: Payload, recipient: Recipient) -> Words:
    language = Language(recipient.language)
    translator = portal().translators[language]
    values = await _values(job, payload, language)
    path = _path(letter, job, recipient)
    return Words(
        kind=letter.kind,
        subject=translator.gettext(letter.subject) % values,
        paragraphs=tuple(translator.gettext(text) % values for text in letter.paragraphs),
        action=translator.gettext(letter.action),
        url=portal().url(f"/{language.value}{path.format(job=job.id)}"),
        number=job.number,
        facts=_facts(job, values, translator) if letter.facts else (),
        settings_url=portal().url(f"/{language.value}{SETTINGS_PATH}") if letter.optional else "",
        calendar=await _calendar(letter, job, payload, language) if letter.calendar else None,
    )


async def _values(job: Job, payload: Payload, language: Language) -> dict[str, str]:
    """Return what stands in the gaps of letters, in the recipient's words and formats."""
    here = portal()
    translator, formats = here.translators[language], here.formats[language]
    friend = await _friend_name(job, payload) or translator.gettext("Your Friend")
    return {
        "service": job.service.title.in_(language),
        "number": job.number,
        "place": job.place.label,
        "when": translator.gettext("as soon as possible") if _is_now(job) else _span(job.window, formats),
        "friend": friend,
        "price": formats.price(job.guide.amount),
        "owed": formats.price(job.price),
        "net": formats.money(pay(job, here.settings.platform_percent).net),
        "brand": here.settings.name.brand,
        "phone": here.settings.support.phone,
        "fallback": formats.clock(await _fallback_at(job)),
        "confirms": _moment(jobs.confirms_at(job) or job.window.end, formats),
    }


async def _fallback_at(job: Job) -> datetime:
    """Return when support takes over if nobody accepts; by the partner's policy once that moment is past."""
    due = dict(await timers.live_of(subject_id=job.id)).get("job.fallback")
    return due or (job.opened_at or job.created_at) + portal().settings.dispatch.fallback_at


def _span(window: Window, formats: Formats) -> str:
    return f"{formats.lasting_day(window.start)}, {formats.clock_range(window.start, window.end)}"


def _moment(moment: datetime, formats: Formats) -> str:
    return f"{formats.lasting_day(moment)}, {formats.clock(moment)}"


def _is_now(job: Job) -> bool:
    return job.urgent and Milestone.APPOINTMENT not in job.milestones


def _facts(job: Job, values: dict[str, str], translator: Translator) -> tuple[tuple[str, str], ...]:
    price = FACT_AGREED_PRICE if job.agreed else FACT_GUIDE_PRICE
    rows = ((FACT_WHEN, "when"), (FACT_WHERE, "place"), (price, "owed"))
    return tuple((translator.gettext(label), values[name]) for label, name in rows)


async def _calendar(letter: Letter, job: Job, payload: Payload, language: Language) -> Appointment:
    if letter.to is not To.FRIEND:
        return appointment(job, language)
    friend = await crowd.friend_of(UUID(str(payload["friend_account_id"])))
    return appointment(job, language, friend_id=friend.id)


def _path(letter: Letter, job: Job, recipient: Recipient) -> str:
    """Return the page a letter opens; who is no customer of the job has the Friend's page of it."""
    if letter.to is To.OTHER_SIDE and recipient.account_id != job.customer_id:
        return FRIEND_PATH
    return letter.path


async def _friend_name(job: Job, payload: Payload) -> str:
    friend_id = job.assignee_id or job.suspended_id or job.done_by_id
    if friend_id is None and payload.get("friend_account_id"):
        member = await crowd.friend_of_or_none(UUID(str(payload["friend_account_id"])))
        return member.name if member else ""
    return (await crowd.friend(friend_id)).name if friend_id else ""


async def _send(event_key: str, recipient: Recipient, words: Words, job_id: UUID | None) -> None:
    key = f"{event_key}:{recipient.account_id or 'support'}"
    if await models.Message.filter(key=key, sent_at__not_isnull=True).exists():
        return
    receipt = await portal().hooks.send_notification(channel="mail", message=_rendered(key, recipient, words))
    await _sent(key, recipient, words, job_id, receipt.ref if receipt else None)


def _rendered(key: str, recipient: Recipient, words: Words) -> RenderedMessage:
    here = portal()
    language = Language(recipient.language)
    translator = here.translators[language]
    frame = MailFrame(
        subject=words.subject,
        preview=words.paragraphs[0],
        home_url=here.url(f"/{language.value}/"),
        reason=translator.gettext(REASON),
        settings_url=words.settings_url,
        number=words.number,
    )
    context: dict[str, object] = {"mail": frame, "words": words}
    return RenderedMessage(
        key=key,
        to=recipient.email,
        subject=words.subject,
        text=here.templates.render("notifications/letter.txt", translator, **context),
        html=here.templates.render("notifications/letter.html", translator, **context),
        sender_name=here.settings.mail.sender_name,
        sender=here.settings.mail.sender,
        reply_to=here.settings.mail.reply_to,
        headers=_headers(language, words),
        attachments=() if words.calendar is None else (_file(words.calendar, words.number),),
    )


def _headers(language: Language, words: Words) -> dict[str, str]:
    """Return the headers of one letter: only what people may switch off says where."""
    unsubscribe = {"List-Unsubscribe": f"<{words.settings_url}>"} if words.settings_url else {}
    return {"Content-Language": language.value, **unsubscribe}


def _file(found: Appointment, number: str) -> Attachment:
    return Attachment(f"{number}.ics", found.content_type, calendar_file(found))


@unit_of_work
async def _sent(key: str, recipient: Recipient, words: Words, job_id: UUID | None, reference: str | None) -> None:
    now = clock.now()
    row = models.Message(
        key=key,
        kind=words.kind,
        channel="mail",
        account_id=recipient.account_id,
        job_id=job_id,
        language=recipient.language,
        reference=reference,
        created_at=now,
        sent_at=now,
    )
    await models.Message.bulk_create([row], ignore_conflicts=True)
