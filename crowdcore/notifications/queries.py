"""What a calendar is told about a job; nothing that a mailbox should not know (no street, no name, no number)."""

from __future__ import annotations

from uuid import UUID

from crowdcore.base import clock
from crowdcore.base.errors import NotFound
from crowdcore.base.text import Language
from crowdcore.jobs.rules import Job
from crowdcore.notifications.rules import CALENDAR_SUMMARY, CALENDAR_TEXT, FRIEND_PATH, standing
from crowdcore.partners.queries import portal
from crowdcore.web.calendar import Appointment

_CUSTOMER_PATH = "/jobs/{job}"


def appointment(job: Job, language: Language, *, friend_id: UUID | None = None) -> Appointment:
    """Return a job as an appointment in somebody's calendar.

    Args:
        job: the job as it stands.
        language: of the calendar's owner.
        friend_id: the Friend whose calendar it is; None for the customer's.
    """
    here = portal()
    translator, brand = here.translators[language], here.settings.name.brand
    path = _CUSTOMER_PATH if friend_id is None else FRIEND_PATH
    url = here.url(f"/{language.value}{path.format(job=job.id)}")
    service = job.service.title.in_(language)
    return Appointment(
        uid=f"{job.id}@{here.settings.primary_host}",
        sequence=job.version,
        standing=standing(job, friend_id),
        start=job.window.start,
        end=job.window.end,
        summary=translator.gettext(CALENDAR_SUMMARY) % {"service": service, "brand": brand},
        description=translator.gettext(CALENDAR_TEXT) % {"number": job.number, "url": url},
        place=job.place.label,
        url=url,
        organizer=here.settings.mail.sender,
        brand=brand,
        language=language.value,
        made_at=clock.now(),
    )


def sure_appointment(job: Job, language: Language, *, friend_id: UUID | None = None) -> Appointment:
    """Return the appointment for somebody who asks for the file.

    Raises:
        NotFound: nobody has the job, or not any more.
    """
    found = appointment(job, language, friend_id=friend_id)
    if found.standing != "CONFIRMED":
        raise NotFound
    return found
