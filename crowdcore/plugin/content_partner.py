"""What partner.toml says, as frozen objects: one portal's names, money, dispatch policy and contacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from crowdcore.base.money import Currency
from crowdcore.base.text import Language, Text
from crowdcore.plugin.facts import ConfigValue


class PortalStatus(StrEnum):
    """How public a portal is."""

    DRAFT = "draft"  # answers only with a preview token
    PILOT = "pilot"
    LIVE = "live"
    PAUSED = "paused"  # no new bookings
    CLOSED = "closed"  # 410


@dataclass(frozen=True, slots=True)
class PartnerName:
    """What the partner is called.

    Args:
        legal: the company's name in law.
        brand: the word customers know it by.
        friends: what its helpers are called.
    """

    legal: str
    brand: str
    friends: Text


@dataclass(frozen=True, slots=True)
class Domain:
    """A host name the portal answers on.

    Args:
        host: lower case, no port.
        primary: links and mails use this one; exactly one per partner.
        language: shown first on this host when nothing else decides.
        redirect_to_primary: the host only sends people on.
    """

    host: str
    primary: bool
    language: Language | None
    redirect_to_primary: bool


@dataclass(frozen=True, slots=True)
class Languages:
    """Which languages the portal offers and how it writes numbers and dates in them.

    Args:
        offered: in the order of the language menu.
        default: shown when nothing else decides.
        formats: language to locale, ``{"de": "de-CH"}``; complete for all offered.
        address: language to form of address, ``{"de": "Sie"}``; may be empty.
    """

    offered: tuple[Language, ...]
    default: Language
    formats: Mapping[str, str]
    address: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MoneyPolicy:
    """Currencies of the portal.

    Args:
        currency: the main one.
        currencies: country (``DE``) to its currency, where it is another than the main one.
        vat_percent: value added tax shown on receipts; None when not stated.
    """

    currency: Currency
    currencies: Mapping[str, Currency]
    vat_percent: Decimal | None

    def for_country(self, country: str) -> Currency:
        """Return the currency used in `country` (ISO 3166-1, ``DE``)."""
        return self.currencies.get(country, self.currency)

    @property
    def all(self) -> frozenset[Currency]:
        """Every currency the portal uses."""
        return frozenset({self.currency, *self.currencies.values()})


@dataclass(frozen=True, slots=True)
class WavePolicy:
    """One wave of requests.

    Args:
        at: how long after the job was opened.
        radius_km: who is asked: everybody up to this distance.
        kinds: which members: ``friend``, ``profi``, ``internal``.
    """

    at: timedelta
    radius_km: int
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class DispatchPolicy:
    """How a job finds its Friend: all of it the partner's data, never code.

    Args:
        radius_km: the portal's usual radius.
        waves: rising in time; distances never shrink.
        preferred_wait: exclusive time of a preferred Friend; the other waves shift by it.
        notice_at: when the customer is told that nobody has accepted yet.
        fallback_at: when the fallback takes over, never later.
        fallback: channel id the job goes to then.
        max_rebroadcasts: how often a job may be sent out again.
        max_releases: how often Friends may give it back.
    """

    radius_km: int
    waves: tuple[WavePolicy, ...]
    preferred_wait: timedelta
    notice_at: timedelta
    fallback_at: timedelta
    fallback: str
    max_rebroadcasts: int
    max_releases: int


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """What the partner promises its customers about time.

    Args:
        free_cancel: so long before the window cancelling still costs nothing; later the Friend may charge
            the journey.
        auto_confirm: so long after the work was reported as done it counts as confirmed without a word.
    """

    free_cancel: timedelta
    auto_confirm: timedelta


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to get help.

    Args:
        id: ``self_help``, ``friend``, ``profi``, ``partner_support``, ``shop``, ...
        name: what people read; None where the core has a name for it.
        phone: E.164 with spaces, or None.
        email: or None.
        url: or None.
        address: postal address on one line, or None.
        hours: opening hours, or None.
    """

    id: str
    name: Text | None
    phone: str | None
    email: str | None
    url: str | None
    address: str | None
    hours: Text | None


