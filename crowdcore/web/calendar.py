"""Calendar files: one appointment as iCalendar, in the partner's name; a later file of the same job replaces it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vText

CALENDAR_TYPE = "text/calendar"

Standing = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]
"""How sure the appointment is, in the words of RFC 5545."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One appointment, as calendar programs read it.

    Args:
        uid: the same for all files about one job; its domain is the portal's.
        sequence: rises with every change, so that an older file never wins.
        standing: how sure it is.
        start: moment with a zone.
        end: moment with a zone.
        summary: one line.
        description: plain text.
        place: where, no closer than the reader's mailbox may know.
        url: page of the job.
        organizer: mail address of the partner.
        brand: the partner's name.
        language: of the texts.
        made_at: when this file is made.
    """

    uid: str
    sequence: int
    standing: Standing
    start: datetime
    end: datetime
    summary: str
    description: str
    place: str
    url: str
    organizer: str
    brand: str
    language: str
    made_at: datetime

    @property
    def method(self) -> str:
        """What the file asks a calendar to do: show the appointment, or take it away."""
        return "CANCEL" if self.standing == "CANCELLED" else "PUBLISH"

    @property
    def content_type(self) -> str:
        """The type of the file, as mail programs need it."""
        return f"{CALENDAR_TYPE}; charset=utf-8; method={self.method}"


def calendar_file(appointment: Appointment) -> bytes:
    """Return an appointment as an iCalendar file in UTF-8; its times are UTC, so no zone can be misread."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{appointment.brand}//{appointment.language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", appointment.method)
    calendar.add_component(_event(appointment))
    content: bytes = calendar.to_ical()
    return content


def _event(appointment: Appointment) -> Event:
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.made_at)
    event.add("dtstart", appointment.start)
    event.add("dtend", appointment.end)
    event.add("status", appointment.standing)
    for name in ("summary", "description"):
        event.add(name, getattr(appointment, name), parameters={"language": appointment.language})
    event.add("location", appointment.place)
    event.add("url", appointment.url)
    organizer = vCalAddress(f"mailto:{appointment.organizer}")
    organizer.params["CN"] = vText(appointment.brand)
    event.add("organizer", organizer)
    return event
