"""What a customer asks for: times, place, work; and when the answer is no."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from crowdcore.base.errors import FieldProblem, Refusal, Rejected
from crowdcore.base.money import Money
from crowdcore.crowd.rules import is_available
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs.rules import Contact, Job, State, Window
from crowdcore.places.rules import Place

SNAPSHOT_LIFE = timedelta(minutes=15)
"""A draft's price is asked for again when it is older than this at submit."""

TWICE_WITHIN = timedelta(minutes=15)

URGENT_ARRIVAL = timedelta(minutes=60)
"""'Now' means within the hour (product.md S20)."""

REGION_CLOSED = "region.closed"
"""Code of the kernel's own gate: the portal's regions do not open this one."""

FURTHEST = timedelta(days=60)
SHORTEST_WINDOW = timedelta(minutes=30)
MOST_WISHES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What a customer asks for.

    Args:
        service_id: from the catalogue.
        place_id: from the gazetteer.
        contact: who and where exactly.
        urgent: as soon as possible; then `wishes` is empty.
        wishes: one to three windows, the favourite first.
        language: de, fr or en.
        channel: web, api, call_centre, pos, support, ...
        declared_work: works the customer said yes to (``open_fuse_box``).
        preferred_id: the Friend they would like to have again.
        expected_guide: guide price they saw; None if they saw none.
    """

    service_id: str
    place_id: str
    contact: Contact
    urgent: bool
    wishes: tuple[Window, ...]
    language: str
    channel: str
    declared_work: frozenset[str] = frozenset()
    preferred_id: UUID | None = None
    expected_guide: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody support books for.

    Args:
        name: as they say it.
        email: where mails go; empty for people without an address.
        phone: number in international form, or empty.
        language: de, fr or en.
    """

    name: str
    email: str
    phone: str
    language: str


class ServiceUnavailable(Refusal):
    """The service is not in the catalogue, or not for Friends."""

    code = "product.unavailable"
    message = "This service is not offered at the moment."


class NotServedHere(Refusal):
    """The region is not open, or a plugin's gate says no."""

    code = "address.out_of_area"
    status = 422
    message = "We are not in %(place)s yet. You can reach us at %(phone)s."


class WorkNotAllowed(Refusal):
    """A rule of the partner forbids this booking."""

    code = "booking.refused"
    status = 422
    message = "This work cannot be booked here."


class NotOnDemand(Rejected):
    """The service cannot be had within the hour."""

    code = "when.not_on_demand"
    message = "This service needs an appointment. Please choose a time."


class WorkUnknown(Rejected):
    """A declared work that this service does not ask about."""

    code = "booking.work_unknown"
    message = "This service does not ask about this work. Send only works that it lists."


class PreferredUnknown(Rejected):
    """The wished Friend is not a member of this crowd."""

    code = "booking.friend_unknown"
    message = "This Friend is no longer with us. Book without naming one."


class GuideChanged(Refusal):
    """The guide price moved since the customer saw it."""

    code = "price.quote_changed"
    message = "The guide price has changed to %(guide)s. Please confirm again."

    def __init__(self, *, guide: Money) -> None:
        """Say what the price is now."""
        super().__init__(guide=guide)
        self.guide = guide


class BookedBefore(Refusal):
    """The customer booked the same a moment ago; they are asked whether they mean it."""

    code = "booking.twice"
    message = "You booked exactly this a moment ago: job %(number)s. Do you want somebody to come twice?"


class PortalPaused(Refusal):
    """The portal takes no bookings now."""

    code = "portal.paused"
    status = 503
    message = "We are not taking bookings at the moment. Please try again later."


class WindowPast(Rejected):
    """A wish lies in the past."""

    code = "when.past"
    message = "This time has passed. Choose a later one."


class WindowTooFar(Rejected):
    """A wish lies too far ahead."""

    code = "when.too_far"
    message = "Please choose a time within the next %(days)s days."


class WindowOrder(Rejected):
    """A window ends before it starts."""

    code = "window.order"
    message = "The end must be after the start."


class WindowTooShort(Rejected):
    """A window nobody can meet."""

    code = "window.too_short"
    message = "Please leave at least %(minutes)s minutes between start and end."


class SlotUnknown(Rejected):
    """Not one of the times that pages offer."""

    code = "when.unknown"
    message = "Choose one of the times on this page."


class WishesCount(Rejected):
    """No wish, or more than three, or a wish beside 'now'."""

    code = "when.count"
    message = "Choose “as soon as possible” or one to three times."


def check_declared(declared: frozenset[str], asked: frozenset[str]) -> None:
    """Refuse declared works that the service does not ask about.

    Raises:
        WorkUnknown: with the works it asks about.
    """
    if declared - asked:
        raise WorkUnknown(allowed=", ".join(sorted(asked)) or "-")


class Daypart(StrEnum):
    """A part of the day that pages offer as one wish."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


#: Hours of local time, from and until.
DAYPART_HOURS = {Daypart.MORNING: (8, 12), Daypart.AFTERNOON: (13, 17), Daypart.EVENING: (18, 20)}


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of a day as a wish.

    Args:
        day: in the partner's zone.
        part: of that day.
        window: the same in UTC.
    """

    day: date
    part: Daypart
    window: Window

    @property
    def code(self) -> str:
        """Return how forms and addresses write it: ``2026-11-24.evening``."""
        return f"{self.day.isoformat()}.{self.part.value}"

    @property
    def hours(self) -> tuple[int, int]:
        """Return from and until when, in hours of local time."""
        return DAYPART_HOURS[self.part]


