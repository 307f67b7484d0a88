"""Reads of the agreements room: the words said at the door."""

from __future__ import annotations

from crowdcore.agreements import rules
from crowdcore.agreements.rules import DoorWords
from crowdcore.base.text import Language
from crowdcore.jobs.rules import Job
from crowdcore.partners.queries import portal
from crowdcore.settings import secret_key


def door_words(job: Job) -> DoorWords | None:
    """Return the words that Friend and customer compare, in the customer's language; None outside a visit."""
    words = portal().briefing.door_words[Language(job.language)]
    return rules.door_words(job, words, key=secret_key())
