"""What catalog.toml says, as frozen objects: categories, products and bookable services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Text


class ServiceKind(StrEnum):
    """What a Friend does."""

    INSTALL = "install"
    FIX = "fix"
    EXPLAIN = "explain"


class Family(StrEnum):
    """What a service is about, the same words for all partners."""

    TV = "tv"
    COMPUTER = "computer"
    INTERNET = "internet"
    MOBILE = "mobile"
    AUDIO = "audio"
    SMARTHOME = "smarthome"
    TABLET = "tablet"
    WEARABLE = "wearable"
    ENERGY = "energy"
    KITCHEN = "kitchen"
    GAMING = "gaming"
    PRINTER = "printer"


class Icon(StrEnum):
    """Pictures a shelf may carry; drawn in themes/base/templates/icons.html."""

    BOLT = "bolt"
    BOOK = "book"
    CALENDAR = "calendar"
    CAMERA = "camera"
    CAR = "car"
    CHART = "chart"
    CHAT = "chat"
    CLOCK = "clock"
    COFFEE = "coffee"
    GAME = "game"
    GEAR = "gear"
    GIFT = "gift"
    GLOBE = "globe"
    HAND = "hand"
    HELP = "help"
    HOME = "home"
    KEY = "key"
    LAMP = "lamp"
    LAPTOP = "laptop"
    MAIL = "mail"
    MAP = "map"
    METER = "meter"
    PHONE = "phone"
    PLUG = "plug"
    PRINTER = "printer"
    SEARCH = "search"
    SHIELD = "shield"
    SPEAKER = "speaker"
    STAR = "star"
    TABLET = "tablet"
    TEMP = "temp"
    TV = "tv"
    USER = "user"
    USERS = "users"
    WALLET = "wallet"
    WATCH = "watch"
    WIFI = "wifi"


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the catalogue.

    Args:
        id: stable id.
        icon: its picture.
        name: at most 30 characters.
    """

    id: str
    icon: Icon
    name: Text


@dataclass(frozen=True, slots=True)
class Product:
    """A thing of the partner that services and exams refer to.

    Args:
        id: stable id.
        category: category id.
        name: usually the same in every language.
    """

    id: str
    category: str
    name: Text


@dataclass(frozen=True, slots=True)
class Minutes:
    """How long a service takes.

    Args:
        typical: usually, in minutes.
        max: at most, in minutes.
    """

    typical: int
    max: int


@dataclass(frozen=True, slots=True)
class PriceRange:
    """A guide price in one currency: an orientation, never a fixed price.

    Args:
        guide: what it usually costs.
        low: lower end of the usual range.
        high: upper end of the usual range.
    """

    guide: Money
    low: Money
    high: Money


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Whether the service can be had within the hour.

    Args:
        allowed: whether it can.
        extra: what is added to the guide price then, by currency; empty when nothing is.
    """

    allowed: bool
    extra: Mapping[Currency, Money]


@dataclass(frozen=True, slots=True)
class SafetyCheck:
    """A yes/no question asked when booking; a yes declares that work.

    Args:
        work: work id a safety gate may veto (``open_fuse_box``).
        question: what the customer is asked.
    """

    work: str
    question: Text


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """Where this service's hard cases go, when not where the reason says.

    Args:
        when: escalation reason ids.
        to: channel id.
        share: what the customer is asked to share.
    """

    when: frozenset[str]
    to: str
    share: frozenset[str]


@dataclass(frozen=True, slots=True)
class Service:
    """A bookable service.

    Args:
        id: stable id; never re-used.
        category: category id.
        family: what it is about.
        kind: what the Friend does.
        products: product ids it concerns.
        channels: channel ids it is offered on, in order of recommendation.
        exam: exam id a Friend must have passed; None for none.
        licence: licence id a Friend must hold; None for none.
        minutes: how long it takes.
        prices: guide price by currency; complete for all currencies of the partner.
        on_demand: whether it can be had within the hour.
        escalate: where its hard cases go, when not where the reason says.
        checks: yes/no questions asked when booking.
        safety: work ids a gate may veto: those of `safety` and those of `checks`.
        title: at most 60 characters.
        summary: at most 160 characters.
        steps: what the Friend does, in order.
        includes: what is in the price.
        excludes: what is not.
        long: further text, Markdown; None for none.
        retired: no longer bookable; old jobs still point to it.
    """

    id: str
    category: str
    family: Family
    kind: ServiceKind
    products: tuple[str, ...]
    channels: tuple[str, ...]
    exam: str | None
    licence: str | None
    minutes: Minutes
    prices: Mapping[Currency, PriceRange]
    on_demand: OnDemand
    escalate: tuple[EscalationRow, ...]
    checks: tuple[SafetyCheck, ...]
    safety: frozenset[str]
    title: Text
    summary: Text
    steps: tuple[Text, ...]
    includes: tuple[Text, ...]
    excludes: tuple[Text, ...]
    long: Text | None
    retired: bool


@dataclass(frozen=True, slots=True)
class Catalog:
    """A partner's whole catalogue; the mappings keep the order of the file.

    Args:
        categories: by id.
        products: by id.
        services: by id, retired ones included.
        content_hash: sha256 of the content, in hexadecimal.
    """

    categories: Mapping[str, Category]
    products: Mapping[str, Product]
    services: Mapping[str, Service]
    content_hash: str

    def bookable(self) -> tuple[Service, ...]:
        """Return the services that are not retired, in the order of the file."""
        return tuple(service for service in self.services.values() if not service.retired)
