"""The same command twice has one effect and one answer; and what travels with a unit of work."""

import asyncio
import json

import pytest

from crowdcore.accounts.models import Person
from crowdcore.base import clock as time
from crowdcore.db.commands import AlreadyDone, Answer, Command, KeyMismatch
from crowdcore.db.models import IdempotencyKey
from crowdcore.db.scope import partner_scope
from crowdcore.db.transaction import on_foot, riding, savepoint, take_riders, unit_of_work


@unit_of_work
async def make(*, fail: bool = False) -> Person:
    made = await Person.create(created_at=time.now())
    if fail:
        raise RuntimeError
    return made


async def render(made: object) -> Answer:
    return Answer(201, json.dumps({"id": str(made.id), "ä": "…"}, ensure_ascii=False))


def command(
    key: str = "key-1", *, actor: str = "token:1", route: str = "POST /jobs", fingerprint: str = "f" * 64
) -> Command:
    return Command(actor, route, key, fingerprint, render)


async def send(one: Command, **how) -> Answer:
    """What the web floor does with a request that carries a key."""
    earlier = await one.before()
    if earlier is not None:
        return earlier
    try:
        with riding(one):
            await make(**how)
    except AlreadyDone:
        return await one.before()
    return one.answer


async def test_a_repeated_command_gets_the_same_bytes_and_has_no_second_effect(database, scope):
    first = await send(command())
    again = await send(command())
    assert first == again
    assert first.status == 201
    assert first.body == again.body
    assert await Person.all().count() == 1
    assert json.loads(first.body)["id"] == str((await Person.get()).id)


async def test_commands_sent_at_the_same_moment_have_one_effect(database, scope):
    answers = await asyncio.gather(*(send(command()) for _ in range(8)))
    assert len(set(answers)) == 1
    assert await Person.all().count() == 1
    assert await IdempotencyKey.all().count() == 1


async def test_the_same_key_for_something_else_is_refused(database, scope):
    await send(command())
    with pytest.raises(KeyMismatch):
        await send(command(fingerprint="e" * 64))
    assert await Person.all().count() == 1


@pytest.mark.parametrize("other", [{"key": "key-2"}, {"actor": "token:2"}, {"route": "POST /offers"}])
async def test_another_key_actor_or_route_is_another_command(database, scope, other):
    await send(command())
    await send(command(**other))
    assert await Person.all().count() == 2


async def test_another_partners_key_is_another_command(database):
    for partner in ("a", "b"):
        with partner_scope(partner):
            await send(command())
    assert await Person.all().count() == 2


async def test_a_command_that_failed_leaves_no_key_and_may_be_sent_again(database, scope):
    with pytest.raises(RuntimeError):
        await send(command(), fail=True)
    assert await IdempotencyKey.all().count() == 0
    assert await Person.all().count() == 0
    assert (await send(command())).status == 201


async def test_an_answer_that_cannot_be_written_undoes_the_effect(database, scope):
    async def broken(_: object) -> Answer:
        raise RuntimeError

    with pytest.raises(RuntimeError), riding(Command("a", "r", "k", "f", broken)):
        await make()
    assert await Person.all().count() == 0
    assert await IdempotencyKey.all().count() == 0


# ---- riders in general -----------------------------------------------------------------------------


class Note:
    """A rider that writes down what it saw."""

    def __init__(self) -> None:
        self.seen = []

    async def board(self) -> None:
        self.seen.append(("board", await Person.all().count()))

    async def leave(self, result: object) -> None:
        self.seen.append(("leave", result, await Person.all().count()))


async def test_a_rider_boards_first_and_leaves_last_inside_the_transaction(database):
    note = Note()
    with riding(note) as riders:
        assert not riders.taken
        made = await make()
        assert riders.taken
    assert note.seen == [("board", 0), ("leave", made, 1)]


async def test_only_the_first_unit_carries_the_riders(database):
    note = Note()
    with riding(note):
        await make()
        await make()
    assert len(note.seen) == 2
    await make()
    assert len(note.seen) == 2


async def test_a_verb_inside_a_verb_carries_nobody_twice(database):
    @unit_of_work
    async def outer() -> None:
        await make()
        await make()

    note = Note()
    with riding(note):
        await outer()
    assert note.seen == [("board", 0), ("leave", None, 2)]


async def test_a_unit_that_failed_leaves_its_riders_waiting(database):
    note = Note()
    with riding(note) as riders:
        with pytest.raises(RuntimeError):
            await make(fail=True)
        assert not riders.taken
        await make()
        assert riders.taken
    assert [word for word, *_ in note.seen] == ["board", "board", "leave"]


async def test_on_foot_riders_stay_behind(database):
    note = Note()
    with riding(note) as riders:
        with on_foot():
            await make()
        assert note.seen == []
        assert not riders.taken
        await make()
    assert len(note.seen) == 2


async def test_riders_can_be_taken_along_to_a_unit_elsewhere(database):
    """Accepts are committed in groups by one writer; each brings its rider."""
    note = Note()
    assert take_riders() == []
    with riding(note) as riders:
        assert take_riders() == [note]
        assert riders.taken
        assert take_riders() == []
        await make()
    assert note.seen == []


async def test_a_rider_that_refuses_stops_the_whole_unit(database):
    class Refusing(Note):
        async def board(self) -> None:
            raise RuntimeError

    with pytest.raises(RuntimeError), riding(Refusing()):
        await make()
    assert await Person.all().count() == 0


async def test_savepoints_nest(database):
    @unit_of_work
    async def verb() -> None:
        await make()
        with pytest.raises(RuntimeError):
            await inner()
        await make()

    async def inner() -> None:
        async with savepoint():
            await make()
            async with savepoint():
                await make()
            await make(fail=True)

    await verb()
    assert await Person.all().count() == 2
