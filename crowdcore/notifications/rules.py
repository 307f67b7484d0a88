"""Which news is told to whom, and in which words (English msgids; the languages are in `locales/`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

from crowdcore.agreements.rules import MOVED
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs.rules import TERMINAL, Job, Milestone, State

MOST_OFFER_MAILS = 25
"""Mail is slow and nobody needs hundreds of it: the best of a wave are written to, all see it live."""


class To(StrEnum):
    """Who is told."""

    CUSTOMER = "customer"
    FRIEND = "friend"
    OTHER_SIDE = "other_side"
    SUPPORT = "support"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: what it says and the one thing to do.

    Args:
        kind: stable name, for logs and settings.
        to: who gets it.
        subject: one line; placeholders as in `paragraphs`.
        paragraphs: what is true now and what comes next.
        action: label of the button.
        path: page the button opens, without language; ``{job}`` is replaced.
        facts: when, where and for how much stand in a small table.
        calendar: a calendar file comes with it; a later one replaces it.
        optional: people may have none of this kind; the letter says where that is set.
        reason: told only when the news gives this reason; "" for any.
    """

    kind: str
    to: To
    subject: str
    paragraphs: tuple[str, ...]
    action: str = _("Open the job")
    path: str = "/jobs/{job}"
    facts: bool = False
    calendar: bool = False
    optional: bool = False
    reason: str = ""


FRIEND_PATH = "/friend/jobs/{job}"
"""Where a Friend finds the job."""

_CONSOLE_PATH = "/console/jobs/{job}"

SETTINGS_PATH = "/friend"
"""Where a Friend says for a while, or for good, that they want no offers."""

#: Placeholders: service, number, place, when, friend, price, brand, phone, reason.
LETTERS: dict[str, tuple[Letter, ...]] = {
    "booking.call_asked": (
        Letter(
            "call_asked", To.SUPPORT, _("Please call: %(number)s, %(service)s"),
            (_("Somebody without e-mail wants help in %(place)s and waits for a call; the console says whom."),
             _("Complete the booking with them on the phone; the draft is kept for a day.")),
            _("Open the job"), _CONSOLE_PATH,
        ),
    ),
    "job.opened": (
        Letter(
            "job_opened", To.CUSTOMER, _("We are looking for somebody nearby: %(service)s"),
            (
                _("Your booking has arrived. Qualified neighbours around %(place)s are being asked right now."),
                _("You do not have to wait at the screen: we write to you as soon as somebody accepts."),
            ),
            facts=True,
        ),
    ),
    "job.nobody_yet": (
        Letter(
            "nobody_yet", To.CUSTOMER, _("Still looking: %(service)s"),
            (
                _("Nobody nearby has accepted yet. We keep asking and widen the circle."),
                _("If nobody is free by %(fallback)s, our support takes care of it. You can cancel at no cost."),
            ),
        ),
    ),
    "job.assigned": (
        Letter(
            "assigned", To.CUSTOMER, _("%(friend)s is coming: %(when)s"),
            (
                _("%(friend)s has accepted your job “%(service)s” and will contact you."),
                _("You agree on the price directly with each other; the guide price is %(price)s."),
            ),
            facts=True, calendar=True,
        ),
        Letter(
            "assigned_friend", To.FRIEND, _("The job is yours: %(service)s, %(place)s"),
            (_("When: %(when)s. Name, address and phone number are on the job page now."),
             _("Please call within the hour to confirm the appointment.")),
            _("Open the job"), FRIEND_PATH, facts=True, calendar=True,
        ),
    ),
    "job.milestone": (
        Letter(
            "appointment", To.CUSTOMER, _("Appointment agreed: %(when)s"),
            (
                _("You and %(friend)s have agreed on this time. If it no longer suits you, "
                  "let each other know in good time."),
            ),
            facts=True, calendar=True, reason=Milestone.APPOINTMENT,
        ),
        Letter(
            "appointment_friend", To.FRIEND, _("Appointment agreed: %(service)s, %(when)s"),
            (_("The customer has this time in writing too."),),
            _("Open the job"), FRIEND_PATH, facts=True, calendar=True, reason=Milestone.APPOINTMENT,
        ),
        Letter(
            "appointment_moved", To.CUSTOMER, _("New time: %(when)s"),
            (_("%(friend)s has moved your appointment, as agreed with you. If that is wrong, call us: %(phone)s."),),
            facts=True, calendar=True, reason=MOVED,
        ),
        Letter(
            "appointment_moved_friend", To.FRIEND, _("Appointment moved: %(service)s, %(when)s"),
            (_("The customer has this time in writing too."),),
            _("Open the job"), FRIEND_PATH, facts=True, calendar=True, reason=MOVED,
        ),
    ),
    "job.released": (
        Letter(
            "released", To.CUSTOMER, _("We are looking for somebody else: %(service)s"),
            (_("%(friend)s cannot come after all. We are sorry, and we are already asking others nearby."),),
            calendar=True,
        ),
        Letter(
            "released_friend", To.FRIEND, _("No longer yours: %(service)s, %(place)s"),
            (_("The job %(number)s has been given back. The time is yours again."),),
            _("Your jobs"), "/friend/jobs", calendar=True,
        ),
    ),
    "job.reopened": (
        Letter(
            "reopened", To.CUSTOMER, _("We are asking the neighbourhood again: %(service)s"),
            (_("Our support has sent your job to qualified neighbours again."),),
        ),
    ),
    "job.done": (
        Letter(
            "done", To.CUSTOMER, _("Done? Please confirm: %(service)s"),
            (_("The work has been reported as done. Please confirm it and say in a minute how it was."),
             _("Without an answer it counts as confirmed from %(confirms)s.")),
            _("Confirm and rate"),
        ),
    ),
    "job.confirmed": (
        Letter(
            "confirmed_friend", To.FRIEND, _("Confirmed: %(service)s, %(place)s"),
            (_("The customer has confirmed your work. Thank you for it."),), _("Open the job"), FRIEND_PATH,
        ),
    ),
    "job.cancelled": (
        Letter(
            "cancelled", To.CUSTOMER, _("Cancelled: %(service)s"),
            (_("Your job %(number)s has been cancelled. Nobody will come."),), calendar=True,
        ),
        Letter(
            "cancelled_friend", To.FRIEND, _("Cancelled: %(service)s, %(place)s"),
            (_("The job %(number)s has been cancelled. The time is yours again."),),
            _("Your jobs"), "/friend/jobs", calendar=True,
        ),
    ),
    "job.escalated": (
        Letter(
            "escalated", To.CUSTOMER, _("Our support takes care of it: %(service)s"),
            (_("Your job %(number)s is with our own support now. You need not explain anything twice."),
             _("If it is urgent, call %(phone)s and say your job number.")),
        ),
    ),
    "escalation.answered": (
        Letter(
            "answered_friend", To.FRIEND, _("Support has answered: %(number)s"),
            (_("There is an answer to the job you handed over."),), _("Read the answer"), FRIEND_PATH,
        ),
    ),
    "escalation.overdue": (
        Letter(
            "overdue", To.SUPPORT, _("Overdue: %(number)s, %(service)s"),
            (_("This case has waited longer than you promised your customers."),),
            _("Open the case"), _CONSOLE_PATH,
        ),
    ),
    "job.price_proposed": (
        Letter(
            "price_proposed", To.OTHER_SIDE, _("A price is proposed: %(service)s"),
            (_("A price has been proposed for job %(number)s. It counts only if you agree."),),
            _("See the price"),
        ),
    ),
    "job.disputed": (
        Letter(
            "disputed", To.SUPPORT, _("Objection: %(number)s, %(service)s"),
            (_("The customer objects to work that was reported as done."),), _("Open the job"), _CONSOLE_PATH,
        ),
    ),
    "dispatch.wave_sent": (
        Letter(
            "offer", To.ASKED, _("Job near you: %(service)s, %(place)s"),
            (_("Net for you at the guide price: %(net)s. The first to accept has it."),
             _("You are free to decline; it never counts against you.")),
            _("See the offer"), "/friend/offers", facts=True, optional=True,
        ),
    ),
    "job.rated": (
        Letter(
            "rated_low", To.SUPPORT, _("Please call back: %(number)s was rated low"),
            (_("A customer was not satisfied. Please call back within one working day."),),
            _("Open the job"), _CONSOLE_PATH,
        ),
    ),
}  # fmt: skip

