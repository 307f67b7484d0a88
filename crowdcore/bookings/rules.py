"""What a customer asks for: times, place, work; and when the answer is no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crowdcore.base.errors import Refusal, Rejected
from crowdcore.jobs.rules import Contact, Window

SNAPSHOT_LIFE = timedelta(minutes=15)
"""A draft's price is asked for again when it is older than this at submit."""

URGENT_ARRIVAL = timedelta(minutes=60)
"""'Now' means within the hour (product.md S20)."""

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
        expected_guide: guide price in cents they saw; None if they saw none.
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
    expected_guide: int | None = None


class ServiceUnavailable(Refusal):
    """The service is not in the catalogue, or not for Friends."""

    code = "product.unavailable"
    status = 409
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


class GuideChanged(Refusal):
    """The guide price moved since the customer saw it."""

    code = "price.quote_changed"
    status = 409
    message = "The guide price has changed to %(amount)s. Please confirm again."


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


class WishesCount(Rejected):
    """No wish, or more than three, or a wish beside 'now'."""

    code = "when.count"
    message = "Choose “as soon as possible” or one to three times."


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


#: Letters and digits that cannot be mistaken for one another on the phone.
NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def number_of(job_id: UUID, prefix: str) -> str:
    """Return the number people say: the partner's two letters and six characters of the id."""
    value, letters = job_id.int, []
    for _ in range(7):
        value, digit = divmod(value, len(NUMBER_ALPHABET))
        letters.append(NUMBER_ALPHABET[digit])
    return f"{prefix[:2].upper()}-{''.join(letters)}"