@dataclass(frozen=True, slots=True)
class Regions:
    """Where the portal is open, by ISO 3166-2; a region is in one set only.

    Args:
        live: open for everybody.
        pilot: open, shown as a pilot.
        planned: not yet open; people may leave their interest.
        closed: was open, takes no new bookings.
    """

    live: frozenset[str]
    pilot: frozenset[str]
    planned: frozenset[str]
    closed: frozenset[str]

    def is_open(self, region: str) -> bool:
        """Say whether jobs may be booked in a region."""
        return region in self.live or region in self.pilot

    def stage(self, region: str) -> str | None:
        """Return ``live``, ``pilot``, ``planned`` or ``closed``; None for a region not named."""
        for stage in ("live", "pilot", "planned", "closed"):
            if region in getattr(self, stage):
                return stage
        return None


@dataclass(frozen=True, slots=True)
class MailPolicy:
    """Who mails come from.

    Args:
        sender: address in From.
        reply_to: where answers go.
        sender_name: name beside the address.
    """

    sender: str
    reply_to: str
    sender_name: str


@dataclass(frozen=True, slots=True)
class Support:
    """The partner's own support, as shown on every page.

    Args:
        email: where cases and questions go.
        phone: E.164 with spaces.
        hours: opening hours.
        reply_within: what is promised.
    """

    email: str
    phone: str
    hours: Text
    reply_within: timedelta


@dataclass(frozen=True, slots=True)
class EscalationReason:
    """A reason for which a Friend hands a job over.

    Args:
        id: stable id.
        name: what the Friend chooses.
        name_customer: how customers read it, on pages and in mails; None where `name` fits both.
        to: channel id the case goes to.
        share: what the customer is asked to share (``phone``, ``address``, ``photos``, ...).
    """

    id: str
    name: Text
    name_customer: Text | None
    to: str
    share: frozenset[str]

    @property
    def for_customers(self) -> Text:
        """How customers read it."""
        return self.name_customer or self.name


@dataclass(frozen=True, slots=True)
class Legal:
    """Who answers for the portal.

    Args:
        controller: name and address of the controller of personal data.
        pages: page id (``imprint``) to file stem in the plugin's folder (``legal/imprint``).
        processor_named_on: page ids where the operator of the platform is named.
    """

    controller: str
    pages: Mapping[str, str]
    processor_named_on: frozenset[str]


@dataclass(frozen=True, slots=True)
class PartnerSettings:
    """Everything partner.toml says about one portal.

    Args:
        id: partner id; never changes.
        plugin: id of the plugin the file belongs to.
        status: how public the portal is.
        name: what it is called.
        domains: where it answers.
        languages: what it speaks.
        money: what it is paid in.
        time_zone: IANA name, ``Europe/Zurich``.
        dispatch: how a job finds its Friend.
        booking: until when cancelling is free, and when silence means yes.
        channels: by id, in the order they are offered.
        regions: where it is open.
        mail: who mails come from.
        support: the partner's own support.
        escalation: reasons by id, in order.
        legal: who answers for it.
        platform_percent: the platform's share in percent.
        invoice_text: what that share is called on a receipt; None for the core's word.
        dark_mode: whether the theme has a dark form.
        plugins: the allow-list of plugins, in order; the core's defaults are always added last.
        config: plugin id to its `[plugin.<id>]` values, checked, declared defaults filled in.
        forbidden_words: words of other brands that must never appear here.
        content_hash: sha256 of the content, in hexadecimal.
    """

    id: str
    plugin: str
    status: PortalStatus
    name: PartnerName
    domains: tuple[Domain, ...]
    languages: Languages
    money: MoneyPolicy
    time_zone: str
    dispatch: DispatchPolicy
    booking: BookingPolicy
    channels: Mapping[str, Channel]
    regions: Regions
    mail: MailPolicy
    support: Support
    escalation: Mapping[str, EscalationReason]
    legal: Legal
    platform_percent: Decimal
    invoice_text: Text | None
    dark_mode: bool
    plugins: tuple[str, ...]
    config: Mapping[str, Mapping[str, ConfigValue]]
    forbidden_words: tuple[str, ...]
    content_hash: str

    @property
    def primary_host(self) -> str:
        """The host that links and mails use."""
        return next(domain.host for domain in self.domains if domain.primary)
