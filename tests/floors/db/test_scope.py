"""One partner at a time: what is seen, what is written, and what background work takes along."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from crowdcore.accounts.models import Account, Challenge
from crowdcore.base import clock as time
from crowdcore.base.errors import Fault, ScopeMissing
from crowdcore.base.ids import new_id
from crowdcore.db.background import spawn
from crowdcore.db.scope import current_partner, everywhere, partner_scope, sees_everything
from crowdcore.db.sql import is_sqlite, rows
from crowdcore.db.transaction import in_unit_of_work, unit_of_work
from tests.conftest import ON_POSTGRES


def account(**values) -> dict:
    return {"person_id": new_id(), "name": "x", "roles": [], "language": "de", "created_at": time.now(), **values}


@pytest.fixture
async def two(database):
    """One account with each of two partners."""
    made = {}
    for partner in ("a", "b"):
        with partner_scope(partner):
            made[partner] = await Account.create(**account(name=partner))
    return made


async def test_only_the_partners_own_rows_are_seen_changed_and_deleted(two):
    with partner_scope("a"):
        assert [row.name for row in await Account.all()] == ["a"]
        assert await Account.get_or_none(id=two["b"].id) is None
        assert await Account.filter(id=two["b"].id).update(name="stolen") == 0
        assert await Account.filter(id=two["b"].id).delete() == 0
        assert await Account.exists(id=two["b"].id) is False
        assert await Account.filter(name__in=["a", "b"]).values_list("name", flat=True) == ["a"]
    with partner_scope("b"):
        assert (await Account.get()).name == "b"


@pytest.mark.parametrize(
    "query",
    [
        Account.all,
        lambda: Account.filter(name="a"),
        lambda: Account.exclude(name="a"),
        lambda: Account.get_or_none(id=new_id()),
        Account.first,
        Account.exists,
        lambda: Account(**account()),
        lambda: Account.filter(name="a").count(),
        lambda: Account.all().values("name"),
    ],
)
async def test_without_a_scope_every_query_is_an_error(database, query):
    with pytest.raises(ScopeMissing):
        query()


async def test_a_row_belongs_to_the_partner_in_scope(database):
    with partner_scope("a"):
        row = Account(**account())
        assert row.partner_id == "a"
        assert Account(partner_id="a", **account()).partner_id == "a"
        with pytest.raises(Fault, match="'b'"):
            Account(partner_id="b", **account())


async def test_rows_of_everybody_are_read_with_a_reason(two):
    with everywhere(reason="the operator's checks"):
        assert sees_everything()
        found = await Account.all().order_by("name")
        assert [(row.name, row.partner_id) for row in found] == [("a", "a"), ("b", "b")]
    assert not sees_everything()
    with pytest.raises(ScopeMissing):
        Account.all()


def test_scopes_nest_and_end():
    with pytest.raises(ScopeMissing, match="partner_scope"):
        current_partner()
    with partner_scope("a"):
        with partner_scope("b"):
            assert current_partner() == "b"
        assert current_partner() == "a"
        with pytest.raises(RuntimeError), partner_scope("c"):
            raise RuntimeError
        assert current_partner() == "a"
    with pytest.raises(ScopeMissing):
        current_partner()


async def test_requests_at_the_same_time_do_not_share_a_scope(two):
    async def names(partner: str) -> list[str]:
        with partner_scope(partner):
            await asyncio.sleep(0)
            found = [row.name for row in await Account.all()]
            await asyncio.sleep(0)
            assert current_partner() == partner
            return found

    assert await asyncio.gather(*(names(p) for p in "abab")) == [["a"], ["b"], ["a"], ["b"]]


async def test_background_work_takes_neither_partner_nor_transaction_along(database):
    async def look() -> tuple[bool, bool]:
        await asyncio.sleep(0)
        try:
            current_partner()
        except ScopeMissing:
            return in_unit_of_work(), False
        return in_unit_of_work(), True

    @unit_of_work
    async def verb() -> asyncio.Task:
        return spawn(look(), name="look")

    with partner_scope("a"):
        assert await (await verb()) == (False, False)


async def test_background_work_is_kept_until_it_is_done(database):
    """asyncio forgets tasks that nobody holds."""
    import gc

    done = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.set()

    spawn(work(), name="work")
    gc.collect()
    await asyncio.wait_for(done.wait(), 20)


# ---- SQL by hand -----------------------------------------------------------------------------------


async def test_sql_by_hand_reads_the_same_on_both_databases(database, scope):
    assert is_sqlite() != ON_POSTGRES
    at = datetime(2026, 11, 23, 9, 0, 0, 5, tzinfo=UTC)
    row = await Challenge.create(
        email="a@b.ch", code_hash="c", link_hash="l", browser_hash="b", language="de", expires_at=at
    )
    query = "SELECT email FROM accounts_challenge WHERE partner_id = ? AND id = ? AND expires_at {} ?"
    for sign, moment, found in (
        ("=", at, 1),
        ("<=", at, 1),
        ("<", at, 0),
        (">", at - timedelta(microseconds=1), 1),
        ("<", at.replace(microsecond=0) + timedelta(seconds=1), 1),
        ("<", at.replace(microsecond=0), 0),
        ("=", at.astimezone(timezone(timedelta(hours=2))), 1),
        (">", at.astimezone(timezone(timedelta(hours=-5))), 0),
    ):
        assert len(await rows(query.format(sign), "swisscom", row.id, moment)) == found, (sign, moment)


async def test_values_are_never_part_of_the_sql(database, scope):
    assert await rows("SELECT id FROM accounts_challenge WHERE email = ?", "'; DROP TABLE accounts_challenge; --") == []
    assert await rows("SELECT COUNT(*) AS n FROM accounts_challenge") == [{"n": 0}]


async def test_sql_by_hand_in_a_unit_of_work_sees_its_changes(database, scope):
    @unit_of_work
    async def verb() -> list[dict]:
        await Account.create(**account(id=UUID(int=7)))
        return await rows("SELECT name FROM accounts_account WHERE id = ?", UUID(int=7))

    assert await verb() == [{"name": "x"}]
