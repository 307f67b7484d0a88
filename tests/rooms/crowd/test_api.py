"""Who I am here, a pause, and the members for staff."""

import pytest

from crowdcore.accounts.rules import Role
from tests.kit import check_problem


@pytest.mark.parametrize("role", list(Role))
async def test_who_i_am(world, role):
    person = await world.person(role, name="Some Body", language="fr", phone="+41791112233")
    me = await person.read("/me")
    assert me == {
        "account_id": str(person.account.id),
        "name": "Some Body",
        "email": person.account.email,
        "phone": "+41791112233",
        "language": "fr",
        "roles": [role.value],
        "friend": None,
    }


async def test_a_friend_sees_what_they_may_do(world):
    anna = await world.friend(name="Anna Muster")
    friend = (await anna.read("/me"))["friend"]
    assert (friend["name"], friend["kind"], friend["standing"]) == ("Anna", "friend", "active")
    assert [(q["skill"], q["state"]) for q in friend["qualifications"]] == [("tv", "active")]
    assert (friend["rating_mean"], friend["rating_count"], friend["jobs_done"]) == (None, 0, 0)


async def test_a_pause(world):
    customer, anna = await world.customer(), await world.friend()
    for _ in range(2):
        assert (await anna.must("/me/pause"))["standing"] == "paused"
    await world.book(customer)
    assert (await anna.read("/offers"))["offers"] == []
    assert (await anna.must("/me/resume"))["standing"] == "active"
    await world.drain()
    assert len((await anna.read("/offers"))["offers"]) == 1
    check_problem(await customer.post("/me/pause"), 403, "auth.scope")


async def test_members_in_pages(world):
    agent = await world.agent()
    members = []
    for number in range(5):
        members.append(str((await world.friend()).friend.id))
        world.clock.advance(seconds=number % 2)
    await world.friend("energy")
    seen, cursor = [], None
    while True:
        page = await agent.read("/friends", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [friend["id"] for friend in page["friends"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(members)
    assert seen[0] == members[4]


async def test_members_are_for_staff(world):
    for person in (await world.customer(), await world.friend()):
        check_problem(await person.get("/friends"), 403, "auth.scope")
    nobody = await world.client()
    check_problem(await nobody.get("/me"), 401, "auth.missing")
