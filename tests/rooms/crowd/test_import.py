"""A partner brings its crowd along: many members at once, all of them or nobody."""

from datetime import timedelta

import pytest

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import AddressKnown, EmailInvalid, Newcomer, Role
from crowdcore.base import clock
from crowdcore.base.errors import Rejected
from crowdcore.catalog import queries as catalog
from crowdcore.crowd import queries, service
from crowdcore.crowd.rules import ALWAYS, AlreadyMember, Import, Kind, Membership, RadiusOutOfRange
from crowdcore.db.scope import partner_scope
from tests.kit import BOOKABLE, NEAR_ZURICH

FRIENDS = frozenset({Role.FRIEND})


def newcomers(count: int) -> list[Newcomer]:
    return [Newcomer(email=f"N{n}@example.ch", name=f"Nora {n}", language="fr", phone="") for n in range(count)]


def membership(**changed) -> Membership:
    about = {
        "home": NEAR_ZURICH, "region": "CH-ZH", "place_label": "8001 Zürich", "radius_m": 20_000,
        "languages": frozenset({"de", "fr", "en"}), "hours": ALWAYS,
    }  # fmt: skip
    return Membership(**about | changed)


async def imports(count: int, *, reason: str = "worked for us before", **changed) -> list[Import]:
    opened = await accounts.import_accounts(newcomers=newcomers(count), roles=FRIENDS)
    skill = catalog.skill_of(catalog.service(BOOKABLE["swisscom"]))
    until = clock.now() + timedelta(days=90)
    return [
        Import(
            account=account, kind=Kind.FRIEND, membership=membership(**changed), licences=frozenset({"x"}),
            qualifications={skill: until}, reason=reason,
        )
        for account in opened
    ]  # fmt: skip


async def test_everybody_is_there_with_what_they_proved(world):
    with partner_scope("swisscom"):
        ids = await service.import_members(members=await imports(30), most_radius_m=50_000)
        members = await queries.friends(ids)
        assert len(members) == await queries.size() == 30
        one = members[ids[3]]
        assert (one.name, one.radius_m, one.licences, one.languages) == ("Nora", 20_000, {"x"}, {"de", "fr", "en"})
        assert len(one.skills(clock.now())) == 1
        assert await queries.friend_of(one.account_id) == one
    with partner_scope("energy"):
        assert await queries.size() == 0


async def test_newcomers_hear_of_jobs_that_are_searched_for(world):
    customer = await world.customer()
    job = await world.book(customer)
    with partner_scope("swisscom"):
        await service.import_members(members=await imports(3), most_radius_m=50_000)
    await world.drain()
    assert (await customer.job(job["id"]))["search"]["asked"] == 3


async def test_all_of_them_or_nobody(world):
    with partner_scope("swisscom"):
        members = await imports(4)
        await service.import_members(members=members[:1], most_radius_m=50_000)
        with pytest.raises(AlreadyMember):
            await service.import_members(members=members, most_radius_m=50_000)
        with pytest.raises(AlreadyMember):
            await service.import_members(members=[members[2], members[2]], most_radius_m=50_000)
        with pytest.raises(RadiusOutOfRange):
            await service.import_members(members=members[1:], most_radius_m=10_000)
        assert await queries.size() == 1


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [(Rejected, {"languages": frozenset()}), (Rejected, {"hours": 0}), (ValueError, {"reason": ""})],
)
async def test_nobody_without_language_hours_or_reason(world, refusal, changed):
    with partner_scope("swisscom"):
        members = await imports(2, **changed)
        with pytest.raises(refusal):
            await service.import_members(members=members, most_radius_m=50_000)
        assert await queries.size() == 0


async def test_addresses_are_new_and_real(world):
    with partner_scope("swisscom"):
        await accounts.import_accounts(newcomers=newcomers(2), roles=FRIENDS)
        for wrong in (newcomers(3), [*newcomers(4)[3:], *newcomers(4)[3:]]):
            with pytest.raises(AddressKnown):
                await accounts.import_accounts(newcomers=wrong, roles=FRIENDS)
        with pytest.raises(EmailInvalid):
            await accounts.import_accounts(newcomers=[Newcomer(email="x", name="X", language="de")], roles=FRIENDS)
