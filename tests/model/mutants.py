"""Seeded faults: each takes one law away, and the model must notice that it is gone.

A harness that never fails proves nothing (reliability.md, section 3.4: the mutation gate).
"""

from collections.abc import Callable
from typing import Any

import pytest
from tortoise.manager import Manager

from crowdcore.db import audit, timers
from crowdcore.db.commands import Command
from crowdcore.db.tables import ScopedManager
from crowdcore.dispatch import queries as dispatch
from crowdcore.escalation import service as escalation
from crowdcore.jobs import models, queries as jobs, service as jobs_service

Patch = Callable[[pytest.MonkeyPatch], None]


async def _nothing(*_: Any, **__: Any) -> None:
    """Do nothing where something must be done."""


async def _nobody(*_: Any, **__: Any) -> set[Any]:
    return set()


async def _no_windows(*_: Any, **__: Any) -> dict[Any, Any]:
    return {}


def forget_the_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_service, "_start_timer", _nothing)


def keep_the_old_timers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "cancel", _nothing)


def forget_to_end_the_assignment(monkeypatch: pytest.MonkeyPatch) -> None:
    class Untouched:
        async def update(self, **_: Any) -> int:
            return 1

    whole = models.Assignment.filter

    def some(*conditions: Any, **more: Any) -> Any:
        return Untouched() if set(more) == {"job_id", "ended_at"} else whole(*conditions, **more)

    monkeypatch.setattr(models.Assignment, "filter", some)


def skip_the_check_at_accept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "why_not", _nothing)


def ask_again_who_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "decliners", _nobody)


def ask_again_who_gave_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "released_by", _nobody)


def forget_the_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScopedManager, "get_queryset", Manager.get_queryset)


def forget_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "record", _nothing)


def leave_the_case_open(monkeypatch: pytest.MonkeyPatch) -> None:
    async def left_open(case: Any, *_: Any, **__: Any) -> Any:
        return case

    monkeypatch.setattr(escalation, "_close", left_open)


def forget_the_answer_of_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Command, "board", _nothing)
    monkeypatch.setattr(Command, "before", _nothing)


def overlook_other_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "windows_of_friend", _no_windows)
    monkeypatch.setattr(jobs, "windows_of_friends", _no_windows)


MUTANTS: tuple[Patch, ...] = (
    forget_the_timer,
    keep_the_old_timers,
    forget_to_end_the_assignment,
    skip_the_check_at_accept,
    ask_again_who_declined,
    ask_again_who_gave_it_back,
    forget_the_scope,
    forget_the_history,
    leave_the_case_open,
    forget_the_answer_of_a_command,
    overlook_other_jobs,
)
