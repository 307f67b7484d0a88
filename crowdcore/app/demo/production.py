"""The full demo world: a month of three portals, played through the services on a clock that is set back."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Newcomer, Role
from crowdcore.app.demo import board, plans, world
from crowdcore.app.demo.crowd import Member, Recruiter, bring_along, served_towns
from crowdcore.app.demo.learning import FAILS, PASSES, sit
from crowdcore.app.demo.people import Person, Registry
from crowdcore.app.demo.scene import Customer, Scene
from crowdcore.app.demo.stage import Stage
from crowdcore.app.demo.story import Story, tidy_desk
from crowdcore.app.demo.towns import draw, home_in
from crowdcore.app.demo.world import SEED, Credentials, Progress, Residents
from crowdcore.base import clock
from crowdcore.base.clock import FakeClock, use_clock
from crowdcore.base.ids import RepeatableIds, use_ids
from crowdcore.crowd.rules import Kind
from crowdcore.db.scope import partner_scope
from crowdcore.partners.queries import portals
from crowdcore.web.portal import Portal

MONTH = timedelta(days=30)

#: Friends, Profis, customers and jobs of the month, by portal: 4,000 Friends and 300 Profis altogether.
SIZES = {
    "swisscom": (1_700, 130, 260, 270),
    "electronics": (1_300, 80, 180, 185),
    "energy": (1_000, 90, 150, 145),
}
_OTHERWISE = (400, 30, 60, 60)

HELPERS = 61
"""Friends for scripts, and the one whose sign-in is printed."""

_JOINED_DAYS_AGO = (430, 310, 200, 120, 70, 33)
_SHARED = 0.08
"""Share of a smaller portal's Friends who are in the largest one's crowd too."""

_LARGE = 60.0
"""Towns from here on have many Friends: what happens today happens there."""


class Production:
    """Everything that is made on the way to the full world."""

    def __init__(self, stage: Stage, now: datetime, progress: Progress, *, scale: float) -> None:
        """Play on `stage` until `now`; `scale` makes everything smaller."""
        self._stage, self._now, self._progress, self._scale = stage, now, progress, scale
        self._chance = random.Random(SEED)  # noqa: S311 -- a fixed seed is the point
        self._registry = Registry(self._chance)
        self._elsewhere: list[Member] = []
        self._moved = 0

    async def people(self) -> dict[str, tuple[Scene, Residents]]:
        """Move everybody in, the largest portal first."""
        found: dict[str, tuple[Scene, Residents]] = {}
        order = sorted(portals().values(), key=lambda here: -self._size(here)[0])
        self._total = sum(sum(self._size(here)[:2]) for here in order)
        for here in order:
            with partner_scope(here.id):
                found[here.id] = await self._people_of(here)
        return found

    async def _people_of(self, here: Portal) -> tuple[Scene, Residents]:
        friends, profis, count, _ = self._size(here)
        self._stage.clock.at = self._now - timedelta(days=_JOINED_DAYS_AGO[0])
        until = self._now + timedelta(days=365)
        residents = await world.move_in(here, self._chance, friends=HELPERS, profis=0, valid_until=until)
        members = await self._crowd_of(here, friends - HELPERS, profis)
        self._stage.clock.at = self._now - MONTH - timedelta(days=1)
        customers = await self._customers_of(here, count, residents)
        known = {one.friend_id: one for one in [*members, residents.friend, *residents.helpers]}
        agent = residents.accounts[Role.AGENT]
        deck = plans.RatingDeck(random.Random(f"{SEED}:ratings:{here.id}"))  # noqa: S311 -- repeatable on purpose
        return Scene(here, known, customers, agent, self._chance, deck), residents

    async def _crowd_of(self, here: Portal, friends: int, profis: int) -> list[Member]:
        recruiter = Recruiter(here, self._registry, self._chance, self._now)
        shared = [one for one in self._elsewhere if recruiter.serves(one)][: round(friends * _SHARED)]
        recruits = [recruiter.again(one) for one in shared]
        recruits += recruiter.some(friends - len(recruits), Kind.FRIEND)
        recruits += recruiter.some(profis, Kind.PROFI)
        self._chance.shuffle(recruits)
        members: list[Member] = []
        share = -(-len(recruits) // len(_JOINED_DAYS_AGO))
        for number, days in enumerate(_JOINED_DAYS_AGO):
            self._stage.clock.at = self._now - timedelta(days=days)
            members += await bring_along(recruits[number * share : (number + 1) * share], self._chance)
            self._progress("people", self._moved + HELPERS + len(members), self._total)
        self._moved += len(members) + HELPERS
        self._elsewhere = self._elsewhere or [one for one in members if one.recruit.kind is Kind.FRIEND]
        return members

    async def _customers_of(self, here: Portal, count: int, residents: Residents) -> list[Customer]:
        towns = served_towns(here)
        people = [self._registry.person(*draw(towns, self._chance)) for _ in range(count)]
        opened = await accounts.import_accounts(
            newcomers=[Newcomer(email=p.email, name=p.name, language=p.language, phone=p.phone) for p in people],
            roles=frozenset({Role.CUSTOMER}),
        )
        own = residents.accounts[Role.CUSTOMER]
        lives = residents.friend.recruit.person
        printed = Person(
            name=own.name, email=own.email, phone=own.phone, language="de", street="Rennweg 12",
            town=lives.town, place=lives.place, home=home_in(lives.town, lives.place, self._chance),
        )  # fmt: skip
        return [Customer(own, printed), *(Customer(a, p) for a, p in zip(opened, people, strict=True))]

    def write_scripts(self, scene: Scene, residents: Residents) -> None:
        """Plan a portal's month, its present moment, and its exams."""
        here, now = scene.portal, self._now
        chance = random.Random(f"{SEED}:month:{here.id}")  # noqa: S311 -- a fixed seed is the point
        count = self._size(here)[3]
        planned = plans.month(count, start=now - MONTH, end=now - timedelta(hours=12), zone=scene.zone, chance=chance)
        city = [c.account.id for c in scene.customers if c.person.town.weight >= _LARGE]
        home = [
            c.account.id for c in scene.customers if c.person.town.name == residents.friend.recruit.person.town.name
        ]
        services = world.common_services(here)
        own, friend_id = residents.accounts[Role.CUSTOMER].id, residents.friend.friend_id
        planned += board.today(now, chance.sample(city, len(city)), begin=chance.random())
        planned += board.of_customer(now, own, friend_id, services[:4])
        planned += board.of_friend(now, friend_id, home, services[:1])
        for plan in planned:
            story = Story(scene, plan)
            self._stage.add(story.told(), at=plan.at, partner_id=here.id, name=plan.name)
        self._stage.add(
            tidy_desk(scene, until=now - timedelta(hours=10)), at=now - MONTH, partner_id=here.id, name="tidy-desk"
        )
        self._write_exams(here, scene, residents, chance)

    def _write_exams(self, here: Portal, scene: Scene, residents: Residents, chance: random.Random) -> None:
        quiet = [m for m in scene.members.values() if m.recruit.kind is Kind.FRIEND and m not in residents.helpers]
        number = 0
        for exam in here.exams.values():
            if exam.requires:
                continue
            without = [m for m in quiet if exam.skill not in m.recruit.skills]
            for member in chance.sample(without, min(5, len(without))):
                number += 1
                knows = FAILS if number % 3 == 0 else PASSES
                at = self._now - timedelta(days=chance.uniform(1, 28))
                script = sit(
                    friend_id=member.friend_id, account_id=member.account.id, exam_id=exam.id, knows=knows,
                    chance=chance, hands_in=number % 7 > 0,
                )  # fmt: skip
                self._stage.add(script, at=at, partner_id=here.id, name=f"exam-{number:03}")

    def _size(self, here: Portal) -> tuple[int, int, int, int]:
        friends, profis, customers, jobs = (round(n * self._scale) for n in SIZES.get(here.id, _OTHERWISE))
        return max(friends, 2 * HELPERS), profis, max(customers, 40), jobs

    async def play(self) -> None:
        """Let the month pass."""
        days = MONTH.days
        begin = self._now - MONTH

        def tell(at: datetime) -> None:
            self._progress("month", max(0, min(days, (at - begin).days)), days)

        await self._stage.play(self._now, tell)
        self._progress("month", days, days)