OPENED_SUBJECT = _("We are in %(place)s now")
OPENED_TEXT = (
    _("You asked us to write when we open in %(place)s: now there are Friends who come to you."),
    _("This is the only mail. Your address is deleted from the list."),
)
OPENED_ACTION = _("Find help")

SIGN_IN_SUBJECT = _("Your code: %(code)s")
SIGN_IN_TEXT = (
    _("Sign in with this code: %(code)s. It is valid for ten minutes."),
    _("Or press the button in the same browser. If you did not ask for this, ignore this mail."),
)
SIGN_IN_ACTION = _("Sign in")
FACT_WHEN = _("When")
FACT_WHERE = _("Where")
FACT_GUIDE_PRICE = _("Guide price")
FACT_AGREED_PRICE = _("Agreed price")
CALENDAR_SUMMARY = _("%(service)s (%(brand)s)")
CALENDAR_TEXT = _("Job %(number)s. Everything about it, and who to reach: %(url)s")

REASON = _("You get this mail because it concerns your job or your account.")
CASE_SUBJECT = _("Case %(number)s: %(reason)s")
CASE_ACTION = _("Open the case")

_FIXED = frozenset({State.ASSIGNED, State.UNDER_WAY, State.DONE, State.CONFIRMED, State.SETTLED})


def standing(job: Job, friend_id: UUID | None) -> Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]:
    """Return how sure the time of a job is, in the words of calendars.

    Args:
        job: the job as it stands.
        friend_id: the Friend whose calendar it is; None for the customer's.
    """
    if friend_id is not None and friend_id not in {job.assignee_id, job.suspended_id, job.done_by_id}:
        return "CANCELLED"
    if job.state in TERMINAL - {State.SETTLED}:
        return "CANCELLED"
    return "CONFIRMED" if job.state in _FIXED else "TENTATIVE"
