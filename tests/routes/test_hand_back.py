"""The address at which partners' ticket systems answer, under attack (F36)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import pytest

from crowdcore.base.clock import FakeClock
from crowdcore.base.ids import new_id
from crowdcore.plugin.breaker import FAILURES_IN_A_ROW
from tests.kit import World, signed
from tests.routes.checks import AT_ONCE, UNKNOWN_HOST, alike, names_nobody, refused
from tests.routes.recipe import Client, Sent
from tests.routes.town import Town
from tests.routes.watch import photo

PATH = "/-/swisscom/hand-back"
OTHER_SECRET = "whsec_" + "b3RoZXItc2VjcmV0LW9mLTMyLWJ5dGVzLWZvci11"
TOLERANCE_S = 300


@dataclass(frozen=True, slots=True)
class System:
    """The partner's ticket system, or somebody who claims to be it."""

    client: Client
    here: Town
    clock: FakeClock

    def message(self, **fields: object) -> bytes:
        answer = {"case_id": self.here.ids["case:escalated"], "outcome": "answer", "note": "Restart it."}
        return json.dumps(answer | fields).encode()

    def sealed(self, body: bytes, *, late_s: int = 0, ident: str = "", secret: str | None = None) -> dict[str, str]:
        at = int(self.clock.now().timestamp()) - late_s
        return signed(body, message_id=ident or str(new_id()), at=at, secret=secret)

    async def post(
        self,
        body: bytes | None = None,
        *,
        headers: dict[str, str] | None = None,
        path: str = PATH,
        host: str = "",
        said: tuple[str, ...] = (),
    ) -> Sent:
        content = self.message() if body is None else body
        return await self.client.send(
            "POST",
            path,
            host=host or self.here.host,
            eyes=self.here.people["agent"],
            headers={"accept-language": "en", **(self.sealed(content) if headers is None else headers)},
            content=content,
            said=said,
        )


@pytest.fixture
async def system(world: World, here: Town, there: Town) -> System:
    return System(await Client.open(world, here, there), here, world.clock)


async def test_a_good_message_counts_once(system, here, watch):
    body = system.message()
    headers = system.sealed(body, ident="msg-1")
    first = await system.post(body, headers=headers)
    assert (first.status, first.response.json()) == (200, {"case_id": here.ids["case:escalated"], "state": "waiting"})
    after = await photo(here.partner)
    assert watch.before[0].effect(after)["escalation_message new"] == 1
    again = await system.post(body, headers=headers)
    assert again.response.content == first.response.content
    # The same id with other words is the same message to us: the first one counts.
    other = system.message(outcome="closed", note="Never mind.")
    assert (await system.post(other, headers=system.sealed(other, ident="msg-1"))).status == 200
    assert after.changed(await photo(here.partner)) == []
    assert (await watch.changes())[1] == []


async def test_the_same_message_many_times_at_one_moment_counts_once(system, here, watch):
    body = system.message(outcome="back_to_friend")
    headers = system.sealed(body)
    answers = await asyncio.gather(*(system.post(body, headers=headers) for _ in range(AT_ONCE)))
    assert {answer.status for answer in answers} == {200}
    effect = watch.before[0].effect(await photo(here.partner))
    assert (effect["escalation_message new"], effect["jobs_assignment new"]) == (1, 1)


def _flip(text: str, at: int) -> str:
    return text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]


@pytest.mark.usefixtures("untouched")
async def test_a_forged_message_is_refused(system):
    body = system.message()
    good = system.sealed(body)
    forged = [
        good | {"webhook-signature": _flip(good["webhook-signature"], at)} for at in (3, 10, 20, 40)
    ] + [
        good | {"webhook-signature": "v2," + good["webhook-signature"][3:]},
        good | {"webhook-signature": ""},
        good | {"webhook-signature": "v1,"},
        good | {"webhook-signature": "v1," + "A" * 5000},
        good | {"webhook-signature": " ".join(["v1,AAAA"] * 500)},
        good | {"webhook-id": good["webhook-id"] + "x"},
        good | {"webhook-id": ""},
        good | {"webhook-id": "i" * 300},
        good | {"webhook-timestamp": str(int(good["webhook-timestamp"]) + 1)},
        good | {"webhook-timestamp": "now"},
        good | {"webhook-timestamp": "9" * 30},
        good | {"webhook-timestamp": "-1"},
        system.sealed(body, secret=OTHER_SECRET),
        {name: value for name, value in good.items() if name != "webhook-signature"},
        {name: value for name, value in good.items() if not name.startswith("webhook")},
        {"authorization": f"Bearer {system.here.people['admin'].token}"},
        {"cookie": f"s={system.here.people['admin'].session}"},
    ]  # fmt: skip
    answers = [await system.post(body, headers=headers) for headers in forged]
    altered = (body[:-1] + b" }", body.replace(b"answer", b"closed"), b" " + body, body + b"\n", b"")
    answers += [await system.post(one, headers=good) for one in altered]
    for answer in answers:
        refused(answer, 400, "hand_back.refused")
    alike(*answers)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("late_s", [TOLERANCE_S + 1, -TOLERANCE_S - 1, 86_400, -86_400])
