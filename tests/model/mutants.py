"""Seeded faults: each takes one safeguard away. A harness that does not notice is not worth running.

A mutant is a handful of monkeypatches; `mutated` applies it for a while.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from tortoise.manager import Manager

from crowdcore.app.worker import Worker
from crowdcore.catalog import queries as catalog
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.db import audit, timers, transaction
from crowdcore.db.scope import current_partner, partner_scope
from crowdcore.db.timers import Timer, TimerClaim
from crowdcore.dispatch import queries as dispatch_queries, service as dispatch
from crowdcore.dispatch.rules import Exclusion
from crowdcore.escalation import queries as cases, service as escalation
from crowdcore.jobs import models, queries, service
from crowdcore.jobs.rules import State
from crowdcore.web import once

Patch = Callable[[Any, str, Any], None]


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One fault.

    Args:
        name: of the fault.
        what: which safeguard is gone.
        apply: patches it in.
        killer: the harness that is known to notice, and which part of it.
    """

    name: str
    what: str
    apply: Callable[[Patch], None]
    killer: tuple[str, str]


MUTANTS: dict[str, Mutant] = {}


def mutant(what: str, harness: str, part: str = "") -> Callable[[Callable[[Patch], None]], None]:
    def register(apply: Callable[[Patch], None]) -> None:
        MUTANTS[apply.__name__] = Mutant(apply.__name__, what, apply, (harness, part))

    return register


@contextlib.contextmanager
def mutated(name: str) -> Iterator[None]:
    """Run the block with one fault; the empty name is the code as it is."""
    with contextlib.ExitStack() as undo:

        def patch(owner: Any, attribute: str, new: Any) -> None:
            own = vars(owner).get(attribute, patch)
            setattr(owner, attribute, new)
            if own is patch:
                undo.callback(delattr, owner, attribute)
            else:
                undo.callback(setattr, owner, attribute, own)

        if name:
            MUTANTS[name].apply(patch)
        yield


class _Nothing:
    """A query that changes nothing and says so."""

    async def update(self, **_: object) -> int:
        return 0


@mutant("a job is changed without comparing state and version first", "race-postgres", "cancel_and_start")
def no_compare_and_set(patch: Patch) -> None:
    real = models.Job.filter

    def blind(*args: Any, **conditions: Any) -> Any:
        if "version" in conditions:
            conditions = {"id": conditions["id"]}
        return real(*args, **conditions)

    patch(models.Job, "filter", blind)


@mutant("no timer guards a job that is done", "model")
def forgotten_timer(patch: Patch) -> None:
    real = service.next_timer
    patch(
        service, "next_timer", lambda job, now, **policy: None if job.state is State.DONE else real(job, now, **policy)
    )


@mutant("an assignment is not ended when the job leaves its Friend", "model")
def assignment_not_ended(patch: Patch) -> None:
    real = models.Assignment.filter
    patch(models.Assignment, "filter", lambda **f: _Nothing() if set(f) == {"job_id", "ended_at"} else real(**f))


def _forgiving(patch: Patch, forgiven: Exclusion) -> None:
    real = dispatch_queries.why_not

    async def why_not(job: Any, friend: Any, **more: Any) -> Exclusion | None:
        reason = await real(job, friend, **more)
        return None if reason is forgiven and not more else reason

    patch(dispatch_queries, "why_not", why_not)


@mutant("the qualification is not looked at again when somebody accepts", "race", "accept_and_revoke")
def no_qualification_check(patch: Patch) -> None:
    _forgiving(patch, Exclusion.NOT_QUALIFIED)


@mutant("an accept does not ask whether the Friend has another job then", "race", "two_jobs_one_friend")
def no_overlap_check(patch: Patch) -> None:
    _forgiving(patch, Exclusion.OVERLAP)


@mutant("queries of jobs are not limited to the partner in scope", "model")
def no_scope_on_jobs(patch: Patch) -> None:
    manager = models.Job._meta.manager
    patch(manager, "get_queryset", lambda: Manager.get_queryset(manager))


@mutant("a timer is marked done in a transaction of its own, before its effect", "crash")
def timer_done_before_effect(patch: Patch) -> None:
    async def fire(self: Worker, due: timers.Due) -> None:
        await timers.finish(due)
        await self.timers[due.kind](due)

    patch(Worker, "_fire_in_scope", fire)


@mutant("a lease that ran out, and was taken by another worker, still counts", "race", "two_workers_one_timer")
def lease_without_fence(patch: Patch) -> None:
    async def leave(self: TimerClaim, result: object) -> None:
        await Timer.filter(id=self.due.id).update(state="done")

    patch(TimerClaim, "leave", leave)


@mutant("a job's guide price is today's, not the one it was booked at", "model")
def price_from_live_catalogue(patch: Patch) -> None:
    real = queries.facts

    def facts(row: Any) -> Any:
        job = real(row)
        return dataclasses.replace(job, guide=catalog.list_price(catalog.service(job.service.id)))

    patch(queries, "facts", facts)


@mutant("who declined is asked again", "model")
def decline_forgotten(patch: Patch) -> None:
    async def nobody(job_id: object) -> set[object]:
        return set()

    patch(dispatch_queries, "decliners", nobody)


@mutant("a case stays open when its job goes on, so the next one is the second", "model")
def case_left_open(patch: Patch) -> None:
    async def close(case: Any, outcome: str) -> Any:
        return await cases.case(case.id)

    patch(escalation, "_close", close)


@mutant("the history is written after the change is committed", "crash")
def audit_after_commit(patch: Patch) -> None:
    real_record, real_run = audit.record, transaction._shielded
    later: ContextVar[list[tuple[str, dict[str, Any]]] | None] = ContextVar("later", default=None)

    async def record(**line: Any) -> None:
        (later.get() or []).append((current_partner(), line))

    async def shielded(body: Any) -> Any:
        lines: list[tuple[str, dict[str, Any]]] = [("", {})]
        token = later.set(lines)
        try:
            result = await real_run(body)
        finally:
            later.reset(token)
        for partner, line in lines[1:]:
            with partner_scope(partner):
                await real_run(lambda line=line: real_record(**line))
        return result

    patch(audit, "record", record)
    patch(transaction, "_shielded", shielded)


@mutant("the key of a command is stored after its effect is committed", "race", "the_same_click_many_times")
def key_after_commit(patch: Patch) -> None:
    async def run(command: Any, do: Any) -> once.Once:
        before = await command.before()
        if before is not None:
            return once.Once(before, replayed=True)
        await once._remember(command, await do())
        return once.Once(command.answer, replayed=False)

    patch(once, "_run", run)


@mutant("a qualification is taken away without waiting for an accept under way", "race-postgres", "accept_and_revoke")
def revoke_without_lock(patch: Patch) -> None:
    async def lock(**_: object) -> None:
        return None

    patch(crowd_service, "lock", lock)


@mutant("support gives a job to a member without looking at the rules", "model")
def unchecked_hand(patch: Patch) -> None:
    async def check(*, job_id: Any, friend_id: Any, had_it: bool = False) -> Any:
        return await crowd.friend(friend_id)

    patch(dispatch, "check_by_hand", check)


@mutant("the address stays open to a Friend who has handed the job over", "model")
def address_stays_open(patch: Patch) -> None:
    real = queries.may_see_contact
    patch(queries, "may_see_contact", lambda job, friend: real(job, friend) or job.suspended_id == friend)


@mutant("the preferred Friend's exclusive time is skipped", "model")
def preferred_is_not_first(patch: Patch) -> None:
    patch(dispatch, "_asks_preferred", lambda job: False)
