"""Facts: the frozen snapshots a plugin is given, and the frozen answers it gives back.

A plugin never sees a database row, the application or another plugin's settings. Nothing here has
behaviour; a fact can be recorded, replayed and compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args
from uuid import UUID

from crowdcore.base.geo import Point
from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Text
from crowdcore.plugin.secret import Secret

#: What a `[config.*]` value may be; durations arrive as whole seconds (int).
ConfigValue = str | int | bool | Decimal | Secret | tuple[str, ...]

Outcome = Literal["answer", "take_over", "back_to_friend", "to_crowd", "solved", "closed"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class PortalView:
    """One partner's portal, as one plugin sees it.

    Args:
        id: the partner's id (``swisscom``).
        brand: the brand word customers read.
        languages: offered languages, e.g. ``("de", "fr", "en")``.
        default_language: shown first when nothing else decides.
        currency: the portal's main currency.
        config: this plugin's own `[plugin.<id>]` values, checked against its manifest; nobody else's.
    """

    id: str
    brand: str
    languages: tuple[str, ...]
    default_language: str
    currency: Currency
    config: Mapping[str, ConfigValue]


@dataclass(frozen=True, slots=True)
class PlaceView:
    """Where help is wanted, never closer than the 2 km grid.

    Args:
        country: ISO 3166-1 (``CH``).
        region: ISO 3166-2 (``CH-BE``).
        postcode: as people write it.
        locality: name of the town or village.
        point: centre of the grid cell.
    """

    country: str
    region: str
    postcode: str
    locality: str
    point: Point


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A bookable service, as `catalog.toml` describes it.

    Args:
        id: the service's id.
        title: its name in three languages.
        family: what it is about (``tv``, ``internet``, ``energy``, ...).
        kind: ``install``, ``fix`` or ``explain``.
        exam: the exam a Friend must have passed; None for none.
        safety: work ids a safety gate may veto (``open_enclosure``).
        licence: the licence a Friend must hold; None for none.
        minutes: how long it usually takes.
    """

    id: str
    title: Text
    family: str
    kind: str
    exam: str | None
    safety: frozenset[str]
    licence: str | None
    minutes: int


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What a guide price is asked for.

    Args:
        service: the service.
        place: where.
        starts_local: wanted start, naive, in the partner's time zone; None when not yet chosen.
        urgent: help is wanted now.
        travel_m: snapped distance in metres of the nearest qualified Friend; None when nobody is near.
    """

    service: ServiceView
    place: PlaceView
    starts_local: datetime | None
    urgent: bool
    travel_m: int | None


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide price: an orientation, never a fixed price.

    Args:
        amount: what such a job usually costs.
        low: lower end of the usual range.
        high: upper end of the usual range.
        notes: why it differs from the list, at most 5, each at most 200 characters.
    """

    amount: Money
    low: Money
    high: Money
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking somebody is about to make.

    Args:
        service: the service.
        place: where.
        declared_work: works the customer said yes to (``open_fuse_box``).
        starts_local: wanted start, naive, in the partner's time zone; None for as soon as possible.
        urgent: help is wanted now.
        language: the customer's language.
        channel: where it is booked (``web``, ``api``, ``desk``).
    """

    service: ServiceView
    place: PlaceView
    declared_work: frozenset[str]
    starts_local: datetime | None
    urgent: bool
    language: str
    channel: str


@dataclass(frozen=True, slots=True)
class FriendView:
    """A member of the crowd: no name, no contact, no address.

    Args:
        id: the membership's id.
        kind: ``friend``, ``profi`` or ``internal``.
        languages: spoken languages.
        licences: licence ids with a valid proof.
        skills: exam skills with a valid pass.
        rating_mean: mean stars, 1 to 5; None before the first rating.
        rating_count: number of ratings.
        jobs_done: jobs confirmed.
        distance_m: snapped distance to the job in metres.
        region: ISO 3166-2 of home.
    """

    id: UUID
    kind: str
    languages: frozenset[str]
    licences: frozenset[str]
    skills: frozenset[str]
    rating_mean: float | None
    rating_count: int
    jobs_done: int
    distance_m: int
    region: str


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as a plugin may see it: no customer, no address.

    Args:
        id: the job's id.
        number: the short number people read out on the phone.
        service: what was booked.
        place: where, on the grid.
        starts_at: agreed start in UTC; None for as soon as possible.
        urgent: help is wanted now.
        language: the customer's language.
        guide: the guide price copied when the job was booked.
    """

    id: UUID
    number: str
    service: ServiceView
    place: PlaceView
    starts_at: datetime | None
    urgent: bool
    language: str
    guide: Guide


@dataclass(frozen=True, slots=True)
class EscalationCase:
    """A case handed over to the partner's own support.

    Args:
        id: the case's id.
        key: idempotency key; the same key twice must give the same receipt.
        job: the job.
        reason: reason id from `partner.toml`.
        reason_name: that reason in three languages.
        summary: what the Friend found, in the Friend's words.
        facts: what the customer agreed to share, label to value.
        reply_path: path on the portal's host where the answer comes in.
    """

    id: UUID
    key: str
    job: JobView
    reason: str
    reason_name: Text
    summary: str
    facts: Mapping[str, str]
    reply_path: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that another system took something over.

    Args:
        ref: that system's reference, at most 200 characters.
        at: when, in UTC.
    """

    ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What came in on a hand-back address; signature and age are already checked.

    Args:
        headers: header names in lower case to values.
        body: the bytes as received.
        received_at: when, in UTC.
    """

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class HandBack:
    """What the partner's support answers about a case.

    Args:
        case_id: which case.
        message_id: the sender's id of this message; a repeated one changes nothing.
        outcome: what happens next.
        note: for the Friend or the customer, at most 4,000 characters.
    """

    case_id: UUID
    message_id: str
    outcome: Outcome
    note: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message.

    Args:
        name: file name, ASCII.
        content_type: with its parameters: ``text/calendar; method=PUBLISH``.
        content: the bytes; text is UTF-8.
    """

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message in the recipient's language and the job's brand, ready to be sent.

    Args:
        key: idempotency key.
        to: address of the channel (mail address, phone number in E.164).
        subject: one line.
        text: plain text.
        html: HTML form; empty when the channel has none.
        sender_name: the name people see.
        sender: address it comes from.
        reply_to: where answers go.
        headers: further headers of the channel.
        attachments: files for channels that can carry them.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str
    sender_name: str
    sender: str
    reply_to: str
    headers: Mapping[str, str]
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Denied:
    """A no with its reason.

    Args:
        code: stable code with the plugin's id in front (``energy.licence_required``).
        reason: one sentence for the person it concerns, at most 400 characters.
    """

    code: str
    reason: Text