async def test_an_old_message_is_refused(system, late_s):
    body = system.message()
    refused(await system.post(body, headers=system.sealed(body, late_s=late_s)), 400, "hand_back.refused")


@pytest.mark.parametrize("late_s", [TOLERANCE_S - 1, 1 - TOLERANCE_S])
async def test_a_message_may_be_a_little_late(system, late_s):
    body = system.message()
    assert (await system.post(body, headers=system.sealed(body, late_s=late_s))).status == 200


@pytest.mark.usefixtures("untouched")
async def test_a_case_of_the_other_partner_is_not_there(system, there):
    foreign, missing = there.ids["case:escalated"], str(new_id())
    answers = [await system.post(system.message(case_id=one), said=(one,)) for one in (foreign, missing)]
    for answer in answers:
        refused(answer, 404, "case.unknown")
    alike(*answers)


@pytest.mark.usefixtures("untouched")
async def test_other_addresses_listen_to_nobody(system, here, there):
    body = system.message(case_id=there.ids["case:escalated"])
    said = (there.ids["case:escalated"],)
    for path in (PATH, "/-/nobody/hand-back", "/-/electronics/hand-back"):
        refused(await system.post(body, host=there.host, path=path, said=said), 404, "hand_back.unknown")
    for name in ("nobody", "energy", "kernel", "SWISSCOM", "swisscom%20", "x" * 300, "%C3%A9"):
        refused(await system.post(path=f"/-/{name}/hand-back"), 404, "hand_back.unknown")
    # Energy has no ticket system: nothing that is sent to it is understood.
    refused(await system.post(body, host=there.host, path="/-/energy/hand-back", said=said), 400, "hand_back.refused")
    for path in ("/-/swisscom", "/-/swisscom/", "/-/swisscom/hand-back/", "/-//hand-back", "/-/swisscom/hand-over"):
        refused(await system.post(path=path), 404)
    nowhere = await system.post(host=UNKNOWN_HOST)
    refused(nowhere, 421, "host.unknown")
    names_nobody(nowhere, here)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 5000,
        b'{"case_id": "1", "outcome": "answer"}',
        b'{"outcome": "answer", "note": ""}',
        b'{"case_id": {}, "outcome": [], "note": 1}',
        b'{"case_id": "11111111-1111-4111-8111-111111111111", "outcome": "settle", "note": ""}',
        b'{"case_id": "11111111-1111-4111-8111-111111111111", "outcome": "answer", "note": "a\\u0000b"}',
        b'{"case_id": "11111111-1111-4111-8111-111111111111", "outcome": "answer", "note": "\\ud800"}',
        b'{"case_id": "11111111-1111-4111-8111-111111111111", "outcome": "answer", "note": "%s"}' % (b"n" * 4001),
        b'{"case_id": "11111111-1111-4111-8111-111111111111", "x": "%s"}' % (b"n" * 100_000),
    ],
)
async def test_what_the_right_system_cannot_mean_is_refused(system, body):
    refused(await system.post(body), 400, "hand_back.refused")


@pytest.mark.usefixtures("untouched")
async def test_a_huge_message_is_refused_before_it_is_read(system):
    body = b"x" * (2 * 1024 * 1024)
    refused(await system.post(body), 413, "body.too_large")


async def test_a_closed_case_stays_closed(system, here):
    assert (await system.post(system.message(outcome="closed"))).status == 200
    after = await photo(here.partner)
    for outcome in ("answer", "take_over", "back_to_friend", "to_crowd", "solved", "closed"):
        refused(await system.post(system.message(outcome=outcome)), 409, "case.closed")
    assert after.changed(await photo(here.partner)) == []


async def test_forged_messages_do_not_shut_the_door_for_the_real_system(system):
    """Anybody may send rubbish here; it must not pause the plugin that tells rubbish from real messages."""
    body = system.message()
    for _ in range(2 * FAILURES_IN_A_ROW):
        refused(await system.post(body, headers=system.sealed(body, secret=OTHER_SECRET)), 400, "hand_back.refused")
    assert (await system.post(body)).status == 200