def slot(day: date, part: Daypart, zone: ZoneInfo) -> Slot:
    """Return the slot of a day (local) and a part of it."""
    start, end = (datetime.combine(day, time(hour), zone).astimezone(UTC) for hour in DAYPART_HOURS[part])
    return Slot(day, part, Window(start, end))


def slots(*, now: datetime, zone: ZoneInfo, days: int) -> tuple[tuple[Slot, ...], ...]:
    """Return what can be wished on the next days, today first, by day; past parts of today included."""
    today = now.astimezone(zone).date()
    return tuple(tuple(slot(today + timedelta(days=ahead), part, zone) for part in Daypart) for ahead in range(days))


def free_in(window: Window, people: Iterable[tuple[int, Sequence[Window]]], zone: ZoneInfo) -> int:
    """Return how many have all of a window free: their weekly hours allow it, and none of their jobs is in it."""
    return sum(
        is_available(hours, start=window.start, end=window.end, zone=zone)
        and not any(taken.overlaps(window) for taken in busy)
        for hours, busy in people
    )


def read_slots(codes: Iterable[str], zone: ZoneInfo) -> tuple[Slot, ...]:
    """Return the slots with these codes, the earliest first.

    Raises:
        SlotUnknown: a code is none.
    """
    found = set()
    for code in codes:
        day, _, part = code.partition(".")
        try:
            found.add(slot(date.fromisoformat(day), Daypart(part), zone))
        except (ValueError, OverflowError) as error:
            raise SlotUnknown from error
    return tuple(sorted(found, key=lambda one: one.window.start))


CALL_BACK = "call_back"
"""Channel of a draft whose customer waits for a call."""

NOW = "now"

CONTACT_MISSING = FieldProblem(
    "/phone",
    "contact.missing",
    _("Give a phone number or an e-mail address, so that your Friend can reach you."),
)
PHONE_INVALID = FieldProblem(
    "/phone", "phone.invalid", _("This is not a complete phone number. Example: 079 123 45 67")
)


def code_of(wishes: Iterable[Window], zone: ZoneInfo) -> str:
    """Return the codes of windows that are slots, joined by commas, ``now`` if there is none."""
    local = [(wish.start.astimezone(zone), wish) for wish in wishes]
    found = [
        slot(start.date(), part, zone)
        for start, wish in local
        for part in Daypart
        if slot(start.date(), part, zone).window == wish
    ]
    return ",".join(one.code for one in found) or NOW


@dataclass(frozen=True, slots=True)
class Chosen:
    """Where and when help is wanted.

    Args:
        place: from the gazetteer.
        wishes: up to three slots, the earliest first; none for as soon as possible.
    """

    place: Place
    wishes: tuple[Slot, ...]

    @property
    def urgent(self) -> bool:
        """As soon as possible."""
        return not self.wishes

    @property
    def windows(self) -> tuple[Window, ...]:
        """The wishes in UTC."""
        return tuple(one.window for one in self.wishes)

    @property
    def starts_at(self) -> datetime | None:
        """Begin of the favourite wish in UTC, None for as soon as possible."""
        return self.wishes[0].window.start if self.wishes else None

    @property
    def when(self) -> str:
        """The wishes as forms and addresses write them."""
        return ",".join(one.code for one in self.wishes) or NOW


def check_wishes(wishes: tuple[Window, ...], *, urgent: bool, now: datetime) -> None:
    """Refuse times that cannot be kept.

    Raises:
        WishesCount, WindowOrder, WindowTooShort, WindowPast, WindowTooFar
    """
    if (urgent and wishes) or (not urgent and not 1 <= len(wishes) <= MOST_WISHES):
        raise WishesCount
    for wish in wishes:
        if wish.end <= wish.start:
            raise WindowOrder
        if wish.end - wish.start < SHORTEST_WINDOW:
            raise WindowTooShort(minutes=int(SHORTEST_WINDOW.total_seconds() // 60))
        if wish.start < now:
            raise WindowPast
        if wish.end > now + FURTHEST:
            raise WindowTooFar(days=FURTHEST.days)


def first_window(wishes: tuple[Window, ...], *, now: datetime, minutes: int) -> Window:
    """Return the window in force at booking: the favourite wish, or 'within the hour'."""
    if wishes:
        return wishes[0]
    return Window(now, now + URGENT_ARRIVAL + timedelta(minutes=minutes))


def check_twice(draft: Job, others: Iterable[Job], now: datetime) -> None:
    """Ask before the same is booked again within minutes; what was cancelled does not count.

    Raises:
        BookedBefore: one of the customer's `others` is for the same service, place and time.
    """
    wish = (draft.service.id, draft.place.id, draft.wishes)
    for one in others:
        is_recent = one.opened_at is not None and now - one.opened_at <= TWICE_WITHIN
        if is_recent and one.state is not State.CANCELLED and (one.service.id, one.place.id, one.wishes) == wish:
            raise BookedBefore(number=one.number, job=str(one.id))


def free_cancel_until(job: Job, now: datetime, *, notice: timedelta) -> datetime | None:
    """Return until when cancelling costs nothing, once somebody has accepted; None if that time is over.

    Args:
        job: the job.
        now: the present moment.
        notice: the partner's `free_cancel`; later the Friend may charge the journey.
    """
    until = job.window.start - notice
    return until if now < until and not job.urgent else None


#: Letters and digits that cannot be mistaken for one another on the phone.
NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def number_of(job_id: UUID, prefix: str) -> str:
    """Return the number people say: the partner's two letters and seven characters of the id."""
    value, letters = job_id.int, []
    for _place in range(7):
        value, digit = divmod(value, len(NUMBER_ALPHABET))
        letters.append(NUMBER_ALPHABET[digit])
    return f"{prefix[:2].upper()}-{''.join(letters)}"