async def build_full(
    progress: Progress, *, now: datetime | None = None, scale: float = 1.0
) -> tuple[dict[str, Credentials], Sequence[str]]:
    """Make the full world up to `now`, in an empty database that nobody else has open.

    Args:
        progress: told (what, done, total).
        now: the present moment; the clock's by default.
        scale: below 1 for a world with less in it (tests).

    Returns:
        Credentials by partner id, and what the house refused on the way, for whoever makes worlds.
    """
    moment = now or clock.now()
    ids, fake = RepeatableIds(SEED), FakeClock(moment - timedelta(days=_JOINED_DAYS_AGO[0]))
    with use_clock(fake), use_ids(ids), _no_collection():
        stage = Stage(fake, ids)
        production = Production(stage, moment, progress, scale=scale)
        scenes = await production.people()
        for scene, residents in scenes.values():
            production.write_scripts(scene, residents)
        fake.at = moment - MONTH
        await production.play()
        found: dict[str, Credentials] = {}
        for partner_id, (scene, residents) in scenes.items():
            with partner_scope(partner_id):
                found[partner_id] = await world.credentials(scene.portal, residents)
        return found, stage.refused


@contextmanager
def _no_collection() -> Iterator[None]:
    """Leave rubbish where it is: there is little, and looking for it takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
