"""Reads of the advice room: the partner's questions and where answers lead."""

from __future__ import annotations

from collections.abc import Sequence

from crowdcore.advice.rules import NoSuchStep, Step, follow
from crowdcore.partners.queries import portal
from crowdcore.plugin.triage_file import Triage


def triage() -> Triage:
    """Return the partner's questions.

    Raises:
        NoSuchStep: it has none.
    """
    found = portal().triage
    if found is None:
        raise NoSuchStep
    return found


def step(answers: Sequence[str]) -> Step:
    """Return where answers lead.

    Raises:
        NoSuchStep: nowhere.
    """
    return follow(triage(), answers)
