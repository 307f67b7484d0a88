"""Reads of the escalation room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from crowdcore.base.text import Language, Text
from crowdcore.escalation import models
from crowdcore.escalation.rules import REASON_NAMES, Case, CaseState, CaseUnknown, Message
from crowdcore.jobs import queries as jobs
from crowdcore.partners.queries import portal
from crowdcore.plugin import EscalationCase


async def case(case_id: UUID) -> Case:
    """Return one case.

    Raises:
        CaseUnknown: no such case with this partner.
    """
    row = await models.Case.get_or_none(id=case_id)
    if row is None:
        raise CaseUnknown
    return _facts(row)


async def open_case_of(job_id: UUID) -> Case | None:
    """Return the case of a job that support holds now, or None."""
    row = await models.Case.filter(job_id=job_id).exclude(state=CaseState.CLOSED).first()
    return _facts(row) if row else None


async def cases_of(job_id: UUID) -> list[Case]:
    """Return all cases of a job, oldest first."""
    return [_facts(row) for row in await models.Case.filter(job_id=job_id).order_by("opened_at")]


async def inbox(*, limit: int = 100) -> list[Case]:
    """Return the cases that are not closed, the most urgent first."""
    rows = await models.Case.all().exclude(state=CaseState.CLOSED).order_by("due_at").limit(limit)
    return [_facts(row) for row in rows]


async def waiting() -> int:
    """Return how many cases nobody works on yet."""
    return await models.Case.filter(state=CaseState.WAITING).count()


async def closed(*, limit: int = 100) -> list[Case]:
    """Return the cases that have ended, the latest first."""
    rows = await models.Case.filter(state=CaseState.CLOSED).order_by("-closed_at", "id").limit(limit)
    return [_facts(row) for row in rows]


async def page_of_inbox(*, after: tuple[datetime, UUID] | None, limit: int) -> list[Case]:
    """Return the cases that are not closed, the most urgent first.

    Args:
        after: promised moment and id of the last case of the page before.
        limit: most cases.
    """
    rows = models.Case.all().exclude(state=CaseState.CLOSED)
    if after is not None:
        due_at, case_id = after
        rows = rows.filter(Q(due_at__gt=due_at) | Q(due_at=due_at, id__gt=case_id))
    return [_facts(row) for row in await rows.order_by("due_at", "id").limit(limit)]


async def messages(case_id: UUID) -> list[Message]:
    """Return what was said on a case, oldest first."""
    rows = await models.CaseMessage.filter(case_id=case_id).order_by("at", "id")
    return [Message(row.author, row.outcome, row.text, row.at) for row in rows]


async def has_message(case_id: UUID, message_id: str) -> bool:
    """Say whether a message of the partner's system has been taken in before."""
    return await models.CaseMessage.filter(case_id=case_id, message_id=message_id).exists()


def reason_name(reason: str, *, for_customer: bool = False) -> Text:
    """Return a reason in three languages: the partner's text, or the kernel's.

    Args:
        reason: id of the partner's reason, or of the kernel's.
        for_customer: in the words that the partner has for customers.
    """
    chosen = portal().settings.escalation.get(reason)
    if chosen is not None:
        return chosen.for_customers if for_customer else chosen.name
    translators = portal().translators
    words = {language.value: translators[language].gettext(REASON_NAMES[reason]) for language in Language}
    return Text.from_dict(words)


async def view(found: Case) -> EscalationCase:
    """Return a case as plugins see it, with what the customer's reason allows to share."""
    job = await jobs.job(found.job_id)
    return EscalationCase(
        id=found.id,
        key=str(found.id),
        job=jobs.view(job),
        reason=found.reason,
        reason_name=reason_name(found.reason),
        summary=found.summary,
        facts=await _shared(found),
        reply_path=f"/-/{portal().id}/hand-back",
    )


async def _shared(found: Case) -> Mapping[str, str]:
    reason = portal().settings.escalation.get(found.reason)
    if reason is None:
        return {}
    contact = await jobs.contact(found.job_id)
    known = {"name": contact.name, "phone": contact.phone, "email": contact.email, "address": contact.street}
    return {label: known[label] for label in sorted(reason.share) if known.get(label)}


def _facts(row: models.Case) -> Case:
    return Case(
        id=row.id,
        job_id=row.job_id,
        state=CaseState(row.state),
        reason=row.reason,
        summary=row.summary,
        opened_by=row.opened_by,
        friend_id=row.friend_id,
        due_at=row.due_at,
        ticket_ref=row.ticket_ref,
        taken_by=row.taken_by,
        outcome=row.outcome,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )
